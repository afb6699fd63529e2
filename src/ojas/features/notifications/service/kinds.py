"""The sorts of messages there are, and what can be done from them: each feature names its own."""

from collections.abc import Callable, Sequence

from ojas.features.notifications.rules import Topic
from ojas.features.notifications.schemas import Action, Answered, Back, Kind, Params, Run, Said
from ojas.kit.i18n import _

KINDS: dict[str, Kind] = {}
"""Every kind by name, filled as features are imported."""
ACTIONS: dict[str, Action] = {}
"""Every action by name, filled as features are imported."""
ANSWERED: dict[str, Answered] = {}
"""By name of a kind."""
BACKS: dict[str, Back] = {}
"""By name of an action."""


def kind(
    name: str, *, topic: Topic, scope: str, actions: Sequence[str] = (), readers: bool = False
) -> Callable[[Callable[[Params], Said]], Kind]:
    """Declare a kind. Its function puts a message into words, in the language in use, whenever it is shown or sent.

    Args:
        actions: what can be done from it, by name, the most usual first. Buttons are few: three at most.
        readers: whoever may read it may do them, for they speak of themselves: that they come, or are somebody else.
    """

    def declare(say: Callable[[Params], Said]) -> Kind:
        if name in KINDS:
            raise ValueError(f"two kinds are called {name}")
        if unknown := [one for one in actions if one not in ACTIONS] or list(actions[3:]):
            raise ValueError(f"{name}: {unknown} are not declared before it, or too many")
        KINDS[name] = Kind(name, topic, scope, say, tuple(actions), readers)
        return KINDS[name]

    return declare


def answered_by(*kinds: Kind) -> Callable[[Answered], Answered]:
    """Declare what says, whenever such a message is shown, what became meanwhile, on another page, of what it is about.

    It runs with the reader's rights, which reach to the kind's scope; None: it is as the message says.
    """

    def declare(answered: Answered) -> Answered:
        ANSWERED.update(dict.fromkeys((one.name for one in kinds), answered))
        return answered

    return declare


def action(name: str, *, label: str) -> Callable[[Run], Action]:
    """Declare what can be done from a message, with the message's values, by one link that works once.

    Its function runs in the transaction of the request, with the rights that the reader has at that moment: an account its
    own, an outsider to change the kind's scope of this person. It must bear being run when the thing was done already.
    """

    def declare(run: Run) -> Action:
        if name in ACTIONS:
            raise ValueError(f"two actions are called {name}")
        ACTIONS[name] = Action(name, label, run)
        return ACTIONS[name]

    return declare


def taken_back(action: Action) -> Callable[[Back], Back]:
    """Declare what takes an action back that answered with a mark. Only whoever did it can ask for it: the address to do so is
    shown to them alone, then, and is in no message.

    Raises, when it runs:
        Refusal: what became of it since must stand.
    """

    def declare(back: Back) -> Back:
        BACKS[action.name] = back
        return back

    return declare


@kind("notifications.test", topic=Topic.SYSTEM, scope="profile")
def TEST(params: Params) -> Said:  # noqa: N802  # a kind, once it is declared
    return Said(
        _("This is how Ojas writes to you"),
        _("You asked for a test. It arrived, so what matters will too."),
        "/settings/notifications",
    )
