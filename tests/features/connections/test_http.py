"""Imports and exports over REST and in a browser without script."""

import asyncio
import io
import json
import re
import zipfile
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from ojas.kit import audit
from ojas.kit.db import Access, Database
from tests.browsing import token_of
from tests.builders import apple_health as apple
from tests.builders.apple_health import BEGIN, Export, record
from tests.conftest import work_off
from tests.features.sharing.cast import Somebody, shared, signed_in, somebody

HEAD = b'--x\r\nContent-Disposition: form-data; name="file'


def api(who: Somebody, rest: str = "") -> str:
    return f"/api/v1/people/{who.person_id}/imports{rest}"


def file(content: bytes, name: str = "export.zip") -> dict[str, tuple[str, bytes, str]]:
    return {"file": (name, content, "application/zip")}


async def test_a_file_is_sent_read_and_told_of(
    app: FastAPI, browser: httpx.AsyncClient, asha: Somebody
) -> None:
    sent = await browser.post(api(asha), files=file(apple.days(1).zip()))
    assert sent.status_code == 202, sent.text
    assert sent.json()["state"] == "queued"
    await work_off(app)
    shown = (await browser.get(sent.headers["location"])).json()
    assert (shown["state"], shown["vendor"], shown["file_name"]) == ("done", "apple_health", "export.zip")
    assert shown["counts"]["heart_rate"] == 288
    listed = (await browser.get(api(asha))).json()
    assert [one["id"] for one in listed["items"]] == [shown["id"]]


async def test_a_file_of_another_person_is_said_to_be_by_rest_and_on_its_page(
    app: FastAPI, browser: httpx.AsyncClient, asha: Somebody
) -> None:
    other = {"resourceType": "Patient", "id": "p1", "name": [{"text": "Gregory Fox"}]}
    sent = await browser.post(api(asha), files=file(json.dumps(other).encode(), "other.json"))
    await work_off(app)
    [warning] = (await browser.get(sent.headers["location"])).json()["warnings"]
    assert warning == "This file may be another person's: the name in it is not that of the profile."
    page = await browser.get(f"/p/{asha.person_id}/imports/{sent.json()['id']}")
    assert "Is this file this person" in page.text
    assert "take this import back" in page.text


async def test_whoever_sent_a_file_is_told_how_it_ended(
    app: FastAPI, browser: httpx.AsyncClient, asha: Somebody
) -> None:
    good = await browser.post(
        api(asha), files=file(Export().add(record("BodyMass", "64", "kg", BEGIN)).zip())
    )
    bad = await browser.post(api(asha), files=file(b"not a file of ours"))
    assert (good.status_code, bad.status_code) == (202, 202)
    await work_off(app)
    told = (await browser.get("/api/v1/notifications")).json()["items"]
    assert {(one["title"], one["path"].rsplit("/", 1)[1]) for one in told} == {
        ("An import is done", good.json()["id"]),
        ("An import did not end well", bad.json()["id"]),
    }


async def test_refusals_are_paged(app: FastAPI, browser: httpx.AsyncClient, asha: Somebody) -> None:
    bad = Export().add(*(record("HeartRate", "NaN", "count/min", BEGIN) for _ in range(5)))
    sent = await browser.post(api(asha), files=file(bad.zip()))
    await work_off(app)
    address = sent.headers["location"] + "/refusals"
    first = (await browser.get(address, params={"limit": 3})).json()
    rest = (await browser.get(address, params={"limit": 3, "cursor": first["next"]})).json()
    assert (len(first["items"]), len(rest["items"]), rest["next"]) == (3, 2, None)
    assert first["items"][0]["message"] == "Its value is not a number."


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "multipart/form-data; boundary=x"),
        (b"hello", "multipart/form-data; boundary=x"),
        (b"hello", "multipart/form-data"),
        (b"hello", "text/plain"),
        (b"{}", "application/json"),
        (b"--x\r\n\r\nhello\r\n--x--\r\n", "multipart/form-data; boundary=x"),
        (
            b'--x\r\nContent-Disposition: form-data; name="file"\r\n\r\nhello\r\n--x--\r\n',
            "multipart/form-data; boundary=x",
        ),
        (
            b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n\r\n--x--\r\n',
            "multipart/form-data; boundary=x",
        ),
        (
            b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nhello',
            "multipart/form-data; boundary=x",
        ),
    ],
)
async def test_what_is_no_file_is_refused(
    browser: httpx.AsyncClient, asha: Somebody, body: bytes, kind: str
) -> None:
    answer = await browser.post(api(asha), content=body, headers={"content-type": kind})
    assert answer.status_code == 422, answer.text
    assert (await browser.get(api(asha))).json()["items"] == []


async def test_a_file_too_large_is_refused_and_nothing_of_it_stays(
    app: FastAPI, browser: httpx.AsyncClient, asha: Somebody, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = app.state.house.settings.model_copy(update={"upload_limit": 1000})
    monkeypatch.setattr(app.state.house, "settings", small)
    answer = await browser.post(api(asha), files=file(b"x" * 2000))
    assert answer.status_code == 413
    assert (await browser.get(api(asha))).json()["items"] == []


def allowing(app: FastAPI, monkeypatch: pytest.MonkeyPatch, limit: int) -> None:
    settings = app.state.house.settings.model_copy(update={"storage_limit": limit})
    monkeypatch.setattr(app.state.house, "settings", settings)


async def test_files_take_no_more_room_than_they_may_and_it_is_said_what_to_delete(
    app: FastAPI, browser: httpx.AsyncClient, asha: Somebody, monkeypatch: pytest.MonkeyPatch
) -> None:
    allowing(app, monkeypatch, 5_000_000)
    root = f"/api/v1/people/{asha.person_id}"
    failed = await browser.post(api(asha), files=file(b"x" * 3_000_000, "old.zip"))
    await work_off(app)
    space = (await browser.get(f"{root}/storage")).json()
    assert (space["used"], space["allowed"]) == (3_000_000, 5_000_000)
    assert [(one["sort"], one["name"], one["size"]) for one in space["files"]] == [
        ("import", "old.zip", 3_000_000)
    ]
    answer = await browser.post(api(asha), files=file(b"x" * 2_000_001))
    assert answer.status_code == 413
    assert "may take 5 MB, and 3 MB are in use. Delete the file of an import" in answer.text
    assert len((await browser.get(api(asha))).json()["items"]) == 1
    assert (await browser.delete(failed.headers["location"] + "/file")).status_code == 204
    assert (await browser.delete(failed.headers["location"] + "/file")).status_code == 409
    assert (await browser.post(failed.headers["location"] + "/retry")).status_code == 409
    assert (await browser.get(f"{root}/storage")).json()["used"] == 0
    sent = await browser.post(api(asha), files=file(b"x" * 5_000_000))
    assert sent.status_code == 202
    assert (await browser.delete(sent.headers["location"] + "/file")).status_code == 409
    full = await browser.post(f"{root}/exports")
    assert (full.status_code, (await browser.get(f"{root}/exports")).json()) == (413, [])
    assert (await browser.post(api(asha), files=file(b"x"))).status_code == 413


async def test_files_that_arrive_at_once_take_no_more_room_than_they_may(
    app: FastAPI, browser: httpx.AsyncClient, asha: Somebody, monkeypatch: pytest.MonkeyPatch
) -> None:
    allowing(app, monkeypatch, 2_500_000)
    answers = await asyncio.gather(*(browser.post(api(asha), files=file(b"x" * 1_000_000)) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [202, 202, 413, 413]
    space = (await browser.get(f"/api/v1/people/{asha.person_id}/storage")).json()
    assert space["used"] == 2_000_000


async def test_the_page_shows_what_is_kept_and_deletes_it(
    app: FastAPI, browser: httpx.AsyncClient, asha: Somebody, monkeypatch: pytest.MonkeyPatch
) -> None:
    allowing(app, monkeypatch, 4_000_000)
    root = f"/p/{asha.person_id}/imports"
    await browser.post(api(asha), files=file(b"x" * 3_000_000, "old.zip"))
    await work_off(app)
    shown = (await browser.get(root)).text
    assert "3 of 4 MB in use" in shown
    token = token_of(shown)
    delete = re.search(r'action="([^"]+/forget-file)"', shown)
    assert delete
    full = await browser.post(root, data={"form_token": token}, files=file(b"x" * 2_000_000))
    assert full.headers["location"] == root
    assert "3 MB are in use" in (await browser.get(root)).text
    assert (await browser.post(delete[1], data={"form_token": token})).status_code == 303
    after = (await browser.get(root)).text
    assert "in use" not in after
    assert "old.zip" in after


async def test_a_name_of_a_file_is_only_a_name(browser: httpx.AsyncClient, asha: Somebody) -> None:
    sent = await browser.post(api(asha), files=file(b"x", "../../etc/passwd"))
    assert sent.json()["file_name"] == "passwd"


async def test_an_import_is_stopped_and_tried_again(
    app: FastAPI, browser: httpx.AsyncClient, asha: Somebody
) -> None:
    sent = await browser.post(api(asha), files=file(apple.days(1).zip()))
    stopped = await browser.post(sent.headers["location"] + "/cancel")
    assert stopped.json()["state"] == "cancelled"
    await work_off(app)
    assert (await browser.get(sent.headers["location"])).json()["state"] == "cancelled"
    assert (await browser.post(sent.headers["location"] + "/retry")).json()["state"] == "queued"
    await work_off(app)
    assert (await browser.get(sent.headers["location"])).json()["state"] == "done"
    assert (await browser.post(sent.headers["location"] + "/retry")).status_code == 409


async def test_strangers_and_readers_may_not_import(
    app: FastAPI, browser: httpx.AsyncClient, asha: Somebody, database: Database
) -> None:
    stranger, doctor = await somebody(database, "Stranger"), await somebody(database, "Rao")
    await shared(asha, doctor, "connections")
    sent = await browser.post(api(asha), files=file(b"x"))
    for who, sees, does in ((None, 401, 401), (stranger, 404, 404), (doctor, 200, 403)):
        async with await signed_in(app, who) as client:
            assert (await client.get(sent.headers["location"])).status_code == sees
            assert (await client.post(api(asha), files=file(b"x"))).status_code == does
            assert (await client.post(sent.headers["location"] + "/cancel")).status_code == does
            assert (await client.post(sent.headers["location"] + "/take-back")).status_code == does
            assert (await client.post(f"/api/v1/people/{asha.person_id}/exports")).status_code == does


async def test_a_file_is_sent_from_the_page_and_watched(
    app: FastAPI, browser: httpx.AsyncClient, asha: Somebody
) -> None:
    root = f"/p/{asha.person_id}/imports"
    token = token_of((await browser.get(root)).text)
    bad = apple.days(1).add(record("HeartRate", "NaN", "count/min", BEGIN))
    sent = await browser.post(root, data={"form_token": token}, files=file(bad.zip()))
    assert sent.status_code == 303, sent.text
    waiting = (await browser.get(sent.headers["location"])).text
    assert "Waiting for its turn" in waiting
    assert 'hx-trigger="every 2s"' in waiting
    await work_off(app)
    ended = (await browser.get(sent.headers["location"])).text
    assert "It is in." in ended
    assert "Its value is not a number." in ended
    assert "hx-trigger" not in ended.split("<main", 1)[1]
    part = await browser.get(
        sent.headers["location"], headers={"hx-request": "true", "hx-request-type": "partial"}
    )
    assert part.text.strip().startswith('<div id="progress"')
    assert "export.zip" in (await browser.get(root)).text


async def test_a_forged_form_and_an_empty_one_bring_nothing(
    browser: httpx.AsyncClient, asha: Somebody
) -> None:
    root = f"/p/{asha.person_id}/imports"
    assert (await browser.post(root, files=file(b"x"))).status_code == 403
    token = token_of((await browser.get(root)).text)
    empty = await browser.post(root, data={"form_token": token}, files={"file": ("", b"", "application/zip")})
    assert empty.status_code == 303
    assert (await browser.get(api(asha))).json()["items"] == []


async def test_an_import_is_taken_back_from_its_page(
    app: FastAPI, browser: httpx.AsyncClient, asha: Somebody
) -> None:
    await browser.post(api(asha), files=file(apple.days(2).zip()))
    await work_off(app)
    [brought] = (await browser.get(api(asha))).json()["items"]
    page = f"/p/{asha.person_id}/imports/{brought['id']}"
    assert f"{page}/take-back" in (await browser.get(page)).text
    asked = (await browser.get(f"{page}/take-back")).text
    assert "What goes, and what stays" in asked
    assert "576" in asked
    token = token_of(asked)
    assert (await browser.post(f"{page}/take-back", data={"form_token": "x"})).status_code == 403
    sent = await browser.post(f"{page}/take-back", data={"form_token": token})
    assert sent.headers["location"] == page
    assert "Being taken back" in (await browser.get(page)).text
    await work_off(app)
    ended = (await browser.get(page)).text
    assert "It is out again." in ended
    assert "take-back" not in ended
    assert (await browser.get(f"/api/v1/people/{asha.person_id}/readings")).json()["items"] == []


async def test_an_import_is_taken_back_by_rest_and_the_trail_says_who(
    app: FastAPI, browser: httpx.AsyncClient, asha: Somebody, database: Database
) -> None:
    sent = await browser.post(api(asha), files=file(apple.days(1).zip()))
    here = sent.headers["location"]
    assert (await browser.post(f"{here}/take-back")).status_code == 409
    await work_off(app)
    foreseen = (await browser.get(f"{here}/taking-back")).json()["parts"]
    assert {"name": "heart_rate", "told": 288, "shared": 0, "corrected": 0} in foreseen
    begun = await browser.post(f"{here}/take-back")
    assert (begun.status_code, begun.json()["state"]) == (202, "taking_back")
    assert (await browser.post(f"{here}/cancel")).json()["state"] == "taking_back"
    await work_off(app)
    assert (await browser.get(here)).json()["state"] == "taken_back"
    assert (await browser.get(f"{here}/taking-back")).status_code == 409
    async with database.transaction(Access.of(asha.person_id)) as tx:
        rows = await audit.entries(tx, asha.person_id, limit=200, actions=["delete"])
    assert {row.account_id for row in rows} == {asha.account_id}
    assert {subject for row in rows for subject in row.subjects} >= {
        "imports",
        "readings",
        "signals.heart_rate",
    }


@pytest.mark.parametrize("language", ["en", "hi", "ta"])
async def test_the_pages_speak_every_language(
    browser: httpx.AsyncClient, asha: Somebody, language: str
) -> None:
    for path in ("imports", "exports"):
        shown = await browser.get(f"/p/{asha.person_id}/{path}", params={"lang": language})
        assert shown.status_code == 200


async def test_the_whole_record_leaves_as_one_archive(
    app: FastAPI, browser: httpx.AsyncClient, asha: Somebody
) -> None:
    await browser.post(api(asha), files=file(apple.days(1).zip()))
    await work_off(app)
    asked = await browser.post(f"/api/v1/people/{asha.person_id}/exports")
    assert asked.status_code == 202, asked.text
    assert (await browser.get(asked.headers["location"] + "/file")).status_code == 404
    await work_off(app)
    shown = (await browser.get(asked.headers["location"])).json()
    assert (shown["state"], shown["progress"]["percent"]) == ("done", 100)
    archive = await browser.get(asked.headers["location"] + "/file")
    assert archive.status_code == 200
    assert int(archive.headers["content-length"]) == len(archive.content) == shown["size"]
    with zipfile.ZipFile(io.BytesIO(archive.content)) as opened:
        assert opened.testzip() is None
        names = opened.namelist()
        manifest = json.loads(opened.read("manifest.json"))
        readings = opened.read("measurements/readings.ndjson").splitlines()
        imports = opened.read("connections/imports.ndjson").splitlines()
    assert {one["name"] for one in manifest["files"]} == set(names) - {"README.txt", "manifest.json"}
    assert len(imports) == 1
    assert {json.loads(line)["kind"] for line in readings} >= {"blood_pressure", "weight"}
    assert any(name.startswith("signals/") for name in names)
    again = await browser.post(f"/api/v1/people/{asha.person_id}/exports")
    assert (await browser.delete(again.headers["location"])).status_code == 204
    assert (await browser.get(again.headers["location"])).status_code == 404


async def test_an_export_is_asked_for_on_the_page_and_downloaded(
    app: FastAPI, browser: httpx.AsyncClient, asha: Somebody
) -> None:
    root = f"/p/{asha.person_id}/exports"
    token = token_of((await browser.get(root)).text)
    assert (await browser.post(root, data={"form_token": token})).status_code == 303
    assert "Being written" in (await browser.get(root)).text
    await work_off(app)
    ended = (await browser.get(root)).text
    link = re.search(r'href="(/api/v1/[^"]+/file)"', ended)
    assert link
    assert (await browser.get(link[1])).content.startswith(b"PK")


async def test_whoever_may_not_see_everything_takes_nothing_out(
    app: FastAPI, asha: Somebody, browser: httpx.AsyncClient, database: Database
) -> None:
    asked = await browser.post(f"/api/v1/people/{asha.person_id}/exports")
    await work_off(app)
    daughter = await somebody(database, "Meera")
    await shared(asha, daughter, "connections", "measurements")
    async with await signed_in(app, daughter) as client:
        assert (await client.get(asked.headers["location"])).status_code == 200
        assert (await client.get(asked.headers["location"] + "/file")).status_code == 403


async def test_a_sender_that_goes_away_leaves_nothing(
    app: FastAPI, browser: httpx.AsyncClient, asha: Somebody
) -> None:
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.zip"\r\n\r\n' + b"y" * 100_000
    messages = iter([{"type": "http.request", "body": head, "more_body": True}, {"type": "http.disconnect"}])
    answered: list[dict[str, Any]] = []
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "POST",
        "path": api(asha),
        "raw_path": api(asha).encode(),
        "query_string": b"",
        "root_path": "",
        "scheme": "http",
        "server": ("localhost", 80),
        "client": ("127.0.0.9", 1),
        "headers": [
            (b"content-type", b"multipart/form-data; boundary=x"),
            (b"cookie", "; ".join(f"{one.name}={one.value}" for one in browser.cookies.jar).encode()),
        ],
    }

    async def receive() -> dict[str, Any]:
        return next(messages)

    async def send(message: Any) -> None:
        answered.append(message)

    await app(scope, receive, send)
    assert answered[0]["status"] == 422
    assert (await browser.get(api(asha))).json()["items"] == []
