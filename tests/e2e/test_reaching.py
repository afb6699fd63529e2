"""News on an open page at once; and a message pushed to a device, answered there by its button."""

import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from tests.features.notifications.browser import Browser
from tests.features.notifications.test_acting import DONE, ask
from tests.features.notifications.vendor import Vendor, vending
from tests.serving import serving

from ojas.kit import crypto
from ojas.kit.db import Access, Database, embedded
from ojas.kit.db.migrate import migrate
from ojas.kit.settings import Settings

from .conftest import Site, Somebody

pytestmark = [pytest.mark.browser, pytest.mark.slow]

_SHOWN = """async () => (await (await navigator.serviceWorker.ready).getNotifications())
  .map((one) => ({ title: one.title, body: one.body, lang: one.lang, actions: one.actions.map((a) => a.title) }))"""
_PRESS = """async (action) => {
  const [shown] = await self.registration.getNotifications();
  self.dispatchEvent(new NotificationEvent("notificationclick", { notification: shown, action }));
}"""

_RENEW = """async (made) => {
  self.registration.pushManager.getSubscription = async () => ({ toJSON: () => made });
  const event = new ExtendableEvent("pushsubscriptionchange");
  self.dispatchEvent(event);
}"""


@pytest.fixture(scope="module")
def vendor() -> Iterator[Vendor]:
    with vending() as opened:
        yield opened


@pytest.fixture(scope="module")
def site(settings: Settings) -> Iterator[Site]:
    """One that may send to the loopback, where the push service of this test is."""
    inside = settings.model_copy(update={"reach_inside": True})
    with embedded.scratch() as lease:
        migrate(lease.cluster.dsn(embedded.OWNER))
        with serving(inside, lease.cluster) as url:
            yield Site(url, inside, lease.cluster.dsn(embedded.APP))


def said(site: Site, email: str) -> UUID:
    """Let Ojas ask something of the one account there is with this address. Answers whom it is about."""

    async def say() -> UUID:
        database = Database(site.conninfo, crypto.load(site.settings))
        async with database.transaction(Access.system("sign_in")) as tx:
            row = (
                await tx.session.execute(
                    text("SELECT id, person_id FROM accounts ORDER BY created_at DESC LIMIT 1")
                )
            ).one()
        await ask(database, row.person_id, row.id)
        await database.close()
        found: UUID = row.person_id
        return found

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, say()).result()


def until(found: Callable[[], Any], wait: float = 30) -> Any:
    ends = time.monotonic() + wait
    while time.monotonic() < ends:
        if result := found():
            return result
        threading.Event().wait(0.1)
    raise AssertionError("it did not come")


def test_an_open_page_hears_of_it_and_a_device_answers_it(
    arrive: Callable[..., Somebody], site: Site, vendor: Vendor
) -> None:
    me = arrive("Asha Rao", "ta", 360, 740)
    email = site.account("Asha Rao", "ta")
    me.sign_in(email)
    me.context.grant_permissions(["notifications"])
    device = Browser(f"{vendor.url}/push/this")
    me.go("/settings/notifications")
    me.page.wait_for_selector("[data-push-start] button")
    keys = device.subscription.keys
    with me.page.expect_navigation():
        me.page.evaluate(
            """([endpoint, p256dh, auth]) => {
              const form = document.querySelector("[data-push-start]");
              for (const [name, text] of Object.entries({ endpoint, p256dh, auth })) form.elements.namedItem(name).value = text;
              form.submit();
            }""",
            [device.endpoint, keys.p256dh, keys.auth],
        )
    me.seen("wishes-device")
    assert not me.find(".bell").is_visible()

    person = said(site, email)
    me.page.wait_for_selector(".bell:not([hidden])", timeout=20_000)
    assert me.find(".bell b").inner_text() == "1"
    me.page.wait_for_selector(".toast", timeout=5_000)

    (sent,) = until(lambda: vendor.at("/push/this"))
    payload = device.reads(sent.body)
    assert payload["lang"] == "ta"
    cdp = me.context.new_cdp_session(me.page)
    registrations: list[str] = []
    cdp.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda event: registrations.extend(one["registrationId"] for one in event["registrations"]),
    )
    cdp.send("ServiceWorker.enable")
    me.page.wait_for_function("() => navigator.serviceWorker.controller")
    push = {"origin": site.url, "registrationId": registrations[0], "data": json.dumps(payload)}
    for _twice in range(2):  # a worker that died may repeat it
        cdp.send("ServiceWorker.deliverPushMessage", push)
    (shown,) = until(lambda: me.page.evaluate(_SHOWN))
    assert shown["title"] == payload["title"]
    assert shown["body"] == "", "no medicine on a locked screen"
    assert len(shown["actions"]) == 2

    assert not [one for one in DONE if one[0] == person]
    me.context.service_workers[0].evaluate(_PRESS, "0")
    until(lambda: [one for one in DONE if one[0] == person])
    (told,) = until(lambda: [one for one in me.page.evaluate(_SHOWN) if "Metoprolol" in one["title"]])
    assert told["actions"] == []
    me.go("/notifications")
    me.page.wait_for_selector(".card")
    assert not me.find("form[action*='/do/']").is_visible(), "it is answered"
    me.press(".card-head a")
    me.seen("message")
    assert me.page.locator("li:has(.pill.leaf)").count() >= 2

    # The browser gives itself a new address, and nobody is signed in by it: the next message goes there.
    moved = Browser(f"{vendor.url}/push/moved")
    both = [one.subscription.model_dump() for one in (device, moved)]
    kept = "async (was) => (await caches.open('ojas-push')).put('/push/kept', Response.json(was))"
    me.page.evaluate(kept, both[0])
    me.context.service_workers[0].evaluate(_RENEW, both[1])
    kept = "async () => (await (await (await caches.open('ojas-push')).match('/push/kept')).json()).endpoint"
    until(lambda: me.page.evaluate(kept) == moved.endpoint)
    said(site, email)
    (sent,) = until(lambda: vendor.at("/push/moved"))
    assert moved.reads(sent.body)["title"] == payload["title"]
