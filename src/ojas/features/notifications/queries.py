"""Every statement of notifications."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import aggregate_order_by, insert

from ojas.features.notifications.models import Address, Delivery, Message, Outsider, Setting
from ojas.features.notifications.rules import LEASE, AddressKind, State, Urgency
from ojas.kit.db import Rows, Statement, Tx

_KEEP = Rows.insert(Message, ending="ON CONFLICT (person_id, reader_id, kind, key) DO NOTHING RETURNING id")
_ADD = Rows.insert(Delivery)


async def keep(tx: Tx, messages: Sequence[Mapping[str, Any]]) -> frozenset[UUID]:
    """Which are new: the same key for the same reader is one message."""
    return frozenset(row.id for row in await _KEEP.run(tx, messages))


async def add(tx: Tx, deliveries: Sequence[Mapping[str, Any]]) -> None:
    await _ADD.run(tx, deliveries)


async def by_key(tx: Tx, person_id: UUID, reader_id: UUID, kind: str, key: str) -> UUID | None:
    return await tx.session.scalar(
        select(Message.id).where(
            Message.person_id == person_id,
            Message.reader_id == reader_id,
            Message.kind == kind,
            Message.key == key,
        )
    )


async def inbox(
    tx: Tx, account_id: UUID, *, archived: bool, limit: int, before: UUID | None
) -> Sequence[Message]:
    query = select(Message).where(
        Message.account_id == account_id,
        Message.archived_at.is_not(None) if archived else Message.archived_at.is_(None),
    )
    if before is not None:
        query = query.where(Message.id < before)
    return list(await tx.session.scalars(query.order_by(Message.id.desc()).limit(limit)))


async def unread(tx: Tx, account_id: UUID) -> int:
    query = select(func.count()).where(
        Message.account_id == account_id, Message.read_at.is_(None), Message.archived_at.is_(None)
    )
    return await tx.session.scalar(query) or 0


async def newest(tx: Tx, account_id: UUID, since: UUID) -> Message | None:
    """The newest message to the account after ``since`` that it has not read."""
    query = select(Message).where(
        Message.account_id == account_id,
        Message.id > since,
        Message.read_at.is_(None),
        Message.archived_at.is_(None),
    )
    return await tx.session.scalar(query.order_by(Message.id.desc()).limit(1))


async def one(tx: Tx, account_id: UUID, id: UUID) -> Message | None:
    return await tx.session.scalar(
        select(Message).where(Message.account_id == account_id, Message.id == id).with_for_update()
    )


async def read_all(tx: Tx, account_id: UUID, at: datetime) -> None:
    await tx.session.execute(
        update(Message)
        .where(Message.account_id == account_id, Message.read_at.is_(None))
        .values(read_at=at)
        .execution_options(synchronize_session=False)
    )


async def claim(tx: Tx, now: datetime, limit: int, *, channels: Collection[str]) -> Sequence[Any]:
    """Deliveries by these channels that are due, claimed until their lease ends; what is urgent first, however much waits."""
    values = {"now": now, "until": now + LEASE, "channels": list(channels)}
    urgent = await _CLAIM[True].all(tx, most=limit, **values)
    rest = limit - len(urgent)
    return [*urgent, *(await _CLAIM[False].all(tx, most=rest, **values) if rest else ())]


def _claiming(*, urgent: bool) -> Statement:
    # What is said of an index stands in the text: a plan for any value could not use it.
    level = f"urgency {'>=' if urgent else '<'} {int(Urgency.URGENT)}"
    return Statement(
        text(
            "UPDATE deliveries SET due_at = :until, tried_at = :now, attempts = attempts + 1 FROM ("
            f"SELECT person_id, id FROM deliveries WHERE state = 'waiting' AND {level} AND due_at <= :now"
            " AND channel = ANY(:channels) ORDER BY due_at LIMIT :most FOR UPDATE SKIP LOCKED) AS due"
            " WHERE deliveries.person_id = due.person_id AND deliveries.id = due.id RETURNING deliveries.*"
        )
    )


_CLAIM = {urgent: _claiming(urgent=urgent) for urgent in (True, False)}
_MESSAGES = Rows(
    "SELECT messages.* FROM {rows} JOIN messages USING (person_id, id)", {"person_id": "uuid", "id": "uuid"}
)
_SETTLE = Rows(
    "UPDATE deliveries SET state = rows.state, due_at = rows.due_at, answer = rows.answer, handed_at = rows.handed_at"
    " FROM {rows} WHERE deliveries.person_id = rows.person_id AND deliveries.id = rows.id"
    " AND deliveries.attempts = rows.attempt AND deliveries.state = 'waiting'",
    {
        "person_id": "uuid",
        "id": "uuid",
        "attempt": "bigint",
        "state": "text",
        "due_at": "timestamptz",
        "answer": "text",
        "handed_at": "timestamptz",
    },
)


async def messages(tx: Tx, keys: Collection[tuple[UUID, UUID]]) -> Sequence[Any]:
    """By person and id, to be read alone."""
    return await _MESSAGES.run(tx, [{"person_id": person, "id": id} for person, id in keys])


async def settle(tx: Tx, ends: Sequence[Mapping[str, Any]]) -> None:
    """What became of deliveries.

    Only of the attempt that is told of: a worker whose lease ended must not undo what its successor found.
    """
    await _SETTLE.run(tx, ends)


async def settings(tx: Tx, account_ids: Collection[UUID]) -> dict[UUID, dict[str, Any]]:
    query = select(Setting.account_id, Setting.chosen).where(Setting.account_id.in_(account_ids))
    return {row.account_id: row.chosen for row in await tx.session.execute(query)}


async def choose(tx: Tx, account_id: UUID, chosen: dict[str, Any], at: datetime) -> None:
    made = insert(Setting).values(account_id=account_id, chosen=chosen, version=1, updated_at=at)
    await tx.session.execute(
        made.on_conflict_do_update(
            index_elements=["account_id"],
            set_={"chosen": chosen, "version": Setting.version + 1, "updated_at": at},
        )
    )


async def of_person(tx: Tx, person_id: UUID) -> Sequence[Message]:
    return list(
        await tx.session.scalars(select(Message).where(Message.person_id == person_id).order_by(Message.id))
    )


async def erase(tx: Tx, person_id: UUID) -> None:
    for table in (Message, Outsider, Address):
        await tx.session.execute(delete(table).where(table.person_id == person_id))


async def keep_outsider(tx: Tx, outsider: Outsider) -> None:
    values = {column.key: getattr(outsider, column.key) for column in Outsider.__table__.columns}
    await tx.session.execute(
        insert(Outsider).values(values).on_conflict_do_nothing(index_elements=["person_id", "id"])
    )


async def outsiders(tx: Tx, keys: Collection[tuple[UUID, UUID]]) -> Sequence[Outsider]:
    query = select(Outsider).where(tuple_(Outsider.person_id, Outsider.id).in_(keys))
    return list(await tx.session.scalars(query))


async def outsiders_of(tx: Tx, person_id: UUID) -> Sequence[Outsider]:
    return list(await tx.session.scalars(select(Outsider).where(Outsider.person_id == person_id)))


async def addresses(tx: Tx, account_ids: Collection[UUID], *, lock: bool = False) -> Sequence[Address]:
    query = select(Address).where(Address.account_id.in_(account_ids)).order_by(Address.id)
    return list(await tx.session.scalars(query.with_for_update() if lock else query))


async def pass_on(tx: Tx, kind: str, digest: bytes, account_id: UUID) -> None:
    """Let what leads to one browser lead there for this account alone."""
    others = delete(Address).where(
        Address.kind == kind, Address.digest == digest, Address.account_id != account_id
    )
    await tx.session.execute(others.execution_options(synchronize_session=False))


async def browser(tx: Tx, digest: bytes) -> Address | None:
    """What leads to one browser, whosever it is."""
    query = select(Address).where(Address.kind == AddressKind.BROWSER, Address.digest == digest)
    return await tx.session.scalar(query.with_for_update())


async def signed_out(
    tx: Tx, account_id: UUID, *, session_id: UUID | None = None, but: UUID | None = None
) -> None:
    """Let nothing lead to the browser of one session any more; of none: to any browser but that of ``but``."""
    of_session = (
        Address.session_id == session_id
        if session_id
        else Address.session_id.is_distinct_from(but or UUID(int=0))
    )
    browsers = delete(Address).where(
        Address.account_id == account_id, Address.kind == AddressKind.BROWSER, of_session
    )
    await tx.session.execute(browsers.execution_options(synchronize_session=False))


async def several_addresses(tx: Tx, ids: Collection[UUID]) -> Sequence[Address]:
    return list(await tx.session.scalars(select(Address).where(Address.id.in_(ids))))


async def forget_addresses(tx: Tx, ids: Collection[UUID]) -> None:
    await tx.session.execute(
        delete(Address).where(Address.id.in_(ids)).execution_options(synchronize_session=False)
    )


async def message(tx: Tx, person_id: UUID, id: UUID, *, lock: bool = False) -> Message | None:
    query = select(Message).where(Message.person_id == person_id, Message.id == id)
    return await tx.session.scalar(query.with_for_update() if lock else query)


async def deliveries(tx: Tx, person_id: UUID, message_ids: Collection[UUID]) -> Sequence[Delivery]:
    query = select(Delivery).where(Delivery.person_id == person_id, Delivery.message_id.in_(message_ids))
    return list(await tx.session.scalars(query.order_by(Delivery.first_at, Delivery.id)))


async def failures(tx: Tx, since: datetime) -> Sequence[Any]:
    """Of each channel, how many deliveries ended badly, and how the last of them did."""
    bad = Delivery.state.in_([State.REFUSED, State.DEAD])
    last = func.array_agg(aggregate_order_by(Delivery.answer, Delivery.tried_at.desc().nulls_last()))
    query = (
        select(
            Delivery.channel,
            func.count().filter(Delivery.state == State.REFUSED).label("refused"),
            func.count().filter(Delivery.state == State.DEAD).label("dead"),
            func.max(Delivery.tried_at).label("at"),
            last[1].label("answer"),
        )
        .where(bad, Delivery.first_at >= since)
        .group_by(Delivery.channel)
        .order_by(Delivery.channel)
    )
    return (await tx.session.execute(query)).all()


async def hush(tx: Tx, person_id: UUID, message_ids: Collection[UUID]) -> None:
    await tx.session.execute(
        update(Delivery)
        .where(
            Delivery.person_id == person_id,
            Delivery.message_id.in_(message_ids),
            Delivery.state == State.WAITING,
        )
        .values(state=State.HUSHED)
        .execution_options(synchronize_session=False)
    )
