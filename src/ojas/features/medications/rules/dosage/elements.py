"""The elements of R4 that a dosage is made of: quantities, times, dates."""

from calendar import monthrange
from collections.abc import Mapping
from datetime import date, time
from decimal import Decimal
from typing import Any

from ojas.features.medications.rules.amount import Amount
from ojas.kit import units

Element = dict[str, Any]
UCUM = "http://unitsofmeasure.org"


def quantity(amount: Amount) -> Element:
    return {"value": number(amount.value), "unit": amount.word, "system": UCUM, "code": amount.unit}


def number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)


def amount_of(found: Mapping[str, Any]) -> Amount:
    """An amount of a Quantity. A unit that is no UCUM code is a thing that is counted: "tablets" is {tablets}.

    Raises:
        Incorrect: it has no value, or one that no dose has.
    """
    code = str(found.get("code", ""))
    unit = str(found.get("unit", "")).strip("{}")
    if not (found.get("system") == UCUM and (code.startswith("{") or units.is_ucum(code))):
        code = units.recognise(unit) or f"{{{unit or 'dose'}}}"
    return Amount(Decimal(str(found.get("value", "NaN"))), code)


def clock(at: time) -> str:
    return at.isoformat(timespec="seconds")


def time_of(text: str) -> time:
    return time.fromisoformat(text).replace(microsecond=0)


def first_date(text: str) -> date:
    """The first date of a FHIR date or dateTime, which may be a month or a year; as its writer's calendar had it."""
    return date.fromisoformat((text[:10] + "-01-01")[:10])


def last_date(text: str) -> date:
    """The last date of it."""
    if len(text) >= 10:
        return date.fromisoformat(text[:10])
    year, month = int(text[:4]), int(text[5:7] or 12)
    return date(year, month, monthrange(year, month)[1])


def months_later(day: date, months: int) -> date:
    """The same day so many months on, or the last of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
