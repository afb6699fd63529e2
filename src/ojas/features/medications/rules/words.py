"""Amounts, forms and the state of a medicine, in plain words."""

from collections.abc import Callable
from decimal import Decimal
from enum import StrEnum

from ojas.features.medications.rules.amount import Amount
from ojas.kit.i18n import N_, format_number, gettext, ngettext


class Form(StrEnum):
    TABLET = "tablet"
    CAPSULE = "capsule"
    LIQUID = "liquid"
    DROPS = "drops"
    INHALER = "inhaler"
    INJECTION = "injection"
    PATCH = "patch"
    CREAM = "cream"
    SUPPOSITORY = "suppository"
    POWDER = "powder"
    OTHER = "other"


class Route(StrEnum):
    ORAL = "oral"
    SUBLINGUAL = "sublingual"
    INHALED = "inhaled"
    INJECTED = "injected"
    SKIN = "skin"
    EYE = "eye"
    EAR = "ear"
    NOSE = "nose"
    RECTAL = "rectal"
    OTHER = "other"


class Status(StrEnum):
    """Whether a medicine is taken. Only what is active is ever due."""

    ACTIVE = "active"
    PAUSED = "paused"
    DISCONTINUED = "discontinued"
    COMPLETED = "completed"


FORMS = {
    Form.TABLET: N_("Tablet"),
    Form.CAPSULE: N_("Capsule"),
    Form.LIQUID: N_("Liquid or syrup"),
    Form.DROPS: N_("Drops"),
    Form.INHALER: N_("Inhaler"),
    Form.INJECTION: N_("Injection"),
    Form.PATCH: N_("Patch"),
    Form.CREAM: N_("Cream or ointment"),
    Form.SUPPOSITORY: N_("Suppository"),
    Form.POWDER: N_("Powder"),
    Form.OTHER: N_("Another form"),
}
ROUTES = {
    Route.ORAL: N_("By mouth"),
    Route.SUBLINGUAL: N_("Under the tongue"),
    Route.INHALED: N_("Breathed in"),
    Route.INJECTED: N_("Injected"),
    Route.SKIN: N_("On the skin"),
    Route.EYE: N_("Into the eye"),
    Route.EAR: N_("Into the ear"),
    Route.NOSE: N_("Into the nose"),
    Route.RECTAL: N_("Into the rectum"),
    Route.OTHER: N_("Another way"),
}
STATUSES = {
    Status.ACTIVE: N_("Being taken"),
    Status.PAUSED: N_("Paused"),
    Status.DISCONTINUED: N_("Stopped"),
    Status.COMPLETED: N_("Finished"),
}
UNITS = {
    "{tablet}": N_("tablet"),
    "{capsule}": N_("capsule"),
    "{drop}": N_("drop"),
    "{puff}": N_("puff"),
    "{patch}": N_("patch"),
    "{dose}": N_("dose"),
    "mL": "mL",
    "mg": "mg",
    "ug": "µg",
    "g": "g",
    "[iU]": N_("units"),
}
"""Units that are offered. Any other of UCUM may be sent, and is shown by its sign."""


def unit_words(unit: str) -> str:
    return gettext(UNITS[unit]) if unit in UNITS else Amount(Decimal(1), unit).word


_COUNTED: dict[str, Callable[[str, int], str]] = {
    "{tablet}": lambda amount, n: ngettext("{amount} tablet", "{amount} tablets", n, amount=amount),
    "{capsule}": lambda amount, n: ngettext("{amount} capsule", "{amount} capsules", n, amount=amount),
    "{drop}": lambda amount, n: ngettext("{amount} drop", "{amount} drops", n, amount=amount),
    "{puff}": lambda amount, n: ngettext("{amount} puff", "{amount} puffs", n, amount=amount),
    "{patch}": lambda amount, n: ngettext("{amount} patch", "{amount} patches", n, amount=amount),
    "{dose}": lambda amount, n: ngettext("{amount} dose", "{amount} doses", n, amount=amount),
}


def amount_words(amount: Amount | None) -> str:
    """1.5 mL as the language in use writes it; nothing where nobody said how much."""
    if amount is None:
        return ""
    number, n = format_number(amount.value), 1 if amount.value == 1 else 2
    return (
        counted(number, n)
        if (counted := _COUNTED.get(amount.unit))
        else f"{number} {unit_words(amount.unit)}"
    )
