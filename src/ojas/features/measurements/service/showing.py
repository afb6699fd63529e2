"""A reading in the words, unit and decimals of whoever reads it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from ojas.features.measurements import schemas
from ojas.features.measurements.kinds import CATALOGUE
from ojas.features.measurements.rules import Finding, Kind, Part, body_mass_index, in_unit
from ojas.features.measurements.rules.entry import plain
from ojas.features.measurements.service.bands import Judge
from ojas.kit import units
from ojas.kit.http import Actor
from ojas.kit.i18n import N_, _, format_number

Preferences = Mapping[str, str]
"""The unit a person reads each quantity in: {"mass": "[lb_av]", "glucose": "mmol/L"}."""


@dataclass(frozen=True, slots=True)
class Shown:
    """``text`` is the number alone, "128/82"; ``unit`` stands small beside it; ``label`` is the kind's.

    ``colour`` and ``mark`` are those of the macros of pages: ``d.tile(…, kind=colour, level=mark, says=band)``.
    """

    label: str
    text: str
    unit: str
    finding: Finding | None
    colour: str

    @property
    def mark(self) -> str:
        return self.finding.level.mark if self.finding else "none"

    @property
    def band(self) -> str:
        """The band's name in the reader's language, or nothing."""
        return _(self.finding.band.name) if self.finding else ""

    @property
    def word(self) -> str:
        """In range, above, below."""
        return _(self.finding.level.word) if self.finding else ""


def preferences_of(actor: Actor | None) -> Preferences:
    """The units an account reads in, as the edge brought them."""
    return actor.units if actor else {}


def unit_for(part: Part, preferences: Preferences) -> str:
    """The unit in which this reader wants this number."""
    wished = preferences.get(part.quantity, part.unit)
    return wished if wished in part.units else part.units[0]


def number_text(part: Part, value: Decimal | float, unit: str) -> str:
    """A canonical value in ``unit``, with the decimals that the kind is measured to."""
    exact = value if isinstance(value, Decimal) else Decimal(str(value))
    return format_number(in_unit(part, exact, unit), part.shown_decimals(unit))


def unit_text(kind: Kind, unit: str) -> str:
    """A unit as print has it, or in words."""
    return _(kind.unit_word) if kind.unit_word and unit == kind.main.unit else units.symbol(unit)


def source_text(source: str) -> str:
    """Where a reading came from, in words."""
    return _(_SOURCES.get(source, source))


_SOURCES = {
    "by-hand": N_("Entered by hand"),
    "apple-health": N_("Apple Health"),
    "fhir": N_("A medical record"),
    "demo": N_("Made up, to try things out"),
}


def numbers_as_text(reading: schemas.Reading) -> dict[str, str]:
    """The canonical numbers by part, as one would type them."""
    return {part: plain(number) for part, number in reading.numbers.items()}


def numbers_of(before: Mapping[str, object]) -> dict[str, Decimal | None]:
    """The numbers a change replaced, out of its history, for every part a reading may have."""
    told = {part: before.get(part) for part in schemas.PARTS}
    return {part: None if value is None else Decimal(str(value)) for part, value in told.items()}


def bmi(
    latest: Mapping[str, schemas.Reading], preferences: Preferences, judge: Judge | None = None
) -> Shown | None:
    """The body mass index of the last weight and height, as ``latest`` found them; None unless both are there."""
    weight, height = latest.get("weight"), latest.get("height")
    if not (weight and height and weight.value and height.value):
        return None
    return derived(
        "bmi", body_mass_index(weight.value, height.value), weight.effective_at, preferences, judge
    )


def derived(
    name: str, value: Decimal, at: datetime, preferences: Preferences, judge: Judge | None = None
) -> Shown:
    """A value that was worked out, as this reader sees it."""
    kind = CATALOGUE[name]
    unit = unit_for(kind.main, preferences)
    finding = judge.find(kind, {kind.main.name: value}, at) if judge else None
    text = number_text(kind.main, value, unit)
    return Shown(_(kind.label), text, unit_text(kind, unit), finding, kind.family.colour)


def shown(reading: schemas.Reading, preferences: Preferences, judge: Judge | None = None) -> Shown:
    """A reading as this reader sees it; with a judge, also in its band."""
    kind = CATALOGUE[reading.kind]
    unit = unit_for(kind.main, preferences)
    texts = [
        number_text(part, reading.numbers[part.name], unit)
        for part in kind.parts
        if part.required and part.name in reading.numbers
    ]
    finding = judge.find(kind, reading.numbers, reading.effective_at, reading.meal) if judge else None
    return Shown(_(kind.label), "/".join(texts), unit_text(kind, unit), finding, kind.family.colour)
