"""Fetching a refill, and putting off the rest of a day: changes of a medicine that have names of their own."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from ojas.features.medications import queries
from ojas.features.medications.rules import due as rules
from ojas.features.medications.rules.patterns import Interval
from ojas.features.medications.rules.words import Status
from ojas.features.medications.schemas import Medicine
from ojas.features.medications.service.looking import stock_now
from ojas.features.medications.service.medicines import MEDICINES, SCOPE, draft_of
from ojas.kit import clock
from ojas.kit.db import Tx
from ojas.kit.errors import Conflict
from ojas.kit.i18n.zones import zone_of


async def refill(tx: Tx, person_id: UUID, id: UUID) -> Medicine:
    """With one refill fetched: counted anew, as of now.

    Raises:
        NotFound: there is no such medicine.
        Incorrect: no refill is left. Conflict: its stock is not counted.
    """
    tx.access.require(SCOPE, person_id, write=True)
    await queries.medicine(tx, person_id, id, lock=True)
    medicine = await MEDICINES.read(tx, person_id, id)
    if medicine.stock is None:
        raise Conflict("Nobody has said how much of this medicine there is.")
    stock = (await stock_now(tx, medicine)).refilled()
    draft = draft_of(medicine).model_copy(update={"stock": stock, "counted_at": clock.now()})
    return await MEDICINES.change(tx, person_id, id, draft)


async def put_off(tx: Tx, person_id: UUID, id: UUID, by: timedelta) -> Medicine:
    """The rest of today's doses ``by`` later; tomorrow is as before.

    Raises:
        NotFound: there is no such medicine.
        Incorrect: with the field ``by``, as in rules.due.put_off. Conflict: it is not being taken.
    """
    tx.access.require(SCOPE, person_id, write=True)
    row = await queries.medicine(tx, person_id, id, lock=True)
    medicine = await MEDICINES.read(tx, person_id, id)
    if medicine.status is not Status.ACTIVE or row is None:
        raise Conflict("This medicine is not being taken at present.")
    last = None
    if isinstance(medicine.schedule.pattern, Interval):
        last = await queries.last_taken(tx, person_id, id)
    schedule = rules.put_off(medicine.schedule, zone_of(row.zone or "UTC"), clock.now(), by, last)
    return await MEDICINES.change(
        tx, person_id, id, draft_of(medicine).model_copy(update={"schedule": replace(schedule)})
    )
