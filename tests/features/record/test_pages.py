"""The pages of a record, by a browser without script."""

import html
import re
from typing import Any
from uuid import uuid4

import httpx
import pytest
from tests.features.sharing.cast import shared, signed_in, somebody

from ojas.features.record import service
from ojas.features.record.pages.showing import said_value
from ojas.features.record.rules.terms import everyday
from ojas.features.record.schemas import Incoming
from ojas.kit.fhir import text

NOBODYS = "00000000-0000-7000-8000-000000000000"


async def get(browser: httpx.AsyncClient, path: str) -> str:
    response = await browser.get(path)
    assert response.status_code == 200, response.text[:2000]
    return html.unescape(response.text)


async def send(browser: httpx.AsyncClient, page: str, path: str, **fields: Any) -> httpx.Response:
    """Post a form as the page would, with its token and hidden fields."""
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    return await browser.post(path, data=hidden | fields)


async def filled(browser: httpx.AsyncClient, path: str, **fields: Any) -> httpx.Response:
    return await send(browser, await get(browser, path), path, **fields)


def entry_in(page: str, root: str, name: str) -> str:
    found = re.search(rf"{root}/record/{name}/[0-9a-f-]{{36}}", page)
    assert found
    return found[0]


@pytest.mark.parametrize("language", ["en", "hi", "ta"])
async def test_a_condition_is_added_seen_corrected_deleted_and_brought_back(browser, asha, language):
    root = f"/p/{asha.person_id}"
    await get(browser, f"{root}/record?lang={language}")
    saved = await filled(
        browser,
        f"{root}/record/conditions/new",
        name="My blood pressure",
        code="I10",
        status="controlled",
        severity="mild",
        onset="2019-05",
        medicines="Metoprolol, 50 mg, twice a day, 2019-05-02 – 2020-01-31\nAspirin",
    )
    assert saved.status_code == 303
    assert re.fullmatch(rf"{root}/record/conditions#r-[0-9a-f-]+", saved.headers["location"])
    one = entry_in(await get(browser, saved.headers["location"]), root, "conditions")
    page = await get(browser, one)
    assert "My blood pressure" in page
    assert "ICD-10-CM I10" in page
    assert "50 mg · twice a day · " in page
    assert "2020" in page
    assert "2019" in page
    form = await get(browser, f"{one}/edit")
    assert "Metoprolol, 50 mg, twice a day, 2019-05-02 – 2020-01-31" in form
    assert re.search(r'value="I10" checked', form)
    changed = await send(
        browser, form, f"{one}/edit", name="High blood pressure", code="I10", status="active", onset="2018"
    )
    assert changed.headers["location"] == one
    page = await get(browser, one)
    assert "<del>My blood pressure</del> → <ins>High blood pressure</ins>" in page
    assert "<del>Metoprolol, 50 mg, twice a day, 2019-05-02, 2020-01-31; Aspirin</del>" in page
    gone = await send(browser, page, f"{one}/delete")
    assert (await browser.get(one)).status_code == 404
    await send(browser, await get(browser, gone.headers["location"]), f"{one}/restore")
    assert "High blood pressure" in await get(browser, one)


async def test_a_code_is_found_without_script(browser, asha):
    path = f"/p/{asha.person_id}/record/conditions/new"
    looked = await filled(browser, path, name="heart fail", find="1")
    assert looked.status_code == 200
    assert 'value="I50.9"' in looked.text
    assert 'value="heart fail"' in looked.text


async def test_codes_are_offered_while_one_types(browser, asha):
    offered = await get(browser, f"/p/{asha.person_id}/record/diagnoses?name=sugar&lang=en")
    assert "E11.9" in offered
    assert "<html" not in offered
    assert "That is all right" in await get(browser, f"/p/{asha.person_id}/record/diagnoses?name=qqqq")


async def test_what_is_wrong_is_said_beside_its_field_and_nothing_typed_is_lost(browser, asha):
    path = f"/p/{asha.person_id}/record/conditions/new"
    wrong = await filled(browser, path, name="Gout", status="active", onset="last May", ended="2020")
    assert wrong.status_code == 422
    assert 'value="Gout"' in wrong.text
    assert 'aria-invalid="true"' in wrong.text
    ended = await filled(browser, path, name="Gout", status="active", ended="2020")
    assert ended.status_code == 422
    assert "What has an end is over" in html.unescape(ended.text)


async def test_the_same_form_sent_twice_adds_one_entry(browser, asha):
    path = f"/p/{asha.person_id}/record/allergies/new"
    form = await get(browser, path)
    first = await send(
        browser, form, path, name="Penicillin", categories=["medication"], reaction="Hives, swelling"
    )
    again = await send(browser, form, path, name="Penicillin")
    assert (first.status_code, again.status_code) == (303, 409)
    page = await get(browser, f"/p/{asha.person_id}/record/allergies")
    assert page.count("Penicillin") == 1
    assert "Hives · swelling" in page


async def test_a_stale_correction_is_refused(browser, asha):
    root = f"/p/{asha.person_id}"
    await filled(browser, f"{root}/record/procedures/new", name="Bypass", performed="2026-02-11")
    one = entry_in(await get(browser, f"{root}/record/procedures"), root, "procedures")
    form = await get(browser, f"{one}/edit")
    assert (
        await send(browser, form, f"{one}/edit", name="Bypass, three vessels", performed="2026-02-11")
    ).status_code == 303
    assert (await send(browser, form, f"{one}/edit", name="Stent")).status_code == 412


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        (
            "allergies",
            {
                "name": "Peanuts",
                "kind": "allergy",
                "criticality": "high",
                "severity": "severe",
                "reaction": "Swelling",
            },
        ),
        ("immunisations", {"name": "Influenza", "given": "2025-10-14", "dose": "2", "lot": "AB12"}),
        ("procedures", {"name": "Bypass", "performed": "2026-02-11", "place": "City hospital"}),
        (
            "encounters",
            {
                "name": "Check-up",
                "setting": "clinic",
                "started": "2026-03-02",
                "clinicians": "Dr. Iyer, Dr. Rao",
            },
        ),
    ],
)
async def test_every_list_can_be_written_by_hand_and_its_form_shows_what_was_written(
    browser, asha, name, fields
):
    root = f"/p/{asha.person_id}"
    assert (await filled(browser, f"{root}/record/{name}/new", **fields)).status_code == 303
    one = entry_in(await get(browser, f"{root}/record/{name}"), root, name)
    assert fields["name"] in await get(browser, one)
    form = await get(browser, f"{one}/edit")
    for value in fields.values():
        assert value in form
    assert fields["name"] in await get(browser, f"{root}/record")


async def test_having_no_allergies_is_a_statement(browser, asha):
    root = f"/p/{asha.person_id}"
    await send(browser, await get(browser, f"{root}/record/allergies"), f"{root}/record/allergies/none")
    one = entry_in(await get(browser, f"{root}/record/allergies"), root, "allergies")
    assert "SNOMED CT 716186003" in await get(browser, one)


async def test_what_was_received_is_shown_as_it_came_with_its_versions(browser, asha, database):
    root, id = f"/p/{asha.person_id}", uuid4()
    raw = (
        '{"resourceType":"DiagnosticReport", "id":"%s","status":"final","code":{"text":"Lipids"},"effectiveDateTime":"2026-01",'
        '"contained":[{"resourceType":"Observation","id":"o","status":"final","code":{"text":"LDL"},'
        '"valueQuantity":{"value":3.10,"unit":"mmol/L"},"interpretation":[{"coding":[{"code":"H"}]}]}],"result":[{"reference":"#o"}]}'
    )
    async with asha.transaction() as tx:
        for status in ("final", "amended"):
            now = (raw % id).replace(
                '"status":"final","code":{"text":"Lipids"', f'"status":"{status}","code":{{"text":"Lipids"'
            )
            await service.import_resources(tx, asha.person_id, [Incoming(now, text.read(now))], "hospital")
    page = await get(browser, f"{root}/record/results/{id}")
    assert "3.10 mmol/L" in page
    assert "Above the usual" in page
    assert "2026" in page
    original = await get(browser, f"{root}/record/received/{id}")
    assert '"value": 3.10' in original
    assert f"{root}/record/received/{id}?version=1" in original
    assert '"amended"' not in await get(browser, f"{root}/record/received/{id}?version=1")
    assert "DiagnosticReport" in await get(browser, f"{root}/record/received?type=DiagnosticReport")
    kept = await browser.get(f"/api/v1/people/{asha.person_id}/fhir-resources/{id}?version=1")
    assert kept.content == (raw % id).encode()


async def test_an_empty_record_says_what_to_do_first(browser, asha):
    page = await get(browser, f"/p/{asha.person_id}/record")
    assert f"/p/{asha.person_id}/imports" in page
    assert f"/p/{asha.person_id}/record/conditions/new" in page


async def test_a_reader_sees_and_cannot_write_and_a_stranger_sees_nothing(app, database, asha):
    doctor, stranger = await somebody(database, "Rao"), await somebody(database, "Stranger")
    await shared(asha, doctor, "record")
    path = f"/p/{asha.person_id}/record"
    async with await signed_in(app, asha) as own:
        await filled(own, f"{path}/conditions/new", name="Gout", status="active")
    async with await signed_in(app, doctor) as client:
        page = await get(client, f"{path}/conditions")
        assert "Gout" in page
        assert f"{path}/conditions/new" not in page
        assert (await client.get(f"{path}/conditions/new")).status_code == 403
    async with await signed_in(app, stranger) as client:
        assert (await client.get(f"{path}/conditions")).status_code == 404
        assert (await client.get(f"{path}/diagnoses")).status_code == 404


async def test_a_number_of_a_laboratorys_sheet_is_entered_and_corrected(browser, asha):
    root = f"/p/{asha.person_id}"
    told = {
        "name": "Vitamin D",
        "value": "18",
        "unit": "ng/mL",
        "range": "30 to 100",
        "effective": "2026-03-02",
    }
    saved = await filled(browser, f"{root}/record/results/new", **told, performer="City Lab", notes="fasting")
    assert saved.status_code == 303
    listing = await get(browser, f"{root}/record/results")
    assert "18 ng/mL" in listing
    one = entry_in(listing, root, "results")
    page = await get(browser, one)
    for said in ("18 ng/mL", "30 to 100", "City Lab", "fasting", "2026"):
        assert said in page, said
    form = await get(browser, f"{one}/edit")
    assert 'value="18"' in form
    await send(browser, form, f"{one}/edit", **(told | {"value": "28"}), performer="City Lab")
    assert "28 ng/mL" in await get(browser, one)
    lacking = await filled(browser, f"{root}/record/results/new", name="", value="18")
    assert lacking.status_code == 422


async def test_a_report_keeps_what_its_form_does_not_show(browser, asha):
    value = (
        '{"resourceType":"Observation","id":"%s","status":"final","code":{"text":"%s"},'
        '"valueQuantity":{"value":3.1,"unit":"mmol/L"},"interpretation":[{"coding":[{"code":"H"}]}]}'
    )
    id = uuid4()
    raw = (
        f'{{"resourceType":"DiagnosticReport","id":"{id}","status":"amended","code":{{"text":"Lipids (procedure)",'
        '"coding":[{"system":"http://loinc.org","code":"24331-1"}]},"effectiveDateTime":"2026-03-02T08:30:00+05:30",'
        f'"contained":[{value % ("a", "LDL")},{value % ("b", "Total")}],'
        '"result":[{"reference":"#a"},{"reference":"#b"}]}'
    )
    async with asha.transaction() as tx:
        await service.import_resources(tx, asha.person_id, [Incoming(raw, text.read(raw))], "hospital")
        before = await service.RESULTS.read(tx, asha.person_id, id)
    one = f"/p/{asha.person_id}/record/results/{id}"
    form = await get(browser, f"{one}/edit")
    assert 'value="Lipids"' in form, "what a terminology ends its names with is shown to nobody"
    typed = {"name": "Lipids", "value": "2.9", "unit": "mmol/L", "effective": "2026-03-02"}
    await send(browser, form, f"{one}/edit", **typed)
    async with asha.transaction() as tx:
        after = await service.RESULTS.read(tx, asha.person_id, id)
    assert after.name == "Lipids (procedure)"
    assert (after.codes, after.status, after.effective) == (before.codes, before.status, before.effective)
    values = [(one.name, one.value, one.flag) for one in after.values]
    assert values == [("LDL", "2.9", None), ("Total", "3.1", "H")]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Fracture of forearm (disorder)", "Fracture of forearm"),
        ("Aspirin (substance)", "Aspirin"),
        ("Dialysis (regime/therapy)", "Dialysis"),
        ("Pain (left knee)", "Pain (left knee)"),
        ("(disorder)", "(disorder)"),
    ],
)
def test_a_name_is_said_without_what_a_terminology_ends_it_with(name, said):
    assert everyday(name) == said


@pytest.mark.parametrize("path", ["/record/unicorns", "/record/unicorns/new", f"/record/received/{NOBODYS}"])
async def test_an_address_that_is_not_there_is_said_so(browser, asha, path):
    assert (await browser.get(f"/p/{asha.person_id}{path}")).status_code == 404


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("5.213473764693909", "5.213"),
        ("3.10", "3.10"),
        ("142", "142"),
        ("250000", "250000"),
        ("123456.78", "123457"),
        ("1:64", "1:64"),
        (None, "–"),
        ("0.000123456", "0.0001235"),
        ("<0.01", "<0.01"),
        ("123456E+999999999", "123456E+999999999"),
    ],
)
def test_a_value_shows_the_digits_that_were_measured(value, shown):
    assert said_value(value) == shown
