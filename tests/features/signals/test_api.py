"""Signals over REST, with an edge that knows a token's person."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from uuid import UUID

import httpx
import numpy as np
import orjson
import pytest
from fastapi import FastAPI, Request
from tests.conftest import newcomer
from tests.features.sharing.cast import agreed

from ojas.features.signals import service
from ojas.features.signals.api import ROUTERS
from ojas.features.signals.rules import MINUTE, milliseconds
from ojas.kit.db import Access, Database, Tx
from ojas.kit.http import Actor, House, install
from ojas.kit.http.problems import problem

T0 = milliseconds(datetime(2026, 3, 1, tzinfo=UTC))
DAY = {"start": "2026-03-01T00:00:00Z", "end": "2026-03-02T00:00:00Z"}
WATCH = {"name": "Watch", "sort": "watch"}


@pytest.fixture
async def api(database: Database) -> AsyncIterator[httpx.AsyncClient]:
    async def authenticate(tx: Tx, request: Request) -> Actor | None:
        told = request.headers.get("x-person")
        return Actor(UUID(told), UUID(told), None, by_cookie=False) if told else None

    async def authorise(tx: Tx, actor: Actor) -> Access:
        assert actor.person_id
        return Access.of(actor.person_id, account_id=actor.account_id)

    app = FastAPI()
    install(app, problem)
    for router in ROUTERS:
        app.include_router(router, prefix="/api/v1")
    app.state.house = House(database, authenticate=authenticate, authorise=authorise)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://localhost/api/v1"
    ) as client:
        yield client


@pytest.fixture
def mine(api: httpx.AsyncClient, person_id: UUID) -> str:
    api.headers["x-person"] = str(person_id)
    return f"/people/{person_id}"


def heart(n: int = 3, **more: object) -> dict:
    return {
        "source": WATCH,
        "start": [T0 + i * 1000 for i in range(n)],
        "value": [60 + i % 9 for i in range(n)],
    } | more


async def test_what_is_posted_is_read_back_as_columns(api: httpx.AsyncClient, mine: str) -> None:
    posted = await api.post(
        f"{mine}/signals/heart_rate/samples",
        json=heart(confidence=[95, None, 80], context=["resting", None, "workout"]),
    )
    assert posted.json() == {"stored": 3, "known": 0, "refused_count": 0, "refused": []}
    got = await api.get(
        f"{mine}/signals/heart_rate/samples",
        params={"start": "2026-03-01T00:00:00Z", "end": "2026-03-01T00:00:02Z"},
    )
    assert got.json() == {
        "kind": "heart_rate",
        "unit": "/min",
        "n": 2,
        "start": [T0, T0 + 1000],
        "value": [60, 61],
        "confidence": [95, -1],
        "context": ["resting", "plain"],
        "statistics": {
            "n": 2,
            "low": 60.0,
            "high": 61.0,
            "mean": 60.5,
            "sd": pytest.approx(0.7071, abs=1e-3),
        },
        "gaps": [],
    }


async def test_a_mixed_batch_keeps_what_is_good_and_says_what_is_not(
    api: httpx.AsyncClient, mine: str
) -> None:
    body = heart(6, value=[71.5, None, "72", 0, 9000, 71])
    posted = (await api.post(f"{mine}/signals/heart_rate/samples", json=body)).json()
    assert (posted["stored"], posted["refused_count"]) == (2, 4)
    assert [(r["index"], r["code"]) for r in posted["refused"]] == [
        (1, "not_a_number"),
        (2, "not_a_number"),
        (3, "nothing"),
        (4, "range"),
    ]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"[]", None),
        (b"{", None),
        (b'{"start": [], "value": []}', "source"),
        (b'{"source": 7, "start": [], "value": []}', "source"),
        (b'{"source": "x", "start": [], "value": []}', "source"),
        (b'{"source": {"name": "W"}, "start": 5, "value": []}', "start"),
        (b'{"source": {"name": "W"}, "start": [1, 2], "value": [1]}', None),
        (b'{"source": {"name": "W"}, "start": [], "value": [], "else": 1}', "else"),
        (b'{"source": {"name": "W"}, "start": [1], "value": [1], "unit": "kg"}', "unit"),
        (b'{"source": {"name": "W"}, "start": [1], "value": [1], "zone": "Mars/Olympus"}', "zone"),
        (b'{"source": {"name": "W"}, "start": [1], "value": [1], "zone": 5}', "zone"),
        (b'{"source": {"name": "W"}, "start": [1], "value": [1], "confidence": 5}', "confidence"),
    ],
)
async def test_what_is_no_batch_is_refused_whole(
    api: httpx.AsyncClient, mine: str, body: bytes, field: str | None
) -> None:
    answer = await api.post(f"{mine}/signals/heart_rate/samples", content=body)
    assert answer.status_code == 422
    assert field in (None, *(error["field"].split(".")[0] for error in answer.json()["errors"]))


@pytest.mark.parametrize(
    ("start", "value"),
    [
        ([[1], [2, 3]], [1, 1]),
        ([{}, "x"], [True, False]),
        ([1e308, -1e308], [1e308, -1]),
        ([2**70, 1], [2**70, 1]),
    ],
)
async def test_odd_items_are_refused_and_never_an_error_of_ours(
    api: httpx.AsyncClient, mine: str, start: list, value: list
) -> None:
    answer = await api.post(
        f"{mine}/signals/heart_rate/samples", json={"source": WATCH, "start": start, "value": value}
    )
    assert (answer.status_code, answer.json()["refused_count"]) == (200, 2)


async def test_one_long_text_in_a_column_takes_no_more_room_than_itself(
    api: httpx.AsyncClient, mine: str
) -> None:
    # NumPy would give each of 30,000 the room of the longest: 48 GB.
    body = heart(1, value=["7" * 400_000, *["7"] * 30_000], start=[T0] * 30_001)
    posted = await api.post(f"{mine}/signals/heart_rate/samples", json=body)
    assert (posted.json()["stored"], posted.json()["refused_count"]) == (0, 30_001)


async def test_values_in_another_unit_are_converted(api: httpx.AsyncClient, mine: str) -> None:
    start = [T0]
    await api.post(
        f"{mine}/signals/oxygen_saturation/samples",
        json={"source": WATCH, "start": start, "value": [0.97], "unit": "1"},
    )
    got = await api.get(
        f"{mine}/signals/oxygen_saturation/samples",
        params=DAY,
    )
    assert got.json()["value"] == [97]


async def test_glucose_is_taken_in_either_unit(api: httpx.AsyncClient, mine: str) -> None:
    body = {"source": {"name": "Libre", "sort": "sensor"}, "start": [T0], "value": [5.5], "unit": "mmol/L"}
    await api.post(f"{mine}/signals/interstitial_glucose/samples", json=body)
    got = await api.get(f"{mine}/signals/interstitial_glucose/samples", params=DAY)
    assert got.json()["value"] == [99.1]


async def test_sleep_is_told_by_stage(api: httpx.AsyncClient, mine: str) -> None:
    hour = 60 * MINUTE
    body = {
        "source": WATCH,
        "start": [T0, T0 + hour, T0],
        "end": [T0 + hour, T0 + 2 * hour, T0 + hour],
        "value": ["light", "deep", "coma"],
    }
    posted = (await api.post(f"{mine}/signals/sleep/samples", json={**body, "zone": "Asia/Kolkata"})).json()
    assert (posted["stored"], posted["refused"][0]["code"]) == (2, "stage")
    days = (
        await api.get(f"{mine}/signals/sleep/days", params={"from": "2026-02-27", "to": "2026-03-03"})
    ).json()
    assert [(d["day"], d["stages"]) for d in days] == [("2026-03-01", {"light": 3600, "deep": 3600})]
    assert (await api.get(f"{mine}/stays")).json()[0]["zone"] == "Asia/Kolkata"


async def test_a_series_and_the_overview_tell_what_there_is(api: httpx.AsyncClient, mine: str) -> None:
    await api.post(f"{mine}/signals/heart_rate/samples", json=heart(500))
    span = {"start": "2026-03-01T00:00:00Z", "end": "2026-03-01T01:00:00Z", "points": 60}
    line = (await api.get(f"{mine}/signals/heart_rate/series", params=span)).json()
    assert (line["width"], sum(line["n"]), max(line["high"])) == (60_000, 500, 68)
    [kind] = (await api.get(f"{mine}/signals")).json()
    assert (kind["kind"], kind["title"], kind["samples"], kind["streams"][0]["source"]) == (
        "heart_rate",
        "Heart rate",
        500,
        "Watch",
    )


async def test_a_window_says_where_nothing_was_measured(api: httpx.AsyncClient, mine: str) -> None:
    await api.post(f"{mine}/signals/heart_rate/samples", json=heart(2, start=[T0, T0 + 7_200_000]))
    got = await api.get(f"{mine}/signals/heart_rate/samples", params={**DAY, "end": "2026-03-01T02:00:01Z"})
    assert got.json()["gaps"] == [[T0, T0 + 7_200_000]]


async def test_samples_can_be_deleted(api: httpx.AsyncClient, mine: str) -> None:
    await api.post(f"{mine}/signals/heart_rate/samples", json=heart(10))
    span = {"start": "2026-03-01T00:00:02Z", "end": "2026-03-01T00:00:04Z"}
    assert (await api.delete(f"{mine}/signals/heart_rate/samples", params=span)).json() == {"deleted": 2}


async def test_sources_are_listed_ranked_and_deleted(api: httpx.AsyncClient, mine: str) -> None:
    await api.post(f"{mine}/signals/heart_rate/samples", json=heart(10))
    [source] = (await api.get(f"{mine}/sources")).json()["items"]
    ranked = await api.put(
        f"{mine}/sources/{source['id']}",
        json={"name": "Left wrist", "sort": "watch", "priority": 1},
        headers={"if-match": '"1"'},
    )
    assert (ranked.status_code, ranked.json()["name"], ranked.headers["etag"]) == (200, "Left wrist", '"2"')
    assert (await api.delete(f"{mine}/sources/{source['id']}")).status_code == 204
    assert (await api.get(f"{mine}/signals")).json() == []


async def test_sessions_have_routes_where_the_person_agreed_to_it(
    api: httpx.AsyncClient, mine: str, database: Database, person_id: UUID
) -> None:
    made = await api.post(
        f"{mine}/sessions",
        json={
            "kind": "workout",
            "started_at": "2026-03-01T06:00:00Z",
            "ended_at": "2026-03-01T07:00:00Z",
            "activity": "running",
        },
    )
    path = f"{mine}/sessions/{made.json()['id']}/route"
    assert (await api.get(path)).json() == []
    points = [{"at": "2026-03-01T06:00:00Z", "latitude": 12.97, "longitude": 77.59, "altitude_m": 920.0}]
    assert (await api.put(path, json=points)).status_code == 403
    await agreed(database, person_id)
    assert (await api.put(path, json=points)).status_code == 204
    assert (await api.get(path)).json() == points
    backwards = {"kind": "workout", "started_at": "2026-03-01T06:00:00Z", "ended_at": "2026-03-01T05:00:00Z"}
    assert (await api.post(f"{mine}/sessions", json=backwards)).status_code == 422
    nowhere = await api.post(
        f"{mine}/sessions", json={**backwards, "ended_at": "2026-03-01T07:00:00Z", "zone": "localtime"}
    )
    assert (nowhere.status_code, nowhere.json()["errors"][0]["field"]) == (422, "zone")


async def test_nobody_reads_or_writes_another_persons_signals(
    api: httpx.AsyncClient, mine: str, database: Database
) -> None:
    await api.post(f"{mine}/signals/heart_rate/samples", json=heart(10))
    stranger = await newcomer(database)
    for who, status in ((str(stranger), 404), ("", 401)):
        api.headers["x-person"] = who
        for path in (
            "signals",
            "signals/heart_rate/samples",
            "signals/heart_rate/series",
            "signals/heart_rate/days",
            "sources",
            "stays",
            "sessions",
        ):
            assert (
                await api.get(f"{mine}/{path}", params=DAY if "samples" in path else None)
            ).status_code == status
        assert (await api.post(f"{mine}/signals/heart_rate/samples", json=heart(1))).status_code == status
        assert (await api.delete(f"{mine}/signals/heart_rate/samples", params=DAY)).status_code == status


@pytest.mark.parametrize("path", ["signals/none/samples", "signals/none/days", "signals/none/series"])
async def test_an_unknown_kind_is_not_found(api: httpx.AsyncClient, mine: str, path: str) -> None:
    assert (await api.get(f"{mine}/{path}")).status_code == 404


@pytest.mark.parametrize(
    "span",
    [
        {"start": "0001-01-01T00:00:00Z", "end": "9999-12-31T23:59:59Z"},
        {"start": "9999-01-01T00:00:00Z", "end": "9999-12-31T23:59:59Z"},
        {"start": "0001-01-01T00:00:00Z", "end": "0001-01-02T00:00:00Z"},
    ],
)
async def test_spans_beyond_all_data_are_empty_and_no_error(
    api: httpx.AsyncClient, mine: str, span: dict[str, str]
) -> None:
    for what in ("samples", "series"):
        for kind in ("heart_rate", "sleep", "steps"):
            answer = await api.get(f"{mine}/signals/{kind}/{what}", params=span)
            assert (answer.status_code, answer.json()["start"]) == (200, [])
    assert (
        await api.get(f"{mine}/signals/steps/days", params={"from": "0001-01-01", "to": "9999-12-31"})
    ).status_code in (200, 422)


async def test_kinds_are_listed(api: httpx.AsyncClient, mine: str) -> None:
    kinds = {kind["name"]: kind for kind in (await api.get("/signal-kinds")).json()}
    assert kinds["heart_rate"]["unit"] == "/min"
    assert kinds["sleep"]["rule"] == "duration"


async def test_a_batch_of_twenty_thousand_goes_through_whole(api: httpx.AsyncClient, mine: str) -> None:
    rng = np.random.default_rng(1)
    body = {
        "source": WATCH,
        "start": (T0 + np.arange(20_000) * 1000).tolist(),
        "value": rng.integers(50, 90, 20_000).tolist(),
    }
    assert (await api.post(f"{mine}/signals/heart_rate/samples", content=orjson.dumps(body))).json()[
        "stored"
    ] == 20_000


async def test_the_service_and_the_routes_agree_on_who_a_source_is(
    api: httpx.AsyncClient, mine: str, person_id: UUID, database: Database
) -> None:
    await api.post(f"{mine}/signals/heart_rate/samples", json=heart(1))
    async with database.transaction(Access.of(person_id)) as tx:
        [kind] = await service.overview(tx, person_id)
    again = await api.post(
        f"{mine}/signals/heart_rate/samples", json=heart(2, source=str(kind.streams[0].source_id))
    )
    assert again.json()["stored"] == 1
