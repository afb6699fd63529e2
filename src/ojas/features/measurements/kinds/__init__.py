"""The catalogue: every kind of measurement, one readable table a field. A new kind is one more row.

Codes, ranges and bands are from published tables, each guideline with its year and source. A hard range is what a
living person or a working device can show: outside it a value is refused, not judged.
"""

from collections.abc import Mapping
from types import MappingProxyType

from ojas.features.measurements.kinds import blood, body, breath, heart, mind, movement
from ojas.features.measurements.rules.bands import Guideline
from ojas.features.measurements.rules.kind import Kind

CATALOGUE: Mapping[str, Kind] = MappingProxyType(
    {kind.name: kind for family in (heart, body, blood, breath, movement, mind) for kind in family.KINDS}
)
"""Every kind by its name, in the order in which they are offered."""

_HEALTHKIT = "HKQuantityTypeIdentifier"


def _index(kinds: Mapping[str, Kind]) -> tuple[dict[str, tuple[Kind, str]], dict[str, tuple[Kind, str]]]:
    loinc: dict[str, tuple[Kind, str]] = {}
    healthkit: dict[str, tuple[Kind, str]] = {}
    for kind in kinds.values():
        loinc |= dict.fromkeys(kind.panel, (kind, ""))
        for part in kind.parts:
            loinc |= dict.fromkeys(part.loinc, (kind, part.name))
        for place, name in enumerate(kind.names.healthkit):
            # A panel's names stand in the order of its parts; those of a single number are all the same number.
            healthkit[name] = (kind, kind.parts[place].name if kind.is_panel else kind.main.name)
    return loinc, healthkit


_LOINC, _BY_HEALTHKIT = _index(CATALOGUE)
GUIDELINES: Mapping[str, Guideline] = MappingProxyType(
    {guideline.key: guideline for kind in CATALOGUE.values() for guideline in kind.guidelines}
)


def kind_of_loinc(code: str) -> Kind | None:
    """The kind a LOINC code speaks of: of a panel, its parts, or a single value."""
    found = _LOINC.get(code)
    return found[0] if found else None


def part_of_loinc(code: str) -> str | None:
    """Which part of its kind a LOINC code names; empty for the panel as a whole."""
    found = _LOINC.get(code)
    return found[1] if found else None


def kind_of_healthkit(identifier: str) -> Kind | None:
    """The kind of a HealthKit quantity type, with or without ``HKQuantityTypeIdentifier`` before it."""
    found = _BY_HEALTHKIT.get(identifier.removeprefix(_HEALTHKIT))
    return found[0] if found else None


def part_of_healthkit(identifier: str) -> str | None:
    """Which part of its kind a HealthKit type is: ``systolic`` for BloodPressureSystolic, ``value`` for most."""
    found = _BY_HEALTHKIT.get(identifier.removeprefix(_HEALTHKIT))
    return found[1] if found else None
