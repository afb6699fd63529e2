"""Zones that only a calendar file knows, by its own description of them (RFC 5545, 3.6.5).

The library keeps such a zone by its name for as long as the process lives: the next file, of another person, would be read
by it. And to see how far a zone is from UTC it counts all its changes since the first, which may be one a second since 1900.
So it is asked to keep none, and a description is followed where real ones are: few parts, each of which comes once a year.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from icalendar.timezone import tzp

_LONGEST = 4_000
_MOST_PARTS = 8
_MOST_DAYS = 7
_PLAIN = frozenset({"FREQ", "INTERVAL", "BYMONTH", "BYDAY", "BYMONTHDAY", "UNTIL", "WKST"})

tzp.cache_timezone_component = lambda timezone_component: None  # type: ignore[method-assign]


def described(calendars: Iterable[Any]) -> dict[str, Any]:
    """The descriptions in a file, by the name of the zone."""
    tzp.use_default()  # it keeps every name that it was ever asked for
    found = [zone for calendar in calendars for zone in calendar.walk("VTIMEZONE")]
    return {str(zone["TZID"]): zone for zone in reversed(found) if "TZID" in zone}


def placed(part: Any, zones: Mapping[str, Any]) -> Any:
    """An event whose beginning and end say how far from UTC they are, where the file alone knows.

    Raises:
        ValueError: the description says something else than it must.
    """
    for name in ("DTSTART", "DTEND"):
        told = part.get(name)
        at = getattr(told, "dt", None)
        if not isinstance(at, datetime) or at.tzinfo is not None:
            continue
        zone = zones.get(str(told.params.get("TZID", "")))
        if zone is not None and _plain(zone):
            told.dt = at.replace(tzinfo=zone.to_tz(lookup_tzid=False))
    return part


def _plain(zone: Any) -> bool:
    parts = zone.subcomponents
    return len(parts) <= _MOST_PARTS and len(zone.to_ical()) <= _LONGEST and all(map(_plain_part, parts))


def _plain_part(part: Any) -> bool:
    rule = part.get("RRULE")
    return "EXRULE" not in part and (rule is None or (not isinstance(rule, list) and _yearly(rule)))


def _yearly(rule: Mapping[str, list[Any]]) -> bool:
    """Of some days of a month it is the one with this name: the eighth to the fourteenth that is a Sunday."""
    if rule.get("FREQ") != ["YEARLY"] or not _PLAIN.issuperset(rule) or rule.get("INTERVAL", [1]) != [1]:
        return False
    months, names, days = (len(rule.get(part, ())) for part in ("BYMONTH", "BYDAY", "BYMONTHDAY"))
    return months <= 1 and names <= months and days <= (_MOST_DAYS if names else 1)


__all__ = ["described", "placed"]
