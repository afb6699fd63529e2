"""Time zones: by name, by today's name, in words. Old names, places and countries are Unicode CLDR's, as Babel ships them."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, tzinfo
from functools import cache, lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from babel import Locale
from babel.core import get_global

from ojas.kit.errors import Incorrect
from ojas.kit.i18n.manner import current

_TODAY: Mapping[str, str] = get_global("zone_aliases")
_NOWHERE = ("001", "ZZ")  # the world, and nobody knows
_COUNTRY: Mapping[str, str] = {
    zone: country for zone, country in get_global("zone_territories").items() if country not in _NOWHERE
}


@cache
def zones() -> frozenset[str]:
    """Every time zone there is by name; reading them from disk takes some milliseconds."""
    return frozenset(available_timezones())


@lru_cache(1024)
def zone_of(name: str) -> tzinfo:
    """The IANA zone of this name.

    Raises:
        Incorrect: there is none.
    """
    try:
        return UTC if name == "UTC" else ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as problem:
        raise Incorrect("There is no time zone of this name.", field="zone") from problem


def todays_zone(name: str) -> str:
    """What a zone is called today: Asia/Kolkata, where a browser says Asia/Calcutta. Other names stay."""
    return _TODAY.get(name, name)


def country_of(name: str) -> str | None:
    """The country (two letters) a zone is named for; None where it is for none or many."""
    return _COUNTRY.get(todays_zone(name)) or _COUNTRY.get(name)


def zone_text(name: str) -> str:
    """A zone as its country and place, in the reader's language: India, Kolkata."""
    return _said(todays_zone(name), current().locale)


def zone_choices() -> list[tuple[str, str]]:
    """The zones named after a place, with their words, by country."""
    named = [(name, zone_text(name)) for name in zones() if name in _COUNTRY and todays_zone(name) == name]
    return sorted(named, key=lambda one: one[1])


@cache
def _said(name: str, locale: Locale) -> str:
    country = locale.territories.get(_COUNTRY.get(name, ""))
    place = _place(name, locale)
    return f"{country}, {place}" if country and country != place else place


def _place(name: str, locale: Locale) -> str:
    # CLDR files a place under the name it first had.
    for known in (name, *_old_names()[name]):
        if city := dict(locale.time_zones.get(known, {})).get("city"):
            return str(city)
    return name.rpartition("/")[2].replace("_", " ")


@cache
def _old_names() -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for old, today in _TODAY.items():
        found[today].append(old)
    return found
