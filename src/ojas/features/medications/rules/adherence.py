"""Whether what was due was taken: by doses, by days, in a row.

The definitions are our own, but for the second, which is the Pharmacy Quality Alliance's as far as doses can tell it:

- *by doses*: taken (late ones too) ÷ due. Due is what was taken, skipped or missed; what was held, on a doctor's word or in
  hospital, is not, and neither is what may still be taken. How much of a dose was taken does not change that it was.
- *PDC*, the proportion of days covered: days whose doses were all taken ÷ days with doses; days in hospital are left out, and
  0.80 is the usual mark. Pharmacies reckon it from what they handed over, for want of better. Here each dose is known, and what
  was handed over is not.
- *in a row*: local days whose doses were all taken. A day on which nothing was due neither breaks nor adds; nor does one
  that is not over. What was told more than 48 hours after it was due does not count.
- *as needed*: nothing is ever due, so it is in none of these; see ``as_needed.use``.
- *tapers*: each dose is due by the step of its day; after the last step nothing is. ``by_step`` has each step for itself.
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import TypeVar

from ojas.features.medications.rules.doses import Answer, State
from ojas.features.medications.rules.patterns import Taper
from ojas.features.medications.rules.schedule import Schedule

BACKFILL = timedelta(hours=48)
_OPEN = frozenset({State.UPCOMING, State.DUE, State.SNOOZED})
_TAKEN = frozenset({State.TAKEN, State.LATE})

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Kept:
    """A dose with what became of it: ``day`` and ``planned`` in local wall time, ``at`` the instant it was due."""

    medicine: Hashable
    day: date
    planned: datetime
    at: datetime
    state: State
    answer: Answer | None = None

    @property
    def held(self) -> bool:
        return self.answer is not None and self.answer.held

    @property
    def counts(self) -> bool:
        return self.state not in _OPEN and not self.held

    @property
    def taken(self) -> bool:
        return self.state in _TAKEN

    @property
    def late_told(self) -> bool:
        return self.answer is not None and self.answer.told_at - self.at > BACKFILL


@dataclass(frozen=True, slots=True)
class Tally:
    """How many doses became what. Tallies of parts add up to that of the whole."""

    on_time: int = 0
    late: int = 0
    skipped: int = 0
    missed: int = 0
    held: int = 0
    open: int = 0

    @property
    def taken(self) -> int:
        return self.on_time + self.late

    @property
    def due(self) -> int:
        return self.taken + self.skipped + self.missed

    @property
    def adherence(self) -> Fraction | None:
        """None: nothing was due, which is neither good nor bad."""
        return Fraction(self.taken, self.due) if self.due else None

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.on_time + other.on_time,
            self.late + other.late,
            self.skipped + other.skipped,
            self.missed + other.missed,
            self.held + other.held,
            self.open + other.open,
        )


_ONE = {
    State.TAKEN: Tally(on_time=1),
    State.LATE: Tally(late=1),
    State.SKIPPED: Tally(skipped=1),
    State.MISSED: Tally(missed=1),
} | dict.fromkeys(_OPEN, Tally(open=1))


def percent(share: Fraction | None) -> Decimal | None:
    """With two decimals, half away from nought: 2/3 is 66.67."""
    if share is None:
        return None
    hundredths = (share.numerator * 20000 + share.denominator) // (2 * share.denominator)
    return Decimal(hundredths).scaleb(-2)


def tally(doses: Iterable[Kept]) -> Tally:
    """All doses together, of one medicine or of several."""
    return sum((Tally(held=1) if dose.held else _ONE[dose.state] for dose in doses), Tally())


def grouped(doses: Iterable[Kept], key: Callable[[Kept], Key]) -> dict[Key, Tally]:
    """A tally for each key, in the order of the doses: by medicine, by day for a heat map, …"""
    found: dict[Key, Tally] = {}
    for dose in doses:
        found[key(dose)] = found.get(key(dose), Tally()) + tally([dose])
    return found


def by_day(doses: Iterable[Kept]) -> dict[date, Tally]:
    return grouped(doses, lambda dose: dose.day)


def by_hour(doses: Iterable[Kept]) -> dict[int, Tally]:
    """By the hour of the local day they were planned for: when doses slip."""
    return dict(sorted(grouped(doses, lambda dose: dose.planned.hour).items()))


def by_step(doses: Iterable[Kept], schedule: Schedule) -> dict[int, Tally]:
    """By the step of a taper, from 0."""
    taper = schedule.pattern
    assert isinstance(taper, Taper)
    return grouped(doses, lambda dose: taper.step_on(schedule.start, dose.day))


@dataclass(frozen=True, slots=True)
class Days:
    """So many days of so many."""

    good: int
    all: int

    @property
    def share(self) -> Fraction | None:
        return Fraction(self.good, self.all) if self.all else None


def days(doses: Iterable[Kept]) -> Days:
    """Days whose doses were all taken, of days with doses that count."""
    counted = [each for each in by_day(doses).values() if each.due]
    return Days(sum(each.taken == each.due for each in counted), len(counted))


@dataclass(frozen=True, slots=True)
class Streak:
    """Days in a row: up to the last one that is decided, and the longest ever."""

    current: int
    longest: int


def streak(doses: Iterable[Kept]) -> Streak:
    """Days in a row whose doses were all taken, over all the medicines of ``doses``."""
    by_date: dict[date, list[Kept]] = {}
    for dose in doses:
        by_date.setdefault(dose.day, []).append(dose)
    current = longest = 0
    for day in sorted(by_date):
        good = _good(by_date[day])
        if good is not None:
            current = current + 1 if good else 0
            longest = max(longest, current)
    return Streak(current, longest)


def _good(doses: Sequence[Kept]) -> bool | None:
    """None: nothing was due, or it is not over and nothing is lost yet."""
    counted = [dose for dose in doses if dose.counts]
    if any(not dose.taken or dose.late_told for dose in counted):
        return False
    over = all(dose.state not in _OPEN for dose in doses)
    return True if counted and over else None
