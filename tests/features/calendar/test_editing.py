"""Laws of changing a series: occurrences that are not meant stay as they were, none is lost, none comes twice."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from ojas.features.calendar.rules.moving import moved
from ojas.features.calendar.rules.rule import Freq, parse
from ojas.features.calendar.rules.series import (
    Override,
    Series,
    changed,
    found,
    occurrences,
    span,
    split,
    without,
)
from ojas.kit.errors import Incorrect
from ojas.kit.i18n.zones import zone_of

RULES = (
    "FREQ=DAILY",
    "FREQ=DAILY;COUNT=9",
    "FREQ=DAILY;INTERVAL=3;UNTIL=20270420T033000Z",
    "FREQ=WEEKLY;BYDAY=MO,TH;COUNT=12",
    "FREQ=WEEKLY;BYDAY=WE,SU;INTERVAL=2",
    "FREQ=MONTHLY;BYMONTHDAY=3",
    "FREQ=DAILY;BYHOUR=9",
    "FREQ=MONTHLY",
    "FREQ=MONTHLY;INTERVAL=2;COUNT=4",
    "FREQ=MONTHLY;UNTIL=20270503",
    "FREQ=MONTHLY;BYMONTHDAY=3;UNTIL=20270403T033000Z",
    "FREQ=YEARLY",
    "FREQ=YEARLY;BYMONTH=3,4,5",
)
FIRST, LAST = datetime(2026, 12, 1, tzinfo=UTC), datetime(2028, 7, 1, tzinfo=UTC)
HOME = "Asia/Kolkata"  # where no time is skipped: what moves by an hour is an hour later
MINUTES = (st.integers(-3 * 1440, 3 * 1440) | st.integers(-40 * 1440, 40 * 1440)).map(
    lambda n: timedelta(minutes=n)
)


def told(series: Series | None) -> dict[str, tuple[datetime, datetime, str | None]]:
    """Each occurrence by its key: when it is, and what it is called."""
    if series is None:
        return {}
    listed = list(occurrences(series, UTC, FIRST, LAST))
    assert len({one.key for one in listed}) == len(listed), "none is there twice"
    return {one.key: (one.begins, one.ends, one.override.title if one.override else None) for one in listed}


@st.composite
def lived(draw: st.DrawFn) -> Series:
    """A series of which something was left out and something moved already."""
    rule = parse(draw(st.sampled_from(RULES)))
    monthly = rule.freq in (Freq.MONTHLY, Freq.YEARLY)
    start = datetime.fromisoformat("2027-03-03T09:00" if monthly else "2027-03-01T09:00")
    series = Series(start, timedelta(minutes=30), HOME, rule)
    for key in draw(st.lists(st.sampled_from(sorted(told(series))), max_size=3, unique=True)):
        at = datetime.fromisoformat(key)
        if draw(st.booleans()):
            series = without(series, at)
        else:
            series = changed(series, Override(at, at + timedelta(hours=2), title="Other"))
    assume(told(series))
    return series


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(lived(), st.data(), MINUTES)
def test_changing_one_touches_no_other(series: Series, data: st.DataObject, by: timedelta) -> None:
    before = told(series)
    key = data.draw(st.sampled_from(sorted(before)))
    at = datetime.fromisoformat(key)
    after = told(changed(series, Override(at, at + by, timedelta(minutes=10), title="This")))
    assert {k: v for k, v in after.items() if k != key} == {k: v for k, v in before.items() if k != key}
    begins = at.replace(tzinfo=zone_of(HOME)) + by
    if begins < LAST:  # else it went where nobody looks here
        assert after[key] == (begins, begins + timedelta(minutes=10), "This")
    gone = told(without(series, at))
    assert gone == {k: v for k, v in before.items() if k != key}


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(lived(), st.data(), MINUTES)
def test_changing_this_and_following_keeps_those_before_and_moves_those_after(
    series: Series, data: st.DataObject, by: timedelta
) -> None:
    before = told(series)
    key = data.draw(st.sampled_from(sorted(before)))
    head, tail = split(series, datetime.fromisoformat(key))
    rest = moved_or_none(tail, by)
    assume(rest)
    assert rest is not None
    assert told(head) == {k: v for k, v in before.items() if k < key}
    assert shifted(tail, rest) == inner(told(rest))


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(lived(), MINUTES)
def test_changing_all_moves_each_by_as_much(series: Series, by: timedelta) -> None:
    rest = moved_or_none(series, by)
    assume(rest)
    assert rest is not None
    assert shifted(series, rest) == inner(told(rest))
    assert rest.start == series.start + by
    back = moved_or_none(rest, -by)
    assert back is not None
    assert told(back) == told(series)


def shifted(before: Series, after: Series) -> dict[str, tuple[datetime, datetime, str | None]]:
    """Each where the one of the same number is afterwards; what had been moved by itself stays where it went."""
    old, new = (sorted(told(replace(each, without=frozenset(), overrides=()))) for each in (before, after))
    names = dict(zip(old, new, strict=False))
    found = {}
    for key, (begins, ends, title) in told(before).items():
        if key in names:
            by = timedelta(0) if title else datetime.fromisoformat(names[key]) - datetime.fromisoformat(key)
            found[names[key]] = (begins + by, ends + by, title)
    return inner(found)


def inner(
    found: dict[str, tuple[datetime, datetime, str | None]],
) -> dict[str, tuple[datetime, datetime, str | None]]:
    """Away from the end of what is looked at, where a move brings others in."""
    return {key: value for key, value in found.items() if value[0] < LAST - timedelta(days=100)}


def moved_or_none(series: Series, by: timedelta) -> Series | None:
    """None: a rule that names its days or hours itself asks for the new one; or there is no such day in each month."""
    to = series.start + by
    if to.day > 28:
        return None
    try:
        return moved(series, by)
    except Incorrect as refusal:
        if refusal.fault.field != "rule":
            raise
        return None


@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(lived())
def test_every_occurrence_is_found_by_its_key_and_lies_within_the_span(series: Series) -> None:
    first, last = span(series, UTC)
    for key, (begins, ends, _title) in told(series).items():
        one = found(series, UTC, datetime.fromisoformat(key))
        assert (one.begins, one.ends) == (begins, ends)
        assert first <= begins
        assert last is None or begins <= last


def test_a_day_of_each_month_becomes_one_of_the_month_before() -> None:
    """Not each month is as long: what was left out of it, or moved by itself, is found where its month has it then."""
    monthly = Series(
        datetime.fromisoformat("2027-03-03T09:00"), timedelta(minutes=30), HOME, parse("FREQ=MONTHLY")
    )
    april, may = datetime.fromisoformat("2027-04-03T09:00"), datetime.fromisoformat("2027-05-03T09:00")
    series = changed(without(monthly, april), Override(may, title="Other"))
    earlier = moved(series, timedelta(days=-6))
    assert list(told(earlier))[:3] == ["2027-02-25T09:00:00", "2027-04-25T09:00:00", "2027-05-25T09:00:00"]
    assert told(earlier)["2027-04-25T09:00:00"][2] == "Other"


def test_a_day_that_not_every_month_has_takes_what_was_changed_to_its_last() -> None:
    monthly = Series(date(2027, 1, 3), timedelta(days=1), None, parse("FREQ=MONTHLY"))
    series = changed(monthly, Override(date(2027, 2, 3), date(2027, 2, 5), title="Other"))
    later = moved(series, timedelta(days=28))
    assert list(told(later))[:3] == ["2027-01-31", "2027-02-28", "2027-03-31"]
    assert moved(later, timedelta(days=-28)) == series


def test_hours_of_some_days_have_no_other_hours_to_become() -> None:
    for rule in ("FREQ=HOURLY;BYDAY=MO", "FREQ=DAILY;BYMONTH=3", "FREQ=MONTHLY;BYDAY=1MO"):
        series = Series(datetime.fromisoformat("2027-03-01T09:00"), timedelta(minutes=30), HOME, parse(rule))
        with pytest.raises(Incorrect) as refused:
            moved(series, timedelta(days=1, hours=1))
        assert refused.value.fault.field == "rule"
