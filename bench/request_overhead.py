"""What do row security, audit, sealing and validation cost a request, against a bare server that has none of them?

Both are called in this process, without sockets: what a web server and a client would add alike to both is left out, which
flatters the bare one. They take turns of ``TURN`` requests, so that what else the machine does falls on both. CPU is that of
this process, and that of the database beside it. Every request of ours, reads too, writes its audit row and waits until the
disk has it; a bare read writes nothing.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

import orjson
import psutil
import psycopg
from fastapi import FastAPI, Request, Response
from psycopg_pool import AsyncConnectionPool

from bench.harness import Bench, Member, Stage, Times, call, stage
from ojas.kit import audit as trail
from ojas.kit.db import Access, embedded
from ojas.kit.ids import new_id

CLIENTS = 8
TURN = 80
TURNS = 40

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
        created_in = [await compare(bench, s, name, ours, theirs) for name, (ours, theirs) in pairs.items()]
        await audit(bench, s, asha, created_in[0])
        row_security(bench, s, asha)


@dataclass
class Spent:
    """Seconds by turns: by the clock, of this process, of the database."""

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    database: list[float] = field(default_factory=list)

    async def turn(self, ask: Ask, database: psutil.Process) -> None:
        before = of_database(database)
        cpu, wall = time.process_time(), time.perf_counter()
        await together(ask, TURN)
        self.wall.append(time.perf_counter() - wall)
        self.cpu.append(time.process_time() - cpu)
        self.database.append(of_database(database) - before)


async def compare(bench: Bench, s: Stage, name: str, ours: Ask, theirs: Ask) -> float:
    """Both in turns. Answers the seconds of CPU that one request of ours takes."""
    database = postmaster(s)
    await together(ours, TURN * 2)
    await together(theirs, TURN * 2)
    mine, bare_ = Spent(), Spent()
    for _ in range(TURNS):
        await mine.turn(ours, database)
        await bare_.turn(theirs, database)
    bench.figure(
        f"{name}, {CLIENTS} clients",
        TURN / Times(mine.wall).median,
        "1/s",
        reference=TURN / Times(bare_.wall).median,
        ratio_at_least=0.5,
        spread=Times(mine.wall).spread,
    )
    each = 1e3 / TURN
    bench.figure(
        f"{name}, CPU of the server",
        Times(mine.cpu).median * each,
        "ms",
        reference=Times(bare_.cpu).median * each,
    )
    # Its clock ticks a hundred times a second: told as the mean of all turns.
    of_both = [sum(spent.database) * each / TURNS for spent in (mine, bare_)]
    bench.figure(f"{name}, CPU of the database", of_both[0], "ms", reference=max(of_both[1], 0.01))
    counts = []
    for ask in (ours, theirs):
        with asked() as seen:
            await ask()
        counts.append(float(len(seen)))
    bench.figure(f"{name}, exchanges with the database", counts[0], "", reference=counts[1])
    alone = await bench.measure(ours, times=300)
    bench.figure(f"{name}, one client, median", alone.median * 1e3, "ms")
    bench.figure(f"{name}, one client, 99 of 100 within", alone.quantile(0.99) * 1e3, "ms")
    return Times(mine.cpu).median / TURN


async def together(ask: Ask, requests: int) -> None:
    """So many requests by ``CLIENTS`` at once."""

    async def client() -> None:
        for _ in range(requests // CLIENTS):
            status, body = await ask()
            assert status < 300, (status, body[:300])

    await asyncio.gather(*(client() for _ in range(CLIENTS)))


def postmaster(s: Stage) -> psutil.Process:
    with psycopg.connect(s.cluster.dsn(embedded.APP)) as connection:
        parent = psutil.Process(connection.info.backend_pid).parent()
    assert parent is not None
    return parent


def of_database(postmaster: psutil.Process) -> float:
    """Seconds of CPU that its processes have taken so far; the connections are made, and none ends."""
    return sum(
        times.user + times.system
        for times in (process.cpu_times() for process in [postmaster, *postmaster.children(recursive=True)])
    )


@contextmanager
def asked() -> Iterator[list[None]]:
    """One entry for each time that the database is asked something, BEGIN and COMMIT among it."""
    seen: list[None] = []
    execute, command = psycopg.AsyncCursor.execute, psycopg.AsyncConnection._exec_command

    async def executed(self: Any, *args: Any, **more: Any) -> Any:
        seen.append(None)
        return await execute(self, *args, **more)

    def commanded(self: Any, *args: Any, **more: Any) -> Any:
        seen.append(None)
        return command(self, *args, **more)

    with (
        patch.object(psycopg.AsyncCursor, "execute", executed),
        patch.object(psycopg.AsyncConnection, "_exec_command", commanded),
    ):
        yield seen


async def audit(bench: Bench, s: Stage, asha: Member, create: float) -> None:
    """Bytes an event, indexes included, and what writing one takes of the CPU of a create (``create`` seconds)."""
    events = 500
    async with s.database.transaction(Access.of(asha.person_id, account_id=asha.account_id)) as tx:
        start = time.process_time()
        for _ in range(events):
            await trail.changed(tx, "create", asha.person_id, "readings", new_id(), version=1)
        taken = (time.process_time() - start) / events
    bench.figure("audit event, of the CPU of a create", 100 * taken / create, "%", at_most=10)
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
            connection.execute(f"SET ojas.may_read_measurements = '{asha.person_id}'")

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
