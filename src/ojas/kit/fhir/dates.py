"""FHIR's date, dateTime and instant: as exact as they were written, and never more.

2026-03 is not the first of March. It is a span from the first instant of March to the first of April, and so it is kept,
compared and searched.
"""

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import Literal

from ojas.kit.errors import Incorrect

Precision = Literal["year", "month", "day", "second"]

_SHAPE = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d))?)?)?", re.ASCII
)
_SLACK = timedelta(hours=14)  # zones reach from -12:00 to +14:00, and FHIR allows -14:00


@dataclass(frozen=True, slots=True)
class Moment:
    """The instants a FHIR date may mean: lower inclusive, upper exclusive, both in UTC.

    ``zoned`` is False if neither the text nor the caller told the zone; then the bounds hold for every place on earth.
    ``date`` is the local day it begins with, as written.
    """

    lower: datetime
    upper: datetime
    date: date
    precision: Precision
    zoned: bool


def parse(text: str, zone: tzinfo | None = None) -> Moment:
    """Read a date, dateTime or instant.

    A time has its own zone (R4 demands it). A date has none: it is a day in ``zone``, the person's; without one the
    bounds are widened to hold that day anywhere, ±14 h. A fraction finer than a microsecond is cut off. Second 60 is
    the last microsecond of its minute, for no clock here can say it.

    Raises:
        Incorrect: not a FHIR date, or a day that does not exist.
    """
    match = _SHAPE.fullmatch(text)
    if match is None:
        raise Incorrect("This is not a date as FHIR writes it, such as 2026-03-31.")
    try:
        return _moment(match, zone)
    except (ValueError, OverflowError) as problem:
        raise Incorrect("There is no such day or time.") from problem


def _moment(match: re.Match[str], zone: tzinfo | None) -> Moment:
    year, month, day, hour, minute, second, fraction, offset = match.groups()
    first = date(int(year), int(month or 1), int(day or 1))
    if hour is None:
        return _span(first, "day" if day else "month" if month else "year", zone)
    leap = second == "60"
    micro = 999_999 if leap else int((fraction or "0")[:6].ljust(6, "0"))
    at = datetime(
        first.year,
        first.month,
        first.day,
        int(hour),
        int(minute),
        59 if leap else int(second),
        micro,
        _zone(offset),
    ).astimezone(UTC)
    # A second without a fraction is that whole second; with one, that microsecond.
    width = timedelta(microseconds=1) if fraction or leap else timedelta(seconds=1)
    return Moment(at, at + width, first, "second", True)


def _zone(offset: str) -> timezone:
    if offset == "Z":
        return UTC
    minutes = int(offset[1:3]) * 60 + int(offset[4:6])
    return timezone(timedelta(minutes=-minutes if offset[0] == "-" else minutes))


def _span(first: date, precision: Precision, zone: tzinfo | None) -> Moment:
    after = first + timedelta(days=_days(first, precision))
    if zone is None:
        return Moment(_midnight(first, UTC) - _SLACK, _midnight(after, UTC) + _SLACK, first, precision, False)
    return Moment(_midnight(first, zone), _midnight(after, zone), first, precision, True)


def _days(first: date, precision: Precision) -> int:
    if precision == "year":
        return 366 if calendar.isleap(first.year) else 365
    return calendar.monthrange(first.year, first.month)[1] if precision == "month" else 1


def _midnight(day: date, zone: tzinfo) -> datetime:
    # Where daylight saving takes midnight away, this is the instant that stands in its place (PEP 495, fold 0).
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
