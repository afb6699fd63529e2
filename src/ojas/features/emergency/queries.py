"""Every statement of emergency."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from ojas.features.emergency.models import Alert, Card, Contact, Helper, Refusal
from ojas.kit.db import Tx


async def contacts(tx: Tx, person_id: UUID) -> Sequence[Contact]:
    """In the order in which they are told."""
    query = select(Contact).where(Contact.person_id == person_id)
    return list(await tx.session.scalars(query.order_by(Contact.priority, Contact.id)))


async def contact(tx: Tx, person_id: UUID, id: UUID) -> Contact | None:
    found: Contact | None = await tx.session.scalar(
        select(Contact).where(Contact.person_id == person_id, Contact.id == id)
    )
    return found


async def refused(tx: Tx, person_id: UUID, ids: Collection[UUID], since: datetime) -> Sequence[Refusal]:
    query = select(Refusal).where(Refusal.person_id == person_id, Refusal.id.in_(ids))
    return list(await tx.session.scalars(query.where(Refusal.refused_at >= since)))


async def refuse(tx: Tx, person_id: UUID, ids: Collection[UUID], at: datetime) -> None:
    if ids:
        made = insert(Refusal).values([{"person_id": person_id, "id": id, "refused_at": at} for id in ids])
        again = made.on_conflict_do_update(index_elements=["person_id", "id"], set_={"refused_at": at})
        await _run(tx, again)


async def unrefuse(tx: Tx, person_id: UUID, ids: Collection[UUID]) -> None:
    await _run(tx, delete(Refusal).where(Refusal.person_id == person_id, Refusal.id.in_(ids)))


async def start(tx: Tx, alert: Alert) -> bool:
    """Whether it is new: of a person one call runs at a time, and one test. Waits for who presses at this moment."""
    columns = Alert.__table__.columns
    found = await tx.session.scalar(
        insert(Alert)
        .values({column.key: getattr(alert, column.key) for column in columns})
        .on_conflict_do_nothing()
        .returning(Alert.id)
    )
    return found is not None


async def running(tx: Tx, person_id: UUID, *, test: bool) -> Alert | None:
    """The one that is not over, locked."""
    query = select(Alert).where(
        Alert.person_id == person_id, Alert.test.is_(test), Alert.resolved_at.is_(None)
    )
    found: Alert | None = await tx.session.scalar(
        query.with_for_update().execution_options(populate_existing=True)
    )
    return found


async def alert(tx: Tx, person_id: UUID, id: UUID, *, lock: bool = False) -> Alert | None:
    query = select(Alert).where(Alert.person_id == person_id, Alert.id == id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    found: Alert | None = await tx.session.scalar(query)
    return found


async def alerts(
    tx: Tx,
    person_id: UUID,
    *,
    limit: int | None = None,
    before: UUID | None = None,
    until: datetime | None = None,
) -> Sequence[Alert]:
    """Newest first."""
    query = select(Alert).where(Alert.person_id == person_id)
    if before is not None:
        query = query.where(Alert.id < before)
    if until is not None:
        query = query.where(Alert.created_at <= until)
    return list(await tx.session.scalars(query.order_by(Alert.id.desc()).limit(limit)))


async def open_alerts(tx: Tx, person_id: UUID) -> Sequence[Alert]:
    query = select(Alert).where(Alert.person_id == person_id, Alert.resolved_at.is_(None))
    return list(await tx.session.scalars(query.order_by(Alert.test, Alert.id.desc())))


async def calls_of(tx: Tx, persons: Collection[UUID], limit: int) -> tuple[Sequence[Alert], int]:
    """Calls of these persons that are not over, tests aside, the newest first; and how many there are."""
    query = select(Alert, func.count().over())
    query = query.where(Alert.person_id.in_(persons), Alert.resolved_at.is_(None), ~Alert.test)
    found = (await tx.session.execute(query.order_by(Alert.id.desc()).limit(limit))).all()
    return [row for row, _total in found], found[0][1] if found else 0


async def claim(tx: Tx, now: datetime) -> Alert | None:
    """A call of whomever in which somebody is to be told, locked; what another worker is at is passed over."""
    query = select(Alert).where(Alert.call_at <= now).order_by(Alert.test, Alert.call_at).limit(1)
    found: Alert | None = await tx.session.scalar(query.with_for_update(skip_locked=True))
    return found


async def helpers(tx: Tx, person_id: UUID, alert_ids: Sequence[UUID]) -> Sequence[Helper]:
    query = select(Helper).where(Helper.person_id == person_id, Helper.alert_id.in_(alert_ids))
    return list(await tx.session.scalars(query.order_by(Helper.rank, Helper.id)))


async def card(tx: Tx, person_id: UUID, *, lock: bool = False) -> Card | None:
    query = select(Card).where(Card.person_id == person_id)
    found: Card | None = await tx.session.scalar(query.with_for_update() if lock else query)
    return found


async def card_behind(tx: Tx, digest: bytes) -> UUID | None:
    """Whose card a code opens, if it does."""
    found: UUID | None = await tx.session.scalar(
        select(Card.person_id).where(Card.digest == digest, Card.shown, ~Card.closed)
    )
    return found


async def close_card(tx: Tx, person_id: UUID, *, closed: bool) -> None:
    await _run(tx, update(Card).where(Card.person_id == person_id).values(closed=closed))


async def hang_up(tx: Tx, person_id: UUID) -> None:
    """Let nobody be told any more."""
    await _run(tx, update(Alert).where(Alert.person_id == person_id).values(call_at=None))


async def erase(tx: Tx, person_id: UUID) -> None:
    """Helpers go with their alerts."""
    for table in (Alert, Card, Refusal):
        await _run(tx, delete(table).where(table.person_id == person_id))


async def _run(tx: Tx, statement: Any) -> None:
    await tx.session.execute(statement.execution_options(synchronize_session=False))
