"""A schedule: when, from which day to which, and what was put off."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Annotated

from pydantic import Field

from ojas.features.medications.rules.patterns import AsNeeded, Interval, Pattern, Taper
from ojas.kit.errors import Incorrect

EARLIEST, LATEST = date(1900, 1, 1), date(2200, 12, 31)
MOST_SHIFTS = 16
MOST_LATE = timedelta(days=1)
"""How far the doses of one day may be put off in all."""


@dataclass(frozen=True, slots=True)
class Shift:
    """What of ``day`` was due from ``since`` on (UTC) comes ``by`` later."""

    day: date
    since: datetime
    by: timedelta

    def __post_init__(self) -> None:
        if self.since.tzinfo is None:
            raise Incorrect("This time needs its zone.", field="since")
        object.__setattr__(self, "since", self.since.astimezone(UTC))
        if not timedelta(0) < self.by <= timedelta(hours=12) or self.by % timedelta(minutes=1):
            raise Incorrect("Between one minute and twelve hours.", field="by")


@dataclass(frozen=True, slots=True)
class Schedule:
    """A pattern from the local date ``start`` to ``end``, both with it; ``end`` None: for good.

    Raises:
        Incorrect: with the field ``start``, ``end`` or ``shifts``; among them every schedule that would never be due.
    """

    pattern: Annotated[Pattern, Field(discriminator="kind")]
    start: date
    end: date | None = None
    shifts: tuple[Shift, ...] = field(default=())

    def __post_init__(self) -> None:
        if not EARLIEST <= self.start <= LATEST:
            raise Incorrect("Between the years 1900 and 2200.", field="start")
        if self.end is not None and not EARLIEST <= self.end <= LATEST:
            raise Incorrect("Between the years 1900 and 2200.", field="end")
        if self.end is not None and self.end < self.start:
            raise Incorrect("This ends before it begins.", field="end")
        if len(self.shifts) > MOST_SHIFTS or any(late > MOST_LATE for late in self._put_off().values()):
            raise Incorrect("This was put off too often.", field="shifts")
        if isinstance(self.pattern, Taper):
            self._check_taper(self.pattern)
        elif not isinstance(self.pattern, Interval | AsNeeded) and self.next_day(self.start) is None:
            raise Incorrect("Between these dates it would never be due.", field="end")

    @property
    def last_day(self) -> date | None:
        """The last day it may be due; None: it goes on."""
        if not isinstance(self.pattern, Taper) or self.pattern.length is None:
            return self.end
        over = self.start + timedelta(self.pattern.length - 1)
        return over if self.end is None else min(over, self.end)

    def next_day(self, day: date) -> date | None:
        """The first day on or after ``day`` with slots; None where there is none before the end."""
        if isinstance(self.pattern, Interval | AsNeeded):
            return None
        found = self.pattern.first_day(self.start, day) if day <= LATEST else None
        return found if found is not None and found <= (self.end or LATEST) else None

    def _put_off(self) -> dict[date, timedelta]:
        late: dict[date, timedelta] = {}
        for shift in self.shifts:
            late[shift.day] = late.get(shift.day, timedelta()) + shift.by
        return late

    def _check_taper(self, taper: Taper) -> None:
        last = self.start + timedelta(taper.offsets[-1])
        if last > LATEST:
            raise Incorrect("Between the years 1900 and 2200.", field="pattern.steps")
        if self.end is not None and self.end < last:
            raise Incorrect("This ends before the last step begins.", field="end")
