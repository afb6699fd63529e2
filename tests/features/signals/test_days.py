from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ojas.features.signals.rules import (
    DAY,
    HOUR,
    KINDS,
    MINUTE,
    STAGES,
    Samples,
    Stage,
    Timeline,
    daily,
    date_of,
    gaps,
    milliseconds,
    number,
    statistics,
    touched,
)
from ojas.features.signals.rules.days import spread

from .corpora import fitbit_days, fitbit_minutes

HEART, STEPS, SLEEP = KINDS["heart_rate"], KINDS["steps"], KINDS["sleep"]
EVER = (date(1990, 1, 1), date(2100, 1, 1))


def at(text: str) -> int:
    return milliseconds(datetime.fromisoformat(text))


def walk(*told: tuple[str, str, int]) -> Samples:
    return Samples.of([at(a) for a, _, _ in told], [100 * n for _, _, n in told], [at(b) for _, b, _ in told])


def totals(samples: Samples, zone: str | Timeline) -> dict[str, float]:
    timeline = Timeline.at_home(zone) if isinstance(zone, str) else zone
    return {str(day.day): day.value for day in daily(STEPS, [samples], timeline, *EVER)}


def test_a_day_in_india_begins_at_half_past_six_in_the_evening_utc() -> None:
    steps = walk(
        ("2026-03-01T18:29:00+00:00", "2026-03-01T18:30:00+00:00", 10),
        ("2026-03-01T18:30:00+00:00", "2026-03-01T18:31:00+00:00", 20),
    )
    assert totals(steps, "Asia/Kolkata") == {"2026-03-01": 10, "2026-03-02": 20}
    assert totals(steps, "UTC") == {"2026-03-01": 30}


def test_an_amount_over_midnight_is_parted_by_time() -> None:
    steps = walk(("2026-03-01T23:45:00+00:00", "2026-03-02T00:30:00+00:00", 90))
    assert totals(steps, "UTC") == {"2026-03-01": 30, "2026-03-02": 60}


def test_a_sample_that_ends_at_midnight_belongs_wholly_to_the_day_before() -> None:
    assert totals(walk(("2026-03-01T23:59:00+00:00", "2026-03-02T00:00:00+00:00", 7)), "UTC") == {
        "2026-03-01": 7
    }


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-06-01", 24)])
def test_a_day_in_berlin_has_as_many_hours_as_its_clock_showed(day: str, hours: int) -> None:
    start = at(f"{day}T00:00:00+00:00") - DAY
    minutes = np.arange(start, start + 3 * DAY, MINUTE)
    found = daily(
        HEART, [Samples.of(minutes, np.full(len(minutes), 6000))], Timeline.at_home("Europe/Berlin"), *EVER
    )
    assert {str(d.day): d.minutes for d in found}[day] == hours * 60


def test_someone_who_flies_west_lives_a_longer_day() -> None:
    flown = Timeline.at_home("Asia/Kolkata").moved(at("2026-03-01T12:00:00+00:00"), "America/New_York")
    steps = walk(
        ("2026-03-01T11:00:00+00:00", "2026-03-01T11:01:00+00:00", 10),  # 16:30 in India
        (
            "2026-03-01T23:00:00+00:00",
            "2026-03-01T23:01:00+00:00",
            20,
        ),  # 18:00 in New York, 04:30 of the 2nd in India
    )
    assert totals(steps, flown) == {"2026-03-01": 30}


def test_a_date_lived_twice_over_the_date_line_is_one_day() -> None:
    flown = Timeline.at_home("Pacific/Auckland").moved(at("2026-06-10T02:00:00+00:00"), "Pacific/Honolulu")
    steps = walk(
        ("2026-06-09T20:00:00+00:00", "2026-06-09T20:01:00+00:00", 1),  # 10 June, 08:00 in Auckland
        ("2026-06-10T05:00:00+00:00", "2026-06-10T05:01:00+00:00", 2),  # 9 June, 19:00 in Honolulu
        ("2026-06-10T12:00:00+00:00", "2026-06-10T12:01:00+00:00", 4),  # 10 June, 02:00 in Honolulu
    )
    assert totals(steps, flown) == {"2026-06-09": 2, "2026-06-10": 5}


@given(
    st.sampled_from(["UTC", "Asia/Kolkata", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe"]),
    st.integers(0, 400),
)
def test_every_instant_lies_on_the_date_its_wall_clock_shows(zone: str, hours: int) -> None:
    start = at("2026-01-01T00:17:00+00:00") + hours * 23 * HOUR
    edges, dates = Timeline.at_home(zone).days(start, start + 3 * DAY)
    for moment in range(start, start + 3 * DAY, 7 * HOUR + 13 * MINUTE):
        wall = datetime.fromtimestamp(moment / 1000, UTC).astimezone(ZoneInfo(zone))
        assert date_of(dates[np.searchsorted(edges, moment, side="right") - 1]) == wall.date()


def test_a_workout_by_the_second_does_not_outweigh_the_day() -> None:
    quiet = np.arange(10) * 60 * MINUTE
    workout = 11 * HOUR + np.arange(600) * 1000
    start = at("2026-03-01T00:00:00+00:00") + np.concatenate([quiet, workout])
    samples = Samples.of(start, np.concatenate([np.full(10, 6000), np.full(600, 15000)]))
    [day] = daily(HEART, [samples], Timeline.at_home("UTC"), *EVER)
    assert (day.n, day.minutes, day.value, day.low, day.high) == (610, 20, 105, 60, 150)


def test_days_outside_those_asked_for_are_not_told() -> None:
    steps = walk(
        ("2026-03-01T10:00:00+00:00", "2026-03-01T10:01:00+00:00", 1),
        ("2026-03-03T10:00:00+00:00", "2026-03-03T10:01:00+00:00", 1),
    )
    found = daily(STEPS, [steps], Timeline.at_home("UTC"), date(2026, 3, 2), date(2026, 3, 3))
    assert [day.day for day in found] == [date(2026, 3, 3)]


def test_our_days_are_fitbits_days() -> None:
    told = fitbit_days()
    compared = wrong = 0
    for who, minutes in fitbit_minutes().items():
        for day, total in list(totals(minutes, "UTC").items())[:-1]:
            compared += 1
            wrong += abs(total - told[(who, day)]) > 0.02 * max(told[(who, day)], 500)
    # Fitbit's totals correct the minutes now and then; most days are theirs to the step.
    assert compared > 50
    assert wrong <= 0.06 * compared


def night(*told: tuple[str, str, Stage]) -> Samples:
    return Samples.of(
        [at(f"{a}+00:00") for a, _, _ in told],
        [STAGES[s] for _, _, s in told],
        [at(f"{b}+00:00") for _, b, _ in told],
    )


def test_a_night_belongs_to_the_day_of_waking_and_tells_its_stages() -> None:
    slept = night(
        ("2026-03-01T22:30", "2026-03-02T06:30", Stage.IN_BED),
        ("2026-03-01T23:00", "2026-03-02T01:00", Stage.LIGHT),
        ("2026-03-02T01:00", "2026-03-02T02:00", Stage.DEEP),
        ("2026-03-02T02:00", "2026-03-02T02:10", Stage.AWAKE),
        ("2026-03-02T02:10", "2026-03-02T06:10", Stage.REM),
    )
    [day] = daily(SLEEP, [slept], Timeline.at_home("UTC"), *EVER)
    assert day.day == date(2026, 3, 2)
    assert day.value == 7 * 3600
    assert day.stages == {
        Stage.IN_BED: 8 * 3600,
        Stage.AWAKE: 600,
        Stage.LIGHT: 7200,
        Stage.REM: 4 * 3600,
        Stage.DEEP: 3600,
    }
    assert day.night is not None
    assert (day.night.efficiency, day.night.awakenings) == (0.875, 1)


def test_a_nap_adds_to_the_day_but_is_not_its_night() -> None:
    slept = night(
        ("2026-03-01T23:00", "2026-03-02T06:00", Stage.ASLEEP),
        ("2026-03-02T14:00", "2026-03-02T14:30", Stage.ASLEEP),
    )
    [day] = daily(SLEEP, [slept], Timeline.at_home("UTC"), *EVER)
    assert day.value == 7.5 * 3600
    assert day.night is not None
    assert day.night.end == at("2026-03-02T06:00:00+00:00")


def test_stages_that_overlap_count_their_time_once() -> None:
    slept = night(
        ("2026-03-01T23:00", "2026-03-02T03:00", Stage.LIGHT),
        ("2026-03-02T02:00", "2026-03-02T05:00", Stage.LIGHT),
    )
    [day] = daily(SLEEP, [slept], Timeline.at_home("UTC"), *EVER)
    assert day.value == 6 * 3600


def test_statistics_are_of_the_samples() -> None:
    found = statistics(HEART, Samples.of([1, 2, 3], [6000, 7000, 8000]))
    assert found is not None
    assert (found.n, found.low, found.high, found.mean, found.sd) == (3, 60, 80, 70, 10)
    assert statistics(HEART, Samples.none()) is None


def test_gaps_are_where_nothing_was_told_for_long() -> None:
    samples = Samples.of([10, 20, 200], [1, 1, 1])
    assert gaps(samples, 0, 300, 50) == [(20, 200), (200, 300)]
    assert gaps(Samples.none(), 0, 300, 50) == [(0, 300)]


@given(st.lists(st.tuples(st.integers(0, 500), st.integers(0, 300), st.integers(0, 1000)), max_size=30))
def test_nothing_is_lost_when_amounts_are_parted(told: list[tuple[int, int, int]]) -> None:
    start = np.array([a for a, _, _ in told], np.int64) + 10**12
    length = np.array([b for _, b, _ in told], np.int64)
    amounts = np.array([c for _, _, c in told], float)
    edges = np.arange(10**12, 10**12 + 901, 9)
    assert spread(start, start + length, amounts, edges).sum() == pytest.approx(amounts.sum())


def test_days_are_numbered_from_1970() -> None:
    assert number(date(1970, 1, 2)) == 1
    assert date_of(1) == date(1970, 1, 2)


def test_an_amount_at_one_instant_falls_whole_into_the_piece_that_begins_with_it() -> None:
    edges = np.array([0, 10, 20])
    at = np.array([0, 10, 19, 20])
    assert spread(at, at, np.array([1.0, 2, 4, 8]), edges).tolist() == [1, 6]


def test_a_day_counts_the_minutes_its_samples_touch() -> None:
    steps = walk(
        ("2026-03-01T10:00:30+00:00", "2026-03-01T10:02:00+00:00", 1),
        ("2026-03-01T10:01:00+00:00", "2026-03-01T10:01:30+00:00", 1),
        ("2026-03-01T11:00:00+00:00", "2026-03-01T11:00:00+00:00", 1),
        ("2026-03-01T23:59:59+00:00", "2026-03-02T00:00:01+00:00", 1),
    )
    found = daily(STEPS, [steps], Timeline.at_home("UTC"), *EVER)
    assert [(day.day.day, day.n, day.minutes) for day in found] == [(1, 4, 4), (2, 0, 1)]


@given(
    st.lists(st.tuples(st.integers(0, 40 * 24 * 60), st.integers(0, 600)), min_size=1, max_size=12),
    st.sampled_from(["heart_rate", "steps", "sleep", "oxygen_saturation"]),
)
def test_whatever_the_clock_a_samples_day_is_among_those_to_be_reckoned(
    told: list[tuple[int, int]], name: str
) -> None:
    kind = KINDS[name]
    start = at("2026-02-01T00:00:00+00:00") + np.array([minute for minute, _ in told]) * MINUTE
    length = np.array([minutes for _, minutes in told]) * MINUTE
    samples = Samples.of(start, np.full(len(start), 3), None if kind.shape == "instant" else start + length)
    found = set(touched(kind, samples).tolist())
    for hours in (-12, 0, 14):
        for moment in (samples.start, samples.ends):
            assert set(((moment + hours * HOUR) // DAY).tolist()) <= found
    assert min(found) >= samples.first // DAY - 2
    assert max(found) <= samples.last // DAY + 2


ZONES = st.sampled_from(["Asia/Kolkata", "Europe/Berlin", "America/Los_Angeles"])
TIMES = st.integers(1, 60)


@given(
    moves=st.dictionaries(TIMES, ZONES, max_size=4),
    since=TIMES,
    lasts=st.integers(1, 20),
    zone=ZONES,
    instant=st.integers(0, 90),
)
def test_a_visit_changes_nothing_before_it_nor_after_it_nor_after_the_next_move(
    moves: dict[int, str], since: int, lasts: int, zone: str, instant: int
) -> None:
    home = Timeline(((0, "Asia/Kolkata"), *sorted(moves.items())))
    following = min((at for at in moves if at > since), default=since + lasts)
    visited = home.visited(since, since + lasts, zone)
    inside = since <= instant < min(following, since + lasts) and since not in moves
    assert visited.zone_at(instant) == (zone if inside else home.zone_at(instant))
    assert visited.visited(since, since + lasts, zone) == visited
