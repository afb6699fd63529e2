"""Readings over REST."""

from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from tests.features.sharing.cast import Somebody, signed_in, somebody

from ojas.kit.db import Database

PRESSURE = {
    "kind": "blood_pressure",
    "effective_at": "2026-03-01T08:00:00+05:30",
    "unit": "mm[Hg]",
    "systolic": 138,
    "diastolic": 86,
    "position": "sitting",
}


@pytest.fixture
def path(asha: Somebody) -> str:
    return f"/api/v1/people/{asha.person_id}/readings"


async def test_a_reading_is_made_read_corrected_and_deleted(browser: httpx.AsyncClient, path: str) -> None:
    made = await browser.post(path, json=PRESSURE)
    assert (made.status_code, made.headers["etag"]) == (201, '"1"')
    body = made.json()
    assert (body["systolic"], body["canonical_unit"], body["band"]["level"]) == (138.0, "mm[Hg]", "high")
    assert (body["band"]["guideline"], body["band"]["year"]) == ("ACC/AHA", 2025)
    here = made.headers["location"]
    assert (await browser.get(here)).json() == body
    changed = await browser.put(here, json=PRESSURE | {"systolic": 128}, headers={"if-match": '"1"'})
    assert (changed.status_code, changed.json()["version"], changed.json()["status"]) == (200, 2, "corrected")
    assert (await browser.put(here, json=PRESSURE, headers={"if-match": '"1"'})).status_code == 412
    past = (await browser.get(f"{here}/history")).json()
    assert [change["action"] for change in past] == ["change", "create"]
    assert (await browser.delete(here)).status_code == 204
    assert (await browser.get(here)).status_code == 404
    assert (await browser.post(f"{here}/restore")).json()["systolic"] == 128.0


async def test_a_reading_in_pounds_is_kept_in_kilograms(browser: httpx.AsyncClient, path: str) -> None:
    told = {"kind": "weight", "effective_at": "2026-03-01T08:00:00Z", "unit": "lb", "value": 154.3}
    body = (await browser.post(path, json=told)).json()
    assert body["value"] == pytest.approx(69.98930269)
    assert (body["unit"], body["entered"]) == ("[lb_av]", {"value": "154.3"})


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"systolic": 80}, "systolic"),
        ({"systolic": "NaN"}, "systolic"),
        ({"systolic": 1e300}, "systolic"),
        ({"unit": "kg"}, "unit"),
        ({"kind": "aura"}, "kind"),
        ({"effective_at": "2026-03-01"}, "effective_at"),
        ({"effective_at": "2026-03-01T08:00:00"}, "effective_at"),
        ({"effective_at": "2999-03-01T08:00:00Z"}, "effective_at"),
        ({"zone": "Atlantis"}, "zone"),
        ({"aura": 1}, "aura"),
        ({"status": "perhaps"}, "status"),
        ({"diastolic": None}, "diastolic"),
    ],
)
async def test_what_is_wrong_is_named_by_its_field(
    browser: httpx.AsyncClient, path: str, change: dict[str, Any], field: str
) -> None:
    answer = await browser.post(path, json=PRESSURE | change)
    assert answer.status_code == 422, answer.text
    assert field in [error["field"] for error in answer.json()["errors"]]


async def test_a_likely_slip_is_doubted_until_confirmed(browser: httpx.AsyncClient, path: str) -> None:
    told = {"kind": "weight", "effective_at": "2026-03-01T08:00:00Z", "unit": "kg", "value": 70}
    await browser.post(path, json=told)
    doubted = await browser.post(path, json=told | {"value": 154})
    assert (doubted.status_code, doubted.json()["type"]) == (422, "/problems/doubtful")
    assert (await browser.post(path, json=told | {"value": 154, "confirmed": True})).status_code == 201


async def test_lists_latest_series_and_summary(browser: httpx.AsyncClient, path: str) -> None:
    for day in range(1, 6):
        told = PRESSURE | {"effective_at": f"2026-03-0{day}T08:00:00+05:30", "systolic": 120 + day}
        await browser.post(path, json=told)
    listed = (await browser.get(path, params={"kind": "blood_pressure", "limit": 2})).json()
    assert [item["systolic"] for item in listed["items"]] == [125.0, 124.0]
    more = (
        await browser.get(path, params={"kind": "blood_pressure", "limit": 2, "cursor": listed["next"]})
    ).json()
    assert [item["systolic"] for item in more["items"]] == [123.0, 122.0]
    window = {"effective_at_from": "2026-03-02T00:00:00Z", "effective_at_to": "2026-03-04T00:00:00Z"}
    assert len((await browser.get(path, params=window)).json()["items"]) == 2
    assert (await browser.get(path, params={"colour": "red"})).status_code == 422
    assert (await browser.get(path, params={"kind": "aura"})).status_code == 422
    latest = (await browser.get(f"{path}/latest")).json()
    assert [item["systolic"] for item in latest] == [125.0]
    span = {"kind": "blood_pressure", "from": "2026-03-01T00:00:00Z", "to": "2026-04-01T00:00:00Z"}
    series = (await browser.get(f"{path}/series", params=span | {"steps": 100})).json()
    assert sum(point["count"] for point in series) == 5
    summary = (await browser.get(f"{path}/summary", params=span)).json()
    assert (summary["count"], summary["parts"]["systolic"]["change"]) == (5, 4.0)
    assert (await browser.get(f"{path}/days", params={"kind": "steps"})).json() == []


async def test_a_reading_is_an_observation_too(browser: httpx.AsyncClient, path: str) -> None:
    here = (await browser.post(path, json=PRESSURE)).headers["location"]
    found = (await browser.get(f"{here}/observation")).json()
    assert found["resourceType"] == "Observation"
    assert found["code"]["coding"][0]["code"] == "85354-9"


async def test_kinds_are_listed_in_the_readers_language(browser: httpx.AsyncClient) -> None:
    kinds = (await browser.get("/api/v1/measurement-kinds")).json()
    assert len(kinds) > 40
    pressure = next(kind for kind in kinds if kind["name"] == "blood_pressure")
    assert [part["name"] for part in pressure["parts"]] == ["systolic", "diastolic", "mean"]


async def test_the_limits_of_the_care_team_are_a_list(browser: httpx.AsyncClient, path: str) -> None:
    overrides = path.replace("/readings", "/band-overrides")
    told = {"kind": "blood_pressure", "limits": {"systolic": {"low": 100, "high": 140}}, "told_by": "Dr Rao"}
    made = await browser.post(overrides, json=told)
    assert made.status_code == 201, made.text
    assert (await browser.post(overrides, json=told)).status_code == 409
    body = (await browser.post(path, json=PRESSURE | {"diastolic": 78})).json()
    assert body["band"]["name"] == "In your range"
    wrong = await browser.post(
        overrides, json={"kind": "weight", "limits": {"value": {"low": 90, "high": 60}}}
    )
    assert wrong.status_code == 422


async def test_a_stranger_gets_nothing(
    app: FastAPI, database: Database, browser: httpx.AsyncClient, path: str
) -> None:
    here = (await browser.post(path, json=PRESSURE)).headers["location"]
    async with await signed_in(app, await somebody(database, "Stranger")) as stranger:
        for place in (path, here, f"{path}/latest", f"{here}/history", f"{here}/observation"):
            assert (await stranger.get(place)).status_code == 404
        assert (await stranger.post(path, json=PRESSURE)).status_code == 404
        assert (await stranger.delete(here)).status_code == 404
    async with await signed_in(app, None) as nobody:
        assert (await nobody.get(path)).status_code == 401


async def test_everything_leaves_with_the_person_and_everything_ends(
    browser: httpx.AsyncClient, asha: Somebody, path: str
) -> None:
    from ojas.features.measurements.feature import FEATURE

    await browser.post(path, json=PRESSURE)
    async with asha.transaction() as tx:
        assert FEATURE.export
        files = {
            file.name: b"".join([part async for part in file.content])
            async for file in FEATURE.export(tx, asha.person_id)
        }
        assert b'"resourceType":"Observation"' in files["measurements/Observation.ndjson"]
        assert FEATURE.erase
        await FEATURE.erase(tx, asha.person_id)
        for collection in FEATURE.collections:
            await collection.erase(tx, asha.person_id)
    assert (await browser.get(path)).json()["items"] == []
