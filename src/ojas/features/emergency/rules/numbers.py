"""Whom to call in which country. A number that is wrong may cost a life, so only those that are well known are kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from babel import Locale
from babel.core import get_global

from ojas.kit.i18n import LANGUAGES, N_

# As of 1 November 2026. India's were checked at their sources (ERSS, Tele-MANAS); the others are published and well known.


@dataclass(frozen=True, slots=True)
class Number:
    """A number to call, and for what (message id). ``dial`` is as one dials it within the country."""

    dial: str
    label: str


_ALL = N_("Emergency")
_AMBULANCE = N_("Ambulance")
_POLICE = N_("Police")
_POISON = N_("Poison")
_MOTHERS = N_("Mother and child ambulance")
_ADVICE = N_("Medical advice, not for emergencies")
_CRISIS = N_("In a crisis, to talk")

ANYWHERE = Number("112", N_("Emergency"))
"""What most mobile phones connect to the nearest emergency service, in most countries."""

_EU = (
    "AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE"  # 112 by law in each
).split()

COUNTRIES: Mapping[str, tuple[Number, ...]] = {
    **dict.fromkeys(_EU, (Number("112", _ALL),)),
    "IN": (
        Number("112", _ALL),
        Number("108", _AMBULANCE),
        Number("102", _MOTHERS),
        Number("104", _ADVICE),
        Number("14416", _CRISIS),
    ),
    "US": (Number("911", _ALL), Number("+18002221222", _POISON), Number("988", _CRISIS)),
    "CA": (Number("911", _ALL), Number("811", _ADVICE), Number("988", _CRISIS)),
    "GB": (Number("999", _ALL), Number("112", _ALL), Number("111", _ADVICE), Number("116123", _CRISIS)),
    "DE": (Number("112", _ALL), Number("116117", _ADVICE), Number("08001110111", _CRISIS)),
    "FR": (Number("112", _ALL), Number("15", _AMBULANCE), Number("3114", _CRISIS)),
    "AU": (Number("000", _ALL), Number("1800022222", _ADVICE), Number("131114", _CRISIS)),
    "NZ": (Number("111", _ALL), Number("0800611116", _ADVICE), Number("1737", _CRISIS)),
    "SG": (Number("995", _AMBULANCE),),
    "MY": (Number("999", _ALL),),
    "LK": (Number("1990", _AMBULANCE), Number("119", _POLICE), Number("1926", _CRISIS)),
    "AE": (Number("998", _AMBULANCE), Number("999", _POLICE)),
    "NP": (Number("102", _AMBULANCE),),
    "BD": (Number("999", _ALL),),
    "PK": (Number("1122", _AMBULANCE), Number("115", _AMBULANCE)),
    "ZA": (Number("10177", _AMBULANCE), Number("112", _ALL)),
    "JP": (Number("119", _AMBULANCE),),
    "CN": (Number("120", _AMBULANCE),),
}


def numbers_of(country: str | None) -> tuple[Number, ...]:
    """The numbers of a country (ISO 3166 letters), the one to call first leading. Of one we do not know: 112."""
    return COUNTRIES.get(country or "", (ANYWHERE,))


def first(country: str | None) -> str:
    """The number for everything, or else for an ambulance."""
    return numbers_of(country)[0].dial


def country_named(text: str | None) -> str | None:
    """The letters of a country somebody wrote as letters or by its name, in any language of the product."""
    wanted = (text or "").strip().casefold()
    return _names().get(wanted) if wanted else None


def country_of_zone(zone: str | None) -> str | None:
    """The country a time zone is named after."""
    found = get_global("zone_territories").get(zone or "")
    return None if found in (None, "001", "ZZ") else str(found)


@cache
def _names() -> dict[str, str]:
    found: dict[str, str] = {"uk": "GB", "usa": "US", "uae": "AE", "bharat": "IN", "भारत": "IN"}
    for language in LANGUAGES:
        for letters, name in Locale.parse(language).territories.items():
            if len(letters) == 2 and letters.isalpha():
                found[letters.casefold()] = letters
                found[name.casefold()] = letters
    return found
