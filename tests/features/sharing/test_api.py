"""Sharing over REST: the main path, end to end, as a patient and her doctor walk it."""

from datetime import timedelta
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI

from ojas.kit import clock
from ojas.kit.db import Database
from ojas.kit.http import Router, TxOf
from ojas.kit.ids import new_id
from ojas.kit.settings import Settings
from tests.conftest import work_off
from tests.features.sharing.cast import Somebody, letters, shared, signed_in


@pytest.fixture
async def patient(app: FastAPI, asha: Somebody) -> httpx.AsyncClient:
    return await signed_in(app, asha)


@pytest.fixture
async def doctor(app: FastAPI, rao: Somebody) -> httpx.AsyncClient:
    return await signed_in(app, rao)


def body(to: Somebody, **more: object) -> dict[str, object]:
    ends = (clock.now() + timedelta(days=30)).isoformat()
    return {"email": to.email, "scopes": ["measurements"], "ends_at": ends, "purpose": "TREAT", **more}


async def test_shared_accepted_seen_audited_and_taken_back(
    app: FastAPI,
    settings: Settings,
    asha: Somebody,
    rao: Somebody,
    patient: httpx.AsyncClient,
    doctor: httpx.AsyncClient,
) -> None:
    grants = f"/api/v1/people/{asha.person_id}/grants"
    made = await patient.post(grants, json=body(rao))
    assert made.status_code == 201, made.text
    grant = made.json()
    assert made.headers["location"] == f"{grants}/{grant['id']}"
    assert (grant["status"], grant["scopes"], grant["may_write"]) == ("invited", ["measurements"], False)

    await work_off(app)
    (letter,) = letters(settings, rao.email)
    assert letter.startswith("Asha invites you")
    assert "/invitations" in letter
    assert "measurements" not in letter

    (told,) = (await doctor.get("/api/v1/notifications")).json()["items"]
    assert (told["title"], told["path"]) == ("Asha invites you", "/people")
    assert told["person_id"] == str(rao.person_id), "kept with the invited, whose own it is"

    (offer,) = (await doctor.get("/api/v1/invitations")).json()
    assert offer["person_name"] == "Asha"
    accepted = await doctor.post(f"/api/v1/invitations/{asha.person_id}/{grant['id']}/accept")
    assert accepted.status_code == 200, accepted.text
    await work_off(app)
    (answer,) = (await patient.get("/api/v1/notifications")).json()["items"]
    assert answer["title"] == "An invitation was accepted"
    assert answer["path"] == f"/p/{asha.person_id}/sharing/{grant['id']}"
    people = (await doctor.get("/api/v1/people")).json()
    assert [(who["name"], who["may_read"]) for who in people if not who["own"]] == [
        ("Asha", ["measurements"])
    ]

    assert (await doctor.get(f"/api/v1/people/{asha.person_id}/care-team")).status_code == 403
    assert (await doctor.get(grants)).status_code == 403

    report = (await patient.get(f"/api/v1/people/{asha.person_id}/access", params={"by_others": True})).json()
    assert {look["name"] for look in report["items"]} - {None} == {"Rao"}

    taken = await patient.delete(made.headers["location"], headers={"if-match": '"2"'})
    assert (taken.status_code, taken.json()["status"]) == (200, "taken_back")
    assert (await doctor.get(f"/api/v1/people/{asha.person_id}/care-team")).status_code == 404
    assert (await patient.post(f"{made.headers['location']}/restore")).json()["status"] == "active"
    assert (await doctor.delete(f"/api/v1/people/{asha.person_id}/access")).status_code == 204
    assert (await patient.get(made.headers["location"])).json()["status"] == "left"


async def test_the_letter_speaks_the_language_of_who_invites(
    app: FastAPI, settings: Settings, asha: Somebody, stranger: Somebody, patient: httpx.AsyncClient
) -> None:
    from ojas.features.sharing import service
    from ojas.kit import i18n
    from tests.features.sharing.cast import draft

    async with asha.transaction() as tx:
        with i18n.use(i18n.Manner(language="hi")):
            await service.share(tx, asha.person_id, draft("someone.new@example.org"))
    await work_off(app)
    (letter,) = letters(settings, "someone.new@example.org")
    assert "Ojas" in letter
    assert any("\u0900" <= sign <= "\u097f" for sign in letter)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"email": "no address"}, "email"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["dreams"]}, "scopes"),
        ({"scopes": ["sharing"]}, "scopes"),
        ({"purpose": "HMARKT"}, "purpose"),
        ({"kind": "guardian"}, "kind"),
        ({"kind": "break_glass"}, "kind"),
        ({"ends_at": "2020-01-01T00:00:00Z"}, "ends_at"),
        ({"ends_at": "2020-01-01T00:00:00"}, "ends_at"),
        ({"surprise": 1}, "surprise"),
    ],
)
async def test_what_cannot_be_shared_is_refused_at_its_field(
    asha: Somebody, rao: Somebody, patient: httpx.AsyncClient, change: dict[str, object], field: str
) -> None:
    answer = await patient.post(f"/api/v1/people/{asha.person_id}/grants", json=body(rao, **change))
    assert answer.status_code == 422
    assert field in {error["field"].split(".")[0] for error in answer.json()["errors"]}


async def test_the_same_key_shares_once(asha: Somebody, rao: Somebody, patient: httpx.AsyncClient) -> None:
    grants, sent = f"/api/v1/people/{asha.person_id}/grants", body(rao)
    twice = [await patient.post(grants, json=sent, headers={"idempotency-key": "k1"}) for _ in range(2)]
    assert twice[0].json() == twice[1].json()
    assert len((await patient.get(grants)).json()["items"]) == 1


async def test_grants_and_looks_come_in_pages(asha: Somebody, patient: httpx.AsyncClient) -> None:
    grants = f"/api/v1/people/{asha.person_id}/grants"
    for n in range(3):
        await patient.post(grants, json={"email": f"n{n}@example.org", "scopes": ["measurements"]})
    for path in (grants, f"/api/v1/people/{asha.person_id}/access"):
        first = (await patient.get(path, params={"limit": 2})).json()
        rest = (await patient.get(path, params={"limit": 2, "cursor": first["next"]})).json()
        assert len(first["items"]) == 2
        assert {item["id"] for item in rest["items"]}.isdisjoint(item["id"] for item in first["items"])


async def test_consent_is_given_and_withdrawn(asha: Somebody, patient: httpx.AsyncClient) -> None:
    consents = f"/api/v1/people/{asha.person_id}/consents"
    (asked,) = (await patient.get(consents)).json()
    assert (asked["purpose"], asked["given"], asked["data_categories"]) == ("location", False, ["signals"])
    draft = {"purpose": "location", "version": asked["version"]}
    given = await patient.post(consents, json=draft)
    assert (given.status_code, given.json()["given"]) == (201, True), given.text
    assert (await patient.post(consents, json=draft)).status_code == 409
    assert (await patient.post(consents, json=draft | {"version": 9})).status_code == 412
    assert (await patient.post(consents, json=draft | {"purpose": "research"})).status_code == 422
    assert (await patient.delete(f"{consents}/location")).json()["given"] is False
    (asked,) = (await patient.get(consents)).json()
    assert [line["given"] for line in asked["history"]] == [False, True]


async def test_an_export_holds_what_was_shared_and_agreed(
    database: Database, asha: Somebody, rao: Somebody
) -> None:
    from ojas.features.sharing import service
    from ojas.features.sharing.feature import FEATURE
    from ojas.features.sharing.rules import Processing
    from ojas.features.sharing.schemas import ConsentDraft
    from ojas.kit.feature import export_files

    await shared(asha, rao, note="mine")
    async with asha.transaction() as tx:
        await service.give(tx, asha.person_id, ConsentDraft(purpose=Processing.LOCATION, version=1))
        files = {
            file.name: b"".join([part async for part in file.content])
            async for file in export_files((FEATURE,), tx, asha.person_id)
        }
    assert files.keys() >= {"sharing/grants.ndjson", "sharing/consents.ndjson", "sharing/care-team.ndjson"}
    assert rao.email.encode() in files["sharing/grants.ndjson"]
    assert b'"mine"' in files["sharing/grants.ndjson"]
    assert b'"Consent"' in files["sharing/fhir.ndjson"]
    assert b"the routes of walks" in files["sharing/consents.ndjson"]


async def test_a_request_that_names_a_person_reaches_nobody_else(
    app: FastAPI, asha: Somebody, meera: Somebody, rao: Somebody
) -> None:
    reached: list[frozenset[UUID]] = []
    router = Router()

    @router.get("/look/{person_id}")
    async def look(tx: TxOf, person_id: str) -> None:
        reached.append(tx.access.persons)

    tiny = FastAPI()
    tiny.state.house = app.state.house
    tiny.include_router(router)
    for patient in (asha, meera):
        await shared(patient, rao, "record")
    client = await signed_in(tiny, rao)
    for named in (asha.person_id, rao.person_id, new_id(), "nobody"):
        assert (await client.get(f"/look/{named}")).status_code == 200
    own = frozenset({rao.person_id})
    assert reached == [own | {asha.person_id}, own, own, frozenset()]


async def test_who_invited_is_told_that_it_was_declined(
    app: FastAPI, asha: Somebody, rao: Somebody, patient: httpx.AsyncClient, doctor: httpx.AsyncClient
) -> None:
    grant = (await patient.post(f"/api/v1/people/{asha.person_id}/grants", json=body(rao))).json()
    declined = await doctor.post(f"/api/v1/invitations/{asha.person_id}/{grant['id']}/decline")
    assert declined.status_code == 204, declined.text
    await work_off(app)
    (told,) = (await patient.get("/api/v1/notifications")).json()["items"]
    assert told["title"] == "An invitation was declined"
    assert (await doctor.get("/api/v1/notifications")).json()["items"] == [], "it is over before it was said"
