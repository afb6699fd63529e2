"""Prescriptions of the record: what they say, and the form filled by one, which a person reads, corrects and saves."""

from typing import Any
from uuid import UUID

from fastapi import Request, Response

from ojas.features.medications import service
from ojas.features.medications.pages import rhythm, showing
from ojas.features.medications.rules.dosage import Assumed
from ojas.features.medications.rules.prescription import Prescription
from ojas.kit.http import TxOf
from ojas.kit.i18n import N_
from ojas.kit.ids import new_id
from ojas.kit.web import Pages, page

router = Pages(prefix="/p/{person_id}", include_in_schema=False)

ASSUMED = {
    Assumed.TIMES: N_("The times of day are a guess: it does not say them."),
    Assumed.DAYS: N_("The days of the week are a guess: it does not say them."),
    Assumed.START: N_("It does not say from when on."),
    Assumed.RANGE: N_("It leaves a range: the smaller amount and the fewer times stand here."),
}


@router.get("/medicines/found")
async def found(request: Request, tx: TxOf, person_id: UUID) -> Response:
    """What documents say is taken, and is no medicine here yet."""
    some = await service.suggested(tx, person_id)
    return page(
        request,
        "medications/found.html",
        now=[one for one in some if one.says.status in ("active", "paused")],
        past=[one for one in some if one.says.status not in ("active", "paused")],
        show=showing,
        may_write=tx.access.allows(service.SCOPE, person_id, write=True),
    )


def filled(id: UUID, says: Prescription) -> dict[str, Any]:
    """The form's fields by a prescription; ``origin`` comes back with it."""
    values: dict[str, Any] = {
        "id": str(new_id()),
        "origin": str(id),
        "name": says.name,
        "strength": says.strength,
        "ingredients": ", ".join(says.ingredients),
        "prescriber": says.prescriber,
        "purpose": says.purpose,
        "condition_id": str(says.condition_id) if says.condition_id else None,
        "instructions": says.instructions,
        "prescription_number": says.number,
        "refills": min(says.refills or 0, 999),
        "status": says.status.value,
    }
    if says.schedule is not None and rhythm.fits(says.schedule):
        values |= rhythm.values_of(says.schedule)
    return {name: value for name, value in values.items() if value is not None}


def doubts(says: Prescription) -> list[str]:
    """What somebody should look at before it is saved."""
    if says.schedule is None or not rhythm.fits(says.schedule):
        return [N_("Its times could not be read as a schedule. Enter them by its instructions.")]
    return [words for reason, words in ASSUMED.items() if reason in says.assumed]


__all__ = ["doubts", "filled", "router"]
