"""A Monday at home, by whose clock what is due in tests comes due."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

HOME = ZoneInfo("Asia/Kolkata")  # what a new account's preferences say
DAY = date(2027, 3, 1)


def at(hour: int, minute: int = 0, day: date = DAY, zone: ZoneInfo = HOME) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone)
