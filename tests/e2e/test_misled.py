"""What a browser does by itself, or a link from elsewhere makes it do, calls nobody."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from .conftest import Site, Somebody

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(120)]


def test_only_a_tap_begins_to_count_down_to_a_call_for_help(
    arrive: Callable[..., Somebody], site: Site
) -> None:
    me = arrive("Asha Rao", "en", 360, 740)
    me.sign_in(site.account("Asha Rao", "en"))
    stop = me.page.locator("[data-stop]")
    me.go(f"{me.root}/emergency/call")  # as by a link in a letter
    expect(stop).to_be_hidden()
    me.go(f"{me.root}/emergency")
    me.page.locator(".kinds a").first.click()
    expect(stop).to_be_visible()
    me.page.reload()  # as a browser does that is opened again
    expect(stop).to_be_hidden()
    me.page.wait_for_timeout(6000)
    assert "/emergency/call" in me.page.url
