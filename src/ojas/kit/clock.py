"""The one place that asks what time it is."""

from datetime import UTC, datetime

EARLIEST, LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)
"""What is kept lies between: by its offset, an instant at the end of the calendar is in the year 10000 of the database, which
nobody could read again."""


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return datetime.now(UTC)
