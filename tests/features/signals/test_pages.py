"""The page of devices, without script."""

import html
import re

import httpx
import pytest
from fastapi import FastAPI
from tests.features.sharing.cast import Somebody, signed_in, somebody
from tests.features.signals.test_service import WATCH, send, walked

from ojas.features.identity.models import Account
from ojas.features.signals import service
from ojas.features.signals.schemas import SourceClass, SourceDraft
from ojas.kit.db import Access, Database

PHONE = SourceDraft(name="Phone", sort=SourceClass.PHONE)


@pytest.fixture
async def asha(database: Database) -> Somebody:
    return await somebody(database, "Asha")


@pytest.fixture
async def browser(app: FastAPI, asha: Somebody) -> httpx.AsyncClient:
    return await signed_in(app, asha)


def said(answer: httpx.Response) -> str:
    assert answer.status_code == 200, answer.text[:400]
    text = re.sub(r"<(script|style)\b.*?</\1>", " ", answer.text, flags=re.S)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


async def post(
    browser: httpx.AsyncClient, page: str, data: dict[str, str], to: str | None = None
) -> httpx.Response:
    token = re.search(r'name="form_token" value="([^"]+)"', (await browser.get(page)).text)
    assert token
    return await browser.post(to or page, data={"form_token": token[1], **data})


async def test_an_empty_page_tells_the_first_step(browser: httpx.AsyncClient, asha: Somebody) -> None:
    told = said(await browser.get(f"/p/{asha.person_id}/devices"))
    assert "No device has sent anything yet" in told
    assert "Import a file" in told


async def test_devices_are_ranked_named_and_deleted(
    browser: httpx.AsyncClient, asha: Somebody, database: Database
) -> None:
    await send(database, asha.person_id, walked((0, 100)), "steps")
    await send(database, asha.person_id, walked((0, 90)), "steps", PHONE)
    here = f"/p/{asha.person_id}/devices"
    listed = said(await browser.get(here))
    assert listed.index("Watch") < listed.index("Phone")
    phone = f"{here}/{service.source_id(asha.person_id, PHONE)}"
    assert "Steps 1" in said(await browser.get(phone))
    ranked = await post(browser, phone, {"name": "My phone", "sort": "phone", "priority": "1"})
    assert ranked.headers["location"] == here
    listed = said(await browser.get(here))
    assert listed.index("My phone") < listed.index("Watch")
    wrong = await post(browser, phone, {"name": "", "sort": "phone", "priority": "1"})
    assert wrong.status_code == 422
    assert "This cannot be undone" in said(await browser.get(f"{phone}/delete"))
    await post(browser, f"{phone}/delete", {})
    assert "My phone" not in said(await browser.get(here)).replace("Deleted", "")


@pytest.mark.parametrize(("language", "words"), [("hi", "उपकरण और ऐप"), ("ta", "கருவிகளும் செயலிகளும்")])
async def test_the_page_speaks_the_readers_language(
    browser: httpx.AsyncClient, asha: Somebody, database: Database, language: str, words: str
) -> None:
    await send(database, asha.person_id, walked((0, 100)), "steps")
    async with database.transaction(Access.system("sign_in")) as tx:
        account = await tx.session.get(Account, asha.account_id)
        assert account
        account.preferences = {**account.preferences, "language": language}
    assert words in said(await browser.get(f"/p/{asha.person_id}/devices"))


async def test_a_stranger_finds_no_devices(app: FastAPI, database: Database, asha: Somebody) -> None:
    await send(database, asha.person_id, walked((0, 100)), "steps")
    stranger = await signed_in(app, await somebody(database, "Stranger"))
    source = service.source_id(asha.person_id, WATCH)
    for path in ("devices", f"devices/{source}", f"devices/{source}/delete"):
        assert (await stranger.get(f"/p/{asha.person_id}/{path}")).status_code == 404
