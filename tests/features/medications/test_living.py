"""A medicine is added; at its minute a dose is there and said; it is answered, once; adherence is right the same second."""

import asyncio
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine

from ojas.features.identity import service as identity
from ojas.features.medications import queries, service
from ojas.features.medications.models import Dose as DoseRow
from ojas.features.medications.models import Medicine as MedicineRow
from ojas.features.medications.rules.amount import DOSE, Amount
from ojas.features.medications.rules.doses import Action, Reason
from ojas.features.medications.rules.patterns import AsNeeded, Interval
from ojas.features.medications.rules.stock import Stock
from ojas.features.medications.rules.words import Status
from ojas.features.medications.schemas import AnswerDraft, MedicineDraft
from ojas.features.notifications import service as notifications
from ojas.features.sharing.rules import Kind
from ojas.kit.db import Access, Database
from ojas.kit.errors import Conflict, Forbidden, Incorrect, NotFound
from ojas.kit.i18n import Manner, use
from ojas.kit.ids import new_id
from ojas.kit.jobs import JOBS, Context, run
from tests.features.morning import DAY, HOME, at
from tests.features.sharing.cast import Somebody, shared, somebody

from .living import ONE, answer, daily, day_of, draft, look, messages, prescribed, states, take_now

NEW_YORK = ZoneInfo("America/New_York")


@pytest.fixture
async def asha(database: Database, traveller: time_machine.Traveller) -> Somebody:
    return await somebody(database, "Asha")


async def change(who: Somebody, id: Any, wanted: MedicineDraft) -> None:
    async with who.transaction() as tx:
        await service.MEDICINES.change(tx, who.person_id, id, wanted)


async def rows_of(who: Somebody) -> list[DoseRow]:
    async with who.transaction() as tx:
        return list(await queries.all_doses(tx, who.person_id))


async def next_due(who: Somebody, id: Any) -> Any:
    async with who.transaction() as tx:
        row = await queries.medicine(tx, who.person_id, id)
    assert row is not None
    return row.next_due_at


async def test_at_its_minute_a_dose_is_there_and_is_said(
    database: Database, asha: Somebody, traveller: time_machine.Traveller
) -> None:
    await prescribed(asha)
    await look(database)
    assert await messages(asha) == []
    assert await rows_of(asha) == []
    traveller.move_to(at(8))
    await look(database)
    (said,) = await messages(asha)
    assert "Metoprolol" in said.text
    assert "Metoprolol" not in said.title, "a title may stand on a locked screen"
    assert states(await day_of(asha, at(0), at(23))) == ["due", "upcoming"]


async def test_it_is_said_in_the_language_of_whoever_reads_it(
    database: Database, asha: Somebody, traveller: time_machine.Traveller
) -> None:
    await prescribed(asha)
    traveller.move_to(at(8))
    await look(database)
    with use(Manner("ta", "Asia/Kolkata", time_format="24h")):
        (said,) = await messages(asha)
    assert said.title == "மருந்து எடுக்கும் நேரம்"
    assert "08:00" in said.text


async def test_a_dose_answered_on_another_page_waits_in_no_message(
    database: Database, asha: Somebody, traveller: time_machine.Traveller
) -> None:
    await prescribed(asha)
    await prescribed(asha, name="Aspirin")
    traveller.move_to(at(8))
    await look(database)
    first, second = [one for one in await day_of(asha, at(0), at(12)) if one.at == at(8)]
    for dose, action in ((first, Action.TAKE), (second, Action.SKIP)):
        (said,) = await messages(asha)
        assert (said.answer, len(said.actions)) == (None, 3)
        await answer(asha, dose, action)
    (said,) = await messages(asha)
    assert (said.answer, said.actions) == ("Taken, Skipped", [])
    await answer(asha, first, Action.UNDO)
    (said,) = await messages(asha)
    assert (said.answer, len(said.actions)) == (None, 3)


@pytest.mark.parametrize(
    ("action", "state"),
    [("medications.take", "taken"), ("medications.skip", "skipped"), ("medications.snooze", "snoozed")],
)
async def test_it_is_answered_from_the_message_itself(
    database: Database, asha: Somebody, traveller: time_machine.Traveller, action: str, state: str
) -> None:
    await prescribed(asha)
    traveller.move_to(at(8))
    await look(database)
    (said,) = await messages(asha)
    assert [one.label for one in said.actions] == ["Taken", "In 10 minutes", "Skip it"]
    async with asha.transaction() as tx:
        words = await notifications.do(tx, asha.account_id, said.id, action)
    assert words.says
    assert states(await day_of(asha, at(0), at(12))) == [state]
    traveller.move_to(at(8, 10))
    await look(database)
    assert len(await messages(asha)) == (2 if state == "snoozed" else 1)


async def test_taken_twice_is_taken_once_and_counts_the_same_second(
    database: Database, asha: Somebody, traveller: time_machine.Traveller
) -> None:
    medicine = await prescribed(asha)
    traveller.move_to(at(8, 5))
    await look(database)
    due = (await day_of(asha, at(0), at(23)))[0]
    first = await answer(asha, due, Action.TAKE)
    traveller.shift(timedelta(minutes=5))
    assert await answer(asha, due, Action.TAKE) == first
    async with asha.transaction() as tx:
        found = await service.adherence(tx, asha.person_id, DAY, DAY, medicine.id)
    assert (found.taken, found.due) == (1, 1)
    assert found.percent == 100


async def test_taken_and_skipped_contradict_each_other_until_one_is_undone(
    database: Database, asha: Somebody, traveller: time_machine.Traveller
) -> None:
    await prescribed(asha)
    traveller.move_to(at(8, 5))
    await look(database)
    due = (await day_of(asha, at(0), at(23)))[0]
    await answer(asha, due, Action.TAKE)
    with pytest.raises(Conflict):
        await answer(asha, due, Action.SKIP)
    assert (await answer(asha, due, Action.UNDO)).state == "due"
    skipped = await answer(asha, due, Action.SKIP, reason=Reason.RUN_OUT, notes="The shop was shut.")
    assert (skipped.state, skipped.reason, skipped.notes) == ("skipped", Reason.RUN_OUT, "The shop was shut.")


async def test_a_dose_left_out_on_a_doctors_word_is_not_counted(
    database: Database, asha: Somebody, traveller: time_machine.Traveller
) -> None:
    await prescribed(asha)
    traveller.move_to(at(8, 5))
    await look(database)
    due = (await day_of(asha, at(0), at(23)))[0]
    await answer(asha, due, Action.SKIP, reason=Reason.TOLD_TO)
    async with asha.transaction() as tx:
        found = await service.adherence(tx, asha.person_id, DAY, DAY)
    assert (found.due, found.held, found.percent) == (0, 1, None)


async def test_who_does_not_answer_is_reminded_twice_more_and_then_left_alone(
    database: Database, asha: Somebody, traveller: time_machine.Traveller
) -> None:
    await prescribed(asha)
    told = []
    for minutes in (0, 14, 15, 45, 60, 90, 300):
        traveller.move_to(at(8) + timedelta(minutes=minutes))
        await look(database)
        told.append(len(await messages(asha)))
    assert told == [1, 1, 2, 3, 3, 3, 3]


async def test_who_answers_is_not_reminded_again(
    database: Database, asha: Somebody, traveller: time_machine.Traveller
) -> None:
    await prescribed(asha)
    traveller.move_to(at(8))
    await look(database)
    await answer(asha, (await day_of(asha, at(0), at(23)))[0], Action.TAKE)
    traveller.move_to(at(9))
    await look(database)
    assert len(await messages(asha)) == 1


async def test_put_off_it_is_said_again_then_and_not_before(
    database: Database, asha: Somebody, traveller: time_machine.Traveller
) -> None:
    await prescribed(asha)
    traveller.move_to(at(8))
    await look(database)
    due = (await day_of(asha, at(0), at(23)))[0]
    await answer(asha, due, Action.SNOOZE, until=at(9))
    for moment, many in ((at(8, 59), 1), (at(9), 2)):
        traveller.move_to(moment)
        await look(database)
        assert len(await messages(asha)) == many


async def test_of_a_critical_dose_a_caregiver_learns_at_last_and_of_another_nobody(
    database: Database, asha: Somebody, traveller: time_machine.Traveller
) -> None:
    meera, rao = await somebody(database, "Meera"), await somebody(database, "Rao")
    await shared(asha, meera, "medications", kind=Kind.CAREGIVER)
    await shared(asha, rao, "medications", kind=Kind.SHARE)
    await prescribed(asha, name="Clopidogrel", critical=True)
    await prescribed(asha, name="Vitamin D")
    for minutes in (0, 15, 45, 89, 90):
        traveller.move_to(at(8) + timedelta(minutes=minutes))
        await look(database)
        assert len(await messages(meera)) == (minutes == 90)
    (said,) = await messages(meera)
    assert "Asha" in said.text
    assert "Clopidogrel" in said.text
    assert await messages(rao) == []


async def test_a_late_worker_makes_every_dose_that_came_due_and_speaks_of_those_that_still_matter(
    database: Database, asha: Somebody, traveller: time_machine.Traveller
) -> None:
    medicine = await prescribed(asha)
    traveller.move_to(at(8, 30, day=DAY + timedelta(days=3)))
    async with asha.transaction() as tx:
        before = await service.adherence(tx, asha.person_id, DAY, DAY + timedelta(days=3), medicine.id)
    await look(database)
    assert len(await rows_of(asha)) == 7
    assert len(await messages(asha)) == 1, "the one that may still be taken"
    async with asha.transaction() as tx:
        after = await service.adherence(tx, asha.person_id, DAY, DAY + timedelta(days=3), medicine.id)
    assert after == before, "what the page reckons is the same before the tick and after"
    assert (after.missed, after.open) == (6, 1)


async def test_two_workers_at_once_make_no_dose_twice_and_say_nothing_twice(
    database: Database, asha: Somebody, traveller: time_machine.Traveller
) -> None:
    for number in range(6):
        await prescribed(asha, name=f"Medicine {number}")
    traveller.move_to(at(8))
    await asyncio.gather(*(look(database) for _worker in range(5)))
    assert len(await rows_of(asha)) == 6
    (said,) = await messages(asha)
    assert said.title == "Time for 6 medicines"


async def test_a_worker_that_dies_between_claim_and_commit_has_done_nothing(
    database: Database, asha: Somebody, traveller: time_machine.Traveller
) -> None:
    await prescribed(asha)
    traveller.move_to(at(8))
    with pytest.raises(_Killed):
        async with database.transaction(Access.system("medications")) as tx:
            claimed = await queries.claim_due(tx, at(8), 10_000)
            assert asha.person_id in {row.person_id for row in claimed}
            raise _Killed
    assert await rows_of(asha) == []
    await look(database)
    assert len(await rows_of(asha)) == 1
    assert len(await messages(asha)) == 1


class _Killed(Exception):
    pass


async def test_what_another_worker_holds_is_passed_over(
    database: Database, asha: Somebody, traveller: time_machine.Traveller
) -> None:
    await prescribed(asha)
    traveller.move_to(at(8))
    async with database.transaction(Access.system("medications")) as tx:
        await queries.claim_due(tx, at(8), 10_000)
        await asyncio.wait_for(look(database), 10)
        assert await rows_of(asha) == []


async def test_a_medicine_that_cannot_be_read_holds_up_nobody_elses(
    database: Database, asha: Somebody, traveller: time_machine.Traveller
) -> None:
    broken, whole = await prescribed(asha, name="Broken"), await prescribed(asha, name="Whole")
    async with asha.transaction() as tx:
        row = await tx.session.get(MedicineRow, (asha.person_id, broken.id))
        assert row is not None
        row.sealed = row.sealed[:-1] + bytes([row.sealed[-1] ^ 1])
    traveller.move_to(at(8))
    await look(database)
    assert [row.medicine_id for row in await rows_of(asha)] == [whole.id]


async def test_in_a_zone_whose_clocks_go_forward_the_dose_keeps_its_wall_time(
    database: Database, traveller: time_machine.Traveller
) -> None:
    ruth = await somebody(database, "Ruth")
    eve = date(2027, 3, 13)  # clocks go forward at 2:00 on the 14th
    traveller.move_to(at(7, day=eve, zone=NEW_YORK))
    async with ruth.transaction() as tx:
        wanted = identity.preferences(ruth.actor).model_copy(update={"time_zone": "America/New_York"})
        await identity.change_preferences(tx, ruth.actor, wanted)
    await prescribed(ruth, daily(8), start=eve)
    for days in range(3):
        traveller.move_to(at(8, day=eve + timedelta(days=days), zone=NEW_YORK))
        await look(database)
        assert len(await rows_of(ruth)) == days + 1
    apart = [row.at.astimezone(NEW_YORK).time() for row in await rows_of(ruth)]
    assert apart == [time(8)] * 3


async def test_who_moves_takes_their_medicines_by_the_clocks_there_and_none_twice(
    database: Database, asha: Somebody, traveller: time_machine.Traveller
) -> None:
    medicine = await prescribed(asha)
    traveller.move_to(at(8))
    await look(database)
    await answer(asha, (await day_of(asha, at(0), at(23)))[0], Action.TAKE)
    async with asha.transaction() as tx:
        wanted = identity.preferences(asha.actor).model_copy(update={"time_zone": "America/New_York"})
        await identity.change_preferences(tx, asha.actor, wanted)
    await asyncio.wait_for(run(Context(database), [JOBS["medications.move"]], wait=False), 60)
    # Eight in the morning of this very day comes again over there, and was answered already.
    assert await next_due(asha, medicine.id) == at(8, zone=NEW_YORK)
    traveller.move_to(at(9, zone=NEW_YORK))
    await look(database)
    assert len(await rows_of(asha)) == 1
    assert await next_due(asha, medicine.id) == at(20, zone=NEW_YORK)


async def test_a_new_schedule_holds_from_now_on_and_what_was_due_by_the_old_one_is_not_lost(
    database: Database, asha: Somebody, traveller: time_machine.Traveller
) -> None:
    medicine = await prescribed(asha)
    traveller.move_to(at(8, 1))  # and no worker has looked yet
    await change(asha, medicine.id, draft(daily(9, 21)))
    assert [row.at for row in await rows_of(asha)] == [at(8)]
    assert await next_due(asha, medicine.id) == at(9)


async def test_paused_it_is_silent_and_taken_up_again_it_goes_on(
    database: Database, asha: Somebody, traveller: time_machine.Traveller
) -> None:
    medicine = await prescribed(asha)
    traveller.move_to(at(8))
    await look(database)
    await change(asha, medicine.id, draft(status=Status.PAUSED, status_reason="Before the operation"))
    traveller.move_to(at(21))
    await look(database)
    assert len(await messages(asha)) == 1
    assert [row.at for row in await rows_of(asha)] == [at(8)], "what was due stays"
    await change(asha, medicine.id, draft())
    assert await next_due(asha, medicine.id) == at(8, day=DAY + timedelta(days=1))


async def test_deleted_it_is_silent_and_restored_its_doses_are_there_again(
    database: Database, asha: Somebody, traveller: time_machine.Traveller
) -> None:
    medicine = await prescribed(asha)
    traveller.move_to(at(8))
    await look(database)
    async with asha.transaction() as tx:
        await service.MEDICINES.delete(tx, asha.person_id, medicine.id)
    traveller.move_to(at(21))
    await look(database)
    assert len(await messages(asha)) == 1
    assert await day_of(asha, at(0), at(23)) == []
    async with asha.transaction() as tx:
        await service.MEDICINES.restore(tx, asha.person_id, medicine.id)
    assert [dose.at for dose in await day_of(asha, at(0), at(23))] == [at(8)]


async def test_a_dose_may_be_taken_before_it_is_due_but_not_long_before(
    database: Database, asha: Somebody, traveller: time_machine.Traveller
) -> None:
    await prescribed(asha)
    morning, evening = await day_of(asha, at(0), at(23))
    assert (await answer(asha, morning, Action.TAKE)).state == "taken"
    with pytest.raises(Incorrect) as refused:
        await answer(asha, evening, Action.TAKE)
    assert refused.value.fault.field == "at"
    traveller.move_to(at(8))
    await look(database)
    assert await messages(asha) == [], "it is taken already"
    assert states(await day_of(asha, at(0), at(23))) == ["taken", "upcoming"]


async def test_counted_from_the_last_dose_the_next_follows_what_was_taken(
    database: Database, asha: Somebody, traveller: time_machine.Traveller
) -> None:
    medicine = await prescribed(asha, Interval(timedelta(hours=8), time(8), ONE))
    traveller.move_to(at(8))
    await look(database)
    assert await next_due(asha, medicine.id) == at(16)
    traveller.move_to(at(9, 30))
    due = (await day_of(asha, at(0), at(12)))[0]
    await answer(asha, due, Action.TAKE)
    assert await next_due(asha, medicine.id) == at(17, 30)
    await answer(asha, due, Action.UNDO)
    assert await next_due(asha, medicine.id) == at(16)


async def test_the_first_of_those_counted_from_the_last_dose_may_be_taken_at_once(asha: Somebody) -> None:
    """Nothing was taken that it could be too soon after; the second one waits for its hours."""
    medicine = await prescribed(asha, Interval(timedelta(hours=6), time(18), ONE))
    (first,) = await day_of(asha, at(12), at(20))
    assert (await answer(asha, first, Action.TAKE)).state == "taken"
    assert await next_due(asha, medicine.id) == at(13, 30)
    second = (await day_of(asha, at(12), at(16)))[0]
    with pytest.raises(Incorrect):
        await answer(asha, second, Action.TAKE)


async def test_as_needed_too_soon_is_refused_with_from_when_on_and_kept_if_it_happened(
    asha: Somebody, traveller: time_machine.Traveller
) -> None:
    needed = AsNeeded(ONE, timedelta(hours=4), Amount(Decimal(2), DOSE))
    medicine = await prescribed(asha, needed, name="Paracetamol")
    await take_now(asha, medicine)
    traveller.move_to(at(9))
    with pytest.raises(Incorrect) as soon:
        await take_now(asha, medicine)
    assert soon.value.fault.field == "at"
    traveller.move_to(at(11, 30))
    await take_now(asha, medicine)
    traveller.move_to(at(16))
    with pytest.raises(Incorrect) as much:
        await take_now(asha, medicine)
    assert "24" in much.value.fault.message
    await take_now(asha, medicine, confirmed=True)
    async with asha.transaction() as tx:
        found = await service.adherence(tx, asha.person_id, DAY, DAY, medicine.id)
    assert (found.as_needed, found.due) == (3, 0)


async def test_as_needed_taken_back_never_was(asha: Somebody) -> None:
    medicine = await prescribed(asha, AsNeeded(ONE), name="Paracetamol")
    taken = await take_now(asha, medicine)
    await answer(asha, taken, Action.UNDO)
    assert await rows_of(asha) == []


async def test_a_medicine_with_times_is_not_taken_as_needed(asha: Somebody) -> None:
    medicine = await prescribed(asha)
    with pytest.raises(Conflict):
        await take_now(asha, medicine)


async def test_the_stock_follows_what_is_taken_and_taken_back(
    database: Database, asha: Somebody, traveller: time_machine.Traveller
) -> None:
    medicine = await prescribed(asha, stock=Stock(Decimal(4), refills=1, refill=Decimal(30)))

    async def left() -> tuple[Any, Any]:
        async with asha.transaction() as tx:
            kept = await service.MEDICINES.read(tx, asha.person_id, medicine.id)
            found = await service.coming(tx, asha.person_id, kept)
        return found.left, found.runs_out

    assert await left() == (4, DAY + timedelta(days=2))
    traveller.move_to(at(8, 5))
    await look(database)
    due = (await day_of(asha, at(0), at(12)))[0]
    await answer(asha, due, Action.TAKE)
    assert await left() == (3, DAY + timedelta(days=2))
    await answer(asha, due, Action.UNDO)
    assert await left() == (4, DAY + timedelta(days=2))
    await answer(asha, due, Action.TAKE)
    async with asha.transaction() as tx:
        await service.refill(tx, asha.person_id, medicine.id)
    assert (await left())[0] == 33


async def test_the_rest_of_a_day_is_put_off_and_tomorrow_is_as_before(
    asha: Somebody, traveller: time_machine.Traveller
) -> None:
    medicine = await prescribed(asha)
    traveller.move_to(at(12))
    async with asha.transaction() as tx:
        await service.put_off(tx, asha.person_id, medicine.id, timedelta(hours=1))
    found = await day_of(asha, at(12), at(23, day=DAY + timedelta(days=1)))
    assert [dose.at.astimezone(HOME).hour for dose in found] == [21, 8, 20]


async def test_the_same_ingredient_twice_is_found_and_nothing_is_called_safe(asha: Somebody) -> None:
    await prescribed(asha, name="Crocin", ingredients=("Paracetamol",))
    new = await prescribed(asha, name="Combiflam", ingredients=("ibuprofen", "paracetamol"))
    async with asha.transaction() as tx:
        found = await service.safety(tx, asha.person_id, new.id)
    assert [(one.ingredient, one.label) for one in found.duplicates.found] == [("paracetamol", "Crocin")]
    assert not found.allergies.looked
    assert not found.interactions.looked
    assert found.interactions.says


async def test_who_may_only_look_answers_nothing(
    database: Database, asha: Somebody, traveller: time_machine.Traveller
) -> None:
    meera = await somebody(database, "Meera")
    await shared(asha, meera, "medications")
    await prescribed(asha)
    traveller.move_to(at(8))
    await look(database)
    async with meera.transaction() as tx:
        (due, *_rest) = await service.doses(tx, asha.person_id, at(0), at(23))
        with pytest.raises(Forbidden):
            await service.answer(tx, asha.person_id, due.id, AnswerDraft(action=Action.TAKE))


async def test_a_dose_of_another_person_is_not_there(
    database: Database, asha: Somebody, traveller: time_machine.Traveller
) -> None:
    await prescribed(asha)
    traveller.move_to(at(8))
    await look(database)
    (due, *_rest) = await day_of(asha, at(0), at(23))
    rao = await somebody(database, "Rao")
    with pytest.raises(NotFound):
        await answer(rao, due, Action.TAKE)
    async with asha.transaction() as tx:
        with pytest.raises(NotFound):
            await service.answer(tx, asha.person_id, new_id(), AnswerDraft(action=Action.TAKE))


async def test_doses_leave_with_their_person_and_end_with_them(
    database: Database, asha: Somebody, traveller: time_machine.Traveller
) -> None:
    await prescribed(asha)
    traveller.move_to(at(8))
    await look(database)
    due = (await day_of(asha, at(0), at(23)))[0]
    await answer(asha, due, Action.TAKE, side_effects="A little dizzy")
    async with asha.transaction() as tx:
        (line,) = [line async for line in service.export(tx, asha.person_id)]
        assert (line["action"], line["side_effects"]) == ("take", "A little dizzy")
        await service.erase(tx, asha.person_id)
    assert await rows_of(asha) == []
