"""Laws of changing a series: occurrences that are not meant stay as they were, none is lost, none comes twice."""

from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from ojas.features.calendar.rules.moving import moved
from ojas.features.calendar.rules.rule import parse
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
)
FIRST, LAST = datetime(2027, 2, 1, tzinfo=UTC), datetime(2027, 7, 1, tzinfo=UTC)
HOME = "Asia/Kolkata"  # where no time is skipped: what moves by an hour is an hour later
MINUTES = st.integers(-3 * 1440, 3 * 1440).map(lambda n: timedelta(minutes=n))


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
    start = datetime.fromisoformat("2027-03-03T09:00" if rule.by_month_day else "2027-03-01T09:00")
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
    assert told(head) == {k: v for k, v in before.items() if k < key}
    assert shifted({k: v for k, v in before.items() if k >= key}, by) == inner(told(rest))


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(lived(), MINUTES)
def test_changing_all_moves_each_by_as_much(series: Series, by: timedelta) -> None:
    rest = moved_or_none(series, by)
    assume(rest)
    assert rest is not None
    assert shifted(told(series), by) == inner(told(rest))
    assert moved(rest, -by).start == series.start


def shifted(
    before: dict[str, tuple[datetime, datetime, str | None]], by: timedelta
) -> dict[str, tuple[datetime, datetime, str | None]]:
    """All of them so much later; what had been moved by itself stays where it went, and keeps its words."""
    after = {}
    for key, (begins, ends, title) in before.items():
        moving = timedelta(0) if title else by
        after[(datetime.fromisoformat(key) + by).isoformat()] = (begins + moving, ends + moving, title)
    return inner(after)


def inner(
    found: dict[str, tuple[datetime, datetime, str | None]],
) -> dict[str, tuple[datetime, datetime, str | None]]:
    """Away from the end of what is looked at, where a move brings others in."""
    return {key: value for key, value in found.items() if value[0] < LAST - timedelta(days=4)}


def moved_or_none(series: Series, by: timedelta) -> Series | None:
    """None: a rule that names its days or hours itself asks for the new one."""
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


def test_a_day_of_each_month_does_not_become_one_of_the_month_before() -> None:
    """Not each month is as long: what was left out of it, or moved by itself, would be found no more."""
    monthly = Series(datetime.fromisoformat("2027-03-03T09:00"), timedelta(minutes=30), HOME, parse(RULES[5]))
    assert moved_or_none(monthly, timedelta(days=-3)) is None
    earlier = moved_or_none(monthly, timedelta(days=-2))
    assert earlier is not None
    assert earlier.rule is not None
    assert earlier.rule.by_month_day == (1,)
