"""A dangerous reading is entered; an alarm is there and said, climbs until somebody answers, and ends with a newer reading."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from ojas.features.alerts import service
from ojas.features.notifications.rules import Urgency
from ojas.kit.db import Database
from tests.features.sharing.cast import Somebody, somebody

from .living import enter, facts, look, messages, open_alarms, pressure

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(datetime(2027, 3, 1, 8, tzinfo=UTC), tick=False) as found:
        yield found


@pytest.fixture
async def asha(database: Database, clock: time_machine.Traveller) -> Somebody:
    return await somebody(database, "Asha")


async def test_a_dangerous_reading_is_an_alarm_at_once_and_a_newer_one_in_order_ends_it(
    database: Database, asha: Somebody, clock: time_machine.Traveller
) -> None:
    await enter(asha, pressure(128))
    await look(database)
    assert await open_alarms(asha) == []
    await enter(asha, pressure(192, 118))
    await look(database)
    [alarm] = await open_alarms(asha)
    assert (alarm.rule, alarm.severity, alarm.title) == (
        "blood_pressure",
        "high",
        "Blood pressure: 192/118 mmHg",
    )
    [told] = await messages(asha)
    assert told.urgency is Urgency.URGENT
    assert "192/118" in told.text
    assert "192" not in told.title
    clock.shift(MINUTE)
    await enter(asha, pressure(178))
    await look(database)
    assert len(await open_alarms(asha)) == 1, "within the margin it is not over"
    clock.shift(MINUTE)
    await enter(asha, pressure(132))
    await look(database)
    assert await open_alarms(asha) == []
    assert await facts(asha, alarm.id) == ["raised", "told", "resolved"]


async def test_a_second_reading_five_minutes_on_makes_it_critical_and_calls_anew(
    database: Database, asha: Somebody, clock: time_machine.Traveller
) -> None:
    await enter(asha, pressure(192))
    await look(database)
    [alarm] = await open_alarms(asha)
    async with asha.transaction() as tx:
        await service.snooze(tx, asha.person_id, alarm.id, 600)
    clock.shift(6 * MINUTE)
    await enter(asha, pressure(190))
    await look(database)
    [worse] = await open_alarms(asha)
    assert (worse.id, worse.severity, worse.snoozed_until) == (alarm.id, "critical", None)
    assert [told.urgency for told in await messages(asha)] == [Urgency.URGENT, Urgency.EMERGENCY]
    assert await facts(asha, alarm.id) == ["raised", "told", "snoozed", "worsened", "told"]
