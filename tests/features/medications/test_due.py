"""No dose is lost, none comes twice, and each keeps its local time."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ojas.features.medications.rules.amount import Amount
from ojas.features.medications.rules.due import due, due_and_next, next_due, put_off
from ojas.features.medications.rules.patterns import (
    AsNeeded,
    Cycle,
    EveryDays,
    Interval,
    Slot,
    Step,
    Taper,
    Weekly,
)
from ojas.features.medications.rules.schedule import Schedule
from ojas.features.medications.rules.walltime import wall
from ojas.kit.errors import Incorrect
from tests.features.medications import oracle, strategies
from tests.features.medications.strategies import naive

NEW_YORK, BERLIN, KOLKATA = ZoneInfo("America/New_York"), ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Kolkata")
MG = Amount(Decimal(5), "mg")


def daily(*hours: str, start: date = date(2026, 1, 1), end: date | None = None) -> Schedule:
    return Schedule(Weekly(tuple(Slot(time.fromisoformat(hour)) for hour in hours)), start, end)


def on(schedule: Schedule, zone: ZoneInfo, day: date) -> list[str]:
    """The wall times of the doses of one date."""
    begin = naive(day).replace(tzinfo=zone).astimezone(UTC)
    found = due(schedule, zone, begin - timedelta(days=2), begin + timedelta(days=3))
    return [f"{wall(dose.at, zone):%d %H:%M}" for dose in found if dose.day == day]


def test_a_skipped_hour_moves_its_doses_by_what_was_skipped() -> None:
    # Executed figures of New York: 02:30 on 8 March 2026 is 07:30 UTC and shown as 03:30.
    schedule = daily("02:15", "02:30", "08:00")
    assert on(schedule, NEW_YORK, date(2026, 3, 8)) == ["08 03:15", "08 03:30", "08 08:00"]
    assert next_due(schedule, NEW_YORK, datetime(2026, 3, 8, 7, 15, tzinfo=UTC)).at == datetime(
        2026, 3, 8, 7, 30, tzinfo=UTC
    )  # type: ignore[union-attr]


def test_a_repeated_hour_gives_a_dose_once_and_first() -> None:
    schedule = daily("01:30")
    found = list(
        due(schedule, NEW_YORK, datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 2, tzinfo=UTC))
    )
    assert [dose.at for dose in found] == [datetime(2026, 11, 1, 5, 30, tzinfo=UTC)]


def test_a_dose_carried_past_midnight_keeps_its_date_and_the_order() -> None:
    # Pyongyang put its clocks from 23:30 to 24:00 on 4 May 2018.
    zone = ZoneInfo("Asia/Pyongyang")
    schedule = daily("00:05", "23:45")
    assert on(schedule, zone, date(2018, 5, 4)) == []  # it begins in 2026
    early = daily("00:05", "23:45", start=date(2018, 1, 1))
    assert on(early, zone, date(2018, 5, 4)) == ["04 00:05", "05 00:15"]
    both = list(due(early, zone, datetime(2018, 5, 4, 12, tzinfo=UTC), datetime(2018, 5, 5, 3, tzinfo=UTC)))
    assert [dose.key for dose in both] == ["2018-05-05T00:05", "2018-05-04T23:45"]


def test_a_date_nobody_lived_has_no_doses() -> None:
    zone = ZoneInfo("Pacific/Apia")
    schedule = daily("08:00", start=date(2011, 1, 1))
    assert on(schedule, zone, date(2011, 12, 30)) == []
    found = list(due(schedule, zone, datetime(2011, 12, 28, tzinfo=UTC), datetime(2012, 1, 2, tzinfo=UTC)))
    assert {later.at - earlier.at for earlier, later in pairwise(found)} == {timedelta(hours=24)}


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_doses_are_those_of_the_slow_way(data: st.DataObject) -> None:
    zone, day = data.draw(strategies.places())
    schedule = data.draw(strategies.schedules(strategies.daywise, near=day))
    agree(schedule, zone, day)


def agree(schedule: Schedule, zone: ZoneInfo, day: date) -> int:
    first, last = day - timedelta(3), day + timedelta(3)
    wanted = oracle.planned(schedule, zone, first, last)
    begin = naive(first - timedelta(3)).replace(tzinfo=UTC)
    found = [d for d in due(schedule, zone, begin, begin + timedelta(days=12)) if first <= d.day <= last]
    assert {dose.key: dose.at for dose in found} == wanted
    assert len(found) == len(wanted), "none twice"
    assert all(one.at <= other.at for one, other in pairwise(found)), "in order"
    return len(found)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_the_next_is_the_first_of_those_to_come_and_views_join_without_a_seam(data: st.DataObject) -> None:
    zone, day = data.draw(strategies.places())
    schedule = data.draw(strategies.schedules(near=day))
    taken = data.draw(
        st.none() | st.integers(-5000, 0).map(lambda n: naive(day).replace(tzinfo=UTC) + timedelta(minutes=n))
    )
    begin = naive(day).replace(tzinfo=UTC) + timedelta(minutes=data.draw(st.integers(-3000, 3000)))
    middle, end = begin + timedelta(days=2), begin + timedelta(days=20)
    whole = list(due(schedule, zone, begin, end, taken))
    assert whole == [*due(schedule, zone, begin, middle, taken), *due(schedule, zone, middle, end, taken)]
    assert len({dose.key for dose in whole}) == len(whole)
    most = data.draw(st.integers(0, 6))
    some, then = due_and_next(schedule, zone, begin, end, taken, most=most)
    assert some == whole[:most]
    beyond = next_due(schedule, zone, end - timedelta(microseconds=1), taken)
    assert then == (whole[most] if len(whole) > most else beyond)
    after = next_due(schedule, zone, middle, taken)
    if after is not None and after.at < end:
        assert after == next(dose for dose in whole if dose.at > middle)
    else:
        assert not [dose for dose in whole if dose.at > middle]


def test_the_next_of_a_schedule_ten_years_old_is_found_without_walking_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[date] = []
    first_day = EveryDays.first_day
    monkeypatch.setattr(
        EveryDays, "first_day", lambda self, start, day: asked.append(day) or first_day(self, start, day)
    )
    old = Schedule(EveryDays(3, (Slot(time(8)),)), date(2016, 1, 1))
    asked.clear()
    found = next_due(old, KOLKATA, datetime(2026, 7, 1, tzinfo=UTC))
    assert found is not None
    assert (found.day - old.start).days % 3 == 0
    assert len(asked) <= 4


def test_hours_count_from_the_last_dose_whatever_the_clocks_do() -> None:
    schedule = Schedule(Interval(timedelta(hours=8), time(6), MG), date(2026, 3, 7))
    taken = datetime(2026, 3, 8, 5, 10, tzinfo=UTC)  # 00:10 in New York, before the clocks change
    found = list(due(schedule, NEW_YORK, taken, taken + timedelta(days=1), taken))
    assert [dose.at - taken for dose in found] == [timedelta(hours=8), timedelta(hours=16)]
    assert [f"{wall(dose.at, NEW_YORK):%H:%M}" for dose in found] == ["09:10", "17:10"]


def test_without_a_dose_taken_hours_count_from_the_first() -> None:
    schedule = Schedule(Interval(timedelta(hours=72), time(9)), date(2026, 1, 1), date(2026, 1, 8))
    found = list(due(schedule, KOLKATA, datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)))
    assert [f"{dose.planned:%d %H:%M}" for dose in found] == ["01 09:00", "04 09:00", "07 09:00"]


def test_hours_are_counted_through_the_whole_of_the_last_day() -> None:
    schedule = Schedule(Interval(timedelta(hours=6), time(8)), date(2026, 1, 1), date(2026, 1, 1))
    found = list(due(schedule, KOLKATA, datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)))
    assert [f"{dose.planned:%d %H:%M}" for dose in found] == ["01 08:00", "01 14:00", "01 20:00"]
    assert [dose.key for dose in found][:2] == ["2026-01-01T02:30Z", "2026-01-01T08:30Z"], "by its instant"


def test_what_is_taken_as_needed_is_never_due() -> None:
    schedule = Schedule(AsNeeded(MG), date(2026, 1, 1))
    assert next_due(schedule, KOLKATA, datetime(2026, 1, 1, tzinfo=UTC)) is None
    view = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
    assert due_and_next(schedule, KOLKATA, *view, most=9) == ([], None)
    assert not list(
        due(schedule, KOLKATA, datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
    )


def test_a_cycle_of_twenty_one_and_seven_pauses_a_week() -> None:
    schedule = Schedule(Cycle(21, 7, (Slot(time(21)),)), date(2026, 1, 1))
    days = [
        d.day
        for d in due(schedule, KOLKATA, datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 10, tzinfo=UTC))
    ]
    assert days[20] == date(2026, 1, 21)
    assert days[21] == date(2026, 1, 29)


def test_a_taper_goes_down_step_by_step_and_ends() -> None:
    steps = tuple(Step(n, (Slot(time(8), Amount(Decimal(mg), "mg")),)) for n, mg in ((2, 20), (2, 10)))
    steps = (*steps, Step(3), Step(4, (Slot(time(8), Amount(Decimal(5), "mg")),), every=2))
    schedule = Schedule(Taper(steps), date(2026, 1, 1))
    found = list(due(schedule, KOLKATA, datetime(2025, 12, 30, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC)))
    told = [(dose.day.day, int(dose.amount.value)) for dose in found if dose.amount]
    assert told == [(1, 20), (2, 20), (3, 10), (4, 10), (8, 5), (10, 5)]
    assert schedule.last_day == date(2026, 1, 11)


@settings(max_examples=200, deadline=None)
@given(strategies.schedules())
def test_a_schedule_is_stored_and_read_again(schedule: Schedule) -> None:
    assert strategies.kept(schedule) == schedule


class TestPuttingOff:
    schedule = daily("08:00", "14:00", "20:00")
    now = datetime(2026, 6, 1, 4, tzinfo=UTC)  # 09:30 in Kolkata

    def test_the_rest_of_today_comes_later_and_tomorrow_as_ever(self) -> None:
        later = put_off(self.schedule, KOLKATA, self.now, timedelta(minutes=90))
        assert on(later, KOLKATA, date(2026, 6, 1)) == ["01 08:00", "01 15:30", "01 21:30"]
        assert on(later, KOLKATA, date(2026, 6, 2)) == ["02 08:00", "02 14:00", "02 20:00"]
        assert strategies.kept(later) == later

    def test_names_stay_so_that_no_dose_is_told_twice(self) -> None:
        later = put_off(self.schedule, KOLKATA, self.now, timedelta(hours=5))
        view = (KOLKATA, self.now, self.now + timedelta(days=2))
        assert [d.key for d in due(later, *view)] == [d.key for d in due(self.schedule, *view)]

    def test_twice_adds_up_for_what_is_still_to_come(self) -> None:
        once = put_off(self.schedule, KOLKATA, self.now, timedelta(hours=1))
        twice = put_off(
            once, KOLKATA, self.now + timedelta(hours=6), timedelta(hours=2)
        )  # 15:30, after 15:00
        assert on(twice, KOLKATA, date(2026, 6, 1)) == ["01 08:00", "01 15:00", "01 23:00"]

    def test_past_midnight_it_stays_todays_and_is_found_from_tomorrow(self) -> None:
        later = put_off(self.schedule, KOLKATA, self.now, timedelta(hours=6))
        assert on(later, KOLKATA, date(2026, 6, 1)) == ["01 08:00", "01 20:00", "02 02:00"]
        midnight = datetime(2026, 6, 1, 18, 30, tzinfo=UTC)
        assert next_due(later, KOLKATA, midnight).key == "2026-06-01T20:00"  # type: ignore[union-attr]

    def test_to_midnight_itself_it_is_not_lost(self) -> None:
        evening = put_off(daily("20:00"), KOLKATA, self.now, timedelta(hours=4))
        assert on(evening, KOLKATA, date(2026, 6, 1)) == ["02 00:00"]

    def test_not_beyond_the_first_dose_of_the_next_day(self) -> None:
        with pytest.raises(Incorrect, match="beyond the next one") as refused:
            put_off(self.schedule, KOLKATA, self.now, timedelta(hours=12))
        assert refused.value.fault.field == "by"

    def test_what_is_due_this_very_minute_stays(self) -> None:
        two = datetime(2026, 6, 1, 8, 30, tzinfo=UTC)  # in Kolkata, in the afternoon
        later = put_off(self.schedule, KOLKATA, two, timedelta(hours=1))
        assert on(later, KOLKATA, date(2026, 6, 1)) == ["01 08:00", "01 14:00", "01 21:00"]

    def test_of_hours_that_were_put_off_none_is_lost_to_a_later_view(self) -> None:
        schedule = Schedule(Interval(timedelta(hours=1), time(8)), date(2026, 6, 1))
        later = put_off(schedule, KOLKATA, self.now, timedelta(hours=2), self.now)
        hours = [self.now + timedelta(hours=number) for number in range(3, 30)]
        for since in (self.now, self.now + timedelta(hours=10)):
            found = [dose.at for dose in due(later, KOLKATA, since, hours[-1], self.now)]
            assert found == [at for at in hours[:-1] if at >= since]

    def test_not_when_nothing_is_left_of_today(self) -> None:
        with pytest.raises(Incorrect, match="Nothing more"):
            put_off(self.schedule, KOLKATA, self.now + timedelta(hours=12), timedelta(hours=1))

    def test_of_hours_since_the_last_dose_all_move_together(self) -> None:
        schedule = Schedule(Interval(timedelta(hours=6), time(8)), date(2026, 6, 1))
        taken = self.now
        once = put_off(schedule, KOLKATA, taken + timedelta(hours=1), timedelta(hours=1), taken)
        twice = put_off(once, KOLKATA, taken + timedelta(hours=6, minutes=30), timedelta(minutes=30), taken)
        found = list(due(twice, KOLKATA, taken, taken + timedelta(hours=20), taken))
        assert [dose.at - taken for dose in found] == [timedelta(hours=h) for h in (7.5, 13.5, 19.5)]
        again = taken + timedelta(hours=8)
        assert next_due(twice, KOLKATA, again, again).at == again + timedelta(hours=6)  # type: ignore[union-attr]

    @settings(max_examples=150, deadline=None)
    @given(st.data())
    def test_loses_none_and_keeps_the_order(self, data: st.DataObject) -> None:
        zone, day = data.draw(strategies.places())
        schedule = data.draw(strategies.schedules(strategies.daywise, near=day))
        now = naive(day).replace(tzinfo=UTC) + timedelta(minutes=data.draw(st.integers(-600, 1200)))
        later = schedule
        for _ in range(data.draw(st.integers(1, 3))):
            try:
                later = put_off(later, zone, now, timedelta(minutes=data.draw(st.integers(1, 720))))
            except Incorrect:
                break
            now += timedelta(minutes=data.draw(st.integers(0, 300)))
        view = (zone, now - timedelta(days=6), now + timedelta(days=6))
        before, after = (
            [d.key for d in due(each, *view) if abs(d.day - day) <= timedelta(days=3)]
            for each in (schedule, later)
        )
        assert sorted(after) == sorted(before)
        at = data.draw(st.integers(-4000, 4000).map(lambda n: now + timedelta(minutes=n)))
        following = next_due(later, zone, at)
        wanted = [d for d in due(later, zone, at - timedelta(days=6), at + timedelta(days=6)) if d.at > at]
        assert (following in wanted) == bool(wanted)
        assert not wanted or following == wanted[0]
