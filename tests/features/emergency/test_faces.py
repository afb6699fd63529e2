"""The faces: two taps without script, REST, FHIR, what leaves with an export and what ends with an erasure."""

import json
import re
from datetime import timedelta

import httpx
import pytest
import time_machine
from fastapi import FastAPI
from sqlalchemy import text as sql

from ojas.features.emergency import service
from ojas.features.emergency.feature import FEATURE
from ojas.features.identity import service as identity
from ojas.features.identity.schemas import Address, ProfileDraft
from ojas.kit import clock
from ojas.kit.db import Access, Database
from ojas.kit.feature import erase_rows, export_files
from ojas.kit.fhir import text
from ojas.kit.fhir.validation import check
from ojas.kit.ids import new_id
from tests.features.emergency.living import ended, look, named, pressed, seen, told
from tests.features.sharing.cast import Somebody, shared, signed_in, somebody


def fields(page: httpx.Response) -> dict[str, str]:
    """The hidden fields of a page's first form of its own."""
    main = page.text[page.text.index("<main") :]
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', main))


async def test_two_taps_without_script_call_for_help(
    database: Database, browser: httpx.AsyncClient, asha: Somebody
) -> None:
    await named(asha, "Meera")
    today = await browser.get(f"/p/{asha.person_id}")
    sos = re.search(r'class="sos" href="([^"]+)"', today.text)
    assert sos
    front = await browser.get(sos[1])
    assert front.text.index('href="tel:112"') < front.text.index("kind=medical"), "calling comes first"
    drawn = await browser.get(f"{sos[1]}/call?kind=fall")
    sent = fields(drawn)
    done = await browser.post(f"{sos[1]}/call", data=sent)
    assert done.status_code == 303
    again = await browser.post(f"{sos[1]}/call", data=sent)
    assert again.headers["location"] == done.headers["location"]
    await look(database)
    page = await browser.get(done.headers["location"])
    assert "Calling the contacts" in page.text
    assert "1 person has been told so far" in page.text
    part = await browser.get(
        done.headers["location"], headers={"hx-request": "true", "hx-request-type": "partial"}
    )
    assert part.text.strip().startswith('<div id="state"')


async def test_where_messages_stand_still_nobody_waits_for_them(
    browser: httpx.AsyncClient, asha: Somebody
) -> None:
    await named(asha, "Meera")
    call = await pressed(asha)
    pages = [f"/p/{asha.person_id}/emergency", f"/p/{asha.person_id}/emergency/alerts/{call.id}"]
    async with asha.transaction() as tx:
        await tx.session.execute(sql("INSERT INTO ticks VALUES ('calls', now() - interval '3 minutes')"))
    silent = [(await browser.get(at)).text for at in pages]
    async with asha.transaction() as tx:
        await tx.session.execute(sql("DELETE FROM ticks"))
    assert ["Ring the people you need yourself" in text for text in silent] == [True, True]
    assert "Ring the people you need yourself" not in (await browser.get(pages[0])).text


async def test_a_half_place_or_nonsense_stops_no_call(browser: httpx.AsyncClient, asha: Somebody) -> None:
    await named(asha, "Meera")
    page = f"/p/{asha.person_id}/emergency/call"
    sent = fields(await browser.get(page)) | {"latitude": "13.08", "longitude": ""}
    assert (await browser.post(page, data=sent)).status_code == 303
    wrong = fields(await browser.get(page)) | {"latitude": "913", "longitude": "1"}
    refused = await browser.post(page, data=wrong)
    assert refused.status_code == 422
    assert 'href="tel:112"' in refused.text


async def test_the_numbers_are_those_of_the_persons_country(
    browser: httpx.AsyncClient, asha: Somebody
) -> None:
    async with asha.transaction() as tx:
        draft = ProfileDraft(name="Asha", address=Address(country="United States"))
        await identity.change_profile(tx, asha.person_id, draft)
    found = (await browser.get(f"/api/v1/people/{asha.person_id}/emergency-numbers")).json()
    assert found[0] == {"dial": "911", "label": "Emergency"}
    page = await browser.get(f"/p/{asha.person_id}/emergency?lang=hi")
    assert 'href="tel:911"' in page.text


async def test_a_test_says_test_on_every_page_and_over_rest(
    database: Database, browser: httpx.AsyncClient, asha: Somebody
) -> None:
    meera = await named(asha, "Meera")
    root = f"/p/{asha.person_id}"
    page = await browser.get(f"{root}/emergency/test")
    done = await browser.post(f"{root}/emergency/call", data=fields(page) | {"contacts": str(meera.id)})
    await look(database)
    here = done.headers["location"]
    for path in (here, f"{root}/emergency", root, f"{root}/emergency/alerts", f"{root}/timeline"):
        assert "TEST" in (await browser.get(path)).text, path
    api = await browser.get(f"/api/v1/people/{asha.person_id}/emergency-alerts")
    assert [one["test"] for one in api.json()["items"]] == [True]


async def test_over_rest_one_calls_adds_notes_an_answer_and_ends(
    database: Database, browser: httpx.AsyncClient, asha: Somebody
) -> None:
    await named(asha, "Meera")
    root = f"/api/v1/people/{asha.person_id}/emergency-alerts"
    made = await browser.post(root, json={"kind": "fall", "message": "I fell"})
    assert made.status_code == 201
    here = made.headers["location"]
    await look(database)
    more = await browser.post(f"{here}/more", json={"place": {"latitude": 13.08, "longitude": 80.27}})
    assert more.json()["place"]["latitude"] == 13.08
    helper = (await browser.get(here)).json()["helpers"][0]
    assert [way["channel"] for way in helper["deliveries"]] == ["email", "email"]
    answer = await browser.post(f"{here}/helpers/{helper['id']}", json={"answer": "coming"})
    assert answer.json()["state"] == "coming"
    over = await browser.post(f"{here}/end", json={"outcome": "helped", "note": "She is in hospital."})
    assert (over.json()["state"], over.json()["outcome"]) == ("ended", "helped")


@pytest.mark.parametrize(
    ("path", "sent", "field"),
    [
        ("", {"kind": "flood"}, "kind"),
        ("", {"place": {"latitude": 91, "longitude": 0}}, "place.latitude"),
        ("", {"place": {"latitude": 9}}, "longitude"),
        ("", {"contacts": [str(new_id())]}, "contacts"),
        ("", {"test": True, "contacts": [str(new_id())]}, "contacts"),
        ("", {"message": "x" * 2000}, "message"),
        ("/{id}/end", {"outcome": "lapsed"}, "outcome"),
        ("/{id}/more", {"place": {"latitude": "north", "longitude": 1}}, "place.latitude"),
    ],
)
async def test_what_is_wrong_over_rest_names_its_field(
    browser: httpx.AsyncClient, asha: Somebody, path: str, sent: dict[str, object], field: str
) -> None:
    root = f"/api/v1/people/{asha.person_id}/emergency-alerts"
    id = (await browser.post(root, json={"kind": "medical"})).json()["id"]
    answer = await browser.post(root + path.replace("{id}", id), json=sent)
    assert answer.status_code == 422
    assert field in [error["field"] for error in answer.json()["errors"]], answer.text


async def test_the_page_of_another_says_for_whom_one_calls_and_sends_not_ones_own_place(
    app: FastAPI, database: Database, asha: Somebody
) -> None:
    meera = await somebody(database, "Meera")
    await shared(asha, meera, "profile", "emergency", may_write=True, kind="caregiver")
    caring = await signed_in(app, meera)
    page = await caring.get(f"/p/{asha.person_id}/emergency/call")
    assert "You call for Asha." in page.text
    assert "data-locate" not in page.text
    reading = await somebody(database, "Ravi")
    await shared(asha, reading, "emergency")
    other = await signed_in(app, reading)
    assert (await other.get(f"/p/{asha.person_id}/emergency/call")).status_code == 403
    front = await other.get(f"/p/{asha.person_id}/emergency")
    assert "kind=medical" not in front.text
    assert f'class="sos" href="/p/{reading.person_id}/emergency"' in front.text, "then for oneself"


async def test_all_of_it_leaves_as_fhir_that_hl7_accepts(database: Database, asha: Somebody) -> None:
    contact = await named(
        asha, "Meera", phone="+919840012345", relationship="Friend", address="12 Temple Street"
    )
    for more in ({"message": "I fell"}, {"test": True, "contacts": (contact.id,)}):
        alert = await pressed(asha, **more)
        await look(database)
        await ended(asha, alert, outcome="false_alarm" if "test" in more else "helped")
    async with database.transaction(Access.of(asha.person_id)) as tx:
        files = {
            file.name: b"".join([part async for part in file.content])
            async for file in export_files((FEATURE,), tx, asha.person_id)
        }
    resources = [json.loads(line) for line in files["emergency/fhir.ndjson"].splitlines()]
    for resource in resources:
        check(text.read(text.write(resource)))
    kinds = [one["resourceType"] for one in resources]
    assert sorted(kinds) == ["Communication", "Communication", "Flag", "Flag", "Patient"]
    patient = next(one for one in resources if one["resourceType"] == "Patient")
    assert patient["contact"][0]["name"]["text"] == "Meera"
    said = [one for one in resources if one["resourceType"] == "Communication"]
    assert {one["priority"] for one in said} == {"stat"}
    assert ["HTEST" in json.dumps(one) for one in said].count(True) == 1
    assert len(files["emergency/alerts.ndjson"].splitlines()) == 2
    assert b"/e/" not in files["emergency/card.ndjson"], "the code of the card is no part of the record"


async def test_erased_there_is_nothing_left_and_closed_nobody_is_called(
    database: Database, asha: Somebody
) -> None:
    await named(asha, "Meera")
    alert = await pressed(asha)
    async with asha.transaction() as tx:
        await service.close(tx, asha.person_id)
    with time_machine.travel(clock.now() + timedelta(hours=1)):
        await look(database)
    assert told(await seen(asha, alert)) == {"Meera": 0}
    async with database.transaction(Access.of(asha.person_id)) as tx:
        assert await erase_rows(FEATURE, tx, asha.person_id) == 3
    async with database.transaction(Access.of(asha.person_id)) as tx:
        assert await erase_rows(FEATURE, tx, asha.person_id) == 0
