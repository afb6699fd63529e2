"""When something is taken, as values: each knows its days by arithmetic, never by walking there from its start.

All but two are *daywise*: they have slots at local wall times, on days that follow from the first. ``Interval`` counts
elapsed hours from the last dose; ``AsNeeded`` is never due.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from enum import StrEnum
from itertools import accumulate, pairwise
from typing import Literal

from ojas.features.medications.rules.amount import Amount
from ojas.kit.errors import Incorrect

MOST_SLOTS = 24
MOST_STEPS = 100
MOST_DAYS = 3660
"""Of one step, one cycle or one pause between days."""
SHORTEST, LONGEST = timedelta(minutes=30), timedelta(days=366)


class Weekday(StrEnum):
    """FHIR's codes, in the order of the week."""

    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"

    @classmethod
    def of(cls, day: date) -> "Weekday":
        return WEEK[day.weekday()]


WEEK = tuple(Weekday)


@dataclass(frozen=True, slots=True)
class Slot:
    """One time of a day, in whole minutes of local wall time, and how much is taken then.

    Raises:
        Incorrect: with the field ``at``.
    """

    at: time
    amount: Amount | None = None

    def __post_init__(self) -> None:
        _whole_minute("at", self.at)


Slots = tuple[Slot, ...]


@dataclass(frozen=True, slots=True)
class Weekly:
    """At the same times on chosen days of the week; on all seven it is daily."""

    slots: Slots
    days: frozenset[Weekday] = frozenset(WEEK)
    kind: Literal["weekly"] = "weekly"

    def __post_init__(self) -> None:
        object.__setattr__(self, "slots", _in_order(self.slots))
        if not self.days:
            raise Incorrect("Choose at least one day of the week.", field="days")

    def first_day(self, start: date, day: date) -> date | None:
        """The first day of doses on or after ``day``, where the schedule starts on ``start``."""
        day = max(start, day)
        return next(day + timedelta(n) for n in range(7) if Weekday.of(day + timedelta(n)) in self.days)

    def slots_on(self, start: date, day: date) -> Slots:
        """The slots of a day that ``first_day`` gave."""
        return self.slots


@dataclass(frozen=True, slots=True)
class EveryDays:
    """Every ``days`` days, counted from the first."""

    days: int
    slots: Slots
    kind: Literal["every_days"] = "every_days"

    def __post_init__(self) -> None:
        object.__setattr__(self, "slots", _in_order(self.slots))
        _days("days", self.days)

    def first_day(self, start: date, day: date) -> date | None:
        return _next(start, max(start, day), self.days)

    def slots_on(self, start: date, day: date) -> Slots:
        return self.slots


@dataclass(frozen=True, slots=True)
class Cycle:
    """``on`` days with doses, ``off`` days without, again and again from the first: 21 and 7, for instance."""

    on: int
    off: int
    slots: Slots
    kind: Literal["cycle"] = "cycle"

    def __post_init__(self) -> None:
        object.__setattr__(self, "slots", _in_order(self.slots))
        _days("on", self.on)
        _days("off", self.off)

    def first_day(self, start: date, day: date) -> date | None:
        day = max(start, day)
        position = (day - start).days % (self.on + self.off)
        return day if position < self.on else day + timedelta(self.on + self.off - position)

    def slots_on(self, start: date, day: date) -> Slots:
        return self.slots


@dataclass(frozen=True, slots=True)
class Step:
    """``days`` days long (None: for good), with doses every ``every`` days of them; no slots: a pause."""

    days: int | None
    slots: Slots = ()
    every: int = 1

    def __post_init__(self) -> None:
        object.__setattr__(self, "slots", _in_order(self.slots) if self.slots else ())
        if self.days is not None:
            _days("days", self.days)
        _days("every", self.every)
        if not self.slots and self.every != 1:
            raise Incorrect("A pause has no rhythm.", field="every")


@dataclass(frozen=True, slots=True)
class Taper:
    """Steps one after another, down or up. Only the last may go on for good."""

    steps: tuple[Step, ...]
    kind: Literal["taper"] = "taper"

    def __post_init__(self) -> None:
        if not self.steps:
            raise Incorrect("A taper needs at least one step.", field="steps")
        if len(self.steps) > MOST_STEPS:
            raise Incorrect("At most {most} steps.", field="steps", most=MOST_STEPS)
        for number, step in enumerate(self.steps[:-1]):
            if step.days is None:
                raise Incorrect("Only the last step may go on for good.", field=f"steps[{number}].days")
        # A pause stands between two steps: so it is the gap between their dates, also where FHIR tells them.
        if not self.steps[0].slots or not self.steps[-1].slots:
            raise Incorrect("A taper begins and ends with doses.", field="steps")
        if any(not one.slots and not other.slots for one, other in pairwise(self.steps)):
            raise Incorrect("Write two pauses in a row as one.", field="steps")

    @property
    def offsets(self) -> tuple[int, ...]:
        """After how many days each step begins."""
        return tuple(accumulate((step.days or 0 for step in self.steps[:-1]), initial=0))

    @property
    def length(self) -> int | None:
        """In days; None: it goes on."""
        last = self.steps[-1].days
        return None if last is None else self.offsets[-1] + last

    def first_day(self, start: date, day: date) -> date | None:
        for step, offset in zip(self.steps, self.offsets, strict=True):
            begin = start + timedelta(offset)
            found = _next(begin, max(begin, day), step.every)
            if step.slots and (step.days is None or (found - begin).days < step.days):
                return found
        return None

    def slots_on(self, start: date, day: date) -> Slots:
        return self.steps[self.step_on(start, day)].slots

    def step_on(self, start: date, day: date) -> int:
        """Which step a day belongs to."""
        return max(i for i, offset in enumerate(self.offsets) if i == 0 or start + timedelta(offset) <= day)


@dataclass(frozen=True, slots=True)
class Interval:
    """``every`` so many hours after the last dose was taken; the first at ``first`` o'clock of the first day."""

    every: timedelta
    first: time
    amount: Amount | None = None
    kind: Literal["interval"] = "interval"

    def __post_init__(self) -> None:
        _gap("every", self.every)
        _whole_minute("first", self.first)


@dataclass(frozen=True, slots=True)
class AsNeeded:
    """When the person needs it: ``amount`` at a time, not again within ``gap``, at most ``most`` in any 24 hours.

    ``most`` counts in the unit of the amount, or doses ({dose}).
    """

    amount: Amount | None = None
    gap: timedelta | None = None
    most: Amount | None = None
    kind: Literal["as_needed"] = "as_needed"

    def __post_init__(self) -> None:
        if self.gap is not None and not timedelta(minutes=1) <= self.gap <= LONGEST:
            raise Incorrect("Between one minute and a year.", field="gap")
        if self.gap is not None:
            _whole("gap", self.gap)
        if self.most and self.most.unit != "{dose}":
            one = self.amount.of(self.most.unit) if self.amount else None
            if one is None:
                raise Incorrect(
                    "The daily maximum must be in the unit of the dose, or in doses.", field="most"
                )
            if one > self.most.value:
                raise Incorrect("One dose is more than the daily maximum.", field="most")
        elif self.most and self.most.value < 1:
            raise Incorrect("One dose is more than the daily maximum.", field="most")


Daywise = Weekly | EveryDays | Cycle | Taper
Pattern = Daywise | Interval | AsNeeded


def _in_order(slots: Sequence[Slot]) -> Slots:
    if not slots:
        raise Incorrect("Choose at least one time of day.", field="slots")
    if len(slots) > MOST_SLOTS:
        raise Incorrect("At most {most} times a day.", field="slots", most=MOST_SLOTS)
    if len({slot.at for slot in slots}) < len(slots):
        raise Incorrect("The same time of day stands here twice.", field="slots")
    return tuple(sorted(slots, key=lambda slot: slot.at))


def _days(field: str, days: int) -> None:
    if not 1 <= days <= MOST_DAYS:
        raise Incorrect("Between 1 and {most} days.", field=field, most=MOST_DAYS)


def _gap(field: str, gap: timedelta) -> None:
    if not SHORTEST <= gap <= LONGEST:
        raise Incorrect("Between half an hour and a year.", field=field)
    _whole(field, gap)


def _whole(field: str, span: timedelta) -> None:
    if span % timedelta(minutes=1):
        raise Incorrect("In whole minutes.", field=field)


def _whole_minute(field: str, at: time) -> None:
    if at.tzinfo is not None:
        raise Incorrect("A time of day has no zone of its own.", field=field)
    if at.second or at.microsecond:
        raise Incorrect("In whole minutes.", field=field)


def _next(start: date, day: date, every: int) -> date:
    """The first of start, start + every, … that is not before ``day``."""
    return start + timedelta(-((start - day).days // every) * every)
