"""When Ojas may speak, when it tries again, and whom it tells next."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ojas.features.notifications.rules import (
    LEASE,
    AddressKind,
    Audience,
    Channel,
    Hold,
    Ladder,
    Never,
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
    own_channels,
    parted,
    plan,
    told,
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


def test_a_time_that_is_now_comes_tomorrow_and_one_that_is_there_twice_comes_twice() -> None:
    assert next_at(time(12), NOON, KOLKATA) == NOON + timedelta(days=1)
    berlin, found = ZoneInfo("Europe/Berlin"), datetime(2026, 10, 24, 12, tzinfo=UTC)
    instants_of_it = []
    for _ in range(3):  # clocks went back from three to two on 25 October 2026
        found = next_at(time(2, 30), found, berlin)
        instants_of_it.append(f"{found:%d %H:%M}")
    assert instants_of_it == ["25 00:30", "25 01:30", "26 01:30"]


@pytest.mark.parametrize(
    ("quiet", "shown", "held"),
    [
        (NIGHT, "21:59", False),
        (NIGHT, "22:00", True),
        (NIGHT, "00:00", True),
        (NIGHT, "06:59", True),
        (NIGHT, "07:00", False),
        (Quiet(time(13), time(15)), "12:59", False),
        (Quiet(time(13), time(15)), "13:00", True),
        (Quiet(time(13), time(15)), "14:59", True),
        (Quiet(time(13), time(15)), "15:00", False),
    ],
)
def test_quiet_hours_hold_from_their_first_minute_until_their_end(
    quiet: Quiet, shown: str, held: bool
) -> None:
    at = datetime.combine(NOON.date(), time.fromisoformat(shown), KOLKATA)
    assert quiet.holds(at, KOLKATA) is held
    assert quiet.over(at, KOLKATA).astimezone(KOLKATA).time() == (quiet.end if held else at.time())


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
    by = {p.channel for p in plans}
    assert by <= reachable
    assert (Channel.IN_APP in by) == (Channel.IN_APP in reachable), "a page disturbs nobody"
    if urgency is Urgency.EMERGENCY:
        assert by >= reachable
    if reachable - {Channel.IN_APP}:
        assert by - {Channel.IN_APP}, "a switch silenced it"


def test_a_switch_silences_what_is_not_urgent() -> None:
    off = {Topic.MEDICATION: frozenset[Channel]()}
    assert set(spoken(Urgency.HIGH, NOON, channels=off)) == {Channel.IN_APP}
    assert set(spoken(Urgency.HIGH, NOON, channels={Topic.MEDICATION: {Channel.SMS}})) == {
        Channel.IN_APP,
        Channel.SMS,
    }


@given(st.sampled_from(Urgency), st.sets(st.sampled_from(Channel)), st.sets(st.sampled_from(Channel)))
def test_who_asks_for_one_channel_alone_has_it_and_the_page_where_they_lead_somewhere(
    urgency: Urgency, only: set[Channel], reachable: set[Channel]
) -> None:
    plans = plan(Topic.HEALTH, urgency, Preferences(), reachable, NOON, only=only)
    assert {one.channel for one in plans} == reachable & (only | {Channel.IN_APP})


@given(st.sampled_from(Urgency), st.integers(1, 400), st.floats(0, 1))
def test_the_wait_grows_to_a_bound_and_respects_the_provider(
    urgency: Urgency, attempts: int, spread: float
) -> None:
    wait = next_try(urgency, attempts, NOON, spread=spread) - NOON
    assert timedelta(seconds=3) < wait <= timedelta(minutes=75)
    most = {Urgency.EMERGENCY: timedelta(minutes=5), Urgency.URGENT: timedelta(hours=1)}.get(
        urgency, timedelta(days=1)
    )
    assert next_try(urgency, attempts, NOON, timedelta(days=900), spread) - NOON == max(wait, most)
    asked = next_try(urgency, attempts, NOON, timedelta(minutes=4), spread) - NOON
    assert asked == max(wait, timedelta(minutes=4))
    assert next_try(urgency, attempts + 1, NOON, spread=spread) - NOON >= wait


@pytest.mark.parametrize(
    ("urgency", "waits"),
    [
        (Urgency.EMERGENCY, [5, 10, 20, 40, 60, 60]),
        (Urgency.URGENT, [10, 20, 40, 80, 160, 300, 300]),
        (Urgency.HIGH, [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]),
        (Urgency.LOW, [30, 60]),
    ],
)
def test_the_wait_doubles_from_seconds_to_a_bound_the_shorter_the_worse_it_is(
    urgency: Urgency, waits: list[int]
) -> None:
    found = [next_try(urgency, attempts, NOON) - NOON for attempts in range(1, len(waits) + 1)]
    assert found == [timedelta(seconds=wait) for wait in waits]
    assert timedelta(minutes=1) == LEASE, "what a worker that died had taken up is taken up again"
    early, late = (next_try(urgency, 1, NOON, spread=spread) - NOON for spread in (0, 1))
    assert (early, late) == (found[0] * 0.75, found[0] * 1.25), "a thousand do not come back together"


def test_what_is_past_use_is_given_up() -> None:
    assert not given_up(Urgency.EMERGENCY, NOON, NOON + timedelta(days=1) - timedelta(seconds=1))
    assert given_up(Urgency.EMERGENCY, NOON, NOON + timedelta(days=1))
    assert not given_up(Urgency.URGENT, NOON, NOON + timedelta(days=1) - timedelta(seconds=1))
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


def test_each_call_has_its_moment_and_the_last_step_comes_again_as_often_as_it_was_asked() -> None:
    thrice = Ladder(ALARM.steps, timedelta(minutes=10), 2)
    calls = [call(thrice, NOON, number) for number in range(5)]
    assert [one and (one.at - NOON) // timedelta(minutes=1) for one in calls] == [0, 5, 15, 25, None]
    assert call(DOSE, NOON, len(DOSE.steps)) is None
    forever = call(ALARM, NOON, 1001)
    assert forever is not None
    assert forever.at == NOON + timedelta(minutes=5 + 10_000)
    assert call(Ladder(ALARM.steps, timedelta(minutes=10)), NOON, 2) is None, "again, but no times"


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
    now, said, calls = NOON, 0, []
    for pause in pauses:
        now += timedelta(minutes=pause)
        for one in due_calls(ladder, NOON, said, now):
            assert one.at <= now
            calls.append(one)
            said = one.number + 1
    assert [one.number for one in calls] == sorted({one.number for one in calls})
    assert {one.step.to for one in calls} == {
        found.step.to for n in range(said) if (found := call(ladder, NOON, n))
    }
    following = call(ladder, NOON, said)
    assert not pauses or following is None or following.at > now


def test_a_mute_ends_by_itself_the_sooner_the_worse_it_is() -> None:
    week = timedelta(days=7)
    ends = [muted_until(u, NOON, timedelta(days=30)) - NOON for u in Urgency]
    assert ends == [week, week, timedelta(hours=12), timedelta(hours=1), timedelta(minutes=15)]
    assert muted_until(Urgency.URGENT, NOON, timedelta(minutes=9)) - NOON == timedelta(minutes=9)
    with pytest.raises(Incorrect) as refused:
        muted_until(Urgency.LOW, NOON, timedelta())
    assert refused.value.fault.field == "minutes"


def step(minutes: float) -> Step:
    return Step(timedelta(minutes=minutes), Audience.PERSON, Urgency.LOW)


@pytest.mark.parametrize(
    ("field", "steps", "again", "times"),
    [
        ("steps", (), None, 0),
        ("steps", (step(5), step(0)), None, 0),
        ("steps", (step(-1),), None, 0),
        ("again", (step(0),), timedelta(seconds=59), None),
        ("again", (step(0),), timedelta(seconds=59), 1),
        ("again", (step(0),), None, 3),
    ],
)
def test_a_ladder_that_cannot_be_climbed_is_refused(
    field: str, steps: tuple[Step, ...], again: timedelta | None, times: int | None
) -> None:
    with pytest.raises(Incorrect) as refused:
        Ladder(steps, again, times)
    assert refused.value.fault.field == field


def test_steps_may_come_together_and_repeats_a_minute_apart() -> None:
    Ladder((step(0), step(0)), timedelta(minutes=1), 1)
    assert Ladder((step(0),)).times == 0, "unless it says so, nothing is repeated"


@given(st.text(), st.integers() | st.text().filter(lambda code: "]" not in code))
def test_a_reason_and_the_providers_own_word_are_kept_together_and_told_apart(
    reason: str, code: int | str
) -> None:
    assert parted(told(reason, code)) == (reason, str(code))


def test_a_reason_without_a_word_of_the_provider_is_the_whole() -> None:
    assert told("The server refused it.", 550) == "The server refused it. [550]"
    assert parted("The server refused it.") == ("The server refused it.", None)
    assert parted("[550] The server refused it.") == ("[550] The server refused it.", None)


def test_an_address_is_forgotten_only_where_the_provider_says_that_it_is_gone() -> None:
    assert not Never("Too large.").gone


def test_a_telephone_can_be_written_to_and_called_and_an_account_has_a_few_addresses() -> None:
    assert {kind: kind.channels for kind in AddressKind} == {
        AddressKind.BROWSER: {Channel.PUSH},
        AddressKind.PHONE: {Channel.SMS, Channel.CALL},
        AddressKind.WEBHOOK: {Channel.WEBHOOK},
    }
    assert {kind: kind.most for kind in AddressKind} == {
        AddressKind.BROWSER: 10,
        AddressKind.PHONE: 2,
        AddressKind.WEBHOOK: 3,
    }
    assert own_channels(email=True) == {Channel.IN_APP, Channel.EMAIL}
    assert own_channels(email=False) == {Channel.IN_APP}, "an address nobody proved may be somebody else's"


def test_every_channel_leads_somewhere() -> None:
    led = own_channels(email=True).union(*(kind.channels for kind in AddressKind))
    assert led == ALL
