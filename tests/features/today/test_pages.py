"""The first screen, the timeline and the trends of a person with a month of data, by a browser without script."""

import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import numpy as np
import pytest
import time_machine
from fastapi import FastAPI
from sqlalchemy import event
from sqlalchemy import text as sql
from tests.features.emergency.living import pressed
from tests.features.sharing.cast import Somebody, shared, signed_in, somebody

from ojas.features.alarms import service as alarms
from ojas.features.measurements import service as measurements
from ojas.features.measurements.schemas import EntryDraft
from ojas.features.record import service as record
from ojas.features.record.schemas import EncounterDraft, ImmunisationDraft
from ojas.features.signals import service as signals
from ojas.features.signals.schemas import Batch, SourceClass, SourceDraft
from ojas.kit import audit, clock
from ojas.kit.db import Access, Database
from ojas.kit.jobs import Context

HOME = ZoneInfo("Asia/Kolkata")  # what a new account's preferences say
MINUTE = 60_000


async def reading(who: Somebody, kind: str, at: datetime, unit: str, **numbers: str) -> measurements.Reading:
    async with who.transaction() as tx:
        draft = EntryDraft(
            kind=kind, effective_at=at, unit=unit, confirmed=True, **{part: Decimal(n) for part, n in numbers.items()}
        )  # fmt: skip
        return await measurements.enter(tx, who.person_id, draft)


async def worn(who: Somebody, days: int, *, until: date | None = None) -> None:
    """A watch for so many days: a pulse by the quarter hour, steps at noon, a night of seven hours."""
    last = until or clock.now().astimezone(HOME).date()
    noon = [
        datetime(d.year, d.month, d.day, 12, tzinfo=HOME)
        for d in (last - timedelta(days=n) for n in range(1, days + 1))
    ]
    start = np.array([at.timestamp() * 1000 for at in noon])
    beats = np.concatenate([t + np.arange(4) * 15 * MINUTE for t in start])
    night = start - 12 * 60 * MINUTE
    async with who.transaction() as tx:
        await signals.live_in(tx, who.person_id, "Asia/Kolkata")
        watch = await signals.meet(
            tx, who.person_id, SourceDraft(name="Pavai's watch", sort=SourceClass.WATCH)
        )
        await signals.append(tx, who.person_id, watch, "heart_rate", Batch(beats, np.full(len(beats), 72.0)))
        await signals.append(
            tx, who.person_id, watch, "steps", Batch(start, np.full(days, 4200.0), start + 60 * MINUTE)
        )
        await signals.append(
            tx, who.person_id, watch, "sleep", Batch(night, np.full(days, 4.0), night + 7 * 60 * MINUTE)
        )


async def pulse(who: Somebody, at: datetime) -> None:
    """One beat of a heart, as a watch tells it."""
    async with who.transaction() as tx:
        watch = await signals.meet(
            tx, who.person_id, SourceDraft(name="Pavai's watch", sort=SourceClass.WATCH)
        )
        batch = Batch(np.array([at.timestamp() * 1000]), np.array([72.0]))
        await signals.append(tx, who.person_id, watch, "heart_rate", batch)


async def get(browser: httpx.AsyncClient, path: str) -> str:
    response = await browser.get(path)
    assert response.status_code == 200, response.text[:3000]
    return response.text


async def test_the_front_door_leads_to_ones_own_screen_or_to_sign_in(
    app: FastAPI, browser: httpx.AsyncClient, asha: Somebody
) -> None:
    assert (await browser.get("/")).headers["location"] == f"/p/{asha.person_id}"
    async with await signed_in(app, None) as nobody:
        assert (await nobody.get("/")).headers["location"] == "/sign-in"
        asked = await nobody.get(f"/p/{asha.person_id}/trends")
        assert asked.headers["location"].startswith("/sign-in?next=/p/")


async def test_an_empty_screen_says_the_one_thing_to_do_next(
    browser: httpx.AsyncClient, asha: Somebody
) -> None:
    for path in ("", "/timeline", "/trends"):
        text = await get(browser, f"/p/{asha.person_id}{path}")
        assert f"/p/{asha.person_id}/imports" in text
        assert f"/p/{asha.person_id}/add" in text


async def watched(who: Somebody) -> None:
    """What the worker does at once: it looks for danger."""
    while await alarms.LOOK.look(Context(who.database)):
        pass


async def test_what_is_in_danger_stands_first_until_a_better_reading_comes(
    browser: httpx.AsyncClient, asha: Somebody
) -> None:
    now = clock.now()
    await reading(asha, "blood_pressure", now - timedelta(hours=2), "mm[Hg]", systolic="192", diastolic="124")
    await watched(asha)
    text = await get(browser, f"/p/{asha.person_id}")
    assert 'role="alert"' in text
    assert "192/124" in text
    await reading(asha, "blood_pressure", now - timedelta(hours=1), "mm[Hg]", systolic="124", diastolic="78")
    await watched(asha)
    assert 'role="alert"' not in await get(browser, f"/p/{asha.person_id}")


async def test_who_looks_after_others_reads_of_their_danger_on_their_own_screen(
    app: FastAPI, asha: Somebody, database: Database
) -> None:
    daughter, stranger = await somebody(database, "Kavya"), await somebody(database, "Ravi")
    await shared(asha, daughter, "alarms", "emergency", "profile")
    await shared(asha, stranger, "measurements", "profile")
    await reading(asha, "blood_pressure", clock.now(), "mm[Hg]", systolic="192", diastolic="124")
    await watched(asha)
    call, trial = await pressed(asha), await pressed(asha, test=True)
    async with await signed_in(app, daughter) as browser:
        text = await get(browser, f"/p/{daughter.person_id}")
        assert "Asha: A medical emergency" in text
        assert "Asha: Blood pressure" in text
        assert "192/124" in text
        assert f"/p/{asha.person_id}/emergency/alerts/{call.id}" in text
        assert f"/p/{asha.person_id}/alarms/" in text
        assert str(trial.id) not in text
        async with asha.transaction() as tx:
            looks = [one.subjects for one in await audit.entries(tx, asha.person_id, limit=9, by_others=True)]
        assert ["alarms"] in looks
        assert ["emergency-alerts"] in looks
        assert f"/p/{daughter.person_id}/imports" in text, "her own record is empty all the same"
        day = (await browser.get(f"/api/v1/people/{daughter.person_id}/today")).json()
        assert ([one["danger"] for one in day["others"]["alarms"]], day["alarms"]) == ([True, True], [])
        assert "Asha: " not in await get(browser, f"/p/{asha.person_id}"), "there it is the screen itself"
    async with await signed_in(app, stranger) as browser:
        assert "Asha: " not in await get(browser, f"/p/{stranger.person_id}")


async def test_whoever_counts_on_reminders_learns_that_nobody_looks_any_more(
    browser: httpx.AsyncClient, asha: Somebody
) -> None:
    at = f"/p/{asha.person_id}"
    async with asha.transaction() as tx:
        await tx.session.execute(sql("INSERT INTO ticks VALUES ('calls', now() - interval '3 minutes')"))
    assert "stand still" in await get(browser, at)
    watched = await get(browser, f"{at}/alarms")
    assert "Nobody is watching" in watched
    assert "Nothing is wrong" not in watched
    silent = await browser.get("/watchz")
    assert (silent.status_code, silent.json()["status"]) == (503, "standing still")
    async with asha.transaction() as tx:
        await tx.session.execute(sql("DELETE FROM ticks"))
    assert "stand still" not in await get(browser, at)
    assert "Nothing is wrong" in await get(browser, f"{at}/alarms")
    assert (await browser.get("/watchz")).status_code == (await browser.head("/watchz")).status_code == 200


async def test_danger_of_long_ago_alarms_nobody(browser: httpx.AsyncClient, asha: Somebody) -> None:
    at = clock.now() - timedelta(days=9)
    await reading(asha, "blood_pressure", at, "mm[Hg]", systolic="192", diastolic="124")
    await watched(asha)
    assert 'role="alert"' not in await get(browser, f"/p/{asha.person_id}")


async def test_what_is_measured_by_habit_is_asked_for_and_then_done(app: FastAPI, asha: Somebody) -> None:
    evening = clock.now().astimezone(HOME).replace(hour=18, minute=0)
    with time_machine.travel(evening):
        async with await signed_in(app, asha) as browser:
            morning = clock.now() - timedelta(hours=10)
            for n in range(1, 8):
                await reading(asha, "weight", morning - timedelta(days=n), "kg", value="64.5")
            text = await get(browser, f"/p/{asha.person_id}")
            assert f'href="/p/{asha.person_id}/add/weight"' in text
            assert "Not measured yet today" in text
            await reading(asha, "weight", morning, "kg", value="64.1")
            text = await get(browser, f"/p/{asha.person_id}")
            assert "Not measured yet today" not in text
            assert "Done today" in text
            assert "08:00" in text


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", ["Good", "Usually 4,200 steps", "7<small> h"]), ("hi", ["आम तौर पर"]), ("ta", ["வழக்கமாக"])],
)
async def test_tiles_say_how_things_stand_in_the_readers_language(
    app: FastAPI, asha: Somebody, language: str, words: list[str]
) -> None:
    await worn(asha, 20)
    async with await signed_in(app, asha) as browser:
        async with asha.database.transaction(Access.system("sign_in")) as tx:
            await tx.session.execute(
                sql("UPDATE accounts SET preferences = preferences || jsonb_build_object('language', cast(:to AS text))"
                    " WHERE id = :id"),
                {"to": language, "id": asha.account_id},
            )  # fmt: skip
        text = await get(browser, f"/p/{asha.person_id}")
    assert f'<html lang="{language}"' in text
    for said in words:
        assert said in text, said


async def test_a_year_shows_everything_at_once_with_its_finding_summary_and_table(
    browser: httpx.AsyncClient, asha: Somebody
) -> None:
    await worn(asha, 40)
    for n in range(6):
        await reading(asha, "weight", clock.now() - timedelta(days=30 * n + 1), "kg", value=f"{64 + n}")
    text = await get(browser, f"/p/{asha.person_id}/trends?range=1y")
    assert re.findall(r'<figure class="chart" id="chart-([\w-]+)"', text) == [
        "heart-rate",
        "steps",
        "sleep",
        "weight",
    ]
    assert text.count('class="summary"') == text.count("<table>") == text.count('-data">{') == 4
    assert "4,200 steps a day" in text
    assert "7 h 0 min a night" in text
    assert "Pavai's watch" in text
    assert text.count('aria-current="true"') >= 2  # the range, the theme


async def test_every_range_and_theme_is_a_page(browser: httpx.AsyncClient, asha: Somebody) -> None:
    await worn(asha, 3)
    root = f"/p/{asha.person_id}/trends"
    for query in (
        "range=1d",
        "range=1w",
        "range=1m",
        "range=3m",
        "range=all",
        "range=never",
        "show=sleep",
        "show=x",
    ):
        await get(browser, f"{root}?{query}")
    await pulse(asha, clock.now() - timedelta(hours=1))
    for query in ("", "?range=1d", "?range=all"):
        assert "<figure" in await get(browser, f"{root}/heart_rate{query}")
        await get(browser, f"{root}/sleep{query}")
    assert (await browser.get(f"{root}/nothing")).status_code == 404


async def test_a_gap_stays_open_and_says_why(browser: httpx.AsyncClient, asha: Somebody) -> None:
    today = clock.now().astimezone(HOME).date()
    await worn(asha, 5)
    await worn(asha, 5, until=today - timedelta(days=15))
    text = await get(browser, f"/p/{asha.person_id}/trends?range=1m")
    assert "no data was sent" in text
    island = re.search(r'id="chart-heart-rate-data">(.*?)</script>', text)
    assert island
    assert '"y":[72,72,72,72,72,null,72' in island[1]


async def test_where_nothing_comes_any_more_the_page_says_since_when(
    browser: httpx.AsyncClient, asha: Somebody
) -> None:
    today = clock.now().astimezone(HOME).date()
    await worn(asha, 5, until=today - timedelta(days=60))
    text = await get(browser, f"/p/{asha.person_id}/trends?range=1w")
    assert "<figure" not in text
    assert "Nothing in this time. The last came on" in text


async def test_the_timeline_tells_everything_by_day_and_pages(
    browser: httpx.AsyncClient, asha: Somebody
) -> None:
    now = clock.now()
    for n in range(60):
        await reading(asha, "weight", now - timedelta(hours=6 * n + 1), "kg", value="64.5")
    async with asha.transaction() as tx:
        await record.IMMUNISATIONS.create(
            tx, asha.person_id, ImmunisationDraft(name="Influenza", given="2025-10-14")
        )
        await record.ENCOUNTERS.create(
            tx, asha.person_id, EncounterDraft(name="Check-up", started="2025-03-02")
        )
    root = f"/p/{asha.person_id}/timeline"
    first = await get(browser, root)
    assert first.count("64.5 kg") == 50
    assert "Influenza" not in first
    more = re.search(r'rel="next" href="(\?[^"]+)"', first)
    assert more
    second = await get(browser, root + more[1].replace("&amp;", "&"))
    assert second.count("64.5 kg") == 10
    assert "Influenza" in second
    assert second.index("Influenza") < second.index("Check-up")
    only = await get(browser, f"{root}?sort=encounters")
    assert "Check-up" in only
    assert "64.5 kg" not in only
    assert (await browser.get(f"{root}?sort=secrets")).status_code == 422
    assert (await browser.get(f"{root}?cursor=@@")).status_code == 422


async def test_a_doctor_sees_what_is_shared_and_nothing_else(
    app: FastAPI, asha: Somebody, database: Database
) -> None:
    await worn(asha, 10)
    await reading(asha, "weight", clock.now() - timedelta(hours=1), "kg", value="64.5")
    async with asha.transaction() as tx:
        await record.ENCOUNTERS.create(
            tx, asha.person_id, EncounterDraft(name="Secret visit", started="2025-03-02")
        )
    doctor = await somebody(database, "Rao")
    await shared(asha, doctor, "measurements")
    async with await signed_in(app, doctor) as browser:
        root = f"/p/{asha.person_id}"
        text = await get(browser, root)
        assert "64.5" in text
        assert "You are looking at the record of Asha" in text
        assert "4,200" not in text
        assert "/add/weight" not in text
        trends = await get(browser, f"{root}/trends")
        assert "chart-weight" in trends
        assert "chart-steps" not in trends
        assert "Secret visit" not in await get(browser, f"{root}/timeline")
    async with await signed_in(app, await somebody(database, "Stranger")) as browser:
        for path in ("", "/trends", "/timeline", "/trends/steps"):
            assert (await browser.get(f"{root}{path}")).status_code == 404


async def test_programs_ask_for_the_same(app: FastAPI, browser: httpx.AsyncClient, asha: Somebody) -> None:
    await reading(asha, "weight", clock.now() - timedelta(hours=1), "kg", value="64.5")
    day = (await browser.get(f"/api/v1/people/{asha.person_id}/today")).json()
    assert day["tiles"][0]["text"] == "64.5"
    listed = (await browser.get(f"/api/v1/people/{asha.person_id}/timeline?limit=1")).json()
    assert (listed["items"][0]["value"], listed["next"]) == ("64.5 kg", None)
    assert (await browser.get(f"/api/v1/people/{asha.person_id}/timeline?sort=x")).status_code == 422


async def test_the_questions_asked_do_not_grow_with_the_data(
    app: FastAPI, browser: httpx.AsyncClient, asha: Somebody
) -> None:
    async def asked(path: str) -> int:
        count = 0

        def one_more(*_: Any) -> None:
            nonlocal count
            count += 1

        engine = app.state.house.database.engine.sync_engine
        event.listen(engine, "before_cursor_execute", one_more)
        try:
            await get(browser, f"/p/{asha.person_id}{path}")
        finally:
            event.remove(engine, "before_cursor_execute", one_more)
        return count

    await worn(asha, 20)
    await reading(asha, "weight", clock.now() - timedelta(days=1), "kg", value="64.5")
    pages = ("", "/trends", "/timeline")
    for path in pages:
        await asked(path)  # days are reckoned once
    few = [await asked(path) for path in pages]
    await worn(asha, 300)
    for n in range(50):
        await reading(asha, "weight", clock.now() - timedelta(days=n, hours=2), "kg", value="64.5")
    for path in pages:
        await asked(path)
    many = [await asked(path) for path in pages]
    assert all(m <= f + 2 for f, m in zip(few, many, strict=True)), (few, many)
    assert max(many) <= 45, many
