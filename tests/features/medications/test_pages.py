"""The daily path on pages, by a browser without script."""

import re
from datetime import time, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest
import time_machine
from psycopg import AsyncCursor

from ojas.features.medications.rules.patterns import AsNeeded, Interval
from ojas.features.medications.rules.stock import Stock
from ojas.kit.db import Database
from tests.browsing import seen, sent
from tests.features.morning import at
from tests.features.sharing.cast import Somebody, somebody

from .living import ONE, daily, look, prescribed, speaking, take_now

FORM = {
    "name": "Metoprolol",
    "strength": "50 mg",
    "amount": "1",
    "unit": "{tablet}",
    "rhythm": "weekly",
    "time_1": "08:00",
    "time_2": "20:00",
    "days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
    "start": "2027-03-01",
    "units": "30",
    "refills": "2",
    "refill": "30",
}


@pytest.fixture
async def asha(database: Database, traveller: time_machine.Traveller) -> Somebody:
    return await somebody(database, "Asha")


async def test_several_are_added_one_after_another(browser: httpx.AsyncClient, asha: Somebody) -> None:
    root = f"/p/{asha.person_id}/medicines"
    page = await seen(browser, f"{root}/new")
    assert re.search(r'name="amount"[^>]* value="1"', page), "what most people would type stands there"
    for name in ("Metoprolol", "Aspirin"):
        next_one = await sent(browser, page, f"{root}/new", **FORM | {"name": name, "again": "1"})
        assert next_one.headers["location"].startswith(f"{root}/new?after=")
        page = await seen(browser, next_one.headers["location"])
        assert f"{name} was added." in page
        assert "No allergies are recorded" in page
        assert re.search(r'name="name"[^>]* value=""', page), "for the next one"
    twice = await sent(browser, page, f"{root}/new", **FORM | {"name": "aspirin"})
    assert "Aspirin is among the medicines already." in twice.text
    listed = await seen(browser, root)
    assert "Metoprolol" in listed
    assert "Aspirin" in listed


async def test_a_medicine_is_added_its_dose_taken_and_taken_back(
    database: Database, browser: httpx.AsyncClient, asha: Somebody, traveller: time_machine.Traveller
) -> None:
    root = f"/p/{asha.person_id}"
    page = await seen(browser, f"{root}/medicines/new")
    answer = await sent(browser, page, f"{root}/medicines/new", **FORM)
    assert answer.status_code == 303, answer.text[-3000:]
    one = answer.headers["location"]
    assert "Interactions were not checked" in await seen(browser, one)
    traveller.move_to(at(8, 1))
    await look(database)
    page = await seen(browser, f"{root}/medicines")
    press = re.search(rf'action="({root}/doses/[^"/]+)"', page)
    assert press
    never = await sent(browser, page, press[1], answer="take", at="9999-12-31T10:00", then=root)
    assert (never.status_code, "Between the years 1900 and 2200." in never.text) == (422, True)
    done = await sent(browser, page, press[1], answer="take", then=root)
    assert done.headers["location"] == root
    late = await sent(browser, page, press[1], answer="skip", reason="unwell", then=root)
    assert late.status_code == 422
    assert "This dose was answered already. Undo that first." in late.text
    assert f'action="{press[1]}/undo"' in late.text, "and that is what it offers"
    page = await seen(browser, f"{root}/medicines")
    assert "Last 30 days: 1 of 1 doses taken, 100\u00a0%." in page
    page = await seen(browser, one)
    assert "1 of 1" in page
    assert "29 tablets" in page
    await sent(browser, page, f"{press[1]}/undo")
    page = await seen(browser, one)
    assert "1 of 1" not in page
    assert "30 tablet" in page


async def test_a_form_that_says_no_time_is_shown_again_with_the_reason_beside_it(
    browser: httpx.AsyncClient, asha: Somebody
) -> None:
    root = f"/p/{asha.person_id}"
    page = await seen(browser, f"{root}/medicines/new")
    answer = await sent(browser, page, f"{root}/medicines/new", **(FORM | {"time_1": "", "time_2": ""}))
    assert answer.status_code == 422
    assert 'id="f-time_1-error"' in answer.text
    assert "Metoprolol" in answer.text


async def test_every_page_of_a_medicine_opens_in_every_language(
    database: Database, browser: httpx.AsyncClient, asha: Somebody, traveller: time_machine.Traveller
) -> None:
    made = await prescribed(asha)
    traveller.move_to(at(8, 10))
    await look(database)
    root = f"/p/{asha.person_id}"
    page = await seen(browser, f"{root}/medicines")
    dose = re.search(rf'action="({root}/doses/[^"/]+)"', page)
    assert dose
    for language in ("hi", "ta", "en"):
        await speaking(asha, language)
        for path in (
            f"{root}/medicines",
            f"{root}/medicines/{made.id}",
            f"{root}/medicines/{made.id}/edit",
            dose[1],
        ):
            assert f'<html lang="{language}"' in await seen(browser, path)


async def test_today_shows_what_is_due_and_takes_the_answer(
    database: Database, browser: httpx.AsyncClient, asha: Somebody, traveller: time_machine.Traveller
) -> None:
    await prescribed(asha)
    traveller.move_to(at(8, 10))
    await look(database)
    root = f"/p/{asha.person_id}"
    page = await seen(browser, root)
    press = re.search(rf'action="({root}/doses/[^"/]+)"', page)
    assert press, "a button that takes it"
    answer = await sent(browser, page, press[1], answer="take", then=root)
    assert answer.headers["location"] == root
    page = await seen(browser, root)
    assert "Noted as taken." in page
    assert not re.search(rf'action="({root}/doses/[^"/]+)"', page)


async def test_a_skipped_dose_stays_on_today_with_its_reason_and_is_taken_back_from_there(
    database: Database, browser: httpx.AsyncClient, asha: Somebody, traveller: time_machine.Traveller
) -> None:
    await prescribed(asha)
    traveller.move_to(at(8, 10))
    await look(database)
    root = f"/p/{asha.person_id}"
    page = await seen(browser, root)
    press = re.search(rf'action="({root}/doses/[^"/]+)"', page)
    assert press
    await sent(browser, page, press[1], answer="skip", reason="run_out", then=root)
    page = await seen(browser, root)
    assert "Skipped: None left" in page
    assert "Nothing is waiting for you." in page
    toast, row = re.findall(
        rf'action="{press[1]}/undo".*?name="then" value="([^"]+)".*?</form>', page, flags=re.DOTALL
    )
    assert toast == row == root
    answer = await sent(browser, page, f"{press[1]}/undo", then=root)
    assert answer.headers["location"] == root
    assert f'action="{press[1]}"' in await seen(browser, root)
    elsewhere = await sent(browser, page, f"{press[1]}", answer="skip", then="https://evil.example")
    assert elsewhere.headers["location"] == "/"
    dose = await seen(browser, f"{press[1]}?then=javascript:alert(1)")
    assert "javascript:" not in dose


async def test_what_was_put_off_fetched_or_changed_is_put_back_by_the_undo_it_offers(
    browser: httpx.AsyncClient, asha: Somebody, traveller: time_machine.Traveller
) -> None:
    stock = Stock(Decimal(5), "{tablet}", refills=2, refill=Decimal(30))
    made = await prescribed(asha, stock=stock)
    one = f"/p/{asha.person_id}/medicines/{made.id}"
    for way, fields, says in (("put-off", {"minutes": "60"}, "21:00"), ("refill", {}, "35 tablets")):
        before = await seen(browser, one)
        assert says not in before
        await sent(browser, before, f"{one}/{way}", **fields)
        page = await seen(browser, one)
        assert says in page
        undo = re.search(rf'action="({one}/put-back[^"]+)"', page)
        assert undo
        assert (await sent(browser, page, undo[1])).headers["location"] == one
        assert says not in await seen(browser, one)
        assert (await sent(browser, page, undo[1])).status_code == 412, "once"


async def test_the_pages_ask_the_database_as_often_for_twelve_medicines_as_for_two(
    browser: httpx.AsyncClient,
    asha: Somebody,
    traveller: time_machine.Traveller,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []
    execute = AsyncCursor.execute

    async def heard(cursor: Any, query: Any, *more: Any, **others: Any) -> Any:
        asked.append(str(query))
        return await execute(cursor, query, *more, **others)

    monkeypatch.setattr(AsyncCursor, "execute", heard)

    async def count(path: str) -> int:
        await seen(browser, path)  # settings and days are reckoned once
        asked.clear()
        await seen(browser, path)
        return len(asked)

    async def prescribe(n: int) -> None:
        hourly = Interval(timedelta(hours=8), time(6), ONE)
        for pattern in (daily(8, 20), hourly, AsNeeded(ONE)):
            made = await prescribed(asha, pattern, name=f"Drug {n}", stock=Stock(Decimal(30), "{tablet}"))
            if isinstance(pattern, AsNeeded):
                await take_now(asha, made)

    root = f"/p/{asha.person_id}"
    pages = (root, f"{root}/medicines", f"{root}/medicines/adherence")
    await prescribe(0)
    traveller.move_to(at(8, 10))
    few = [await count(path) for path in pages]
    for n in range(1, 4):
        await prescribe(n)
    assert [await count(path) for path in pages] == few
