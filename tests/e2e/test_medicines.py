"""A medicine in a browser, by keyboard alone: it is added, comes due while one waits, is taken on Today, and taken back."""

from collections.abc import Callable
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

from ojas.kit import clock

from .conftest import Site, Somebody

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]

HOME = ZoneInfo("Asia/Kolkata")  # what a new account's preferences say
PATIENCE = 90_000  # ms: a minute that comes, and a worker that is busy


@pytest.mark.parametrize("language", ["en", "hi", "ta"])
def test_a_medicine_comes_due_and_is_taken(
    arrive: Callable[..., Somebody], site: Site, language: str
) -> None:
    me = arrive("Asha Rao", language, 360, 740)
    me.sign_in(site.account("Asha Rao", language))
    me.go(f"{me.root}/medicines")
    me.seen("medicines-none")
    me.press("main a[href$='/medicines/new']")
    me.seen("medicine-new")
    me.type("#f-name", "Metoprolol")
    me.type("#f-strength", "50 mg")
    me.type("#f-amount", "1")
    soon = (clock.now() + timedelta(seconds=70)).astimezone(HOME)
    me.reach("#f-time_1").fill(f"{soon:%H:%M}")
    me.press("form button.main")
    me.seen("medicine")
    today = me.root

    me.go(today)
    take = me.find("form[action*='/doses/'] button.main")
    for _ in range(PATIENCE // 3000):
        if take.is_visible():
            break
        me.page.wait_for_timeout(3000)
        me.go(today)
    me.seen("due")
    me.go("/notifications")
    me.page.wait_for_timeout(2000)
    me.go("/notifications")
    expect(me.page.locator("main")).to_contain_text("Metoprolol")

    me.go(today)
    me.press("form[action*='/doses/'] button.main")
    me.seen("taken")
    assert not me.find("form[action*='/doses/'] input[value=take]").is_visible()
    assert not me.find("form[action*='/doses/'] button.main").is_visible()
    me.press(".toast button")
    me.seen("taken-back")
    assert me.find("form[action*='/doses/'] button.main").is_visible()

    me.press("main a[href*='/doses/']")
    me.seen("dose")
    me.press("form:has(#f-reason) button.main")
    me.seen("skipped")
    assert not me.find("form[action*='/doses/'] button.main").is_visible()
