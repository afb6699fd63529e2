"""Every statement of measurements that a Collection does not make."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from operator import itemgetter
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Integer,
    Select,
    Text,
    bindparam,
    delete,
    func,
    select,
    text,
    true,
    tuple_,
    update,
)

from ojas.features.measurements import models
from ojas.kit.db import Statement, Tx

_PARTS = ("value", "systolic", "diastolic", "mean")
_VALID = "status <> 'entered-in-error'"


async def in_order(tx: Tx) -> None:
    """Have rows come from the index that holds them in order, for queries that want the newest few of a kind.

    A table that was just filled has no statistics yet, and the planner then reads and sorts everything a person has: with
    15,000 readings 335 ms for the latest of each kind, against 0.14 ms so. For the rest of the transaction a sort is
    the last thing the planner thinks of; what cannot do without still sorts.
    """
    if _IN_ORDER not in tx.info:
        connection = await tx.connection()
        await connection.execute(b"SET LOCAL enable_sort = off")
        tx.info[_IN_ORDER] = True


_IN_ORDER = "in order"


async def latest(
    tx: Tx, person_id: UUID, kinds: Sequence[str], *, before: datetime | None = None
) -> list[models.Reading]:
    """The last reading of each kind: one probe of the index a kind, however many readings there are."""
    await in_order(tx)
    found = await tx.session.scalars(
        select(models.Reading).from_statement(
            text(
                f"""
                SELECT r.* FROM unnest(CAST(:kinds AS text[])) AS k(kind) CROSS JOIN LATERAL (
                    SELECT * FROM readings
                    WHERE person_id = :person_id AND kind = k.kind AND {_VALID}
                      AND (CAST(:before AS timestamptz) IS NULL OR effective_at <= :before)
                    ORDER BY effective_at DESC, id DESC LIMIT 1
                ) r
                """
            )
        ),
        {"person_id": person_id, "kinds": list(kinds), "before": before},
    )
    return list(found)


async def tails(tx: Tx, person_id: UUID, columns: dict[str, str], limit: int) -> dict[str, list[float]]:
    """The last few values of each kind, oldest first. ``columns`` names the part of each that is wanted."""
    await in_order(tx)
    rows = await tx.session.execute(
        text(
            f"""
            SELECT k.kind, r.value FROM unnest(CAST(:kinds AS text[]), CAST(:parts AS text[])) AS k(kind, part)
            CROSS JOIN LATERAL (
                SELECT (CASE k.part WHEN 'systolic' THEN systolic ELSE value END)::float8 AS value
                FROM readings
                WHERE person_id = :person_id AND kind = k.kind AND {_VALID}
                ORDER BY effective_at DESC, id DESC LIMIT :limit
            ) r
            """
        ),
        {
            "person_id": person_id,
            "kinds": list(columns),
            "parts": list(columns.values()),
            "limit": limit,
        },
    )
    found: dict[str, list[float]] = {kind: [] for kind in columns}
    for kind, value in rows:
        if value is not None:
            found[kind].insert(0, value)
    return found


Selected = Callable[[Any, Mapping[str, Any]], Select[models.Reading]]
"""Makes the statement for a person's rows by some filters."""


async def newest(
    tx: Tx,
    selected: Selected,
    person_id: UUID,
    where: Mapping[str, Any],
    kinds: Sequence[str],
    after: tuple[Any, UUID] | None,
    limit: int,
) -> Sequence[Any]:
    """Of what is selected, over all kinds, the newest after a place: the newest of each kind, merged. Its cost is that of
    ``limit`` rows a kind, however many there are.
    """
    await in_order(tx)
    statement = _newest(selected, tuple(where), goes_on=after is not None)
    asked = {"person": person_id, "kinds": list(kinds), "most": limit}
    asked |= {"by_" + name: value for name, value in where.items()}
    if after is not None:
        asked |= {"at": after[0], "id": after[1]}
    return await statement.all(tx, **asked)


@lru_cache(64)  # making it takes 2 ms, twice what running it does
def _newest(selected: Selected, names: tuple[str, ...], *, goes_on: bool) -> Statement:
    wanted = selected(bindparam("person"), {name: bindparam("by_" + name) for name in names})
    k = func.unnest(bindparam("kinds", type_=ARRAY(Text))).table_valued("kind", name="k").render_derived()
    row, most = models.Reading, bindparam("most", type_=Integer)
    each = wanted.where(row.kind == k.c.kind).order_by(row.effective_at.desc(), row.id.desc()).limit(most)
    if goes_on:
        place = bindparam("at", type_=row.effective_at.type), bindparam("id", type_=row.id.type)
        each = each.where(tuple_(row.effective_at, row.id) < tuple_(*place))
    lateral = each.lateral("r")
    query = select(*lateral.c).select_from(k.join(lateral, true()))
    return Statement(query.order_by(lateral.c.effective_at.desc(), lateral.c.id.desc()).limit(most))


_RECENT = f"""
    SELECT w.person_id, r.id, w.kind, r.effective_at, r.zone, r.value, r.systolic, r.diastolic, r.meal
    FROM (SELECT p.person_id, k.kind FROM unnest(%(persons)s::uuid[]) AS p(person_id), unnest(%(kinds)s::text[]) AS k(kind)) w
    CROSS JOIN LATERAL (
        SELECT id, effective_at, zone, value, systolic, diastolic, meal FROM readings
        WHERE person_id = w.person_id AND kind = w.kind AND {_VALID} AND NOT daily_total AND effective_at >= %(since)s
        ORDER BY effective_at DESC, id DESC LIMIT %(limit)s
    ) r
"""


async def recent(
    tx: Tx, persons: Sequence[UUID], kinds: Sequence[str], since: datetime, limit: int
) -> list[tuple[Any, ...]]:
    """The newest few of each kind of each person, in the clear, by one statement."""
    await in_order(tx)
    connection = await tx.connection()
    where = {"persons": list(persons), "kinds": list(kinds), "since": since, "limit": limit}
    cursor = await connection.execute(_RECENT.encode(), where, prepare=True)
    return await cursor.fetchall()


async def kinds_of(tx: Tx, person_id: UUID, kinds: Sequence[str]) -> list[str]:
    """Which of these kinds there are readings of: one probe of the index a kind."""
    await in_order(tx)
    found = await tx.session.scalars(
        text(
            f"""
            SELECT k.kind FROM unnest(CAST(:kinds AS text[])) AS k(kind) CROSS JOIN LATERAL (
                SELECT 1 FROM readings WHERE person_id = :person_id AND kind = k.kind AND {_VALID}
                ORDER BY effective_at DESC, id DESC LIMIT 1
            ) r
            """
        ),
        {"person_id": person_id, "kinds": list(kinds)},
    )
    return list(found)


async def recent_values(tx: Tx, person_id: UUID, kind: str, limit: int) -> list[Decimal]:
    """The last few values of a kind with one number, newest first."""
    await in_order(tx)
    found = await tx.session.scalars(
        select(models.Reading.value)
        .where(
            models.Reading.person_id == person_id,
            models.Reading.kind == kind,
            models.Reading.value.is_not(None),
            models.Reading.status != "entered-in-error",
        )
        .order_by(models.Reading.effective_at.desc(), models.Reading.id.desc())
        .limit(limit)
    )
    return [value for value in found if value is not None]


async def counts(tx: Tx, person_id: UUID) -> dict[str, int]:
    """How many readings of each kind there are."""
    rows = await tx.session.execute(
        text(f"SELECT kind, count(*) FROM readings WHERE person_id = :p AND {_VALID} GROUP BY kind"),
        {"p": person_id},
    )
    return {kind: count for kind, count in rows.all()}  # noqa: C416  # rows are no pairs to mypy


_SERIES = f"""
    SELECT kind, min(at), max(at), count(*),
           avg(a), min(a), max(a), avg(b), min(b), max(b), avg(c), min(c), max(c)
    FROM (
        SELECT k.kind, r.*, width_bucket(extract(epoch FROM r.at)::float8, %(first)b, %(last)b, %(steps)b::int) AS step
        FROM unnest(%(kinds)b::text[]) AS k(kind) CROSS JOIN LATERAL (
            SELECT effective_at AS at, coalesce(value, systolic)::float8 AS a, diastolic::float8 AS b,
                   mean::float8 AS c
            FROM readings
            WHERE person_id = %(person)b AND kind = k.kind AND {_VALID} AND NOT daily_total
              AND effective_at >= %(start)b AND effective_at < %(end)b
            ORDER BY effective_at, id
        ) r
    ) s
    GROUP BY kind, step
"""


async def series(
    tx: Tx, person_id: UUID, kinds: Sequence[str], start: datetime, end: datetime, steps: int
) -> list[tuple[Any, ...]]:
    """Of each kind at most ``steps`` rows from start to end, by time: the kind, the first and last instant, the count, then
    mean, least and most of the value or the upper pressure, of the lower, of the mean pressure.

    By the driver, in binary: a page of charts has a thousand rows of thirteen, 4 ms as text and by way of the mapper, 2 so.
    """
    await in_order(tx)
    connection = await tx.connection()
    where = {
        "person": person_id,
        "kinds": list(kinds),
        "start": start,
        "end": end,
        "first": start.timestamp(),
        "last": max(end.timestamp(), start.timestamp() + 1),
        "steps": steps,
    }
    cursor = await connection.execute(_SERIES.encode(), where, binary=True)
    return sorted(await cursor.fetchall(), key=itemgetter(1))


async def daily(
    tx: Tx, person_id: UUID, kinds: Sequence[str], start: datetime, end: datetime, zone: str
) -> list[tuple[str, date, float, str]]:
    """Local days of kinds that add up, from one source each: a total a device told before sums of its samples, and of
    several the largest. Phone and watch both count the same steps; their sum would count them twice.
    """
    await in_order(tx)
    rows = await tx.session.execute(
        text(
            f"""
            SELECT kind, day, source, daily_total, (CASE WHEN daily_total THEN max(value) ELSE sum(value) END)::float8
            FROM (
                SELECT k.kind, (r.effective_at AT TIME ZONE :zone)::date AS day, r.source, r.daily_total, r.value
                FROM unnest(CAST(:kinds AS text[])) AS k(kind) CROSS JOIN LATERAL (
                    SELECT effective_at, source, daily_total, value FROM readings
                    WHERE person_id = :person_id AND kind = k.kind AND {_VALID}
                      AND effective_at >= :start AND effective_at < :end
                    ORDER BY effective_at, id
                ) r
            ) s
            GROUP BY kind, day, source, daily_total
            """
        ),
        {"person_id": person_id, "kinds": list(kinds), "start": start, "end": end, "zone": zone},
    )
    best: dict[tuple[str, date], tuple[bool, float, str]] = {}
    for kind, day, source, told, total in rows:
        best[kind, day] = max(best.get((kind, day), (False, -1.0, "")), (told, total, source))
    return [(kind, day, total, source) for (kind, day), (_told, total, source) in sorted(best.items())]


@dataclass(frozen=True, slots=True)
class Known:
    """What is already kept under an import's key."""

    id: UUID
    version: int
    told: tuple[object, ...]
    touched: bool


_TOLD = ("effective_at", "effective_end", *_PARTS, "status", "daily_total")


async def known(tx: Tx, person_id: UUID, keys: Sequence[UUID]) -> dict[UUID, Known]:
    """Of these keys of an import those that are kept already."""
    columns = [getattr(models.Reading, name) for name in _TOLD]
    rows = await tx.session.execute(
        select(
            models.Reading.source_key,
            models.Reading.id,
            models.Reading.version,
            models.Reading.touched,
            *columns,
        ).where(models.Reading.person_id == person_id, models.Reading.source_key.in_(keys))
    )
    return {key: Known(id, version, tuple(told), touched) for key, id, version, touched, *told in rows}


def told(row: dict[str, Any]) -> tuple[object, ...]:
    """What ``known`` compares, of a row about to be written."""
    return tuple(row[name] for name in _TOLD)


async def removed(tx: Tx, person_id: UUID, keys: Sequence[UUID]) -> set[UUID]:
    """Of these keys those whose readings the person deleted."""
    found = await tx.session.scalars(
        select(models.RemovedReading.id).where(
            models.RemovedReading.person_id == person_id, models.RemovedReading.id.in_(keys)
        )
    )
    return set(found)


async def touch(tx: Tx, person_id: UUID, id: UUID) -> None:
    """Note that a hand corrected a reading that an import brought."""
    row = models.Reading
    await tx.session.execute(update(row).where(row.person_id == person_id, row.id == id).values(touched=True))


async def touched(tx: Tx, person_id: UUID, keys: Sequence[UUID]) -> int:
    """How many of the readings under these keys a hand corrected."""
    row = models.Reading
    query = select(func.count()).where(row.person_id == person_id, row.source_key.in_(keys), row.touched)
    return await tx.session.scalar(query) or 0


async def drop(tx: Tx, person_id: UUID, keys: Sequence[UUID]) -> int:
    """Delete the readings under these keys that no hand corrected. Answers how many."""
    row = models.Reading
    found = await tx.session.execute(
        delete(row)
        .where(row.person_id == person_id, row.source_key.in_(keys), ~row.touched)
        .execution_options(synchronize_session=False)
    )
    return int(getattr(found, "rowcount", 0))


async def forget(tx: Tx, person_id: UUID, key: UUID) -> None:
    await tx.session.merge(models.RemovedReading(person_id=person_id, id=key))
    await tx.session.flush()


async def recall(tx: Tx, person_id: UUID, key: UUID) -> None:
    await tx.session.execute(
        delete(models.RemovedReading).where(
            models.RemovedReading.person_id == person_id, models.RemovedReading.id == key
        )
    )


_COLUMNS = {
    "id": "uuid",
    "kind": "text",
    "effective_at": "timestamptz",
    "effective_end": "timestamptz",
    "zone": "text",
    "value": "numeric",
    "systolic": "numeric",
    "diastolic": "numeric",
    "mean": "numeric",
    "status": "text",
    "method": "text",
    "position": "text",
    "meal": "text",
    "specimen": "text",
    "daily_total": "boolean",
    "source": "text",
    "source_key": "uuid",
    "version": "bigint",
    "created_at": "timestamptz",
    "updated_at": "timestamptz",
    "sealed": "bytea",
}
_NAMES = ", ".join(_COLUMNS)
_ARRAYS = ", ".join(f"%({name})s::{kind}[]" for name, kind in _COLUMNS.items())
_INSERT = f"""
    INSERT INTO readings (person_id, {_NAMES}) SELECT %(person_id)s, * FROM unnest({_ARRAYS})
    ON CONFLICT (person_id, source_key) DO NOTHING RETURNING id
"""
_SETS = ", ".join(f"{name} = f.{name}" for name in _COLUMNS if name not in ("id", "created_at", "source_key"))
_UPDATE = f"""
    UPDATE readings r SET {_SETS} FROM unnest({_ARRAYS}) AS f({_NAMES})
    WHERE r.person_id = %(person_id)s AND r.id = f.id
"""


async def insert(tx: Tx, person_id: UUID, rows: Sequence[dict[str, Any]]) -> set[UUID]:
    """Add rows, one statement for all. COPY cannot: row security forbids it. Answers the ids that were new."""
    connection = await tx.connection()
    cursor = await connection.execute(_INSERT.encode(), _arrays(person_id, rows), binary=True)
    return {id for (id,) in await cursor.fetchall()}


async def replace(tx: Tx, person_id: UUID, rows: Sequence[dict[str, Any]]) -> None:
    """Put rows in the place of those with the same ids."""
    connection = await tx.connection()
    await connection.execute(_UPDATE.encode(), _arrays(person_id, rows))


def _arrays(person_id: UUID, rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {name: [row[name] for row in rows] for name in _COLUMNS} | {"person_id": person_id}


_OVERRIDES = Statement(
    select(models.BandOverride.__table__).where(models.BandOverride.person_id == bindparam("person_id"))
)


async def overrides(tx: Tx, person_id: UUID) -> Sequence[Any]:
    """What is in range for this person in particular, a row a kind."""
    return await _OVERRIDES.all(tx, person_id=person_id)


async def erase_removed(tx: Tx, person_id: UUID) -> None:
    await tx.session.execute(
        delete(models.RemovedReading).where(models.RemovedReading.person_id == person_id)
    )
