"""Conditions: R4's Condition, and a MedicationStatement for each medicine named with one."""

from collections.abc import Iterator

from ojas.features.record import models
from ojas.features.record.kinds import concepts
from ojas.features.record.kinds.concepts import OURS, TERMINOLOGY, Found, Resource
from ojas.features.record.rules.terms import OVER, ConditionStatus, Severity, Verification
from ojas.features.record.schemas import Condition, ConditionDraft, ConditionMedication
from ojas.kit import clock
from ojas.kit.collection import Collection
from ojas.kit.fhir import elements

TYPE = "Condition"
LIST: Collection[models.Condition, ConditionDraft, Condition] = Collection(
    name="conditions",
    row=models.Condition,
    draft=ConditionDraft,
    view=Condition,
    order="recorded_at",
    filters=("status", "recorded_at"),
)

_CLINICAL = {"relapse": ConditionStatus.RECURRENCE} | {
    status.value: status
    for status in ConditionStatus
    if status not in (ConditionStatus.MANAGED, ConditionStatus.CONTROLLED)
}
_SNOMED = "http://snomed.info/sct"
_SEVERITIES = {"255604002": Severity.MILD, "6736007": Severity.MODERATE, "24484000": Severity.SEVERE}


def draft_of(resource: Found) -> ConditionDraft:
    mistaken = concepts.code_of(resource.get("verificationStatus")) == Verification.MISTAKE
    over = any(name.startswith("abatement") for name in resource)
    otherwise = (
        ConditionStatus.INACTIVE if mistaken else ConditionStatus.RESOLVED if over else ConditionStatus.ACTIVE
    )
    status = _CLINICAL.get(concepts.code_of(resource.get("clinicalStatus")) or "", otherwise)
    onset = concepts.started(resource, "onset")
    ended = concepts.started(resource, "abatement") or concepts.ended(resource, "onset")
    return ConditionDraft(
        name=elements.words(resource.get("code")) or TYPE,
        codes=concepts.codings(resource.get("code")),
        status=ConditionStatus(concepts.extension(resource, "condition-status") or status),
        verification=Verification(
            concepts.code_of(resource.get("verificationStatus")) or Verification.UNCONFIRMED
        ),
        severity=_SEVERITIES.get(concepts.code_of(resource.get("severity")) or ""),
        chronic=concepts.extension(resource, "chronic") is True,
        onset=onset,
        ended=ended if status in OVER else None,
        diagnosed_by=concepts.shown(resource.get("asserter")) or concepts.shown(resource.get("recorder")),
        notes=concepts.notes(resource),
        recorded_at=concepts.instant(resource.get("recordedDate")) or concepts.instant(onset) or clock.now(),
    )


def resources_of(view: Condition) -> Iterator[Resource]:
    mistaken = view.verification == Verification.MISTAKE
    found: Resource = {
        "resourceType": TYPE,
        "id": str(view.id),
        "verificationStatus": concepts.coded(TERMINOLOGY + "condition-ver-status", view.verification),
        "code": concepts.concept(view.name, view.codes),
        "subject": concepts.subject(view.person_id),
        "recordedDate": concepts.said_at(view.recorded_at),
        **concepts.noted(view.notes),
        **concepts.moments("onset", view.onset, None),
        **concepts.moments("abatement", view.ended, None),
    }
    if not mistaken:
        found["clinicalStatus"] = concepts.coded(TERMINOLOGY + "condition-clinical", _clinical(view.status))
    if view.severity:
        code = next(code for code, severity in _SEVERITIES.items() if severity == view.severity)
        found["severity"] = concepts.coded(_SNOMED, code)
    if view.diagnosed_by:
        found["asserter"] = {"display": view.diagnosed_by}
    if extensions := list(_extensions(view)):
        found["extension"] = extensions
    yield found
    for number, medicine in enumerate(view.medications):
        yield _statement(view, number, medicine)


def _clinical(status: ConditionStatus) -> str:
    return "active" if status in (ConditionStatus.MANAGED, ConditionStatus.CONTROLLED) else status.value


def _extensions(view: Condition) -> Iterator[Resource]:
    if view.status in (ConditionStatus.MANAGED, ConditionStatus.CONTROLLED):
        yield {"url": OURS + "condition-status", "valueCode": view.status.value}
    if view.chronic:
        yield {"url": OURS + "chronic", "valueBoolean": True}


def _statement(view: Condition, number: int, medicine: ConditionMedication) -> Resource:
    start, end = medicine.start_date, medicine.end_date
    text = ", ".join(part for part in (medicine.dosage, medicine.frequency) if part)
    found: Resource = {
        "resourceType": "MedicationStatement",
        "id": f"{view.id}.{number}",
        "status": "active" if medicine.is_active else "completed",
        "medicationCodeableConcept": {"text": medicine.name},
        "subject": concepts.subject(view.person_id),
        "reasonReference": [{"reference": f"{TYPE}/{view.id}"}],
        **concepts.moments(
            "effective", start.isoformat() if start else None, end.isoformat() if end else None
        ),
    }
    return found | ({"dosage": [{"text": text}]} if text else {})
