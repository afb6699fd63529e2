"""Whether what is taken as needed may be taken now: the gap since the last, and the most in any 24 hours.

The 24 hours roll: a maximum by calendar day would let twice as much be taken around midnight.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Literal

from ojas.features.medications.rules.amount import DOSE, Amount
from ojas.features.medications.rules.patterns import AsNeeded

DAY = timedelta(hours=24)

Why = Literal["gap", "most"]


@dataclass(frozen=True, slots=True)
class Taken:
    at: datetime
    amount: Amount | None = None


@dataclass(frozen=True, slots=True)
class Permission:
    """From when on the next dose keeps the rules; ``why`` it is not now. ``since`` None: so much never does."""

    since: datetime | None
    why: Why | None = None

    @property
    def now(self) -> bool:
        return self.why is None


def may_take(
    pattern: AsNeeded, taken: Iterable[Taken], now: datetime, amount: Amount | None = None
) -> Permission:
    """Whether ``amount`` (None: the usual) may be taken now, after what was ``taken`` before.

    Worked: 1 g at 8:00, 12:00, 16:00 and 20:00 with at most 4 g in 24 hours: the next at 8:00.
    """
    past = sorted((each for each in taken if each.at <= now), key=lambda each: each.at)
    rested = past[-1].at + pattern.gap if past and pattern.gap else now
    room = _room(pattern, past, now, amount or pattern.amount)
    if room is None:
        return Permission(None, "most")
    if room > max(now, rested):
        return Permission(room, "most")
    return Permission(rested, "gap") if rested > now else Permission(now)


def _room(pattern: AsNeeded, past: list[Taken], now: datetime, amount: Amount | None) -> datetime | None:
    """When enough of the last 24 hours has gone by for ``amount``."""
    if pattern.most is None:
        return now
    left = pattern.most.value - _counted(pattern, amount)
    if left < 0:
        return None
    recent = [each for each in past if each.at > now - DAY]
    used = sum((_counted(pattern, each.amount) for each in recent), Decimal(0))
    since = now
    for each in recent:
        if used <= left:
            break
        used -= _counted(pattern, each.amount)
        since = each.at + DAY
    return since


def _counted(pattern: AsNeeded, amount: Amount | None) -> Decimal:
    """In the unit of the maximum; what does not say how much, or in a unit that does not fit, counts as usual."""
    assert pattern.most is not None
    if pattern.most.unit == DOSE:
        return Decimal(1)
    found = amount.of(pattern.most.unit) if amount else None
    usual = pattern.amount.of(pattern.most.unit) if pattern.amount else None
    return found if found is not None else usual or Decimal(0)


@dataclass(frozen=True, slots=True)
class Use:
    """What was taken as needed in a time: it has no adherence, for nothing of it was due."""

    doses: int
    too_soon: int
    over: int
    """How many doses went beyond the most of 24 hours."""


def use(pattern: AsNeeded, taken: Iterable[Taken]) -> Use:
    """The doses of a time, and how many of them kept the gap or the maximum badly."""
    past = sorted(taken, key=lambda each: each.at)
    gap = pattern.gap or timedelta(0)
    too_soon = sum(later.at - earlier.at < gap for earlier, later in pairwise(past))
    over = 0
    if pattern.most is not None:
        for number, each in enumerate(past):
            within = [other for other in past[: number + 1] if other.at > each.at - DAY]
            over += sum(_counted(pattern, other.amount) for other in within) > pattern.most.value
    return Use(len(past), too_soon, over)
