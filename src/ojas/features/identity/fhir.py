"""The FHIR face of identity: Patient, Practitioner, Organization; both ways."""

from ojas.features.identity.service.resources import (
    from_organisation,
    from_patient,
    from_practitioner,
    to_organisation,
    to_patient,
    to_practitioner,
)

__all__ = [
    "from_organisation",
    "from_patient",
    "from_practitioner",
    "to_organisation",
    "to_patient",
    "to_practitioner",
]
