"""Vendored files are what their manifest says, and every address of a file changes with its content."""

import hashlib
import json
import re

import httpx
import pytest

from ojas.kit.web import static

VENDORED = json.loads((static.ROOT / "vendored.json").read_text())


@pytest.mark.parametrize("entry", VENDORED, ids=lambda entry: entry["file"])
def test_a_vendored_file_is_the_one_its_manifest_names(entry: dict[str, str]) -> None:
    content = (static.ROOT / entry["file"]).read_bytes()
    assert hashlib.sha256(content).hexdigest() == entry["sha256"]
    assert entry["package"]
    assert entry["version"]
    assert entry["licence"] in {"0BSD", "MIT", "ISC", "OFL-1.1"}


def test_every_file_of_others_is_in_the_manifest() -> None:
    listed = {entry["file"] for entry in VENDORED}
    ours = {
        "ojas.css",
        "ojas.js",
        "charts.js",
        "service-worker.js",
        "identity.js",
        "calendar.js",
        "emergency.js",
        "live.js",
        "push.js",
        "mark.svg",
        "vendored.json",
    }
    assert static._names() - listed == ours


def test_every_icon_that_is_shown_is_in_the_sprite() -> None:
    sprite = (static.ROOT / "icons.svg").read_text()
    there = set(re.findall(r'<symbol id="([\w-]+)"', sprite))
    source = static.ROOT.parent.parent.parent  # type: ignore[attr-defined]
    shown: set[str] = set()
    for template in source.glob("**/templates/**/*.html"):
        shown |= set(
            re.findall(
                r'(?:icon\(|picture=)"([\w-]+)"', re.sub(r"{#.*?#}", "", template.read_text(), flags=re.S)
            )
        )
    assert shown - there == set()


def test_an_address_names_its_content() -> None:
    assert re.fullmatch(r"/static/ojas\.[0-9a-f]{12}\.css", static.static("ojas.css"))
    assert re.search(
        rb'url\("/static/fonts/inter-latin\.[0-9a-f]{12}\.woff2"\)', static.file("ojas.css").content
    )


async def test_a_file_is_kept_for_a_year_and_an_old_address_is_not(kit: httpx.AsyncClient) -> None:
    fresh = await kit.get(static.static("ojas.css"))
    assert fresh.status_code == 200
    assert "immutable" in fresh.headers["cache-control"]
    assert fresh.headers["content-encoding"] == "gzip"
    old = await kit.get("/static/ojas.000000000000.css")
    assert (old.status_code, old.headers["cache-control"]) == (200, "no-cache")
    again = await kit.get(static.static("ojas.css"), headers={"if-none-match": fresh.headers["etag"]})
    assert again.status_code == 304


@pytest.mark.parametrize("path", ["../pages.py", "nothing.css", "..%2f..%2fpages.py", "fonts", "a.b.c"])
async def test_nothing_outside_the_folder_is_served(kit: httpx.AsyncClient, path: str) -> None:
    assert (await kit.get(f"/static/{path}")).status_code == 404


async def test_the_worker_keeps_the_shell_and_no_page(kit: httpx.AsyncClient) -> None:
    script = (await kit.get("/service-worker.js")).text
    assert static.static("ojas.css") in script
    assert "/p/" not in script
    assert (await kit.get("/offline")).status_code == 200
