"""Every REST route about a person, tried by everybody who must not pass; also with the code's own check switched off.

The routes come from the OpenAPI, so those of features to come are tried too. What each one is sent is made from its schema:
the patient sends the same and passes, which shows that a refusal is one of access and not of form.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from sqlalchemy import text
from structlog.testing import capture_logs

from ojas.features.sharing import service
from ojas.house import features
from ojas.kit import clock
from ojas.kit.db import Database, unenforced
from ojas.kit.ids import new_id
from tests.features.sharing.cast import Somebody, shared, signed_in, somebody
from tests.routes import document

pytestmark = pytest.mark.slow

_AS_OF = re.compile(r'"as_of":"[^"]*"')
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


@dataclass(frozen=True)
class Route:
    method: str
    path: str
    operation: Mapping[str, Any]
    api: Mapping[str, Any]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    def url(self, person_id: object, other_id: object) -> str:
        path = self.path.replace("{person_id}", str(person_id))
        for parameter in self.operation.get("parameters", []):
            if parameter["in"] == "path":
                sample = _sample(parameter["schema"], self.api)
                chosen = other_id if _UUID.fullmatch(str(sample)) else sample
                path = path.replace("{" + parameter["name"] + "}", str(chosen))
        return path

    def sent(self) -> dict[str, Any]:
        content = self.operation.get("requestBody", {}).get("content", {})
        if "application/json" in content:
            return {"json": _sample(content["application/json"]["schema"], self.api)}
        if "multipart/form-data" in content:
            return {"files": {"file": ("x.json", b"{}", "application/json")}}
        if content:
            return {"content": b"x", "headers": {"content-type": next(iter(content))}}
        return {}


def _routes() -> list[Route]:
    api = document()
    return [
        Route(method.upper(), path, operation, api)
        for path, operations in sorted(api["paths"].items())
        for method, operation in operations.items()
        if "{person_id}" in path and method in ("get", "post", "put", "patch", "delete")
    ]


def _sample(schema: Mapping[str, Any], api: Mapping[str, Any]) -> Any:
    """A small value of a JSON schema."""
    if "$ref" in schema:
        return _sample(api["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]], api)
    for key in ("examples", "enum"):
        if schema.get(key):
            return schema[key][0]
    for key in ("const", "example", "default"):
        if schema.get(key) is not None:
            return schema[key]
    for key in ("anyOf", "oneOf", "allOf"):
        if key in schema:
            return _sample(schema[key][0], api)
    if schema.get("type") == "object" or "properties" in schema:
        wanted = schema.get("required", [])
        return {name: _sample(schema["properties"][name], api) for name in wanted}
    return _plain(schema, api)


def _plain(schema: Mapping[str, Any], api: Mapping[str, Any]) -> Any:
    match schema.get("type"), schema.get("format"):
        case "array", _:
            return [_sample(schema["items"], api)] * schema.get("minItems", 0)
        case "string", "uuid":
            return str(new_id())
        case "string", "date-time":
            return "2026-03-01T08:00:00Z"
        case "string", "date":
            return "2026-03-01"
        case "string", "email":
            return "somebody@example.org"
        case "string", _:
            return "x" * max(1, schema.get("minLength", 1))
        case (("integer" | "number"), _):
            return schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1)
        case "boolean", _:
            return False
        case _:
            return None


ROUTES = _routes()
READS = [route for route in ROUTES if route.method == "GET"]


@dataclass
class House:
    asha: Somebody
    clients: dict[str, httpx.AsyncClient]
    known: set[str]
    """Ids of things of the patient's: none may appear in what others are answered."""
    thing: str

    async def ask(self, who: str, route: Route, person_id: object = None) -> httpx.Response:
        url = route.url(person_id or self.asha.person_id, self.thing)
        return await self.clients[who].request(route.method, url, **route.sent())

    async def state(self) -> dict[str, str]:
        """What the patient sees at each address, but for the trail, which grows by being looked at, and the time of day."""
        own = self.clients["the patient"]
        listings = [
            route for route in READS if route.path.count("{") == 1 and not route.path.endswith("/access")
        ]
        answers = {
            route.path: await own.get(route.url(self.asha.person_id, ""), **route.sent())
            for route in listings
        }
        return {path: _AS_OF.sub("", answer.text) for path, answer in answers.items() if answer.is_success}

    def leaked(self, answer: httpx.Response) -> set[str]:
        return (set(_UUID.findall(answer.text)) & self.known) - set(_UUID.findall(str(answer.request.url)))


@pytest.fixture(scope="module")
async def house(app: FastAPI, database: Database) -> House:
    people = {name: await somebody(database, name) for name in ("Asha", "Meera", "Rao", "Nila", "Stranger")}
    asha = people["Asha"]
    await shared(asha, people["Rao"], "care_team", days=1)
    await shared(asha, people["Nila"], "care_team")
    await shared(asha, people["Meera"], "care_team")
    grants = set()
    async with asha.transaction() as tx:
        for grant in (await service.grants(tx, asha.person_id))[0]:
            grants.add(str(grant.id))
            if grant.name == "Nila":
                await service.take_back(tx, asha.person_id, grant.id)
            if grant.name == "Rao":
                await tx.session.execute(
                    text(
                        "UPDATE grants SET starts_at = starts_at - interval '2 days', ends_at = :t WHERE id = :g"
                    ),
                    {"t": clock.now() - timedelta(seconds=1), "g": grant.id},
                )
    own = await signed_in(app, asha)
    # Whoever was given a grant sees it, as theirs.
    known = await _filled(own, asha) - grants - {str(asha.account_id)}
    return House(
        asha,
        {
            "the patient": own,
            "a stranger": await signed_in(app, people["Stranger"]),
            "nobody": await signed_in(app, None),
            "one whose grant ended": await signed_in(app, people["Rao"]),
            "one whose grant was taken back": await signed_in(app, people["Nila"]),
            "one with another scope": await signed_in(app, people["Meera"]),
        },
        known,
        sorted(known)[-1],
    )


async def _filled(own: httpx.AsyncClient, asha: Somebody) -> set[str]:
    """Let the patient add one of everything that can be added, and gather every id there is."""
    for route in ROUTES:
        # To erase a record shuts it to everybody, and then there were nothing to refuse.
        if route.method == "POST" and "{id}" not in route.path and not route.path.endswith("/erasure"):
            await own.post(route.url(asha.person_id, new_id()), **route.sent())
    known: set[str] = set()
    for route in READS:
        if route.path.count("{") == 1:
            known |= set(_UUID.findall((await own.get(route.url(asha.person_id, ""))).text))
    return known - {str(asha.person_id)}


COMPOSED = {"today", "timeline", "trends"}
"""Put together from whatever is shared with the reader: open to all of them, and to some of them empty."""
OUTSIDE = ["a stranger", "one whose grant ended", "one whose grant was taken back"]


def test_the_walk_finds_the_routes_of_many_features() -> None:
    assert {route.path.split("/")[5] for route in ROUTES if route.path.startswith("/api/v1/people/")} >= {
        "grants", "access", "consents", "care-team", "profile",
    }  # fmt: skip
    assert len(ROUTES) > 30


async def test_nobody_passes_unless_signed_in(house: House) -> None:
    wrong = []
    for route in ROUTES:
        answer = await house.ask("nobody", route)
        if answer.status_code not in (401, 404, 422) or house.leaked(answer):
            wrong.append(f"{route}: {answer.status_code} {answer.text[:200]}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("who", OUTSIDE)
async def test_who_holds_nothing_is_answered_as_if_there_were_no_such_person(house: House, who: str) -> None:
    wrong = []
    for route in ROUTES:
        answer, other = await house.ask(who, route), await house.ask(who, route, new_id())
        if answer.status_code not in (404, 422) or house.leaked(answer) or _words(answer) != _words(other):
            wrong.append(f"{route}: {answer.status_code} {answer.text[:200]} / {other.text[:200]}")
    assert not wrong, "\n".join(wrong)


async def test_who_holds_another_scope_is_refused(house: House) -> None:
    wrong = []
    for route in ROUTES:
        if _given_to_meera(route):
            continue
        answer = await house.ask("one with another scope", route)
        allowed = {200, 403, 404, 422} if route.path.rsplit("/", 1)[1] in COMPOSED else {403, 404, 422}
        if answer.status_code not in allowed or house.leaked(answer):
            wrong.append(f"{route}: {answer.status_code} {answer.text[:200]}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("who", [*OUTSIDE, "one with another scope"])
async def test_the_database_refuses_when_the_code_forgets_to(house: House, who: str) -> None:
    before, wrong = await house.state(), []
    with unenforced(), capture_logs():  # a refusal of the database is a bug to the code, and told at length
        for route in ROUTES:
            if who in OUTSIDE or not _given_to_meera(route):
                answer = await house.ask(who, route)
                if house.leaked(answer):
                    wrong.append(f"{route}: {answer.status_code} {answer.text[:200]}")
    after = await house.state()
    assert not wrong, "\n".join(wrong)
    assert [path for path in before if before[path] != after[path]] == []


def _given_to_meera(route: Route) -> bool:
    return "/care-team" in route.path or str(route) == "DELETE /api/v1/people/{person_id}/access"


async def test_a_grant_opens_its_own_routes_and_no_writing(house: House) -> None:
    path = f"/api/v1/people/{house.asha.person_id}/care-team"
    client = house.clients["one with another scope"]
    assert (await client.get(path)).status_code == 200
    assert (await client.post(path, json={"name": "X", "role": "nurse"})).status_code == 403


def _words(answer: httpx.Response) -> str:
    try:
        return json.dumps(
            {k: v for k, v in answer.json().items() if k in ("title", "errors")}, sort_keys=True
        )
    except (ValueError, AttributeError):
        return answer.text


def _pages() -> list[str]:
    """The addresses of all pages about a person that need no other id."""
    routes = (route for feature in features() for router in feature.pages for route in router.routes)
    paths = {route.path for route in routes if isinstance(route, APIRoute) and "GET" in (route.methods or ())}
    return sorted(path for path in paths if "{person_id}" in path and path.count("{") == 1)


PAGES = _pages()


def test_the_walk_finds_the_pages_of_many_features() -> None:
    assert {"/p/{person_id}/sharing", "/p/{person_id}/access", "/p/{person_id}/record"} <= set(PAGES)


@pytest.mark.parametrize("who", [*OUTSIDE, "nobody"])
async def test_no_page_opens_to_who_holds_nothing(house: House, who: str) -> None:
    wrong = []
    for path in PAGES:
        answer = await house.clients[who].get(path.replace("{person_id}", str(house.asha.person_id)))
        led_away = answer.status_code == 303 and answer.headers["location"].startswith("/sign-in")
        right = led_away if who == "nobody" else answer.status_code in (404, 422)
        if not right or house.leaked(answer) or "Asha" in answer.text:
            wrong.append(f"{path}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)


async def test_no_page_of_another_scope_shows_what_it_does_not_hold(house: House) -> None:
    with capture_logs():
        for path in PAGES:
            if "/care-team" not in path:
                url = path.replace("{person_id}", str(house.asha.person_id))
                answer = await house.clients["one with another scope"].get(url)
                assert answer.status_code < 500, f"{path}: {answer.status_code}"
                assert not house.leaked(answer), path
