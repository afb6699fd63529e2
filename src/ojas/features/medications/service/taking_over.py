"""Prescriptions of the record that are no medicine here yet: found, shown, and taken over once somebody agrees."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from ojas.features.medications.rules.prescription import (
    TYPES,
    Course,
    Courses,
    Prescription,
    drug,
    goes_on,
    medication_of,
    read,
)
from ojas.features.medications.schemas import Medicine
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
    """How many prescriptions of the record are no medicine here."""
    return len(await suggested(tx, person_id))


async def suggested(tx: Tx, person_id: UUID) -> list[Suggested]:
    """What prescriptions of the record say, newest first, without what is a medicine here already, each course once."""
    tx.access.require(MEDICINES.scope, person_id)
    if not tx.access.allows(_SCOPE, person_id):
        return []
    medicines = [one for _row, one in await known(tx, person_id)]
    said = await _said(tx, person_id, [frozenset(drug(one.name, None)) for one in medicines])
    fresh = _fresh(said, medicines)
    return [one for one in said if one.id in fresh]


async def _said(tx: Tx, person_id: UUID, names: Collection[frozenset[str]]) -> list[Suggested]:
    """The prescriptions of the record that name a medicine, newest first. ``names``: the words of those that are here."""
    there = await record.listed_of(tx, person_id, TYPES)
    found = await record.contents(tx, person_id, [one.id for one in there]) if there else {}
    drugs = {id for resource in found.values() if (id := medication_of(resource))}
    referred = await record.contents(tx, person_id, drugs) if drugs else {}
    medications = {id: one for id, one in referred.items() if one.get("resourceType") == "Medication"}
    today = _today()
    return [
        Suggested(
            one.id, one.recorded_at, one.source, says, any(words <= set(says.course.drug) for words in names)
        )
        for one in there
        if (resource := found.get(one.id))
        and (says := read(resource, medications.get(medication_of(resource) or one.id), today))
    ]


def _fresh(said: Sequence[Suggested], medicines: Iterable[Medicine]) -> frozenset[UUID]:
    """Which of them are no medicine yet. What goes on is looked at first: what is over may be an older word of the same.

    Of those of one day, first what says most: a statement tells of a request that it is taken, and not who prescribed it.
    """
    courses, today, origins = Courses(), _today(), dict[UUID, bool]()
    for medicine in medicines:
        going = goes_on(medicine.status, medicine.schedule, today)
        course = Course(drug(medicine.name, medicine.strength), medicine.schedule.pattern)
        courses.add(course, going=going)
        if medicine.origin is not None:
            origins[medicine.origin] = origins.get(medicine.origin, False) or going
    fresh = set()
    for one in said:
        if one.id in origins:
            courses.add(one.says.course, going=origins[one.id])
    fullest = sorted(said, key=lambda one: (-one.at.date().toordinal(), one.says.unsaid))
    for going in (True, False):
        for one in fullest:
            if one.id in origins or goes_on(one.says.status, one.says.schedule, today) is not going:
                continue
            if not courses.has(one.says.course, going=going):
                fresh.add(one.id)
                courses.add(one.says.course, going=going)
    return frozenset(fresh)


def _today() -> date:
    return i18n.local(clock.now()).date()


async def suggestion(tx: Tx, person_id: UUID, id: UUID) -> Suggested:
    """One of them.

    Raises:
        NotFound: there is no such prescription, or it was taken over.
    """
    found = next((one for one in await suggested(tx, person_id) if one.id == id), None)
    if found is None:
        raise NotFound("There is no such prescription, or it is among the medicines already.")
    return found
