"""Samples go out: as they are, as a line of so many points, as a word on how many there are."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import numpy as np

from ojas.features.signals import queries
from ojas.features.signals.rules import (
    DAY,
    HOUR,
    Blend,
    Kind,
    Profile,
    Samples,
    Series,
    SourceClass,
    Span,
    blend,
    downsample,
    instant,
    milliseconds,
    outline,
    profile,
    window,
)
from ojas.features.signals.schemas import Overview, StreamView
from ojas.features.signals.service.ground import (
    SCOPE,
    Stream,
    by_stream,
    kind_of,
    opened,
    opened_profile,
    rank,
    streams,
)
from ojas.features.signals.service.sources import name_of
from ojas.kit import audit
from ojas.kit.db import Tx
from ojas.kit.errors import TooLarge
from ojas.kit.i18n import gettext

MOST = 5_000_000
"""Samples a window may hold: 58 days of one a second. Who wants more wants a series, or an export."""


async def parts(
    tx: Tx,
    person_id: UUID,
    kind: str | Kind,
    start: int,
    end: int,
    source_id: UUID | None = None,
    *,
    most: int = MOST,
) -> list[Samples]:
    """Samples that touch [start, end) (ms) of each source, the one to believe first.

    Raises:
        TooLarge: there are more than ``most``.
    """
    tx.access.require(SCOPE, person_id)
    kind = kind_of(kind)
    audit.looked(tx, person_id, f"signals.{kind.name}")
    found = await streams(tx, person_id, kind, source_id)
    rows = await _rows(tx, person_id, kind, found, start, end, most)
    told = by_stream(await tx.keys(person_id), found, rows).values() if rows else ()
    return [window(samples, start, end) for samples in told]


async def read(
    tx: Tx,
    person_id: UUID,
    kind: str | Kind,
    start: int,
    end: int,
    source_id: UUID | None = None,
    *,
    most: int = MOST,
) -> Blend:
    """Samples that touch [start, end) (ms), of one source, or by the minute of the best there is. Raises: as ``parts``."""
    kind = kind_of(kind)
    return blend(kind, await parts(tx, person_id, kind, start, end, source_id, most=most))


async def series(
    tx: Tx,
    person_id: UUID,
    kind: str | Kind,
    start: int,
    end: int,
    points: int,
    source_id: UUID | None = None,
) -> Series:
    """[start, end) (ms) in at most about ``points`` buckets, broken where nothing was measured for long.

    Buckets of a day and more are made from the chunks' headers alone, those of an hour and more from profiles, so that a year
    opens no samples; only what is looked at closely is decoded. Wide buckets begin on the hour or the day (UTC), so the first
    may begin before ``start``.
    """
    kind = kind_of(kind)
    width = max(1, -(-(end - start) // points))
    if kind.span is Span.MONTH or width < HOUR:
        return downsample(
            kind, await read(tx, person_id, kind, start, end, source_id), start, end, points
        ).open(kind.gap)
    tx.access.require(SCOPE, person_id)
    audit.looked(tx, person_id, f"signals.{kind.name}")
    unit = DAY if width >= DAY else HOUR
    width, start = -(-width // unit) * unit, start // unit * unit
    found = await streams(tx, person_id, kind, source_id)
    headers = await queries.headers_within(
        tx, person_id, [s.id for s in found], instant(start), instant(end), since_of(kind, start)
    )
    profiles = _by_day(found, headers) if unit == DAY else await _by_hour(tx, person_id, kind, found, headers)
    return outline(kind, profiles, start, end, width).open(kind.gap)


async def overview(tx: Tx, person_id: UUID) -> list[Overview]:
    """Every kind there is anything of, with its sources: a row a stream, however much they hold."""
    tx.access.require(SCOPE, person_id)
    audit.looked(tx, person_id, "signals")
    by_kind: dict[str, list[StreamView]] = defaultdict(list)
    for stream, source in sorted(await queries.streams_of(tx, person_id), key=lambda both: rank(both[1])):
        if stream.first and stream.last:
            view = StreamView(
                source_id=source.id,
                source=await name_of(tx, source),
                sort=SourceClass(source.sort),
                samples=stream.n,
                first=stream.first,
                last=stream.last,
            )
            by_kind[stream.kind].append(view)
    return [_overview(name, views) for name, views in sorted(by_kind.items())]


async def latest(tx: Tx, person_id: UUID, kind: str | Kind) -> tuple[datetime, float] | None:
    """When the last sample of a kind ended, and its value in units (of a stage: its code)."""
    kind = kind_of(kind)
    tx.access.require(SCOPE, person_id)
    found = await streams(tx, person_id, kind)
    extent = await queries.extent(tx, person_id, [s.id for s in found])
    if extent is None:
        return None
    last = milliseconds(extent[1])
    samples = (await read(tx, person_id, kind, last - DAY, last + 1)).samples
    at = int(samples.ends.argmax())
    return instant(int(samples.ends[at])), float(samples.value[at]) / kind.scale


async def extent(tx: Tx, person_id: UUID, kind: str | Kind) -> tuple[datetime, datetime] | None:
    """First and last instant of a kind, from all sources."""
    tx.access.require(SCOPE, person_id)
    found = await streams(tx, person_id, kind_of(kind))
    return await queries.extent(tx, person_id, [s.id for s in found])


def _overview(name: str, views: list[StreamView]) -> Overview:
    kind = kind_of(name)
    return Overview(
        kind=name,
        title=gettext(kind.title),
        unit=kind.unit,
        samples=sum(view.samples for view in views),
        first=min(view.first for view in views),
        last=max(view.last for view in views),
        streams=views,
    )


async def _rows(
    tx: Tx, person_id: UUID, kind: Kind, found: Sequence[Stream], start: int, end: int, most: int
) -> list[queries.ChunkRow]:
    if end <= start or not found:
        return []
    ids, low, high = [s.id for s in found], instant(start), instant(end)
    if end - start > 7 * DAY:
        headers = await queries.headers_within(tx, person_id, ids, low, high, since_of(kind, start))
        if sum(header.n for header in headers) > most:
            raise TooLarge(
                "That is more than {most} samples. Ask for a shorter time, or for fewer points.", most=most
            )
    return await queries.chunks_within(tx, person_id, ids, low, high, since_of(kind, start))


def since_of(kind: Kind, start: int) -> datetime:
    """Before this begins no chunk that reaches ``start``: a chunk's span, and the longest sample in it."""
    return instant(start - (31 * DAY if kind.span is Span.MONTH else DAY) - kind.longest)


def _by_day(found: Sequence[Stream], headers: Sequence[queries.Header]) -> list[list[Profile]]:
    told: dict[UUID, list[queries.Header]] = {stream.id: [] for stream in found}
    for header in headers:
        told[header.stream_id].append(header)
    return [[_headed(of_stream)] for of_stream in told.values() if of_stream]


def _headed(headers: Sequence[queries.Header]) -> Profile:
    starts = np.array([milliseconds(h.start) // DAY * DAY for h in headers], np.int64)
    columns = np.array([(h.n, h.total, h.low, h.high) for h in headers], np.int64)
    return Profile(starts, *columns.T)


async def _by_hour(
    tx: Tx, person_id: UUID, kind: Kind, found: Sequence[Stream], headers: Sequence[queries.Header]
) -> list[list[Profile]]:
    keys = await tx.keys(person_id)
    told: dict[UUID, list[Profile]] = {stream.id: [] for stream in found}
    bare = [header for header in headers if header.profile is None]
    for header in headers:
        if header.profile is not None:
            told[header.stream_id].append(opened_profile(keys, header))
    # The hours of a day that goes on, and days of few samples.
    for row in await queries.chunks_at(tx, person_id, [(h.stream_id, h.start) for h in bare]):
        told[row.stream_id].append(profile(kind, opened(keys, row)))
    return list(told.values())
