"""The pages of measurements, by a browser without script."""

import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from tests.features.sharing.cast import Somebody, shared, signed_in, somebody

from ojas.features.identity import service as identity
from ojas.features.identity.schemas import ProfileDraft
from ojas.features.measurements import service
from ojas.kit import clock
from ojas.kit.db import Database


async def get(browser: httpx.AsyncClient, path: str) -> str:
    response = await browser.get(path)
    assert response.status_code == 200, response.text[:2000]
    return response.text


async def send(browser: httpx.AsyncClient, page: str, path: str, **fields: Any) -> httpx.Response:
    """Post a form as the page would, with its token and hidden fields."""
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    return await browser.post(path, data=hidden | fields)


def wall(minutes_ago: int = 5) -> str:
    return (
        (clock.now() - timedelta(minutes=minutes_ago)).astimezone(service_zone()).strftime("%Y-%m-%dT%H:%M")
    )


def service_zone() -> Any:
    from zoneinfo import ZoneInfo

    return ZoneInfo("Asia/Kolkata")  # what a new account's preferences say


async def enter(browser: httpx.AsyncClient, root: str, kind: str, **fields: Any) -> httpx.Response:
    page = await get(browser, f"{root}/add/{kind}")
    return await send(browser, page, f"{root}/add/{kind}", **({"effective_at": wall()} | fields))


@pytest.mark.parametrize("language", ["en", "hi", "ta"])
async def test_a_blood_pressure_is_entered_seen_corrected_deleted_and_brought_back(
    browser: httpx.AsyncClient, asha: Somebody, language: str
) -> None:
    root = f"/p/{asha.person_id}"
    await get(browser, f"{root}/add?lang={language}")
    saved = await enter(
        browser, root, "blood_pressure", systolic="138", diastolic="86", unit="mm[Hg]", notes="rested"
    )
    assert saved.status_code == 303
    assert re.fullmatch(rf"{root}/readings/blood_pressure#r-[0-9a-f-]+", saved.headers["location"])
    listing = await get(browser, saved.headers["location"])
    assert "138/86" in listing
    one = re.search(rf"{root}/readings/blood_pressure/[0-9a-f-]+", listing)
    assert one
    page = await get(browser, one[0])
    assert "rested" in page
    form = await get(browser, f"{one[0]}/change")
    assert 'value="138"' in form
    corrected = await send(
        browser, form, f"{one[0]}/change", systolic="128", diastolic="86", unit="mm[Hg]", effective_at=wall()
    )
    assert corrected.status_code == 303
    page = await get(browser, one[0])
    assert "128/86" in page
    assert "138/86" in page  # in its history
    deleted = await send(browser, page, f"{one[0]}/delete")
    assert deleted.status_code == 303
    listing = await get(browser, deleted.headers["location"])
    assert "128/86" not in listing
    back = await send(browser, listing, f"{one[0]}/restore")
    assert back.status_code == 303
    assert "128/86" in await get(browser, f"{root}/readings/blood_pressure")


async def test_what_is_wrong_is_said_beside_its_field_and_what_was_typed_stays(
    browser: httpx.AsyncClient, asha: Somebody
) -> None:
    answer = await enter(
        browser, f"/p/{asha.person_id}", "blood_pressure", systolic="80", diastolic="120", unit="mm[Hg]"
    )
    assert answer.status_code == 422
    assert "The upper number must be larger than the lower one." in answer.text
    assert 'id="f-systolic-error"' in answer.text
    assert 'value="120"' in answer.text


async def test_a_form_without_its_time_or_number_says_so(browser: httpx.AsyncClient, asha: Somebody) -> None:
    answer = await enter(browser, f"/p/{asha.person_id}", "weight", unit="kg", value="heavy", effective_at="")
    assert answer.status_code == 422
    assert answer.text.count("This is") >= 2


async def test_a_likely_slip_is_asked_about_with_the_unit_that_was_meant(
    browser: httpx.AsyncClient, asha: Somebody
) -> None:
    root = f"/p/{asha.person_id}"
    await enter(browser, root, "weight", value="70", unit="kg")
    asked = await enter(browser, root, "weight", value="154", unit="kg")
    assert asked.status_code == 422
    assert "I meant 154 lb" in asked.text
    assert "Yes, 154 kg is right" in asked.text
    told = await send(
        browser,
        asked.text,
        f"{root}/add/weight",
        value="154",
        unit="kg",
        meant="[lb_av]",
        effective_at=wall(),
    )
    assert told.status_code == 303
    assert "69.9" in await get(browser, f"{root}/readings/weight")


async def test_the_last_unit_is_remembered(browser: httpx.AsyncClient, asha: Somebody) -> None:
    root = f"/p/{asha.person_id}"
    await enter(browser, root, "weight", value="154", unit="[lb_av]")
    assert re.search(r'value="\[lb_av\]" selected', await get(browser, f"{root}/add/weight"))


async def test_a_form_sent_twice_adds_one_reading(browser: httpx.AsyncClient, asha: Somebody) -> None:
    root = f"/p/{asha.person_id}"
    page = await get(browser, f"{root}/add/weight")
    for _ in range(2):
        answer = await send(browser, page, f"{root}/add/weight", value="70", unit="kg", effective_at=wall())
        assert answer.status_code == 303
    async with asha.transaction() as tx:
        assert (await service.counts(tx, asha.person_id)) == {"weight": 1}


async def test_the_band_is_shown_while_one_types(browser: httpx.AsyncClient, asha: Somebody) -> None:
    root = f"/p/{asha.person_id}"
    page = await get(browser, f"{root}/add/blood_pressure")
    fields = {"systolic": "150", "diastolic": "95", "unit": "mm[Hg]", "effective_at": wall()}
    answer = await send(browser, page, f"{root}/add/blood_pressure/band", **fields)
    assert "High, stage 2" in answer.text
    assert "<html" not in answer.text
    half = await send(browser, page, f"{root}/add/blood_pressure/band", **(fields | {"diastolic": ""}))
    assert half.status_code == 200
    assert "High" not in half.text


async def test_a_dangerous_value_leads_to_what_to_do(browser: httpx.AsyncClient, asha: Somebody) -> None:
    root = f"/p/{asha.person_id}"
    answer = await enter(browser, root, "oxygen_saturation", value="86", unit="%")
    assert re.fullmatch(rf"{root}/readings/oxygen_saturation/[0-9a-f-]+", answer.headers["location"])
    assert 'role="alert"' in await get(browser, answer.headers["location"])


async def test_what_the_care_team_told_becomes_the_range(browser: httpx.AsyncClient, asha: Somebody) -> None:
    root = f"/p/{asha.person_id}"
    here = f"{root}/readings/blood_pressure"
    await enter(browser, root, "blood_pressure", systolic="138", diastolic="78", unit="mm[Hg]")
    assert "High, stage 1" in await get(browser, here)
    page = await get(browser, f"{here}/range")
    wrong = await send(browser, page, f"{here}/range", **{"systolic.low": "150", "systolic.high": "100"})
    assert wrong.status_code == 422
    assert 'id="f-systolic-low-error"' in wrong.text
    assert 'value="150"' in wrong.text
    told = {"systolic.low": "100", "systolic.high": "140", "told_by": "Dr Rao"}
    right = await send(browser, page, f"{here}/range", **told)
    assert right.status_code == 303
    assert "In your range" in await get(browser, here)
    again = await get(browser, f"{here}/range")
    assert 'value="140"' in again
    assert "Dr Rao" in again
    await send(browser, page, f"{here}/range")
    assert "High, stage 1" in await get(browser, here)


async def test_a_chart_says_its_finding_and_has_its_numbers(
    browser: httpx.AsyncClient, asha: Somebody
) -> None:
    async with asha.transaction() as tx:
        rows = [
            service.Incoming(
                "weight", {"value": Decimal(80 - day // 10)}, "kg", clock.now() - timedelta(days=80 - day)
            )
            for day in range(80)
        ]
        await service.import_readings(tx, asha.person_id, rows, source="test")
    page = await get(browser, f"/p/{asha.person_id}/readings/weight")
    assert re.search(r"Down 7\.0 since ", page)
    assert "80 readings from" in page
    overview = await get(browser, f"/p/{asha.person_id}/readings")
    assert "73.0" in overview
    assert '<svg class="spark' in overview


async def test_a_body_mass_index_is_worked_out_from_weight_and_height(
    browser: httpx.AsyncClient, asha: Somebody
) -> None:
    root = f"/p/{asha.person_id}"
    await enter(browser, root, "weight", value="80", unit="kg")
    await enter(browser, root, "height", value="175", unit="cm")
    page = await get(browser, f"{root}/readings")
    assert "26.1" in page
    assert "Overweight" in page


async def test_steps_are_drawn_by_day(browser: httpx.AsyncClient, asha: Somebody) -> None:
    async with asha.transaction() as tx:
        rows = [
            service.Incoming(
                "steps", {"value": Decimal(1000)}, "1", clock.now() - timedelta(days=1, minutes=minute)
            )
            for minute in range(3)
        ]
        await service.import_readings(tx, asha.person_id, rows, source="watch")
    assert "a day" in await get(browser, f"/p/{asha.person_id}/readings/steps")


async def test_one_who_may_only_look_finds_nothing_to_press(
    app: FastAPI, database: Database, asha: Somebody
) -> None:
    doctor = await somebody(database, "Rao")
    await shared(asha, doctor, "measurements")
    root = f"/p/{asha.person_id}"
    async with await signed_in(app, asha) as own:
        await enter(own, root, "weight", value="70", unit="kg")
    async with await signed_in(app, doctor) as browser:
        page = await get(browser, f"{root}/readings/weight")
        assert "70.0" in page
        assert "/add/weight" not in page
        assert (await browser.get(f"{root}/add/weight")).status_code == 403


async def test_a_stranger_finds_nothing(app: FastAPI, database: Database, asha: Somebody) -> None:
    stranger = await somebody(database, "Stranger")
    async with await signed_in(app, stranger) as browser:
        for path in ("readings", "readings/weight", "add", "add/weight", "readings/weight/range"):
            assert (await browser.get(f"/p/{asha.person_id}/{path}")).status_code == 404, path


async def test_an_unknown_kind_is_nothing_at_this_address(browser: httpx.AsyncClient, asha: Somebody) -> None:
    assert (await browser.get(f"/p/{asha.person_id}/readings/aura")).status_code == 404
    assert (await browser.get(f"/p/{asha.person_id}/add/hrv_sdnn")).status_code == 404


@pytest.mark.parametrize(
    "kind", [name for name, kind in service.CATALOGUE.items() if kind.entry.value == "person"]
)
async def test_every_kind_has_a_form(browser: httpx.AsyncClient, asha: Somebody, kind: str) -> None:
    page = await get(browser, f"/p/{asha.person_id}/add/{kind}")
    assert 'inputmode="' in page


async def test_correcting_what_came_in_grams_begins_with_kilograms_and_keeps_its_second(
    browser: httpx.AsyncClient, asha: Somebody
) -> None:
    at = clock.now().replace(second=37, microsecond=0) - timedelta(hours=2)
    row = service.Incoming("weight", {"value": Decimal(70500)}, "g", at, zone="Asia/Kolkata")
    async with asha.transaction() as tx:
        await service.import_readings(tx, asha.person_id, [row], source="scale")
        (reading,) = (await service.page(tx, asha.person_id)).items
    here = f"/p/{asha.person_id}/readings/weight/{reading.id}"
    form = await get(browser, f"{here}/change")
    assert 'value="70.5"' in form
    assert re.search(r'value="kg" selected', form)
    shown = re.search(r'name="effective_at"[^>]* value="([^"]+)"', form)
    assert shown
    fields = {"value": "70.4", "unit": "kg", "effective_at": shown[1]}
    assert (await send(browser, form, f"{here}/change", **fields)).status_code == 303
    async with asha.transaction() as tx:
        after = await service.read(tx, asha.person_id, reading.id)
    assert (after.value, after.effective_at, after.source) == (Decimal("70.4"), at, "scale")


@pytest.mark.parametrize(("born", "says"), [("2018-05-01", True), ("1961-05-01", False)])
async def test_a_childs_pressure_says_why_it_has_no_band(
    browser: httpx.AsyncClient, asha: Somebody, born: str, says: bool
) -> None:
    async with asha.transaction() as tx:
        draft = ProfileDraft(name="Anu", date_of_birth=date.fromisoformat(born))
        await identity.change_profile(tx, asha.person_id, draft)
    root = f"/p/{asha.person_id}"
    why = "Under 18 what is usual depends on age and height"
    saved = await enter(browser, root, "blood_pressure", systolic="104", diastolic="66", unit="mm[Hg]")
    listing = await get(browser, saved.headers["location"])
    assert (why in listing) == says
    one = re.search(rf"{root}/readings/blood_pressure/[0-9a-f-]{{36}}", listing)
    assert one
    assert (why in await get(browser, one[0])) == says
    form = await get(browser, f"{root}/add/blood_pressure")
    typed = {"systolic": "104", "diastolic": "66", "unit": "mm[Hg]", "effective_at": wall()}
    live = await send(browser, form, f"{root}/add/blood_pressure/band", **typed)
    assert (why in live.text) == says
