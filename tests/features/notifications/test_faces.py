"""Messages on pages and by REST: read, put away, taken out again; and how one wants to be told."""

import html
import re
from uuid import UUID

import httpx
from fastapi import FastAPI
from sqlalchemy import text
from tests.browsing import token_of
from tests.conftest import client_of, work_off
from tests.features.sharing.cast import Somebody, signed_in, somebody

from ojas.features.identity import service as identity
from ojas.features.identity.rules import Role
from ojas.kit.db import Access
from ojas.kit.ids import new_id

from .browser import Browser
from .test_notifying import say


async def see(browser: httpx.AsyncClient, url: str) -> str:
    answer = await browser.get(url)
    assert answer.status_code == 200, answer.text[:500]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


async def press(browser: httpx.AsyncClient, to: str, at: str, **data: object) -> httpx.Response:
    token = token_of((await browser.get(at)).text)
    return await browser.post(to, data={"form_token": token, **data})


async def told(app: FastAPI, who: Somebody) -> UUID:
    return await say(app.state.house.database, who.person_id, who.account_id)


async def test_a_message_is_new_then_read_then_put_away_then_back(
    app: FastAPI, asha: Somebody, browser: httpx.AsyncClient
) -> None:
    assert "Nothing here yet" in await see(browser, "/notifications")
    message = await told(app, asha)
    shown = await see(browser, "/notifications")
    assert "Metoprolol" in shown
    assert "New" in shown
    assert "1 new notification" in (await browser.get(f"/p/{asha.person_id}")).text
    opened = await press(browser, f"/notifications/{message}/open", "/notifications")
    assert (opened.status_code, opened.headers["location"]) == (303, "/notifications")
    assert "New" not in await see(browser, "/notifications")
    await press(browser, f"/notifications/{message}/archive", "/notifications")
    assert "Metoprolol" not in await see(browser, "/notifications")
    assert "Metoprolol" in await see(browser, "/notifications?archived=true")
    await press(browser, f"/notifications/{message}/restore", "/notifications?archived=true")
    assert "Metoprolol" in await see(browser, "/notifications")


async def test_one_pages_through_many(app: FastAPI, asha: Somebody, browser: httpx.AsyncClient) -> None:
    for _again in range(32):
        await told(app, asha)
    first = await browser.get("/notifications")
    assert first.text.count("Metoprolol") == 30
    older = re.search(r'href="(/notifications\?before=[^"]+)"', first.text)
    assert older
    assert (await browser.get(older[1])).text.count("Metoprolol") == 2


async def test_a_test_arrives_and_a_sixth_in_ten_minutes_is_refused(
    app: FastAPI, asha: Somebody, browser: httpx.AsyncClient
) -> None:
    for _again in range(5):
        answer = await press(browser, "/settings/notifications/test", "/settings/notifications")
        assert answer.status_code == 303
    await work_off(app)
    assert "This is how Ojas writes to you" in await see(browser, "/notifications")
    outbox = app.state.house.settings.home / "outbox"
    assert sum(asha.email in letter.read_text() for letter in outbox.glob("*.eml")) == 5
    answer = await press(browser, "/settings/notifications/test", "/settings/notifications")
    assert answer.status_code == 429


async def test_wishes_are_kept_and_what_is_half_said_is_asked_for(browser: httpx.AsyncClient) -> None:
    here = "/settings/notifications"
    answer = await press(browser, here, here, quiet="true", quiet_start="22:00")
    assert answer.status_code == 422
    assert "Say from when until when." in answer.text
    answer = await press(browser, here, here, quiet="true", quiet_start="22:00", quiet_end="22:00")
    assert "Quiet hours must end at another time" in answer.text
    answer = await press(
        browser,
        here,
        here,
        **{"on.medication": "email"},
        quiet="true",
        quiet_start="22:15",
        quiet_end="06:30",
    )
    assert answer.status_code == 303
    shown = (await browser.get(here)).text
    assert 'value="22:15"' in shown
    assert 'value="06:30"' in shown


async def test_by_rest_the_same(app: FastAPI, asha: Somebody, browser: httpx.AsyncClient) -> None:
    api = await rest(app, browser)
    message = str(await told(app, asha))
    listed = (await api.get("/notifications")).json()
    assert [(one["id"], one["text"], one["read_at"]) for one in listed["items"]] == [
        (message, "Metoprolol", None)
    ]
    assert (await api.post(f"/notifications/{message}/read")).json()["read_at"]
    assert (await api.post(f"/notifications/{message}/archive")).json()["archived_at"]
    assert (await api.get("/notifications")).json()["items"] == []
    assert len((await api.get("/notifications?archived=true")).json()["items"]) == 1
    assert (await api.post(f"/notifications/{message}/restore")).json()["archived_at"] is None
    assert (await api.post("/notifications/read")).status_code == 204
    wanted = {
        "channels": {"medication": ["in_app"]},
        "quiet_start": "22:00:00",
        "quiet_end": "07:00:00",
        "digest_at": None,
        "details": True,
    }
    assert (await api.put("/notifications/settings", json=wanted)).status_code == 200
    assert (await api.get("/notifications/settings")).json() == wanted
    refused = await api.put(
        "/notifications/settings", json={"quiet_start": "07:00:00", "quiet_end": "07:00:00"}
    )
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "quiet_end")


async def test_anothers_message_does_not_exist(
    app: FastAPI, asha: Somebody, browser: httpx.AsyncClient
) -> None:
    other = await somebody(app.state.house.database, "Rao")
    message = await told(app, other)
    api = await rest(app, browser)
    for verb in ("read", "archive", "restore"):
        assert (await api.post(f"/notifications/{message}/{verb}")).status_code == 404
    async with client_of(app) as nobody:
        assert (await nobody.get("/api/v1/notifications")).status_code == 401


async def rest(app: FastAPI, browser: httpx.AsyncClient) -> httpx.AsyncClient:
    """The same session, with the header a script of ours sends."""
    token = token_of((await browser.get("/settings/notifications")).text)
    opened = client_of(app, **{"x-form-token": token})
    opened.cookies = browser.cookies
    opened.base_url = "http://localhost/api/v1"  # type: ignore[assignment]
    return opened


async def test_addresses_are_added_and_taken_away_and_what_is_wrong_is_said_beside_its_field(
    app: FastAPI, asha: Somebody, browser: httpx.AsyncClient
) -> None:
    here, api = "/settings/notifications", await rest(app, browser)
    inside = await press(browser, f"{here}/webhooks", here, url="https://127.0.0.1/hook")
    assert inside.status_code == 422
    assert "leads into our own network" in inside.text
    made = await press(browser, f"{here}/webhooks", here, url="https://example.org/hook")
    assert made.status_code == 200
    assert re.search(r"whsec_[\w+/=]{30,}", made.text)
    (kept,) = (await api.get("/notifications/addresses")).json()
    assert (kept["kind"], kept["label"]) == ("webhook", "https://example.org/hook")
    assert "whsec_" not in (await browser.get(here)).text, "it is shown once"
    assert "whsec_" not in str(kept)
    assert (await press(browser, f"{here}/addresses/{kept['id']}/forget", here)).status_code == 303
    assert (await api.get("/notifications/addresses")).json() == []
    refused = await api.post("/notifications/addresses/phones", json={"number": "+919840012345"})
    assert refused.status_code == 409, "this house has no vendor"
    odd = {"endpoint": "http://10.0.0.1/x", "keys": {"p256dh": "A" * 20, "auth": "A" * 20}}
    refused = await api.post("/notifications/addresses/browsers", json=odd)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "endpoint")
    assert len((await api.get("/notifications/addresses/push-key")).json()["key"]) == 87


async def test_of_a_message_one_sees_what_was_sent_where_and_of_failures_only_who_runs_the_house(
    app: FastAPI, asha: Somebody, browser: httpx.AsyncClient
) -> None:
    message, api = await told(app, asha), await rest(app, browser)
    shown = await see(browser, f"/notifications/{message}")
    assert "Here, under Messages" in shown
    assert "Handed over" in shown
    found = (await api.get(f"/notifications/{message}")).json()
    assert (found["deliveries"][0]["channel"], found["deliveries"][0]["state"]) == ("in_app", "handed")
    assert (await api.get("/notifications/failures")).status_code == 403
    async with app.state.house.database.transaction(Access.system("deliveries")) as tx:
        await tx.session.execute(
            text(
                "UPDATE deliveries SET state = 'refused', answer = 'It failed here. [X]' WHERE message_id = :m"
            ),
            {"m": message},
        )
    assert "It failed here. (X)" in await see(browser, f"/notifications/{message}")
    database, address = app.state.house.database, f"{new_id().hex}@example.org"
    async with database.transaction(Access.system("sign_in")) as tx:
        roles = frozenset({Role.ADMIN})
        account, person = await identity.create_account(tx, email=address, name="Keeper", roles=roles)
    async with await signed_in(app, Somebody(database, "Keeper", address, account, person)) as keeper:
        page = await see(keeper, "/settings/notifications")
    assert "What did not arrive, of everybody" in page
    assert "It failed here. (X)" in page
    assert "Asha" not in page


async def test_a_field_that_is_called_as_a_group_of_fields_is_let_be(browser: httpx.AsyncClient) -> None:
    here = "/settings/notifications"
    for first, last in (("on", "on.health"), ("on.health", "on")):
        answer = await press(browser, here, here, **{first: "push", last: "push"})
        assert answer.status_code in (303, 422)


async def test_a_browser_asks_whether_it_is_still_pushed_to_and_is_known_by_its_newest_session(
    app: FastAPI, asha: Somebody, browser: httpx.AsyncClient
) -> None:
    device, here = Browser("https://push.example/mine"), "/settings/notifications"

    async def known(by: httpx.AsyncClient, endpoint: str = device.endpoint) -> bool:
        answer = await press(by, f"{here}/browsers/here", here, endpoint=endpoint)
        found: bool = answer.json()["known"]
        return found

    assert not await known(browser)
    keys = device.subscription.keys
    sent = {"endpoint": device.endpoint, "p256dh": keys.p256dh, "auth": keys.auth}
    for odd in ({"auth": ""}, {"p256dh": "é" * 20}, {"endpoint": "x" * 2001}):
        assert (await press(browser, f"{here}/browsers", here, **sent | odd)).status_code == 422
    assert (await press(browser, f"{here}/browsers", here, **sent)).status_code == 303
    assert await known(browser)
    assert not await known(browser, "https://push.example/another")
    assert not await known(await signed_in(app, await somebody(app.state.house.database, "Ravi")))
    later = await signed_in(app, asha)
    assert await known(later), "the same browser, signed in anew"
    assert (await press(browser, "/sign-out", here)).status_code == 303
    assert await known(later)
    assert (await press(later, "/sign-out", here)).status_code == 303
    assert not await known(await signed_in(app, asha))
