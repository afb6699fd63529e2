"""Accounts in a browser: every page of identity on a phone in Tamil and at a desk in English, and a passkey that is real."""

import re
import time
from typing import Any

import pytest
from tests.features.identity.cast import letters, token_in

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SETTINGS = ["", "/preferences", "/security", "/devices", "/password", "/email", "/app", "/confirm"]


def in_view(somebody: Any, *pages: str) -> None:
    for path in pages:
        somebody.go(path)
        somebody.seen(re.sub(r"\W+", "-", re.sub(r"/p/[0-9a-f-]{36}", "", path)).strip("-"))


@pytest.mark.parametrize(
    ("language", "width", "height"), [("ta", 360, 740), ("hi", 360, 740), ("en", 1280, 800)]
)
def test_every_page_of_identity_can_be_seen_and_reached(
    arrive: Any, site: Any, language: str, width: int, height: int
) -> None:
    me = arrive("Asha Rao", language, width, height)
    in_view(
        me, "/sign-in", "/register", "/forgot", "/verify?token=x", "/reset?token=x", "/change-email?token=x"
    )
    me.sign_in(site.account("Asha Rao", language))
    root = "/" + "/".join(me.root.split("/")[3:])
    in_view(me, *(f"/settings{path}" for path in SETTINGS))
    in_view(me, f"{root}/profile", f"{root}/profile/change", f"{root}/privacy")


def test_somebody_registers_by_keyboard_and_opens_the_letter(arrive: Any, site: Any) -> None:
    me = arrive("Asha Rao", "en", 360, 740, timezone_id="Asia/Kolkata")
    email = f"keyboard.{time.time_ns()}@example.org"
    me.go("/register")
    me.type("input[name=name]", "Asha Rao")
    me.type("input[name=email]", email)
    me.type("input[name=password]", "plum tree in the rain")
    me.press("form button.main")
    me.seen("sent")
    for _ in range(100):
        if found := letters(site.settings, email):
            break
        time.sleep(0.1)
    me.go(f"/verify?token={token_in(found[-1])}")
    me.type("input[name=password]", "plum tree in the rain")
    me.press("form button.main")
    me.go("/settings")
    assert email in me.page.content()


def test_a_passkey_is_made_and_signs_in(arrive: Any, site: Any) -> None:
    """With Chromium's own authenticator, so that script, browser and server agree."""
    me = arrive("Asha Rao", "en", 360, 740)
    devices = me.context.new_cdp_session(me.page)
    devices.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    me.sign_in(site.account("Asha Rao", "en"))
    me.go("/settings/security")
    me.press("[data-passkey=enrol] button")
    me.page.wait_for_selector("form[action*='/remove']")
    me.seen("passkeys")
    me.context.clear_cookies()
    me.go("/sign-in")
    me.press("[data-passkey=sign-in] button")
    me.page.wait_for_url("**/p/*")
    me.go("/settings/devices")
    assert "Chrome" in me.page.content()
    assert not me.trouble
