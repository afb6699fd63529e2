"""In which order contacts are told, and until when. The ladder is that of everything that insists."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from ojas.features.emergency.rules.terms import Answer, State
from ojas.features.notifications.rules import Audience, Ladder, Step, Urgency, call, due_calls

WAIT = timedelta(minutes=2)
"""How long those who are told first are left to answer before the next are told too."""
AGAIN = timedelta(minutes=10)
"""After the last were told: how often all are told once more."""
LASTS = timedelta(hours=24)
ONE_PRESS = timedelta(minutes=1)
"""A second press within it is the same one, made with a trembling hand."""
STALE = timedelta(hours=1)
"""Who presses so long after the last press calls anew, and does not add to what nobody ended. A test then ends by itself."""


@dataclass(frozen=True, slots=True)
class Helper:
    """A contact in an alert. ``rank`` 0 is told first; ``told``: how often they were."""

    id: UUID
    rank: int
    told: int = 0
    answer: Answer | None = None


@dataclass(frozen=True, slots=True)
class Due:
    """Whom to tell now; ``number`` names the call, so that it is said to each once."""

    number: int
    helpers: tuple[Helper, ...]


def ranks(priorities: Sequence[int]) -> list[int]:
    """The rank of each: those of the same priority are told together, whatever numbers lie between."""
    order = sorted(set(priorities))
    return [order.index(priority) for priority in priorities]


def ladder(helpers: Sequence[Helper], *, once: bool = False) -> Ladder:
    """A step for each rank there is, then all again; ``once``: no repeats, for a test."""
    steps = max((helper.rank for helper in helpers), default=0) + 1
    each = tuple(Step(WAIT * n, Audience.CONTACTS, Urgency.EMERGENCY) for n in range(steps))
    return Ladder(each, AGAIN, 0 if once else LASTS // AGAIN)


def due(
    helpers: Sequence[Helper], begun: datetime, said: int, now: datetime, *, once: bool = False
) -> Due | None:
    """What is to be said now, when the first ``said`` calls were; None: nothing yet.

    A step tells everybody up to its rank who was not told: so nobody is passed over when nothing ran for a while.
    """
    steps = ladder(helpers, once=once)
    calls = due_calls(steps, begun, said, now)
    if not calls:
        return None
    number = calls[-1].number
    first_round = number < len(steps.steps)
    asked = [
        helper
        for helper in helpers
        if helper.answer is None and (not first_round or (helper.rank <= number and not helper.told))
    ]
    return Due(number, tuple(sorted(asked, key=lambda helper: helper.rank)))


def next_at(helpers: Sequence[Helper], begun: datetime, said: int, *, once: bool = False) -> datetime | None:
    """When something is next to be said; None: never, for somebody is coming, all have said no, or the ladder has ended."""
    if not helpers or state(helpers) is not State.CALLING:
        return None
    following = call(ladder(helpers, once=once), begun, said)
    return following.at if following else None


def look_at(at: datetime | None, pressed: datetime, *, test: bool) -> datetime | None:
    """When a call is next to be looked at: when somebody is to be told, and a test at the latest when it ends by itself."""
    if not test:
        return at
    ends = pressed + STALE
    return min(at, ends) if at else ends


def state(helpers: Sequence[Helper], *, ended: bool = False) -> State:
    """How an alert stands."""
    if ended:
        return State.ENDED
    if any(helper.answer is Answer.COMING for helper in helpers):
        return State.COMING
    if all(helper.answer is Answer.CANNOT for helper in helpers):
        return State.NOBODY
    return State.CALLING


def begun_for(helpers: Sequence[Helper], said: int, now: datetime, *, once: bool = False) -> datetime:
    """When the ladder must have begun for its call ``said`` to be due ``now``: to go on where it was left."""
    following = call(ladder(helpers, once=once), now, said)
    return now - (following.at - now) if following else now
