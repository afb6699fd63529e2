"""Sessions as a thief would use them: copied, kept too long, planted, spent twice at once."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from fastapi import FastAPI
from sqlalchemy import text

from ojas.features.identity import service
from ojas.features.identity.rules import Role
from ojas.features.identity.schemas import RoleDraft
from ojas.kit import auth, clock
from ojas.kit.db import Access, Database
from ojas.kit.settings import Settings
from tests.features.identity.cast import PASSWORD, Person, arrived, browser
from tests.features.identity.test_pages import form_token, send, signed_in
from tests.features.identity.test_sessions import refreshed


async def alive(person: Person) -> bool:
    return (await person.ask("GET", "/account")).status_code == 200


async def test_a_refresh_token_asked_for_twice_within_the_grace_has_one_successor(
    app: FastAPI, settings: Settings
) -> None:
    person = await arrived(app, settings)
    answers = await asyncio.gather(refreshed(person), refreshed(person), refreshed(person))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["refresh_token"] for answer in answers}) == 1


async def test_a_copied_refresh_token_used_within_the_grace_is_found_out_at_the_next_use(
    app: FastAPI, settings: Settings
) -> None:
    """Thief and owner hold the same token afterwards: whoever comes second with it uses a spent one."""
    owner = await arrived(app, settings)
    with time_machine.travel(clock.now(), tick=False) as time:
        owners, thiefs = (await refreshed(owner)).json(), (await refreshed(owner)).json()
        time.shift(timedelta(minutes=8))
        assert (await refreshed(owner, thiefs["refresh_token"])).status_code == 200
        time.shift(timedelta(minutes=1))
        assert (await refreshed(owner, owners["refresh_token"])).status_code == 401
        owner.tokens = thiefs
        assert not await alive(owner)
    assert (await owner.letter())["Subject"] == "A device was signed out"


async def test_the_grace_ends_once_the_successor_was_used(app: FastAPI, settings: Settings) -> None:
    """Who used the successor has got the answer: nothing was lost that one might ask for again."""
    person = await arrived(app, settings)
    with time_machine.travel(clock.now(), tick=False):
        first = person.tokens["refresh_token"]
        person.tokens = (await refreshed(person)).json()
        person.tokens = (await refreshed(person)).json()
        assert (await refreshed(person, first)).status_code == 401
        assert not await alive(person)


async def test_the_next_refresh_token_cannot_be_reckoned_without_the_houses_key(
    app: FastAPI, settings: Settings
) -> None:
    person = await arrived(app, settings)
    first = person.tokens["refresh_token"]
    made = (await refreshed(person)).json()["refresh_token"]
    assert made not in {auth.successor(key, first) for key in (bytes(32), first.encode(), b"refresh")}
    assert len(made) == len(auth.new_token())


@pytest.mark.parametrize(("after", "living"), [(13, True), (15, False)])
async def test_an_app_at_rest_for_two_weeks_is_signed_out(
    app: FastAPI, settings: Settings, after: int, living: bool
) -> None:
    person = await arrived(app, settings)
    with time_machine.travel(clock.now() + timedelta(days=after)):
        assert ((await refreshed(person)).status_code == 200) is living


async def test_an_app_in_constant_use_is_signed_out_after_ninety_days(
    app: FastAPI, settings: Settings
) -> None:
    person = await arrived(app, settings)
    with time_machine.travel(clock.now(), tick=False) as time:
        for _ in range(8):
            time.shift(timedelta(days=11))
            person.tokens = (await refreshed(person)).json()
        time.shift(timedelta(days=2, seconds=1))
        assert (await refreshed(person)).status_code == 401


async def test_a_cookie_of_a_session_that_is_over_opens_nothing(app: FastAPI, settings: Settings) -> None:
    person = await arrived(app, settings)
    async with signed_in(app, person) as client:
        with time_machine.travel(clock.now() + timedelta(minutes=59), tick=False) as time:
            for _ in range(12):
                assert (await client.get("/settings")).status_code == 200
                time.shift(timedelta(minutes=59))
            assert (await client.get("/settings")).status_code == 303  # 12 h: the whole life is over


async def test_a_planted_cookie_never_becomes_a_session(app: FastAPI, settings: Settings) -> None:
    """Session fixation: who signs in gets a token nobody else could have chosen, in place of what was there."""
    person = await arrived(app, settings)
    async with browser(app) as client:
        client.cookies.set("ojas", "planted-by-somebody-else-0123456789abcdefgh", domain="localhost.local")
        await send(client, "/sign-in", email=person.email, password=PASSWORD)
        given = {cookie.value for cookie in client.cookies.jar if cookie.name == "ojas"}
    async with browser(app) as thief:
        thief.cookies.set("ojas", "planted-by-somebody-else-0123456789abcdefgh")
        assert (await thief.get("/settings")).status_code == 303
    assert given - {"planted-by-somebody-else-0123456789abcdefgh"}


async def test_signing_in_over_a_session_ends_the_one_before(app: FastAPI, settings: Settings) -> None:
    first, second = await arrived(app, settings), await arrived(app, settings, "Second")
    async with signed_in(app, first) as client:
        before = client.cookies["ojas"]
        shown = await client.get("/settings/security")
        sent = {"form_token": form_token(shown), "email": second.email, "password": PASSWORD}
        assert (await client.post("/sign-in", data=sent)).status_code == 303
        assert client.cookies["ojas"] != before
    async with browser(app) as thief:
        thief.cookies.set("ojas", before)
        assert (await thief.get("/settings")).status_code == 303


async def test_a_proof_gives_the_browser_a_new_token_and_ends_the_copied_one(
    app: FastAPI, settings: Settings
) -> None:
    person = await arrived(app, settings)
    async with signed_in(app, person) as client:
        copied = client.cookies["ojas"]
        await send(client, "/settings/confirm", password=PASSWORD)
        assert client.cookies["ojas"] != copied
        assert (await client.get("/settings")).status_code == 200
    async with browser(app) as thief:
        thief.cookies.set("ojas", copied)
        assert (await thief.get("/settings")).status_code == 303


async def test_who_becomes_a_doctor_stays_signed_in_no_longer_than_doctors_may(
    app: FastAPI, settings: Settings, database: Database
) -> None:
    person, admin = await arrived(app, settings), await arrived(app, settings, "Admin")
    async with database.transaction(Access.system("sign_in")) as tx:
        await service.appoint(tx, email=admin.email, roles=frozenset({Role.ADMIN}))
    async with signed_in(app, person, remember="true") as client:
        with time_machine.travel(clock.now() + timedelta(minutes=9)):
            draft = RoleDraft(account_id=person.account_id, role=Role.DOCTOR).model_dump(mode="json")
            answer = await admin.ask("POST", "/roles", json=draft)
            assert answer.status_code == 201, answer.text
            assert (await client.get("/settings")).status_code == 200
        with time_machine.travel(clock.now() + timedelta(hours=2)):
            assert (await client.get("/settings")).status_code == 303


async def test_only_digests_of_what_opens_a_session_lie_in_the_database(
    app: FastAPI, settings: Settings, database: Database
) -> None:
    person = await arrived(app, settings)
    async with signed_in(app, person) as client:
        cookie = client.cookies["ojas"]
    secrets = [person.tokens["refresh_token"], person.tokens["access_token"], cookie]
    async with database.transaction(Access.system("sign_in")) as tx:
        rows: list[Any] = []
        for table in ("sessions", "refresh_tokens", "devices", "tickets"):
            rows += [str(row) for row in await tx.session.execute(text(f"SELECT t::text FROM {table} t"))]
    assert rows
    assert not [secret for secret in secrets for row in rows if secret in row or secret.encode().hex() in row]
