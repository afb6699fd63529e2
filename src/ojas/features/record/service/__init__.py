"""What one can do with a record. The only door for other features."""

from ojas.features.record.kinds import (
    BY_NAME,
    BY_TYPE,
    KINDS,
    allergies,
    conditions,
    encounters,
    immunisations,
    procedures,
    results,
)
from ojas.features.record.schemas import Incoming, Outcome
from ojas.features.record.service.importing import import_resources
from ojas.features.record.service.leaving import erase, export_bundle
from ojas.features.record.service.overview import (
    Glance,
    Overview,
    diagnosis,
    filled,
    find_diagnoses,
    overview,
)
from ojas.features.record.service.store import (
    contents,
    counts,
    listed_of,
    original,
    originals,
    received,
    stored,
    values_of,
    versions,
)
from ojas.features.record.service.taking_back import take_back

CONDITIONS = conditions.LIST
ALLERGIES = allergies.LIST
IMMUNISATIONS = immunisations.LIST
PROCEDURES = procedures.LIST
RESULTS = results.LIST
ENCOUNTERS = encounters.LIST
NO_KNOWN_ALLERGY = allergies.NONE_KNOWN

__all__ = [
    "ALLERGIES",
    "BY_NAME",
    "BY_TYPE",
    "CONDITIONS",
    "ENCOUNTERS",
    "IMMUNISATIONS",
    "KINDS",
    "NO_KNOWN_ALLERGY",
    "PROCEDURES",
    "RESULTS",
    "Glance",
    "Incoming",
    "Outcome",
    "Overview",
    "contents",
    "counts",
    "diagnosis",
    "erase",
    "export_bundle",
    "filled",
    "find_diagnoses",
    "import_resources",
    "listed_of",
    "original",
    "originals",
    "overview",
    "received",
    "stored",
    "take_back",
    "values_of",
    "versions",
]
