"""What became of doses by day, by hour, by medicine; two devices at once; what was taken before; the list of interactions."""

import asyncio
from datetime import date, time, timedelta
from decimal import Decimal

import httpx
import pytest
import time_machine
from fastapi import FastAPI
from sqlalchemy import text as sql

from ojas.features.medications import service
from ojas.features.medications.pages.adherence import weeks
from ojas.features.medications.pages.showing import turns
from ojas.features.medications.rules import interactions
from ojas.features.medications.rules.amount import DOSE, Amount
from ojas.features.medications.rules.doses import Action, Answer, Reason
from ojas.features.medications.rules.due import Dose
from ojas.features.medications.rules.patterns import AsNeeded, Slot, Step, Taper
from ojas.features.medications.rules.safety import Severity
from ojas.features.medications.rules.words import Status
from ojas.features.medications.schemas import Picture
from ojas.kit import i18n
from ojas.kit.db import Access, Database
from ojas.kit.errors import Incorrect
from tests.features.morning import DAY, at
from tests.features.sharing.cast import Somebody, signed_in, somebody

from .living import ONE, day_of, draft, look, prescribed, speaking, take_now
from .test_lists import LIST
from .test_pages import seen, sent


@pytest.fixture
async def asha(database: Database, traveller: time_machine.Traveller) -> Somebody:
    return await somebody(database, "Asha")


def told(dose: Dose) -> Answer | None:
    """The first day all, the second the morning late and the evening skipped, the third nobody knows."""
    number = (dose.day - (DAY - timedelta(days=3))).days
    if number == 0:
        return Answer(Action.TAKE, dose.at, dose.at)
    if number == 1 and dose.planned.hour == 8:
        return Answer(Action.TAKE, dose.at + timedelta(hours=3), dose.at + timedelta(hours=3))
    return Answer(Action.SKIP, dose.at, dose.at, reason=Reason.RUN_OUT) if number == 1 else None


async def picture(who: Somebody, **more: object) -> Picture:
    async with who.transaction() as tx:
        return await service.picture(tx, who.person_id, DAY - timedelta(days=3), DAY, **more)  # type: ignore[arg-type]


async def lived(who: Somebody) -> None:
    made = await prescribed(who, start=DAY - timedelta(days=3))
    async with who.transaction() as tx:
        assert (
            await service.remember(tx, who.person_id, made.id, at(0, day=DAY - timedelta(days=3)), told) == 6
        )
        assert (
            await service.remember(tx, who.person_id, made.id, at(0, day=DAY - timedelta(days=3)), told) == 6
        )


async def test_what_was_taken_before_is_kept_as_it_was_and_nobody_is_reminded_of_it(
    database: Database, asha: Somebody
) -> None:
    await lived(asha)
    await look(database)
    async with asha.transaction() as tx:
        waiting = await tx.session.scalar(
            sql("SELECT count(*) FROM doses WHERE person_id = :id AND call_at IS NOT NULL"),
            {"id": asha.person_id},
        )
    found = await day_of(asha, at(0, day=DAY - timedelta(days=3)), at(0))
    assert [dose.state.value for dose in found] == ["taken", "taken", "late", "skipped", "missed", "missed"]
    assert waiting == 0, "the last was missed at two in the night"


async def test_a_picture_says_what_became_of_each_day_and_hour(asha: Somebody) -> None:
    await lived(asha)
    found = await picture(asha)
    assert [(one.taken, one.due) for one in found.days] == [(2, 2), (1, 2), (0, 2)]
    assert [(one.hour, one.on_time, one.late, one.skipped, one.missed) for one in found.hours] == [
        (8, 1, 1, 0, 1),
        (20, 1, 0, 1, 1),
    ]
    assert (found.total.percent, found.total.pdc) == (Decimal("50.00"), Decimal("33.33"))
    (one,) = found.medicines
    assert (one.medicine, one.streak, one.longest_streak) == ("Metoprolol", 0, 1)
    month = weeks(date(2027, 2, 1), date(2027, 2, 28), found)
    assert [len(week) for week in month] == [7] * 4
    assert [cell.mark for cell in month[3][4:]] == ["all", "some", "none"]
    assert month[3][5].says.endswith("1 of 2 taken")
    assert month[0][0].mark == "nothing"
    with i18n.use(i18n.Manner(zone="Asia/Kolkata")):
        assert [cell.day for cell in weeks(date(2027, 2, 1), date(2027, 2, 28), found)[0]][:2] == [
            None,
            date(2027, 2, 1),
        ], "there a week begins on Sunday"


async def test_steps_of_a_taper_and_what_is_taken_as_needed_have_their_own_part(asha: Somebody) -> None:
    slot = (Slot(time(8), ONE),)
    taper = await prescribed(
        asha, Taper((Step(1, slot), Step(1), Step(None, slot))), start=DAY - timedelta(days=3)
    )
    async with asha.transaction() as tx:
        await service.remember(tx, asha.person_id, taper.id, at(0, day=DAY - timedelta(days=3)), told)
    needed = await prescribed(
        asha, AsNeeded(ONE, timedelta(hours=4), Amount(Decimal(1), DOSE)), name="Paracetamol"
    )
    await take_now(asha, needed)
    await take_now(asha, needed, confirmed=True)
    by_name = {one.medicine: one for one in (await picture(asha)).medicines}
    assert [(one.step, one.taken, one.due) for one in by_name["Metoprolol"].steps] == [(1, 1, 1), (3, 0, 1)]
    needs = by_name["Paracetamol"]
    assert (needs.as_needed, needs.due, needs.too_soon, needs.over) == (2, 0, 1, 1)


async def test_the_calendar_page_is_there_in_every_language_for_all_and_for_one(
    browser: httpx.AsyncClient, asha: Somebody
) -> None:
    await lived(asha)
    medicine = (await picture(asha)).medicines[0].medicine_id
    here = f"/p/{asha.person_id}/medicines/adherence"
    page = await seen(browser, f"{here}?month=2027-02&medicine={medicine}")
    assert "3 of 6 doses taken" in page
    assert page.count('class="cell some"') == 2, "a day, and the key"
    for language in ("hi", "ta"):
        await speaking(asha, language)
        assert f'<html lang="{language}"' in await seen(browser, here)
    assert (await browser.get(f"{here}?month=2027-13")).status_code == 422
    answer = await browser.get(
        f"/api/v1/people/{asha.person_id}/adherence/picture", params={"last": "2027-03-01"}
    )
    assert [one["hour"] for one in answer.json()["hours"]] == [8, 20]


async def test_two_devices_that_answer_at_once_answer_once(
    app: FastAPI, database: Database, asha: Somebody, traveller: time_machine.Traveller
) -> None:
    await prescribed(asha)
    traveller.move_to(at(8, 5))
    (dose,) = await day_of(asha, at(8), at(9))  # no row yet: both would make it
    path = f"/api/v1/people/{asha.person_id}/doses/{dose.id}/answer"
    phones = [await signed_in(app, asha) for _ in range(6)]
    body = {"action": "take"}
    answers = await asyncio.gather(*(phone.post(path, json=body) for phone in phones))
    assert [one.status_code for one in answers] == [200] * 6
    assert len({one.text for one in answers}) == 1
    skip = {"action": "skip", "reason": "unwell"}
    both = await asyncio.gather(phones[0].post(path, json=body), phones[1].post(path, json=skip))
    assert [one.status_code for one in both] == [200, 409]
    async with asha.transaction() as tx:
        rows = (await tx.session.execute(
            sql("SELECT version FROM doses WHERE person_id = :p"), {"p": asha.person_id})).all()  # fmt: skip
        changes = await tx.session.scalar(
            sql(
                "SELECT count(*) FROM audit_events WHERE person_id = :p AND subjects = '{doses}' AND action = 'change'"
            ),
            {"p": asha.person_id},
        )
    assert [row[0] for row in rows] == [2], "one answer"
    assert changes == 1
    for phone in phones:
        await phone.aclose()


async def test_a_dose_of_somebody_else_is_none_of_ours_and_endless_numbers_are_no_amount(
    app: FastAPI, database: Database, asha: Somebody, traveller: time_machine.Traveller
) -> None:
    await prescribed(asha)
    traveller.move_to(at(8, 5))
    (dose,) = await day_of(asha, at(8), at(9))
    ravi = await somebody(database, "Ravi")
    async with await signed_in(app, ravi) as browser:
        for person in (asha.person_id, ravi.person_id):
            path = f"/api/v1/people/{person}/doses/{dose.id}/answer"
            assert (await browser.post(path, json={"action": "take"})).status_code == 404
    async with await signed_in(app, asha) as browser:
        path = f"/api/v1/people/{asha.person_id}/doses/{dose.id}/answer"
        for value in ("9" * 4000, "1e400", "NaN", "-1", "0"):
            body = {"action": "take", "amount": {"value": value, "unit": "{tablet}"}}
            refused = await browser.post(path, json=body)
            assert refused.status_code == 422, refused.text
            assert (
                "amount" in refused.json()["errors"][0]["field"]
                or "value" in refused.json()["errors"][0]["field"]
            )
    async with asha.transaction() as tx:
        kept = await service.dose(tx, asha.person_id, dose.id)
    assert kept.state.value == "due", "nothing of it was kept"


async def test_a_dose_is_answered_on_its_page_with_when_how_much_and_what_was_felt(
    app: FastAPI, database: Database, asha: Somebody, traveller: time_machine.Traveller
) -> None:
    await prescribed(asha)
    traveller.move_to(at(9))
    await look(database)
    (dose,) = await day_of(asha, at(8), at(9))
    here = f"/p/{asha.person_id}/doses/{dose.id}"
    browser = await signed_in(app, asha)
    page = await seen(browser, here)
    refused = await sent(browser, page, here, answer="take", at="2027-03-01T10:00", notes="Soon")
    assert refused.status_code == 422
    assert 'id="f-at-error"' in refused.text
    assert "Soon" in refused.text
    await sent(browser, page, here, answer="take", at="2027-03-01T08:15", amount="2", unit="{tablet}",
               side_effects="Dizzy")  # fmt: skip
    async with asha.transaction() as tx:
        kept = await service.dose(tx, asha.person_id, dose.id)
    assert (kept.answered_at, kept.amount, kept.side_effects) == (
        at(8, 15),
        Amount(Decimal(2), "{tablet}"),
        "Dizzy",
    )


async def test_the_rest_of_today_is_put_off_on_its_page_and_its_state_has_a_history(
    app: FastAPI, browser: httpx.AsyncClient, asha: Somebody, traveller: time_machine.Traveller
) -> None:
    made = await prescribed(asha)
    here = f"/p/{asha.person_id}/medicines/{made.id}"
    page = await seen(browser, here)
    await sent(browser, page, f"{here}/put-off", minutes="60")
    assert [dose.at for dose in await day_of(asha, at(7), at(23))] == [at(9), at(21)]
    too_far = await sent(browser, page, f"{here}/put-off", minutes="720")
    assert too_far.status_code == 422
    assert "beyond the next one" in too_far.text
    paused = draft(status=Status.PAUSED, status_reason="Before the operation")
    traveller.move_to(at(10))
    async with asha.transaction() as tx:
        await service.MEDICINES.change(tx, asha.person_id, made.id, paused)
        await service.MEDICINES.change(
            tx, asha.person_id, made.id, paused.model_copy(update={"purpose": "Heart"})
        )
        medicine = await service.MEDICINES.read(tx, asha.person_id, made.id)
        history = await service.MEDICINES.history(tx, asha.person_id, made.id)
    found = turns(medicine, history)
    assert [(turn.at, turn.says, turn.reason) for turn in found] == [
        (at(10), "Paused", "Before the operation"),
        (at(7, 30), "Being taken", None),
    ]
    assert "Before the operation" in await seen(await signed_in(app, asha), here)


async def test_a_list_that_is_loaded_finds_pairs_by_any_name_and_one_that_fails_leaves_the_old(
    database: Database, asha: Somebody
) -> None:
    async def load(lines: str, version: str) -> None:
        async with database.transaction(Access.system("interactions")) as tx:
            pairs = interactions.read(lines.splitlines())
            await service.load_interactions(tx, pairs, source="A test's own list", version=version)

    await prescribed(asha, name="Warf 5", ingredients=("warfarin sodium",))
    try:
        await load(LIST, "1")
        with pytest.raises(Incorrect):
            await load(LIST + "aspirin", "2")
        async with asha.transaction() as tx:
            with pytest.raises(Exception, match="row-level security"):
                async with tx.session.begin_nested():
                    await tx.session.execute(
                        sql("INSERT INTO interactions VALUES ('a', 'b', 'major', 'x', '')")
                    )
            new = draft(name="Brufen", ingredients=("Ibuprofen", "Paracetamol"))
            found = (await service.safety_of(tx, asha.person_id, new)).interactions
        assert (found.looked, found.source, found.version) == (True, "A test's own list", "1")
        assert [(one.ingredient, one.severity) for one in found.found] == [
            ("Ibuprofen", Severity.MAJOR),
            ("Paracetamol", Severity.MINOR),
        ]
        assert found.found[0].says == (
            "Taken together, Ibuprofen and warfarin sodium (Warf 5): Bleeding is more likely."
        )
    finally:
        async with database.transaction(Access.system("interactions")) as tx:
            await service.drop_interactions(tx)
            assert await service.interaction_list(tx) is None
