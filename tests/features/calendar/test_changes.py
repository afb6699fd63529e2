"""A series at its limits, its parts on both sides of a change, and between when it lies."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from ojas.features.calendar.rules.rule import parse
from ojas.features.calendar.rules.series import (
    LONGEST,
    LONGEST_VIEW,
    MOST_CHANGES,
    MOST_SHOWN,
    Occurrence,
    Override,
    Series,
    changed,
    comes_at_all,
    found,
    longest,
    moved_all,
    occurrences,
    span,
    split,
    without,
)
from ojas.kit.errors import Incorrect

KOLKATA = ZoneInfo("Asia/Kolkata")
HOME = "Asia/Kolkata"
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
FIRST = datetime.fromisoformat("2027-03-01T09:00")
BEGINS = FIRST.replace(tzinfo=KOLKATA)
WALKS = Series(FIRST, HOUR, HOME, parse("FREQ=DAILY;COUNT=5"))
DAYS = Series(FIRST.date(), DAY, None, parse("FREQ=DAILY;COUNT=5"))


def seen(
    series: Series, since: datetime = BEGINS - DAY, until: datetime = BEGINS + 60 * DAY, *, all: bool = False
) -> list[Occurrence]:
    return list(occurrences(series, KOLKATA, since, until, called_off=all))


def days(series: Series | None) -> list[int]:
    return [] if series is None else [each.start.day for each in seen(series)]


def many(count: int) -> frozenset[date | datetime]:
    return frozenset(FIRST + n * DAY for n in range(1, count + 1))


ALLOWED: list[Callable[[], object]] = [
    lambda: Series(FIRST, LONGEST, HOME),
    lambda: Series(FIRST, timedelta(0), HOME),
    lambda: Series(FIRST.date(), 366 * DAY),
    lambda: Series(FIRST, HOUR, HOME, None, many(MOST_CHANGES)),
    lambda: Series(FIRST, HOUR, HOME, None, many(MOST_CHANGES - 2), many(1), (Override(FIRST),)),
    lambda: Series(FIRST, HOUR, HOME, overrides=(Override(FIRST, duration=LONGEST),)),
    lambda: Series(FIRST, HOUR, HOME, overrides=(Override(FIRST, duration=timedelta(0)),)),
    lambda: Series(FIRST.date(), DAY, overrides=(Override(FIRST.date(), duration=2 * DAY),)),
    lambda: Series(FIRST, HOUR, HOME, parse("FREQ=DAILY;UNTIL=20200101"), frozenset({FIRST + DAY})),
    lambda: seen(WALKS, BEGINS, BEGINS + LONGEST_VIEW),
]
REFUSED: list[tuple[str, Callable[[], object]]] = [
    ("duration", lambda: Series(FIRST, LONGEST + MINUTE, HOME)),
    ("duration", lambda: Series(FIRST, -MINUTE, HOME)),
    ("duration", lambda: Series(FIRST.date(), timedelta(0))),
    ("duration", lambda: Series(FIRST.date(), 36 * HOUR)),
    ("duration", lambda: Series(FIRST.date(), DAY, HOME)),
    ("changes", lambda: Series(FIRST, HOUR, HOME, None, many(MOST_CHANGES + 1))),
    ("changes", lambda: Series(FIRST, HOUR, HOME, None, many(MOST_CHANGES - 1), many(1), (Override(FIRST),))),
    ("changes", lambda: Series(FIRST, HOUR, HOME, overrides=(Override(FIRST, duration=LONGEST + MINUTE),))),
    ("changes", lambda: Series(FIRST, HOUR, HOME, overrides=(Override(FIRST, duration=-MINUTE),))),
    ("changes", lambda: Series(FIRST.date(), DAY, overrides=(Override(FIRST.date(), duration=HOUR),))),
    ("changes", lambda: Series(FIRST, HOUR, HOME, overrides=(Override(FIRST), Override(FIRST, cancelled=True)))),
    ("start", lambda: Series(FIRST, HOUR, HOME, overrides=(Override(FIRST.date()),))),
    ("start", lambda: Series(FIRST, HOUR, HOME, overrides=(Override(FIRST, FIRST.date()),))),
    ("start", lambda: Series(FIRST, HOUR, HOME, without=frozenset({BEGINS}))),
    ("rule", lambda: Series(FIRST, HOUR, HOME, parse("FREQ=DAILY;UNTIL=20200101"))),
    ("until", lambda: seen(WALKS, BEGINS, BEGINS + LONGEST_VIEW + MINUTE)),
    ("original", lambda: found(WALKS, KOLKATA, FIRST + 5 * DAY)),
    ("original", lambda: found(WALKS, KOLKATA, FIRST.date())),
    ("original", lambda: found(without(WALKS, FIRST), KOLKATA, FIRST)),
    ("original", lambda: found(Series(FIRST, HOUR, HOME), KOLKATA, FIRST + DAY)),
    ("original", lambda: split(Series(FIRST, HOUR, HOME), FIRST)),
    ("original", lambda: split(WALKS, FIRST + HOUR)),
]  # fmt: skip


@pytest.mark.parametrize("value", ALLOWED)
def test_exactly_at_a_limit_is_within_it(value: Callable[[], object]) -> None:
    value()


@pytest.mark.parametrize(("field", "value"), REFUSED, ids=[f"{n}-{field}" for n, (field, _) in enumerate(REFUSED)])  # fmt: skip
def test_one_beyond_a_limit_is_refused_at_its_field(field: str, value: Callable[[], object]) -> None:
    with pytest.raises(Incorrect) as refused:
        value()
    assert refused.value.fault.field == field


def test_a_view_shows_five_thousand_times_of_one_event_and_not_one_more() -> None:
    hourly = Series(FIRST, MINUTE, HOME, parse("FREQ=HOURLY"))
    assert len(seen(hourly, BEGINS, BEGINS + MOST_SHOWN * HOUR)) == MOST_SHOWN == 5_000
    with pytest.raises(Incorrect) as refused:
        seen(hourly, BEGINS, BEGINS + MOST_SHOWN * HOUR + MINUTE)
    assert refused.value.fault.field == "until"


def test_what_begins_with_a_view_is_in_it_and_what_begins_or_ends_at_its_edge_is_not() -> None:
    moment = Series(FIRST, timedelta(0), HOME)
    assert seen(moment, BEGINS, BEGINS + MINUTE)
    assert not seen(moment, BEGINS - MINUTE, BEGINS)
    hour = Series(FIRST, HOUR, HOME)
    assert seen(hour, BEGINS + HOUR - MINUTE, BEGINS + DAY)
    assert not seen(hour, BEGINS + HOUR, BEGINS + DAY)


def test_what_lasts_for_days_is_seen_in_the_midst_of_it_however_often_it_comes() -> None:
    retreat = Series(FIRST, 5 * DAY, HOME, parse("FREQ=WEEKLY"))
    middle = BEGINS + 7 * DAY + 4 * DAY
    assert [each.begins for each in seen(retreat, middle, middle + HOUR)] == [BEGINS + 7 * DAY]
    added = Series(FIRST, 5 * DAY, HOME, None, frozenset({FIRST + 7 * DAY}))
    assert [each.begins for each in seen(added, middle, middle + HOUR)] == [BEGINS + 7 * DAY]


def test_what_was_called_off_is_there_for_those_who_ask_for_it() -> None:
    off = changed(WALKS, Override(FIRST + DAY, cancelled=True))
    assert days(off) == [1, 3, 4, 5]
    first, second, *_ = seen(off, all=True)
    assert (first.start.day, first.changed, first.cancelled) == (1, False, False)
    assert (second.start.day, second.changed, second.cancelled) == (2, True, True)
    assert seen(changed(WALKS, Override(FIRST)))[0].cancelled is False


def test_one_is_found_wherever_it_went_and_as_long_as_it_became() -> None:
    went = changed(WALKS, Override(FIRST + DAY, FIRST + 20 * DAY, 3 * HOUR))
    one = found(went, KOLKATA, FIRST + DAY)
    assert (one.key, one.begins) == ("2027-03-02T09:00:00", BEGINS + 20 * DAY)
    assert one.ends - one.begins == 3 * HOUR
    renamed = changed(WALKS, Override(FIRST + DAY, title="Slowly"))
    one = found(renamed, KOLKATA, FIRST + DAY)
    assert (one.begins, one.ends, one.changed) == (BEGINS + DAY, BEGINS + DAY + HOUR, True)
    assert found(WALKS, KOLKATA, FIRST).begins == BEGINS
    assert found(WALKS, UTC, FIRST).begins == BEGINS, "by its own clock, whoever looks"
    assert found(Series(FIRST, HOUR, None), UTC, FIRST).begins == FIRST.replace(tzinfo=UTC)
    assert found(WALKS, KOLKATA, FIRST + 4 * DAY).begins == BEGINS + 4 * DAY
    added = Series(FIRST, HOUR, HOME, None, frozenset({FIRST + DAY / 2}))
    assert found(added, KOLKATA, FIRST + DAY / 2).begins == BEGINS + DAY / 2


def test_a_changed_one_is_as_long_as_the_others_unless_it_says_so_and_is_not_there_when_left_out() -> None:
    moved = changed(WALKS, Override(FIRST + DAY, FIRST + DAY + HOUR))
    assert [each.ends - each.begins for each in seen(moved)] == [HOUR] * 5
    both = Series(
        FIRST, HOUR, HOME, WALKS.rule, without=frozenset({FIRST + DAY}), overrides=(Override(FIRST + DAY),)
    )
    assert days(both) == [1, 3, 4, 5]


def test_what_is_added_twice_comes_once() -> None:
    twice = Series(FIRST, HOUR, HOME, WALKS.rule, frozenset({FIRST + DAY, FIRST + 7 * DAY}))
    assert days(twice) == [1, 2, 3, 4, 5, 8]


def test_a_count_is_shared_out_between_what_was_and_what_follows() -> None:
    before, after = split(WALKS, FIRST + 2 * DAY)
    assert (days(before), days(after)) == ([1, 2], [3, 4, 5])
    assert before is not None
    assert (str(before.rule), str(after.rule)) == ("FREQ=DAILY;UNTIL=20270302T033000Z", "FREQ=DAILY;COUNT=3")
    assert split(WALKS, FIRST) == (None, WALKS)
    before, last = split(WALKS, FIRST + 4 * DAY)
    assert (days(before), days(last), last.rule) == ([1, 2, 3, 4], [5], None)
    first, rest = split(WALKS, FIRST + DAY)
    assert first is not None
    assert (days(first), first.rule, days(rest)) == ([1], None, [2, 3, 4, 5])


def test_an_end_is_told_in_the_manner_of_its_start() -> None:
    before, after = split(DAYS, FIRST.date() + 2 * DAY)
    assert before is not None
    assert (str(before.rule), str(after.rule)) == ("FREQ=DAILY;UNTIL=20270302", "FREQ=DAILY;COUNT=3")
    floating = Series(FIRST, HOUR, None, parse("FREQ=DAILY;UNTIL=20270305"))
    before, after = split(floating, FIRST + 2 * DAY)
    assert before is not None
    assert str(before.rule) == "FREQ=DAILY;UNTIL=20270302T090000"
    assert after.rule == floating.rule
    assert (days(before), days(after)) == ([1, 2], [3, 4, 5])


def test_each_exception_goes_with_its_side() -> None:
    extra = frozenset({FIRST + HOUR, FIRST + 3 * DAY + HOUR})
    gone = frozenset({FIRST + DAY, FIRST + 3 * DAY})
    changes = (Override(FIRST, title="One"), Override(FIRST + 2 * DAY, title="Three"))
    whole = Series(FIRST, HOUR, HOME, WALKS.rule, extra, gone, changes)
    before, after = split(whole, FIRST + 2 * DAY)
    assert before is not None
    assert (before.extra, before.without, before.overrides) == ({FIRST + HOUR}, {FIRST + DAY}, changes[:1])
    assert (after.extra, after.without, after.overrides) == (
        {FIRST + 3 * DAY + HOUR}, {FIRST + 3 * DAY}, changes[1:],
    )  # fmt: skip


def test_all_move_with_what_was_added_left_out_and_changed() -> None:
    changes = (Override(FIRST, FIRST + 5 * HOUR), Override(FIRST + 2 * DAY, title="Three"))
    whole = Series(
        FIRST, HOUR, HOME, WALKS.rule, frozenset({FIRST + HOUR}), frozenset({FIRST + DAY}), changes
    )
    moved = moved_all(whole, DAY)
    assert (moved.start, moved.rule) == (FIRST + DAY, WALKS.rule)
    assert (moved.extra, moved.without) == ({FIRST + DAY + HOUR}, {FIRST + 2 * DAY})
    assert [(each.original, each.start) for each in moved.overrides] == [
        (FIRST + DAY, FIRST + 5 * HOUR), (FIRST + 3 * DAY, None),
    ]  # fmt: skip
    assert moved_all(WALKS, DAY, parse("FREQ=WEEKLY")).rule == parse("FREQ=WEEKLY")


def test_changing_one_again_or_leaving_it_out_replaces_what_was_said_of_it() -> None:
    once = changed(changed(WALKS, Override(FIRST, title="One")), Override(FIRST + DAY, title="Two"))
    again = changed(once, Override(FIRST, title="Other"))
    assert {each.title for each in again.overrides} == {"Other", "Two"}
    out = without(again, FIRST)
    assert [each.title for each in out.overrides] == ["Two"]
    assert out.without == {FIRST}


def test_it_lies_between_its_first_beginning_and_its_last() -> None:
    assert span(Series(FIRST, HOUR, HOME), UTC) == (BEGINS, BEGINS)
    assert span(WALKS, UTC) == (BEGINS, BEGINS + 4 * DAY)
    assert span(Series(FIRST, HOUR, HOME, parse("FREQ=DAILY")), UTC) == (BEGINS, None)
    until = Series(FIRST, HOUR, HOME, parse("FREQ=DAILY;UNTIL=20270303T033000Z"))
    assert span(until, UTC) == (BEGINS, BEGINS + 2 * DAY)
    wide = Series(
        FIRST, HOUR, HOME, WALKS.rule, frozenset({FIRST - DAY}),
        overrides=(Override(FIRST + DAY, FIRST + 90 * DAY), Override(FIRST + 2 * DAY)),
    )  # fmt: skip
    assert span(wide, UTC) == (BEGINS - DAY, BEGINS + 90 * DAY)
    assert span(DAYS, KOLKATA)[0] == BEGINS - 9 * HOUR, "of whole days, by the clock of whoever looks"


def test_the_longest_of_its_times_is_reckoned_with_a_day_of_more_hours() -> None:
    assert longest(WALKS) == 3 * HOUR
    assert longest(changed(WALKS, Override(FIRST, duration=5 * HOUR))) == 7 * HOUR
    assert longest(changed(WALKS, Override(FIRST, title="Same"))) == 3 * HOUR


def test_a_series_of_which_all_was_left_out_comes_no_more() -> None:
    once = Series(FIRST, HOUR, HOME)
    assert comes_at_all(once)
    assert not comes_at_all(without(once, FIRST))
    gone = WALKS
    for number in range(5):
        assert comes_at_all(gone)
        gone = without(gone, FIRST + number * DAY)
    assert not comes_at_all(gone)
    assert comes_at_all(Series(FIRST, HOUR, HOME, None, frozenset({FIRST + DAY}), frozenset({FIRST})))
    assert comes_at_all(
        Series(FIRST, HOUR, HOME, without=frozenset({FIRST}), overrides=(Override(FIRST + DAY),))
    )
    both = Series(FIRST, HOUR, HOME, without=frozenset({FIRST}), overrides=(Override(FIRST),))
    assert not comes_at_all(both)
