"""A database that goes away under a request: the caller is told to come back, and the next request is served."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import psycopg
import pytest
from fastapi import FastAPI, Request
from sqlalchemy import literal, select, text
from sqlalchemy.exc import OperationalError

from ojas.kit import crypto
from ojas.kit.db import Access, Database, Statement, Tx, embedded
from ojas.kit.errors import Forbidden
from ojas.kit.http import Actor, Guards, House, OpenTx, Router, install
from ojas.kit.http.problems import problem
from ojas.kit.jobs import Context, defer, job

ONE = Statement(select(literal(1).label("one")))
After = Callable[[Tx], Awaitable[None]]


@job("tests.never_run")
async def never_run(context: Context) -> None: ...


async def by_the_orm(tx: Tx) -> None:
    await tx.session.execute(text("SELECT 1"))


async def by_the_driver(tx: Tx) -> None:
    await ONE.all(tx)


async def by_a_job(tx: Tx) -> None:
    await defer(tx, never_run)


async def by_an_access(tx: Tx) -> None:
    await tx.become(Access.system("housekeeping"))


async def twice(tx: Tx) -> None:
    """As code does that goes on after an error it thought harmless."""
    with pytest.raises(OperationalError):
        await by_the_orm(tx)
    await by_the_orm(tx)


async def nothing(tx: Tx) -> None: ...


@pytest.fixture
async def database(cluster: embedded.Cluster, master: crypto.MasterKeys) -> AsyncIterator[Database]:
    opened = Database(cluster.dsn(embedded.APP), master, pool_size=3)
    yield opened
    await opened.close()


@pytest.fixture
async def client(database: Database, cluster: embedded.Cluster) -> AsyncIterator[httpx.AsyncClient]:
    async with serving(database, cluster) as opened:
        yield opened


def serving(database: Database, cluster: embedded.Cluster) -> httpx.AsyncClient:
    async def nobody(tx: Tx, request: Request) -> Actor | None:
        return None

    async def nothing_of_anybody(tx: Tx, actor: Actor) -> Access:
        return Access()

    router = Router()

    @router.get("/works")
    async def works(tx: OpenTx) -> int:
        return int((await ONE.all(tx))[0].one)

    @router.get("/killed/{after}")
    async def killed(tx: OpenTx, after: str) -> None:
        await kill(cluster, (await tx.connection()).info.backend_pid)
        then: dict[str, After] = {each.__name__: each for each in AFTERWARDS}
        await then[after](tx)

    app = FastAPI()
    app.state.house = House(database, authenticate=nobody, authorise=nothing_of_anybody)
    install(app, problem)
    app.include_router(router)
    app.add_middleware(Guards, body_limit=1000, https=False, render=problem)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://localhost")


async def kill(cluster: embedded.Cluster, *backends: int) -> None:
    """End these servers' ends of connections, and wait until they are gone."""
    async with await psycopg.AsyncConnection.connect(cluster.dsn(embedded.KEEPER), autocommit=True) as keeper:
        for backend in backends:
            await keeper.execute("SELECT pg_terminate_backend(%s, 5000)", [backend])


AFTERWARDS = (by_the_orm, by_the_driver, by_a_job, by_an_access, twice, nothing)


@pytest.mark.parametrize("after", AFTERWARDS)
async def test_a_connection_that_dies_in_a_request_is_answered_as_unavailable(
    client: httpx.AsyncClient, after: After
) -> None:
    answer = await client.get(f"/killed/{after.__name__}")
    assert (answer.status_code, answer.json()["type"]) == (503, "/problems/unavailable")
    assert int(answer.headers["retry-after"]) > 0
    assert "terminating" not in answer.text
    for _ in range(4):
        assert (await client.get("/works")).json() == 1


async def test_nothing_is_promised_of_what_was_being_committed(client: httpx.AsyncClient) -> None:
    asked, told = await client.get("/killed/by_the_orm"), await client.get("/killed/nothing")
    assert "Nothing was changed" in asked.json()["title"]
    assert "Nothing was changed" not in told.json()["title"]


async def test_a_refusal_stands_although_the_connection_died_under_it(
    database: Database, cluster: embedded.Cluster
) -> None:
    with pytest.raises(Forbidden):
        async with database.transaction() as tx, tx.acting(Access.system("housekeeping")):
            await kill(cluster, (await tx.connection()).info.backend_pid)
            raise Forbidden("No.")


async def test_a_database_that_was_restarted_meanwhile_is_noticed_by_nobody(
    client: httpx.AsyncClient, database: Database, cluster: embedded.Cluster
) -> None:
    backends: list[int] = []

    async def hold() -> None:
        async with database.transaction() as tx:
            backends.append((await tx.connection()).info.backend_pid)
            await asyncio.sleep(0.1)

    await asyncio.gather(*(hold() for _ in range(3)))
    assert len(set(backends)) == 3
    await kill(cluster, *backends)
    answers = await asyncio.gather(*(client.get("/works") for _ in range(6)))
    assert [answer.status_code for answer in answers] == [200] * 6


async def test_a_database_that_is_not_there_is_answered_as_unavailable(
    cluster: embedded.Cluster, master: crypto.MasterKeys
) -> None:
    nowhere = Database("host=127.0.0.1 port=1 dbname=none", master)
    async with serving(nowhere, cluster) as client:
        answer = await client.get("/works")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")


async def test_what_a_caller_does_not_wait_for_leaves_no_connection_behind(database: Database) -> None:
    async def slow() -> None:
        async with database.transaction() as tx:
            await tx.session.execute(text("SELECT pg_sleep(30)"))

    for _ in range(5):  # more than the pool holds
        task = asyncio.create_task(slow())
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    async with database.transaction() as tx:
        await by_the_driver(tx)
