"""Arithmetic of the first screen, of trends and of the timeline. No database, no clock."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from statistics import fmean, median
from typing import NamedTuple, TypeVar

STEADY = 0.02
"""A change of less than a fiftieth is none."""
ROUTINE_DAYS = 14
ROUTINE_TIMES = 5
"""What was measured on five of fourteen days is something one does, and may be missed today."""
GAP = timedelta(days=3)
"""A watch on the table for a weekend is no gap worth a word; three days are."""
COARSE = 800
"""More daily points than this are drawn by the week: a chart is about as many pixels wide."""


class Part(StrEnum):
    """Of a day, for the greeting."""

    MORNING = "morning"
    AFTERNOON = "afternoon"
    EVENING = "evening"


def part_of_day(hour: int) -> Part:
    """Morning from 4, afternoon from 12, evening from 17 until 4."""
    if 4 <= hour < 12:
        return Part.MORNING
    return Part.AFTERNOON if 12 <= hour < 17 else Part.EVENING


def is_routine(days: Iterable[date], today: date) -> bool:
    """Whether something measured on these days is done regularly."""
    first = today - timedelta(days=ROUTINE_DAYS)
    return len({day for day in days if first <= day < today}) >= ROUTINE_TIMES


def usual(values: Sequence[float]) -> float | None:
    """The middle of what is known; a week at least, else nothing is usual."""
    return float(median(values)) if len(values) >= 7 else None


@dataclass(frozen=True, slots=True)
class Change:
    """From the mean of the first days to that of the last; ``steady`` if that is hardly any."""

    early: float
    late: float

    @property
    def by(self) -> float:
        return self.late - self.early

    @property
    def steady(self) -> bool:
        return abs(self.by) <= STEADY * max(abs(self.early), abs(self.late))


def change(values: Sequence[float]) -> Change | None:
    """The mean of the last quarter against that of the first, a week of days each at most; None of fewer than four."""
    if len(values) < 4:
        return None
    span = min(max(len(values) // 4, 1), 7)
    return Change(fmean(values[:span]), fmean(values[-span:]))


class Daily(NamedTuple):
    """A day, or the week that begins on it: its value, and the least and greatest within. A page has 1,500 of them."""

    day: date
    value: float
    low: float | None = None
    high: float | None = None


def by_week(days: Sequence[Daily], first: Callable[[date], date]) -> list[Daily]:
    """Days as weeks, each the mean of the days it has. ``first`` says on which day the week of a day begins."""
    weeks: dict[date, list[Daily]] = {}
    for one in days:
        weeks.setdefault(first(one.day), []).append(one)
    return [
        Daily(
            begin,
            fmean(one.value for one in week),
            min((one.low for one in week if one.low is not None), default=None),
            max((one.high for one in week if one.high is not None), default=None),
        )
        for begin, week in sorted(weeks.items())
    ]


def gaps(days: Sequence[date], step: timedelta = timedelta(days=1)) -> list[tuple[date, date]]:
    """Stretches of three days and more between known days without any: first and last missing day."""
    found = []
    longest = max(GAP, step * 1.5)
    for before, after in pairwise(days):
        if after - before > longest:
            found.append((before + step, after - timedelta(days=1)))
    return found


EntryT = TypeVar("EntryT")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a timeline goes on: at this instant, of which so many entries of each source were shown already."""

    at: datetime
    shown: dict[str, int]


def merged(
    sources: dict[str, Sequence[tuple[datetime, EntryT]]], place: Place | None, limit: int
) -> tuple[list[EntryT], Place | None]:
    """The next ``limit`` entries of several sources, newest first, and where the following begin.

    Each source brings its newest entries not after ``place.at``, newest first; those of that very instant which were shown
    are passed over by their number. Entries of one instant keep the order of their sources.
    """
    waiting: list[tuple[datetime, str, EntryT]] = []
    for name, entries in sources.items():
        skip = place.shown.get(name, 0) if place else 0
        for at, entry in entries:
            if place and at == place.at and skip > 0:
                skip -= 1
                continue
            waiting.append((at, name, entry))
    order = {name: n for n, name in enumerate(sources)}
    waiting.sort(key=lambda one: (-one[0].timestamp(), order[one[1]]))
    taken = waiting[:limit]
    if len(waiting) <= limit or not taken:
        return [entry for _, _, entry in taken], None
    at = taken[-1][0]
    shown = dict(place.shown) if place and place.at == at else {}
    for when, name, _ in taken:
        if when == at:
            shown[name] = shown.get(name, 0) + 1
    return [entry for _, _, entry in taken], Place(at, shown)
