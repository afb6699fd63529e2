"""An alarm as Flag and as DetectedIssue, FHIR R4: the one warns whoever opens the record, the other says what it rests on
and what was done about it."""

from typing import Any

from ojas.features.alarms.rules import Change, Severity
from ojas.features.alarms.schemas import AlarmShown, AlarmWhole, ChangeShown

Resource = dict[str, Any]

_SEVERITY = {
    Severity.LOW: "low",
    Severity.MEDIUM: "moderate",
    Severity.HIGH: "high",
    Severity.CRITICAL: "high",
}
_DONE = {
    Change.ACKNOWLEDGED: "Acknowledged",
    Change.SNOOZED: "Silenced for a while",
    Change.RESOLVED: "Closed",
}
"""In English: the record is read by other systems."""


def flag(alarm: AlarmShown) -> Resource:
    """Active while the alarm is open."""
    period = {"start": alarm.raised_at.isoformat()}
    if alarm.ended_at:
        period["end"] = alarm.ended_at.isoformat()
    return {
        "resourceType": "Flag",
        "id": str(alarm.id),
        "status": "inactive" if alarm.ended_at else "active",
        "category": [
            {
                "coding": [
                    {
                        "system": "http://terminology.hl7.org/CodeSystem/flag-category",
                        "code": "clinical",
                        "display": "Clinical",
                    }
                ]
            }
        ],
        "code": {"text": f"{alarm.title}. {alarm.says}".strip()},
        "subject": {"reference": f"Patient/{alarm.person_id}"},
        "period": period,
    }


def detected_issue(alarm: AlarmWhole) -> Resource:
    """With the reading it rests on as evidence, and each thing somebody did as mitigation."""
    found: Resource = {
        "resourceType": "DetectedIssue",
        "id": str(alarm.id),
        "status": "final",
        "code": {"text": alarm.title},
        "severity": _SEVERITY[alarm.severity],
        "patient": {"reference": f"Patient/{alarm.person_id}"},
        "identifiedDateTime": alarm.raised_at.isoformat(),
        "detail": f"{alarm.says} {alarm.advice}".strip(),
    }
    if reading := alarm.facts.get("reading"):
        found["evidence"] = [{"detail": [{"reference": f"Observation/{reading}"}]}]
    if done := [_mitigation(one) for one in alarm.changes if one.change in _DONE]:
        found["mitigation"] = done
    return found


def _mitigation(one: ChangeShown) -> Resource:
    said = _DONE[one.change]
    return {
        "action": {"text": f"{said}: {one.note}" if one.note else said},
        "date": one.at.isoformat(),
    }
