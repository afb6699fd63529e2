"""Saying what became of one occurrence: confirmed, done, called off, missed."""

from uuid import UUID

from ojas.features.calendar import queries
from ojas.features.calendar.rules.terms import OF_APPOINTMENTS, OVER, Status
from ojas.features.calendar.schemas import Occurrence
from ojas.features.calendar.service.calendars import SCOPE
from ojas.features.calendar.service.events import EVENTS, new_row, reckon
from ojas.features.calendar.service.hushing import hush
from ojas.features.calendar.service.looking import located, occurrence
from ojas.kit import audit, clock, events
from ojas.kit.db import Tx
from ojas.kit.errors import Conflict, Incorrect


async def mark(tx: Tx, person_id: UUID, event_id: UUID, key: str, status: Status) -> Occurrence:
    """Say what became of an occurrence. Saying the same twice changes nothing; ``pending`` takes it back.

    Raises:
        NotFound: there is no such event, or it comes to no such time.
        Incorrect: confirmed or missed is only an appointment. Conflict: it was left out by the calendar it came from.
    """
    tx.access.require(SCOPE, person_id, write=True)
    await queries.event(tx, person_id, event_id, lock=True)
    event = await EVENTS.read(tx, person_id, event_id)
    one = located(event, key)
    if status in OF_APPOINTMENTS and event.care is None:
        raise Incorrect("Only an appointment is confirmed or missed.", field="status")
    if one.cancelled:
        raise Conflict("It is called off in the calendar it came from.")
    row = new_row(person_id, event_id, one.key, event.privacy)
    before = next(
        (r.status for r in await queries.known(tx, person_id, [event_id]) if r.id == row["id"]), None
    )
    if (before or Status.PENDING) != status:
        kept = None if status is Status.PENDING else status
        marked = {"status": kept, "marked_at": clock.now()}
        await queries.keep(tx, row | marked, **marked)
        await audit.changed(
            tx, "change", person_id, "occurrences", row["id"], before={"key": one.key, "status": before}
        )
        await events.emit(tx, "occurrences.marked", person_id=person_id, id=event_id)
        if status in OVER:
            await hush(tx, person_id, event_id, one.key)
        await reckon(tx, person_id, event_id)
    return (await occurrence(tx, person_id, event_id, one.key))[1]
