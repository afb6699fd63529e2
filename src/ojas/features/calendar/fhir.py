"""Appointments as FHIR R4 Appointment, for export: one of each, and of those that recur each of the next year.

R4 has no recurrence of appointments, and a receiver cannot be asked to reckon it.
"""

from typing import Any
from uuid import UUID

from ojas.features.calendar.rules.terms import TYPES, Status, Visit
from ojas.features.calendar.schemas import Occurrence

Resource = dict[str, Any]

_STATUS = {
    Status.PENDING: "booked",
    Status.CONFIRMED: "booked",
    Status.COMPLETED: "fulfilled",
    Status.CANCELLED: "cancelled",
    Status.NO_SHOW: "noshow",
}
_TYPE = {
    "consultation": "ROUTINE",
    "follow_up": "FOLLOWUP",
    "procedure": "ROUTINE",
    "test": "CHECKUP",
    "emergency": "EMERGENCY",
}
_TYPES = "http://terminology.hl7.org/CodeSystem/v2-0276"


def appointment(person_id: UUID, one: Occurrence) -> Resource:
    """An occurrence of an appointment."""
    care = one.care
    assert care is not None
    accepted = "accepted" if one.status in (Status.CONFIRMED, Status.COMPLETED) else "needs-action"
    found: Resource = {
        "resourceType": "Appointment",
        "id": str(one.event_id) if not one.recurs else f"{one.event_id.hex}-{one.begins:%Y%m%dT%H%M%S}",
        "identifier": [{"system": "urn:ietf:rfc:5545#UID", "value": f"{one.event_id}@ojas"}],
        "status": _STATUS[one.status],
        "appointmentType": {
            "coding": [{"system": _TYPES, "code": _TYPE[care.type]}],
            "text": TYPES[care.type],
        },
        "description": one.title,
        "start": one.begins.isoformat(),
        "end": one.ends.isoformat(),
        "minutesDuration": max(1, round((one.ends - one.begins).total_seconds() / 60)),
        "participant": [
            {"actor": {"reference": f"Patient/{person_id}"}, "status": accepted},
            *_others(one, accepted),
        ],
    }
    if care.specialty:
        found["specialty"] = [{"text": care.specialty}]
    if care.visit is not Visit.IN_PERSON:
        found["serviceType"] = [{"text": "Video" if care.visit is Visit.VIRTUAL else "Phone"}]
    if one.text:
        found["comment"] = one.text
    if care.preparation:
        found["patientInstruction"] = care.preparation
    return found


def _others(one: Occurrence, accepted: str) -> list[Resource]:
    """Who gives care, and where; each by name."""
    care = one.care
    assert care is not None
    where = ", ".join(part for part in (care.clinic, one.place) if part)
    names = [care.provider, where]
    return [{"actor": {"display": name}, "status": accepted} for name in names if name]
