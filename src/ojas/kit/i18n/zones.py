"""Time zones: by name, by today's name, in words. Old names, places and countries are Unicode CLDR's, as Babel ships them.

There is one list, whoever names a zone and by whichever door: those of places, old names for them, UTC, and the whole hours
off it that calendars tell. What else the files of a system hold is no zone of anybody: ``localtime`` is where the server
stands, ``Factory`` nowhere, ``right/UTC`` counts leap seconds.
"""

import re
from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, tzinfo
from functools import cache, lru_cache
from zoneinfo import ZoneInfo, available_timezones

from babel import Locale
from babel.core import get_global

from ojas.kit.errors import Incorrect
from ojas.kit.i18n.manner import current

_TODAY: Mapping[str, str] = get_global("zone_aliases")
_NOWHERE = ("001", "ZZ")  # the world, and nobody knows
_COUNTRY: Mapping[str, str] = {
    zone: country for zone, country in get_global("zone_territories").items() if country not in _NOWHERE
}


_PLACES = frozenset("Africa America Antarctica Arctic Asia Atlantic Australia Europe Indian Pacific".split())
_HOURS_OFF = re.compile(r"Etc/GMT[+-]\d+")


@cache
def zones() -> frozenset[str]:
    """Every name a time zone may be given by; reading them from disk takes some milliseconds."""
    return frozenset(name for name in available_timezones() if _anybodys(todays_zone(name)))


def _anybodys(name: str) -> bool:
    return name == "UTC" or name.partition("/")[0] in _PLACES or bool(_HOURS_OFF.fullmatch(name))


@lru_cache(1024)
def zone_of(name: str) -> tzinfo:
    """The zone of this name.

    Raises:
        Incorrect: there is none.
    """
    if name not in zones():
        raise Incorrect("There is no time zone of this name.", field="zone")
    return UTC if name == "UTC" else ZoneInfo(name)


def zone_named(name: str) -> str:
    """Today's name of the zone of this name, to be kept.

    Raises:
        Incorrect: there is none.
    """
    zone_of(name)
    return todays_zone(name)


def zone_if_known(name: str | None) -> str | None:
    """The same of what a file tells: a name that nobody knows says nothing, and is no reason to leave out what it came with."""
    return todays_zone(name) if name is not None and name in zones() else None


def todays_zone(name: str) -> str:
    """What a zone is called today: Asia/Kolkata, where a browser says Asia/Calcutta. Other names stay."""
    found = _TODAY.get(name, name)
    return "UTC" if found in ("Etc/UTC", "Etc/GMT") else found


def country_of(name: str) -> str | None:
    """The country (two letters) a zone is named for; None where it is for none or many."""
    return _COUNTRY.get(todays_zone(name)) or _COUNTRY.get(name)


def zone_text(name: str) -> str:
    """A zone as its country and place, in the reader's language: India, Kolkata."""
    return _said(todays_zone(name), current().locale)


def zone_choices() -> list[tuple[str, str]]:
    """The zones of places by the name they have today, with their words, by country."""
    places = (name for name in zones() if name.partition("/")[0] in _PLACES and todays_zone(name) == name)
    named = [(name, zone_text(name)) for name in places]
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
