"""A medicine in a browser, by keyboard alone: it is added, comes due while one waits, is taken on Today, and taken back."""

import time
from collections.abc import Callable
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Locator

from ojas.kit import clock

from .conftest import Site, Somebody

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]

HOME = ZoneInfo("Asia/Kolkata")  # what a new account's preferences say
WAIT = timedelta(minutes=10)  # longer than a busy machine takes to fill the form in
PATIENCE_S = 60  # for a worker that is busy


def until(me: Somebody, page: str, wanted: Locator) -> None:
    """Look at a page again and again until something is there."""
    deadline = time.monotonic() + PATIENCE_S
    me.go(page)
    while not wanted.is_visible():
        assert time.monotonic() < deadline, me.page.inner_text("main")
        me.page.wait_for_timeout(200)
        me.go(page)


@pytest.mark.parametrize("language", ["en", "hi", "ta"])
def test_a_medicine_comes_due_and_is_taken(
    arrive: Callable[..., Somebody], site: Site, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    me = arrive("Asha Rao", language, 360, 740)
    me.sign_in(site.account("Asha Rao", language))
    me.go(f"{me.root}/medicines")
    me.seen("medicines-none")
    me.press("main a[href$='/medicines/new']")
    me.seen("medicine-new")
    me.type("#f-name", "Metoprolol")
    me.type("#f-strength", "50 mg")
    soon = (clock.now() + WAIT).astimezone(HOME)
    me.reach("#f-time_1").fill(f"{soon:%H:%M}")
    me.reach("#f-time_2")
    me.page.keyboard.press("Enter")  # saves, and adds no steps
    me.page.wait_for_url("**/medicines/*-*")
    me.seen("medicine")
    today = me.root

    before = clock.now
    monkeypatch.setattr(clock, "now", lambda: before() + WAIT)  # for server and worker the minute has come
    me.go(today)
    take = me.find("form[action*='/doses/'] button.main")
    until(me, today, take)
    me.seen("due")
    told = me.page.locator("main", has_text="Metoprolol").first
    until(me, "/notifications", told)

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
