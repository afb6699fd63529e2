"""Danger in a browser, by keyboard alone: a reading is entered, its alarm stands on Today at once, and is acknowledged."""

import time
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from .conftest import Site, Somebody

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]

PATIENCE_S = 60  # on a busy machine; a quiet one needs a fraction of a second


@pytest.mark.parametrize("language", ["en", "hi", "ta"])
def test_a_dangerous_reading_is_an_alarm_and_is_acknowledged(
    arrive: Callable[..., Somebody], site: Site, language: str
) -> None:
    me = arrive("Asha Rao", language, 360, 740)
    me.sign_in(site.account("Asha Rao", language))
    today = me.root
    me.go(f"{today}/alarms")
    me.seen("alarms-none")
    me.go(f"{today}/add/blood_pressure")
    me.type("#f-systolic", "192")
    me.type("#f-diastolic", "118")
    me.press("form button.main")

    seen_it = me.find(".alarm form[action$='/acknowledge'] button")
    until = time.monotonic() + PATIENCE_S
    me.go(today)
    while not seen_it.is_visible() and time.monotonic() < until:
        me.page.wait_for_timeout(500)
        me.go(today)
    me.seen("alarm")
    me.press(".alarm form[action$='/acknowledge'] button")
    me.seen("alarm-known")
    assert not seen_it.is_visible()
    expect(me.find(".alarm")).to_contain_text("192/118")

    me.press(".alarm a.btn")
    me.seen("alarm-one")
    expect(me.page.locator("main")).to_contain_text("Asha Rao")
    me.go(f"{today}/alarm-rules")
    me.seen("alarm-rules")
    me.press("main a[href$='/alarm-rules/blood_pressure']")
    me.type("#f-limits-systolic-high", "170")
    me.seen("alarm-rule")
    me.press("main form button.main")
    expect(me.page.locator("main")).to_contain_text("170")
    me.go(f"{today}/alarms")
    me.seen("alarms")
