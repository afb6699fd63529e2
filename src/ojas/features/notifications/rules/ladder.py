"""How something that nobody answers is said again: louder, elsewhere, to others."""

from collections.abc import Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from ojas.features.notifications.rules.routing import Channel, Urgency
from ojas.kit.errors import Incorrect


class Audience(StrEnum):
    """Whom a step tells."""

    PERSON = "person"
    CAREGIVERS = "caregivers"
    CARE_TEAM = "care_team"
    CONTACTS = "contacts"


@dataclass(frozen=True, slots=True)
class Step:
    """What is said ``after`` the beginning: to whom, how urgently, and by which channels beyond those the reader chose."""

    after: timedelta
    to: Audience
    urgency: Urgency
    also: Set[Channel] = frozenset()


@dataclass(frozen=True, slots=True)
class Ladder:
    """Steps in order; the last is said again every ``again``, ``times`` more (None: until somebody answers).

    Raises:
        Incorrect: no steps, steps out of order, or a last one that would come again at once, with the field.
    """

    steps: tuple[Step, ...]
    again: timedelta | None = None
    times: int | None = 0

    def __post_init__(self) -> None:
        moments = [step.after for step in self.steps]
        if not moments:
            raise Incorrect("Say at least one step.", field="steps")
        if moments != sorted(moments) or moments[0] < timedelta():
            raise Incorrect("Each step must come after the one before.", field="steps")
        if self.times != 0 and (self.again is None or self.again < timedelta(minutes=1)):
            raise Incorrect("What is repeated needs at least a minute between.", field="again")


@dataclass(frozen=True, slots=True)
class Call:
    """The ``number``-th time, from 0, that something is said: at ``at``, as ``step`` says."""

    number: int
    at: datetime
    step: Step


def call(ladder: Ladder, begun: datetime, number: int) -> Call | None:
    """The call of this number; None: the ladder has ended."""
    last = len(ladder.steps) - 1
    step = ladder.steps[min(number, last)]
    if number <= last:
        return Call(number, begun + step.after, step)
    if ladder.again is None or (ladder.times is not None and number > last + ladder.times):
        return None
    return Call(number, begun + step.after + (number - last) * ladder.again, step)


def due_calls(ladder: Ladder, begun: datetime, said: int, now: datetime) -> tuple[Call, ...]:
    """What is to be said now, when the first ``said`` calls were: the last one due for each audience.

    Usually one. After a mute, or when nothing ran for a while, many are due: nobody is told the same five times over, but
    nobody is passed over either.
    """
    due = _due(ladder, begun, now)
    if due <= said:
        return ()
    # All repeats are for one audience, so of those only the last matters: years of them cost nothing.
    numbers = (*range(said, min(due, len(ladder.steps))), due - 1)
    calls = [found for number in numbers if (found := call(ladder, begun, number))]
    return tuple(sorted({found.step.to: found for found in calls}.values(), key=_number))


def _number(call: Call) -> int:
    return call.number


def _due(ladder: Ladder, begun: datetime, now: datetime) -> int:
    """How many calls are due by ``now``."""
    steps = sum(begun + step.after <= now for step in ladder.steps)
    if steps < len(ladder.steps) or ladder.again is None:
        return steps
    repeats = (now - begun - ladder.steps[-1].after) // ladder.again
    return steps + (repeats if ladder.times is None else min(repeats, ladder.times))


_MUTES = {
    Urgency.EMERGENCY: timedelta(minutes=15),
    Urgency.URGENT: timedelta(hours=1),
    Urgency.HIGH: timedelta(hours=12),
}


def muted_until(urgency: Urgency, now: datetime, asked: timedelta) -> datetime:
    """Until when a mute of ``asked`` holds: an alarm that is still true sounds again after a cap, the sooner the worse it is.

    Raises:
        Incorrect: nothing to mute for, with the field ``minutes``.
    """
    if asked <= timedelta():
        raise Incorrect("Say for how many minutes.", field="minutes")
    return now + min(asked, _MUTES.get(urgency, timedelta(days=7)))
