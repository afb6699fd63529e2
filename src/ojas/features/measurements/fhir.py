"""The FHIR face: a reading is an Observation."""

from typing import Any

from ojas.features.measurements import service
from ojas.features.measurements.service import incoming_of as from_fhir

__all__ = ["from_fhir", "to_fhir"]


def to_fhir(reading: service.Reading, judge: service.Judge | None = None) -> dict[str, Any]:
    """The reading as an Observation of R4; with a judge, also its reference range and interpretation."""
    if judge is None:
        return service.observation_of(reading)
    kind = service.CATALOGUE[reading.kind]
    guideline = judge.guideline(kind, reading.effective_at, reading.meal)
    finding = judge.find(kind, reading.numbers, reading.effective_at, reading.meal)
    return service.observation_of(reading, guideline=guideline, finding=finding)
