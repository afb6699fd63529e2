"""The pages of identity, as a browser without script uses them."""

import io
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import httpx
import pytest
import time_machine
from fastapi import FastAPI
from PIL import Image

from ojas.kit import clock
from ojas.kit.auth import codes
from ojas.kit.ids import new_id
from ojas.kit.settings import Settings
from tests.browsing import token_of
from tests.conftest import work_off
from tests.features.identity.cast import PASSWORD, Person, arrived, browser, letters, registered, token_in
from tests.kit.auth.authenticator import Authenticator


def form_token(page: httpx.Response) -> str:
    return token_of(page.text)


async def send(
    client: httpx.AsyncClient, path: str, shown: str | None = None, **fields: Any
) -> httpx.Response:
    """Open a page, fill its form, send it."""
    page = await client.get(shown or path)
    assert page.status_code == 200, f"{page.status_code} {page.url}"
    return await client.post(path, data={"form_token": form_token(page), **fields})


@asynccontextmanager
async def signed_in(app: FastAPI, person: Person, **fields: Any) -> AsyncIterator[httpx.AsyncClient]:
    async with browser(app) as client:
        answer = await send(client, "/sign-in", email=person.email, password=person.password, **fields)
        assert answer.status_code == 303, answer.text
        yield client


async def test_the_whole_way_in_by_pages(app: FastAPI, settings: Settings) -> None:
    email = f"pages.{new_id().hex[-12:]}@example.org"
    async with browser(app) as client:
        answer = await send(client, "/register", name="Asha Rao", email=email, password=PASSWORD)
        assert email in answer.text
        await work_off(app)
        link = f"/verify?token={token_in(letters(settings, email)[-1])}"
        token = link.partition("=")[2]
        wrong = await send(client, "/verify", link, token=token, password="not that one")
        assert wrong.status_code == 401
        assert "not the password" in wrong.text
        assert token in wrong.text  # so that one may try again
        answer = await send(client, "/verify", link, token=token, password=PASSWORD)
        assert answer.status_code == 303
        assert (
            "Asha Rao" in (await client.get("/settings")).text
            or email in (await client.get("/settings")).text
        )


async def test_what_was_typed_stays_but_for_the_password(app: FastAPI) -> None:
    async with browser(app) as client:
        answer = await send(
            client, "/register", name="Asha <b>Rao</b>", email="nonsense", password="plum tree in rain"
        )
        assert answer.status_code == 422
        assert "Asha &lt;b&gt;Rao&lt;/b&gt;" in answer.text
        assert "plum tree" not in answer.text
        assert 'aria-invalid="true"' in answer.text
        weak = await send(client, "/register", name="Asha", email="asha@example.org", password="password1")
        assert "first that guessers try" in weak.text


async def test_spaces_at_the_ends_of_a_password_are_part_of_it(app: FastAPI, settings: Settings) -> None:
    person = await arrived(app, settings)
    async with signed_in(app, person) as client:
        spaced = "  plum tree and spaces "
        assert (await send(client, "/settings/password", password=spaced)).status_code == 303
    person.password = spaced
    assert (await person.sign_in()).status_code == 200
    assert (await person.sign_in(password=spaced.strip())).status_code == 401
    async with signed_in(app, person) as client:
        assert (await client.get("/settings")).status_code == 200


async def test_a_wrong_password_says_so_and_too_many_say_how_long_to_wait(
    app: FastAPI, settings: Settings
) -> None:
    person = await arrived(app, settings)
    async with browser(app) as client:
        with time_machine.travel(clock.now(), tick=False):
            for _ in range(5):
                answer = await send(client, "/sign-in", email=person.email, password="wrong one")
                assert answer.status_code == 401
                assert "The e-mail address or the password is not right." in answer.text
                assert person.email in answer.text
            answer = await send(client, "/sign-in", email=person.email, password=PASSWORD)
        assert answer.status_code == 429
        assert "Try again in 2 seconds." in answer.text
        assert answer.headers["retry-after"] == "2"


async def test_a_browser_session_ends_with_the_browser_unless_one_says_otherwise(
    app: FastAPI, settings: Settings
) -> None:
    person = await arrived(app, settings)

    async def cookie(**fields: str) -> str:
        async with browser(app) as client:
            answer = await send(client, "/sign-in", email=person.email, password=PASSWORD, **fields)
            return next(c for c in answer.headers.get_list("set-cookie") if c.startswith("ojas="))

    session, remembered = await cookie(), await cookie(remember="true")
    assert "HttpOnly" in session
    assert "SameSite=lax" in session
    assert "Max-Age" not in session
    assert "Max-Age=77" in remembered  # 90 days


async def test_one_goes_on_to_where_one_wanted_but_never_to_another_site(
    app: FastAPI, settings: Settings
) -> None:
    person = await arrived(app, settings)
    for wish, where in [
        ("/settings", "/settings"),
        ("https://evil.example", "/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("javascript:alert(1)", "/"),
    ]:
        async with browser(app) as client:
            answer = await send(client, "/sign-in", email=person.email, password=PASSWORD, next=wish)
            assert answer.headers["location"] == where


async def test_a_page_for_somebody_signed_in_asks_to_sign_in_first(app: FastAPI) -> None:
    async with browser(app) as client:
        for path in ("/settings", "/settings/security", "/settings/devices", f"/p/{new_id()}/profile"):
            answer = await client.get(path)
            assert answer.status_code == 303
            assert answer.headers["location"] == f"/sign-in?next={path}"


async def test_signing_out_ends_the_session_on_the_server(app: FastAPI, settings: Settings) -> None:
    person = await arrived(app, settings)
    async with signed_in(app, person) as client:
        kept = client.cookies["ojas"]
        answer = await send(client, "/sign-out", "/settings")
        assert answer.status_code == 303
        assert "ojas" not in client.cookies
        client.cookies.set("ojas", kept)
        assert (await client.get("/settings")).status_code == 303


@pytest.mark.parametrize(
    "path",
    ["/sign-in", "/register", "/forgot", "/reset", "/verify", "/change-email", "/sign-out", "/second-factor"],
)
async def test_a_form_without_its_token_does_nothing(app: FastAPI, settings: Settings, path: str) -> None:
    person = await arrived(app, settings)
    async with signed_in(app, person) as client:
        sent = {"email": person.email, "password": PASSWORD, "token": "x", "form_token": "AAAA"}
        assert (await client.post(path, data=sent)).status_code == 403


async def test_a_code_is_asked_for_and_the_page_comes_again_when_it_is_wrong(
    app: FastAPI, settings: Settings
) -> None:
    person = await arrived(app, settings)
    async with signed_in(app, person) as client:
        shown = await client.get("/settings/app")
        secret = re.search(r'class="code">([A-Z2-7]{32})<', shown.text)
        assert secret
        assert '<svg xmlns="http://www.w3.org/2000/svg"' in shown.text
        sent = {"form_token": form_token(shown), "code": "000000"}
        assert (await client.post("/settings/app", data=sent)).status_code == 422
        sent["code"] = codes.code_at(secret[1], clock.now())
        answer = await client.post("/settings/app", data=sent)
        recovery = re.findall(r"<li>((?:[0-9a-z]{4}-){3}[0-9a-z]{4})</li>", answer.text)
        assert len(recovery) == 10
        async with browser(app) as other:
            halfway = await send(other, "/sign-in", email=person.email, password=PASSWORD, next="/settings")
            ticket = re.search(r'name="ticket" value="([^"]+)"', halfway.text)
            assert ticket
            sent = {
                "form_token": form_token(halfway),
                "ticket": ticket[1],
                "code": "111111",
                "next": "/settings",
            }
            wrong = await other.post("/second-factor", data=sent)
            assert wrong.status_code == 401
            assert ticket[1] in wrong.text
            right = await other.post("/second-factor", data={**sent, "code": recovery[0]})
            assert right.headers["location"] == "/settings"
            assert "9 recovery codes are left." in (await other.get("/settings/security")).text
        removed = await send(client, "/settings/app/remove", "/settings/security")
        assert removed.status_code == 303


async def test_a_passkey_is_added_and_used_by_the_browsers_script(app: FastAPI, settings: Settings) -> None:
    person = await arrived(app, settings)
    device = Authenticator()
    async with signed_in(app, person) as client:
        token = {"x-form-token": form_token(await client.get("/settings/security"))}
        question = await client.post("/settings/passkeys/question", json={}, headers=token)
        sent = {"credential": device.create(question.json())}
        assert (await client.post("/settings/passkeys/answer", json=sent)).status_code == 403
        assert (await client.post("/settings/passkeys/answer", json=sent, headers=token)).status_code == 200
        assert "Take off" in (await client.get("/settings/security")).text
    async with browser(app) as client:
        token = {"x-form-token": form_token(await client.get("/sign-in"))}
        question = await client.post("/passkeys/question", json={}, headers=token)
        sent = {"credential": device.get(question.json()), "next": "https://evil.example"}
        answer = await client.post("/passkeys/answer", json=sent, headers=token)
        assert answer.json() == {"next": "/"}
        assert (await client.get("/settings")).status_code == 200
        again = await client.post("/passkeys/answer", json=sent, headers=token)
        assert again.status_code in (403, 422)


async def test_what_matters_asks_who_one_is_and_comes_back(app: FastAPI, settings: Settings) -> None:
    person = await arrived(app, settings)
    async with signed_in(app, person) as client:
        with time_machine.travel(clock.now() + timedelta(minutes=11)):
            for path in ("/settings/password", "/settings/email", "/settings/app"):
                answer = await client.get(path)
                assert answer.headers["location"] == f"/settings/confirm?next={path}"
            asked = "/settings/confirm?next=/settings/password"
            wrong = await send(
                client, "/settings/confirm", asked, password="not it", next="/settings/password"
            )
            assert wrong.status_code == 403
            right = await send(
                client, "/settings/confirm", asked, password=PASSWORD, next="/settings/password"
            )
            assert right.headers["location"] == "/settings/password"
            assert (await client.get("/settings/password")).status_code == 200


async def test_a_forgotten_password_is_chosen_anew(app: FastAPI, settings: Settings) -> None:
    person = await arrived(app, settings)
    async with browser(app) as client:
        await send(client, "/forgot", email=person.email)
        token = token_in(await person.letter())
        link = f"/reset?token={token}"
        weak = await send(client, "/reset", link, token=token, password="password")
        assert "first that guessers try" in weak.text
        answer = await send(client, "/reset", link, token=token, password="another tree in the sun")
        assert answer.headers["location"] == "/sign-in"
        again = await send(client, "/reset", link, token=token, password="another tree in the sun")
        assert "This link was used already" in again.text


async def test_a_link_for_a_new_address_does_nothing_until_its_button_is_pressed(
    app: FastAPI, settings: Settings
) -> None:
    person = await arrived(app, settings)
    new = f"new.{person.email}"
    async with signed_in(app, person) as client:
        assert (await send(client, "/settings/email", email=new)).status_code == 303
        await work_off(app)
        link = f"/change-email?token={token_in(letters(settings, new)[-1])}"
        assert (await client.get(link)).status_code == 200
        assert person.email in (await client.get("/settings")).text
        answer = await send(client, "/change-email", link, token=link.partition("=")[2])
        assert answer.status_code == 303
        assert new in (await client.get("/settings")).text


async def test_preferences_change_the_language_and_look_of_every_page(
    app: FastAPI, settings: Settings
) -> None:
    person = await arrived(app, settings)
    async with signed_in(app, person) as client:
        sent = {
            "language": "ta",
            "time_zone": "Asia/Kolkata",
            "units.mass": "[lb_av]",
            "theme": "dark",
            "font_size": "large",
            "calm": "true",
        }
        assert (await send(client, "/settings/preferences", **sent)).status_code == 303
        shown = (await client.get("/settings")).text
        assert '<html lang="ta"' in shown
        assert 'data-theme="dark"' in shown
        assert 'data-size="l"' in shown
        assert 'data-motion="reduced"' in shown
        wrong = await send(client, "/settings/preferences", language="ta", time_zone="Mars/Base")
        assert wrong.status_code == 422
        assert "இந்தப் பெயரில் நேர மண்டலம் இல்லை." in wrong.text


async def test_a_profile_is_filled_in_seen_and_corrected(app: FastAPI, settings: Settings) -> None:
    person = await arrived(app, settings)
    root = f"/p/{person.id}"
    async with signed_in(app, person) as client:
        sent = {
            "version": "1",
            "name": "Asha Rao",
            "date_of_birth": "1961-04-02",
            "gender": "female",
            "mobile": "+91 98400 12345",
            "street": "12 Temple Street\nNear the tank",
            "city": "Chennai",
            "interests": "music, walking",
            "insurance_provider": "Star",
        }
        assert (await send(client, f"{root}/profile/change", **sent)).status_code == 303
        shown = (await client.get(f"{root}/profile")).text
        for said in (
            "2 Apr 1961",
            "+91 98400 12345",
            "12 Temple Street, Near the tank, Chennai",
            "music, walking",
        ):
            assert said in shown
        stale = await send(client, f"{root}/profile/change", **sent)
        assert stale.status_code == 412
        wrong = await send(client, f"{root}/profile/change", **{**sent, "version": "2", "mobile": "ring me"})
        assert wrong.status_code == 422
        assert "ring me" in wrong.text
        fixed = await send(client, f"{root}/profile/change", **{**sent, "version": "2", "city": ""})
        assert fixed.status_code == 303


async def test_a_picture_goes_up_and_what_is_none_is_refused_kindly(app: FastAPI, settings: Settings) -> None:
    person = await arrived(app, settings)
    root = f"/p/{person.id}"
    kept = io.BytesIO()
    Image.new("RGB", (300, 200), "green").save(kept, "PNG")
    async with signed_in(app, person) as client:
        token = {"form_token": form_token(await client.get(f"{root}/profile"))}
        junk = await client.post(f"{root}/picture", data=token, files={"picture": ("a.png", b"junk")})
        assert junk.status_code == 422
        assert "This is not a picture we can read." in junk.text
        none = await client.post(f"{root}/picture", data=token, files={"other": ("a.png", b"junk")})
        assert none.status_code == 422
        big = await client.post(f"{root}/picture", data=token, files={"picture": ("a.png", b"x" * 9_000_000)})
        assert big.status_code == 413
        good = await client.post(f"{root}/picture", data=token, files={"picture": ("a.png", kept.getvalue())})
        assert good.status_code == 303
        assert (await client.get(f"{root}/picture")).headers["content-type"] == "image/webp"
        assert (await send(client, f"{root}/picture/remove", f"{root}/profile")).status_code == 303
        assert (await client.get(f"{root}/picture")).status_code == 404


async def test_a_device_is_signed_out_from_the_list(app: FastAPI, settings: Settings) -> None:
    person = await arrived(app, settings)
    async with signed_in(app, person) as one, signed_in(app, person) as other:
        page = await one.get("/settings/devices")
        ends = re.findall(r'action="(/settings/devices/[0-9a-f-]{36}/end)"', page.text)
        assert len(ends) == 2  # the app and the other browser; this one has no button
        for end in ends:
            assert (await one.post(end, data={"form_token": form_token(page)})).status_code == 303
        assert (await other.get("/settings")).status_code == 303
        assert (await one.get("/settings")).status_code == 200


async def test_only_an_admin_sees_organisations_and_may_give_a_role(app: FastAPI, settings: Settings) -> None:
    from ojas.features.identity import service
    from ojas.features.identity.rules import Role
    from ojas.kit.db import Access

    person = await arrived(app, settings)
    async with signed_in(app, person) as client:
        assert (await client.get("/settings/organisations")).status_code == 403
    admin = Person(app, settings, f"page.admin.{new_id().hex[-12:]}@example.org")
    async with app.state.house.database.transaction(Access.system("sign_in")) as tx:
        await service.create_account(
            tx, email=admin.email, name="Admin", password=PASSWORD, roles=frozenset({Role.ADMIN})
        )
    async with signed_in(app, admin) as client:
        path = "/settings/organisations"
        assert (await send(client, path, name="Lotus Clinic", kind="clinic")).status_code == 303
        nobody = await send(client, f"{path}/roles", path, email="nobody@example.org", role="doctor")
        assert "There is no account with this address." in nobody.text
        assert (
            await send(client, f"{path}/roles", path, email=person.email, role="doctor")
        ).status_code == 303
        page = await client.get(path)
        assert "Asha Rao" in page.text
        takes = re.findall(r'action="(/settings/organisations/roles/[0-9a-f-]{36}/take)"', page.text)
        assert takes
    await person.sign_in()
    assert (await person.ask("GET", "/account")).json()["roles"] == ["doctor"]


async def test_every_page_stands_in_hindi_and_tamil(app: FastAPI, settings: Settings) -> None:
    for language, word in (("hi", "साइन"), ("ta", "உள்நுழை")):
        async with browser(app) as client:
            shown = await client.get(f"/sign-in?lang={language}")
            assert word in shown.text
            assert f'<html lang="{language}"' in shown.text
            assert f'<html lang="{language}"' in (await client.get("/register")).text  # remembered


async def test_somebody_who_registered_but_did_not_open_the_letter_is_told_so(
    app: FastAPI, settings: Settings
) -> None:
    person = await registered(app, settings)
    async with browser(app) as client:
        answer = await send(client, "/sign-in", email=person.email, password=PASSWORD)
    assert answer.status_code == 403
    assert "First open the link in the letter" in answer.text
