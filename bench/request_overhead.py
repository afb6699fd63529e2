"""What do row security, audit, sealing and validation cost a request, against a bare server that has none of them?"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import orjson
import psycopg
from fastapi import FastAPI, Request, Response
from psycopg_pool import AsyncConnectionPool

from bench.harness import Bench, Member, Stage, Times, call, stage
from ojas.kit.db import embedded

CLIENTS = 8
REQUESTS = 1200
ROUNDS = 5

READING = orjson.dumps(
    {
        "kind": "blood_pressure",
        "effective_at": "2026-03-01T08:00:00+05:30",
        "unit": "mm[Hg]",
        "systolic": 128,
        "diastolic": 82,
        "position": "sitting",
        "notes": "after a walk round the lake, felt well",
        "confirmed": True,
    }
)

Ask = Callable[[], Awaitable[tuple[int, bytes]]]


async def run(bench: Bench) -> None:
    async with stage() as s, bare(s) as plain:
        asha = await s.member()
        readings = f"/api/v1/people/{asha.person_id}/readings"
        json = {"content-type": "application/json"}
        status, created = await call(s.app, "POST", readings, headers={**asha.headers, **json}, body=READING)
        assert status == 201, created
        one = f"{readings}/{orjson.loads(created)['id']}"
        _, kept = await call(plain, "POST", "/rows", headers=json, body=READING)
        pairs: dict[str, tuple[Ask, Ask]] = {
            "create a reading": (
                lambda: call(s.app, "POST", readings, headers={**asha.headers, **json}, body=READING),
                lambda: call(plain, "POST", "/rows", headers=json, body=READING),
            ),
            "read one": (
                lambda: call(s.app, "GET", one, headers=asha.headers),
                lambda: call(plain, "GET", f"/rows/{orjson.loads(kept)['id']}"),
            ),
            "list fifty": (
                lambda: call(s.app, "GET", f"{readings}?limit=50", headers=asha.headers),
                lambda: call(plain, "GET", "/rows?limit=50"),
            ),
        }
        for name, (ours, theirs) in pairs.items():
            await compare(bench, name, ours, theirs)
        await audit(bench, s, asha)
        row_security(bench, s, asha)


async def compare(bench: Bench, name: str, ours: Ask, theirs: Ask) -> None:
    """Both in turns, so that what else the machine does falls on both."""
    await rounds(ours, REQUESTS // 4)
    await rounds(theirs, REQUESTS // 4)
    mine, bare_ = [], []
    for _ in range(ROUNDS):
        mine.append(await rounds(ours, REQUESTS))
        bare_.append(await rounds(theirs, REQUESTS))
    taken, reference = Times(mine), Times(bare_)
    bench.figure(
        f"{name}, {CLIENTS} clients",
        REQUESTS / taken.median,
        "1/s",
        reference=REQUESTS / reference.median,
        ratio_at_least=0.5,
        spread=taken.spread,
    )
    alone = []
    for _ in range(300):
        start = time.perf_counter()
        await ours()
        alone.append(time.perf_counter() - start)
    bench.figure(f"{name}, one client, median", Times(alone).median * 1e3, "ms")
    bench.figure(f"{name}, one client, 99 of 100 within", Times(alone).quantile(0.99) * 1e3, "ms")


async def rounds(ask: Ask, requests: int) -> float:
    """Seconds for so many requests by ``CLIENTS`` at once."""

    async def client() -> None:
        for _ in range(requests // CLIENTS):
            status, body = await ask()
            assert status < 300, (status, body[:300])

    start = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(CLIENTS)))
    return time.perf_counter() - start


async def audit(bench: Bench, s: Stage, asha: Member) -> None:
    """Bytes an event, indexes included, and the share of a create that writing it takes."""
    with psycopg.connect(s.cluster.dsn(embedded.KEEPER), autocommit=True) as keeper:
        keeper.execute("VACUUM FULL audit_events")
        row = keeper.execute(
            "SELECT sum(pg_total_relation_size(c.oid)) / (SELECT count(*) FROM audit_events) FROM pg_class c "
            "WHERE c.oid = 'audit_events'::regclass OR c.oid IN "
            "(SELECT inhrelid FROM pg_inherits WHERE inhparent = 'audit_events'::regclass)"
        ).fetchone()
        assert row is not None
    bench.figure("audit event, with its indexes", float(row[0]), "B", at_most=300)


def row_security(bench: Bench, s: Stage, asha: Member) -> None:
    """The same statement by the service under its policies, and by the keeper, who is above them."""
    query = "SELECT * FROM readings WHERE person_id = %s ORDER BY effective_at DESC LIMIT 50"
    with (
        psycopg.connect(s.cluster.dsn(embedded.APP)) as app,
        psycopg.connect(s.cluster.dsn(embedded.KEEPER)) as keeper,
    ):
        for connection in (app, keeper):
            connection.execute(f"SET ojas.may_read_measurements = '{asha.person_id}'")  # type: ignore[arg-type]

        def of(connection: "psycopg.Connection[Any]") -> float:
            start = time.perf_counter()
            for _ in range(200):
                connection.execute(query, [asha.person_id], prepare=True).fetchall()
            return (time.perf_counter() - start) / 200

        of(app), of(keeper)
        ours, theirs = zip(*((of(app), of(keeper)) for _ in range(9)), strict=True)
    taken = Times(ours)
    bench.figure(
        "one SELECT of 50 rows under row security",
        taken.median * 1e3,
        "ms",
        reference=Times(theirs).median * 1e3,
        ratio_at_most=1.2,
        spread=taken.spread,
    )


@asynccontextmanager
async def bare(s: Stage) -> AsyncIterator[FastAPI]:
    """FastAPI and psycopg with nothing else: the JSON goes into a row, and out again."""
    with psycopg.connect(s.cluster.dsn(embedded.OWNER)) as owner:
        owner.execute(
            "CREATE TABLE bare (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, content jsonb NOT NULL)"
        )
        owner.execute(f"GRANT SELECT, INSERT ON bare TO {embedded.APP}")
    app = FastAPI()
    async with AsyncConnectionPool(s.cluster.dsn(embedded.APP), min_size=10, max_size=10, open=False) as pool:

        @app.post("/rows", status_code=201)
        async def create(request: Request) -> Response:
            body = await request.body()
            orjson.loads(body)
            async with pool.connection() as connection:
                cursor = await connection.execute(
                    "INSERT INTO bare (content) VALUES (%s) RETURNING id", [body.decode()]
                )
                row = await cursor.fetchone()
            assert row is not None
            return Response(orjson.dumps({"id": row[0]}), 201, media_type="application/json")

        @app.get("/rows/{id}")
        async def read(id: int) -> Response:
            async with pool.connection() as connection:
                cursor = await connection.execute("SELECT content FROM bare WHERE id = %s", [id])
                row = await cursor.fetchone()
            assert row is not None
            return Response(orjson.dumps(row[0]), media_type="application/json")

        @app.get("/rows")
        async def page(limit: int) -> Response:
            async with pool.connection() as connection:
                cursor = await connection.execute(
                    "SELECT id, content FROM bare ORDER BY id DESC LIMIT %s", [limit]
                )
                rows = await cursor.fetchall()
            return Response(
                orjson.dumps([{"id": id, **content} for id, content in rows]), media_type="application/json"
            )

        yield app
