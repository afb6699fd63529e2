"""Every statement of alarms."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import case, delete, func, select, update
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import aliased

from ojas.features.alarms.models import Alarm, AlarmChange, AlarmRule, Look
from ojas.kit.db import Tx

_ASK = "SELECT ask_look(%(person)s, %(id)s, %(at)s, %(sort)s), pg_notify(%(channel)s, %(tick)s)"


async def ask(tx: Tx, person_id: UUID, id: UUID, at: datetime, sort: str, bell: tuple[str, str]) -> None:
    """Have a person looked at, and ring for it once this is committed: one exchange, for every write of a reading pays it."""
    asked = {"person": person_id, "id": id, "at": at, "sort": sort, "channel": bell[0], "tick": bell[1]}
    await (await tx.connection()).execute(_ASK.encode(), asked, prepare=True)


_CLAIM = """
    DELETE FROM looks USING (
        SELECT person_id, id FROM looks WHERE at <= %(now)s ORDER BY at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
    ) due WHERE looks.person_id = due.person_id AND looks.id = due.id
    RETURNING looks.person_id, looks.sort
"""


async def claim_looks(tx: Tx, now: datetime, limit: int) -> list[tuple[UUID, str]]:
    """Whom to look at, and for what. Gone once this is committed, there again if it is not."""
    cursor = await (await tx.connection()).execute(
        _CLAIM.encode(), {"now": now, "limit": limit}, prepare=True
    )
    return [(person, sort) for person, sort in await cursor.fetchall()]


async def put_off_looks(tx: Tx, person_id: UUID, until: datetime) -> None:
    """Look at a person later: not now, whatever is due of them."""
    await tx.session.execute(
        update(Look).where(Look.person_id == person_id, Look.at < until).values(at=until)
    )


_PLAN = """
    INSERT INTO looks AS kept (person_id, id, at, sort)
    SELECT person, person, due, 'time' FROM unnest(%(persons)s::uuid[], %(dues)s::timestamptz[]) AS p(person, due)
    ON CONFLICT (person_id, id) DO UPDATE SET at = EXCLUDED.at WHERE {when}
"""
_PLAN_WHOLE, _PLAN_SOONER = _PLAN.format(when="true"), _PLAN.format(when="EXCLUDED.at < kept.at")


async def plan_looks(tx: Tx, plans: Sequence[tuple[UUID, datetime | None, bool]]) -> None:
    """When time alone asks for the next look at each: where it was judged ``whole`` just then, else then at the latest.

    The look that was planned before is gone where it was due, and for whom nothing is planned there is none.
    """
    connection = await tx.connection()
    for statement, wanted in ((_PLAN_WHOLE, True), (_PLAN_SOONER, False)):
        due = [(person, at) for person, at, whole in plans if whole is wanted and at is not None]
        if due:
            persons, dues = zip(*due, strict=True)
            values = {"persons": list(persons), "dues": list(dues)}
            await connection.execute(statement.encode(), values, prepare=True)
    if gone := [person for person, at, whole in plans if whole and at is None]:
        await tx.session.execute(delete(Look).where(Look.person_id.in_(gone), Look.id == Look.person_id))


async def one_at_a_time(tx: Tx, persons: Collection[UUID]) -> None:
    """Let nobody else judge or answer for these persons until this transaction ends; in order, so that none waits in a ring."""
    await (await tx.connection()).execute(
        b"SELECT pg_advisory_xact_lock(hashtextextended(id::text, 23)) FROM"
        b" (SELECT unnest(%(ids)s::uuid[]) AS id ORDER BY 1) p",
        {"ids": sorted(persons)},
        prepare=True,
    )


_LAST = """
    SELECT DISTINCT ON (person_id, rule) person_id, rule, id, severity, evidence_at, raised_at, begun_at, said, call_at,
           acknowledged_at, snoozed_until, ended_at
    FROM alarms WHERE person_id = ANY(%(persons)s)
    ORDER BY person_id, rule, raised_at DESC, id DESC
"""


async def last_alarms(tx: Tx, persons: Collection[UUID]) -> list[tuple[Any, ...]]:
    """The newest alarm of each rule, open or ended, without what is sealed."""
    cursor = await (await tx.connection()).execute(_LAST.encode(), {"persons": list(persons)}, prepare=True)
    return await cursor.fetchall()


async def rules_set(tx: Tx, persons: Collection[UUID]) -> Sequence[AlarmRule]:
    return list(await tx.session.scalars(select(AlarmRule).where(AlarmRule.person_id.in_(persons))))


async def rule_set(tx: Tx, person_id: UUID, rule: str) -> AlarmRule | None:
    found: AlarmRule | None = await tx.session.scalar(
        select(AlarmRule).where(AlarmRule.person_id == person_id, AlarmRule.rule == rule)
    )
    return found


async def claim_calls(tx: Tx, now: datetime, limit: int) -> Sequence[Alarm]:
    """Alarms of whomever of which something is to be said, locked; what another worker is at is passed over."""
    query = select(Alarm).where(Alarm.call_at <= now).order_by(Alarm.call_at).limit(limit)
    return list(await tx.session.scalars(query.with_for_update(skip_locked=True)))


async def alarm(tx: Tx, person_id: UUID, id: UUID, *, lock: bool = False) -> Alarm | None:
    query = select(Alarm).where(Alarm.person_id == person_id, Alarm.id == id)
    found: Alarm | None = await tx.session.scalar(
        query.with_for_update().execution_options(populate_existing=True) if lock else query
    )
    return found


async def open_alarms(tx: Tx, person_id: UUID) -> Sequence[Alarm]:
    query = select(Alarm).where(Alarm.person_id == person_id, Alarm.ended_at.is_(None))
    return list(await tx.session.scalars(query.order_by(Alarm.raised_at.desc(), Alarm.id.desc())))


async def worst(
    tx: Tx, persons: Collection[UUID], ranks: Mapping[str, int], limit: int
) -> tuple[Sequence[Alarm], int]:
    """The worst open alarm of each of these persons, what nobody has seen first; and how many persons have one."""

    def order(of: Any) -> tuple[Any, ...]:
        bad = case(ranks, value=of.severity)
        return of.acknowledged_at.is_not(None), bad.desc(), of.raised_at.desc(), of.id

    of_each = select(Alarm).where(Alarm.person_id.in_(persons), Alarm.ended_at.is_(None))
    of_each = of_each.ext(distinct_on(Alarm.person_id)).order_by(Alarm.person_id, *order(Alarm))
    one = aliased(Alarm, of_each.subquery())
    query = select(one, func.count().over()).order_by(*order(one)).limit(limit)
    found = (await tx.session.execute(query)).all()
    return [row for row, _total in found], found[0][1] if found else 0


async def alarms(
    tx: Tx,
    person_id: UUID,
    *,
    limit: int,
    until: datetime | None = None,
    before: tuple[datetime, UUID] | None = None,
    ended: bool | None = None,
) -> Sequence[Alarm]:
    """Newest first; open ones, ended ones or all."""
    query = select(Alarm).where(Alarm.person_id == person_id)
    if ended is not None:
        query = query.where(Alarm.ended_at.is_not(None) if ended else Alarm.ended_at.is_(None))
    if until is not None:
        query = query.where(Alarm.raised_at <= until)
    if before is not None:
        at, id = before
        query = query.where((Alarm.raised_at < at) | ((Alarm.raised_at == at) & (Alarm.id < id)))
    return list(
        await tx.session.scalars(query.order_by(Alarm.raised_at.desc(), Alarm.id.desc()).limit(limit))
    )


async def changes(tx: Tx, person_id: UUID, alarm_id: UUID | None = None) -> Sequence[AlarmChange]:
    """Facts of one alarm or of all, oldest first."""
    query = select(AlarmChange).where(AlarmChange.person_id == person_id)
    if alarm_id is not None:
        query = query.where(AlarmChange.alarm_id == alarm_id)
    return list(await tx.session.scalars(query.order_by(AlarmChange.id)))


async def erase(tx: Tx, person_id: UUID) -> None:
    for table in (AlarmChange, Alarm, Look):
        await tx.session.execute(delete(table).where(table.person_id == person_id))
