"""On which day a week begins: as the country one lives in has it, by Unicode CLDR, whatever language one reads."""

from datetime import date, timedelta
from functools import lru_cache

from babel import Locale, UnknownLocaleError

from ojas.kit.i18n.manner import current, locale_of
from ojas.kit.i18n.zones import country_of


def _first_weekday() -> int:
    """0 is Monday. In India, as in the United States, a week begins on Sunday."""
    manner = current()
    return _first(country_of(manner.zone), manner.language)


def weekdays() -> list[int]:
    """The days of a week in the order it has them."""
    return [(_first_weekday() + n) % 7 for n in range(7)]


def week_of(day: date) -> date:
    """The first day of its week."""
    return day - timedelta(days=(day.weekday() - _first_weekday()) % 7)


@lru_cache
def _first(country: str | None, language: str) -> int:
    try:
        found = Locale.parse(f"und_{country}") if country else locale_of(language)
    except UnknownLocaleError:  # of three countries, two of ice, no language is known
        found = locale_of(language)
    return int(found.first_week_day)
