"""Every statement of signals. Chunks travel by the driver itself, in binary: a year of them is some megabytes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeAlias
from uuid import UUID

from psycopg.rows import args_row
from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from ojas.features.signals.models import Chunk, Days, Route, Session, Source, Stay, Stream, Trace
from ojas.kit import clock
from ojas.kit.db import Tx


@dataclass(frozen=True, slots=True)
class ChunkRow:
    """A row of signal_chunks; ``profile`` is None where the chunk has none."""

    stream_id: UUID
    start: datetime
    until: datetime
    first: datetime
    last: datetime
    n: int
    low: int
    high: int
    total: int
    data: bytes
    profile: bytes | None = None


@dataclass(frozen=True, slots=True)
class Header:
    """A chunk without its samples."""

    stream_id: UUID
    start: datetime
    until: datetime
    n: int
    low: int
    high: int
    total: int
    profile: bytes | None


@dataclass(frozen=True, slots=True)
class Month:
    """A row of signal_days: bit d - 1 of ``stale`` says that day d was written to since it was reckoned."""

    person_id: UUID
    kind: str
    month: date
    stale: int
    revision: int
    sealed: bytes | None


_COLUMNS = "stream_id, start, until, first, last, n, low, high, total"

_UPSERT = """
    INSERT INTO signal_chunks (person_id, stream_id, start, until, first, last, n, low, high, total, revision, data, profile)
    VALUES (%b, %b, %b, %b, %b, %b, %b, %b, %b, %b, 1, %b, %b)
    ON CONFLICT (person_id, stream_id, start) DO UPDATE SET
        until = excluded.until, first = excluded.first, last = excluded.last, n = excluded.n, low = excluded.low,
        high = excluded.high, total = excluded.total, revision = signal_chunks.revision + 1, data = excluded.data,
        profile = excluded.profile
"""

_NEAR = f"""
    SELECT {_COLUMNS}, data FROM unnest(%(lows)b::timestamptz[], %(highs)b::timestamptz[]) AS span(low_edge, high_edge)
    JOIN signal_chunks ON start >= low_edge AND start < high_edge
    WHERE person_id = %(person)b AND stream_id = %(stream)b
    ORDER BY start
"""

_LOCK = "SELECT 1 FROM signal_streams WHERE person_id = %b AND id = %b FOR UPDATE"

_DROP = "DELETE FROM signal_chunks WHERE person_id = %b AND stream_id = %b AND start = ANY(%b::timestamptz[])"

_COUNT = """
    UPDATE signal_streams SET n = n + %b, first = least(first, %b), last = greatest(last, %b)
    WHERE person_id = %b AND id = %b
"""

_RECOUNT = """
    UPDATE signal_streams SET (n, first, last) = (
        SELECT coalesce(sum(n), 0), min(first), max(last) FROM signal_chunks WHERE person_id = %b AND stream_id = %b
    ) WHERE person_id = %b AND id = %b
"""

_WINDOW = f"""
    SELECT {_COLUMNS}, data FROM signal_chunks
    WHERE person_id = %(person)b AND stream_id = ANY(%(streams)b)
      AND start >= %(since)b AND start < %(end)b AND last >= %(start)b
    ORDER BY stream_id, start
"""

_AT = f"""
    SELECT {_COLUMNS}, data FROM unnest(%(streams)b::uuid[], %(starts)b::timestamptz[]) AS place(of_stream, at)
    JOIN signal_chunks ON stream_id = of_stream AND start = at
    WHERE person_id = %(person)b
    ORDER BY stream_id, start
"""

_HEADERS = """
    SELECT stream_id, start, until, n, low, high, total, profile FROM signal_chunks
    WHERE person_id = %(person)b AND stream_id = ANY(%(streams)b)
      AND start >= %(since)b AND start < %(end)b AND last >= %(start)b
    ORDER BY stream_id, start
"""

_KEPT = """
    SELECT person_id, kind, month, stale, revision, sealed FROM signal_days
    WHERE person_id = %(person)b AND kind = ANY(%(kinds)b) AND month >= %(first)b AND month <= %(last)b
    ORDER BY month
"""

_STAYS = "SELECT since, zone FROM signal_stays WHERE person_id = %(person)b ORDER BY since"

_MARK = """
    INSERT INTO signal_days (person_id, kind, month, stale, revision) VALUES (%b, %b, %b, %b, 1)
    ON CONFLICT (person_id, kind, month) DO UPDATE
    SET stale = signal_days.stale | excluded.stale, revision = signal_days.revision + 1
"""


async def streams_of(tx: Tx, person_id: UUID, kind: str | None = None) -> Sequence[tuple[Stream, Source]]:
    query = select(Stream, Source).join(
        Source, (Source.person_id == Stream.person_id) & (Source.id == Stream.source_id)
    )
    query = query.where(Stream.person_id == person_id)
    if kind is not None:
        query = query.where(Stream.kind == kind)
    return [(stream, source) for stream, source in (await tx.session.execute(query)).all()]


_SENDING = """
    SELECT person_id, kind FROM signal_streams
    WHERE person_id = ANY(%(persons)s) AND kind = ANY(%(kinds)s) AND last >= %(since)s
"""


async def sending(
    tx: Tx, persons: Sequence[UUID], kinds: Sequence[str], since: datetime
) -> list[tuple[UUID, str]]:
    """Who sent what since an instant, of many persons at once."""
    asked = {"persons": list(persons), "kinds": list(kinds), "since": since}
    cursor = await (await tx.connection()).execute(_SENDING.encode(), asked, prepare=True)
    return [(person, kind) for person, kind in await cursor.fetchall()]


async def workouts(tx: Tx, person_id: UUID, since: datetime) -> list[tuple[datetime, datetime]]:
    """From when to when somebody trained, where it ended after ``since``."""
    query = select(Session.started_at, Session.ended_at).where(
        Session.person_id == person_id, Session.kind == "workout", Session.ended_at >= since
    )
    return [(start, end) for start, end in (await tx.session.execute(query)).all()]


async def source(tx: Tx, person_id: UUID, source_id: UUID) -> Source | None:
    found: Source | None = await tx.session.scalar(
        select(Source).where(Source.person_id == person_id, Source.id == source_id)
    )
    return found


async def add_source(
    tx: Tx, person_id: UUID, source_id: UUID, sort: str, priority: int | None, sealed: bytes
) -> None:
    """Add it unless it is there: two imports may meet the same watch at once."""
    values = {"person_id": person_id, "id": source_id, "sort": sort, "priority": priority, "sealed": sealed}
    values |= {"version": 1, "created_at": clock.now(), "updated_at": clock.now()}
    await tx.session.execute(insert(Source).values(**values).on_conflict_do_nothing())


async def drop_empty_source(tx: Tx, person_id: UUID, source_id: UUID) -> None:
    """Delete a source as it was met first, of which there are neither samples nor sessions."""
    of_it = (Stream.person_id == person_id, Stream.source_id == source_id, Stream.n > 0)
    sessions = (Session.person_id == person_id, Session.source_id == source_id)
    await tx.session.execute(
        delete(Source)
        .where(Source.person_id == person_id, Source.id == source_id, Source.version == 1)
        .where(~select(1).where(*of_it).exists(), ~select(1).where(*sessions).exists())
        .execution_options(synchronize_session=False)
    )


async def lock_stream(tx: Tx, person_id: UUID, stream_id: UUID) -> bool:
    """Queue up at the stream: whoever holds its row is its only writer until the transaction ends."""
    query = select(Stream.id).where(Stream.person_id == person_id, Stream.id == stream_id).with_for_update()
    return await tx.session.scalar(query) is not None


async def add_stream(tx: Tx, person_id: UUID, stream_id: UUID, source_id: UUID, kind: str) -> None:
    values = {
        "person_id": person_id,
        "id": stream_id,
        "source_id": source_id,
        "kind": kind,
        "created_at": clock.now(),
    }
    await tx.session.execute(insert(Stream).values(**values).on_conflict_do_nothing())


async def enter(
    tx: Tx, person_id: UUID, stream_id: UUID, spans: Sequence[tuple[datetime, datetime]]
) -> list[ChunkRow] | None:
    """Queue up at the stream, then read its chunks that begin within ``spans``; None where there is no such stream.

    One round trip. The second statement runs once the first has its lock, so it sees what the writer before has committed.
    """
    connection = await tx.connection()
    async with (
        connection.pipeline(),
        connection.cursor() as lock,
        connection.cursor(binary=True, row_factory=args_row(ChunkRow)) as chunks,
    ):
        await lock.execute(_LOCK, (person_id, stream_id))
        await chunks.execute(_NEAR.encode(), _spans(person_id, stream_id, spans))
        return await chunks.fetchall() if await lock.fetchone() else None


async def chunks_near(
    tx: Tx, person_id: UUID, stream_id: UUID, spans: Sequence[tuple[datetime, datetime]]
) -> list[ChunkRow]:
    """Chunks that begin within any of ``spans``."""
    return await _chunks(tx, _NEAR, _spans(person_id, stream_id, spans))


async def chunks_within(
    tx: Tx, person_id: UUID, streams: Sequence[UUID], start: datetime, end: datetime, since: datetime
) -> list[ChunkRow]:
    """Chunks that touch [start, end); none that does begins before ``since``."""
    if not streams:
        return []
    where = {"person": person_id, "streams": list(streams), "start": start, "end": end, "since": since}
    return await _chunks(tx, _WINDOW, where)


async def chunks_at(tx: Tx, person_id: UUID, places: Sequence[tuple[UUID, datetime]]) -> list[ChunkRow]:
    """Chunks by stream and start."""
    if not places:
        return []
    streams, starts = [stream for stream, _ in places], [start for _, start in places]
    return await _chunks(tx, _AT, {"person": person_id, "streams": streams, "starts": starts})


async def headers_within(
    tx: Tx, person_id: UUID, streams: Sequence[UUID], start: datetime, end: datetime, since: datetime
) -> list[Header]:
    if not streams:
        return []
    connection = await tx.connection()
    async with connection.cursor(binary=True, row_factory=args_row(Header)) as cursor:
        where = {"person": person_id, "streams": list(streams), "start": start, "end": end, "since": since}
        await cursor.execute(_HEADERS, where)
        return await cursor.fetchall()


async def write(
    tx: Tx,
    person_id: UUID,
    stream_id: UUID,
    rows: Iterable[ChunkRow],
    drop: Sequence[datetime] = (),
    kind: str = "",
    months: Iterable[tuple[date, int]] = (),
    grown: int | None = None,
) -> None:
    """Drop chunks by their start, add others or put them in the place of those that begin alike, and note which days of which
    months were written to: in the order of months, so that no two writers wait for each other. One round trip.

    ``grown``: how many samples more the stream has; None: count its chunks anew.
    """
    added = [
        (
            person_id,
            r.stream_id,
            r.start,
            r.until,
            r.first,
            r.last,
            r.n,
            r.low,
            r.high,
            r.total,
            r.data,
            r.profile,
        )
        for r in rows
    ]
    marked = [(person_id, kind, month, stale) for month, stale in sorted(months)]
    connection = await tx.connection()
    async with connection.pipeline(), connection.cursor() as cursor:
        if drop:
            await cursor.execute(_DROP, (person_id, stream_id, list(drop)))
        if added:
            await cursor.executemany(_UPSERT, added)
        if marked:
            await cursor.executemany(_MARK, marked)
        if grown is None:
            await cursor.execute(_RECOUNT, (person_id, stream_id, person_id, stream_id))
        elif grown:
            first, last = min(r[4] for r in added), max(r[5] for r in added)
            await cursor.execute(_COUNT, (grown, first, last, person_id, stream_id))


async def open_days(
    tx: Tx, person_id: UUID, stream_id: UUID, before: datetime
) -> list[tuple[datetime, datetime]]:
    """Begin and end of chunks shorter than a day that ended before ``before``: days to be put together."""
    query = select(Chunk.start, Chunk.until).where(
        Chunk.person_id == person_id,
        Chunk.stream_id == stream_id,
        Chunk.until <= before,
        Chunk.until - Chunk.start < func.make_interval(0, 0, 0, 1),
    )
    return [(start, until) for start, until in (await tx.session.execute(query)).all()]


async def extent(tx: Tx, person_id: UUID, streams: Sequence[UUID]) -> tuple[datetime, datetime] | None:
    """First and last instant of some streams."""
    query = select(func.min(Stream.first), func.max(Stream.last)).where(
        Stream.person_id == person_id, Stream.id.in_(streams)
    )
    first, last = (await tx.session.execute(query)).one()
    return None if first is None or last is None else (first, last)


async def kept_days(tx: Tx, person_id: UUID, kinds: Sequence[str], first: date, last: date) -> list[Month]:
    """Months of some kinds that touch [first, last], by time. By the driver: as mapped objects they cost four times that."""
    where = {"person": person_id, "kinds": list(kinds), "first": first.replace(day=1), "last": last}
    connection = await tx.connection()
    async with connection.cursor(binary=True, row_factory=args_row(Month)) as cursor:
        await cursor.execute(_KEPT.encode(), where)
        return await cursor.fetchall()


async def stale_kinds(tx: Tx, person_id: UUID) -> list[tuple[str, date]]:
    """Kinds and months with days written to since they were reckoned."""
    query = select(Days.kind, Days.month).where(Days.person_id == person_id, Days.stale != 0)
    return [
        (kind, month)
        for kind, month in (await tx.session.execute(query.order_by(Days.kind, Days.month))).all()
    ]


async def keep_days(tx: Tx, row: Month, stale: int, sealed: bytes) -> bool:
    """Keep what was reckoned from the state ``row`` shows; False if somebody has written since."""
    changed = await tx.session.execute(
        update(Days)
        .where(
            Days.person_id == row.person_id,
            Days.kind == row.kind,
            Days.month == row.month,
            Days.revision == row.revision,
        )
        .values(stale=stale, sealed=sealed)
        .execution_options(synchronize_session=False)
    )
    return bool(getattr(changed, "rowcount", 0))


async def forget_days(tx: Tx, person_id: UUID) -> None:
    """All days must be reckoned anew: the person's clock was another than thought."""
    await tx.session.execute(
        update(Days)
        .where(Days.person_id == person_id)
        .values(stale=(1 << 31) - 1, revision=Days.revision + 1)
        .execution_options(synchronize_session=False)
    )


async def stays(tx: Tx, person_id: UUID) -> list[tuple[datetime, str]]:
    connection = await tx.connection()
    cursor = await connection.execute(_STAYS.encode(), {"person": person_id}, binary=True)
    return [(since, zone) for since, zone in await cursor.fetchall()]


async def add_stay(tx: Tx, person_id: UUID, since: datetime, zone: str) -> None:
    statement = insert(Stay).values(person_id=person_id, since=since, zone=zone)
    await tx.session.execute(
        statement.on_conflict_do_update(index_elements=[Stay.person_id, Stay.since], set_={"zone": zone})
    )


async def forget_stay(tx: Tx, person_id: UUID, since: datetime, zone: str) -> None:
    await tx.session.execute(
        delete(Stay).where(Stay.person_id == person_id, Stay.since == since, Stay.zone == zone)
    )


Beside: TypeAlias = type[Route] | type[Trace]
"""What may lie beside a session, one of each."""


async def beside(tx: Tx, table: Beside, person_id: UUID, session_id: UUID) -> bytes | None:
    """What lies there, sealed."""
    found: bytes | None = await tx.session.scalar(
        select(table.data).where(table.person_id == person_id, table.session_id == session_id)
    )
    return found


async def put_beside(tx: Tx, table: Beside, person_id: UUID, session_id: UUID, n: int, data: bytes) -> None:
    """In the place of what lay there."""
    statement = insert(table).values(person_id=person_id, session_id=session_id, n=n, data=data)
    await tx.session.execute(
        statement.on_conflict_do_update(
            index_elements=[table.person_id, table.session_id], set_={"n": n, "data": data}
        )
    )


async def sessions_with(tx: Tx, table: Beside, person_id: UUID) -> list[UUID]:
    query = select(table.session_id).where(table.person_id == person_id).order_by(table.session_id)
    return list(await tx.session.scalars(query))


async def forget_routes(tx: Tx, person_id: UUID) -> None:
    await tx.session.execute(delete(Route).where(Route.person_id == person_id))


async def erase(tx: Tx, person_id: UUID) -> None:
    for table in (Chunk, Stream, Days, Stay, Route, Trace):
        await tx.session.execute(delete(table).where(table.person_id == person_id))


def _spans(person_id: UUID, stream_id: UUID, spans: Sequence[tuple[datetime, datetime]]) -> dict[str, Any]:
    lows, highs = [low for low, _ in spans], [high for _, high in spans]
    return {"person": person_id, "stream": stream_id, "lows": lows, "highs": highs}


async def _chunks(tx: Tx, statement: str, where: dict[str, Any]) -> list[ChunkRow]:
    connection = await tx.connection()
    async with connection.cursor(binary=True, row_factory=args_row(ChunkRow)) as cursor:
        await cursor.execute(statement.encode(), where)
        return await cursor.fetchall()
