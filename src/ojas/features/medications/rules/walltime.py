"""From the clock on a person's wall to the instant it stands for, and back.

A time that is skipped when clocks go forward is read with the offset before the change, so it comes as much later as was
skipped: 02:30 becomes 03:30, and two doses half an hour apart stay so (RFC 5545, 3.3.5; PEP 495 with fold=0). A time that
is there twice is its first. Both are what ``replace(tzinfo=…)`` means, so they cost nothing.

A whole date may be skipped too: Apia had no 30 December 2011. It has no doses, for nobody lived it: moving them by 24 hours
would give those of the 31st twice.
"""

from datetime import UTC, date, datetime, time, timedelta, tzinfo

_DAY = timedelta(days=1)


def instant(local: datetime, zone: tzinfo) -> datetime | None:
    """When a wall clock in ``zone`` shows ``local`` (naive), in UTC; None on a date that was skipped whole."""
    at = local.replace(tzinfo=zone).astimezone(UTC)
    return None if wall(at, zone) - local >= _DAY else at


def wall(at: datetime, zone: tzinfo) -> datetime:
    """What the wall clock shows at an instant, naive."""
    return at.astimezone(zone).replace(tzinfo=None)


def midnight(day: date, zone: tzinfo) -> datetime:
    """When a local date begins, in UTC: no dose of it can be earlier."""
    return datetime.combine(day, time(), zone).astimezone(UTC)
