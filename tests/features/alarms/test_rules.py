"""What values come to, and what becomes of an alarm: laws that hold in every order, however often something is sent."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ojas.features.alarms.rules import (
    FRESH,
    LADDERS,
    LASTS,
    Alarm,
    Change,
    Mark,
    Severity,
    Standing,
    Value,
    acknowledged,
    gained,
    judge,
    judged,
    rank,
    resolved,
    snoozed,
    standing,
    woken,
)
from ojas.features.notifications.rules import Audience, Urgency
from ojas.kit.errors import Incorrect

NOW = datetime(2027, 3, 1, 8, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
MARGIN = 5
LOW, MEDIUM, HIGH, CRITICAL = Severity.LOW, Severity.MEDIUM, Severity.HIGH, Severity.CRITICAL


def grade(told: int, shift: int) -> Mark:
    """160 and more is to be told today if a second says so, 180 is danger; 50 and less is the danger below."""
    number = told + shift * MARGIN
    if number >= 180:
        return Mark(HIGH)
    if number >= 160:
        return Mark(MEDIUM, twice=True)
    return Mark(HIGH, high=False) if number <= 50 else Mark(None)


def values(*told: int, apart: timedelta = MINUTE) -> list[Value]:
    """One after the other, the last one now."""
    return [Value(UUID(int=n + 1), NOW - (len(told) - 1 - n) * apart, one) for n, one in enumerate(told)]


def severity(*told: int, apart: timedelta = MINUTE, again: Severity | None = CRITICAL) -> Severity | None:
    found = judge(values(*told, apart=apart), grade, again)
    return found.severity if found else None


@pytest.mark.parametrize(
    ("told", "found"),
    [
        ((120,), None),
        ((182,), HIGH),
        ((182, 130), None),
        ((182, 177), HIGH),
        ((182, 177, 177, 177), MEDIUM),
        ((182, 174), MEDIUM),
        ((165,), None),
        ((165, 166), MEDIUM),
        ((165, 120, 166), None),
        ((165, 166, 158), MEDIUM),
        ((165, 166, 158, 158, 158), None),
        ((165, 166, 150), None),
        ((165, 166, 158, 165, 158, 158), MEDIUM),
        ((45,), HIGH),
        ((45, 53), HIGH),
        ((45, 56), None),
        ((45, 185), HIGH),
        ((185, 45), HIGH),
    ],
)
def test_danger_counts_at_once_and_ends_by_a_margin_or_three_in_a_row(
    told: tuple[int, ...], found: Severity | None
) -> None:
    assert severity(*told) is found


def test_a_second_danger_makes_it_critical_only_five_minutes_on() -> None:
    assert severity(182, 184) is HIGH
    assert severity(182, 184, apart=5 * MINUTE) is CRITICAL
    assert severity(182, 177, 184, apart=3 * MINUTE) is CRITICAL, (
        "what lies within the margin between them does not part them"
    )
    assert severity(182, 130, 184, apart=5 * MINUTE) is HIGH, "what was in order between them does"
    assert severity(182, 184, apart=HOUR, again=None) is HIGH


def test_a_danger_on_the_other_side_or_after_it_eased_confirms_nothing() -> None:
    assert severity(185, 45, apart=5 * MINUTE) is HIGH
    assert severity(45, 185, apart=5 * MINUTE) is HIGH
    assert severity(182, 174, 184, apart=5 * MINUTE) is HIGH
    assert severity(165, 166, 184, apart=5 * MINUTE) is HIGH, "what was not danger does not either"


def test_a_critical_danger_stays_so_within_the_margin() -> None:
    assert severity(182, 184, 178, apart=5 * MINUTE) is CRITICAL
    assert severity(182, 184, 120, apart=5 * MINUTE) is None


readings = st.lists(st.integers(30, 220), min_size=1, max_size=40)


@given(readings, st.randoms(use_true_random=False), st.integers(1, 3))
def test_the_same_values_in_any_order_and_however_often_come_to_the_same(
    told: list[int], chance: object, times: int
) -> None:
    told_values = values(*told)
    shuffled = told_values * times
    chance.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis gives a Random
    assert judge(shuffled, grade, CRITICAL) == judge(told_values, grade, CRITICAL)


@given(readings)
def test_the_last_value_in_danger_is_never_overlooked(told: list[int]) -> None:
    found = judge(values(*told), grade, CRITICAL)
    if grade(told[-1], 0).severity is HIGH:
        assert found is not None
        assert rank(found.severity) >= HIGH.rank
        assert found.value.told == told[-1]


@given(readings)
def test_three_values_in_order_end_whatever_was(told: list[int]) -> None:
    assert judge(values(*told, 100, 100, 100), grade, CRITICAL) is None


@given(st.lists(st.sampled_from([176, 177, 178, 179, 180, 181, 182]), min_size=3, max_size=40))
def test_nothing_flaps_within_the_margin(told: list[int]) -> None:
    """Unless three in a row lie below, an alarm that stands neither ends nor eases."""
    told = [182, *told]
    changes = 0
    before = HIGH
    for n in range(1, len(told) + 1):
        found = judge(values(*told[:n]), grade, None)
        below = n >= 3 and all(one < 180 for one in told[n - 3 : n])
        now = found.severity if found else None
        if not below:
            changes += now is not before and rank(now) < rank(before)
        before = now  # type: ignore[assignment]  # never None here, and the law says so
    assert changes == 0


def test_what_is_old_counts_for_nothing_and_what_is_not_fresh_calls_nobody() -> None:
    assert (FRESH, LASTS) == (2 * DAY, 7 * DAY)
    found = judge(values(190), grade)
    assert standing(found, NOW + LASTS, lambda _value: {}) is None
    kept = standing(found, NOW + FRESH, lambda _value: {})
    assert kept is not None
    assert (kept.at, kept.until) == (NOW, NOW + LASTS)
    assert not kept.fresh
    assert judged(None, kept, NOW + FRESH) == (None, None)


# ------------------------------------------------------------------ an alarm


def stands(severity: Severity, at: datetime = NOW, *, fresh: bool = True) -> Standing:
    return Standing(severity, at, at + LASTS, fresh)


def raised(severity: Severity = HIGH, at: datetime = NOW) -> Alarm:
    alarm, change = judged(None, stands(severity, at), at)
    assert alarm is not None
    assert change is Change.RAISED
    return alarm


severities = st.sampled_from(list(Severity))
waits = st.integers(1, 7 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes))


def test_an_alarm_is_raised_once_and_called_at_once() -> None:
    alarm = raised()
    assert (alarm.call_at, alarm.said) == (NOW, 0)
    assert judged(alarm, stands(HIGH), NOW + MINUTE) == (alarm, None)


@given(severities, severities, waits, st.booleans())
def test_what_gets_worse_sounds_whatever_was_said_before(
    first: Severity, second: Severity, asked: timedelta, seen: bool
) -> None:
    now = NOW + MINUTE
    alarm = acknowledged(raised(first), now) if seen else snoozed(raised(first), now, asked)
    after, change = judged(alarm, stands(second, now), now)
    assert after is not None
    if second.rank > first.rank:
        assert change is Change.WORSENED
        assert (after.call_at, after.said, after.snoozed_until, after.acknowledged_at) == (now, 0, None, None)
    else:
        assert after.call_at == alarm.call_at
        assert change is (Change.EASED if second.rank < first.rank else None)


@given(severities, waits)
def test_a_silence_ends_by_a_cap_that_is_shorter_the_worse_it_is(
    severity: Severity, asked: timedelta
) -> None:
    silent = snoozed(raised(severity), NOW, asked)
    assert silent.snoozed_until is not None
    cap = {CRITICAL: 15 * MINUTE, HIGH: HOUR, MEDIUM: 12 * HOUR}.get(severity, 7 * DAY)
    assert silent.snoozed_until - NOW == min(asked, cap)
    assert silent.call_at == silent.snoozed_until
    assert woken(silent, silent.snoozed_until - MINUTE)[1] is None
    awake, change = woken(silent, silent.snoozed_until)
    assert change is Change.WOKE
    assert (awake.call_at, awake.said) == (silent.snoozed_until, 0)


def test_nobody_can_silence_something_for_no_time() -> None:
    with pytest.raises(Incorrect) as refusal:
        snoozed(raised(), NOW, timedelta())
    assert refusal.value.fault.field == "minutes"


def test_what_somebody_knows_is_not_said_again_but_after_half_a_day_by_a_newer_value() -> None:
    known = acknowledged(raised(), NOW)
    assert known.call_at is None
    assert acknowledged(known, NOW + HOUR) is known, "twice is once"
    soon, change = judged(known, stands(HIGH, NOW + HOUR), NOW + HOUR)
    assert change is None
    assert soon is not None
    assert soon.call_at is None
    later, change = judged(soon, stands(HIGH, NOW + 13 * HOUR), NOW + 13 * HOUR)
    assert change is Change.CONFIRMED
    assert later is not None
    assert later.call_at == NOW + 13 * HOUR
    assert judged(soon, stands(HIGH, NOW + HOUR), NOW + 13 * HOUR)[1] is None, "the same value is no news"
    half = NOW + 12 * HOUR
    assert judged(soon, stands(HIGH, half), half)[1] is Change.CONFIRMED
    assert judged(soon, stands(HIGH, half - MINUTE), half - MINUTE)[1] is None


def test_what_was_closed_by_hand_is_raised_again_by_a_newer_or_a_worse_value_alone() -> None:
    over = resolved(raised(), NOW + MINUTE)
    assert over.ended_at == NOW + MINUTE
    assert judged(over, stands(HIGH), NOW + HOUR) == (over, None)
    assert judged(over, stands(MEDIUM), NOW + HOUR) == (over, None)
    assert judged(over, stands(CRITICAL), NOW + HOUR)[1] is Change.RETURNED
    assert judged(over, stands(HIGH, NOW + HOUR), NOW + HOUR)[1] is Change.RETURNED
    assert judged(over, stands(HIGH, NOW + 3 * DAY), NOW + 3 * DAY)[1] is Change.RAISED
    assert over.ended_at is not None
    for later, change in ((DAY - MINUTE, Change.RETURNED), (DAY, Change.RAISED)):
        at = over.ended_at + later
        assert judged(over, stands(HIGH, at), at)[1] is change, (
            "within a day it came back; after one it is new"
        )


def test_what_is_over_can_be_neither_acknowledged_nor_silenced_nor_closed_again() -> None:
    over = resolved(raised(), NOW + MINUTE)
    later = NOW + HOUR
    assert acknowledged(over, later) is snoozed(over, later, HOUR) is resolved(over, later) is over
    assert woken(over, later) == (over, None)


def test_an_alarm_that_was_never_said_begins_at_the_foot_of_its_ladder() -> None:
    assert Standing(HIGH, NOW, NOW + LASTS).fresh
    assert Alarm(HIGH, NOW, NOW, NOW).said == 0


def test_what_comes_back_within_its_silence_is_there_and_calls_later_but_what_is_worse_calls_at_once() -> (
    None
):
    over, _change = judged(raised(MEDIUM), None, NOW)
    at = NOW + HOUR
    back, _change = judged(over, stands(MEDIUM, at), at, silent=6 * HOUR)
    assert back is not None
    assert back.call_at == NOW + 6 * HOUR
    worse, _change = judged(over, stands(HIGH, at), at, silent=6 * HOUR)
    assert worse is not None
    assert worse.call_at == at
    danger, _change = judged(replace(over, severity=HIGH), stands(HIGH, at), at, silent=24 * HOUR)  # type: ignore[type-var]
    assert danger is not None
    assert danger.call_at == NOW + HOUR, "danger is silent for an hour at most"


@given(
    st.lists(
        st.tuples(st.sampled_from([None, *Severity]), st.sampled_from(["", "know", "later", "over"])),
        max_size=30,
    )
)
def test_at_most_one_alarm_is_open_and_a_danger_nobody_answered_always_has_a_call_to_come(
    steps: Sequence[tuple[Severity | None, str]],
) -> None:
    alarm: Alarm | None = None
    for n, (found, answer) in enumerate(steps):
        now = NOW + n * MINUTE
        before = alarm
        alarm, change = judged(alarm, stands(found, now) if found else None, now)
        if before is not None and before.open:
            assert change not in (Change.RAISED, Change.RETURNED)
        if alarm is not None and alarm.open:
            assert found is alarm.severity
            act = {"know": acknowledged, "over": resolved}.get(answer)
            alarm = act(alarm, now) if act else snoozed(alarm, now, HOUR) if answer == "later" else alarm
            assert (alarm.call_at is None) == bool(alarm.acknowledged_at or alarm.ended_at)


def test_every_ladder_begins_with_the_person_and_what_is_dangerous_ends_with_others() -> None:
    for severity, ladder in LADDERS.items():
        assert ladder.steps[0].to is Audience.PERSON
        assert not ladder.steps[0].after
        assert {step.urgency for step in ladder.steps} == {severity.urgency}
        told = {step.to for step in ladder.steps}
        assert Audience.CAREGIVERS in told
        assert (Audience.CARE_TEAM in told) == severity.danger
    assert CRITICAL.urgency is Urgency.EMERGENCY


@pytest.mark.parametrize(
    ("severity", "steps", "again", "times"),
    [
        (LOW, "0 person, 1440 caregivers", None, 0),
        (MEDIUM, "0 person, 720 person, 1440 caregivers", None, 0),
        (HIGH, "0 person, 10 person, 30 caregivers, 60 care_team, 70 person, 90 caregivers", HOUR, 12),
        (
            CRITICAL,
            "0 person, 2 person, 5 caregivers, 10 care_team, 15 person, 20 caregivers",
            15 * MINUTE,
            48,
        ),
    ],
)
def test_whom_an_alarm_tells_and_after_how_many_minutes_is_what_the_guide_says(
    severity: Severity, steps: str, again: timedelta | None, times: int
) -> None:
    ladder = LADDERS[severity]
    assert ", ".join(f"{step.after // MINUTE} {step.to}" for step in ladder.steps) == steps
    assert (ladder.again, ladder.times) == (again, times)


def test_the_worse_it_is_the_more_urgently_it_is_said() -> None:
    assert [severity.rank for severity in Severity] == [1, 2, 3, 4]
    assert rank(None) == 0
    assert [severity.urgency for severity in Severity] == [
        Urgency.LOW,
        Urgency.HIGH,
        Urgency.URGENT,
        Urgency.EMERGENCY,
    ]
    assert [severity.danger for severity in Severity] == [False, False, True, True]


# ------------------------------------------------------------------ weight


def weights(*told: str) -> list[tuple[datetime, object, Decimal]]:
    """A day apart, the last today."""
    days = [NOW - (len(told) - 1 - n) * DAY for n in range(len(told))]
    return [(at, at.date(), Decimal(weight)) for at, weight in zip(days, told, strict=True)]


def gain(days: int, *told: str) -> Decimal | None:
    found = gained(weights(*told), days)
    return found[2] if found else None


def test_a_gain_is_counted_from_the_least_of_the_days_before() -> None:
    assert gain(1, "62.0", "63.5") == Decimal("1.5")
    assert gain(7, "61.0", "62.0", "61.6", "63.4") == Decimal("2.4")
    assert gain(1, "61.0", "63.0", "63.4") == Decimal("0.4")
    assert gain(7, "62.0") is None


def test_a_jump_nobody_confirmed_is_a_slip_and_one_that_was_is_a_gain() -> None:
    assert gain(1, "62.0", "66.0") is None
    assert gain(1, "60.0", "63.0") == Decimal("3.0"), "a twentieth is still believed"
    assert gain(7, "62.0", "66.0", "66.2") == Decimal("4.2")
