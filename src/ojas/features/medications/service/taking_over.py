"""Prescriptions of the record that are no medicine here yet: found, shown, and taken over once somebody agrees."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from ojas.features.medications.rules.prescription import TYPES, Prescription, medication_of, read
from ojas.features.medications.service.medicines import MEDICINES, known
from ojas.features.record import service as record
from ojas.kit import clock, i18n
from ojas.kit.db import Tx
from ojas.kit.errors import NotFound

_SCOPE = record.CONDITIONS.scope


@dataclass(frozen=True, slots=True)
class Suggested:
    """A prescription as it was received, and what it says. ``listed``: a medicine of this name is here already."""

    id: UUID
    at: datetime
    source: str
    says: Prescription
    listed: bool


async def waiting(tx: Tx, person_id: UUID) -> int:
    """How many prescriptions of the record were not taken over. Nothing is opened for it."""
    tx.access.require(MEDICINES.scope, person_id)
    if not tx.access.allows(_SCOPE, person_id):
        return 0
    there = await record.listed_of(tx, person_id, TYPES)
    taken = {one.origin for _row, one in await known(tx, person_id)} if there else set()
    return sum(one.id not in taken for one in there)


async def suggested(tx: Tx, person_id: UUID) -> list[Suggested]:
    """What prescriptions of the record say, newest first, without those that were taken over."""
    tx.access.require(MEDICINES.scope, person_id)
    if not tx.access.allows(_SCOPE, person_id):
        return []
    medicines = [one for _row, one in await known(tx, person_id)]
    taken, names = {one.origin for one in medicines}, {one.name.casefold() for one in medicines}
    there = [one for one in await record.listed_of(tx, person_id, TYPES) if one.id not in taken]
    found = await record.contents(tx, person_id, [one.id for one in there])
    drugs = {id for resource in found.values() if (id := medication_of(resource))}
    referred = await record.contents(tx, person_id, drugs) if drugs else {}
    medications = {id: one for id, one in referred.items() if one.get("resourceType") == "Medication"}
    today = i18n.local(clock.now()).date()
    suggestions = []
    for one in there:
        resource = found.get(one.id)
        says = resource and read(resource, medications.get(medication_of(resource) or one.id), today)
        if says:
            listed = says.name.casefold() in names
            suggestions.append(Suggested(one.id, one.recorded_at, one.source, says, listed))
    return suggestions


async def suggestion(tx: Tx, person_id: UUID, id: UUID) -> Suggested:
    """One of them.

    Raises:
        NotFound: there is no such prescription, or it was taken over.
    """
    found = next((one for one in await suggested(tx, person_id) if one.id == id), None)
    if found is None:
        raise NotFound("There is no such prescription, or it is among the medicines already.")
    return found
