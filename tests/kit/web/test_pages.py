"""Pages, refusals and redirects as a browser gets them; and templates that keep to the policy."""

import re
from itertools import groupby
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from starlette.requests import Request
from tests.kit.web.gallery import TABS

from ojas.kit.errors import Forbidden, TooMany, Unauthenticated
from ojas.kit.web import redirect, refusal_page
from ojas.kit.web.navigation import menu_of, tabs_of

SOURCE = Path(__file__).parents[3] / "src" / "ojas"
TEMPLATES = sorted(SOURCE.glob("**/templates/**/*.html"))


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: f"{path.parts[-3]}/{path.name}")
def test_no_template_says_what_the_policy_forbids(template: Path) -> None:
    text = re.sub(r"{#.*?#}", "", template.read_text(), flags=re.S)
    markup = re.sub(r"{[{%].*?[}%]}", "", text, flags=re.S)
    assert not re.search(r"\sstyle\s*=", markup), "styles belong into ojas.css"
    assert not re.search(r"\son\w+\s*=\s*[\"']", markup), "handlers belong into a script"
    assert "hx-on" not in text
    assert "javascript:" not in text
    assert "|safe" not in text
    for tag in re.findall(r"<script[^>]*>", text):
        assert "src=" in tag or "application/json" in tag, tag


@pytest.mark.parametrize("language", ["en", "hi", "ta"])
async def test_every_piece_is_drawn_in_every_language(kit: httpx.AsyncClient, language: str) -> None:
    answer = await kit.get(f"/kit?lang={language}")
    assert answer.status_code == 200
    assert answer.headers["content-language"] == language
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["cache-control"] == "no-store"
    assert f'<html lang="{language}"' in answer.text
    assert answer.cookies["lang"] == language
    assert (await kit.get("/kit?faults=1")).status_code == 422


async def test_a_page_that_is_not_wanted_small_is_sent_as_it_is(kit: httpx.AsyncClient) -> None:
    answer = await kit.get("/kit", headers={"accept-encoding": "identity"})
    assert "content-encoding" not in answer.headers
    assert answer.headers["content-length"] == str(len(answer.content))


async def test_an_unknown_address_is_a_page_that_leads_on(kit: httpx.AsyncClient) -> None:
    answer = await kit.get("/nowhere?lang=ta")
    assert answer.status_code == 404
    assert 'href="/"' in answer.text
    assert "இங்கே எதுவும் இல்லை" in answer.text


def asked(app: FastAPI, path: str = "/p/1/trends", method: str = "GET", **headers: str) -> Request:
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": b"range=1y",
        "headers": raw,
        "app": app,
    }
    return Request({**scope, "state": {}, "scheme": "http", "server": ("localhost", 80)})


def test_who_is_not_signed_in_is_led_to_the_door_and_back(kit_app: FastAPI) -> None:
    answer = refusal_page(asked(kit_app), Unauthenticated("Please sign in first."))
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=/p/1/trends%3Frange%3D1y")


def test_a_refusal_of_a_part_is_a_toast(kit_app: FastAPI) -> None:
    answer = refusal_page(
        asked(kit_app, hx_request="true"), Forbidden("You may look at this, but not change it.")
    )
    assert answer.status_code == 403
    assert answer.headers["hx-reswap"] == "none"
    assert "You may look" in answer.headers["hx-trigger"]


def test_who_comes_too_often_is_told_when_to_come_again(kit_app: FastAPI) -> None:
    answer = refusal_page(asked(kit_app), TooMany("A moment, please.", retry_after=7))
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "7")
    assert b"A moment, please." in answer.body


def test_a_part_is_told_where_to_go_and_a_page_is_sent(kit_app: FastAPI) -> None:
    assert redirect(asked(kit_app), "/p/1").headers["location"] == "/p/1"
    part = redirect(asked(kit_app, hx_request="true"), "/p/1?x=1", toast="Saved", undo="/p/1/undo")
    assert (part.status_code, part.headers["hx-redirect"]) == (200, "/p/1?x=1")
    assert "HttpOnly" in part.headers["set-cookie"]
    assert redirect(asked(kit_app), "https://evil.example").headers["location"] == "/"


async def test_a_toast_is_said_once_and_believed_from_us_alone(
    kit_app: FastAPI, kit: httpx.AsyncClient
) -> None:
    left = redirect(asked(kit_app), "/kit", toast="Saved <b>", undo="/undo").headers["set-cookie"]
    value = re.search(r'ojas_toast="?([^";]+)', left)
    assert value
    said = await kit.get("/kit", headers={"cookie": f"ojas_toast={value[1]}"})
    assert "Saved &lt;b&gt;" in said.text
    assert 'action="/undo"' in said.text
    assert 'ojas_toast=""' in said.headers["set-cookie"]
    forged = value[1][:-8] + "AAAAAAAA"
    assert "Saved" not in (await kit.get("/kit", headers={"cookie": f"ojas_toast={forged}"})).text


def test_the_tab_whose_address_is_longest_is_where_one_is(kit_app: FastAPI) -> None:
    def current(path: str) -> list[str]:
        request = asked(kit_app, path)
        entries = [*tabs_of(request, "/p/1"), *menu_of(request, "/p/1")]
        return [entry.href for entry in entries if entry.current]

    assert current("/p/1") == ["/p/1"]
    assert current("/p/1/trends/steps") == ["/p/1/trends"]
    assert current("/p/1/timeline") == ["/p/1/timeline"]
    assert current("/p/1/access") == [], "a page of a record that has no tab is not Today"
    assert len(tabs_of(asked(kit_app), "/p/1")) == sum(item.order < 100 for item in TABS)
    assert tabs_of(asked(kit_app), "") == []


def test_the_menu_falls_into_parts(kit_app: FastAPI) -> None:
    menu = menu_of(asked(kit_app), "/p/1")
    assert [[entry.label for entry in part] for _, part in groupby(menu, lambda entry: entry.part)] == [
        ["Timeline"],
        ["Profile", "Settings"],
    ]
