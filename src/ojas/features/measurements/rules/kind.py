"""What a kind of measurement is: its parts, units and limits, and the names others have for it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Literal

from ojas.features.measurements.rules.bands import Guideline

VALUE = "value"
"""The name of the part of a kind that has only one."""


class Family(StrEnum):
    """Kinds that share a colour everywhere."""

    HEART = "heart"
    BODY = "weight"
    GLUCOSE = "glucose"
    BLOOD = "blood"
    BREATH = "breath"
    MOVEMENT = "movement"
    SLEEP = "sleep"
    MIND = "mind"

    @property
    def colour(self) -> Literal["heart", "sleep", "move", "glucose", "weight", "lab"]:
        """One of the six colours that kinds of data have everywhere."""
        return _COLOURS[self]


_COLOURS: dict[Family, Literal["heart", "sleep", "move", "glucose", "weight", "lab"]] = {
    Family.HEART: "heart",
    Family.BREATH: "heart",
    Family.BODY: "weight",
    Family.GLUCOSE: "glucose",
    Family.BLOOD: "lab",
    Family.MIND: "lab",
    Family.MOVEMENT: "move",
    Family.SLEEP: "sleep",
}


class Entry(StrEnum):
    """Who may enter it by hand."""

    PERSON = "person"
    CLINICIAN = "clinician"
    DEVICE = "device"
    """Nobody: it comes from a device or is worked out."""


class Category(StrEnum):
    """FHIR's observation category."""

    VITAL_SIGNS = "vital-signs"
    LABORATORY = "laboratory"
    ACTIVITY = "activity"
    SURVEY = "survey"
    EXAM = "exam"


@dataclass(frozen=True, slots=True)
class Linear:
    """canonical = slope x value + shift, for a unit that only this substance makes convertible."""

    slope: Fraction
    shift: Fraction = Fraction(0)


@dataclass(frozen=True, slots=True)
class Part:
    """One number of a reading.

    Attributes:
        unit: canonical UCUM code, in which it is kept. units: those offered to people, the canonical one among them.
        also: further units read from devices and laboratories.
        factors: conversions that hold for this substance alone, by unit.
        loinc: codes it is known by; the first is written. low, high: outside is refused, in the canonical unit.
        decimals: shown, by unit; those of the canonical unit under its own code.
        quantity: what a person chooses a unit for ("mass", "glucose"), where they may.
    """

    unit: str
    low: Decimal
    high: Decimal
    name: str = VALUE
    label: str = ""
    units: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    factors: Mapping[str, Linear] = field(default_factory=dict)
    loinc: tuple[str, ...] = ()
    decimals: Mapping[str, int] = field(default_factory=dict)
    required: bool = True
    quantity: str = ""

    def shown_decimals(self, unit: str) -> int:
        return self.decimals.get(unit, self.decimals.get(self.unit, 0))


@dataclass(frozen=True, slots=True)
class Names:
    """What vendors call it. HealthKit without HKQuantityTypeIdentifier; Samsung without com.samsung.(s)health."""

    healthkit: tuple[str, ...] = ()
    health_connect: tuple[str, ...] = ()
    google: tuple[str, ...] = ()
    garmin: tuple[str, ...] = ()
    polar: tuple[str, ...] = ()
    samsung: tuple[str, ...] = ()
    strava: tuple[str, ...] = ()
    fit: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Kind:
    """One row of the catalogue.

    Attributes:
        name: stable; it is what the database keeps. label: message id.
        panel: LOINC codes of the whole, where it has several parts.
        day_high: the most a daily total may be, where samples and totals differ.
        adds_up: a day is the sum of its samples (steps), not their mean (pulse).
        steady: how far, as a fraction, it may lie from the last ones before the person is asked whether it is right.
        unit_word: message id of the unit in words, where its symbol is none (steps, flights).
        guidelines: in order; the first that fits the person is used. Choices that must be made come last.
    """

    name: str
    label: str
    family: Family
    parts: tuple[Part, ...]
    category: Category = Category.VITAL_SIGNS
    entry: Entry = Entry.PERSON
    panel: tuple[str, ...] = ()
    adds_up: bool = False
    steady: Decimal | None = None
    day_high: Decimal | None = None
    unit_word: str = ""
    names: Names = field(default_factory=Names)
    guidelines: tuple[Guideline, ...] = ()

    def part(self, name: str) -> Part | None:
        return next((part for part in self.parts if part.name == name), None)

    @property
    def main(self) -> Part:
        return self.parts[0]

    @property
    def is_panel(self) -> bool:
        return len(self.parts) > 1


def single(
    unit: str,
    low: str,
    high: str,
    *,
    loinc: tuple[str, ...] = (),
    units: tuple[str, ...] = (),
    also: tuple[str, ...] = (),
    factors: Mapping[str, Linear] | None = None,
    decimals: int | Mapping[str, int] = 0,
    quantity: str = "",
) -> tuple[Part, ...]:
    """The one part of a kind with one number."""
    shown = {unit: decimals} if isinstance(decimals, int) else decimals
    return (
        Part(
            unit,
            Decimal(low),
            Decimal(high),
            units=units or (unit,),
            also=also,
            factors=factors or {},
            loinc=loinc,
            decimals=shown,
            quantity=quantity,
        ),
    )
