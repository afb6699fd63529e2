"""The edge, on an application with one list and two callers."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from uuid import UUID

import httpx
import psycopg
import pytest
from fastapi import FastAPI, Request
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import text
from sqlalchemy.orm import DeclarativeBase, Mapped
from tests.conftest import newcomer

from ojas.kit import events, i18n
from ojas.kit.collection import Collection, Kept
from ojas.kit.db import Access, Base, Database, Owned, Tx, embedded, security
from ojas.kit.http import Actor, Guards, House, OpenTx, Router, collection_router, install
from ojas.kit.http.problems import problem
from ojas.kit.ids import new_id
from ojas.kit.jobs import JOBS, Context, job, run


class Toys(DeclarativeBase):
    """Apart from the house's own tables, which other tests walk: this one exists in this file alone."""

    type_annotation_map = Base.type_annotation_map


class Pebble(Owned, Toys):
    __tablename__ = "pebbles"
    __scope__ = "pebbles"

    found_at: Mapped[datetime]


class PebbleDraft(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")

    found_at: datetime
    note: str = Field("", max_length=20)


class PebbleView(PebbleDraft, Kept):
    pass


PEBBLES = Collection("pebbles", Pebble, PebbleDraft, PebbleView, order="found_at", filters=("found_at",))
ran: list[UUID] = []


@job("tests.pebble_told")
async def pebble_told(context: Context, person_id: UUID, id: UUID) -> None:
    ran.append(id)


events.listen("pebbles.created", pebble_told)


async def by_header(tx: Tx, request: Request) -> Actor | None:
    name = request.headers.get("x-person")
    return Actor(UUID(name), UUID(name), None, manner=i18n.Manner("en")) if name else None


async def own(tx: Tx, actor: Actor) -> Access:
    assert actor.person_id
    return Access.of(actor.person_id, account_id=actor.account_id)


@pytest.fixture(scope="module")
async def app(database: Database, cluster: embedded.Cluster) -> AsyncIterator[FastAPI]:
    with psycopg.connect(cluster.dsn(embedded.OWNER), autocommit=True) as owner:
        owner.execute(
            "CREATE TABLE pebbles (person_id uuid, id uuid, found_at timestamptz NOT NULL, version bigint NOT NULL,"
            " created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL, sealed bytea NOT NULL,"
            " PRIMARY KEY (person_id, id))"
        )
        for statement in security.by_person("pebbles", "pebbles"):
            owner.execute(statement)
        app = FastAPI()
        app.state.house = House(database, authenticate=by_header, authorise=own)
        install(app, problem)
        app.include_router(collection_router(PEBBLES), prefix="/api/v1")
        app.add_middleware(Guards, body_limit=1000, https=False, render=problem, burst=10_000)
        yield app
        owner.execute("DROP TABLE pebbles")


@pytest.fixture
async def client(app: FastAPI, person_id: UUID) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    headers = {"x-person": str(person_id)}
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost", headers=headers) as opened:
        yield opened


PEBBLE = {"found_at": "2026-03-01T08:00:00+05:30", "note": "grey"}


def path(person_id: UUID, *more: object) -> str:
    return "/".join([f"/api/v1/people/{person_id}/pebbles", *map(str, more)])


async def test_a_thing_is_made_read_changed_and_deleted(client: httpx.AsyncClient, person_id: UUID) -> None:
    made = await client.post(path(person_id), json=PEBBLE)
    assert (made.status_code, made.headers["etag"]) == (201, '"1"')
    read = await client.get(made.headers["location"])
    assert read.json() == made.json()
    changed = await client.put(
        made.headers["location"], json=PEBBLE | {"note": "red"}, headers={"if-match": '"1"'}
    )
    assert (changed.status_code, changed.json()["note"], changed.headers["etag"]) == (200, "red", '"2"')
    stale = await client.put(made.headers["location"], json=PEBBLE, headers={"if-match": '"1"'})
    assert stale.status_code == 412
    assert (await client.delete(made.headers["location"])).status_code == 204
    assert (await client.get(made.headers["location"])).status_code == 404
    history = await client.get(made.headers["location"] + "/history")
    assert [entry["action"] for entry in history.json()] == ["delete", "change", "create"]


async def test_the_same_key_makes_one_thing_however_often_it_is_sent(
    client: httpx.AsyncClient, person_id: UUID
) -> None:
    headers = {"idempotency-key": "k1"}
    first = await client.post(path(person_id), json=PEBBLE, headers=headers)
    second = await client.post(path(person_id), json=PEBBLE, headers=headers)
    other = await client.post(path(person_id), json=PEBBLE | {"note": "x"}, headers=headers)
    assert second.json() == first.json()
    assert second.headers["idempotent-replayed"] == "true"
    assert other.status_code == 409
    assert len((await client.get(path(person_id))).json()["items"]) == 1


async def test_a_refused_request_leaves_its_key_free(client: httpx.AsyncClient, person_id: UUID) -> None:
    headers = {"idempotency-key": "k2"}
    assert (await client.post(path(person_id), json={}, headers=headers)).status_code == 422
    assert (await client.post(path(person_id), json=PEBBLE, headers=headers)).status_code == 201


async def test_what_is_wrong_is_named_with_its_field(client: httpx.AsyncClient, person_id: UUID) -> None:
    answer = await client.post(path(person_id), json={"note": "x" * 30, "more": 1})
    assert answer.headers["content-type"] == "application/problem+json"
    assert {error["field"]: error["message"] for error in answer.json()["errors"]} == {
        "found_at": "This is missing.",
        "note": "This may have at most 20 characters.",
        "more": "There is no such field.",
    }


@pytest.mark.parametrize("query", ["colour=red", "found_at_from=soon", "limit=0", "limit=x", "cursor=!!"])
async def test_a_query_nobody_understands_is_refused(
    client: httpx.AsyncClient, person_id: UUID, query: str
) -> None:
    assert (await client.get(f"{path(person_id)}?{query}")).status_code == 422


async def test_nobody_gets_nothing(app: FastAPI, person_id: UUID) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as nobody:
        assert (await nobody.get(path(person_id))).status_code == 401


async def test_another_persons_list_is_not_there(
    client: httpx.AsyncClient, database: Database, person_id: UUID
) -> None:
    other = await newcomer(database)
    answer = await client.get(path(other))
    assert (answer.status_code, answer.json()["type"]) == (404, "/problems/not-found")


async def test_a_form_from_another_site_is_refused(client: httpx.AsyncClient, person_id: UUID) -> None:
    forged = {"cookie": "s=1", "origin": "https://evil.example", "sec-fetch-site": "cross-site"}
    assert (await client.post(path(person_id), json=PEBBLE, headers=forged)).status_code == 403


@pytest.mark.parametrize("claim", [True, False])
async def test_a_body_beyond_the_limit_is_refused_whatever_it_claims(
    client: httpx.AsyncClient, person_id: UUID, claim: bool
) -> None:
    async def body() -> AsyncIterator[bytes]:
        for _ in range(5):
            yield b" " * 500

    content = b" " * 2500 if claim else body()
    answer = await client.post(path(person_id), content=content, headers={"content-type": "application/json"})
    assert answer.status_code == 413


async def test_every_answer_binds_the_browser_and_is_kept_by_no_cache(
    client: httpx.AsyncClient, person_id: UUID
) -> None:
    for answer in (await client.get(path(person_id)), await client.get("/nowhere")):
        assert "script-src 'self'" in answer.headers["content-security-policy"]
        assert answer.headers["cache-control"] == "no-store"
        assert UUID(answer.headers["x-request-id"]).version == 7


async def test_an_event_of_what_was_kept_is_handled_and_of_what_was_not_is_not(
    client: httpx.AsyncClient, database: Database, person_id: UUID
) -> None:
    kept = (await client.post(path(person_id), json=PEBBLE)).json()["id"]
    lost = new_id()
    with pytest.raises(ZeroDivisionError):
        async with database.transaction(Access.of(person_id)) as tx:
            await PEBBLES.create(tx, person_id, PebbleDraft(found_at=datetime.now(UTC)), id=lost)
            raise ZeroDivisionError
    await run(Context(database), JOBS.values(), wait=False)
    assert UUID(kept) in ran
    assert lost not in ran


async def test_no_private_word_lies_in_the_answers_kept_for_replay(
    client: httpx.AsyncClient, database: Database, person_id: UUID
) -> None:
    await client.post(path(person_id), json=PEBBLE | {"note": "secretive"}, headers={"idempotency-key": "k3"})
    async with database.transaction(Access(account_id=person_id)) as tx:
        kept = await tx.session.scalar(text("SELECT sealed FROM answers WHERE key = 'k3'"))
    assert kept
    assert b"secretive" not in bytes(kept)


@pytest.mark.parametrize("origin", [b"http://[", b"http://caf\xe9.example", b"null", b"//", b""])
async def test_an_origin_that_is_no_address_is_refused_as_another_site(
    client: httpx.AsyncClient, person_id: UUID, origin: bytes
) -> None:
    answer = await client.post(
        path(person_id), json=PEBBLE, headers=[(b"cookie", b"s=1"), (b"origin", origin)]
    )
    assert answer.status_code == 403


async def test_a_mistake_of_ours_is_answered_with_every_guard_and_its_words_go_no_further(
    app: FastAPI,
) -> None:
    async def broken() -> None:
        raise RuntimeError("181 over 99")

    app.add_api_route("/broken", broken)
    # What got past the application would be raised here; a server prints it with its words.
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
        answer = await client.get("/broken")
    assert answer.status_code == 500
    assert answer.json()["type"] == "/problems/bug"
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"
    assert "181 over" not in answer.text


@pytest.mark.parametrize(
    "kind", ["multipart/form-data; boundary=x", "application/octet-stream", "text/plain"]
)
async def test_a_body_is_bounded_whatever_kind_it_says_it_is(
    client: httpx.AsyncClient, person_id: UUID, kind: str
) -> None:
    answer = await client.post(path(person_id), content=b" " * 2500, headers={"content-type": kind})
    assert answer.status_code == 413


@pytest.mark.parametrize("kind", ["multipart/form-data; boundary=x", "application/octet-stream"])
async def test_a_slow_sender_holds_no_connection_to_the_database(
    client: httpx.AsyncClient, database: Database, person_id: UUID, kind: str
) -> None:
    held: list[int] = []

    async def slowly() -> AsyncIterator[bytes]:
        yield b"--x"
        await asyncio.sleep(0.05)
        held.append(database.engine.pool.checkedout())  # type: ignore[attr-defined]  # of the pool in use
        yield b"--"

    await client.post(path(person_id), content=slowly(), headers={"content-type": kind})
    assert held == [0]


async def test_a_value_no_column_can_hold_is_refused_and_no_mistake_of_ours(app: FastAPI) -> None:
    async def look(tx: OpenTx) -> None:
        await tx.session.execute(text("SELECT CAST(:text AS text)"), {"text": "a\0b"})

    router = Router()
    router.add_api_route("/nul", look)
    app.include_router(router)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
        assert (await client.get("/nul")).status_code == 422


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
async def test_a_body_that_does_not_say_it_is_json_is_refused(
    client: httpx.AsyncClient, person_id: UUID, kind: str
) -> None:
    answer = await client.post(path(person_id), content=b'{"note": "x"}', headers={"content-type": kind})
    assert (answer.status_code, answer.json()["errors"][0]["message"]) == (422, "This is not valid JSON.")
