"""What somebody says to an alarm: I know, not now, it is over."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from uuid import UUID

from ojas.features.alarms import models, queries
from ojas.features.alarms.rules import Alarm, Change, Why, acknowledged, resolved, snoozed
from ojas.features.alarms.service.content import alarm_of, facts_of, note, write
from ojas.features.alarms.service.settings import SCOPE
from ojas.features.alarms.service.telling import hush
from ojas.kit import audit, clock, events
from ojas.kit.db import Tx
from ojas.kit.errors import Conflict, NotFound


async def acknowledge(tx: Tx, person_id: UUID, id: UUID) -> None:
    """Somebody knows of it: nobody else is called, until it gets worse. Saying so again changes nothing.

    Raises:
        NotFound: there is no such alarm. Conflict: it has ended.
    """
    now = clock.now()
    row = await _open(tx, person_id, id)
    if await _answer(tx, row, lambda alarm: acknowledged(alarm, now), Change.ACKNOWLEDGED, {}):
        row.acknowledged_by = tx.access.account_id
        await tx.session.flush()


async def snooze(tx: Tx, person_id: UUID, id: UUID, minutes: int) -> None:
    """Silent for so many minutes, or as many as its severity bears. What gets worse sounds all the same.

    Raises:
        NotFound, Conflict: as ``acknowledge``. Incorrect: no minutes.
    """
    now = clock.now()
    row = await _open(tx, person_id, id)
    await _answer(
        tx,
        row,
        lambda alarm: snoozed(alarm, now, timedelta(minutes=minutes)),
        Change.SNOOZED,
        {"minutes": minutes},
    )
    row.acknowledged_by = None
    await tx.session.flush()


async def resolve(tx: Tx, person_id: UUID, id: UUID, note: str | None = None) -> None:
    """End it by hand. A newer value, or a worse one, raises it again.

    Raises:
        NotFound, Conflict: as ``acknowledge``.
    """
    now = clock.now()
    row = await _open(tx, person_id, id)
    said = {"why": Why.BY_HAND.value, "note": note}
    await _answer(tx, row, lambda alarm: resolved(alarm, now), Change.RESOLVED, said)
    row.ended_by = tx.access.account_id
    await tx.session.flush()


async def _open(tx: Tx, person_id: UUID, id: UUID) -> models.Alarm:
    tx.access.require(SCOPE, person_id, write=True)
    await queries.one_at_a_time(tx, [person_id])
    row = await queries.alarm(tx, person_id, id, lock=True)
    if row is None:
        raise NotFound("There is no such alarm.")
    if row.ended_at is not None:
        raise Conflict("This alarm has ended.")
    return row


async def _answer(
    tx: Tx, row: models.Alarm, do: Callable[[Alarm], Alarm], change: Change, said: Mapping[str, object]
) -> bool:
    """Whether it changed anything. What was said is a fact, with the values it was said of."""
    before = alarm_of(row)
    after = do(before)
    if after == before:
        return False
    write(row, after)
    facts = await facts_of(tx, row)
    await note(
        tx,
        row.person_id,
        row.id,
        change,
        row.severity,
        clock.now(),
        facts | dict(said),
        by=tx.access.account_id,
    )
    await hush(tx, row.person_id, row.id)
    await audit.changed(tx, "change", row.person_id, "alarms", row.id)
    await events.emit(tx, f"alarms.{change}", person_id=row.person_id, id=row.id)
    return True
