"""What is due to one person is one message; what fell due is said once, whatever the clock and however many workers."""

import asyncio
from datetime import timedelta

import pytest
import time_machine
from bench.harness.patients import Patients

from ojas.features.medications import queries
from ojas.features.medications.rules.doses import Action, Reason
from ojas.features.medications.service.medicines import AREA, MEDICINES
from ojas.features.notifications import service as notifications
from ojas.features.sharing import service as sharing
from ojas.features.sharing.rules import Kind
from ojas.kit import clock
from ojas.kit.crypto import MasterKeys
from ojas.kit.db import Access, Database, embedded
from ojas.kit.i18n import Manner, use
from tests.features.morning import at
from tests.features.sharing.cast import Somebody, shared, somebody

from .living import answer, daily, day_of, draft, look, messages, prescribed, states

NAMES = ("Aspirin", "Metoprolol", "Ramipril")


@pytest.fixture
async def asha(database: Database, traveller: time_machine.Traveller) -> Somebody:
    return await somebody(database, "Asha")


async def test_three_medicines_at_eight_are_one_message_and_a_repeat_names_those_left(
    database: Database, asha: Somebody, traveller: time_machine.Traveller
) -> None:
    for name in NAMES:
        await prescribed(asha, daily(8), name=name)
    traveller.move_to(at(8))
    await look(database)
    (said,) = await messages(asha)
    assert said.title == "Time for 3 medicines"
    for name in NAMES:
        assert f"{name} (1 tablet)" in said.text
        assert name not in said.title
    first = (await day_of(asha, at(0), at(23)))[0]
    await answer(asha, first, Action.TAKE)
    traveller.move_to(at(8, 15))
    await look(database)
    again = (await messages(asha))[-1]
    assert again.title == "Time for 2 medicines"
    assert first.medicine not in again.text
    assert states(await day_of(asha, at(0), at(23))) == ["taken", "due", "due"]


@pytest.mark.parametrize(
    ("language", "titles"),
    [
        ("hi", ("दवा का समय हो गया", "2 दवाओं का समय हो गया")),
        ("ta", ("மருந்து எடுக்கும் நேரம்", "2 மருந்துகள் எடுக்கும் நேரம்")),
    ],
)
async def test_one_and_several_have_their_own_words(
    database: Database,
    asha: Somebody,
    traveller: time_machine.Traveller,
    language: str,
    titles: tuple[str, str],
) -> None:
    await prescribed(asha, daily(8, 20), name="Aspirin")
    await prescribed(asha, daily(20), name="Ramipril")
    for hour in (8, 20):
        traveller.move_to(at(hour))
        await look(database)
    with use(Manner(language, "Asia/Kolkata", time_format="24h")):
        one, two = (await messages(asha))[0], (await messages(asha))[-1]
    assert (one.title, two.title) == titles
    assert two.text.startswith("20:00: Aspirin (1")
    assert "Ramipril" in two.text


async def test_what_is_answered_from_a_message_is_answered_for_all_it_names_and_only_what_is_open(
    database: Database, asha: Somebody, traveller: time_machine.Traveller
) -> None:
    for name in NAMES:
        await prescribed(asha, daily(8), name=name)
    traveller.move_to(at(8))
    await look(database)
    first, *_others = await day_of(asha, at(0), at(23))
    await answer(asha, first, Action.SKIP, reason=Reason.RUN_OUT)
    (said,) = await messages(asha)
    async with asha.transaction() as tx:
        done = await notifications.do(tx, asha.account_id, said.id, "medications.take")
    assert done.says == "Noted as taken: 2 medicines."
    assert states(await day_of(asha, at(0), at(23))) == ["skipped", "taken", "taken"]


async def test_of_several_critical_doses_a_caregiver_is_told_once(
    database: Database, asha: Somebody, traveller: time_machine.Traveller
) -> None:
    meera = await somebody(database, "Meera")
    await shared(asha, meera, "medications", kind=Kind.CAREGIVER)
    for name in NAMES[:2]:
        await prescribed(asha, daily(8), name=name, critical=True)
    for minutes in (0, 15, 45, 90):
        traveller.move_to(at(8) + timedelta(minutes=minutes))
        await look(database)
    (said,) = await messages(meera)
    assert said.title == "2 medicines were not confirmed"
    assert said.text.startswith("Asha: ")
    assert all(name in said.text for name in NAMES[:2])


async def test_a_reminder_of_somebody_without_an_account_says_whose_medicine_it_is(
    database: Database, asha: Somebody, traveller: time_machine.Traveller
) -> None:
    async with asha.transaction() as tx:
        mother = await sharing.add_person(tx, asha.actor, "Kamala")
    async with asha.transaction() as tx:
        with use(Manner("en", "Asia/Kolkata")):
            await MEDICINES.create(tx, mother, draft(daily(8)))
    await prescribed(asha, daily(9))
    for hour in (8, 9):
        traveller.move_to(at(hour))
        await look(database)
    titles = {one.title for one in await messages(asha)}
    assert titles == {"Kamala: Time for a medicine", "Time for a medicine"}


async def test_a_clock_that_jumps_loses_no_dose_and_says_none_twice(
    database: Database, asha: Somebody, traveller: time_machine.Traveller
) -> None:
    await prescribed(asha, daily(8, 12, 16, 20), name="Aspirin")
    for moment in (
        at(8),
        at(7),  # set back, and run over the same hour again
        at(8),
        at(17),  # ahead, over two doses
        at(11),  # and back to where it is
        at(12),
        at(16),
        at(20),
    ):
        traveller.move_to(moment)
        await look(database)
    doses = await day_of(asha, at(0), at(23))
    assert [dose.at for dose in doses] == [at(8), at(12), at(16), at(20)]
    first = [said for said in await messages(asha) if said.created_at in {at(8), at(17), at(20)}]
    assert [said.text.count("Aspirin") for said in first] == [1, 1, 1], (
        "at five in the afternoon, noon's was over"
    )
    assert states(doses) == ["missed", "missed", "missed", "due"], "but it was due, and is kept"


async def test_workers_share_persons_and_never_one_person(
    database: Database, cluster: embedded.Cluster, master: MasterKeys
) -> None:
    patients = Patients(cluster.dsn(embedded.KEEPER), master)
    await asyncio.to_thread(patients.due_together, 30, 2)
    async with (
        database.transaction(Access.system(AREA)) as one,
        database.transaction(Access.system(AREA)) as other,
    ):
        mine = await queries.claim_due(one, clock.now(), 10)
        theirs = await queries.claim_due(other, clock.now(), 10)
    whose = [{row.person_id for row in rows} for rows in (mine, theirs)]
    assert [len(persons) for persons in whose] == [10, 10]
    assert not whose[0] & whose[1]
    for rows, persons in zip((mine, theirs), whose, strict=True):
        assert len(rows) >= 2 * len(persons), "of each person, all that is due"
    await look(database)
