"""Asking for an erasure with what the page itself sends, not with what a test thinks it sends."""

import re

from fastapi import FastAPI

from ojas.kit.settings import Settings
from tests.browsing import token_of
from tests.features.identity.cast import arrived


async def test_the_tick_of_the_page_is_taken(app: FastAPI, settings: Settings) -> None:
    me = await arrived(app, settings)
    browser = me.client
    page = await browser.get("/sign-in")
    token = token_of(page.text)
    sent = {"form_token": token, "email": me.email, "password": me.password}
    assert (await browser.post("/sign-in", data=sent)).status_code == 303
    here = f"/p/{me.id}/erase"
    page = await browser.get(here)
    token = token_of(page.text)
    tick = re.search(r'type="checkbox" name="(\w+)" value="(\w+)"', page.text)
    assert tick
    assert f"/p/{me.id}/exports" in page.text
    asked = await browser.post(here, data={"form_token": token, tick[1]: tick[2]})
    assert asked.status_code == 303
    assert f"{here}/undo" in (await browser.get(here)).text
    assert f'href="{here}"' in (await browser.get(f"/p/{me.id}")).text, "Today does not say so"
