"""What another site, or a link, could make a browser do: forged forms, frames, redirects, planted and stolen cookies."""

import re
from collections.abc import AsyncIterator
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from ojas.kit.ids import new_id
from ojas.kit.settings import Settings
from ojas.kit.web.pages import own_address
from tests.features.identity.cast import PASSWORD, Person, arrived, browser
from tests.features.identity.test_pages import form_token, send, signed_in
from tests.routes import forms


@pytest.fixture(scope="module")
async def person(app: FastAPI, settings: Settings) -> Person:
    return await arrived(app, settings)


@pytest.fixture
async def client(app: FastAPI, person: Person) -> AsyncIterator[httpx.AsyncClient]:
    async with signed_in(app, person) as opened:
        yield opened


NAMED = {"kind_name": "weight", "name": "conditions", "purpose": "location"}
LOOKED_UP = {  # what must exist is looked up before the form is read: there is none here, so nothing is changed
    "/p/{person_id}/readings/{kind_name}/{id}/change",
    "/p/{person_id}/record/{name}/{id}/edit",
    "/p/{person_id}/sessions/{id}/change",
    "/act/{token}",  # the token in the address is the proof: a notification's button has no form
    "/act/back/{proof}",  # so is what was shown to whoever pressed that button
}


def filled(route: APIRoute, person_id: UUID) -> str:
    """The route's address, with a name or an id of something in every place, and a number where one is asked for."""
    known = {"person_id": str(person_id), **NAMED}
    asked = "&".join(f"{one.alias}=1" for one in route.dependant.query_params if one.field_info.is_required())
    return re.sub(r"{(\w+)}", lambda m: known.get(m[1]) or str(new_id()), route.path) + (
        asked and f"?{asked}"
    )


def test_there_are_forms_to_forge() -> None:
    assert len(forms()) >= 30


@pytest.mark.parametrize("route", forms(), ids=lambda route: route.path)
async def test_a_form_that_was_not_drawn_for_this_session_is_refused(
    client: httpx.AsyncClient, person: Person, route: APIRoute
) -> None:
    """Without a token, with nonsense, and with one drawn for somebody who is not signed in."""
    async with browser(client._transport.app) as other:  # type: ignore[attr-defined]
        stolen = form_token(await other.get("/sign-in"))
    path = filled(route, person.id)
    for token in (None, "AAAA", stolen):
        headers = {"x-form-token": token} if token else {}
        parts = {"form_token": (None, token or ""), "file": ("export.zip", b"")}
        answer = await client.post(path, files=parts, headers=headers)
        if route.body_field:  # for a script: what is no JSON is refused before the token is looked for
            assert answer.status_code == 422
            answer = await client.post(path, json={"credential": {}}, headers=headers)
        assert answer.status_code == (404 if route.path in LOOKED_UP else 403), path


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://localhost.evil.example"},
        {"origin": "http://localhost:8001"},
    ],
)
async def test_a_browser_on_another_sites_page_changes_nothing_by_rest_either(
    client: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    answer = await client.post("/api/v1/account/sign-out", headers=headers)
    assert answer.status_code == 403
    assert (await client.get("/settings")).status_code == 200


async def test_a_plain_form_of_another_site_cannot_speak_json(client: httpx.AsyncClient) -> None:
    """What needs no preflight (a form's three types) is no JSON to us."""
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        headers = {"content-type": kind}
        answer = await client.put("/api/v1/account/preferences", content=b"{}", headers=headers)
        assert answer.status_code == 422


@pytest.mark.parametrize("path", ["/sign-out", "/settings/devices/end-others", "/settings/app/remove"])
async def test_nothing_is_done_by_opening_a_link(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(path)).status_code in (404, 405)
    assert (await client.get("/settings")).status_code == 200


ASTRAY = [
    "https://evil.example",
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "\t//evil.example",
    " //evil.example",
    "http:evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "//[evil.example",
    "evil.example",
    "",
]


@pytest.mark.parametrize("wish", ASTRAY)
async def test_no_address_leads_out_of_the_house(app: FastAPI, person: Person, wish: str) -> None:
    assert own_address(wish) == "/"
    async with browser(app) as client:
        answer = await send(client, "/sign-in", email=person.email, password=PASSWORD, next=wish)
        assert answer.headers["location"] == "/"
        there = await client.get("/sign-in", params={"next": wish})  # signed in: sent on at once
        assert there.headers["location"] == "/"
        confirmed = await send(client, "/settings/confirm", password=PASSWORD, next=wish)
        assert confirmed.headers["location"] in ("/", "/settings/security")


PLACES = ["/sign-in", "/settings/security", "/nowhere", "/api/v1/account", "/api/v1/nowhere", "/healthz"]


@pytest.mark.parametrize("path", [*PLACES, "/static/ojas.css", "/.well-known/jwks.json"])
async def test_no_other_site_can_frame_sniff_or_embed_an_answer(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    policy = answer.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("path", PLACES[1:3])
async def test_no_page_of_a_person_is_kept_by_a_cache(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(path)).headers["cache-control"] == "no-store"


async def test_signing_out_wipes_what_the_browser_kept(client: httpx.AsyncClient) -> None:
    answer = await send(client, "/sign-out", "/settings")
    assert answer.headers["clear-site-data"] == '"cache", "storage"'


async def test_a_methods_name_in_a_header_changes_no_method(client: httpx.AsyncClient) -> None:
    headers = {"x-http-method-override": "DELETE"}
    assert (await client.get("/api/v1/account/sessions", headers=headers)).status_code == 200
    assert (await client.get("/settings")).status_code == 200
    assert (await client.request("TRACE", "/sign-in")).status_code == 405
