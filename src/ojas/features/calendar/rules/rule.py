"""A rule of recurrence: RFC 5545, 3.3.10, as a value, read and written strictly."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import StrEnum

from ojas.kit.errors import Incorrect

MOST_COUNT = 10_000
MOST_INTERVAL = 10_000
LONGEST = 1000
"""Letters of a rule; the longest of real calendars have some two hundred."""


class Freq(StrEnum):
    """No seconds and minutes: nothing in a person's calendar comes so often, and such a rule is an attack or a slip."""

    HOURLY = "HOURLY"
    DAILY = "DAILY"
    WEEKLY = "WEEKLY"
    MONTHLY = "MONTHLY"
    YEARLY = "YEARLY"


WEEK = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


@dataclass(frozen=True, slots=True, order=True)
class Day:
    """A day of the week, 0 is Monday; ``nth`` of the month or year, from its end where it is negative; 0: each."""

    weekday: int
    nth: int = 0

    def __str__(self) -> str:
        return f"{self.nth or ''}{WEEK[self.weekday]}"


Numbers = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """``until`` is a date, a local time (naive) or an instant in UTC; lists are in order and without repetition.

    Raises:
        Incorrect: with the part's name in RFC 5545 as field.
    """

    freq: Freq
    interval: int = 1
    count: int | None = None
    until: date | datetime | None = None
    by_month: Numbers = ()
    by_week: Numbers = ()
    by_year_day: Numbers = ()
    by_month_day: Numbers = ()
    by_day: tuple[Day, ...] = ()
    by_hour: Numbers = ()
    by_minute: Numbers = ()
    by_position: Numbers = ()
    week_start: int = field(default=0)

    def __post_init__(self) -> None:
        for name, (attribute, low, high, signed) in _LISTS.items():
            values = tuple(sorted(set(getattr(self, attribute))))
            object.__setattr__(self, attribute, values)
            if any(not (low <= (abs(value) if signed else value) <= high) for value in values):
                raise Incorrect("A number of this rule is out of its range.", field=name)
        object.__setattr__(self, "by_day", tuple(sorted(set(self.by_day))))
        if not 1 <= self.interval <= MOST_INTERVAL:
            raise Incorrect("The step is between 1 and {most}.", field="INTERVAL", most=MOST_INTERVAL)
        if self.count is not None and not 1 <= self.count <= MOST_COUNT:
            raise Incorrect("It may come 1 to {most} times.", field="COUNT", most=MOST_COUNT)
        if self.count is not None and self.until is not None:
            raise Incorrect("A rule ends by a date or by a number, not both.", field="UNTIL")
        self._check_combination()

    def _check_combination(self) -> None:
        """What RFC 5545 says MUST NOT stand together."""
        if self.by_week and self.freq is not Freq.YEARLY:
            raise Incorrect("Weeks of the year belong to a yearly rule.", field="BYWEEKNO")
        if self.by_year_day and self.freq in (Freq.DAILY, Freq.WEEKLY, Freq.MONTHLY):
            raise Incorrect("Days of the year do not belong to this rule.", field="BYYEARDAY")
        if self.by_month_day and self.freq is Freq.WEEKLY:
            raise Incorrect("Days of the month do not belong to a weekly rule.", field="BYMONTHDAY")
        if any(not 0 <= day.weekday <= 6 or abs(day.nth) > 53 for day in self.by_day):
            raise Incorrect("A number of this rule is out of its range.", field="BYDAY")
        numbered = any(day.nth for day in self.by_day)
        if numbered and (self.freq not in (Freq.MONTHLY, Freq.YEARLY) or self.by_week):
            raise Incorrect("The first or last such day belongs to a monthly or yearly rule.", field="BYDAY")
        others = (self.by_month, self.by_week, self.by_year_day, self.by_month_day, self.by_day)
        if self.by_position and not any((*others, self.by_hour, self.by_minute)):
            raise Incorrect("This needs another part of the rule beside it.", field="BYSETPOS")

    def __str__(self) -> str:
        """As RFC 5545 writes it; ``parse`` reads it back equal."""
        parts = [f"FREQ={self.freq}"]
        if self.until is not None:
            parts.append(f"UNTIL={_told(self.until)}")
        if self.count is not None:
            parts.append(f"COUNT={self.count}")
        if self.interval != 1:
            parts.append(f"INTERVAL={self.interval}")
        lists = {name: getattr(self, attribute) for name, (attribute, *_) in _LISTS.items()}
        for name, values in (lists | {"BYDAY": self.by_day}).items():
            if values:
                parts.append(f"{name}={','.join(map(str, values))}")
        if self.week_start:
            parts.append(f"WKST={WEEK[self.week_start]}")
        return ";".join(parts)


# The part's name: its attribute, lowest and highest, and whether it may count from the end.
_LISTS: dict[str, tuple[str, int, int, bool]] = {
    "BYMONTH": ("by_month", 1, 12, False),
    "BYWEEKNO": ("by_week", 1, 53, True),
    "BYYEARDAY": ("by_year_day", 1, 366, True),
    "BYMONTHDAY": ("by_month_day", 1, 31, True),
    "BYHOUR": ("by_hour", 0, 23, False),
    "BYMINUTE": ("by_minute", 0, 59, False),
    "BYSETPOS": ("by_position", 1, 366, True),
}
_DAY = re.compile(r"([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)")
_UNTIL = re.compile(r"(\d{8})(?:T(\d{6})(Z?))?")


def parse(text: str) -> Rule:
    """The rule of a RRULE's value.

    Raises:
        Incorrect: with the part that is wrong as field, RRULE where it is the whole.
    """
    if len(text) > LONGEST:
        raise Incorrect("This rule is too long.", field="RRULE")
    told: dict[str, object] = {}
    for part in text.strip().rstrip(";").split(";"):
        name, equals, value = part.partition("=")
        name = name.strip().upper()
        if not equals or not value:
            raise Incorrect("This is not a rule as RFC 5545 writes it.", field="RRULE")
        attribute, read = _reader(name)
        if attribute in told:
            raise Incorrect("This part of the rule stands there twice.", field=name)
        try:
            told[attribute] = read(value.strip().upper())
        except Incorrect:
            raise
        except ValueError as problem:
            raise Incorrect("This part of the rule cannot be read.", field=name) from problem
    if "freq" not in told:
        raise Incorrect("A rule says how often.", field="FREQ")
    return Rule(**told)  # type: ignore[arg-type]  # each read by its own reader


def _reader(name: str) -> tuple[str, Callable[[str], object]]:
    if name in _LISTS:
        return _LISTS[name][0], _numbers
    if name not in _READERS:
        raise Incorrect("This part of the rule is not known.", field="RRULE")
    return _READERS[name]


def _numbers(value: str) -> Numbers:
    return tuple(_number(each) for each in value.split(","))


def _number(text: str) -> int:
    if not re.fullmatch(r"[+-]?[0-9]{1,9}", text):
        raise ValueError(text)
    return int(text)


def _days(value: str) -> tuple[Day, ...]:
    found = [_DAY.fullmatch(each) for each in value.split(",")]
    if not all(found):
        raise ValueError(value)
    return tuple(Day(WEEK.index(each[2]), int(each[1] or 0)) for each in found if each)


def _freq(value: str) -> Freq:
    if value in ("SECONDLY", "MINUTELY"):
        raise Incorrect("Nothing here may come more often than once an hour.", field="FREQ")
    return Freq(value)


def _until(value: str) -> date | datetime:
    match = _UNTIL.fullmatch(value)
    if match is None:
        raise ValueError(value)
    if match[2] is None:
        return datetime.strptime(match[1], "%Y%m%d").date()  # noqa: DTZ007  # a date
    # A leap second is none of ours: the end of its minute.
    clock = match[2][:4] + ("59" if match[2][4:] == "60" else match[2][4:])
    found = datetime.strptime(match[1] + clock, "%Y%m%d%H%M%S")  # noqa: DTZ007  # local, or made UTC below
    return found.replace(tzinfo=UTC) if match[3] else found


def _told(until: date | datetime) -> str:
    if not isinstance(until, datetime):
        return until.strftime("%Y%m%d")
    return until.strftime("%Y%m%dT%H%M%S") + ("Z" if until.tzinfo else "")


_READERS: dict[str, tuple[str, Callable[[str], object]]] = {
    "FREQ": ("freq", _freq),
    "INTERVAL": ("interval", _number),
    "COUNT": ("count", _number),
    "UNTIL": ("until", _until),
    "BYDAY": ("by_day", _days),
    "WKST": ("week_start", WEEK.index),
}
