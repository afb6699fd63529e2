"""The medicine and the arithmetic of measurements: no session, no clock, no network."""

from ojas.features.measurements.rules.bands import (
    CARE_TEAM,
    Band,
    Context,
    Finding,
    Guideline,
    Limits,
    Meal,
    Override,
    band_of,
    chosen,
    classify,
    unfit,
)
from ojas.features.measurements.rules.derived import average_glucose, body_mass_index
from ojas.features.measurements.rules.doubt import Doubt, Suggestion, doubt_about
from ojas.features.measurements.rules.entry import (
    CLOCK_SLACK,
    canonical,
    check_time,
    checked,
    in_unit,
    rounded,
)
from ojas.features.measurements.rules.kind import VALUE, Category, Entry, Family, Kind, Part
from ojas.features.measurements.rules.level import Level
from ojas.features.measurements.rules.vocabulary import Method, Position, Specimen, Status

__all__ = [
    "CARE_TEAM",
    "CLOCK_SLACK",
    "VALUE",
    "Band",
    "Category",
    "Context",
    "Doubt",
    "Entry",
    "Family",
    "Finding",
    "Guideline",
    "Kind",
    "Level",
    "Limits",
    "Meal",
    "Method",
    "Override",
    "Part",
    "Position",
    "Specimen",
    "Status",
    "Suggestion",
    "average_glucose",
    "band_of",
    "body_mass_index",
    "canonical",
    "check_time",
    "checked",
    "chosen",
    "classify",
    "doubt_about",
    "in_unit",
    "rounded",
    "unfit",
]
