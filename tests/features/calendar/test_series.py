"""Events that recur, with what was changed of them."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ojas.features.calendar.rules.local import naive
from ojas.features.calendar.rules.rule import parse
from ojas.features.calendar.rules.series import (
    Occurrence,
    Override,
    Series,
    changed,
    ends_on,
    moved_all,
    occurrences,
    split,
    without,
)
from ojas.kit.errors import Incorrect

KOLKATA, NEW_YORK = ZoneInfo("Asia/Kolkata"), ZoneInfo("America/New_York")
HOUR = timedelta(hours=1)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def daily(
    rule: str = "FREQ=DAILY", start: str = "2026-03-06T02:30", zone: str | None = "America/New_York"
) -> Series:
    return Series(at(start), HOUR, zone, parse(rule))


def told(
    series: Series, since: str = "2026-03-01", until: str = "2026-04-01", viewer: ZoneInfo = KOLKATA
) -> list[str]:
    low, high = (at(each).replace(tzinfo=UTC) for each in (since, until))
    return [f"{each.start:%m-%d %H:%M}" for each in occurrences(series, viewer, low, high)]


def test_a_time_that_does_not_exist_is_skipped() -> None:
    assert told(daily(), until="2026-03-11") == ["03-06 02:30", "03-07 02:30", "03-09 02:30", "03-10 02:30"]


def test_local_time_is_kept_when_clocks_change() -> None:
    found = list(
        occurrences(
            daily(start="2026-03-07T09:00"),
            KOLKATA,
            at("2026-03-07T00:00+00:00"),
            at("2026-03-09T00:00+00:00"),
        )
    )
    assert [f"{each.begins:%H:%M}" for each in found] == ["14:00", "13:00"]


def test_what_touches_the_view_is_in_it() -> None:
    long = Series(at("2026-03-01T22:00"), timedelta(hours=5), "UTC")
    assert told(long, "2026-03-02T02:00", "2026-03-03") == ["03-01 22:00"]
    assert told(long, "2026-03-02T03:00", "2026-03-03") == []
    assert told(long, "2026-02-01", "2026-03-01T22:00") == []


def test_a_whole_day_is_the_day_of_whoever_looks() -> None:
    birthday = Series(date(2025, 3, 8), timedelta(days=1), None, parse("FREQ=YEARLY"))
    (found,) = occurrences(birthday, NEW_YORK, at("2026-03-01T00:00+00:00"), at("2026-04-01T00:00+00:00"))
    assert found.ends - found.begins == timedelta(hours=23)  # the clocks go forward on it
    assert found.key == "2026-03-08"


def test_one_may_be_left_out_moved_called_off_or_added() -> None:
    series = daily("FREQ=DAILY;COUNT=5", "2026-03-02T09:00")
    assert told(without(series, at("2026-03-03T09:00"))) == [
        "03-02 09:00",
        "03-04 09:00",
        "03-05 09:00",
        "03-06 09:00",
    ]
    later = changed(series, Override(at("2026-03-03T09:00"), at("2026-03-20T11:00")))
    assert told(later)[-1] == "03-20 11:00"
    assert told(changed(later, Override(at("2026-03-03T09:00"), cancelled=True))) == told(
        without(series, at("2026-03-03T09:00"))
    )
    extra = Series(
        series.start,
        HOUR,
        series.zone,
        series.rule,
        frozenset({at("2026-03-25T09:00"), at("2026-03-04T09:00")}),
    )
    assert told(extra) == [*told(series), "03-25 09:00"]


def test_a_moved_one_keeps_its_name_and_is_found_where_it_went() -> None:
    series = changed(
        daily(start="2026-03-02T09:00"), Override(at("2026-03-05T09:00"), at("2026-08-01T09:00"), 2 * HOUR)
    )
    found: list[Occurrence] = list(
        occurrences(series, KOLKATA, at("2026-08-01T00:00+00:00"), at("2026-08-02T00:00+00:00"))
    )
    moved = next(each for each in found if each.changed)
    assert (moved.key, moved.ends - moved.begins) == ("2026-03-05T09:00:00", 2 * HOUR)


RULES = [
    "FREQ=DAILY",
    "FREQ=DAILY;COUNT=30",
    "FREQ=DAILY;INTERVAL=2;UNTIL=20260420T000000Z",
    "FREQ=WEEKLY;BYDAY=MO,TH;COUNT=9",
]
KINDS = [
    (at("2026-03-02T02:30"), "America/New_York"),
    (at("2026-03-02T22:00"), "America/New_York"),
    (at("2026-03-02T09:00"), None),
    (date(2026, 3, 2), None),
]
"""Where the clocks jump on the eighth, or where it is tomorrow in UTC already; floating; whole days."""


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_this_and_following_loses_none_and_doubles_none(data: st.DataObject) -> None:
    start, zone = data.draw(st.sampled_from(KINDS))
    length = HOUR if isinstance(start, datetime) else timedelta(days=1)
    series = Series(start, length, zone, parse(data.draw(st.sampled_from(RULES))))
    at = type(start).fromisoformat
    view = (KOLKATA, datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 5, 1, tzinfo=UTC))
    whole = list(occurrences(series, *view))
    starts = st.sampled_from([at(each.key) for each in whole])
    for _ in range(data.draw(st.integers(0, 2))):
        series = without(series, data.draw(starts))
    gone = data.draw(starts)
    series = changed(series, Override(gone, gone + 3 * length)) if data.draw(st.booleans()) else series
    here = data.draw(starts)
    before, after = split(series, here)
    parts = [each for part in (before, after) if part for each in occurrences(part, *view)]
    key = lambda each: (each.begins, each.key)  # noqa: E731
    assert sorted(parts, key=key) == sorted(occurrences(series, *view), key=key)
    assert before is None or all(at(each.key) < here for each in occurrences(before, *view))
    if before and before.rule:
        last = max(at(each.key) for each in whole if at(each.key) < here)
        told = ends_on(before)
        assert (told.astimezone(before.tz).date() if isinstance(told, datetime) else told) == naive(
            last
        ).date()


@pytest.mark.parametrize(
    ("rule", "start", "zone", "here", "until", "last"),
    [
        ("DAILY", at("2026-03-02T09:00"), "Asia/Kolkata", at("2026-03-05T09:00"), "20260304T033000Z", date(2026, 3, 4)),
        ("DAILY", at("2026-03-02T22:00"), "America/New_York", at("2026-03-05T22:00"), "20260305T030000Z", date(2026, 3, 4)),
        ("WEEKLY", at("2026-03-02T09:00"), None, at("2026-03-16T09:00"), "20260309T090000", date(2026, 3, 9)),
        ("DAILY;INTERVAL=2", date(2026, 3, 2), None, date(2026, 3, 6), "20260304", date(2026, 3, 4)),
        ("DAILY;COUNT=9", at("2026-03-07T02:30"), "America/New_York", at("2026-03-09T02:30"), None, None),
        ("DAILY;BYHOUR=9,18", at("2026-03-02T09:00"), None, at("2026-03-03T18:00"), "20260303T090000", date(2026, 3, 3)),
    ],
)  # fmt: skip
def test_before_this_and_following_it_goes_until_its_own_last_day(
    rule: str, start: date, zone: str | None, here: date, until: str | None, last: date | None
) -> None:
    length = HOUR if isinstance(start, datetime) else timedelta(days=1)
    before, _after = split(Series(start, length, zone, parse(f"FREQ={rule}")), here)
    assert before is not None
    assert (before.rule and str(before.rule).partition("UNTIL=")[2].partition(";")[0]) == until
    told = ends_on(before)
    assert (told.astimezone(before.tz).date() if isinstance(told, datetime) else told) == last


def test_what_an_hour_ends_is_told_by_its_last_day_in_every_zone() -> None:
    """As others write this and all that follow: a second before the rest begins, on the same day."""
    evenings = daily("FREQ=DAILY;UNTIL=20260306T025959Z", "2026-03-02T22:00")
    assert ends_on(evenings) == at("2026-03-05T03:00+00:00")  # the 4th there, the 5th in India


def test_all_may_be_moved_with_their_exceptions() -> None:
    series = without(daily("FREQ=DAILY;COUNT=3", "2026-03-02T09:00"), at("2026-03-03T09:00"))
    assert told(moved_all(series, HOUR)) == ["03-02 10:00", "03-04 10:00"]


def test_a_rule_that_comes_too_often_for_a_view_is_refused_and_not_walked() -> None:
    series = daily("FREQ=HOURLY;BYMINUTE=0,5,10,15,20,25,30,35,40,45,50,55", "2026-01-01T00:00")
    with pytest.raises(Incorrect, match="too often"):
        list(occurrences(series, KOLKATA, at("2026-01-01T00:00+00:00"), at("2035-01-01T00:00+00:00")))


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda: Series(at("2026-03-02T09:00"), timedelta(-1), "UTC"), "duration"),
        (lambda: Series(at("2026-03-02T09:00"), timedelta(400), "UTC"), "duration"),
        (lambda: Series(date(2026, 3, 2), HOUR), "duration"),
        (lambda: Series(date(2026, 3, 2), timedelta(1), "UTC"), "duration"),
        (lambda: Series(at("2026-03-02T09:00+00:00"), HOUR, "UTC"), "start"),
        (lambda: Series(at("2026-03-02T09:00"), HOUR, "UTC", None, frozenset({date(2026, 3, 3)})), "start"),
        (lambda: Series(at("2026-03-02T09:00"), HOUR, "Mars/Olympus", parse("FREQ=DAILY")), "zone"),
        (lambda: daily("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"), "rule"),
        (lambda: daily("FREQ=DAILY;UNTIL=20200101"), "rule"),
        (lambda: split(daily(), at("2026-03-08T02:30")), "original"),
        (lambda: split(daily(), at("2026-03-07T03:30")), "original"),
        (lambda: occurrences(daily(), KOLKATA, at("2026-01-01T00:00+00:00"), at("2096-01-01T00:00+00:00")), "until"),
    ],
)  # fmt: skip
def test_a_series_that_cannot_be_names_its_field(make: object, field: str) -> None:
    with pytest.raises(Incorrect) as refused:
        list(make() or ())  # type: ignore[operator]
    assert refused.value.fault.field == field
