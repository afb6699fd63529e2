"""Medicines as MedicationRequest and MedicationStatement, doses as MedicationAdministration: FHIR R4, for export.

A request says what was asked for, a statement what the person says they take, an administration that a dose was taken, or
why it was not. What nobody answered is neither, and says nothing.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

from ojas.features.medications.rules.amount import Amount
from ojas.features.medications.rules.dosage import to_fhir
from ojas.features.medications.rules.dosage.elements import quantity
from ojas.features.medications.rules.prescription import drug
from ojas.features.medications.rules.words import Status
from ojas.features.medications.schemas import Medicine

Resource = dict[str, Any]

_STATUS = {
    Status.ACTIVE: "active",
    Status.PAUSED: "on-hold",
    Status.DISCONTINUED: "stopped",
    Status.COMPLETED: "completed",
}


def request(medicine: Medicine) -> Resource:
    """A medicine as MedicationRequest, its schedule as Dosages that come back equal."""
    dosages = to_fhir(medicine.schedule)
    if medicine.instructions:
        dosages = [dosage | {"patientInstruction": medicine.instructions} for dosage in dosages]
    found: Resource = {
        "resourceType": "MedicationRequest",
        "id": str(medicine.id),
        "status": _STATUS[medicine.status],
        "intent": "order" if medicine.prescriber else "plan",
        **_drug(medicine),
        "subject": {"reference": f"Patient/{medicine.person_id}"},
        "authoredOn": medicine.created_at.isoformat(),
        "dosageInstruction": dosages,
    }
    if medicine.prescriber:
        found["requester"] = {"display": medicine.prescriber}
    if medicine.purpose:
        found["reasonCode"] = [{"text": medicine.purpose}]
    if medicine.status_reason:
        found["statusReason"] = {"text": medicine.status_reason}
    if medicine.prescription_number:
        found["identifier"] = [{"value": medicine.prescription_number}]
    if medicine.condition_id:
        found["reasonReference"] = [{"reference": f"Condition/{medicine.condition_id}"}]
    dispense: Resource = {"performer": {"display": medicine.pharmacy}} if medicine.pharmacy else {}
    if medicine.stock:
        dispense["numberOfRepeatsAllowed"] = medicine.stock.refills
    if dispense:
        found["dispenseRequest"] = dispense
    return found


def statement(medicine: Medicine) -> Resource:
    """That a medicine is taken, or was, as MedicationStatement; from when on, until when, and how."""
    schedule = medicine.schedule
    period = {"start": schedule.start.isoformat()}
    if schedule.last_day:
        period["end"] = schedule.last_day.isoformat()
    found: Resource = {
        "resourceType": "MedicationStatement",
        "id": str(uuid5(medicine.id, "statement")),
        "status": _STATUS[medicine.status],
        **_drug(medicine),
        "subject": {"reference": f"Patient/{medicine.person_id}"},
        "effectivePeriod": period,
        "dateAsserted": medicine.updated_at.isoformat(),
        "basedOn": [{"reference": f"MedicationRequest/{medicine.id}"}],
        "dosage": to_fhir(schedule),
    }
    if medicine.status_reason:
        found["statusReason"] = [{"text": medicine.status_reason}]
    if medicine.purpose:
        found["reasonCode"] = [{"text": medicine.purpose}]
    return found


def administration(person_id: UUID, medicine: str, dose: Mapping[str, Any]) -> Resource:
    """A dose that was answered, as it leaves, as MedicationAdministration; ``medicine``: its name."""
    taken = dose["action"] == "take"
    found: Resource = {
        "resourceType": "MedicationAdministration",
        "id": dose["id"],
        "status": "completed" if taken else "not-done",
        "medicationCodeableConcept": {"text": medicine},
        "subject": {"reference": f"Patient/{person_id}"},
        "effectiveDateTime": dose["answered_at"],
        "request": {"reference": f"MedicationRequest/{dose['medicine_id']}"},
    }
    amount = dose["amount"] or dose["planned"]
    if taken and amount is not None:
        found["dosage"] = {"dose": quantity(Amount(Decimal(amount["value"]), amount["unit"]))}
    if dose["reason"]:
        found["statusReason"] = [{"text": str(dose["reason"])}]
    if dose["notes"]:
        found["note"] = [{"text": dose["notes"]}]
    return found


def _drug(medicine: Medicine) -> Resource:
    """By its name; with its ingredients where they are known, for only a Medication of its own can say them in R4."""
    name = _named(medicine)
    if not medicine.ingredients:
        return {"medicationCodeableConcept": {"text": name}}
    inside: Resource = {
        "resourceType": "Medication",
        "id": "drug",
        "code": {"text": name},
        "ingredient": [{"itemCodeableConcept": {"text": one}} for one in medicine.ingredients],
    }
    return {"contained": [inside], "medicationReference": {"reference": "#drug", "display": name}}


def _named(medicine: Medicine) -> str:
    """With its strength, unless the name says it, as RxNorm's do."""
    told = drug(medicine.name, medicine.strength) == drug(medicine.name, None)
    return medicine.name if told else f"{medicine.name} {medicine.strength}"
