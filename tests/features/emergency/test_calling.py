"""A call for help: who is told, in which order, until somebody comes; and that it is over."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from ojas.features.emergency.rules.terms import State
from ojas.kit.db import Database
from tests.features.emergency.living import ended, look, named, pressed, seen, told
from tests.features.sharing.cast import Somebody, somebody

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
async def asha(database: Database) -> Somebody:
    return await somebody(database, "Asha")


async def test_the_first_are_told_at_once_and_the_next_two_minutes_later(
    database: Database, asha: Somebody
) -> None:
    await named(asha, "Meera", priority=1)
    await named(asha, "Ravi", priority=2, phone="+919840012345")
    with time_machine.travel(NOON, tick=False) as clock:
        alert = await pressed(asha, message="Chest pain")
        await look(database)
        assert told(await seen(asha, alert)) == {"Meera": 1, "Ravi": 0}
        clock.shift(timedelta(minutes=2))
        await look(database)
        assert told(await seen(asha, alert)) == {"Meera": 1, "Ravi": 1}
        clock.shift(timedelta(minutes=10))
        await look(database)
        found = await seen(asha, alert)
        assert told(found) == {"Meera": 2, "Ravi": 2}
        assert {way.channel for way in found.helpers[1].deliveries} == {"sms", "call"}
        over = await ended(asha, alert, outcome="false_alarm")
        assert over.state is State.ENDED
        clock.shift(timedelta(hours=1))
        await look(database)
        assert told(await seen(asha, alert)) == {"Meera": 2, "Ravi": 2}
