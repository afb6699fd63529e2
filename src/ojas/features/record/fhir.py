"""Record's FHIR face: which R4 types its lists are, and the way from and to each."""

from collections.abc import Iterator
from typing import Any

from ojas.features.record import service
from ojas.features.record.schemas import Draft

RESOURCES: tuple[str, ...] = tuple(service.BY_TYPE)
"""Condition, AllergyIntolerance, Immunization, Procedure, DiagnosticReport, Encounter. The store keeps every other type."""


def from_fhir(resource: dict[str, Any]) -> Draft:
    """A valid resource of one of ``RESOURCES`` as an entry of its list."""
    return service.BY_TYPE[resource["resourceType"]].draft_of(resource)


def to_fhir(list_name: str, view: Any) -> Iterator[dict[str, Any]]:
    """An entry of a list as valid FHIR: the resource itself first, then those that hang on it."""
    return service.BY_NAME[list_name].resources_of(view)
