"""Looking at readings: lists, the latest, a year as a chart, what it comes to."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from ojas.features.measurements import queries, schemas
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
        await queries.in_order(tx)
        return await READINGS.page(tx, person_id, limit=limit, cursor=cursor, where=filters)
    after = READINGS.place(cursor) if cursor is not None else None
    rows = await _newest(tx, person_id, limit + 1, filters, after)
    following = READINGS.cursor(rows[limit - 1]) if len(rows) > limit else None
    return Page([await _view(tx, row) for row in rows[:limit]], following)


async def unopened(
    tx: Tx, person_id: UUID, *, limit: int, where: Mapping[str, Any]
) -> list[tuple[datetime, Callable[[], Awaitable[schemas.Reading]]]]:
    """The newest ``limit`` readings of all kinds, each by its time and with what opens it.

    Raises:
        Incorrect: no such filter.
    """
    rows = await _newest(tx, person_id, limit, where, None)
    return [(row.effective_at, partial(_view, tx, row)) for row in rows]


async def _newest(
    tx: Tx, person_id: UUID, limit: int, where: Mapping[str, Any], after: tuple[Any, UUID] | None
) -> Sequence[Any]:
    tx.access.require(READINGS.scope, person_id)
    audit.looked(tx, person_id, SUBJECT)
    return await queries.newest(tx, _SELECTED, person_id, where, list(CATALOGUE), after, limit)


_SELECTED = READINGS.selected


async def latest(
    tx: Tx, person_id: UUID, kinds: Sequence[str] | None = None, *, before: datetime | None = None
) -> dict[str, schemas.Reading]:
    """The last reading of each kind that has one."""
    tx.access.require("measurements", person_id)
    rows = await queries.latest(tx, person_id, list(CATALOGUE) if kinds is None else kinds, before=before)
    audit.looked(tx, person_id, SUBJECT)
    return {row.kind: await _view(tx, row) for row in rows}


async def tails(tx: Tx, person_id: UUID, kinds: Sequence[str], *, limit: int = 30) -> dict[str, list[float]]:
    """The last few values of each kind, oldest first, canonical, for small pictures: of a pressure the upper one."""
    tx.access.require("measurements", person_id)
    audit.looked(tx, person_id, SUBJECT)
    return await queries.tails(tx, person_id, {kind: kind_named(kind).main.name for kind in kinds}, limit)


async def kinds_of(tx: Tx, person_id: UUID) -> list[str]:
    """The kinds there are readings of, in the order of the catalogue. Costs the same however many readings there are."""
    tx.access.require("measurements", person_id)
    audit.looked(tx, person_id, SUBJECT)
    return await queries.kinds_of(tx, person_id, list(CATALOGUE))


async def counts(tx: Tx, person_id: UUID) -> dict[str, int]:
    """How many readings of each kind there are. Reads them all; to know which kinds there are, ask ``kinds_of``."""
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
    return (await several_series(tx, person_id, [kind], start, end, steps=steps))[kind]


async def several_series(
    tx: Tx, person_id: UUID, kinds: Sequence[str], start: datetime, end: datetime, *, steps: int = 400
) -> dict[str, list[schemas.Point]]:
    """``series`` of several kinds, by one statement.

    Raises:
        Incorrect: no such kind.
    """
    tx.access.require("measurements", person_id)
    found: dict[str, list[schemas.Point]] = {kind_named(kind).name: [] for kind in kinds}
    for row in await queries.series(tx, person_id, kinds, start, end, max(1, min(steps, 2000))):
        found[row[0]].append(_point(row))
    audit.looked(tx, person_id, SUBJECT)
    return found


async def days(
    tx: Tx, person_id: UUID, kind: str, start: datetime, end: datetime, zone: str
) -> list[schemas.DayTotal]:
    """Local days, in an IANA zone, of a kind that adds up. Each is taken from one source, never a sum over several.

    Raises:
        Incorrect: no such kind.
    """
    return (await several_days(tx, person_id, [kind], start, end, zone))[kind]


async def several_days(
    tx: Tx, person_id: UUID, kinds: Sequence[str], start: datetime, end: datetime, zone: str
) -> dict[str, list[schemas.DayTotal]]:
    """``days`` of several kinds, by one statement.

    Raises:
        Incorrect: no such kind.
    """
    tx.access.require("measurements", person_id)
    found: dict[str, list[schemas.DayTotal]] = {kind_named(kind).name: [] for kind in kinds}
    for kind, day, total, source in await queries.daily(tx, person_id, kinds, start, end, zone):
        found[kind].append(schemas.DayTotal(day, total, source))
    audit.looked(tx, person_id, SUBJECT)
    return found


async def summary(tx: Tx, person_id: UUID, kind: str, start: datetime, end: datetime) -> schemas.Summary:
    """What the readings of a kind come to, from start up to end.

    Raises:
        Incorrect: no such kind.
    """
    return summed(await series(tx, person_id, kind, start, end))


def summed(points: Sequence[schemas.Point]) -> schemas.Summary:
    """What points come to: means weigh by how many readings a point stands for."""
    if not points:
        return schemas.Summary(0, None, None, {})
    names = dict.fromkeys(name for point in points for name in point.mean)
    parts = {name: _summed([point for point in points if name in point.mean], name) for name in names}
    return schemas.Summary(sum(point.count for point in points), points[0].at, points[-1].until, parts)


def _summed(points: Sequence[schemas.Point], name: str) -> schemas.PartSummary:
    tenth = max(1, len(points) // 10)
    weighed = [(point.mean[name], point.count) for point in points]
    return schemas.PartSummary(
        mean=_mean(weighed),
        low=min([point.low[name] for point in points]),
        high=max([point.high[name] for point in points]),
        change=_mean(weighed[-tenth:]) - _mean(weighed[:tenth]),
    )


def _mean(weighed: Sequence[tuple[float, int]]) -> float:
    return sum([value * count for value, count in weighed]) / sum([count for _value, count in weighed])


def _point(row: Sequence[Any]) -> schemas.Point:
    kind, at, until, count, *told = row
    if not CATALOGUE[kind].is_panel:
        mean = {"value": told[0]}
        if count == 1:  # most steps are of one reading, which is its own least and most
            return schemas.Point(at, until, 1, mean, mean, mean)
        return schemas.Point(at, until, count, mean, {"value": told[1]}, {"value": told[2]})
    known = [place for place in range(3) if told[3 * place] is not None]
    mean, low, high = (
        {_PRESSURES[place]: told[3 * place + figure] for place in known} for figure in range(3)
    )
    return schemas.Point(at, until, count, mean, low, high)


_PRESSURES = ("systolic", "diastolic", "mean")


async def _view(tx: Tx, row: Any) -> schemas.Reading:
    return await READINGS.shown(tx, row)
