"""Medicines and doses over REST."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
import time_machine
from fastapi import FastAPI

from ojas.features.medications.schemas import EXAMPLE
from ojas.kit.db import Database
from tests.features.morning import at
from tests.features.sharing.cast import Somebody, signed_in, somebody

from .living import look

NEEDED = {"pattern": {"kind": "as_needed", "gap": "PT4H"}, "start": "2027-03-01"}


@pytest.fixture
async def asha(database: Database, traveller: time_machine.Traveller) -> Somebody:
    return await somebody(database, "Asha")


@pytest.fixture
async def client(app: FastAPI, asha: Somebody) -> AsyncIterator[httpx.AsyncClient]:
    async with await signed_in(app, asha) as opened:
        opened.base_url = httpx.URL(f"http://localhost/api/v1/people/{asha.person_id}/")
        yield opened


async def made(client: httpx.AsyncClient, **more: Any) -> dict[str, Any]:
    answer = await client.post("medicines", json=EXAMPLE | more)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_a_dose_has_the_same_id_before_it_is_due_and_after(
    database: Database, client: httpx.AsyncClient, traveller: time_machine.Traveller
) -> None:
    await made(client)
    before = (await client.get("doses")).json()
    assert [dose["state"] for dose in before] == ["upcoming", "upcoming"]
    traveller.move_to(at(8))
    await look(database)
    (dose,) = (await client.get("doses", params={"from": at(8).isoformat(), "to": at(9).isoformat()})).json()
    assert (dose["id"], dose["state"]) == (before[0]["id"], "due")
    answer = await client.post(f"doses/{dose['id']}/answer", json={"action": "take"})
    assert answer.json()["state"] == "taken"
    again = await client.post(f"doses/{dose['id']}/answer", json={"action": "take"})
    assert again.json() == answer.json()
    found = (await client.get("adherence", params={"last": "2027-03-01"})).json()
    assert (found["taken"], found["due"]) == (1, 1)


async def test_as_needed_too_soon_says_from_when_on_in_the_callers_language(
    client: httpx.AsyncClient, traveller: time_machine.Traveller
) -> None:
    medicine = await made(client, schedule=NEEDED)
    assert (await client.post(f"medicines/{medicine['id']}/take", json={})).status_code == 201
    traveller.shift(timedelta(minutes=10))
    refused = await client.post(f"medicines/{medicine['id']}/take", json={})
    assert refused.status_code == 422
    (error,) = refused.json()["errors"]
    assert error["field"] == "at"
    assert "11:30" in error["message"]


@pytest.mark.parametrize(
    ("schedule", "field"),
    [
        ({"pattern": {"kind": "weekly", "slots": []}, "start": "2027-03-01"}, "slots"),
        (
            {"pattern": {"kind": "weekly", "slots": [{"at": "08:00"}], "days": []}, "start": "2027-03-01"},
            "days",
        ),
        (
            {"pattern": {"kind": "interval", "every": "PT1M", "first": "08:00"}, "start": "2027-03-01"},
            "every",
        ),
        ({"pattern": {"kind": "as_needed"}, "start": "2027-03-02", "end": "2027-03-01"}, "end"),
    ],
)
async def test_a_schedule_that_can_never_be_due_is_refused_by_its_field(
    client: httpx.AsyncClient, schedule: dict[str, Any], field: str
) -> None:
    answer = await client.post("medicines", json=EXAMPLE | {"schedule": schedule})
    assert answer.status_code == 422
    assert field in [error["field"] for error in answer.json()["errors"]]
    assert (await client.get("medicines")).json()["items"] == []


async def test_a_change_needs_the_version_one_saw_and_the_tick_makes_none(
    database: Database, client: httpx.AsyncClient, traveller: time_machine.Traveller
) -> None:
    medicine = await made(client)
    traveller.move_to(at(8))
    await look(database)
    path = f"medicines/{medicine['id']}"
    assert (await client.put(path, json=EXAMPLE, headers={"if-match": '"1"'})).status_code == 200
    assert (await client.put(path, json=EXAMPLE, headers={"if-match": '"1"'})).status_code == 412


async def test_what_was_skipped_says_why(client: httpx.AsyncClient) -> None:
    await made(client)
    (dose, *_rest) = (await client.get("doses")).json()
    answer = await client.post(f"doses/{dose['id']}/answer", json={"action": "skip"})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "reason"
