"""Where a reading happened: an IANA zone, or, where only that was told, an offset such as +05:30."""

import re
from datetime import datetime, timedelta, timezone, tzinfo
from functools import lru_cache

from ojas.kit.i18n.zones import zone_of

_OFFSET = re.compile(r"([+-])(\d\d):([0-5]\d)")


@lru_cache(1024)
def tz_of(zone: str) -> tzinfo:
    """The zone of this name.

    Raises:
        Incorrect: neither a zone nor an offset of at most 14 hours.
    """
    if match := _OFFSET.fullmatch(zone):
        offset = timedelta(hours=int(match[2]), minutes=int(match[3]))
        if offset <= timedelta(hours=14):
            return timezone(-offset if match[1] == "-" else offset)
    return zone_of(zone)


def offset_of(at: datetime) -> str:
    """The offset an instant was told with, as text: +05:30."""
    seconds = int((at.utcoffset() or timedelta()).total_seconds())
    sign, seconds = ("-", -seconds) if seconds < 0 else ("+", seconds)
    return f"{sign}{seconds // 3600:02}:{seconds % 3600 // 60:02}"
