"""An emergency on a phone, by keyboard alone: contacts, the card as a stranger sees it, the button, who comes, the end."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from .conftest import Site, Somebody

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]

CHENNAI = {"latitude": 13.0827, "longitude": 80.2707, "accuracy": 20}


@pytest.mark.parametrize("language", ["en", "hi", "ta"])
def test_help_is_one_tap_away_and_comes(arrive: Callable[..., Somebody], site: Site, language: str) -> None:
    me = arrive("Asha Rao", language, 360, 740, geolocation=CHENNAI, permissions=["geolocation"])
    me.sign_in(site.account("Asha Rao", language))
    root = me.root
    me.press("a.sos")
    assert me.find(".dial a").get_attribute("href") == "tel:112", "the number comes first"
    me.seen("emergency-none")

    add_contact(me)
    stranger_reads_the_card(me, arrive, language)

    me.go(root)
    me.press("a.sos")
    me.seen("emergency")
    me.press(".kinds a")
    expect(me.page.locator("[data-stop]")).to_be_visible()
    me.press("[data-stop]", stays=True)
    me.seen("count-down")
    if language == "en":
        me.page.wait_for_timeout(5500)
        assert "/emergency/call" in me.page.url, "a count-down that was stopped calls nobody"
    me.go(root)
    me.press("a.sos")
    me.press(".kinds a >> nth=1")
    me.page.wait_for_url("**/alerts/*", timeout=15_000)
    expect(me.page.locator("#state .helpers")).to_contain_text("Meera", timeout=20_000)
    expect(me.page.locator("#state .ways")).to_be_visible(timeout=30_000)
    expect(me.page.locator("main a[href*='mlat=13.08']")).to_be_visible()
    me.seen("calling")

    me.press("form[action*='/helpers/'] button")
    expect(me.page.locator("#state .standing.coming")).to_be_visible()
    me.go(root)
    assert me.find(".alarm a").is_visible(), "Today says so first"
    me.press(".alarm a")
    me.press("form[action$='/end'] button.main")
    expect(me.page.locator("#state .standing.ended")).to_be_visible()
    me.seen("ended")
    me.go(f"{root}/timeline?sort=calls")
    expect(me.page.locator("main a[href*='/emergency/alerts/']")).to_have_count(1)


def add_contact(me: Somebody) -> None:
    me.press("main a[href$='/contacts/new']")
    me.type("#f-name", "Meera")
    me.type("#f-phone", "12345")
    me.type("#f-email", "meera@example.org")
    me.press("form button.main")
    expect(me.page.locator("#f-phone-error")).to_be_visible()
    me.seen("contact-refused")
    me.type("#f-phone", "098400 12345")
    me.press("form button.main")
    expect(me.page.locator("main .list")).to_contain_text("+91 98400 12345")
    me.seen("contacts")


def stranger_reads_the_card(me: Somebody, arrive: Callable[..., Somebody], language: str) -> None:
    me.go(me.root + "/emergency/card")
    me.press("#f-shown", "Space")
    me.type("#f-implants", "Pacemaker")
    me.press("form[action$='/card'] button.main")
    expect(me.page.locator(".qr svg")).to_be_visible()
    me.seen("card-on")
    link = me.find("a[href*='/e/']").get_attribute("href")
    me.press("a[href$='/card/print']")
    me.seen("card-printed")
    stranger = arrive("Somebody who helps", language, 360, 740)
    assert link
    stranger.go(me.site.url + re.sub(r"^https?://[^/]+", "", link))
    stranger.seen("card-found")
    stranger.press("a.main")
    expect(stranger.page.locator("main")).to_contain_text("Pacemaker")
    stranger.seen("opened")
