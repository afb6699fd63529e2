"""Medicines as MedicationRequest, doses as MedicationAdministration: FHIR R4, for export.

A request says what was asked for; an administration that a dose was taken, or why it was not. What nobody answered is neither,
and says nothing.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from ojas.features.medications.rules.amount import Amount
from ojas.features.medications.rules.dosage import to_fhir
from ojas.features.medications.rules.dosage.elements import quantity
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
        "medicationCodeableConcept": {"text": _named(medicine)},
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
    if medicine.pharmacy:
        found["dispenseRequest"] = {"performer": {"display": medicine.pharmacy}}
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


def _named(medicine: Medicine) -> str:
    return f"{medicine.name} {medicine.strength}" if medicine.strength else medicine.name
