"""Looking at readings: lists, the latest, a year as a chart, what it comes to."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from ojas.features.measurements import models, queries, schemas
from ojas.features.measurements.kinds import CATALOGUE
from ojas.features.measurements.service.lists import READINGS, kind_named
from ojas.kit import audit
from ojas.kit.collection import Page
from ojas.kit.db import Tx

SUBJECT = READINGS.name


async def page(
    tx: Tx,
    person_id: UUID,
    *,
    kind: str | None = None,
    limit: int = 50,
    cursor: str | None = None,
    where: Mapping[str, Any] | None = None,
) -> Page[schemas.Reading]:
    """Readings, newest first, of one kind or all. Its cost follows the page.

    Raises:
        Incorrect: no such kind, filter or cursor.
    """
    filters = dict(where or {})
    if kind is not None:
        filters["kind"] = kind_named(kind).name
    return await READINGS.page(tx, person_id, limit=limit, cursor=cursor, where=filters)


async def latest(
    tx: Tx, person_id: UUID, kinds: Sequence[str] | None = None, *, before: datetime | None = None
) -> dict[str, schemas.Reading]:
    """The last reading of each kind that has one."""
    tx.access.require("measurements", person_id)
    rows = await queries.latest(tx, person_id, list(CATALOGUE) if kinds is None else kinds, before=before)
    audit.looked(tx, person_id, SUBJECT)
    return {row.kind: await _view(tx, row) for row in rows}


async def counts(tx: Tx, person_id: UUID) -> dict[str, int]:
    """How many readings of each kind there are."""
    tx.access.require("measurements", person_id)
    audit.looked(tx, person_id, SUBJECT)
    return await queries.counts(tx, person_id)


async def series(
    tx: Tx, person_id: UUID, kind: str, start: datetime, end: datetime, *, steps: int = 400
) -> list[schemas.Point]:
    """Readings of a kind from start up to end, as at most ``steps`` points. Daily totals are left out: see ``days``.

    Raises:
        Incorrect: no such kind.
    """
    tx.access.require("measurements", person_id)
    parts = [part.name for part in kind_named(kind).parts]
    rows = await queries.series(tx, person_id, kind, start, end, max(1, min(steps, 2000)))
    audit.looked(tx, person_id, SUBJECT)
    return [
        schemas.Point(
            row["at"], row["count"], *(_figures(row, parts, name) for name in ("mean", "low", "high"))
        )
        for row in rows
    ]


async def days(
    tx: Tx, person_id: UUID, kind: str, start: datetime, end: datetime, zone: str
) -> list[schemas.DayTotal]:
    """Local days, in an IANA zone, of a kind that adds up. Each is taken from one source, never a sum over several.

    Raises:
        Incorrect: no such kind.
    """
    tx.access.require("measurements", person_id)
    rows = await queries.daily(tx, person_id, kind_named(kind).name, start, end, zone)
    audit.looked(tx, person_id, SUBJECT)
    return [schemas.DayTotal(day, total, source) for day, total, source in rows]


async def summary(tx: Tx, person_id: UUID, kind: str, start: datetime, end: datetime) -> schemas.Summary:
    """What the readings of a kind come to, from start up to end.

    Raises:
        Incorrect: no such kind.
    """
    tx.access.require("measurements", person_id)
    parts = [part.name for part in kind_named(kind).parts]
    row = await queries.summary(tx, person_id, kind, start, end)
    audit.looked(tx, person_id, SUBJECT)
    found = {name: _part(row, name) for name in parts if row[f"mean_{name}"] is not None}
    return schemas.Summary(row["count"], row["first"], row["last"], found)


def _part(row: Mapping[str, Any], name: str) -> schemas.PartSummary:
    """Of fewer than ten readings the change is from the first to the last; a tenth of them would be none."""
    early, late = row[f"early_{name}"], row[f"late_{name}"]
    if row["count"] < 10 or early is None or late is None:
        early, late = row[f"first_{name}"], row[f"last_{name}"]
    change = late - early if early is not None and late is not None else 0.0
    return schemas.PartSummary(row[f"mean_{name}"], row[f"low_{name}"], row[f"high_{name}"], change)


def _figures(row: Mapping[str, Any], parts: Sequence[str], name: str) -> dict[str, float]:
    return {part: row[f"{name}_{part}"] for part in parts if row[f"{name}_{part}"] is not None}


async def _view(tx: Tx, row: models.Reading) -> schemas.Reading:
    return await READINGS.shown(tx, row)
