"""Samples come in: merged into the chunks they belong to, each once, by one writer of a stream at a time."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING
from uuid import UUID

import numpy as np

from ojas.features.signals import queries
from ojas.features.signals.rules import (
    DAY,
    Batch,
    Kind,
    Place,
    Reason,
    Samples,
    added,
    date_of,
    edges,
    instant,
    merge,
    milliseconds,
    places,
    sift,
    spans,
    touched,
    untold,
)
from ojas.features.signals.schemas import Outcome
from ojas.features.signals.service.ground import SCOPE, kind_of, opened, sealed, stream_id, streams
from ojas.kit import audit, clock, events
from ojas.kit.db import Tx
from ojas.kit.errors import Incorrect, NotFound

if TYPE_CHECKING:
    from ojas.kit.db.keyring import PersonKeys

_AT_ONCE = 32
"""Chunks made before others are served: 70,000 samples, each on a day of its own, take seconds."""
_MANY = 10
"""Days touched at once that make it worth reckoning them before somebody looks: an import, not a watch."""


async def append(tx: Tx, person_id: UUID, source_id: UUID, kind: str | Kind, batch: Batch) -> Outcome:
    """Take a batch of one kind from one source: 1 sample or 10 million, late, repeated, in any order.

    What cannot be is refused item by item; what is known already changes nothing. The more a batch holds of a day, the less
    its day costs: importers do well to send a kind's samples by the 100,000.

    Raises:
        NotFound: there is no such kind, or no such source.
        Incorrect: columns of different lengths, or intervals without ends.
    """
    kind = kind_of(kind)
    _check(kind, batch)
    samples, reasons = sift(kind, batch, milliseconds(clock.now()))
    stored = await store(tx, person_id, source_id, kind, samples)
    wrong = np.flatnonzero(reasons)
    refused = [(int(i), Reason(int(reasons[i]))) for i in wrong]
    return Outcome(stored, len(reasons) - len(wrong) - stored, refused, samples)


async def store(tx: Tx, person_id: UUID, source_id: UUID, kind: Kind, samples: Samples) -> int:
    """Merge tidy samples that ``sift`` would take. Answers how many were new or otherwise than before."""
    tx.access.require(SCOPE, person_id, write=True)
    if not len(samples):
        return 0
    stream = stream_id(source_id, kind)
    cuts = spans(kind, samples)
    near = await _enter(tx, person_id, stream, source_id, kind, _runs(cuts))
    keys = await tx.keys(person_id)
    work = _Work(keys, kind, stream, near, milliseconds(clock.now()))
    for turn, span in enumerate(cuts, start=1):
        work.take(span)
        if turn % _AT_ONCE == 0:
            await asyncio.sleep(0)
    days = work.days()
    await queries.write(
        tx, person_id, stream, work.rows, work.superseded, kind.name, _months(days), work.grown
    )
    await _tell(tx, person_id, kind, stream, len(days))
    if work.began_day:
        await events.emit(tx, "signals.day.began", person_id=person_id, stream_id=stream)
    return work.stored


async def compact(tx: Tx, person_id: UUID, stream: UUID) -> int:
    """Put the hours of days that are over together. Answers how many days. Done again, it does nothing."""
    tx.access.require(SCOPE, person_id, write=True)
    if not await queries.lock_stream(tx, person_id, stream):
        return 0
    kind = next((kind_of(s.kind) for s, _ in await queries.streams_of(tx, person_id) if s.id == stream), None)
    assert kind is not None
    now = milliseconds(clock.now()) // DAY * DAY
    days = {
        milliseconds(start) // DAY * DAY
        for start, _ in await queries.open_days(tx, person_id, stream, instant(now))
    }
    spans = [(instant(day), instant(day + DAY)) for day in sorted(days)]
    keys = await tx.keys(person_id)
    work = _Work(keys, kind, stream, await queries.chunks_near(tx, person_id, stream, spans), now)
    for day in sorted(days):
        work.put(Place(day, day + DAY, Samples.none()), work.within(day, day + DAY))
    await queries.write(tx, person_id, stream, work.rows, work.superseded, grown=work.grown)
    return len(days)


async def remove(
    tx: Tx, person_id: UUID, kind: str | Kind, start: int, end: int, source_id: UUID | None = None
) -> int:
    """Delete samples that begin in [start, end) (ms), of one source or of all. Answers how many.

    This is how a value is lowered, or a vendor's deletion followed: what is sent after it is new.
    """
    tx.access.require(SCOPE, person_id, write=True)
    kind = kind_of(kind)
    removed = 0
    for stream in await streams(tx, person_id, kind, source_id):
        await queries.lock_stream(tx, person_id, stream.id)
        removed += await _cut(tx, person_id, kind, stream.id, start, end)
    if removed:
        await audit.changed(tx, "delete", person_id, f"signals.{kind.name}")
        await events.emit(tx, "signals.removed", person_id=person_id)
    return removed


async def take_back(
    tx: Tx, person_id: UUID, source_id: UUID, kind: str | Kind, told: Samples, others: Sequence[Samples]
) -> int:
    """Undo samples an import told of a source, but for what ``others`` told too. Answers how many are gone or otherwise.

    Samples that say something else by now stay: somebody told them greater. Done again, it does nothing.
    """
    tx.access.require(SCOPE, person_id, write=True)
    kind = kind_of(kind)
    stream = stream_id(source_id, kind)
    near = await queries.enter(tx, person_id, stream, _runs(spans(kind, told)))
    keys, too = await tx.keys(person_id), merge(others)
    kept, dropped, gone = [], [], []
    for row in near or ():
        left, lost = untold(opened(keys, row), told, too)
        if not len(lost):
            continue
        gone.append(lost)
        if len(left):
            low, high = milliseconds(row.start), milliseconds(row.until)
            kept.append(sealed(keys, kind, stream, low, high, left))
        else:
            dropped.append(row.start)
    if gone:
        await queries.write(tx, person_id, stream, kept, dropped, kind.name, _months(_days(kind, gone)))
        audit.looked(tx, person_id, f"signals.{kind.name}", action="delete")
    return sum(map(len, gone))


class _Work:
    """One batch, being merged into one stream: what is there, what will be written, what is superseded."""

    def __init__(
        self, keys: "PersonKeys", kind: Kind, stream: UUID, near: Sequence[queries.ChunkRow], now: int
    ) -> None:
        self.keys, self.kind, self.stream, self.now = keys, kind, stream, now
        self.near = {milliseconds(row.start): row for row in near}
        self.starts = sorted(self.near)
        self.rows: list[queries.ChunkRow] = []
        self.superseded: list[datetime] = []
        self.changed: list[Samples] = []
        self.stored = self.grown = 0
        self.began_day = False

    def within(self, start: int, until: int) -> list[queries.ChunkRow]:
        low, high = np.searchsorted(self.starts, [start, until])
        return [self.near[at] for at in self.starts[low:high]]

    def take(self, span: Place) -> None:
        """Merge a span's new samples."""
        there = self.within(span.start, span.until)
        bounds = [(milliseconds(row.start), milliseconds(row.until)) for row in there]
        for place in places(span, bounds, self.now):
            rows = [
                row
                for row, (start, _) in zip(there, bounds, strict=True)
                if place.start <= start < place.until
            ]
            self.put(place, rows)
            self.began_day |= not there and place.until - place.start < DAY

    def put(self, place: Place, rows: Sequence[queries.ChunkRow]) -> None:
        """Merge new samples with the chunks whose place they take."""
        known = merge([opened(self.keys, row) for row in rows]) if rows else Samples.none()
        merged = merge([known, place.samples])
        fresh = added(known, merged)
        as_before = len(rows) == 1 and rows[0].until == instant(place.until)
        if not fresh and as_before:
            return
        self.stored += fresh
        self.grown += len(merged) - len(known)
        if fresh:
            self.changed.append(place.samples)
        self.rows.append(sealed(self.keys, self.kind, self.stream, place.start, place.until, merged))
        self.superseded += [row.start for row in rows if row.start != instant(place.start)]

    def days(self) -> Sequence[int]:
        """Local dates that what is new may count for, in days since 1970."""
        return _days(self.kind, self.changed)


async def _enter(
    tx: Tx,
    person_id: UUID,
    stream: UUID,
    source_id: UUID,
    kind: Kind,
    near: Sequence[tuple[datetime, datetime]],
) -> list[queries.ChunkRow]:
    """Be the only writer of a stream, which is made where there is none, and read its chunks within some spans."""
    rows = await queries.enter(tx, person_id, stream, near)
    if rows is not None:
        return rows
    if await queries.source(tx, person_id, source_id) is None:
        raise NotFound("There is no such source.", field="source")
    await queries.add_stream(tx, person_id, stream, source_id, kind.name)
    return await queries.enter(tx, person_id, stream, near) or []


async def _tell(tx: Tx, person_id: UUID, kind: Kind, stream: UUID, days: int) -> None:
    """A line in the audit trail, and news for who listens, where anything is new."""
    if not days:
        return
    audit.looked(tx, person_id, f"signals.{kind.name}", action="create")
    await events.emit(tx, "signals.appended", person_id=person_id, stream_id=stream, kind=kind.name)
    if days > _MANY:
        await events.emit(tx, "signals.many.appended", person_id=person_id)


def _days(kind: Kind, changed: Sequence[Samples]) -> Sequence[int]:
    if not changed:
        return ()
    found: list[int] = np.unique(np.concatenate([touched(kind, samples) for samples in changed])).tolist()
    return found


async def _cut(tx: Tx, person_id: UUID, kind: Kind, stream: UUID, start: int, end: int) -> int:
    known = edges(kind, start, max(start, end - 1))
    rows = await queries.chunks_near(
        tx, person_id, stream, [(instant(int(known[0])), instant(int(known[-1])))]
    )
    keys = await tx.keys(person_id)
    kept, dropped, gone = [], [], []
    for row in rows:
        samples = opened(keys, row)
        out = (samples.start >= start) & (samples.start < end)
        if out.any():
            gone.append(samples.take(out))
            if out.all():
                dropped.append(row.start)
            else:
                low, high = milliseconds(row.start), milliseconds(row.until)
                kept.append(sealed(keys, kind, stream, low, high, samples.take(~out)))
    await queries.write(tx, person_id, stream, kept, dropped, kind.name, _months(_days(kind, gone)))
    return sum(map(len, gone))


def _runs(cuts: Sequence[Place]) -> list[tuple[datetime, datetime]]:
    """Spans that follow each other, as one."""
    runs: list[list[int]] = []
    for cut in cuts:
        if runs and runs[-1][1] == cut.start:
            runs[-1][1] = cut.until
        else:
            runs.append([cut.start, cut.until])
    return [(instant(low), instant(high)) for low, high in runs]


def _months(days: Iterable[int]) -> list[tuple[date, int]]:
    """Dates (days since 1970) as a bit mask a month."""
    masks: dict[date, int] = defaultdict(int)
    for day in map(date_of, days):
        masks[day.replace(day=1)] |= 1 << (day.day - 1)
    return list(masks.items())


def _check(kind: Kind, batch: Batch) -> None:
    columns = [
        c for c in (batch.start, batch.value, batch.end, batch.confidence, batch.context) if c is not None
    ]
    if len({len(column) for column in columns}) > 1:
        raise Incorrect("The columns must be equally long.")
    if batch.end is None and kind.shape != "instant":
        raise Incorrect("{kind} needs an end to each sample.", field="end", kind=kind.name)
