"""Looking at calls for help: how each stands, who was told by what, what they answered."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from ojas.features.emergency import models, queries
from ojas.features.emergency.rules import calling
from ojas.features.emergency.rules.terms import Answer, Outcome
from ojas.features.emergency.schemas import Alert, HelperShown, Told
from ojas.features.emergency.service.contacts import SCOPE
from ojas.features.emergency.service.content import AlertContent, HelperContent
from ojas.features.emergency.service.helpers import of_helpers
from ojas.features.notifications import service as notifications
from ojas.kit import audit
from ojas.kit.db import Gathered, Tx
from ojas.kit.errors import NotFound

SUBJECT = "emergency-alerts"


async def alert(tx: Tx, person_id: UUID, id: UUID) -> Alert:
    """One call for help.

    Raises:
        NotFound: there is none of this id.
    """
    tx.access.require(SCOPE, person_id)
    row = await queries.alert(tx, person_id, id)
    if row is None:
        raise NotFound("There is no such call for help.")
    audit.looked(tx, person_id, SUBJECT)
    return await shown(tx, row)


async def alerts(
    tx: Tx, person_id: UUID, *, limit: int = 50, before: UUID | None = None, until: datetime | None = None
) -> tuple[list[Alert], UUID | None]:
    """Calls for help, newest first, and where to go on."""
    tx.access.require(SCOPE, person_id)
    audit.looked(tx, person_id, SUBJECT)
    rows = await queries.alerts(tx, person_id, limit=limit + 1, before=before, until=until)
    found = [await shown(tx, row, deliveries=False) for row in rows[:limit]]
    return found, found[-1].id if len(rows) > limit else None


async def running(tx: Tx, person_id: UUID) -> list[Alert]:
    """Calls that are not over: at most one, and one test."""
    tx.access.require(SCOPE, person_id)
    rows = await queries.open_alerts(tx, person_id)
    return [await shown(tx, row) for row in rows]


async def running_of(tx: Tx, persons: Collection[UUID], *, limit: int) -> Gathered[Alert]:
    """Calls of several persons that are not over, for whoever looks after them; a test is none."""
    for person_id in persons:
        tx.access.require(SCOPE, person_id)
    rows, total = await queries.calls_of(tx, persons, limit) if persons else ([], 0)
    for row in rows:
        await audit.seen(tx, row.person_id, SUBJECT)
    return await Gathered.of("call", rows, total, lambda row: shown(tx, row))


async def shown(tx: Tx, row: models.Alert, *, said: str | None = None, deliveries: bool = True) -> Alert:
    """A call as it is shown."""
    content = await AlertContent.of(tx, row)
    rows = await queries.helpers(tx, row.person_id, [row.id])
    told = await _deliveries(tx, row.person_id, rows) if deliveries else {}
    return Alert(
        id=row.id,
        person_id=row.person_id,
        test=row.test,
        kind=content.kind,
        state=calling.state(of_helpers(rows), ended=row.resolved_at is not None),
        messages=content.texts,
        place=content.place,
        vitals=content.vitals,
        raised_by=row.raised_by,
        created_at=row.created_at,
        next_call_at=row.call_at if row.call_at != _ends(row) else None,
        helpers=tuple([await _helper(tx, one, told) for one in rows]),
        outcome=Outcome(row.outcome) if row.outcome else None,
        resolved_at=row.resolved_at,
        resolved_by=content.resolved_by,
        resolution=content.resolution,
        said=said,
    )


def _ends(row: models.Alert) -> datetime | None:
    """When a test ends by itself: then nobody is told."""
    return calling.look_at(None, row.pressed_at, test=row.test)


async def _helper(tx: Tx, row: models.Helper, told: dict[UUID, list[Told]]) -> HelperShown:
    contact = (await HelperContent.of(tx, row)).contact
    return HelperShown(
        id=row.id,
        contact_id=row.contact_id,
        name=contact.name,
        relationship=contact.relationship,
        phone=contact.phone,
        email=contact.email,
        rank=row.rank,
        told=row.told,
        told_at=row.told_at,
        answer=Answer(row.answer) if row.answer else None,
        answered_at=row.answered_at,
        deliveries=tuple(one for id in row.message_ids for one in told.get(id, ())),
    )


async def _deliveries(tx: Tx, person_id: UUID, rows: Sequence[models.Helper]) -> dict[UUID, list[Told]]:
    """How each message left, for whoever may see the call, whatever else they may see."""
    ids = [id for row in rows for id in row.message_ids]
    if not ids:
        return {}
    async with tx.acting(notifications.saying(tx, person_id)):
        found = await notifications.deliveries(tx, person_id, ids)
    return {
        id: [
            Told(
                channel=one.channel,
                state=one.state,
                attempts=one.attempts,
                last_at=one.last_at,
                handed_at=one.handed_at,
                set_up=one.set_up,
            )
            for one in several
        ]
        for id, several in found.items()
    }
