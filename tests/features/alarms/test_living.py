"""A dangerous reading is entered; an alarm is there and said, climbs until somebody answers, and ends with a newer reading."""

from datetime import date, time, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import text

from ojas.features.alarms import service
from ojas.features.alarms.schemas import Limits, RuleDraft
from ojas.features.measurements import service as measurements
from ojas.features.measurements.schemas import LimitsDraft, OverrideDraft
from ojas.features.medications import service as medications
from ojas.features.medications.rules.amount import Amount
from ojas.features.medications.rules.doses import Action
from ojas.features.medications.rules.patterns import Slot, Weekly
from ojas.features.medications.rules.schedule import Schedule
from ojas.features.medications.schemas import AnswerDraft, MedicineDraft
from ojas.features.notifications.rules import Urgency
from ojas.features.record import service as record
from ojas.features.record.schemas import Coding, ConditionDraft
from ojas.features.sharing import service as sharing
from ojas.features.sharing.rules import Kind
from ojas.features.signals import service as signals
from ojas.features.signals.schemas import SessionDraft
from ojas.kit.clock import now as clock_now
from ojas.kit.db import Database, Tx
from ojas.kit.errors import Forbidden, Incorrect, NotFound
from ojas.kit.i18n import format_time
from ojas.kit.jobs import Context
from tests.features.sharing.cast import Somebody, shared, somebody

from .living import enter, facts, imported, look, messages, open_alarms, pressure, sent, single, whole

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


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


async def test_an_alarm_answered_on_its_page_waits_in_no_message(
    database: Database, asha: Somebody, clock: time_machine.Traveller
) -> None:
    await enter(asha, pressure(192))
    await look(database)
    [alarm] = await open_alarms(asha)
    [told] = await messages(asha)
    assert (told.answer, len(told.actions)) == (None, 2)
    async with asha.transaction() as tx:
        await service.acknowledge(tx, asha.person_id, alarm.id)
    [told] = await messages(asha)
    assert (told.answer, told.actions) == ("I have seen it", [])


async def test_a_second_reading_five_minutes_on_makes_it_critical_and_calls_anew(
    database: Database, asha: Somebody, clock: time_machine.Traveller
) -> None:
    meera = await somebody(database, "Meera")
    await shared(asha, meera, "alarms", kind=Kind.CAREGIVER)
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
    clock.shift(5 * MINUTE)
    await look(database)
    [told] = await messages(meera)
    assert "Nobody has answered since" in told.text
    assert format_time(alarm.raised_at) not in told.text, "what she said before it got worse was an answer"


async def test_an_alarm_nobody_answers_goes_on_to_caregivers_and_then_to_the_care_team_until_one_says_so(
    database: Database, asha: Somebody, clock: time_machine.Traveller
) -> None:
    meera, rao = await somebody(database, "Meera"), await somebody(database, "Rao")
    await shared(asha, meera, "alarms", kind=Kind.CAREGIVER, may_write=True)
    await shared(asha, rao, "alarms", kind=Kind.CARE_TEAM, may_write=True)
    await enter(asha, pressure(192))
    await look(database)
    [alarm] = await open_alarms(asha)
    clock.shift(29 * MINUTE)
    await look(database)
    assert len(await messages(asha)) == 2
    assert await messages(meera) == []
    clock.shift(MINUTE)
    await look(database)
    [told] = await messages(meera)
    assert told.title == "Asha may need help"
    assert "Nobody has answered" in told.text
    assert await messages(rao) == []
    clock.shift(31 * MINUTE)
    await look(database)
    assert len(await messages(rao)) == 1
    async with meera.transaction() as tx:
        await service.acknowledge(tx, asha.person_id, alarm.id)
    before = [len(await messages(who)) for who in (asha, meera, rao)]
    clock.shift(DAY)
    await look(database)
    assert [len(await messages(who)) for who in (asha, meera, rao)] == before
    seen = await whole(asha, alarm.id)
    assert seen.acknowledged_by == meera.account_id
    assert [one.to for one in seen.changes if one.to] == ["person", "person", "caregivers", "care_team"]


async def test_of_somebody_without_an_account_who_keeps_their_record_is_told(
    database: Database, asha: Somebody, clock: time_machine.Traveller
) -> None:
    async with asha.transaction() as tx:
        child = await sharing.add_person(tx, asha.actor, "Little Ravi")
    await enter(asha, single("oxygen_saturation", "86", "%"), whose=child)
    await look(database)
    [told] = await messages(asha)
    assert told.title == "Little Ravi may need help"
    assert told.text.startswith("Little Ravi: Oxygen: 86 %.")
    assert "Nobody has answered" not in told.text


async def test_a_silence_ends_by_itself_and_it_sounds_again(
    database: Database, asha: Somebody, clock: time_machine.Traveller
) -> None:
    await enter(asha, pressure(192))
    await look(database)
    [alarm] = await open_alarms(asha)
    async with asha.transaction() as tx:
        await service.snooze(tx, asha.person_id, alarm.id, 24 * 60)
    clock.shift(59 * MINUTE)
    await look(database)
    assert len(await messages(asha)) == 1
    clock.shift(MINUTE)
    await look(database)
    assert len(await messages(asha)) == 2
    assert await facts(asha, alarm.id) == ["raised", "told", "snoozed", "woke", "told"]


async def test_a_value_that_is_corrected_or_deleted_ends_its_alarm(
    database: Database, asha: Somebody, clock: time_machine.Traveller
) -> None:
    reading = await enter(asha, pressure(192))
    await look(database)
    [alarm] = await open_alarms(asha)
    async with asha.transaction() as tx:
        await measurements.change(tx, asha.person_id, reading.id, pressure(129))
    await look(database)
    assert (await whole(asha, alarm.id)).changes[-1].why == "corrected"
    again = await enter(asha, pressure(195, ago=timedelta(seconds=-60)))
    await look(database)
    assert len(await open_alarms(asha)) == 1
    async with asha.transaction() as tx:
        await measurements.delete(tx, asha.person_id, again.id)
    await look(database)
    assert await open_alarms(asha) == []


async def test_what_a_file_brings_of_long_ago_calls_nobody_and_what_is_fresh_does(
    database: Database, asha: Somebody, clock: time_machine.Traveller
) -> None:
    await imported(asha, pressure(200, ago=400 * DAY), pressure(200, ago=3 * DAY))
    await look(database)
    assert await open_alarms(asha) == []
    await imported(asha, pressure(198, ago=HOUR))
    await look(database)
    assert [one.severity for one in await open_alarms(asha)] == ["critical"]
    assert len(await messages(asha)) == 1


async def test_an_alarm_over_which_nothing_newer_comes_is_old_after_a_week(
    database: Database, asha: Somebody, clock: time_machine.Traveller
) -> None:
    await enter(asha, pressure(192))
    await look(database)
    [alarm] = await open_alarms(asha)
    clock.shift(7 * DAY)
    await look(database)
    assert (await whole(asha, alarm.id)).changes[-1].why == "old"


async def test_limits_of_their_own_hold_in_place_of_the_bands_and_a_rule_may_be_off(
    database: Database, asha: Somebody, clock: time_machine.Traveller
) -> None:
    async with asha.transaction() as tx:
        limits = {"systolic": Limits(high=Decimal(150))}
        await service.put(tx, asha.person_id, RuleDraft(rule="blood_pressure", limits=limits))
        [told] = [
            rule for rule in await service.rules(tx, asha.person_id, {}) if rule.rule == "blood_pressure"
        ]
    assert told.says[0] == "When the upper blood pressure is 150 mmHg or more."
    await enter(asha, pressure(151))
    await look(database)
    [alarm] = await open_alarms(asha)
    assert (alarm.severity, alarm.says) == ("high", "Beyond the limit that was set. Today, 08:00.")
    async with asha.transaction() as tx:
        await service.put(tx, asha.person_id, RuleDraft(rule="blood_pressure", on=False))
    await look(database)
    assert (await whole(asha, alarm.id)).changes[-1].why == "off"
    async with asha.transaction() as tx:
        await service.reset(tx, asha.person_id, "blood_pressure")
    await enter(asha, pressure(151))
    await look(database)
    assert await open_alarms(asha) == []


async def test_a_limit_of_ones_own_leaves_the_other_side_as_usual_and_makes_nothing_less_bad(
    database: Database, asha: Somebody, clock: time_machine.Traveller
) -> None:
    async with asha.transaction() as tx:
        high = {"value": Limits(high=Decimal(250))}
        await service.put(tx, asha.person_id, RuleDraft(rule="glucose", limits=high))
        [told] = [rule for rule in await service.rules(tx, asha.person_id, {}) if rule.rule == "glucose"]
    assert told.says == (
        "When the blood sugar is 250 mg/dL or more.",
        "When the blood sugar is below 54 mg/dL.",
    )
    await enter(asha, single("blood_glucose", "45", "mg/dL"))
    await look(database)
    [alarm] = await open_alarms(asha)
    assert (alarm.severity, "juice" in alarm.advice) == ("critical", True)
    async with asha.transaction() as tx:
        low = {"value": Limits(low=Decimal(80))}
        await service.put(tx, asha.person_id, RuleDraft(rule="glucose", limits=low))
    await look(database)
    [alarm] = await open_alarms(asha)
    assert (alarm.severity, "juice" in alarm.advice) == ("critical", True)
    clock.shift(MINUTE)
    await enter(asha, single("blood_glucose", "300", "mg/dL"))
    await look(database)
    assert [one.severity for one in await open_alarms(asha)] == ["high"], (
        "a side that is not set stays as usual"
    )


async def test_care_teams_bands_are_the_alarms_too(
    database: Database, asha: Somebody, clock: time_machine.Traveller
) -> None:
    await enter(asha, pressure(165))
    await look(database)
    assert await open_alarms(asha) == []
    async with asha.transaction() as tx:
        draft = OverrideDraft(
            kind="blood_pressure", limits={"systolic": LimitsDraft(danger_high=Decimal(160))}
        )
        await measurements.OVERRIDES.create(tx, asha.person_id, draft)
    await look(database)
    assert [one.severity for one in await open_alarms(asha)] == ["high"]


@pytest.mark.parametrize(
    ("kind", "value", "unit", "rule", "severity"),
    [
        ("oxygen_saturation", "88", "%", "oxygen", "high"),
        ("temperature", "41.2", "Cel", "temperature", "high"),
        ("temperature", "39.8", "Cel", "temperature", "medium"),
        ("blood_glucose", "48", "mg/dL", "glucose", "critical"),
        ("blood_glucose", "64", "mg/dL", "glucose", "medium"),
        ("blood_glucose", "320", "mg/dL", "glucose", "high"),
        ("resting_heart_rate", "135", "/min", "pulse", "high"),
        ("respiratory_rate", "27", "/min", "breathing", "high"),
    ],
)
async def test_each_kind_has_its_rule(
    database: Database, asha: Somebody, kind: str, value: str, unit: str, rule: str, severity: str
) -> None:
    await enter(asha, single(kind, value, unit))
    await look(database)
    [alarm] = await open_alarms(asha)
    assert (alarm.rule, alarm.severity) == (rule, severity)
    assert value in alarm.title
    assert alarm.advice


async def test_weight_that_rises_fast_is_told_and_a_slip_of_the_scale_is_not(
    database: Database, asha: Somebody, clock: time_machine.Traveller
) -> None:
    async with asha.transaction() as tx:
        await service.put(tx, asha.person_id, RuleDraft(rule="weight_week", reason="Dr Rao"))
    for weight in ("62.0", "62.1", "62.3"):
        await enter(asha, single("weight", weight, "kg"))
        clock.shift(DAY)
    await enter(asha, single("weight", "67.0", "kg"))
    await look(database)
    assert await open_alarms(asha) == []
    clock.shift(DAY)
    await enter(asha, single("weight", "64.6", "kg"))
    await look(database)
    [alarm] = await open_alarms(asha)
    assert (alarm.rule, alarm.title) == ("weight_week", "Weight: 2.6 kg more")
    assert "7 days" in alarm.says


async def test_a_quick_gain_concerns_those_whose_record_says_that_they_hold_water(
    database: Database, asha: Somebody, clock: time_machine.Traveller
) -> None:
    async def watched() -> list[str]:
        await look(database)
        return [alarm.rule for alarm in await open_alarms(asha)]

    async def on() -> bool:
        async with asha.transaction() as tx:
            return (await service.rule(tx, asha.person_id, "weight_day", {})).on

    await enter(asha, single("weight", "62.0", "kg"))
    clock.shift(DAY)
    await enter(asha, single("weight", "63.6", "kg"))
    assert (await watched(), await on()) == ([], False), "with most people it is food and drink"
    codes = (Coding(system="http://hl7.org/fhir/sid/icd-10-cm", code="I50.9"),)
    async with asha.transaction() as tx:
        draft = ConditionDraft(name="Heart failure", codes=codes)
        known = await record.CONDITIONS.create(tx, asha.person_id, draft)
    assert (await watched(), await on()) == (["weight_day"], True)
    async with asha.transaction() as tx:
        await record.CONDITIONS.delete(tx, asha.person_id, known.id)
    assert (await watched(), await on()) == ([], False)


async def test_doses_that_go_by_in_a_row_are_told_and_an_answer_ends_it(
    database: Database, asha: Somebody, clock: time_machine.Traveller
) -> None:
    slot = Slot(time(8), Amount(Decimal(1), "{tablet}"))
    async with asha.transaction() as tx:
        schedule = Schedule(Weekly((slot,)), date(2027, 3, 1))
        await medications.MEDICINES.create(
            tx, asha.person_id, MedicineDraft(name="Metoprolol", schedule=schedule)
        )
    for _ in range(16):
        clock.shift(6 * HOUR)
        while await medications.DUE.look(Context(database)):
            pass
        await look(database)
    [alarm] = await open_alarms(asha)
    assert (alarm.rule, alarm.says) == ("missed_doses", "3 doses in a row went by without an answer.")
    async with asha.transaction() as tx:
        dose = (await medications.doses(tx, asha.person_id, clock_now() - DAY, clock_now()))[-1]
        await medications.answer(tx, asha.person_id, dose.id, AnswerDraft(action=Action.TAKE))
    await look(database)
    assert await open_alarms(asha) == []


async def test_a_habit_that_stops_is_told_and_a_new_reading_ends_it(
    database: Database, asha: Somebody, clock: time_machine.Traveller
) -> None:
    for _ in range(6):
        await enter(asha, single("weight", "62.0", "kg"))
        clock.shift(DAY)
    await look(database)
    clock.shift(DAY)
    await look(database)
    assert await open_alarms(asha) == []
    clock.shift(DAY)
    await look(database)
    [alarm] = await open_alarms(asha)
    assert (alarm.rule, alarm.severity) == ("no_readings", "low")
    await enter(asha, single("weight", "62.0", "kg"))
    await look(database)
    assert await open_alarms(asha) == []


async def test_a_device_that_falls_silent_is_told_by_its_name(
    database: Database, asha: Somebody, clock: time_machine.Traveller
) -> None:
    await sent(asha, "heart_rate", [(n * HOUR, 62.0) for n in range(100)], source="Asha's watch")
    await look(database)
    clock.shift(2 * DAY)
    await look(database)
    [alarm] = await open_alarms(asha)
    assert (alarm.rule, alarm.title) == ("device_silent", "Asha's watch is silent")
    await sent(asha, "heart_rate", [(timedelta(), 62.0)], source="Asha's watch")
    await look(database)
    assert await open_alarms(asha) == []


async def test_what_devices_send_is_watched_a_pulse_by_ten_minutes_of_rest(
    database: Database, asha: Somebody, clock: time_machine.Traveller
) -> None:
    racing = [(n * timedelta(seconds=10), 140.0 + n % 7) for n in range(120)]
    async with asha.transaction() as tx:
        now = clock_now()
        workout = SessionDraft(kind="workout", started_at=now - 20 * MINUTE, ended_at=now)
        await signals.SESSIONS.create(tx, asha.person_id, workout)
    await sent(asha, "heart_rate", racing)
    await look(database)
    assert await open_alarms(asha) == [], "who trains may have a fast pulse"
    clock.shift(3 * HOUR)
    await sent(asha, "heart_rate", racing)
    await look(database)
    [alarm] = await open_alarms(asha)
    assert alarm.rule == "pulse"
    await sent(asha, "oxygen_saturation", [(MINUTE, 87.0)])
    await sent(asha, "interstitial_glucose", [(MINUTE, 50.0)])
    await look(database)
    assert {one.rule for one in await open_alarms(asha)} == {"pulse", "oxygen", "glucose"}


async def test_nobody_sees_or_answers_the_alarms_of_others(database: Database, asha: Somebody) -> None:
    stranger, reader = await somebody(database, "Stranger"), await somebody(database, "Reader")
    await shared(asha, reader, "alarms")
    await enter(asha, pressure(192))
    await look(database)
    [alarm] = await open_alarms(asha)
    assert len(await open_alarms(reader, asha.person_id)) == 1
    for who, refusal in ((stranger, NotFound), (reader, Forbidden)):
        for verb in (service.acknowledge, service.resolve):
            with pytest.raises(refusal):
                async with who.transaction() as tx:
                    await verb(tx, asha.person_id, alarm.id)
        with pytest.raises(refusal):
            async with who.transaction() as tx:
                await service.put(tx, asha.person_id, RuleDraft(rule="oxygen", on=False))
    with pytest.raises(NotFound):
        await open_alarms(stranger, asha.person_id)


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        (RuleDraft(rule="moon"), "rule"),
        (RuleDraft(rule="blood_pressure", amount=Decimal(3)), "amount"),
        (RuleDraft(rule="no_readings", amount=Decimal(61)), "amount"),
        (RuleDraft(rule="no_readings", amount=Decimal("1.5")), "amount"),
        (RuleDraft(rule="no_readings", limits={"value": Limits(low=Decimal(1))}), "limits"),
        (RuleDraft(rule="oxygen", limits={"systolic": Limits(low=Decimal(90))}), "limits.systolic"),
        (RuleDraft(rule="oxygen", limits={"value": Limits(low=Decimal(30))}), "limits.value.low"),
        (
            RuleDraft(rule="temperature", limits={"value": Limits(low=Decimal(39), high=Decimal(38))}),
            "limits.value.low",
        ),
    ],
)
async def test_a_rule_that_cannot_be_is_refused_with_its_field(
    asha: Somebody, draft: RuleDraft, field: str
) -> None:
    with pytest.raises(Incorrect) as refusal:
        async with asha.transaction() as tx:
            await service.put(tx, asha.person_id, draft)
    assert refusal.value.fault.field == field


async def test_whoever_cannot_be_judged_holds_up_nobody_else(
    database: Database, asha: Somebody, clock: time_machine.Traveller
) -> None:
    broken = await somebody(database, "Broken")
    async with broken.transaction() as tx:
        made = await service.put(tx, broken.person_id, RuleDraft(rule="oxygen", on=False))
        await tx.session.execute(
            text("UPDATE alarm_rules SET sealed = 'no seal' WHERE person_id = :person AND id = :id"),
            {"person": broken.person_id, "id": made.id},
        )
    await enter(broken, pressure(200))
    await enter(asha, pressure(192))
    await look(database)
    assert len(await open_alarms(asha)) == 1
    async with broken.transaction() as tx:
        waiting = await tx.session.scalar(
            text("SELECT min(at) FROM looks WHERE person_id = :person"), {"person": broken.person_id}
        )
        await tx.session.execute(
            text("DELETE FROM looks WHERE person_id = :person"), {"person": broken.person_id}
        )
    assert waiting == clock_now() + MINUTE


async def test_an_alarm_that_cannot_be_said_holds_up_no_other_and_is_tried_again(
    database: Database, asha: Somebody, clock: time_machine.Traveller
) -> None:
    broken = await somebody(database, "Broken")
    await enter(broken, pressure(200))
    await enter(asha, pressure(192))
    context = Context(database)
    while await service.LOOK.look(context):
        pass
    async with broken.transaction() as tx:
        kept = await tx.session.scalar(
            text("SELECT sealed FROM alarms WHERE person_id = :person"), {"person": broken.person_id}
        )
        await _sealed(tx, broken.person_id, b"no seal")
    assert await service.CALL.look(context)
    assert (len(await messages(asha)), await messages(broken)) == (1, [])
    assert not await service.CALL.look(context), "it is not tried again at once"
    async with broken.transaction() as tx:
        await _sealed(tx, broken.person_id, kept)
    clock.shift(MINUTE)
    assert await service.CALL.look(context)
    assert len(await messages(broken)) == 1


async def _sealed(tx: Tx, person_id: UUID, sealed: bytes) -> None:
    await tx.session.execute(
        text("UPDATE alarms SET sealed = :sealed WHERE person_id = :person"),
        {"person": person_id, "sealed": sealed},
    )
