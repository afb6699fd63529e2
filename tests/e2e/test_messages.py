"""Messages in a browser, by keyboard alone: a test is asked for, the bell rings, it is read, put away, taken back."""

from collections.abc import Callable

import pytest

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
