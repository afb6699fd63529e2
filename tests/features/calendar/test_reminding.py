"""When somebody is reminded of an event: so many minutes before it, whatever was changed of it, and not of what is over."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from ojas.features.calendar.rules.reminding import EARLIEST, LATE, due, following
from ojas.features.calendar.rules.rule import parse
from ojas.features.calendar.rules.series import Override, Series, changed, without

KOLKATA = ZoneInfo("Asia/Kolkata")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
FIRST = datetime.fromisoformat("2027-03-01T09:00")
BEGINS = FIRST.replace(tzinfo=KOLKATA)
WALK = Series(FIRST, HOUR, "Asia/Kolkata", parse("FREQ=DAILY;COUNT=5"))
ONCE = Series(FIRST, HOUR, "Asia/Kolkata")


def said(series: Series, minutes: list[int], now: datetime, away: timedelta = 30 * MINUTE) -> list[int]:
    """How many minutes before, of what came due while nobody looked."""
    return [call.minutes for call in due(series, KOLKATA, minutes, now - away, now)]


def test_the_next_reminder_is_the_soonest_of_all_that_are_to_come() -> None:
    told = [following(WALK, KOLKATA, [10, 60], BEGINS - before) for before in (2 * HOUR, HOUR, 10 * MINUTE)]
    assert told == [BEGINS - HOUR, BEGINS - 10 * MINUTE, BEGINS + DAY - HOUR]
    last = BEGINS + 4 * DAY
    assert following(WALK, KOLKATA, [10], last - 11 * MINUTE) == last - 10 * MINUTE
    assert following(WALK, KOLKATA, [10], last - 10 * MINUTE) is None
    assert following(WALK, KOLKATA, [], BEGINS - HOUR) is None
    assert following(WALK, KOLKATA, [0], BEGINS - HOUR) == BEGINS


def test_a_reminder_days_before_a_later_one_goes_before_that_of_tomorrow() -> None:
    minutes = [10, 3 * DAY // MINUTE]
    assert following(WALK, KOLKATA, minutes, BEGINS - HOUR) == BEGINS - 10 * MINUTE
    assert following(WALK, KOLKATA, minutes, BEGINS - 10 * MINUTE) == BEGINS, "of the walk three days on"
    assert following(WALK, KOLKATA, minutes, BEGINS + DAY) == BEGINS + 2 * DAY - 10 * MINUTE


def test_what_takes_the_whole_day_is_reminded_of_from_nine_in_the_morning_of_whoever_looks() -> None:
    birthday = Series(date(2027, 3, 1), DAY, None, parse("FREQ=YEARLY"))
    assert following(birthday, KOLKATA, [30], BEGINS - DAY) == BEGINS - 30 * MINUTE
    new_york = ZoneInfo("America/New_York")
    assert following(birthday, new_york, [0], BEGINS) == datetime(2027, 3, 1, 9, tzinfo=new_york)
    (call,) = due(birthday, KOLKATA, [30], BEGINS - HOUR, BEGINS)
    assert (call.at, call.begins) == (BEGINS - 30 * MINUTE, BEGINS)


def test_what_came_due_is_said_once_with_the_reminder_that_is_nearest() -> None:
    assert said(ONCE, [10, 60], BEGINS - HOUR) == [60]
    assert said(ONCE, [10, 60], BEGINS - 9 * MINUTE, away=2 * HOUR) == [10]
    assert said(ONCE, [10, 60], BEGINS - HOUR - MINUTE) == []
    assert said(ONCE, [10], BEGINS + 25 * MINUTE, away=35 * MINUTE) == [], "it began a while ago"
    (call,) = due(ONCE, KOLKATA, [10], BEGINS - HOUR, BEGINS)
    assert (call.at, call.begins, call.occurrence.key) == (
        BEGINS - 10 * MINUTE,
        BEGINS,
        "2027-03-01T09:00:00",
    )


def test_it_is_worth_saying_until_a_quarter_of_an_hour_after_the_beginning() -> None:
    assert LATE == 15 * MINUTE
    assert said(ONCE, [0], BEGINS + LATE - MINUTE) == [0]
    assert said(ONCE, [0], BEGINS + LATE) == []


def test_what_was_due_at_the_very_moments_of_both_looks_is_said() -> None:
    assert said(ONCE, [10], BEGINS - 10 * MINUTE) == [10]
    assert said(ONCE, [10], BEGINS + 5 * MINUTE, away=15 * MINUTE) == [10]
    assert said(ONCE, [10], BEGINS + 5 * MINUTE, away=15 * MINUTE - timedelta(seconds=1)) == []


def test_no_reminder_comes_more_than_29_days_before_whatever_was_missed() -> None:
    assert EARLIEST == 29 * DAY
    longest = EARLIEST // MINUTE
    assert said(ONCE, [longest], BEGINS - EARLIEST + MINUTE) == [longest]
    assert said(ONCE, [longest], BEGINS - MINUTE, away=400 * DAY) == [longest]


def test_what_is_moved_takes_its_reminders_along_and_what_is_left_out_or_silent_has_none() -> None:
    later = changed(WALK, Override(FIRST, FIRST + 3 * HOUR))
    assert following(later, KOLKATA, [10], BEGINS - HOUR) == BEGINS + 3 * HOUR - 10 * MINUTE
    assert said(later, [10], BEGINS) == []
    for gone in (without(WALK, FIRST), changed(WALK, Override(FIRST, cancelled=True))):
        assert following(gone, KOLKATA, [10], BEGINS - HOUR) == BEGINS + DAY - 10 * MINUTE
        assert said(gone, [10], BEGINS) == []
    silent = frozenset({FIRST.isoformat(), (FIRST + DAY).isoformat()})
    assert following(WALK, KOLKATA, [10], BEGINS - HOUR, silent) == BEGINS + 2 * DAY - 10 * MINUTE
    assert list(due(WALK, KOLKATA, [10], BEGINS - HOUR, BEGINS, silent)) == []


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.integers(0, 3000), min_size=1, max_size=5, unique=True),
    st.lists(st.integers(0, 14), min_size=1, max_size=30),
)
def test_a_worker_that_comes_when_called_and_minutes_late_says_every_occurrence(
    minutes: list[int], late: list[int]
) -> None:
    now, told, looks = BEGINS - 3 * DAY, set(), 0
    while (at := following(WALK, KOLKATA, minutes, now)) is not None:
        since, now = now, max(now, at) + late[looks % len(late)] * MINUTE
        told |= {call.occurrence.key for call in due(WALK, KOLKATA, minutes, since, now)}
        looks += 1
    assert len(told) == 5
    assert looks <= 5 * len(minutes)
