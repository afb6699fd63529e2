"""The sorts of messages there are: each feature names its own, with how it is put into words."""

from collections.abc import Callable

from ojas.features.notifications.rules import Topic
from ojas.features.notifications.schemas import Kind, Params, Said
from ojas.kit.i18n import _

KINDS: dict[str, Kind] = {}
"""Every kind by name, filled as features are imported."""


def kind(name: str, *, topic: Topic, scope: str) -> Callable[[Callable[[Params], Said]], Kind]:
    """Declare a kind. Its function puts a message into words, in the language in use, whenever it is shown or sent."""

    def declare(say: Callable[[Params], Said]) -> Kind:
        if name in KINDS:
            raise ValueError(f"two kinds are called {name}")
        KINDS[name] = Kind(name, topic, scope, say)
        return KINDS[name]

    return declare


@kind("notifications.test", topic=Topic.SYSTEM, scope="profile")
def TEST(params: Params) -> Said:  # noqa: N802  # a kind, once it is declared
    return Said(
        _("This is how Ojas writes to you"),
        _("You asked for a test. It arrived, so what matters will too."),
        "/settings/notifications",
    )
