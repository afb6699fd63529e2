"""The REST face of a record."""

from typing import Any
from uuid import uuid4

import pytest
from tests.features.sharing.cast import shared, signed_in, somebody

from ojas.features.record import service
from ojas.features.record.schemas import Incoming
from ojas.kit.fhir import text

EXAMPLES: dict[str, dict[str, Any]] = {
    "conditions": {
        "name": "High blood pressure",
        "codes": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "I10"}],
        "status": "controlled",
        "severity": "mild",
        "onset": "2019-05",
        "medications": [{"name": "Metoprolol", "dosage": "50 mg", "start_date": "2019-06-01"}],
    },
    "allergies": {
        "name": "Penicillin",
        "categories": ["medication"],
        "criticality": "high",
        "reactions": [{"manifestations": ["Hives"], "severity": "moderate"}],
    },
    "immunisations": {"name": "Influenza", "given": "2025-10-14", "lot": "AB1234"},
    "procedures": {"name": "Coronary bypass", "performed": "2026-02-11"},
    "results": {
        "name": "Lipid panel",
        "effective": "2026-01-20",
        "values": [{"name": "LDL", "value": "142", "unit": "mg/dL"}],
    },
    "encounters": {"name": "Check-up", "setting": "clinic", "started": "2026-03-02T09:30:00+05:30"},
}


@pytest.fixture
async def asha(database):
    return await somebody(database, "Asha")


@pytest.fixture
async def client(app, asha):
    async with await signed_in(app, asha) as opened:
        yield opened


@pytest.mark.parametrize("name", EXAMPLES)
async def test_an_entry_is_created_read_changed_listed_and_deleted(client, asha, name):
    root = f"/api/v1/people/{asha.person_id}/{name}"
    made = await client.post(root, json=EXAMPLES[name])
    assert made.status_code == 201, made.text
    for key, value in EXAMPLES[name].items():
        assert (made.json()[key] == value) or key in ("medications", "codes", "reactions", "values"), key
    one = made.headers["location"]
    changed = await client.put(
        one, json=EXAMPLES[name] | {"name": "Another"}, headers={"if-match": made.headers["etag"]}
    )
    assert changed.status_code == 200, changed.text
    stale = await client.put(one, json=EXAMPLES[name], headers={"if-match": made.headers["etag"]})
    assert stale.status_code == 412
    assert [item["name"] for item in (await client.get(root)).json()["items"]] == ["Another"]
    history = (await client.get(f"{one}/history")).json()
    assert [step["action"] for step in history] == ["change", "create"]
    assert (await client.delete(one)).status_code == 204
    assert (await client.get(one)).status_code == 404


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": "  "},
        {"name": "Gout", "status": "terrible"},
        {"name": "Gout", "onset": "2023-02-30"},
        {"name": "Gout", "onset": "May"},
        {"name": "Gout", "onset": 2019},
        {"name": "Gout", "ended": "2020", "status": "active"},
        {"name": "Gout", "unknown": 1},
        {"name": "x" * 501},
        {"name": "Gout", "recorded_at": "2026-01-01"},
        {"name": "Gout", "recorded_at": "0001-01-01T00:00:00+05:30"},
        {"name": "Gout", "onset": "0001-01-01"},
        {"name": "Gout", "onset": "9999-12-31"},
        {"name": "Gout", "codes": [{"system": "with space", "code": "x"}]},
    ],
)
async def test_what_is_wrong_is_refused(client, asha, wrong):
    answer = await client.post(f"/api/v1/people/{asha.person_id}/conditions", json=wrong)
    assert answer.status_code == 422, answer.text


async def test_a_diagnosis_is_found_by_everyday_words_in_the_callers_language(client):
    found = (await client.get("/api/v1/diagnoses", params={"q": "sugar", "limit": 3})).json()
    assert found[0]["code"] == "E11.9"
    assert found[0]["system"] == "http://hl7.org/fhir/sid/icd-10-cm"
    assert (await client.get("/api/v1/diagnoses", params={"q": "x" * 81})).status_code == 422


async def test_the_store_is_listed_by_type_and_refuses_what_it_does_not_know(client, asha):
    root = f"/api/v1/people/{asha.person_id}/fhir-resources"
    assert (await client.get(root)).json() == {"items": [], "next": None}
    assert (await client.get(root, params={"type": "Unicorn"})).status_code == 422
    assert (await client.get(root, params={"cursor": "zzz"})).status_code == 422


async def received(whose, *resources: dict[str, Any]) -> dict[str, str]:
    """Import these; their ids by type."""
    ids = {resource["resourceType"]: str(uuid4()) for resource in resources}
    raw = [text.write(one | {"id": ids[one["resourceType"]]}).decode() for one in resources]
    async with whose.transaction() as tx:
        outcomes = await service.import_resources(
            tx, whose.person_id, [Incoming(one, text.read(one)) for one in raw], "hospital"
        )
    assert [outcome.kind for outcome in outcomes] == ["created"] * len(raw)
    return ids


@pytest.mark.parametrize(
    ("scopes", "opened"),
    [
        (["record"], {"Condition"}),
        (["record", "measurements"], {"Condition", "Observation"}),
        (["record", "profile"], {"Condition", "Patient"}),
        (["record", "measurements", "profile"], {"Condition", "Observation", "Patient"}),
        (["measurements", "profile"], set()),
    ],
)
async def test_a_grant_opens_of_the_store_what_its_scopes_say(app, database, asha, scopes, opened):
    subject = {"subject": {"reference": "Patient/p"}}
    coded = {"code": {"text": "x"}, **subject}
    ids = await received(
        asha,
        {"resourceType": "Patient"},
        {"resourceType": "Observation", "status": "final", **coded},
        {"resourceType": "Condition", **coded},
    )
    doctor = await somebody(database, "Rao")
    await shared(asha, doctor, *scopes)
    root = f"/api/v1/people/{asha.person_id}/fhir-resources"
    async with await signed_in(app, doctor) as client:
        listed = await client.get(root)
        assert {item["type"] for item in listed.json().get("items", [])} == opened
        for type, id in ids.items():
            expected = 200 if type in opened else 403
            for path in (f"{root}/{id}", f"{root}/{id}/history", f"{root}/{id}?version=1"):
                assert (await client.get(path)).status_code == expected, path
        page = await client.get(f"/p/{asha.person_id}/record/received")
        assert [type for type in ids if type in page.text] == [type for type in ids if type in opened]
