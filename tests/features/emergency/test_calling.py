"""A call for help: who is told, in which order, until somebody comes; and that it is over."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from pydantic import ValidationError

from ojas.features.emergency import service
from ojas.features.emergency.rules.terms import Answer, Kind, Outcome, State
from ojas.features.emergency.schemas import Alert, AlertDraft, MoreDraft, Place
from ojas.features.measurements import service as measurements
from ojas.features.measurements.schemas import EntryDraft
from ojas.features.notifications import service as notifications
from ojas.kit.db import Access, Database
from ojas.kit.errors import Conflict, Forbidden, Incorrect
from ojas.kit.ids import new_id
from tests.features.emergency.living import ended, look, named, pressed, seen, told
from tests.features.sharing.cast import Somebody, shared, somebody

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)
CHENNAI = Place(latitude=13.0827, longitude=80.2707, accuracy=20)


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as travelled:
        yield travelled


async def answered(asha: Somebody, alert: Alert, name: str, given: Answer) -> Alert:
    (helper,) = [one for one in alert.helpers if one.name == name]
    async with asha.transaction() as tx:
        return await service.answer(tx, asha.person_id, alert.id, helper.id, given)


async def test_the_first_are_told_at_once_the_next_after_two_minutes_then_all_again(
    database: Database, asha: Somebody, clock: time_machine.Traveller
) -> None:
    await named(asha, "Meera", priority=1)
    await named(asha, "Ravi", priority=7, phone="+919840012345")
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


async def test_in_danger_everybody_is_told_at_once(
    database: Database, asha: Somebody, clock: time_machine.Traveller
) -> None:
    for turn, name in enumerate(("Meera", "Ravi", "Kannan"), 1):
        await named(asha, name, priority=turn)
    alert = await pressed(asha, kind=Kind.PANIC)
    await look(database)
    assert told(await seen(asha, alert)) == {"Meera": 1, "Ravi": 1, "Kannan": 1}


async def test_when_one_is_on_it_nobody_is_called_and_the_others_learn_who(
    database: Database, asha: Somebody, clock: time_machine.Traveller
) -> None:
    await named(asha, "Meera")
    await named(asha, "Ravi")
    await named(asha, "Kannan", priority=2)
    alert = await pressed(asha)
    await look(database)
    found = await answered(asha, await seen(asha, alert), "Meera", Answer.COMING)
    assert found.state is State.COMING
    assert found.next_call_at is None
    clock.shift(timedelta(hours=2))
    await look(database)
    assert told(await seen(asha, alert)) == {"Meera": 1, "Ravi": 1, "Kannan": 0}
    kinds = await said_to(asha)
    assert kinds["Ravi"] == ["emergency.called", "emergency.answered"]
    assert kinds["Meera"] == ["emergency.called", "emergency.thanks"]
    assert "Kannan" not in kinds


async def said_to(asha: Somebody) -> dict[str, list[str]]:
    """Which kinds of message went to each who has no account, in order."""
    from ojas.features.notifications.models import Message
    from ojas.features.notifications.models import Outsider as Row
    from ojas.features.notifications.service.outsiders import opened

    found: dict[str, list[str]] = {}
    async with asha.database.transaction(Access.of(asha.person_id)) as tx:
        rows = (await tx.session.scalars(_of(Row, asha))).all()
        names = {row.id: (await opened(tx, row)).name for row in rows}
        for message in (await tx.session.scalars(_of(Message, asha).order_by(Message.id))).all():
            if message.account_id is None:
                found.setdefault(names[message.reader_id], []).append(message.kind)
    return found


def _of(model: type, who: Somebody) -> object:
    from sqlalchemy import select

    return select(model).where(model.person_id == who.person_id)  # type: ignore[attr-defined]


async def test_who_was_coming_and_cannot_sets_the_others_going_again(
    database: Database, asha: Somebody, clock: time_machine.Traveller
) -> None:
    await named(asha, "Meera")
    await named(asha, "Ravi", priority=2)
    alert = await pressed(asha)
    await look(database)
    coming = await answered(asha, await seen(asha, alert), "Meera", Answer.COMING)
    clock.shift(timedelta(minutes=20))
    await answered(asha, coming, "Meera", Answer.CANNOT)
    await look(database)
    assert told(await seen(asha, alert)) == {"Meera": 1, "Ravi": 1}


async def test_when_all_of_a_turn_say_no_the_next_are_told_without_waiting(
    database: Database, asha: Somebody, clock: time_machine.Traveller
) -> None:
    await named(asha, "Meera")
    await named(asha, "Ravi", priority=2)
    alert = await pressed(asha)
    await look(database)
    await answered(asha, await seen(asha, alert), "Meera", Answer.CANNOT)
    await look(database)
    assert told(await seen(asha, alert)) == {"Meera": 1, "Ravi": 1}
    found = await answered(asha, await seen(asha, alert), "Ravi", Answer.CANNOT)
    assert found.state is State.NOBODY
    clock.shift(timedelta(hours=1))
    await look(database)
    assert told(await seen(asha, alert)) == {"Meera": 1, "Ravi": 1}
    assert (await said_to(asha))["Meera"][-1] == "emergency.nobody"
    async with asha.transaction() as tx:
        own, _next = await notifications.inbox(tx, asha.account_id)
    assert own[0].kind == "emergency.nobody"
    assert "112" in own[0].text


async def test_a_second_press_within_a_minute_adds_and_does_not_double(
    database: Database, asha: Somebody, clock: time_machine.Traveller
) -> None:
    await named(asha, "Meera")
    first = await pressed(asha)
    await look(database)
    clock.shift(timedelta(seconds=20))
    second = await pressed(asha, place=CHENNAI, message="I cannot get up")
    await look(database)
    assert second.id == first.id
    found = await seen(asha, first)
    assert told(found) == {"Meera": 1}
    assert found.place == CHENNAI
    assert found.messages == ("I cannot get up",)
    assert (await said_to(asha))["Meera"] == ["emergency.called", "emergency.more"]


async def test_pressing_again_later_calls_everybody_at_once(
    database: Database, asha: Somebody, clock: time_machine.Traveller
) -> None:
    await named(asha, "Meera")
    await named(asha, "Ravi", priority=5)
    alert = await pressed(asha)
    await look(database)
    clock.shift(timedelta(seconds=90))
    await pressed(asha)
    await look(database)
    assert told(await seen(asha, alert)) == {"Meera": 2, "Ravi": 1}


async def test_many_presses_at_the_same_moment_are_one_call(database: Database, asha: Somebody) -> None:
    await named(asha, "Meera")
    made = await asyncio.gather(*(pressed(asha) for _ in range(6)))
    assert len({alert.id for alert in made}) == 1
    await look(database)
    assert told(await seen(asha, made[0])) == {"Meera": 1}


async def test_who_calls_without_end_is_kept_and_told_so_but_floods_nobody(
    database: Database, asha: Somebody, clock: time_machine.Traveller
) -> None:
    await named(asha, "Meera")
    for _ in range(6):
        alert = await pressed(asha)
        await look(database)
        assert alert.said is None
        await ended(asha, alert, outcome=Outcome.FALSE_ALARM)
    seventh = await pressed(asha)
    await look(database)
    assert seventh.said is not None
    assert "emergency number" in seventh.said
    assert told(await seen(asha, seventh)) == {"Meera": 0}
    clock.shift(timedelta(hours=1, minutes=1))
    assert (await pressed(asha)).said is None


async def test_a_call_nobody_ended_is_not_in_the_way_of_the_next(
    database: Database, asha: Somebody, clock: time_machine.Traveller
) -> None:
    await named(asha, "Meera")
    old = await pressed(asha)
    await look(database)
    await answered(asha, await seen(asha, old), "Meera", Answer.COMING)
    clock.shift(timedelta(days=30))
    new = await pressed(asha)
    await look(database)
    assert new.id != old.id
    assert (await seen(asha, old)).outcome is Outcome.LAPSED
    assert told(await seen(asha, new)) == {"Meera": 1}


async def test_a_call_says_who_cannot_be_told(database: Database, asha: Somebody) -> None:
    await named(asha, "Off", active=False)
    await named(asha, "Quiet", can_receive_alerts=False)
    alert = await pressed(asha)
    assert alert.helpers == ()
    assert alert.state is State.NOBODY
    assert alert.said is not None
    assert alert.next_call_at is None


async def test_the_last_vital_signs_go_along_with_their_times(
    database: Database, asha: Somebody, clock: time_machine.Traveller
) -> None:
    async with asha.transaction() as tx:
        for at, value in ((NOON - timedelta(hours=3), 112), (NOON - timedelta(days=40), 61)):
            draft = EntryDraft(kind="heart_rate", effective_at=at, unit="/min", value=Decimal(value))
            await measurements.enter(tx, asha.person_id, draft)
    alert = await pressed(asha)
    (pulse,) = alert.vitals
    assert (pulse.kind, pulse.numbers["value"], pulse.at) == ("heart_rate", 112, NOON - timedelta(hours=3))


async def test_a_caregiver_with_the_right_calls_for_them_and_one_without_does_not(
    database: Database, clock: time_machine.Traveller
) -> None:
    asha, meera, ravi = [await somebody(database, name) for name in ("Asha", "Meera", "Ravi")]
    await shared(asha, meera, "emergency", may_write=True, kind="caregiver")
    await shared(asha, ravi, "emergency", kind="caregiver")
    await named(asha, "Kannan")
    async with meera.transaction() as tx:
        alert = await service.press(tx, asha.person_id, AlertDraft(kind=Kind.FALL))
    await look(database)
    assert alert.raised_by == meera.account_id
    assert told(await seen(asha, alert)) == {"Kannan": 1}
    with pytest.raises(Forbidden):
        async with ravi.transaction() as tx:
            await service.press(tx, asha.person_id, AlertDraft())


async def test_a_linked_account_is_told_on_its_own_channels_and_at_its_address(
    database: Database, asha: Somebody
) -> None:
    meera = await somebody(database, "Meera")
    with pytest.raises(Incorrect) as refusal:
        await named(asha, "Meera", account_id=meera.account_id)
    assert refusal.value.fault.field == "account_id"
    await shared(asha, meera, "emergency", kind="caregiver")
    await named(asha, "Meera", account_id=meera.account_id, email=meera.email)
    await named(asha, "Meera at work", account_id=meera.account_id, email="work@example.org")
    alert = await pressed(asha)
    await look(database)
    ways = [sorted(way.channel for way in one.deliveries) for one in (await seen(asha, alert)).helpers]
    assert ways == [["email", "in_app"], ["email", "email", "in_app"]], "at each address once"
    await ended(asha, alert)
    async with asha.transaction() as tx:
        await service.CONTACTS.delete(tx, asha.person_id, (await service.contacts(tx, asha.person_id))[1].id)
    async with meera.transaction() as tx:
        await notifications.mark_all_read(tx, meera.account_id)
        for notice in (await notifications.inbox(tx, meera.account_id))[0]:
            await notifications.archive(tx, meera.account_id, notice.id)
    alert = await pressed(asha)
    await look(database)
    async with meera.transaction() as tx:
        found, _next = await notifications.inbox(tx, meera.account_id)
        assert [notice.kind for notice in found] == ["emergency.called"]
        offered = [choice.name for choice in found[0].actions]
        assert offered == ["emergency.coming", "emergency.cannot"], (
            "who reads alone may answer for themselves"
        )
        await answered(asha, await seen(asha, alert), "Meera", Answer.COMING)
        thanks, called = (await notifications.inbox(tx, meera.account_id))[0]
        assert ((called.answer, called.actions, called.done), thanks.answer) == (("Is on it", [], None), None)
        await notifications.do(tx, meera.account_id, thanks.id, "emergency.cannot")
        nobody, _thanks, called = (await notifications.inbox(tx, meera.account_id))[0]
        assert (called.answer, nobody.answer) == ("Cannot come", None)
    await ended(asha, alert)
    async with meera.transaction() as tx:
        answers = [one.answer for one in (await notifications.inbox(tx, meera.account_id))[0]]
    assert answers == [None, "Over", "I cannot come", "Over"]


async def test_a_test_says_so_everywhere_and_reaches_whom_one_chose(
    database: Database, asha: Somebody, clock: time_machine.Traveller
) -> None:
    meera, _ravi = await named(asha, "Meera"), await named(asha, "Ravi")
    with pytest.raises(Incorrect) as refusal:
        await pressed(asha, test=True, contacts=(new_id(),))
    assert refusal.value.fault.field == "contacts"
    with pytest.raises(ValidationError, match="Only a test is for some"):
        await pressed(asha, contacts=(meera.id,))
    alert = await pressed(asha, test=True, contacts=(meera.id,))
    await look(database)
    clock.shift(timedelta(minutes=50))
    await look(database)
    assert alert.test
    running = await seen(asha, alert)
    assert (told(running), running.next_call_at) == ({"Meera": 1}, None)
    real = await pressed(asha)
    assert real.id != alert.id, "a test that runs is in nobody's way"
    found = await answered(asha, await seen(asha, alert), "Meera", Answer.COMING)
    assert found.test
    async with asha.transaction() as tx:
        own, _next = await notifications.inbox(tx, asha.account_id)
    about_test = [notice for notice in own if notice.kind == "emergency.answered"]
    assert all(notice.title.startswith("TEST") and notice.text.startswith("TEST") for notice in about_test)
    assert about_test
    clock.shift(timedelta(minutes=11))
    await look(database)
    over = await seen(asha, alert)
    assert (over.state, over.outcome, service.said_of(over)) == (
        State.ENDED,
        Outcome.LAPSED,
        "The test ended by itself.",
    )
    assert (await seen(asha, real)).outcome is None, "what is meant goes on until somebody ends it"


async def test_a_call_that_is_over_takes_no_answer_and_nothing_more(
    database: Database, asha: Somebody
) -> None:
    await named(asha, "Meera")
    alert = await pressed(asha)
    await look(database)
    found = await ended(asha, alert, note="The ambulance came.")
    assert (found.state, found.outcome, found.resolution) == (
        State.ENDED,
        Outcome.HELPED,
        "The ambulance came.",
    )
    assert found.resolved_by == "Asha"
    again = await ended(asha, alert, outcome=Outcome.FALSE_ALARM)
    assert again.outcome is Outcome.HELPED
    with pytest.raises(Conflict):
        await answered(asha, found, "Meera", Answer.COMING)
    with pytest.raises(Conflict):
        async with asha.transaction() as tx:
            await service.add(tx, asha.person_id, alert.id, MoreDraft(message="?"))
    assert (await said_to(asha))["Meera"] == ["emergency.called", "emergency.over"]


async def test_one_call_that_cannot_be_read_holds_up_no_other(
    database: Database, clock: time_machine.Traveller
) -> None:
    broken, asha = await somebody(database, "Broken"), await somebody(database, "Asha")
    for who in (broken, asha):
        await named(who, "Meera")
    first = await pressed(broken)
    from sqlalchemy import text

    async with database.transaction(Access.of(broken.person_id)) as tx:
        spoilt = "UPDATE emergency_alerts SET sealed = 'x' WHERE person_id = :p"
        await tx.session.execute(text(spoilt), {"p": broken.person_id})
    second = await pressed(asha)
    await look(database)
    assert told(await seen(asha, second)) == {"Meera": 1}
    async with database.transaction(Access.of(broken.person_id)) as tx:
        later = "SELECT call_at FROM emergency_alerts WHERE id = :i"
        assert await tx.session.scalar(text(later), {"i": first.id}) > NOON
        await tx.session.execute(text("DELETE FROM emergency_alerts WHERE id = :i"), {"i": first.id})
