"""What somebody who means harm tries on a calendar."""

import asyncio
from datetime import timedelta

import pytest
from fastapi import FastAPI

from ojas.features.calendar import service
from ojas.features.calendar.rules import series
from ojas.features.calendar.rules.terms import Detail
from ojas.features.calendar.schemas import LinkDraft
from ojas.features.calendar.service import files, looking
from ojas.features.identity.service import erasing
from ojas.house import features
from ojas.kit.db import Database
from tests.features.calendar.living import planned
from tests.features.morning import at
from tests.features.sharing.cast import Somebody, shared, signed_in, somebody


@pytest.fixture
async def asha(database: Database) -> Somebody:
    return await somebody(database, "Asha")


async def test_nobody_reads_the_calendar_of_a_record_that_waits_to_be_erased(
    app: FastAPI, database: Database, asha: Somebody
) -> None:
    await planned(asha)
    async with asha.transaction() as tx:
        link = await service.open_link(tx, asha.person_id, LinkDraft(name="My phone", detail=Detail.FULL))
    async with await signed_in(app, None) as other:
        assert (await other.get(link.path or "")).status_code == 200
        async with asha.transaction() as tx:
            await erasing.ask_for(tx, features(), asha.person_id)
        assert (await other.get(link.path or "")).status_code == 404
        async with asha.transaction() as tx:
            await erasing.undo_for(tx, features(), asha.person_id)
        assert (await other.get(link.path or "")).status_code == 200


def _file(uid: str) -> bytes:
    return (
        f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\nBEGIN:VEVENT\r\nUID:{uid}\r\nDTSTART:20300301T090000Z\r\n"
        "SUMMARY:Walk\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    ).encode()


@pytest.mark.parametrize("uid", ["12345678-" + "-" * 27 + "@ojas", "12345678-" + "a" * 27 + "@ojas"])
async def test_a_name_that_only_looks_like_ours_is_anybody_elses(asha: Somebody, uid: str) -> None:
    async with asha.transaction() as tx:
        assert (await service.bring(tx, asha.person_id, _file(uid))).added == 1


async def test_who_may_not_see_an_event_does_not_learn_of_it_by_bringing_in_its_name(
    database: Database, asha: Somebody
) -> None:
    devi = await somebody(database, "Devi")
    await shared(asha, devi, "calendar", may_write=True)
    hidden = await planned(asha, title="Clinic", privacy="private")
    async with devi.transaction() as tx:
        found = await service.bring(tx, asha.person_id, _file(f"{hidden.id}@ojas"))
    assert "Clinic" not in str(found)
    async with asha.transaction() as tx:
        assert (await service.EVENTS.read(tx, asha.person_id, hidden.id)).title == "Clinic"


async def test_two_who_plan_the_first_thing_at_once_make_one_calendar(asha: Somebody) -> None:
    await asyncio.gather(*(planned(asha, title=str(n)) for n in range(4)))
    async with asha.transaction() as tx:
        assert len(await service.calendars(tx, asha.person_id)) == 1


async def test_a_calendar_full_of_rules_that_are_slow_to_follow_holds_up_nobody_else(
    monkeypatch: pytest.MonkeyPatch, asha: Somebody
) -> None:
    monkeypatch.setattr(looking, "PATIENCE_S", 1.0)
    monkeypatch.setattr(files, "PATIENCE_S", 4.0)
    slow = "".join(
        f"BEGIN:VEVENT\r\nUID:{n}\r\nDTSTART:19{n:02}0101T090000Z\r\nSUMMARY:{n}\r\n"
        "RRULE:FREQ=DAILY;COUNT=10000;BYMONTH=2;BYMONTHDAY=29\r\nEND:VEVENT\r\n"
        for n in range(20)
    )
    async with asha.transaction() as tx:
        file = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\n{slow}END:VCALENDAR\r\n"
        brought = await service.bring(tx, asha.person_id, file.encode())
    assert 0 < brought.added < 20
    assert {one.field for one in brought.refused} == {"file"}
    series._bounded.cache_clear()
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    begun: list[int] = []
    follow = series.occurrences
    monkeypatch.setattr(
        series, "occurrences", lambda *at, **more: (begun.append(turns), follow(*at, **more))[1]
    )
    waiting = asyncio.create_task(others())
    async with asha.transaction() as tx:
        found = await service.view(tx, asha.person_id, at(0), at(0) + timedelta(days=30))
    waiting.cancel()
    assert found.more
    assert 0 < len(begun) < 20
    assert len(set(begun)) == len(begun), "the others had a turn before each rule"
