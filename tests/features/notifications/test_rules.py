"""When Ojas may speak, when it tries again, and whom it tells next."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ojas.features.notifications.rules import (
    Audience,
    Channel,
    Hold,
    Ladder,
    Preferences,
    Quiet,
    Step,
    Topic,
    Urgency,
    call,
    due_calls,
    given_up,
    muted_until,
    next_at,
    next_try,
    plan,
)
from ojas.kit.errors import Incorrect

KOLKATA = ZoneInfo("Asia/Kolkata")
NIGHT = Quiet(time(22), time(7))
ALL = frozenset(Channel)
NOON = datetime(2026, 11, 21, 12, tzinfo=KOLKATA)
MIDNIGHT = datetime(2026, 11, 21, 23, 59, tzinfo=KOLKATA)

zones = st.sampled_from(
    [
        "Asia/Kolkata",
        "Europe/Berlin",
        "America/New_York",
        "Australia/Lord_Howe",
        "Pacific/Apia",
        "UTC",
        "America/St_Johns",
    ]
).map(ZoneInfo)
clock_times = st.times().map(lambda t: t.replace(second=0, microsecond=0, fold=0))
instants = st.integers(1_100_000_000, 2_050_000_000).map(lambda s: datetime.fromtimestamp(s, UTC))
quiets = (
    st.builds(lambda a, b: (a, b), clock_times, clock_times)
    .filter(lambda p: p[0] != p[1])
    .map(lambda p: Quiet(*p))
)


@given(quiets, zones, instants)
def test_quiet_hours_end_within_a_day_and_a_bit_and_never_before_they_began(
    quiet: Quiet, zone: ZoneInfo, at: datetime
) -> None:
    over = quiet.over(at, zone)
    assert not quiet.holds(over, zone)
    assert at <= over <= at + timedelta(hours=50)  # Apia skipped a whole day
    if not quiet.holds(at, zone):
        assert over == at


@given(clock_times, zones, instants)
def test_a_time_of_day_comes_within_a_day_and_shows_on_the_wall(
    shown: time, zone: ZoneInfo, after: datetime
) -> None:
    at = next_at(shown, after, zone)
    assert after < at <= after + timedelta(hours=50)
    on_the_wall = at.astimezone(zone).time()
    assert (
        on_the_wall == shown
        or datetime.combine(at.date(), shown, zone).astimezone(UTC).astimezone(zone).time() != shown
    )


def test_quiet_hours_of_no_length_are_refused() -> None:
    with pytest.raises(Incorrect) as refused:
        Quiet(time(7), time(7))
    assert [fault.field for fault in refused.value.faults] == ["quiet_end"]


def spoken(urgency: Urgency, now: datetime, **more: object) -> dict[Channel, tuple[datetime, Hold | None]]:
    preferences = Preferences(zone=KOLKATA, quiet=NIGHT, **more)  # type: ignore[arg-type]
    return {p.channel: (p.at, p.hold) for p in plan(Topic.MEDICATION, urgency, preferences, ALL, now)}


def test_by_day_a_reminder_goes_at_once_by_what_is_on() -> None:
    assert spoken(Urgency.HIGH, NOON) == {
        Channel.IN_APP: (NOON, None),
        Channel.PUSH: (NOON, None),
        Channel.EMAIL: (NOON, None),
    }


def test_at_night_it_waits_for_the_morning_and_stands_on_the_page() -> None:
    found = spoken(Urgency.HIGH, MIDNIGHT)
    assert found[Channel.IN_APP] == (MIDNIGHT, None)
    assert found[Channel.PUSH] == (datetime(2026, 11, 22, 7, tzinfo=KOLKATA), Hold.QUIET)


def test_what_is_of_low_urgency_comes_with_the_digest_and_not_at_night() -> None:
    assert spoken(Urgency.LOW, NOON)[Channel.EMAIL] == (
        datetime(2026, 11, 21, 18, tzinfo=KOLKATA),
        Hold.DIGEST,
    )
    late = spoken(Urgency.LOW, NOON, digest_at=time(23))
    assert late[Channel.EMAIL] == (datetime(2026, 11, 22, 7, tzinfo=KOLKATA), Hold.DIGEST)
    assert spoken(Urgency.LOW, NOON, digest_at=None)[Channel.EMAIL] == (NOON, None)


@given(
    st.sampled_from([Urgency.URGENT, Urgency.EMERGENCY]),
    st.sampled_from(Topic),
    st.sets(st.sampled_from(Channel)),
    st.sets(st.sampled_from(Channel)),
    quiets,
    zones,
    instants,
)
def test_what_is_urgent_passes_quiet_hours_and_every_switch(
    urgency: Urgency,
    topic: Topic,
    on: set[Channel],
    reachable: set[Channel],
    quiet: Quiet,
    zone: ZoneInfo,
    now: datetime,
) -> None:
    preferences = Preferences(zone, {topic: on}, quiet)
    plans = plan(topic, urgency, preferences, reachable, now)
    assert all(p.at == now and p.hold is None for p in plans)
    told = {p.channel for p in plans}
    assert told <= reachable
    assert (Channel.IN_APP in told) == (Channel.IN_APP in reachable), "a page disturbs nobody"
    if urgency is Urgency.EMERGENCY:
        assert told >= reachable
    if reachable - {Channel.IN_APP}:
        assert told - {Channel.IN_APP}, "a switch silenced it"


@given(st.sampled_from(Urgency), st.integers(1, 400), st.floats(0, 1))
def test_the_wait_grows_to_a_bound_and_respects_the_provider(
    urgency: Urgency, attempts: int, spread: float
) -> None:
    wait = next_try(urgency, attempts, NOON, spread=spread) - NOON
    assert timedelta(seconds=3) < wait <= timedelta(minutes=75)
    assert next_try(urgency, attempts, NOON, timedelta(hours=3), spread) - NOON == timedelta(hours=3)
    assert next_try(urgency, attempts, NOON, timedelta(days=900), spread) - NOON == timedelta(days=1)
    assert next_try(urgency, attempts + 1, NOON, spread=spread) - NOON >= wait


def test_what_is_past_use_is_given_up() -> None:
    assert not given_up(Urgency.HIGH, NOON, NOON + timedelta(days=2))
    assert given_up(Urgency.HIGH, NOON, NOON + timedelta(days=3))
    assert given_up(Urgency.URGENT, NOON, NOON + timedelta(days=1))


DOSE = Ladder(
    (
        Step(timedelta(0), Audience.PERSON, Urgency.HIGH),
        Step(timedelta(minutes=15), Audience.PERSON, Urgency.HIGH),
        Step(timedelta(minutes=45), Audience.PERSON, Urgency.URGENT, frozenset({Channel.SMS})),
        Step(timedelta(minutes=90), Audience.CAREGIVERS, Urgency.HIGH),
    )
)
ALARM = Ladder(
    (
        Step(timedelta(0), Audience.PERSON, Urgency.URGENT),
        Step(timedelta(minutes=5), Audience.CAREGIVERS, Urgency.URGENT),
    ),
    again=timedelta(minutes=10),
    times=None,
)


def numbers(ladder: Ladder, said: int, minutes: float) -> list[tuple[int, Audience]]:
    return [(c.number, c.step.to) for c in due_calls(ladder, NOON, said, NOON + timedelta(minutes=minutes))]


def test_a_dose_nobody_answers_is_said_again_then_elsewhere_then_to_others() -> None:
    assert numbers(DOSE, 0, 0) == [(0, Audience.PERSON)]
    assert numbers(DOSE, 1, 14) == []
    assert numbers(DOSE, 1, 15) == [(1, Audience.PERSON)]
    assert numbers(DOSE, 3, 90) == [(3, Audience.CAREGIVERS)]
    assert numbers(DOSE, 4, 10_000) == []


def test_after_a_time_in_which_nothing_ran_each_is_told_once() -> None:
    assert numbers(DOSE, 0, 200) == [(2, Audience.PERSON), (3, Audience.CAREGIVERS)]
    assert numbers(ALARM, 0, 60 * 24 * 365 * 20) == [
        (0, Audience.PERSON),
        (20 * 365 * 144 + 0, Audience.CAREGIVERS),
    ]


ladders = st.builds(
    lambda gaps, audiences, again, times: Ladder(
        tuple(
            Step(timedelta(minutes=sum(gaps[: n + 1])), audiences[n % len(audiences)], Urgency.URGENT)
            for n in range(len(gaps))
        ),
        timedelta(minutes=again),
        times,
    ),
    st.lists(st.integers(0, 90), min_size=1, max_size=6),
    st.lists(st.sampled_from(Audience), min_size=1, max_size=6),
    st.integers(1, 90),
    st.one_of(st.none(), st.integers(0, 5)),
)


@given(ladders, st.lists(st.integers(0, 60), max_size=30))
def test_however_the_clock_is_asked_every_audience_is_told_and_no_call_is_said_twice(
    ladder: Ladder, pauses: list[int]
) -> None:
    now, said, told = NOON, 0, []
    for pause in pauses:
        now += timedelta(minutes=pause)
        for one in due_calls(ladder, NOON, said, now):
            assert one.at <= now
            told.append(one)
            said = one.number + 1
    assert [one.number for one in told] == sorted({one.number for one in told})
    assert {one.step.to for one in told} == {
        found.step.to for n in range(said) if (found := call(ladder, NOON, n))
    }
    following = call(ladder, NOON, said)
    assert not pauses or following is None or following.at > now


def test_a_mute_ends_by_itself_the_sooner_the_worse_it_is() -> None:
    week = timedelta(days=7)
    ends = [muted_until(u, NOON, timedelta(days=30)) - NOON for u in Urgency]
    assert ends == [week, week, timedelta(hours=12), timedelta(hours=1), timedelta(minutes=15)]
    assert muted_until(Urgency.URGENT, NOON, timedelta(minutes=9)) - NOON == timedelta(minutes=9)
    with pytest.raises(Incorrect):
        muted_until(Urgency.LOW, NOON, timedelta())


@pytest.mark.parametrize(
    ("steps", "again", "times"),
    [
        ((), None, 0),
        (
            (
                Step(timedelta(1), Audience.PERSON, Urgency.LOW),
                Step(timedelta(0), Audience.PERSON, Urgency.LOW),
            ),
            None,
            0,
        ),
        ((Step(timedelta(0), Audience.PERSON, Urgency.LOW),), timedelta(seconds=1), None),
        ((Step(timedelta(0), Audience.PERSON, Urgency.LOW),), None, 3),
    ],
)
def test_a_ladder_that_cannot_be_climbed_is_refused(
    steps: tuple[Step, ...], again: timedelta | None, times: int | None
) -> None:
    with pytest.raises(Incorrect):
        Ladder(steps, again, times)
