"""How long: the spans and bounds of R4's ``Timing.repeat``."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from ojas.features.medications.rules.dosage.elements import Element, first_date, last_date, months_later
from ojas.features.medications.rules.patterns import MOST_DAYS, AsNeeded, Daywise, Interval, Pattern
from ojas.features.medications.rules.schedule import EARLIEST, LATEST
from ojas.kit.errors import Incorrect
from ojas.kit.i18n import N_

NOT_KEPT = N_("This way of saying when cannot be kept as a schedule.")
_SPANS = {
    "s": timedelta(seconds=1),
    "min": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "wk": timedelta(days=7),
}


def span_of(repeat: Element, path: str) -> timedelta:
    """Months and years are no number of days, so nothing can be due by them."""
    unit = _SPANS.get(repeat.get("periodUnit", ""))
    if unit is None:
        raise Incorrect(NOT_KEPT, field=f"{path}.timing.repeat.periodUnit")
    period = Decimal(str(repeat["period"]))
    if not 0 < period * Decimal(unit.total_seconds()) <= MOST_DAYS * 86400:
        raise Incorrect(NOT_KEPT, field=f"{path}.timing.repeat.period")
    return timedelta(seconds=float(period * Decimal(unit.total_seconds())))


def whole_minutes(span: timedelta) -> timedelta:
    """To the next whole minute: rather a moment later than sooner."""
    minute = timedelta(minutes=1)
    return -(-span // minute) * minute


def bounds_of(
    repeat: Element, pattern: Pattern, start: date, path: str
) -> tuple[date | None, date | None, int | None]:
    """First day, last day, and length in days: each where it is told."""
    where = f"{path}.timing.repeat"
    if "boundsRange" in repeat:
        raise Incorrect(NOT_KEPT, field=f"{where}.boundsRange")
    period = repeat.get("boundsPeriod", {})
    begin = first_date(period["start"]) if "start" in period else None
    end = last_date(period["end"]) if "end" in period else None
    if any(day is not None and not EARLIEST <= day <= LATEST for day in (begin, end)):
        raise Incorrect("Between the years 1900 and 2200.", field=f"{where}.boundsPeriod")
    length = None
    if "boundsDuration" in repeat:
        length = _days(repeat["boundsDuration"], begin or start, f"{where}.boundsDuration")
    if "count" in repeat:
        if isinstance(pattern, AsNeeded | Interval) or end or length:
            raise Incorrect(NOT_KEPT, field=f"{where}.count")
        length = _days_of(pattern, begin or start, int(repeat["count"]), f"{where}.count")
    return begin, end, length


def _days(duration: Mapping[str, Any], start: date, where: str) -> int:
    value, unit = Decimal(str(duration.get("value", 0))), duration.get("code") or duration.get("unit")
    whole = int(value) if value == value.to_integral_value() and 0 < value <= MOST_DAYS else 0
    if unit in ("mo", "a") and 0 < whole * (12 if unit == "a" else 1) <= MOST_DAYS // 31:
        return (months_later(start, whole * (12 if unit == "a" else 1)) - start).days
    days = {
        "d": whole,
        "day": whole,
        "days": whole,
        "wk": whole * 7,
        "h": whole // 24 if whole % 24 == 0 else 0,
    }
    found = days.get(str(unit), 0)
    if not 0 < found <= MOST_DAYS:
        raise Incorrect(NOT_KEPT, field=where)
    return found


def _days_of(pattern: Daywise, start: date, count: int, where: str) -> int:
    """Until the day of the last of ``count`` doses, which must be the last of its day."""
    day, given = start - timedelta(1), 0
    while given < count <= MOST_DAYS:
        found = pattern.first_day(start, day + timedelta(1))
        assert found is not None, "only a taper ends by itself"
        day, given = found, given + len(pattern.slots_on(start, found))
    if given != count:
        raise Incorrect(NOT_KEPT, field=where)
    return (day - start).days + 1
