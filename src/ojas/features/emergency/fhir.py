"""The FHIR face: contacts as Patient.contact, calls for help as Communication, one that runs as Flag. R4, for export."""

from collections.abc import Iterable
from typing import Any

from ojas.features.emergency.rules.terms import WHY, Outcome
from ojas.features.emergency.schemas import Alert, Contact, HelperShown

Resource = dict[str, Any]

_RELATIONSHIP = "http://terminology.hl7.org/CodeSystem/v2-0131"
_CATEGORY = "http://terminology.hl7.org/CodeSystem/communication-category"
_MODES = "http://terminology.hl7.org/CodeSystem/v3-ParticipationMode"
_TEST = {
    "system": "http://terminology.hl7.org/CodeSystem/v3-ActReason",
    "code": "HTEST",
    "display": "test health data",
}
_MODE_OF = {"email": "EMAILWRIT", "sms": "WRITTEN", "call": "PHONE"}


def contact(one: Contact) -> Resource:
    """A contact as an element of Patient.contact."""
    telecom = [
        {"system": system, "value": value, "rank": rank}
        for rank, (system, value) in enumerate(
            [("phone", one.phone), ("phone", one.second_phone), ("email", one.email)], 1
        )
        if value
    ]
    relationship: Resource = {
        "coding": [{"system": _RELATIONSHIP, "code": "C", "display": "Emergency Contact"}]
    }
    if one.relationship:
        relationship["text"] = one.relationship
    found: Resource = {"relationship": [relationship], "name": {"text": one.name}}
    if telecom:
        found["telecom"] = telecom
    if one.address:
        found["address"] = {"text": one.address}
    return found


def with_contacts(patient: Resource, contacts: Iterable[Contact]) -> Resource:
    """A Patient with whom to call, those who are told first leading."""
    told = [contact(one) for one in contacts if one.active]
    return patient | {"contact": told} if told else patient


def communications(alert: Alert) -> list[Resource]:
    """One for each helper who was told of a call."""
    return [_communication(alert, helper) for helper in alert.helpers if helper.told]


def flag(alert: Alert) -> Resource:
    """That the person called for help; active until it is over."""
    found: Resource = {
        "resourceType": "Flag",
        "id": str(alert.id),
        "status": "inactive" if alert.resolved_at else "active",
        "category": [
            {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/flag-category", "code": "safety"}]}
        ],
        "code": {"text": WHY[alert.kind]},
        "subject": _patient(alert),
        "period": {"start": alert.created_at.isoformat()},
    }
    if alert.resolved_at:
        found["period"]["end"] = alert.resolved_at.isoformat()
    if alert.outcome is Outcome.FALSE_ALARM:
        found["status"] = "entered-in-error"
    return _marked(alert, found)


def _communication(alert: Alert, helper: HelperShown) -> Resource:
    channels = {told.channel for told in helper.deliveries}
    said = [*alert.messages, *([f"Answered: {helper.answer}"] if helper.answer else [])]
    found: Resource = {
        "resourceType": "Communication",
        "id": str(helper.id),
        "status": "completed" if any(told.handed_at for told in helper.deliveries) else "in-progress",
        "category": [{"coding": [{"system": _CATEGORY, "code": "alert"}]}],
        "priority": "stat",
        "subject": _patient(alert),
        "about": [{"reference": f"Flag/{alert.id}"}],
        "topic": {"text": WHY[alert.kind]},
        "recipient": [{"display": helper.name}],
        "sent": (helper.told_at or alert.created_at).isoformat(),
    }
    mediums = sorted(_MODE_OF[channel] for channel in channels if channel in _MODE_OF)
    if mediums:
        found["medium"] = [{"coding": [{"system": _MODES, "code": code}]} for code in mediums]
    if said:
        found["payload"] = [{"contentString": text} for text in said]
    return _marked(alert, found)


def _marked(alert: Alert, resource: Resource) -> Resource:
    """A test says so here too."""
    return resource | {"meta": {"security": [_TEST]}} if alert.test else resource


def _patient(alert: Alert) -> Resource:
    return {"reference": f"Patient/{alert.person_id}"}
