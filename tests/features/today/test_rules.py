"""The arithmetic of the first screen, of trends and of the timeline."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ojas.features.today.rules import (
    Daily,
    Part,
    by_week,
    change,
    gaps,
    is_routine,
    merged,
    part_of_day,
    usual,
)
from ojas.features.today.service.noticed import noticed
from ojas.kit import i18n
from ojas.kit.i18n.weeks import week_of

DAY = date(2026, 11, 21)
T0 = datetime(2026, 11, 21, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("hour", "part"),
    [
        (3, Part.EVENING),
        (4, Part.MORNING),
        (11, Part.MORNING),
        (12, Part.AFTERNOON),
        (16, Part.AFTERNOON),
        (17, Part.EVENING),
    ],
)
def test_the_greeting_follows_the_clock(hour: int, part: Part) -> None:
    assert part_of_day(hour) is part


def test_five_days_of_fourteen_make_a_habit() -> None:
    days = [DAY - timedelta(days=n) for n in (1, 3, 5, 7, 14)]
    assert is_routine(days, DAY)
    assert not is_routine(days[:4], DAY)
    assert not is_routine([*days[:4], days[3]], DAY)  # twice in a day is one day
    assert not is_routine([*days[:4], DAY - timedelta(days=15)], DAY)
    assert not is_routine([*days[:4], DAY], DAY)


def test_less_than_a_week_is_not_usual() -> None:
    assert usual([1.0] * 6) is None
    assert usual([1, 9, 2, 8, 3, 7, 4]) == 4


def test_a_change_is_from_the_first_week_to_the_last() -> None:
    found = change([80.0] * 10 + [75.0] * 10 + [70.0] * 10)
    assert found
    assert (found.by, found.steady) == (-10, False)
    assert change([70.0, 71, 70]) is None
    steady = change([70.0, 71, 70, 71, 70])
    assert steady
    assert steady.steady


def test_three_days_without_data_are_a_gap_and_two_are_not() -> None:
    days = [DAY + timedelta(days=n) for n in (0, 1, 4, 8)]
    assert gaps(days) == [(DAY + timedelta(days=5), DAY + timedelta(days=7))]
    assert gaps(days[:3]) == []


@given(
    st.lists(st.tuples(st.integers(0, 400), st.floats(0, 1e5)), max_size=60, unique_by=lambda pair: pair[0]),
    st.sampled_from([("Asia/Kolkata", 6), ("Europe/Berlin", 0), ("Africa/Cairo", 5)]),
)
def test_weeks_begin_as_the_readers_do_and_hold_what_their_days_held(
    pairs: list[tuple[int, float]], where: tuple[str, int]
) -> None:
    zone, begins = where
    days = [Daily(DAY + timedelta(days=n), value, value, value) for n, value in sorted(pairs)]
    with i18n.use(i18n.Manner(zone=zone)):
        weeks = by_week(days, week_of)
    assert all(week.day.weekday() == begins for week in weeks)
    assert [week.day for week in weeks] == sorted({week.day for week in weeks})
    if days:
        assert min(week.low or 0 for week in weeks) == min(day.value for day in days)
        assert max(week.high or 0 for week in weeks) == max(day.value for day in days)


STREAMS = st.dictionaries(
    st.sampled_from(["a", "b", "c"]), st.lists(st.integers(0, 6), max_size=12), min_size=1, max_size=3
)


@given(STREAMS, st.integers(1, 7))
def test_paging_a_timeline_shows_each_entry_once_and_in_order(
    streams: dict[str, list[int]], limit: int
) -> None:
    """Also where more entries share an instant than a page holds."""
    all_of = {
        name: [
            (T0 + timedelta(hours=hour), (hour, name, n))
            for n, hour in enumerate(sorted(hours, reverse=True))
        ]
        for name, hours in streams.items()
    }
    seen: list[tuple[int, str, int]] = []
    place = None
    for _ in range(60):
        asked = {
            name: [e for e in entries if place is None or e[0] <= place.at][
                : limit + 1 + (place.shown.get(name, 0) if place else 0)
            ]
            for name, entries in all_of.items()
        }
        page, place = merged(asked, place, limit)
        assert len(page) <= limit
        seen += page
        if place is None:
            break
    assert sorted(seen) == sorted(entry for entries in all_of.values() for _, entry in entries)
    assert [hour for hour, _, _ in seen] == sorted((hour for hour, _, _ in seen), reverse=True)


def test_a_month_is_told_in_a_sentence_where_it_changed() -> None:
    months = [Daily(DAY - timedelta(days=30 - n), 4000.0 + 60 * n) for n in range(31)]
    told = noticed({}, {}, {"steps": months, "sleep": [Daily(one.day, 25_200.0) for one in months]})
    assert told == ["Steps: 1,380 steps more than on 22 Oct 2026."]
    assert noticed({}, {}, {"steps": months[:14]}) == []  # too few to say anything
    assert noticed({}, {}, {}) == []
