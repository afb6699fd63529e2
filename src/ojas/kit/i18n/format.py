"""Numbers, dates and times as the current manner has them."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal

from babel import dates, numbers

from ojas.kit import clock
from ojas.kit.i18n.manner import current
from ojas.kit.i18n.words import _

_DATES = {"YYYY-MM-DD": "yyyy-MM-dd", "DD/MM/YYYY": "dd/MM/yyyy", "MM/DD/YYYY": "MM/dd/yyyy"}
_TIMES = {"12h": "h:mm a", "24h": "HH:mm"}


def local(at: datetime) -> datetime:
    """An instant as the reader's wall clock showed it."""
    return at.astimezone(current().tz)


def format_number(value: float | int | Decimal, digits: int | None = None) -> str:
    """With the language's separators; ``digits`` fixes the decimals, else those the value has (at most three)."""
    exact = value if isinstance(value, Decimal) else Decimal(str(value))
    if digits is not None:
        exact = round(exact, digits)
    grouped = "#,##0" if current().language == "en" else "#,##,##0"
    pattern = grouped + ("." + "0" * digits if digits else "" if digits == 0 else ".###")
    return numbers.format_decimal(exact, format=pattern, locale=current().locale)


def format_date(day: date | datetime, style: str = "medium") -> str:
    """A day: in the person's own format where they chose one, else short, medium, long or full by language."""
    day = local(day).date() if isinstance(day, datetime) else day
    return dates.format_date(day, _DATES.get(current().date_format, style), locale=current().locale)


def format_time(at: datetime | time) -> str:
    """Hours and minutes on the reader's clock."""
    wall = local(at).time() if isinstance(at, datetime) else at
    return dates.format_time(wall, _TIMES.get(current().time_format, "short"), locale=current().locale)


def format_datetime(at: datetime) -> str:
    return f"{format_date(at)}, {format_time(at)}"


def format_day(at: date | datetime) -> str:
    """Today, Yesterday, or the date."""
    day = local(at).date() if isinstance(at, datetime) else at
    today = local(clock.now()).date()
    if day == today:
        return _("Today")
    if day == today - timedelta(days=1):
        return _("Yesterday")
    return format_date(day)
