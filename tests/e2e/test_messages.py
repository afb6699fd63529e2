"""Messages in a browser, by keyboard alone: a test is asked for, the bell rings, it is read, put away, taken back."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from .conftest import Site, Somebody

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.mark.parametrize(
    ("language", "width", "height"), [("en", 360, 740), ("hi", 360, 740), ("ta", 360, 740), ("en", 1280, 800)]
)
def test_a_test_message_arrives_is_read_and_put_away(
    arrive: Callable[..., Somebody], site: Site, language: str, width: int, height: int
) -> None:
    me = arrive("Asha Rao", language, width, height)
    me.sign_in(site.account("Asha Rao", language))
    me.go("/notifications")
    me.seen("messages-none")
    me.go("/settings/notifications")
    me.seen("wishes")
    me.press("#f-quiet", "Space")
    me.press("form button.main")
    me.seen("wishes-saved")
    assert me.find("#f-quiet").is_checked()
    me.press("form[action='/settings/notifications/test'] button")
    me.seen("tested")
    me.press(".bell")
    me.seen("messages")
    assert me.find("form[action$='/open'] button.main").is_visible()
    me.press("form[action$='/open'] button")
    me.go("/notifications")
    assert not me.find("form[action$='/open'] button.main").is_visible()
    me.press("form[action$='/archive'] button")
    me.seen("messages-put-away")
    assert not me.find("form[action$='/open'] button").is_visible()
    me.press(".toast button")
    assert me.find("form[action$='/open'] button").is_visible()


def test_what_the_bell_rings_for_is_on_the_open_page_at_once_unless_somebody_is_at_it(
    arrive: Callable[..., Somebody], site: Site
) -> None:
    me = arrive("Asha Rao", "en", 360, 740)
    me.sign_in(site.account("Asha Rao", "en"))
    me.go("/notifications")
    elsewhere = me.context.new_page()

    def rung(unread: int) -> None:
        elsewhere.goto(f"{site.url}/settings/notifications")
        elsewhere.click("form[action='/settings/notifications/test'] button")
        expect(me.page.locator(".bell b")).to_have_text(str(unread), timeout=20_000)

    rung(1)
    messages = me.page.locator("main form[action$='/archive']")
    expect(messages).to_have_count(1)
    me.reach("form[action$='/archive'] button")
    rung(2)
    expect(messages).to_have_count(1)
    elsewhere.close()


def test_without_a_stream_a_page_looks_again_when_somebody_comes_back_and_prints_black_on_white(
    arrive: Callable[..., Somebody], site: Site
) -> None:
    me = arrive("Asha Rao", "en", 360, 740, color_scheme="dark")
    me.sign_in(site.account("Asha Rao", "en"))
    me.context.route("**/notifications/live", lambda route: route.abort())
    me.page.clock.install()
    me.go("/notifications")
    elsewhere = me.context.new_page()
    elsewhere.goto(f"{site.url}/settings/notifications")
    elsewhere.click("form[action='/settings/notifications/test'] button")
    elsewhere.close()
    messages = me.page.locator("main form[action$='/archive']")
    back = "window.dispatchEvent(new Event('focus'))"
    me.page.evaluate(back)
    expect(messages).to_have_count(0)
    me.page.clock.fast_forward(21_000)
    me.page.evaluate(back)
    expect(messages).to_have_count(1, timeout=20_000)
    shown = """() => [getComputedStyle(document.body).backgroundColor,
                      getComputedStyle(document.querySelector("main h1")).color]"""
    assert me.page.evaluate(shown) == ["rgb(20, 24, 26)", "rgb(236, 239, 233)"]
    me.page.emulate_media(media="print")
    assert me.page.evaluate(shown) == ["rgb(255, 255, 255)", "rgb(0, 0, 0)"]
