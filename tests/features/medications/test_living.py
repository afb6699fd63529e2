"""A medicine is added; at its minute a dose is there and said; it is answered, once; adherence is right the same second."""

from datetime import timedelta

import pytest
import time_machine

from ojas.features.medications import service
from ojas.features.medications.rules.doses import Action
from ojas.kit.db import Database
from tests.features.sharing.cast import Somebody, somebody

from .living import DAY, answer, at, day_of, look, messages, prescribed, states

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture
async def asha(database: Database) -> Somebody:
    return await somebody(database, "Asha")


async def test_at_its_minute_a_dose_is_there_and_is_said(database: Database, asha: Somebody) -> None:
    with time_machine.travel(at(7), tick=False) as traveller:
        await prescribed(asha)
        await look(database)
        assert await messages(asha) == []
        traveller.move_to(at(8))
        await look(database)
        (said,) = await messages(asha)
        assert "Metoprolol" in said.text
        assert "Metoprolol" not in said.title
        assert states(await day_of(asha, at(0), at(23))) == ["due", "upcoming"]


async def test_taken_twice_is_taken_once_and_counts_the_same_second(
    database: Database, asha: Somebody
) -> None:
    with time_machine.travel(at(7), tick=False) as traveller:
        medicine = await prescribed(asha)
        traveller.move_to(at(8, 5))
        await look(database)
        due = (await day_of(asha, at(0), at(23)))[0]
        first = await answer(asha, due, Action.TAKE)
        traveller.shift(timedelta(minutes=5))
        assert await answer(asha, due, Action.TAKE) == first
        async with asha.transaction() as tx:
            found = await service.adherence(tx, asha.person_id, DAY, DAY, medicine.id)
        assert (found.taken, found.due, found.percent) == (1, 1, 100)
