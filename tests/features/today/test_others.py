"""A daughter's own first screen: what is with those she looks after, by a browser without script."""

import re
from datetime import timedelta
from typing import Any

import httpx
import pytest
import time_machine
from fastapi import FastAPI
from psycopg import AsyncCursor
from sqlalchemy import text as sql
from tests.browsing import seen, sent
from tests.features.emergency.living import pressed
from tests.features.medications.living import answer, daily, day_of, look, prescribed
from tests.features.morning import at
from tests.features.sharing.cast import Somebody, shared, signed_in, somebody

from ojas.features.medications.rules.doses import Action
from ojas.kit import audit
from ojas.kit.db import Access, Database

WORKING = {"purpose": "FAMRQT", "may_write": True}


@pytest.fixture
async def kavya(database: Database, traveller: time_machine.Traveller) -> Somebody:
    return await somebody(database, "Kavya")


async def mother(database: Database, name: str, kavya: Somebody, **more: Any) -> Somebody:
    """Somebody with medicines at 8 and 20, who shares them."""
    found = await somebody(database, name)
    await shared(found, kavya, "medications", **(WORKING | more))
    await prescribed(found, daily(8, 20))
    return found


def names(text: str) -> list[str]:
    """Whose doses stand on a page, in order, and whether they can be answered there."""
    rows = re.findall(r'<li>\s*<a class="row" href="/p/[^/]+/doses/.*?</li>', text, re.DOTALL)
    return [f"{re.findall(r'<span>(.*?)</span>', row)[0]}{' !' if 'answer' in row else ''}" for row in rows]


async def test_a_dose_of_hers_is_answered_on_the_daughters_screen_and_leads_back_there(
    app: FastAPI, database: Database, kavya: Somebody, traveller: time_machine.Traveller
) -> None:
    amma = await mother(database, "Amma", kavya)
    await mother(database, "Appa", kavya, may_write=False)
    await mother(database, "Patient", kavya, purpose="TREAT")
    await shared(await somebody(database, "Uncle"), kavya, "measurements", **WORKING)
    home = f"/p/{kavya.person_id}"
    async with await signed_in(app, kavya) as browser:
        assert "Metoprolol" not in await seen(browser, home), "nothing is due yet"
        traveller.move_to(at(8, 1))
        await look(database)
        page = await seen(browser, home)
        assert names(page) == ["Amma: Metoprolol !", "Appa: Metoprolol"]
        assert "Nothing is waiting for you" not in page
        (dose,) = (d for d in await day_of(amma, at(0), at(9)) if d.state == "due")
        here = f"/p/{amma.person_id}/doses/{dose.id}"
        assert f'href="{here}?then={home}#skip"' in page
        done = await sent(browser, page, here, answer="take", then=home)
        assert done.headers["location"] == home
        page = await seen(browser, home)
        assert f'action="{here}/undo"' in page
        assert names(page) == ["Appa: Metoprolol"]
        assert [d.state for d in await day_of(amma, at(0), at(9))] == ["taken"]
        back = await sent(browser, page, f"{here}/undo", then=home)
        assert back.headers["location"] == home
    for moment, known in (
        (at(19), ["Amma: Metoprolol", "Appa: Metoprolol"]),
        (at(7) + timedelta(days=1), []),
    ):
        traveller.move_to(moment)
        async with await signed_in(app, kavya) as browser:
            page = await seen(browser, home)
            assert names(page) == known, "what was missed today may still be told"
            assert ("Missed" in page) == bool(known)
    async with amma.transaction() as tx:
        assert ["doses"] in [
            one.subjects for one in await audit.entries(tx, amma.person_id, limit=9, by_others=True)
        ]


async def test_a_few_stand_on_the_first_screen_and_the_rest_one_tap_away_at_the_same_cost(
    app: FastAPI, database: Database, kavya: Somebody, traveller: time_machine.Traveller
) -> None:
    mothers = [await mother(database, f"Person {n}", kavya) for n in range(9)]
    home = f"/p/{kavya.person_id}"
    async with await signed_in(app, kavya) as browser:
        traveller.move_to(at(8, 1))
        await look(database)
        for who in mothers[1:]:
            await shared(who, kavya, "emergency", **WORKING)
            await pressed(who)
        page = await seen(browser, home)
        assert len(names(page)) == 5
        assert "4 more doses" in page
        assert "Something is wrong with 3 more people you look after." in page
        assert page.count('role="alert"') == 5
        few = await statements(browser, home)
        everything = await seen(browser, f"{home}/others")
        assert (len(names(everything)), everything.count('role="alert"')) == (9, 8)
        assert (await browser.get(f"/p/{mothers[0].person_id}/others")).status_code == 403
        for who in mothers[:4]:
            (dose,) = (one for one in await day_of(who, at(0), at(9)) if one.state == "due")
            await answer(who, dose, Action.TAKE)
        assert await statements(browser, home) == few, "it costs what it shows"


async def statements(browser: httpx.AsyncClient, path: str) -> int:
    count, plain = 0, AsyncCursor.execute

    async def counted(cursor: Any, *asked: Any, **more: Any) -> Any:
        nonlocal count
        count += 1
        return await plain(cursor, *asked, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(AsyncCursor, "execute", counted)
        await seen(browser, path)
    return count


async def test_what_cannot_be_read_of_one_is_said_and_hides_nobody_elses(
    app: FastAPI, database: Database, kavya: Somebody, traveller: time_machine.Traveller
) -> None:
    amma, appa, aunt = [await mother(database, name, kavya) for name in ("Amma", "Appa", "Aunt")]
    traveller.move_to(at(8, 1))
    await look(database)
    await damaged(amma, "doses")
    await damaged(aunt, "profiles")
    home = f"/p/{kavya.person_id}"
    async with await signed_in(app, kavya) as browser:
        page = await seen(browser, home)
    assert names(page) == ["Appa: Metoprolol !", "Somebody you look after: Metoprolol !"]
    assert "Something of Amma cannot be read." in page
    assert f'href="/p/{amma.person_id}"' in page
    assert appa.name in page


async def damaged(who: Somebody, table: str) -> None:
    """As a failing disk, or a wrong restore, leaves it."""
    async with who.database.transaction(Access.of(who.person_id)) as tx:
        await tx.session.execute(
            sql(f"UPDATE {table} SET sealed = overlay(sealed placing '\\x00000000'::bytea from 25) WHERE person_id = :id"),
            {"id": who.person_id},
        )  # fmt: skip


async def test_a_new_account_is_offered_to_add_somebody_to_look_after(app: FastAPI, kavya: Somebody) -> None:
    async with await signed_in(app, kavya) as browser:
        assert 'href="/people/new"' in await seen(browser, f"/p/{kavya.person_id}")
