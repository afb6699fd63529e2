"""Telephone numbers as they are dialled from anywhere (ITU-T E.164), from whatever somebody typed."""

import unicodedata
from typing import TYPE_CHECKING

from ojas.kit.errors import Incorrect

if TYPE_CHECKING:
    from phonenumbers import PhoneNumber

_LONGEST = 40


def number(text: str, country: str | None = None, *, field: str = "phone") -> str:
    """A number as it is dialled from anywhere: ``098400 12345`` in ``IN`` is ``+919840012345``.

    Digits of any script are read. Whether somebody answers there is not known, only that the country has such numbers.

    Args:
        country: two letters (ISO 3166), for what was typed without a leading +.

    Raises:
        Incorrect: it cannot be dialled, with ``field``.
    """
    import phonenumbers  # 4 MB with the countries it loads: only where a number is typed

    plain = _ascii(text)
    if country is None and not plain.startswith("+"):
        raise Incorrect("Begin the number with + and the code of its country.", field=field)
    try:
        parsed = phonenumbers.parse(plain, country)
    except phonenumbers.NumberParseException:
        parsed = None
    if parsed is None or parsed.extension or not phonenumbers.is_valid_number(parsed) or _costly(parsed):
        raise Incorrect("This number cannot be dialled. Look whether a digit is missing.", field=field)
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def shown(e164: str) -> str:
    """A number of ``number`` in groups, as its country writes it: ``+91 98400 12345``."""
    import phonenumbers

    return phonenumbers.format_number(phonenumbers.parse(e164), phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def _costly(parsed: "PhoneNumber") -> bool:
    """Numbers that earn for whoever answers: a house that writes to them can be made to pay."""
    from phonenumbers import PhoneNumberType, number_type

    return number_type(parsed) in (PhoneNumberType.PREMIUM_RATE, PhoneNumberType.SHARED_COST)


def _ascii(text: str) -> str:
    kept = text.strip()[:_LONGEST]
    return "".join(str(unicodedata.digit(c, c)) for c in kept)
