"""How fast do samples go in and come out, and what do they take, against plain rows in the same run?"""

import asyncio
import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import httpx
import numpy as np
import orjson
from fastapi import FastAPI, Request
from sqlalchemy import text

from bench.harness import Bench, Stage, stage
from ojas.features.signals import service
from ojas.features.signals.api import ROUTERS
from ojas.features.signals.rules import DAY, HOUR, KINDS, MINUTE, Samples, milliseconds
from ojas.features.signals.schemas import Batch, SourceClass, SourceDraft
from ojas.kit.db import Access, Database, Tx
from ojas.kit.http import Actor, House, install
from ojas.kit.http.problems import problem

HEART = KINDS["heart_rate"]
T0 = milliseconds(datetime(2026, 1, 1, tzinfo=UTC))
WATCH = SourceDraft(name="Watch", sort=SourceClass.WATCH)
PHONE = SourceDraft(name="Phone", sort=SourceClass.PHONE)
CORPUS = Path(__file__).parents[2] / "shared" / "corpora" / "polar_accesslink_hr"


async def run(bench: Bench) -> None:
    async with stage() as s:
        await _bulk(bench, s)
        await _sizes(bench, s)
        await _live(bench, s)
        await _reads(bench, s)
        await _days(bench, s)
        await _rest(bench, s)
        await _growth(bench, s)


def beats(days: float, every: int = 1000, seed: int = 1) -> Batch:
    """A heart that wanders: whole beats a minute, by the second unless told."""
    rng = np.random.default_rng(seed)
    n = int(days * DAY / every)
    steps = rng.choice([-2, -1, 0, 0, 0, 1, 2], n)
    value = (
        75
        + 20 * np.sin(np.arange(n) * every / DAY * 2 * np.pi)
        + np.cumsum(steps) * 0.02
        + rng.choice([-1, 0, 1], n)
    )
    return Batch(T0 + np.arange(n) * float(every), np.rint(value.clip(45, 185)))


async def _bulk(bench: Bench, s: Stage) -> None:
    """Into the store: an import's worth at once, sealed and committed, against COPY of rows with the same keys."""
    batch = beats(10)
    rows = await bench.measure(lambda: _copy(s, batch, 400_000), times=3)
    sealed = await bench.measure(lambda: _import(s, "heart_rate", batch), times=5)
    rate = 400_000 / rows.median
    bench.figure(
        "bulk, 1 Hz heart rate, sealed",
        len(batch.start) / sealed.median,
        "1/s",
        reference=rate,
        at_least=1e6,
        spread=sealed.spread,
    )
    steps = walked(320)
    seldom = await bench.measure(lambda: _import(s, "steps", steps), times=5)
    bench.figure(
        "bulk, a minute of steps a sample, sealed",
        len(steps.start) / seldom.median,
        "1/s",
        reference=rate,
        at_least=1e6,
    )


async def _import(s: Stage, kind: str, batch: Batch) -> None:
    person = await s.person()
    await _send(s, person, kind, batch)


async def _send(s: Stage, person: UUID, kind: str, batch: Batch, source: SourceDraft = WATCH) -> None:
    async with s.database.transaction(Access.of(person)) as tx:
        await service.append(tx, person, await service.meet(tx, person, source), kind, batch)


def walked(days: int) -> Batch:
    rng = np.random.default_rng(2)
    start = T0 + np.arange(days * 1440) * float(MINUTE)
    return Batch(
        start, rng.poisson(20, len(start)) * rng.integers(0, 2, len(start)).astype(float), start + MINUTE
    )


_TABLE = """
    CREATE TABLE IF NOT EXISTS plain_samples (person_id uuid, stream_id uuid, at timestamptz, value double precision,
    PRIMARY KEY (person_id, stream_id, at))
"""


async def _rows_table(s: Stage) -> None:
    import psycopg

    from ojas.kit.db import embedded

    def make() -> None:
        with psycopg.connect(s.cluster.dsn(embedded.OWNER), autocommit=True) as owner:
            owner.execute(_TABLE)

    await asyncio.to_thread(make)


async def _copy(s: Stage, batch: Batch, n: int, person: UUID | None = None) -> UUID:
    """The same samples as rows: the quickest way PostgreSQL has, in the clear."""
    await _rows_table(s)
    person = person or await s.person()
    at = [datetime.fromtimestamp(ms / 1000, UTC) for ms in batch.start[:n].tolist()]
    async with s.database.transaction(Access.of(person)) as tx:
        connection = await tx.connection()
        async with connection.cursor().copy("COPY plain_samples FROM STDIN (FORMAT binary)") as copy:
            copy.set_types(["uuid", "uuid", "timestamptz", "float8"])
            for instant, value in zip(at, batch.value.tolist(), strict=False):
                await copy.write_row((person, person, instant, value))
    return person


async def _sizes(bench: Bench, s: Stage) -> None:
    """Bytes a sample, with indexes and all, after a vacuum."""
    batch = beats(30)
    person = await s.person()
    before = await _size(s, "signal_chunks")
    await _send(s, person, "heart_rate", batch)
    kept = (await _size(s, "signal_chunks") - before) / len(batch.start)
    rows = await _size(s, "plain_samples") / (4 * 400_000)
    bench.figure("bytes a sample, 1 Hz heart rate (made)", kept, "B", reference=rows, at_most=3)
    if not CORPUS.is_dir():
        print("  real heart rate: skipped, needs the corpus polar_accesslink_hr beside the project")
        return
    real = _polar()
    person = await s.person()
    before = await _size(s, "signal_chunks")
    await _send(s, person, "heart_rate", real)
    kept = (await _size(s, "signal_chunks") - before) / len(real.start)
    bench.figure("bytes a sample, real watch, on disk", kept, "B", reference=rows, at_most=3)
    async with s.database.transaction(Access.of(person)) as tx:
        sealed = await tx.session.scalar(
            text(
                "SELECT sum(length(data) + coalesce(length(profile), 0)) FROM signal_chunks WHERE person_id = :p"
            ),
            {"p": person},
        )
    bench.figure("bytes a sample, real watch, sealed", float(sealed) / len(real.start), "B", at_most=3)


async def _size(s: Stage, table: str) -> float:
    async with s.database.transaction() as tx:
        return float(await tx.session.scalar(text(f"SELECT pg_total_relation_size('{table}')")))


def _polar() -> Batch:
    start, value = [], []
    for path in sorted(CORPUS.glob("*.json")):
        told = json.loads(path.read_text())
        midnight = datetime.fromisoformat(told["date"]).replace(tzinfo=UTC).timestamp()
        for sample in told["heart_rate_samples"]:
            hours, minutes, seconds = map(int, sample["sample_time"].split(":"))
            start.append((midnight + hours * 3600 + minutes * 60 + seconds) * 1000)
            value.append(sample["heart_rate"])
    return Batch(np.array(start), np.array(value, float))


async def _live(bench: Bench, s: Stage) -> None:
    """A minute of one a second, as a watch sends it, into an hour that fills: against 60 rows."""
    await _rows_table(s)
    now = int(datetime.now(UTC).timestamp() * 1000) // HOUR * HOUR - 2 * HOUR
    now = max(now, now // DAY * DAY)
    minutes = iter(range(10_000))

    def minute() -> Batch:
        at = now + next(minutes) % 120 * MINUTE
        return Batch(at + np.arange(60) * 1000.0, np.full(60, 71.0))

    person, other = await s.person(), await s.person()
    rows = await bench.measure(lambda: _insert(s, other, minute()), times=60, warm=5)
    sealed = await bench.measure(lambda: _send(s, person, "heart_rate", minute()), times=60, warm=5)
    bench.figure(
        "a minute into the hour that goes on",
        1000 * sealed.median,
        "ms",
        reference=1000 * rows.median,
        spread=sealed.spread,
    )


async def _insert(s: Stage, person: UUID, batch: Batch) -> None:
    values = [
        (person, person, datetime.fromtimestamp(ms / 1000, UTC), value)
        for ms, value in zip(batch.start, batch.value, strict=True)
    ]
    async with s.database.transaction(Access.of(person)) as tx:
        connection = await tx.connection()
        async with connection.cursor() as cursor:
            await cursor.executemany(
                "INSERT INTO plain_samples VALUES (%b, %b, %b, %b) ON CONFLICT DO NOTHING", values
            )


async def _reads(bench: Bench, s: Stage) -> None:
    """Thirty days back: by the second, by the minute, as a line for a chart; and a year of it."""
    seconds, minutes = beats(30), beats(30, MINUTE)
    by_second, by_minute, year = await s.person(), await s.person(), await s.person()
    await _send(s, by_second, "heart_rate", seconds)
    await _send(s, by_minute, "heart_rate", minutes)
    await _send(s, year, "heart_rate", beats(300, 5000))
    await _copy(s, minutes, len(minutes.start), by_minute)
    end = T0 + 30 * DAY
    rows = await bench.measure(lambda: _select(s, by_minute), times=7)
    fine = await bench.measure(lambda: _read(s, by_second, end), times=15, warm=3)
    coarse = await bench.measure(lambda: _read(s, by_minute, end), times=15, warm=3)
    bench.figure(
        "30 days, one a minute, to arrays",
        1000 * coarse.median,
        "ms",
        reference=1000 * rows.median,
        at_most=20,
    )
    bench.figure("30 days, one a second (2.6 M), to arrays", 1000 * fine.median, "ms", spread=fine.spread)
    for name, person, days, points in (
        ("30 days at one a second, 720 points", by_second, 30, 720),
        ("a day at one a second, 1440 points", by_second, 1, 1440),
        ("300 days at one in five seconds (5.2 M), 300 points", year, 300, 300),
    ):
        times = await bench.measure(lambda p=person, d=days, n=points: _line(s, p, d, n), times=15, warm=3)
        bench.figure(name, 1000 * times.median, "ms", at_most=20, spread=times.spread)


async def _select(s: Stage, person: UUID) -> None:
    async with s.database.transaction(Access.of(person)) as tx:
        connection = await tx.connection()
        async with connection.cursor(binary=True) as cursor:
            await cursor.execute(
                "SELECT at, value FROM plain_samples WHERE person_id = %s ORDER BY at", (person,)
            )
            await cursor.fetchall()


async def _read(s: Stage, person: UUID, end: int) -> Samples:
    async with s.database.transaction(Access.of(person)) as tx:
        return (await service.read(tx, person, HEART, T0, end)).samples


async def _line(s: Stage, person: UUID, days: int, points: int) -> None:
    async with s.database.transaction(Access.of(person)) as tx:
        await service.series(tx, person, HEART, T0, T0 + days * DAY, points)


async def _days(bench: Bench, s: Stage) -> None:
    """A year of days out of two sources that overlap: the first time, kept, and after a late minute."""
    person = await s.person()
    steps = walked(320)
    await _send(s, person, "steps", steps)
    await _send(s, person, "steps", steps, PHONE)
    first, last = date(2026, 1, 1), date(2026, 12, 31)

    async def look() -> None:
        async with s.database.transaction(Access.of(person)) as tx:
            await service.days(tx, person, "steps", first, last)

    async with s.database.transaction(Access.of(person)) as tx:
        await service.live_in(tx, person, "Asia/Kolkata")
    afresh = await bench.measure(look, times=1, warm=0)
    kept = await bench.measure(look, times=15, warm=3)
    bench.figure("320 days of two sources, reckoned", 1000 * afresh.median, "ms")
    bench.figure(
        "320 days of two sources, kept", 1000 * kept.median, "ms", reference=1000 * afresh.median, at_most=20
    )
    late = datetime(2026, 6, 1, 12, tzinfo=UTC)
    turns = iter(range(1000))

    async def late_minute() -> None:
        at = milliseconds(late + timedelta(milliseconds=next(turns)))
        await _send(
            s, person, "steps", Batch(np.array([at], float), np.array([5.0]), np.array([at + 1000.0]))
        )
        await look()

    after = await bench.measure(late_minute, times=7)
    bench.figure("the same after a late sample, with its append", 1000 * after.median, "ms")


async def _rest(bench: Bench, s: Stage) -> None:
    """Over REST, with edge, access, audit and seal; the client costs itself about 0.3 ms."""
    person = await s.person()
    async with _client(s.database, person) as client:
        batches = iter([_body(T0 + i * 20_000_000, 20_000) for i in range(12)])

        async def post() -> None:
            answer = await client.post(f"/people/{person}/signals/heart_rate/samples", content=next(batches))
            assert answer.json()["stored"] == 20_000

        times = await bench.measure(post, times=9)
        bench.figure(
            "samples posted, 20,000 a request",
            20_000 / times.median,
            "1/s",
            at_least=200_000,
            spread=times.spread,
        )
        again = await s.person()
        await _send(s, again, "heart_rate", beats(30, MINUTE))
        async with _client(s.database, again) as reader:
            span = {"start": "2026-01-01T00:00:00Z", "end": "2026-01-31T00:00:00Z"}

            async def get() -> None:
                answer = await reader.get(f"/people/{again}/signals/heart_rate/samples", params=span)
                assert answer.status_code == 200

            times = await bench.measure(get, times=15, warm=3)
            bench.figure(
                "30 days of heart rate by the minute, over REST",
                1000 * times.median,
                "ms",
                at_most=20,
                spread=times.spread,
            )
        await _at_once(bench, s)


async def _at_once(bench: Bench, s: Stage) -> None:
    """Four at once with the same batch: nothing acknowledged is lost, nothing is there twice."""
    person = await s.person()
    async with _client(s.database, person) as client:
        body = _body(T0, 20_000)
        answers = await asyncio.gather(
            *(client.post(f"/people/{person}/signals/heart_rate/samples", content=body) for _ in range(4))
        )
    async with s.database.transaction(Access.of(person)) as tx:
        found = (await service.read(tx, person, HEART, T0, T0 + DAY)).samples
    stored = sum(answer.json()["stored"] for answer in answers)
    bench.figure(
        "four equal batches at once: stored and acknowledged, not found",
        abs(stored - len(found)),
        "samples",
        at_most=0,
    )


_FILL = """
    WITH people AS (SELECT gen_random_uuid() AS person, gen_random_uuid() AS source, gen_random_uuid() AS stream
                    FROM generate_series(1, {people})),
    sources AS (INSERT INTO signal_sources SELECT person, source, 'watch', NULL, 1, now(), now(), 'x' FROM people RETURNING 1),
    streams AS (INSERT INTO signal_streams SELECT person, stream, source, 'heart_rate', now() FROM people RETURNING 1)
    INSERT INTO signal_chunks
    SELECT person, stream, day, day + interval '1 day', day, day, 1, 60, 60, 60, 1, data, NULL
    FROM people, generate_series('2025-01-01'::timestamptz, '2025-12-31', '1 day') AS day,
         (SELECT string_agg(sha256(random()::text::bytea), '') AS data FROM generate_series(1, 6)) AS filler
"""


async def _growth(bench: Bench, s: Stage) -> None:
    """The same reading and writing among ten times and a hundred times as many people: the cost follows what is asked for."""
    person = await s.person()
    await _send(s, person, "heart_rate", beats(30, MINUTE))
    await _fill(s, 5)
    alone: tuple[float, float] | None = None
    for people in (5, 50, 500):
        await _fill(s, people - people // 10)
        read = await bench.measure(lambda: _read(s, person, T0 + 30 * DAY), times=15, warm=3)
        turns = iter(range(1000))
        write = await bench.measure(
            lambda t=turns, n=people: _one_more(s, person, n * 1000 + next(t)), times=15, warm=3
        )
        alone = alone or (read.median, write.median)
        among = f"among {people * 365:,} chunks"
        bench.figure(
            f"30 days read, {among}", 1000 * read.median, "ms", reference=1000 * alone[0], ratio_at_most=1.5
        )
        bench.figure(
            f"a sample into a past day, {among}",
            1000 * write.median,
            "ms",
            reference=1000 * alone[1],
            ratio_at_most=1.5,
        )


async def _one_more(s: Stage, person: UUID, turn: int) -> None:
    await _send(s, person, "heart_rate", Batch(np.array([T0 + turn * 7.0]), np.array([66.0])))


async def _fill(s: Stage, people: int) -> None:
    """People with a year of days each, past row security: unreadable, since nobody will read them."""
    import psycopg

    from ojas.kit.db import embedded

    def fill() -> None:
        with psycopg.connect(s.cluster.dsn(embedded.KEEPER), autocommit=True) as owner:
            owner.execute(_FILL.format(people=people).encode())
            owner.execute("VACUUM ANALYZE signal_chunks")

    await asyncio.to_thread(fill)


def _body(start: int, n: int) -> bytes:
    rng = np.random.default_rng(start % 1000)
    source = {"name": "Watch", "sort": "watch"}
    return orjson.dumps(
        {
            "source": source,
            "start": (start + np.arange(n) * 1000).tolist(),
            "value": rng.integers(60, 90, n).tolist(),
        }
    )


def _client(database: Database, person: UUID) -> httpx.AsyncClient:
    async def authenticate(tx: Tx, request: Request) -> Actor | None:
        return Actor(person, person, None, by_cookie=False)

    async def authorise(tx: Tx, actor: Actor) -> Access:
        return Access.of(person, account_id=person)

    app = FastAPI()
    install(app, problem)
    for router in ROUTERS:
        app.include_router(router, prefix="/api/v1")
    app.state.house = House(database, authenticate=authenticate, authorise=authorise)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost/api/v1")
