"""A lost phone: whoever ends its session ends what is pushed to it; and a browser that changes its address stays reached."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from fastapi import FastAPI
from sqlalchemy import text
from tests.conftest import work_off
from tests.features.identity.cast import Person, arrived, letters, token_in

from ojas.features.identity import service as identity
from ojas.features.notifications import queries
from ojas.features.notifications.rules import AddressKind
from ojas.features.notifications.service.addresses import digest_of
from ojas.kit import audit, clock
from ojas.kit.db import Access
from ojas.kit.settings import Settings

from .browser import Browser


async def subscribe(person: Person, endpoint: str) -> Browser:
    """The session somebody is in now, pushed to."""
    browser = Browser(f"https://push.example/{endpoint}")
    sent = browser.subscription.model_dump()
    answer = await person.ask("POST", "/notifications/addresses/browsers", json=sent)
    assert answer.status_code == 201, answer.text
    return browser


async def ends(person: Person) -> set[str]:
    """The sessions that are still pushed to, by what was said at ``subscribe``."""
    async with person.app.state.house.database.transaction(Access.system("deliveries")) as tx:
        rows = await tx.session.execute(
            text("SELECT session_id FROM addresses WHERE account_id = :id"), {"id": person.account_id}
        )
        return {str(row.session_id) for row in rows}


async def session(person: Person) -> str:
    listed = (await person.ask("GET", "/account/sessions")).json()
    return next(one["id"] for one in listed if one["current"])


@pytest.fixture
async def lost(app: FastAPI, settings: Settings) -> tuple[Person, str, str]:
    """Somebody with two devices that are pushed to: the lost one, and the one in their hand."""
    person = await arrived(app, settings)
    await subscribe(person, "lost")
    lost = await session(person)
    await person.sign_in()
    await subscribe(person, "kept")
    return person, lost, await session(person)


async def end_one(person: Person, lost: str) -> None:
    assert (await person.ask("DELETE", f"/account/sessions/{lost}")).status_code == 204


async def end_others(person: Person, lost: str) -> None:
    assert (await person.ask("DELETE", "/account/sessions")).status_code == 204


async def change_password(person: Person, lost: str) -> None:
    answer = await person.ask("PUT", "/account/password", json={"password": "a quiet river at dawn"})
    assert answer.status_code == 204, answer.text


@pytest.mark.parametrize("door", [end_one, end_others, change_password])
async def test_a_lost_phone_is_told_nothing_more_and_the_one_at_hand_is(
    lost: tuple[Person, str, str], door: Callable[[Person, str], Awaitable[None]]
) -> None:
    person, phone, here = lost
    assert await ends(person) == {phone, here}
    await door(person, phone)
    assert await ends(person) == {here}


async def test_nothing_is_pushed_after_signing_out_or_a_password_that_was_forgotten(
    lost: tuple[Person, str, str], settings: Settings
) -> None:
    person, phone, _here = lost
    assert (await person.ask("POST", "/account/sign-out")).status_code == 204
    assert await ends(person) == {phone}
    await person.client.post("/api/v1/auth/reset", json={"email": person.email})
    await work_off(person.app)
    token = token_in(letters(settings, person.email)[-1])
    sent = {"token": token, "password": "a quiet river at dawn"}
    assert (await person.client.post("/api/v1/auth/reset/confirm", json=sent)).status_code < 300
    assert await ends(person) == set()


async def test_a_copied_token_ends_what_is_pushed_to_its_device(lost: tuple[Person, str, str]) -> None:
    person, phone, _here = lost
    spent = person.tokens["refresh_token"]
    first = await person.client.post("/api/v1/auth/refresh", json={"refresh_token": spent})
    again = first.json()["refresh_token"]
    assert (
        await person.client.post("/api/v1/auth/refresh", json={"refresh_token": again})
    ).status_code == 200
    assert (
        await person.client.post("/api/v1/auth/refresh", json={"refresh_token": spent})
    ).status_code == 401
    assert await ends(person) == {phone}


async def test_who_only_rested_is_still_reminded_until_everything_else_is_signed_out(
    lost: tuple[Person, str, str],
) -> None:
    person, phone, _here = lost
    with time_machine.travel(clock.now() + timedelta(days=100)):
        await person.sign_in()
        await subscribe(person, "kept")
        here = await session(person)
        assert await ends(person) == {phone, here}
        await end_others(person, phone)
        assert await ends(person) == {here}


async def test_a_browser_proves_by_its_old_address_that_the_new_one_is_its_own(
    lost: tuple[Person, str, str], app: FastAPI, settings: Settings
) -> None:
    person, phone, here = lost
    old = await subscribe(person, "old")
    new, thief = Browser("https://push.example/new"), Browser(old.endpoint)
    stranger = {"endpoint": thief.endpoint, "keys": thief.subscription.keys.model_dump()}

    async def renew(was: object) -> int:
        sent = {"was": was, "now": new.subscription.model_dump()}
        answer = await person.client.post("/api/v1/notifications/addresses/browsers/renew", json=sent)
        return answer.status_code

    async def known(browser: Browser) -> bool:
        async with person.app.state.house.database.transaction(Access.system("deliveries")) as tx:
            return bool(await queries.browser(tx, digest_of(tx, AddressKind.BROWSER, browser.endpoint)))

    assert await renew(stranger) == 204, "who knows only the address learns nothing"
    assert (await known(old), await known(new)) == (True, False)
    another = await arrived(app, settings)
    theirs = await subscribe(another, "theirs")
    stays = await ends(another)
    told = {"was": old.subscription.model_dump(), "now": theirs.subscription.model_dump()}
    answer = await person.client.post("/api/v1/notifications/addresses/browsers/renew", json=told)
    assert answer.status_code == 204
    assert await ends(another) == stays, "nobody signed in takes a browser from another account"
    assert await renew(old.subscription.model_dump()) == 204
    assert (await known(old), await known(new)) == (False, True)
    async with app.state.house.database.transaction(Access.of(person.id)) as tx:
        trail = await audit.entries(tx, person.id, limit=50)
    assert ("change", ["addresses"]) in [(one.action, one.subjects) for one in trail]
    assert await ends(person) == {phone, here}
    assert [await renew(stranger) for _again in range(18)][-1] == 429


def test_no_door_ends_a_session_in_silence() -> None:
    """Taking a role, closing an account, erasing a person: they too say so, for they have no other way to end one."""
    doors = [path for path in Path(identity.__file__).parent.rglob("*.py") if path.name != "ends.py"]
    assert len(doors) > 20
    assert [path.name for path in doors if "queries.sessions.end" in path.read_text()] == []
