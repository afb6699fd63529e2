"""Appointments as FHIR R4 Appointment, for export: one of each, and of those that recur each of the next year.

R4 has no recurrence of appointments, and a receiver cannot be asked to reckon it. The first of an event has all of it in an
extension, so that it comes back whole; ``rules.appointment`` reads it.
"""

from typing import Any
from uuid import UUID

from ojas.features.calendar.rules.appointment import CODES, EVENT, UID
from ojas.features.calendar.rules.terms import TYPES, Status, Visit
from ojas.features.calendar.schemas import EventDraft, Occurrence

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


def appointment(person_id: UUID, one: Occurrence, event: EventDraft | None = None) -> Resource:
    """An occurrence of an appointment; with ``event``, all of what it is an occurrence of."""
    care = one.care
    assert care is not None
    agreed = "accepted" if one.status in (Status.CONFIRMED, Status.COMPLETED) else "needs-action"
    own = [{"url": "occurrence", "valueString": one.key}]
    if event is not None:
        own.append({"url": "event", "valueString": event.model_dump_json()})
    found: Resource = {
        "resourceType": "Appointment",
        "id": str(one.event_id) if not one.recurs else f"{one.event_id.hex}-{one.begins:%Y%m%dT%H%M%S}",
        "extension": [{"url": EVENT, "extension": own}],
        "identifier": [{"system": UID, "value": f"{one.event_id}@ojas"}],
        "status": _STATUS[one.status],
        "appointmentType": {
            "coding": [{"system": CODES, "code": _TYPE[care.type]}],
            "text": TYPES[care.type],
        },
        "description": one.title,
        "start": one.begins.isoformat(),
        "end": one.ends.isoformat(),
        "minutesDuration": max(1, round((one.ends - one.begins).total_seconds() / 60)),
        "participant": [
            {"actor": {"reference": f"Patient/{person_id}"}, "status": agreed},
            *_others(one),
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


def _others(one: Occurrence) -> list[Resource]:
    """Who gives care, and where; each by name."""
    care = one.care
    assert care is not None
    where = ", ".join(part for part in (care.clinic, one.place) if part)
    named = (("Practitioner", care.provider), ("Location", where))
    return [
        {"actor": {"type": type_, "display": name}, "status": "accepted"} for type_, name in named if name
    ]
