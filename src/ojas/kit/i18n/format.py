"""Numbers, dates and times as the current manner has them."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache

from babel import Locale, dates, numbers

from ojas.kit import clock
from ojas.kit.i18n.manner import current, locale_of
from ojas.kit.i18n.words import N_, _

_DATES = {"YYYY-MM-DD": "yyyy-MM-dd", "DD/MM/YYYY": "dd/MM/yyyy", "MM/DD/YYYY": "MM/dd/yyyy"}
_TIMES = {"12h": "h:mm a", "24h": "HH:mm"}
_PARTS = (
    (4, N_("at night")),
    (6, N_("early in the morning")),
    (12, N_("in the morning")),
    (16, N_("in the afternoon")),
    (20, N_("in the evening")),
    (24, N_("at night")),
)
"""Until which hour each lasts. Hindi and Tamil say सुबह 8:00 बजे and காலை 8:00 மணிக்கு; am and pm are read by few, and
CLDR's own parts let the Tamil evening last until nine."""


def local(at: datetime) -> datetime:
    """An instant as the reader's wall clock showed it."""
    return at.astimezone(current().tz)


def format_number(value: float | int | Decimal, digits: int | None = None) -> str:
    """With the language's separators; ``digits`` fixes the decimals, else those the value has (at most three)."""
    return _number(value, digits, current().language)


def format_date(day: date | datetime, style: str = "medium") -> str:
    """A day: in the person's own format where they chose one, else short, medium, long or full by language."""
    day = local(day).date() if isinstance(day, datetime) else day
    return _date(day, _DATES.get(current().date_format, style), current().locale)


def format_time(at: datetime | time, after: datetime | time | None = None) -> str:
    """Hours and minutes on the reader's clock; of twelve hours with am and pm, or the part of the day where that is said.
    That part is not said again ``after`` a time in the same: रात 8:30 से 9:15 तक."""
    wall = _wall(at)
    manner = current()
    if manner.clock == "12h" and manner.language != "en":
        part, bare = _part(wall), _time(wall, "h:mm", manner.locale)
        return bare if after is not None and part == _part(_wall(after)) else f"{_(part)} {bare}"
    return _time(wall, _TIMES.get(manner.time_format, "short"), manner.locale)


def _wall(at: datetime | time) -> time:
    wall = local(at).time() if isinstance(at, datetime) else at
    return time(wall.hour, wall.minute)  # no format here shows seconds


def _part(wall: time) -> str:
    return next(words for until, words in _PARTS if wall.hour < until)


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


# A page of charts shows the same days, hours and values many times over, and Babel reads its pattern anew for each:
# 90 µs a number against 0.5 when remembered.


@lru_cache(16384)
def _number(value: float | int | Decimal, digits: int | None, language: str) -> str:
    exact = value if isinstance(value, Decimal) else Decimal(str(value))
    if digits is not None:
        exact = round(exact, digits)
    exact += 0  # there is no minus nought
    grouped = "#,##0" if language == "en" else "#,##,##0"
    pattern = grouped + ("." + "0" * digits if digits else "" if digits == 0 else ".###")
    return numbers.format_decimal(exact, format=pattern, locale=locale_of(language))


@lru_cache(16384)
def _date(day: date, style: str, locale: Locale) -> str:
    return dates.format_date(day, style, locale=locale)


@lru_cache(8192)
def _time(minute: time, style: str, locale: Locale) -> str:
    return dates.format_time(minute, style, locale=locale)
