"""Every statement of medications."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import islice
from typing import Any
from uuid import UUID

from psycopg.rows import namedtuple_row
from sqlalchemy import and_, delete, func, or_, select
from sqlalchemy import insert as add

from ojas.features.medications.models import Dose, Interaction, InteractionList, Medicine
from ojas.kit.db import Rows, Tx


class _Claim:
    """Rows of whomever that are due, locked; of every person whom it takes at all, all of them.

    Two workers are never at one person at once, whichever ticks they look by: so what a person is told together is told
    together. Persons another is at are passed over, and so are rows that somebody is changing just now.
    """

    _BEYOND = 8  # persons that other workers hold lie among the first

    def __init__(self, table: type[Medicine] | type[Dose], due: str) -> None:
        columns = ", ".join(column.name for column in table.__table__.columns)
        name = table.__tablename__
        self._persons = (
            f"WITH soon AS MATERIALIZED (SELECT person_id FROM {name} WHERE {due} <= %(now)s ORDER BY {due} LIMIT %(look)s)"
            " SELECT person_id FROM (SELECT DISTINCT person_id FROM soon) AS each"
            " WHERE pg_try_advisory_xact_lock(hashtextextended('medications ' || person_id, 0)) LIMIT %(most)s"
        )
        self._rows = (
            f"SELECT {columns} FROM {name} WHERE person_id = ANY(%(persons)s) AND {due} <= %(now)s"
            f" ORDER BY person_id, {due}, id FOR UPDATE SKIP LOCKED"
        )

    async def plan(self, tx: Tx, now: datetime, persons: int) -> Any:
        """How the database looks, and what it read: as EXPLAIN says it in JSON."""
        most = {"now": now, "look": persons * self._BEYOND, "most": persons}
        explain = f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {self._persons}"
        row = await (await (await tx.connection()).execute(explain, most)).fetchone()
        assert row is not None
        return row[0][0]

    async def take(self, tx: Tx, now: datetime, persons: int) -> Sequence[Any]:
        connection = await tx.connection()
        most = {"now": now, "look": persons * self._BEYOND, "most": persons}
        found = await (await connection.execute(self._persons, most)).fetchall()
        if not found:
            return []
        values = {"persons": [row[0] for row in found], "now": now}
        async with connection.cursor(row_factory=namedtuple_row) as cursor:
            await cursor.execute(self._rows, values)
            return await cursor.fetchall()


_DUE, _CALLS = _Claim(Medicine, "next_due_at"), _Claim(Dose, "call_at")


async def claim_due(tx: Tx, now: datetime, persons: int) -> Sequence[Any]:
    """Medicines with a dose that is due, of so many persons."""
    return await _DUE.take(tx, now, persons)


async def plan_of_look(tx: Tx, now: datetime, persons: int) -> Any:
    """How the database looks for what is due: for who would know what that costs."""
    return await _DUE.plan(tx, now, persons)


async def claim_calls(tx: Tx, now: datetime, persons: int) -> Sequence[Any]:
    """Doses of which something is to be said, of so many persons."""
    return await _CALLS.take(tx, now, persons)


_NEXT = Rows(
    "UPDATE medicines SET next_due_at = rows.next_due_at FROM {rows}"
    " WHERE medicines.person_id = rows.person_id AND medicines.id = rows.id",
    {"person_id": "uuid", "id": "uuid", "next_due_at": "timestamptz"},
)
_CLIMBED = Rows(
    "UPDATE doses SET said = rows.said, call_at = rows.call_at FROM {rows}"
    " WHERE doses.person_id = rows.person_id AND doses.id = rows.id",
    {"person_id": "uuid", "id": "uuid", "said": "bigint", "call_at": "timestamptz"},
)
_LAST_TAKEN = Rows(
    "SELECT rows.id, last.answered_at FROM {rows} CROSS JOIN LATERAL (SELECT answered_at FROM doses"
    " WHERE person_id = rows.person_id AND medicine_id = rows.id AND action = 'take'"
    " ORDER BY answered_at DESC LIMIT 1) AS last",
    {"person_id": "uuid", "id": "uuid"},
)
_TAKEN_SINCE = Rows(
    "SELECT doses.* FROM {rows} JOIN doses ON doses.person_id = rows.person_id AND doses.medicine_id = rows.id"
    " WHERE doses.action = 'take' AND doses.answered_at > rows.since ORDER BY doses.answered_at",
    {"person_id": "uuid", "id": "uuid", "since": "timestamptz"},
)
_UNANSWERED = """
    SELECT d.*, count(*) OVER () AS total FROM doses d JOIN medicines m ON m.person_id = d.person_id AND m.id = d.medicine_id
    WHERE d.person_id = ANY(%(persons)s) AND d.planned IS NOT NULL AND d.at BETWEEN %(since)s AND %(now)s
      AND (d.at >= %(day)s OR d.closes_at > %(now)s)
      AND (d.action IS NULL OR d.action = 'snooze' AND least(d.until, d.closes_at) <= %(now)s)
    ORDER BY d.closes_at <= %(now)s, d.at, d.person_id, d.id LIMIT %(limit)s
"""
_OF_THESE = Rows(
    "SELECT medicines.* FROM {rows} JOIN medicines USING (person_id, id)", {"person_id": "uuid", "id": "uuid"}
)


async def go_on(tx: Tx, rows: Sequence[Mapping[str, Any]]) -> None:
    """When medicines are due next: ``person_id``, ``id``, ``next_due_at``."""
    await _NEXT.run(tx, rows)


async def climb(tx: Tx, rows: Sequence[Mapping[str, Any]]) -> None:
    """How far doses are on their ladder: ``person_id``, ``id``, ``said``, ``call_at``."""
    await _CLIMBED.run(tx, rows)


async def of_these(tx: Tx, keys: Collection[tuple[UUID, UUID]]) -> Sequence[Any]:
    """Medicines by person and id."""
    return await _OF_THESE.run(tx, [{"person_id": person, "id": id} for person, id in keys])


async def unanswered(
    tx: Tx, persons: Collection[UUID], since: datetime, day: datetime, now: datetime, limit: int
) -> Sequence[Any]:
    """Doses of several persons nobody has answered: due ones first, then those missed since ``day`` began. Each says how many
    there are in all, as ``total``.
    """
    values = {"persons": list(persons), "since": since, "day": day, "now": now, "limit": limit}
    async with (await tx.connection()).cursor(row_factory=namedtuple_row) as cursor:
        await cursor.execute(_UNANSWERED.encode(), values, prepare=True)
        return await cursor.fetchall()


async def medicines(tx: Tx, person_id: UUID, *, lock: bool = False) -> Sequence[Medicine]:
    query = select(Medicine).where(Medicine.person_id == person_id).order_by(Medicine.id)
    return list(await tx.session.scalars(query.with_for_update() if lock else query))


async def medicine(tx: Tx, person_id: UUID, id: UUID, *, lock: bool = False) -> Medicine | None:
    query = select(Medicine).where(Medicine.person_id == person_id, Medicine.id == id)
    found: Medicine | None = await tx.session.scalar(query.with_for_update() if lock else query)
    return found


_KEEP = Rows.insert(Dose, ending="ON CONFLICT DO NOTHING RETURNING id")


async def keep(tx: Tx, rows: Sequence[Mapping[str, Any]]) -> frozenset[UUID]:
    """Doses that came due or are answered early; answers which are new. One that is there already stays as it is."""
    return frozenset(row.id for row in await _KEEP.run(tx, rows))


async def dose(tx: Tx, person_id: UUID, id: UUID, *, lock: bool = False) -> Dose | None:
    query = select(Dose).where(Dose.person_id == person_id, Dose.id == id)
    found: Dose | None = await tx.session.scalar(query.with_for_update() if lock else query)
    return found


async def doses_named(tx: Tx, person_id: UUID, ids: Collection[UUID]) -> Sequence[Dose]:
    query = select(Dose).where(Dose.person_id == person_id, Dose.id.in_(ids))
    return list(await tx.session.scalars(query))


async def doses(
    tx: Tx, person_id: UUID, since: datetime, until: datetime, medicine_id: UUID | None = None
) -> Sequence[Dose]:
    """From ``since`` up to but not at ``until``, in order."""
    query = select(Dose).where(Dose.person_id == person_id, Dose.at >= since, Dose.at < until)
    if medicine_id is not None:
        query = query.where(Dose.medicine_id == medicine_id)
    return list(await tx.session.scalars(query.order_by(Dose.at, Dose.id)))


async def as_needed(tx: Tx, person_id: UUID, first: datetime, last: datetime) -> Sequence[Dose]:
    """What was taken as needed from one instant to another, both with it, in order."""
    query = select(Dose).where(
        Dose.person_id == person_id, Dose.planned.is_(None), Dose.at >= first, Dose.at <= last
    )
    return list(await tx.session.scalars(query.order_by(Dose.at, Dose.id)))


async def outcomes(
    tx: Tx, person_id: UUID, first: date, last: date, medicine_id: UUID | None = None
) -> Sequence[Any]:
    """What became of doses, without their content: enough to reckon by."""
    query = select(
        Dose.id,
        Dose.medicine_id,
        Dose.day,
        Dose.planned,
        Dose.at,
        Dose.opens_at,
        Dose.on_time_at,
        Dose.closes_at,
        Dose.action,
        Dose.answered_at,
        Dose.told_at,
        Dose.until,
        Dose.held,
    ).where(Dose.person_id == person_id, Dose.day >= first, Dose.day <= last)
    if medicine_id is not None:
        query = query.where(Dose.medicine_id == medicine_id)
    return (await tx.session.execute(query.order_by(Dose.at, Dose.id))).all()


async def ended(tx: Tx, person_id: UUID, since: datetime, now: datetime) -> Sequence[Any]:
    """Doses by plan whose window closed or that were answered since an instant, in order: what became of them."""
    query = select(Dose.id, Dose.medicine_id, Dose.at, Dose.closes_at, Dose.action).where(
        Dose.person_id == person_id, Dose.planned.is_not(None), Dose.at >= since, Dose.at <= now
    )
    return (await tx.session.execute(query.order_by(Dose.at, Dose.id))).all()


async def next_due(tx: Tx, person_id: UUID) -> datetime | None:
    """When the next dose of any medicine is due that is no row yet."""
    found: datetime | None = await tx.session.scalar(
        select(func.min(Medicine.next_due_at)).where(Medicine.person_id == person_id)
    )
    return found


async def taken_since(tx: Tx, person_id: UUID, medicine_id: UUID, since: datetime) -> Sequence[Dose]:
    """What was taken of a medicine from an instant on, in order."""
    query = select(Dose).where(
        Dose.person_id == person_id,
        Dose.medicine_id == medicine_id,
        Dose.action == "take",
        Dose.answered_at >= since,
    )
    return list(await tx.session.scalars(query.order_by(Dose.answered_at)))


async def last_taken(tx: Tx, person_id: UUID, medicine_id: UUID) -> datetime | None:
    return (await all_last_taken(tx, [(person_id, medicine_id)])).get(medicine_id)


async def all_last_taken(tx: Tx, keys: Collection[tuple[UUID, UUID]]) -> dict[UUID, datetime]:
    """When each of these medicines was last taken, by its id; those that never were are left out."""
    found = await _LAST_TAKEN.run(tx, [{"person_id": person, "id": id} for person, id in keys])
    return {row.id: row.answered_at for row in found}


async def all_taken_since(tx: Tx, rows: Sequence[Mapping[str, Any]]) -> Sequence[Any]:
    """What was taken after an instant of each of these medicines, in order: ``person_id``, ``id``, ``since``."""
    return await _TAKEN_SINCE.run(tx, rows)


async def all_doses(tx: Tx, person_id: UUID) -> Sequence[Dose]:
    query = select(Dose).where(Dose.person_id == person_id).order_by(Dose.at, Dose.id)
    return list(await tx.session.scalars(query))


async def erase_doses(tx: Tx, person_id: UUID) -> None:
    await tx.session.execute(delete(Dose).where(Dose.person_id == person_id))


async def interaction_list(tx: Tx) -> InteractionList | None:
    """The list that is loaded."""
    found: InteractionList | None = await tx.session.scalar(select(InteractionList))
    return found


async def interactions(tx: Tx, some: Collection[str], others: Collection[str]) -> Sequence[Interaction]:
    """The pairs of the list of one name of either side."""
    both = [
        and_(Interaction.one.in_(a), Interaction.other.in_(b)) for a, b in ((some, others), (others, some))
    ]
    return list(await tx.session.scalars(select(Interaction).where(or_(*both))))


async def drop_interactions(tx: Tx) -> None:
    await tx.session.execute(delete(Interaction))
    await tx.session.execute(delete(InteractionList))


async def copy_interactions(tx: Tx, pairs: Iterator[tuple[str, ...]]) -> int:
    """Add pairs, many at a time; answers how many."""
    count = 0
    while batch := list(islice(pairs, 1000)):
        columns = ("one", "other", "severity", "effect", "cite")
        await tx.session.execute(add(Interaction), [dict(zip(columns, pair, strict=True)) for pair in batch])
        count += len(batch)
    return count


async def name_interactions(tx: Tx, **values: Any) -> InteractionList:
    """Say which list the pairs are of."""
    row = InteractionList(**values)
    tx.session.add(row)
    await tx.session.flush()
    return row
