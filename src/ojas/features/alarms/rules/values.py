"""Judging a few values in order: danger at once, and an end only where a value is back by a margin, or three times running.

The answer follows from the set of values alone: in whatever order they came, and however often, it is the same.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from ojas.features.alarms.rules.alarm import Standing
from ojas.features.alarms.rules.severity import Severity, rank

LASTS = timedelta(days=7)
"""A value older than this says nothing of now."""
FRESH = timedelta(days=2)
"""Over what is older nobody is called: it is history, that a file brought."""
STEADY = 3
"""So many values below a severity in a row end it, even within the margin."""
APART = timedelta(minutes=5)
"""Two readings that are to confirm each other lie as far apart (home measurement of blood pressure)."""


@dataclass(frozen=True, slots=True)
class Value:
    """Something measured: ``told`` is what the grading needs and the alarm shows."""

    id: UUID
    at: datetime
    told: Any


@dataclass(frozen=True, slots=True)
class Mark:
    """How bad one value is. ``high``: above what is usual; else below. ``twice``: only if a second one says so too."""

    severity: Severity | None
    high: bool = True
    twice: bool = False


Grade = Callable[[Any, int], Mark]
"""Marks what was told; with 1 as if it were the margin higher, with -1 as if it were the margin lower."""


@dataclass(frozen=True, slots=True)
class Judged:
    """Where the values leave a rule: how bad, and the newest value that says so."""

    severity: Severity
    value: Value


def in_order(values: Iterable[Value]) -> list[Value]:
    return sorted({value.id: value for value in values}.values(), key=lambda value: (value.at, value.id))


def judge(values: Iterable[Value], grade: Grade, again: Severity | None = None) -> Judged | None:
    """How things stand after these values.

    ``again``: what a danger becomes when a later value, at least five minutes on, says the same.
    """
    state = _State()
    for value in in_order(values):
        state.take(value, grade, again)
    return Judged(state.severity, state.shows) if state.severity and state.shows else None


@dataclass(slots=True)
class _State:
    severity: Severity | None = None
    said: Severity | None = None
    """What one value says that stands; ``severity`` is that, or what its confirmation made of it."""
    high: bool = True
    shows: Value | None = None
    first: Value | None = None
    """The first of the danger that a later one may confirm."""
    hinted: tuple[Value, Mark] | None = None
    below: int = 0

    def take(self, value: Value, grade: Grade, again: Severity | None) -> None:
        mark = self._confirmed(value, grade(value.told, 0))
        if mark.severity and (self.severity is None or mark.high != self.high):
            self._stand(value, mark, again)
        elif self.severity is None:
            return
        elif rank(mark.severity) >= rank(self.said):
            self._stand(value, mark, again)
        else:
            self._ease(value, mark, grade)

    def _stand(self, value: Value, mark: Mark, again: Severity | None) -> None:
        same = self.severity is not None and mark.high == self.high
        if not (same and self.first and mark.severity and mark.severity.danger):
            self.first = value if mark.severity and mark.severity.danger else None
        self.said, self.high, self.shows, self.below = mark.severity, mark.high, value, 0
        self.severity = mark.severity
        if again and self.first and value.at - self.first.at >= APART and rank(again) > rank(mark.severity):
            self.severity = again

    def _ease(self, value: Value, mark: Mark, grade: Grade) -> None:
        """Down to what the value says with the margin against it; three in a row count as they are."""
        near = grade(value.told, 1 if self.high else -1)
        held = near.severity if near.high == self.high else None
        self.below += 1
        if self.below < STEADY and rank(held) >= rank(self.said):
            return
        to = mark if self.below >= STEADY or rank(held) < rank(mark.severity) else Mark(held, self.high)
        self.first = self.first if to.severity and to.severity.danger else None
        self.severity = self.said = to.severity
        self.shows = value if to.severity else None

    def _confirmed(self, value: Value, mark: Mark) -> Mark:
        """What takes two to say is nothing until the second says it."""
        before, self.hinted = self.hinted, (value, mark) if mark.severity else None
        if not mark.twice or (self.said and rank(self.said) >= rank(mark.severity)):
            return mark
        if before and before[1].high == mark.high and rank(before[1].severity) >= rank(mark.severity):
            return mark
        return Mark(None, mark.high)


def standing(
    found: Judged | None, now: datetime, facts: Callable[[Value], dict[str, Any]]
) -> Standing | None:
    """As an alarm sees it; nothing of what is over a week old."""
    if found is None or now - found.value.at >= LASTS:
        return None
    at = found.value.at
    return Standing(found.severity, at, at + LASTS, now - at < FRESH, facts(found.value))


def gained(
    weights: Sequence[tuple[datetime, Any, Decimal]], days: int
) -> tuple[datetime, Decimal, Decimal] | None:
    """How much heavier the newest of these than the lightest of the ``days`` before: its time, its weight, and the gain.

    ``weights``: the first of each local day, in order, as (time, day, kg). A jump of more than a twentieth in a day is
    left alone until a second weight says so: another scale, other shoes, pounds taken for kilograms.
    """
    if len(weights) < 2:
        return None
    at, day, weight = weights[-1]
    before = [w for _at, d, w in weights[:-1] if 0 < (day - d).days <= days]
    if not before:
        return None
    lightest = min(before)
    if abs(weight - weights[-2][2]) > weights[-2][2] / 20:
        return None
    return at, weight, weight - lightest
