"""A calendar that is lived with: planned, changed in part, marked, reminded of."""

import json
from datetime import date, timedelta
from uuid import UUID

import pytest
import time_machine
from pydantic import ValidationError
from sqlalchemy import text

from ojas.features.calendar import feature, service
from ojas.features.calendar.rules.terms import Status
from ojas.features.calendar.schemas import CalendarDraft, EventDraft, LinkDraft
from ojas.features.notifications import service as notifications
from ojas.kit import i18n
from ojas.kit.db import Database
from ojas.kit.errors import Conflict, Incorrect, NotFound, Stale
from ojas.kit.feature import erase_rows
from ojas.kit.fhir.validation import faults
from ojas.kit.http.problems import fault_of
from tests.features.morning import DAY, at
from tests.features.sharing.cast import Somebody

from .living import draft, edited, left_out, look, marked, messages, planned, seen, told, visit


async def test_the_first_thing_planned_brings_the_first_calendar(asha: Somebody) -> None:
    await planned(asha)
    await planned(asha)
    async with asha.transaction() as tx:
        (first,) = await service.calendars(tx, asha.person_id)
    assert (first.name, first.is_default) == ("My calendar", True)


async def test_there_is_always_exactly_one_default(asha: Somebody) -> None:
    async with asha.transaction() as tx:
        first = await service.CALENDARS.create(tx, asha.person_id, CalendarDraft(name="Home"))
        second = await service.CALENDARS.create(tx, asha.person_id, CalendarDraft(name="Work"))
    assert (first.is_default, second.is_default) == (True, False)
    with pytest.raises(Incorrect, match="Make another the default"):
        async with asha.transaction() as tx:
            await service.CALENDARS.change(tx, asha.person_id, first.id, CalendarDraft(name="Home"))
    async with asha.transaction() as tx:
        await service.CALENDARS.change(
            tx, asha.person_id, second.id, CalendarDraft(name="Work", is_default=True)
        )
    async with asha.transaction() as tx:
        found = await service.calendars(tx, asha.person_id)
    assert [(one.name, one.is_default) for one in found] == [("Work", True), ("Home", False)]
    with pytest.raises(Conflict):
        async with asha.transaction() as tx:
            await service.CALENDARS.delete(tx, asha.person_id, second.id)


async def test_one_of_a_series_is_moved_and_the_others_stay(asha: Somebody) -> None:
    walk = await planned(asha, rule="FREQ=DAILY;COUNT=4", reminders=(60,))
    await edited(asha, walk, "2027-03-02T09:00", "this", "2027-03-02T11:00", title="Long walk")
    found = await seen(asha)
    assert told(found) == [
        "Walk 03-01 09:00",
        "Long walk 03-02 11:00",
        "Walk 03-03 09:00",
        "Walk 03-04 09:00",
    ]
    assert found[1].key == "2027-03-02T09:00:00"
    again = await edited(asha, walk, "2027-03-02T09:00", "this", "2027-03-02T09:00")
    assert told(await seen(asha))[1] == "Walk 03-02 09:00"
    assert again.changes[0].title is None


async def test_what_is_other_than_time_and_words_makes_one_an_event_of_its_own(asha: Somebody) -> None:
    walk = await planned(asha, rule="FREQ=DAILY;COUNT=3")
    own = await edited(asha, walk, "2027-03-02T09:00", "this", "2027-03-02T09:00", colour="#b3261e")
    assert own.id != walk.id
    found = await seen(asha)
    assert [(one.event_id == own.id, one.colour) for one in found] == [
        (False, None),
        (True, "#b3261e"),
        (False, None),
    ]


async def test_this_and_following_part_from_those_before(asha: Somebody) -> None:
    walk = await planned(asha, rule="FREQ=WEEKLY;BYDAY=MO;COUNT=4")
    other = await planned(asha, draft("Choir", "2027-06-01T09:00"))
    await marked(asha, walk, "2027-03-01T09:00:00", Status.COMPLETED)
    await marked(asha, walk, "2027-03-22T09:00:00", Status.CANCELLED)
    rest = await edited(asha, walk, "2027-03-15T09:00", "following", "2027-03-16T08:00", title="Swim")
    found = await seen(asha)
    assert told(found) == ["Walk 03-01 09:00", "Walk 03-08 09:00", "Swim 03-16 08:00", "Swim 03-23 08:00"]
    assert [one.status.value for one in found] == ["completed", "pending", "pending", "cancelled"]
    assert rest.rule == "FREQ=WEEKLY;COUNT=2;BYDAY=TU"
    async with asha.transaction() as tx:
        version = (await service.EVENTS.read(tx, asha.person_id, walk.id)).version

    async def undo(key: str, of: UUID = rest.id) -> None:
        async with asha.transaction() as tx:
            await service.undo(tx, asha.person_id, walk.id, version, split_off=of, key=key)

    for key in ("2027-03-15T09:00:00+05:30", "9999-12-31T09:00:00", "2027-03-15", ""):
        with pytest.raises(NotFound):
            await undo(key)
    with pytest.raises(Stale):
        await undo("2027-03-15T09:00:00", of=other.id)
    await undo("2027-03-15T09:00:00")
    found = await seen(asha)
    assert told(found) == [f"Walk 03-{day} 09:00" for day in ("01", "08", "15", "22")]
    assert [one.status.value for one in found] == ["completed", "pending", "pending", "cancelled"]


async def test_all_move_with_their_marks_and_exceptions(asha: Somebody) -> None:
    walk = await planned(asha, rule="FREQ=DAILY;UNTIL=20270304T033000Z")
    await left_out(asha, walk, "2027-03-02T09:00:00")
    await marked(asha, walk, "2027-03-01T09:00:00", Status.COMPLETED)
    await edited(asha, walk, "2027-03-03T09:00:00", "all", "2027-03-03T10:15", duration=timedelta(minutes=20))
    found = await seen(asha)
    assert told(found) == ["Walk 03-01 10:15", "Walk 03-03 10:15", "Walk 03-04 10:15"]
    assert found[0].status is Status.COMPLETED
    assert {one.ends - one.begins for one in found} == {timedelta(minutes=20)}


async def test_what_comes_each_month_takes_its_marks_to_another_day(asha: Somebody) -> None:
    club = await planned(asha, draft("Club", "2027-03-03T09:00", rule="FREQ=MONTHLY;COUNT=4"))
    await marked(asha, club, "2027-05-03T09:00:00", Status.CANCELLED)
    await left_out(asha, club, "2027-04-03T09:00:00")
    await edited(asha, club, "2027-03-03T09:00:00", "all", "2027-02-25T09:00")
    found = await seen(asha, date(2027, 2, 1), 150)
    assert told(found) == ["Club 02-25 09:00", "Club 04-25 09:00", "Club 05-25 09:00"]
    assert [one.status.value for one in found] == ["pending", "cancelled", "pending"]


async def test_leaving_out_reaches_as_far_as_it_says(asha: Somebody) -> None:
    walk = await planned(asha, rule="FREQ=DAILY;COUNT=5")
    await left_out(asha, walk, "2027-03-02T09:00:00")
    await left_out(asha, walk, "2027-03-04T09:00:00", "following")
    assert told(await seen(asha)) == ["Walk 03-01 09:00", "Walk 03-03 09:00"]
    assert await left_out(asha, walk, "2027-03-01T09:00:00", "all") is None
    assert await seen(asha) == []
    with pytest.raises(NotFound):
        await left_out(asha, walk, "2027-03-01T09:00:00")


async def test_a_series_of_which_the_last_is_left_out_is_deleted(asha: Somebody) -> None:
    walk = await planned(asha, rule="FREQ=DAILY;COUNT=2")
    await left_out(asha, walk, "2027-03-01T09:00:00")
    assert await left_out(asha, walk, "2027-03-02T09:00:00") is None


async def test_an_occurrence_that_is_none_is_not_found(asha: Somebody) -> None:
    walk = await planned(asha, rule="FREQ=WEEKLY;COUNT=5")
    for key in ("2027-03-02T09:00:00", "2027-03-01", "soon", "2027-03-01T09:00:00+05:30"):
        with pytest.raises(NotFound):
            await edited(asha, walk, key, "this", "2027-03-02T10:00")


async def test_an_appointment_is_made_for_a_time_to_come_and_stays_when_it_is_over(
    asha: Somebody, traveller: time_machine.Traveller
) -> None:
    with pytest.raises(Incorrect) as refused:
        await planned(asha, visit(start="2027-02-27T10:00"))
    assert refused.value.fault.field == "start"
    event = await planned(asha, visit())
    with pytest.raises(Incorrect):
        await edited(asha, event, event.start.isoformat(), "this", "2027-02-27T10:00")
    traveller.move_to(at(7, day=DAY + timedelta(days=90)))
    changed = await edited(
        asha, event, event.start.isoformat(), "this", event.start.isoformat(), text="All well"
    )
    assert changed.text == "All well"
    async with asha.transaction() as tx:
        await service.EVENTS.delete(tx, asha.person_id, event.id)
        await service.EVENTS.restore(tx, asha.person_id, event.id)
        (past,) = await service.past_appointments(tx, asha.person_id, limit=9)
    assert past.title == "Check-up"


async def test_what_became_of_an_occurrence_is_its_own(asha: Somebody) -> None:
    event = await planned(asha, visit(rule="FREQ=DAILY;COUNT=3"))
    await marked(asha, event, "2027-03-04T10:30:00", Status.CONFIRMED)
    assert [one.status.value for one in await seen(asha)] == ["pending", "confirmed", "pending"]
    await marked(asha, event, "2027-03-04T10:30:00", Status.PENDING)
    assert {one.status.value for one in await seen(asha)} == {"pending"}
    walk = await planned(asha)
    with pytest.raises(Incorrect) as refused:
        await marked(asha, walk, "2027-03-01T09:00:00", Status.NO_SHOW)
    assert refused.value.fault.field == "status"


async def test_an_appointment_is_reminded_of_once_and_each_time_it_should(
    database: Database, asha: Somebody, traveller: time_machine.Traveller
) -> None:
    await planned(asha, visit(reminders=(1440, 60)))
    traveller.move_to(at(10, 29, DAY + timedelta(days=1)))
    await look(database)
    assert await messages(asha) == []
    for hour, minute, day, many in ((10, 30, 1, 1), (10, 31, 1, 1), (9, 30, 2, 2), (10, 45, 2, 2)):
        traveller.move_to(at(hour, minute, DAY + timedelta(days=day)))
        await look(database)
        await look(database)
        assert len(await messages(asha)) == many
    first = (await messages(asha))[0]
    assert first.title == "An appointment is coming"
    assert "Check-up" in first.text
    assert "Dr Rao" in first.text


async def test_an_event_that_fails_holds_up_no_other_and_is_said_once_it_can_be(
    database: Database, asha: Somebody, traveller: time_machine.Traveller
) -> None:
    broken = await planned(asha, visit("Broken", "2027-03-03T10:00", reminders=(60,)))
    await planned(asha, visit("Whole", "2027-03-03T10:30", reminders=(60,)))
    traveller.move_to(at(9, 31, DAY + timedelta(days=2)))
    for clocks, said in (("Nowhere/At_all", ["Whole"]), ("Asia/Kolkata", ["Broken", "Whole"])):
        async with asha.transaction() as tx:
            await tx.session.execute(
                text("UPDATE calendar_events SET clocks = :clocks WHERE person_id = :person AND id = :id"),
                {"clocks": clocks, "person": asha.person_id, "id": broken.id},
            )
        traveller.shift(timedelta(minutes=5))
        await look(database)
        found = repr(await messages(asha))
        assert [title for title in ("Broken", "Whole") if title in found] == said


async def test_a_batch_of_which_none_can_be_said_makes_room_for_the_next(
    database: Database, asha: Somebody, traveller: time_machine.Traveller
) -> None:
    for _number in range(50):
        await planned(asha, visit("Broken", "2027-03-03T10:00", reminders=(60,)))
    await planned(asha, visit("Whole", "2027-03-03T10:30", reminders=(60,)))
    async with asha.transaction() as tx:
        await tx.session.execute(
            text(
                "UPDATE calendar_events SET clocks = 'Nowhere/At_all' WHERE person_id = :person AND call_at < :at"
            ),
            {"person": asha.person_id, "at": at(9, 30, DAY + timedelta(days=2))},
        )
    traveller.move_to(at(9, 31, DAY + timedelta(days=2)))
    await look(database)
    assert ["Whole" in notice.text for notice in await messages(asha)] == [True]


async def test_a_moved_appointment_takes_its_reminders_along_and_one_called_off_has_none(
    database: Database, asha: Somebody, traveller: time_machine.Traveller
) -> None:
    event = await planned(asha, visit(reminders=(60,)))
    event = await edited(asha, event, event.start.isoformat(), "this", "2027-03-05T16:00")
    traveller.move_to(at(9, 30, date(2027, 3, 3)))
    await look(database)
    assert await messages(asha) == []
    traveller.move_to(at(15, 0, date(2027, 3, 5)))
    await look(database)
    assert len(await messages(asha)) == 1
    other = await planned(asha, visit(start="2027-03-08T10:00", reminders=(60,)))
    await marked(asha, other, "2027-03-08T10:00:00", Status.CANCELLED)
    traveller.move_to(at(9, 0, date(2027, 3, 8)))
    await look(database)
    assert len(await messages(asha)) == 1


async def test_after_a_pause_what_is_ahead_is_said_once_and_what_is_over_is_not(
    database: Database, asha: Somebody, traveller: time_machine.Traveller
) -> None:
    await planned(asha, draft(rule="FREQ=DAILY;COUNT=10", reminders=(120, 60)))
    traveller.move_to(at(8, 30, DAY + timedelta(days=5)))
    await look(database)
    assert [notice.text[:5] for notice in await messages(asha)] == ["Walk,"]


async def test_the_clocks_change_between_a_reminder_and_what_it_reminds_of(
    database: Database, asha: Somebody, traveller: time_machine.Traveller
) -> None:
    await planned(asha, draft(start="2027-03-14T09:00", zone="America/New_York", reminders=(1440,)))
    async with asha.transaction() as tx:
        row = (await service.EVENTS.page(tx, asha.person_id)).items[0]
    assert row.zone == "America/New_York"
    # The clocks there go forward in that night: a day of 1,440 minutes before nine is eight the day before.
    traveller.move_to("2027-03-13T12:59:00+00:00")
    await look(database)
    assert await messages(asha) == []
    traveller.move_to("2027-03-13T13:00:00+00:00")
    await look(database)
    assert len(await messages(asha)) == 1


async def test_a_whole_day_is_reminded_of_from_nine_in_the_morning(
    database: Database, asha: Somebody, traveller: time_machine.Traveller
) -> None:
    await planned(asha, draft("Birthday", "2027-03-06", rule="FREQ=YEARLY", reminders=(1440,)))
    traveller.move_to(at(8, 59, date(2027, 3, 5)))
    await look(database)
    assert await messages(asha) == []
    traveller.move_to(at(9, 0, date(2027, 3, 5)))
    await look(database)
    assert len(await messages(asha)) == 1


async def test_who_moves_to_another_zone_is_reminded_by_its_clocks(
    database: Database, asha: Somebody, traveller: time_machine.Traveller
) -> None:
    await planned(asha, draft("Birthday", "2027-03-06", reminders=(0,)))
    async with asha.transaction() as tx:
        await service.live(tx, asha.person_id, "America/New_York")
    traveller.move_to("2027-03-06T13:59:00+00:00")
    await look(database)
    assert await messages(asha) == []
    traveller.move_to("2027-03-06T14:00:00+00:00")
    await look(database)
    assert len(await messages(asha)) == 1


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"rule": "FREQ=HOURLY;BYMINUTE=0,30"}, "rule"),
        ({"rule": "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"}, "rule"),
        ({"zone": "Mars/Olympus"}, "zone"),
        ({"duration": timedelta(minutes=-5)}, "duration"),
        ({"changes": [{"original": "2027-03-02T09:00"}]}, "changes"),
        ({"start": "2027-13-01T09:00"}, "start"),
        ({"start": "2027-03-01T09:00+05:30"}, "start"),
        ({"reminders": [60, 60]}, "reminders"),
        ({"care": {}}, "care.provider"),
        ({"care": {"provider": "x", "cost": "5.00"}}, "care.currency"),
    ],
)  # fmt: skip
def test_what_cannot_be_planned_names_its_field(more: dict[str, object], field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        EventDraft.model_validate(draft().model_dump() | more, strict=False)
    assert fault_of(refused.value.errors()[0]).field == field


async def test_an_appointment_is_confirmed_from_its_message(
    database: Database, asha: Somebody, traveller: time_machine.Traveller
) -> None:
    event = await planned(asha, visit(reminders=(60,)))
    traveller.move_to(at(9, 30, date(2027, 3, 3)))
    await look(database)
    (notice,) = await messages(asha)
    async with asha.transaction() as tx:
        await notifications.do(tx, asha.account_id, notice.id, "calendar.confirm")
    assert (await seen(asha))[0].status is Status.CONFIRMED
    assert event.reminders == (60,)


async def test_a_reminder_says_what_became_of_it_meanwhile(
    database: Database, asha: Somebody, traveller: time_machine.Traveller
) -> None:
    event = await planned(asha, visit(reminders=(60,)))
    walk = await planned(asha, draft(start="2027-03-03T10:30", rule="FREQ=DAILY;COUNT=3", reminders=(60,)))
    traveller.move_to(at(9, 30, date(2027, 3, 3)))
    await look(database)

    async def answers() -> list[str | None]:
        with i18n.use(i18n.Manner(zone="Asia/Kolkata")):
            found = sorted(await messages(asha), key=lambda one: one.kind)
        assert [bool(one.actions) for one in found] == [found[0].answer is None, False]
        return [one.answer for one in found]

    assert await answers() == [None, None]
    await marked(asha, event, "2027-03-03T10:30:00", Status.CONFIRMED)
    await marked(asha, walk, "2027-03-03T10:30:00", Status.CANCELLED)
    assert await answers() == ["Confirmed", "Called off"]
    moved = await edited(asha, event, "2027-03-03T10:30:00", "this", "2027-03-05T16:00")
    await left_out(asha, walk, "2027-03-03T10:30:00")
    assert await answers() == ["Moved to 5 Mar 2027, 16:00", "Not at this time any more"]
    await marked(asha, moved, "2027-03-05T16:00:00", Status.COMPLETED)
    async with asha.transaction() as tx:
        await service.EVENTS.delete(tx, asha.person_id, walk.id)
    assert await answers() == ["Done", "Not in the calendar any more"]
    async with asha.transaction() as tx:
        await tx.session.execute(
            text("UPDATE calendar_events SET sealed = 'no seal' WHERE person_id = :p"), {"p": asha.person_id}
        )
    assert await answers() == [
        None,
        "Not in the calendar any more",
    ]  # it is damaged, and the messages can be read


async def test_what_waits_to_be_sent_is_hushed_when_it_is_called_off(
    database: Database, asha: Somebody, traveller: time_machine.Traveller
) -> None:
    event = await planned(asha, visit(reminders=(60,)))
    traveller.move_to(at(9, 30, date(2027, 3, 3)))
    await look(database)
    (notice,) = await messages(asha)
    await marked(asha, event, "2027-03-03T10:30:00", Status.CANCELLED)
    async with asha.transaction() as tx:
        found = await notifications.deliveries(tx, asha.person_id, [notice.id])
    waiting = [one for one in found[notice.id] if one.state.value == "waiting"]
    assert not waiting


async def test_appointments_leave_as_fhir_and_everything_ends(
    asha: Somebody, traveller: time_machine.Traveller
) -> None:
    await planned(asha, visit(rule="FREQ=WEEKLY;COUNT=3", place="Ward 3"))
    await planned(asha)
    traveller.move_to(at(7, day=DAY + timedelta(days=5)))
    async with asha.transaction() as tx:
        files = {
            file.name: b"".join([part async for part in file.content])
            async for file in feature.export(tx, asha.person_id)
        }
    resources = [json.loads(line) for line in files["calendar/fhir.ndjson"].splitlines()]
    assert [one["start"][:10] for one in resources] == ["2027-03-03", "2027-03-10", "2027-03-17"]
    for one in resources:
        assert not faults(one)
    assert files["calendar/calendar.ics"].startswith(b"BEGIN:VCALENDAR")
    async with asha.transaction() as tx:
        await service.open_link(tx, asha.person_id, LinkDraft(name="Phone"))
        assert await erase_rows(feature.FEATURE, tx, asha.person_id) == 4


async def test_past_appointments_are_told_newest_first_from_any_instant(
    asha: Somebody, traveller: time_machine.Traveller
) -> None:
    await planned(asha, visit("Physio", rule="FREQ=WEEKLY;COUNT=4"))
    await planned(asha, visit("Once", "2027-03-12T09:00"))
    traveller.move_to(at(7, day=DAY + timedelta(days=60)))
    async with asha.transaction() as tx:
        found = await service.past_appointments(tx, asha.person_id, limit=3)
        assert told(found) == ["Physio 03-24 10:30", "Physio 03-17 10:30", "Once 03-12 09:00"]
        found = await service.past_appointments(tx, asha.person_id, limit=9, until=found[-1].begins)
        assert told(found) == ["Once 03-12 09:00", "Physio 03-10 10:30", "Physio 03-03 10:30"]
        upcoming = await service.upcoming(tx, asha.person_id)
    assert upcoming.count == 0
