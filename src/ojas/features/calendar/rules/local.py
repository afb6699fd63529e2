"""Starts of events: a date, or a local wall time with its zone, or one that floats."""

from datetime import UTC, date, datetime, time, timedelta, tzinfo

Start = date | datetime
"""A date (all day), or a naive local time."""


def naive(start: Start) -> datetime:
    """A start as wall time; a date is its midnight."""
    return start if isinstance(start, datetime) else datetime.combine(start, time())


def instant(local: datetime, zone: tzinfo) -> datetime:
    """When the wall clock shows ``local``, in UTC.

    As RFC 5545, 3.3.5, reads an explicit time: one that is skipped by the offset before, one that is there twice as its first.
    """
    return local.replace(tzinfo=zone).astimezone(UTC)


def wall(at: datetime, zone: tzinfo) -> datetime:
    """What the wall clock shows at an instant, naive."""
    return at.astimezone(zone).replace(tzinfo=None)


def exists(local: datetime, zone: tzinfo) -> bool:
    return wall(instant(local, zone), zone) == local


def same_kind(start: Start, like: Start) -> bool:
    return isinstance(start, datetime) == isinstance(like, datetime)


DAY = timedelta(days=1)
