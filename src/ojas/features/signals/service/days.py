"""The person's days: reckoned from samples, kept sealed a month at a time, reckoned anew where something was written.

Why they are kept: a day that two sources tell of is merged by the minute, and a year of that takes half a second. Why sealed
and by the month: twelve rows open in a tenth of a millisecond, faster than 365 rows in the clear are fetched, and a day's
sleep is nobody else's business. Whoever may write keeps what they reckoned on reading; who may only read reckons it again.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid5

import orjson

from ojas.features.signals import queries
from ojas.features.signals.models import Days
from ojas.features.signals.rules import (
    DAY,
    Amount,
    Day,
    Kind,
    Night,
    Rule,
    Stage,
    Timeline,
    daily,
    instant,
    milliseconds,
)
from ojas.features.signals.service.ground import SCOPE, kind_of
from ojas.features.signals.service.reading import parts
from ojas.kit import audit, events, i18n
from ojas.kit.db import Tx
from ojas.kit.errors import Incorrect
from ojas.kit.i18n.zones import zone_named

_ALL = (1 << 31) - 1
_EVER = 0
_UNSAID = i18n.Manner().zone
_STAYS = "signal stays"
_LONGEST = 366 * 20
_DATE = date.fromordinal


async def days(tx: Tx, person_id: UUID, kind: str | Kind, first: date, last: date) -> list[Day]:
    """The days ``first`` to ``last`` on the person's own calendar that have data, of the best source by the minute."""
    kind = kind_of(kind)
    return (await days_of(tx, person_id, [kind], first, last))[kind.name]


async def days_of(
    tx: Tx, person_id: UUID, kinds: Sequence[str | Kind], first: date, last: date
) -> dict[str, list[Day]]:
    """The days of several kinds, by name, in one query: for a page that shows many."""
    named = {kind.name: kind for kind in map(kind_of, kinds)}
    told: dict[str, list[Day]] = {name: [] for name in named}
    for row in await _kept(tx, person_id, named, first, last):
        found = await _month(tx, person_id, named[row.kind], row)
        told[row.kind] += [day for day in found if first <= day.day <= last]
    return told


async def amounts_of(
    tx: Tx, person_id: UUID, kinds: Sequence[str | Kind], first: date, last: date
) -> dict[str, list[Amount]]:
    """``days_of``, but of each day only what a chart draws: a third of the work for a year of it."""
    named = {kind.name: kind for kind in map(kind_of, kinds)}
    told: dict[str, list[Amount]] = {name: [] for name in named}
    begin, end = first.toordinal(), last.toordinal()
    for row in await _kept(tx, person_id, named, first, last):
        if row.sealed is None or row.stale:
            found = await _month(tx, person_id, named[row.kind], row)
            amounts: list[Amount] = [(d.day, d.value, d.low, d.high) for d in found if first <= d.day <= last]
        else:
            days = await _rows(tx, row)
            amounts = [(_DATE(d[0]), d[3], d[4], d[5]) for d in days if begin <= d[0] <= end]
        told[row.kind] += amounts
    return told


async def _kept(
    tx: Tx, person_id: UUID, kinds: Mapping[str, Kind], first: date, last: date
) -> list[queries.Month]:
    tx.access.require(SCOPE, person_id)
    if (last - first).days > _LONGEST:
        raise Incorrect("Ask for at most 20 years at a time.", field="to")
    audit.looked(tx, person_id, *(f"signals.{name}" for name in kinds))
    await settle(tx, person_id)
    return await queries.kept_days(tx, person_id, list(kinds), first, last)


async def refresh(tx: Tx, person_id: UUID) -> int:
    """Reckon every day that was written to since it was. Answers how many months."""
    tx.access.require(SCOPE, person_id, write=True)
    if not await settle(tx, person_id):
        return 0  # whose midnight would it be?
    stale = await queries.stale_kinds(tx, person_id)
    for name, month in stale:
        for row in await queries.kept_days(tx, person_id, [name], month, month):
            await _month(tx, person_id, kind_of(name), row)
    return len(stale)


async def timeline(tx: Tx, person_id: UUID) -> Timeline:
    """In which zone the person was, when. Where nobody ever said: the reader's own zone."""
    stays = await _stays(tx, person_id)
    if not stays:
        return Timeline.at_home(i18n.current().zone)
    return Timeline(tuple((milliseconds(since), zone) for since, zone in stays))


async def zones(tx: Tx, person_id: UUID) -> list[tuple[datetime, str]]:
    """Since when the person has been in which time zone."""
    tx.access.require(SCOPE, person_id)
    return await queries.stays(tx, person_id)


async def live_in(tx: Tx, person_id: UUID, zone: str, since: datetime | None = None) -> None:
    """The person is in ``zone`` (IANA name) from ``since`` on; None: it is where they live, and always did.

    Raises:
        Incorrect: there is no such zone.
    """
    tx.access.require(SCOPE, person_id, write=True)
    zone = zone_named(zone)
    start = milliseconds(since) if since else _EVER
    known = await queries.stays(tx, person_id)
    if since and not known:
        await queries.add_stay(tx, person_id, instant(_EVER), i18n.current().zone)
        known = await queries.stays(tx, person_id)
    if known and Timeline(tuple((milliseconds(at), name) for at, name in known)).zone_at(start) == zone:
        return
    await queries.add_stay(tx, person_id, instant(start), zone)
    await _forget(tx, person_id)


async def visit(
    tx: Tx, person_id: UUID, visits: Sequence[tuple[datetime, datetime | None, str]]
) -> list[tuple[datetime, str]]:
    """The person was in these zones from then to then (None: until they move), as a file of the past tells: no stay that is
    known already is replaced. Answers the stays it took, for ``unvisit``."""
    tx.access.require(SCOPE, person_id, write=True)
    known = await queries.stays(tx, person_id)
    if not known and visits:  # nobody said where they live: where they were last is the best guess
        known = [(instant(_EVER), max(visits, key=lambda visit: visit[0])[2])]
        await queries.add_stay(tx, person_id, *known[0])
        added = list(known)
    else:
        added = []
    before = Timeline(tuple((milliseconds(since), zone) for since, zone in known))
    after = before
    # The last first: where one visit follows another, the earlier ends with it and goes back nowhere.
    for since, until, zone in sorted(visits, key=lambda visit: visit[0], reverse=True):
        after = after.visited(milliseconds(since), milliseconds(until) if until else None, zone)
    new = [(instant(at), zone) for at, zone in after.moves if (at, zone) not in before.moves]
    for since, zone in new:
        await queries.add_stay(tx, person_id, since, zone)
    if added or new:
        await _forget(tx, person_id)
    return added + new


async def unvisit(tx: Tx, person_id: UUID, stays: Sequence[tuple[datetime, str]]) -> None:
    """Take back stays that ``visit`` told, those that nobody has said otherwise since."""
    tx.access.require(SCOPE, person_id, write=True)
    for since, zone in stays:
        await queries.forget_stay(tx, person_id, since, zone)
    if stays:
        await _forget(tx, person_id)


async def _forget(tx: Tx, person_id: UUID) -> None:
    tx.session.info.pop(_STAYS, None)
    await queries.forget_days(tx, person_id)
    await events.emit(tx, "signals.days.forgotten", person_id=person_id)


async def settle(tx: Tx, person_id: UUID) -> bool:
    """Whether it is known where the person lives. The first who looks with the right to write, by a clock of their own, says it
    for them: the person or who keeps their record; each device that names its zone corrects it."""
    if await _stays(tx, person_id):
        return True
    if i18n.current().zone == _UNSAID or not tx.access.allows(SCOPE, person_id, write=True):
        return False
    await live_in(tx, person_id, i18n.current().zone)
    return True


async def _stays(tx: Tx, person_id: UUID) -> list[tuple[datetime, str]]:
    """Read once a transaction: a page asks for the days of many kinds."""
    known: dict[UUID, list[tuple[datetime, str]]] = tx.session.info.setdefault(_STAYS, {})
    if person_id not in known:
        known[person_id] = await queries.stays(tx, person_id)
    return known[person_id]


async def _month(tx: Tx, person_id: UUID, kind: Kind, row: queries.Month) -> list[Day]:
    known = await _opened(tx, row)
    stale = _ALL if row.sealed is None else row.stale
    dates = [day for day in _dates(row.month) if stale >> (day.day - 1) & 1]
    if not dates:
        return known
    fresh = await _reckoned(tx, person_id, kind, dates[0], dates[-1])
    merged = sorted(
        [*(d for d in known if d.day not in dates), *(d for d in fresh if d.day in dates)],
        key=lambda d: d.day,
    )
    if tx.access.allows(SCOPE, person_id, write=True) and await _stays(tx, person_id):
        sealed = await tx.seal(person_id, Days.__tablename__, _place(row), _written(merged))
        await queries.keep_days(tx, row, 0, sealed)
    return merged


async def _reckoned(tx: Tx, person_id: UUID, kind: Kind, first: date, last: date) -> list[Day]:
    where = await timeline(tx, person_id)
    start, end = where.reach(first, last)
    if kind.rule is Rule.DURATION:  # a night reaches back into the day before, and may begin the day after
        start, end = start - 2 * DAY, end + 2 * DAY
    return daily(kind, await parts(tx, person_id, kind, start, end, most=1 << 40), where, first, last)


def _dates(month: date) -> Sequence[date]:
    following = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    return [date.fromordinal(n) for n in range(month.toordinal(), following.toordinal())]


def _place(row: queries.Month) -> UUID:
    return uuid5(row.person_id, f"{row.kind} {row.month}")


async def _opened(tx: Tx, row: queries.Month) -> list[Day]:
    return [_read(told) for told in await _rows(tx, row)]


async def _rows(tx: Tx, row: queries.Month) -> list[list[Any]]:
    if row.sealed is None:
        return []
    rows: list[list[Any]] = orjson.loads(
        await tx.open(row.person_id, Days.__tablename__, _place(row), row.sealed)
    )
    return rows


def _written(days: Sequence[Day]) -> bytes:
    """A row a day, by position: a page opens thousands of them."""
    return orjson.dumps([_row(day) for day in days])


def _row(day: Day) -> list[Any]:
    night = day.night and [day.night.start, day.night.end, day.night.efficiency, day.night.awakenings]
    plain = [day.day.toordinal(), day.n, day.minutes, day.value, day.low, day.high, day.sd]
    return plain if not day.stages else [*plain, {stage.value: s for stage, s in day.stages.items()}, night]


def _read(row: list[Any]) -> Day:
    ordinal, n, minutes, value, low, high, sd, *slept = row
    stages = {Stage(name): seconds for name, seconds in slept[0].items()} if slept else {}
    night = Night(*slept[1]) if slept and slept[1] else None
    return Day(date.fromordinal(ordinal), n, minutes, value, low, high, sd, stages, night)
