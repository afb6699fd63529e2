"""The list of medicines, and how their doses come due.

A medicine's row knows when its next dose is due, and a tick makes that dose a row of its own once it is. A dose's id follows
from its medicine and its key: however often it is made, by however many workers, there is one.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from typing import Any
from uuid import UUID, uuid5

from ojas.features.identity import service as identity
from ojas.features.medications import models, queries
from ojas.features.medications.rules import due as rules
from ojas.features.medications.rules.doses import MOST_LATE, Window, window
from ojas.features.medications.rules.patterns import Interval
from ojas.features.medications.rules.words import Status
from ojas.features.medications.schemas import Medicine, MedicineDraft
from ojas.features.medications.service.content import Content
from ojas.kit import clock, i18n
from ojas.kit.collection import Collection
from ojas.kit.db import Access, Tx, readable
from ojas.kit.i18n.zones import zone_of

SCOPE = "medications"
AREA = "medications"
_AT_ONCE = 100
"""Doses of one medicine that one look makes: after a year in which nothing ran, the rest wait for the next look."""
LATER = timedelta(hours=1)
_MOMENT = timedelta(microseconds=1)


async def _derive(tx: Tx, person_id: UUID, id: UUID, draft: MedicineDraft) -> Mapping[str, Any]:
    """When a medicine is next due. What was due by its old schedule becomes a row first: no change loses it."""
    now = clock.now()
    row = await queries.medicine(tx, person_id, id)
    if row is not None:
        await come(tx, row, now)
    zone = await _zone_for(tx, person_id, row)
    return {"zone": zone, "next_due_at": await _next(tx, person_id, id, draft, zone_of(zone), now)}


MEDICINES: Collection[models.Medicine, MedicineDraft, Medicine] = Collection(
    name="medicines",
    row=models.Medicine,
    draft=MedicineDraft,
    view=Medicine,
    filters=("status",),
    derive=_derive,
)


def draft_of(medicine: Medicine) -> MedicineDraft:
    """A medicine as it would be written down again, to change something of it."""
    return MedicineDraft.model_construct(
        **{name: getattr(medicine, name) for name in MedicineDraft.model_fields}
    )


async def see(tx: Tx, persons: frozenset[UUID]) -> None:
    """Look into the medicines of these persons, whose rows were claimed."""
    may = {SCOPE: persons}
    await tx.become(Access(may_read=may, may_write=may, purpose="SYSADMIN", area=AREA))
    await tx.database.keyring.prepare(tx.session, persons)


@dataclass(frozen=True, slots=True)
class Arisen:
    """What of one medicine has come due: rows of its doses, and when the next one is. ``medicine`` None: it cannot be read."""

    row: Any
    medicine: Medicine | None
    doses: list[dict[str, Any]]
    next_due_at: datetime | None


async def come(tx: Tx, row: models.Medicine, now: datetime) -> None:
    """Make rows of the doses of a medicine that are due, and say when the next one is."""
    if row.next_due_at is None or row.next_due_at > now:
        return
    (found,) = await arise(tx, [row], now)
    await queries.keep(tx, found.doses)
    row.next_due_at = found.next_due_at
    await tx.session.flush()


async def arise(tx: Tx, rows: Sequence[Any], now: datetime) -> list[Arisen]:
    """What has come due of medicines that are. One that cannot be read holds up nobody else's: it is looked at again later."""
    read = [(row, await medicine_of(tx, row)) for row in rows]
    last = await last_taken(tx, [medicine for _row, medicine in read if medicine])
    return [
        await _arisen(tx, row, medicine, now, last.get(row.id))
        if medicine
        else Arisen(row, None, [], now + LATER)
        for row, medicine in read
    ]


async def medicine_of(tx: Tx, row: Any) -> Medicine | None:
    """A medicine; None: what lies in its row does not open, or is none."""
    return await readable(MEDICINES.shown(tx, row), medicine=str(row.id))


async def _arisen(tx: Tx, row: Any, medicine: Medicine, now: datetime, last: datetime | None) -> Arisen:
    since = max(row.next_due_at, now - rules.LONGEST_VIEW)
    found, following = rules.due_and_next(
        medicine.schedule, zone_of(row.zone or "UTC"), since, now + _MOMENT, last, most=_AT_ONCE
    )
    moments = [*(dose.at for dose in found), *([following.at] if following else [])]
    doses = []
    for dose in found:
        after = next((at - dose.at for at in moments if at > dose.at), None)
        within = window(dose.at, after, critical=medicine.critical)
        doses.append(await _row(tx, medicine, dose, within, now))
    return Arisen(row, medicine, doses, following.at if following else None)


async def reckon(tx: Tx, person_id: UUID, medicine_id: UUID, *, zone: str | None = None) -> None:
    """Say anew when a medicine is next due: a dose was answered, or the person has moved."""
    now = clock.now()
    row = await queries.medicine(tx, person_id, medicine_id, lock=True)
    if row is None:
        return
    await come(tx, row, now)
    row.zone = zone or row.zone
    medicine = await MEDICINES.shown(tx, row)
    row.next_due_at = await _next(tx, person_id, row.id, medicine, zone_of(row.zone or "UTC"), now)
    await tx.session.flush()


async def move(tx: Tx, person_id: UUID, zone: str) -> None:
    """Let every medicine of a person keep its wall times in the zone they live in now."""
    tx.access.require(SCOPE, person_id, write=True)
    for row in await queries.medicines(tx, person_id):
        await reckon(tx, person_id, row.id, zone=zone)


def dose_id(medicine_id: UUID, key: str) -> UUID:
    return uuid5(medicine_id, key)


def window_of(medicine: Medicine, zone: tzinfo, dose: rules.Dose, last: datetime | None) -> Window:
    following = rules.next_due(medicine.schedule, zone, dose.at, last)
    found = window(dose.at, following.at - dose.at if following else None, critical=medicine.critical)
    if isinstance(medicine.schedule.pattern, Interval) and last is None:
        return replace(found, opens=dose.at - MOST_LATE)  # nothing was taken that it could be too soon after
    return found


async def make(tx: Tx, medicine: Medicine, zone: tzinfo, dose: rules.Dose, last: datetime | None) -> None:
    """Make a row of one dose before it is due, for it is being answered."""
    await queries.keep(tx, [await row_of(tx, medicine, zone, dose, last, clock.now())])


async def row_of(
    tx: Tx, medicine: Medicine, zone: tzinfo, dose: rules.Dose, last: datetime | None, now: datetime
) -> dict[str, Any]:
    """A dose as its row begins: answered by nobody, to be said when it is due."""
    return await _row(tx, medicine, dose, window_of(medicine, zone, dose, last), now)


async def _row(tx: Tx, medicine: Medicine, dose: rules.Dose, within: Window, now: datetime) -> dict[str, Any]:
    id = dose_id(medicine.id, dose.key)
    # Of what is over, the person is not told to take it; of a critical one somebody should still know.
    worth_saying = now < within.closes or medicine.critical
    return {
        "person_id": medicine.person_id,
        "id": id,
        "medicine_id": medicine.id,
        "key": dose.key,
        "day": dose.day,
        "planned": dose.planned.isoformat(timespec="minutes"),
        "at": dose.at,
        "opens_at": within.opens,
        "on_time_at": within.on_time,
        "closes_at": within.closes,
        "begun_at": dose.at,
        "call_at": dose.at if worth_saying else None,
        "action": None,
        "answered_at": None,
        "told_at": None,
        "until": None,
        "amount": dose.amount,
        "sealed": await Content(planned=dose.amount).sealed(tx, medicine.person_id, id),
        "held": False,
        "said": 0,
        "version": 1,
        "created_at": now,
    }


async def _next(
    tx: Tx, person_id: UUID, id: UUID, medicine: MedicineDraft, zone: tzinfo, now: datetime
) -> datetime | None:
    if medicine.status is not Status.ACTIVE:
        return None
    last = None
    if isinstance(medicine.schedule.pattern, Interval):
        last = await queries.last_taken(tx, person_id, id)
    following = rules.next_due(medicine.schedule, zone, now, last)
    return following.at if following else None


async def last_taken(tx: Tx, some: Iterable[Medicine]) -> dict[UUID, datetime]:
    """When each of these was last taken, by its id; asked only where it counts."""
    counted = [(one.person_id, one.id) for one in some if isinstance(one.schedule.pattern, Interval)]
    return await queries.all_last_taken(tx, counted)


async def _zone_for(tx: Tx, person_id: UUID, row: models.Medicine | None) -> str:
    """By which clocks: the person's own, where they have an account; else those of who wrote it down first."""
    written = row.zone if row is not None and row.zone else i18n.current().zone
    return await identity.clocks_of(tx, person_id) or written


async def known(tx: Tx, person_id: UUID) -> Sequence[tuple[models.Medicine, Medicine]]:
    """Every medicine of a person, as it is kept and as it is read."""
    rows = await queries.medicines(tx, person_id)
    return [(row, await MEDICINES.shown(tx, row)) for row in rows]
