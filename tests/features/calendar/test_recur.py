"""Rules of recurrence: the examples of RFC 5545, and python-dateutil as a second opinion."""

import time as clock
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from dateutil import rrule as dateutil
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ojas.features.calendar.rules.recur import comes, starts
from ojas.features.calendar.rules.rule import Day, Freq, Rule, parse
from ojas.kit.errors import Incorrect

NEW_YORK = ZoneInfo("America/New_York")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def first_of(rule: str, start: str, count: int = 10, zone: ZoneInfo | None = NEW_YORK) -> list[str]:
    found = starts(parse(rule), at(start), zone, at(start))
    return [
        f"{each:%Y-%m-%d}" + (f" {each:%H:%M}" if each.hour != 9 or each.minute else "")
        for each in islice(found, count)
    ]


# RFC 5545, 3.8.5.3, with the dates it prints; all begin at nine in the morning of New York.
EXAMPLES = [
    ("FREQ=DAILY;COUNT=3", "1997-09-02", "1997-09-02 1997-09-03 1997-09-04"),
    ("FREQ=DAILY;INTERVAL=10;COUNT=5", "1997-09-02", "1997-09-02 1997-09-12 1997-09-22 1997-10-02 1997-10-12"),
    ("FREQ=WEEKLY;INTERVAL=2;WKST=SU", "1997-09-02", "1997-09-02 1997-09-16 1997-09-30 1997-10-14 1997-10-28"),
    ("FREQ=WEEKLY;UNTIL=19971007T000000Z;WKST=SU;BYDAY=TU,TH", "1997-09-02",
     "1997-09-02 1997-09-04 1997-09-09 1997-09-11 1997-09-16 1997-09-18 1997-09-23 1997-09-25 1997-09-30 1997-10-02"),
    ("FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO", "1997-08-05", "1997-08-05 1997-08-10 1997-08-19 1997-08-24"),
    ("FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU", "1997-08-05", "1997-08-05 1997-08-17 1997-08-19 1997-08-31"),
    ("FREQ=WEEKLY;INTERVAL=2;BYDAY=SA,SU;WKST=SU", "1997-08-05", "1997-08-05 1997-08-09 1997-08-17 1997-08-23 1997-08-31"),
    ("FREQ=YEARLY;BYYEARDAY=-1,1,-366", "1996-01-01", "1996-01-01 1996-12-31 1997-01-01 1997-12-31 1998-01-01"),
    ("FREQ=MONTHLY;COUNT=4;BYDAY=1FR", "1997-09-05", "1997-09-05 1997-10-03 1997-11-07 1997-12-05"),
    ("FREQ=MONTHLY;COUNT=6;BYDAY=-2MO", "1997-09-22", "1997-09-22 1997-10-20 1997-11-17 1997-12-22 1998-01-19 1998-02-16"),
    ("FREQ=MONTHLY;BYMONTHDAY=-3", "1997-09-28", "1997-09-28 1997-10-29 1997-11-28 1997-12-29 1998-01-29 1998-02-26"),
    ("FREQ=MONTHLY;COUNT=5;BYMONTHDAY=1,-1", "1997-09-30", "1997-09-30 1997-10-01 1997-10-31 1997-11-01 1997-11-30"),
    ("FREQ=MONTHLY;INTERVAL=18;COUNT=4;BYMONTHDAY=10,11", "1997-09-10", "1997-09-10 1997-09-11 1999-03-10 1999-03-11"),
    ("FREQ=YEARLY;INTERVAL=2;COUNT=4;BYMONTH=1,2,3", "1997-03-10", "1997-03-10 1999-01-10 1999-02-10 1999-03-10"),
    ("FREQ=YEARLY;INTERVAL=3;COUNT=5;BYYEARDAY=1,100,200", "1997-01-01",
     "1997-01-01 1997-04-10 1997-07-19 2000-01-01 2000-04-09"),
    ("FREQ=YEARLY;BYDAY=20MO", "1997-05-19", "1997-05-19 1998-05-18 1999-05-17"),
    ("FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO", "1997-05-12", "1997-05-12 1998-05-11 1999-05-17"),
    ("FREQ=YEARLY;BYMONTH=3;BYDAY=TH", "1997-03-13", "1997-03-13 1997-03-20 1997-03-27 1998-03-05 1998-03-12"),
    ("FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13", "1998-02-13", "1998-02-13 1998-03-13 1998-11-13 1999-08-13 2000-10-13"),
    ("FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8", "1996-11-05", "1996-11-05 2000-11-07 2004-11-02"),
    ("FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3", "1997-09-04", "1997-09-04 1997-10-07 1997-11-06"),
    ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2", "1997-09-29", "1997-09-29 1997-10-30 1997-11-27 1997-12-30 1998-01-29"),
    ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "1997-09-30", "1997-09-30 1997-10-31 1997-11-28"),
    ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1", "1997-09-01", "1997-09-01 1997-10-01 1997-11-03"),
    ("FREQ=YEARLY;BYWEEKNO=20", "1997-05-12", "1997-05-12 1998-05-11 1999-05-17"),
    ("FREQ=MONTHLY;BYMONTHDAY=15,30;COUNT=5", "2007-01-15", "2007-01-15 2007-01-30 2007-02-15 2007-03-15 2007-03-30"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "start", "wanted"), EXAMPLES, ids=[rule for rule, _, _ in EXAMPLES])
def test_the_examples_of_the_standard(rule: str, start: str, wanted: str) -> None:
    dates = wanted.split()
    assert first_of(rule, f"{start}T09:00", len(dates)) == dates
    if "COUNT" in rule or "UNTIL" in rule:
        assert len(first_of(rule, f"{start}T09:00", 99)) == len(dates)


def test_hours_are_the_wall_clocks() -> None:
    found = first_of("FREQ=HOURLY;INTERVAL=3;UNTIL=19970902T210000Z", "1997-09-02T09:00")
    assert found == ["1997-09-02", "1997-09-02 12:00", "1997-09-02 15:00"]


def test_a_time_that_does_not_exist_is_skipped_and_does_not_count() -> None:
    # 2:30 on 8 March 2026 is not there in New York.
    found = starts(parse("FREQ=DAILY;COUNT=3"), at("2026-03-07T02:30"), NEW_YORK, at("2026-03-07T00:00"))
    assert [f"{each:%m-%d %H:%M}" for each in found] == ["03-07 02:30", "03-09 02:30", "03-10 02:30"]


def test_a_date_that_does_not_exist_is_skipped() -> None:
    assert first_of("FREQ=MONTHLY", "2026-01-31T09:00", 3) == ["2026-01-31", "2026-03-31", "2026-05-31"]


@pytest.mark.parametrize(
    ("rule", "after"),
    [
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", False),
        ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", False),
        ("FREQ=HOURLY;BYMONTH=2;BYMONTHDAY=30", False),
        ("FREQ=DAILY;INTERVAL=7;BYDAY=TU", False),
        ("FREQ=HOURLY;INTERVAL=24;BYHOUR=3", False),
        ("FREQ=MONTHLY;INTERVAL=12;BYMONTH=5", False),
        ("FREQ=YEARLY;INTERVAL=4;BYMONTH=2;BYMONTHDAY=29", False),
        ("FREQ=MONTHLY;BYDAY=6MO", False),
        ("FREQ=DAILY;UNTIL=20260101", False),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;BYDAY=SU", True),
        ("FREQ=HOURLY;INTERVAL=9999;BYMONTH=7", True),
        ("FREQ=YEARLY;INTERVAL=100", True),
    ],
)
def test_a_rule_that_never_comes_is_known_in_no_time(rule: str, after: bool) -> None:
    before = clock.process_time()
    assert comes(parse(rule), at("2026-01-05T09:00"), NEW_YORK) is after
    assert clock.process_time() - before < 1


def test_a_view_far_from_the_beginning_costs_no_more() -> None:
    def cost(start: str) -> float:
        before = clock.process_time()
        for rule in (
            "FREQ=DAILY",
            "FREQ=WEEKLY;BYDAY=MO,FR",
            "FREQ=MONTHLY;BYDAY=-1FR",
            "FREQ=HOURLY;INTERVAL=7",
        ):
            for _ in range(50):
                list(islice(starts(parse(rule), at(start), None, at("2026-05-01T00:00")), 20))
        return clock.process_time() - before

    cost("2026-04-01T09:00")
    assert cost("1926-04-01T09:00") < 4 * cost("2026-04-01T09:00")


_numbers = {
    "by_month": (range(1, 13), 3),
    "by_month_day": ([*range(1, 32), *range(-31, 0)], 4),
    "by_hour": (range(24), 3),
    "by_minute": (range(0, 60, 7), 2),
    "by_position": ([1, 2, -1, -2, 5], 2),
    "by_year_day": ([1, 60, 100, 366, -1, -60], 3),
    "by_week": ([1, 20, 52, 53, -1, -20], 2),
}


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    freq = draw(st.sampled_from(Freq))
    told = {
        name: tuple(draw(st.sets(st.sampled_from(list(some)), max_size=most)))
        for name, (some, most) in _numbers.items()
        if draw(st.integers(0, 2)) == 0
    }
    nth = st.integers(-4, 4) if freq in (Freq.MONTHLY, Freq.YEARLY) else st.just(0)
    days = tuple(draw(st.sets(st.builds(Day, st.integers(0, 6), nth), max_size=3)))
    if any(day.nth for day in days):  # of both sorts together, dateutil takes those that are both
        days = tuple(day for day in days if day.nth)
    if freq is Freq.WEEKLY:  # of a position, dateutil counts the first week from DTSTART
        told.pop("by_position", None)
    ends = draw(st.sampled_from(["count", "until", ""]))
    try:
        return Rule(
            freq,
            draw(st.integers(1, 5)),
            draw(st.integers(1, 40)) if ends == "count" else None,
            draw(st.datetimes(at("1998-01-01"), at("2001-01-01"))).replace(microsecond=0)
            if ends == "until"
            else None,
            by_day=days,
            week_start=draw(st.integers(0, 6)),
            **told,
        )
    except Incorrect:
        return Rule(freq)


@settings(max_examples=100, deadline=None)
@given(rules())
def test_a_rule_is_written_and_read_again(rule: Rule) -> None:
    assert parse(str(rule)) == rule


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rules(), st.datetimes(at("1997-01-01"), at("1999-12-31")), st.integers(0, 50))
def test_it_agrees_with_dateutil(rule: Rule, first: datetime, later: int) -> None:
    first = first.replace(microsecond=0)
    end = first + timedelta(days=60 if rule.freq is Freq.HOURLY else 800)
    mine = list(starts(rule, first, None, first, end))
    told = dict(zip(_DATEUTIL, (getattr(rule, name) or None for name in _OURS), strict=True))
    days = [dateutil.weekday(day.weekday, day.nth or None) for day in rule.by_day]
    if rule.by_week and not (days or rule.by_month_day or rule.by_year_day):
        # RFC 5545, 3.3.10: what a rule leaves out is taken from DTSTART; dateutil takes the whole week.
        days = [dateutil.weekday(first.weekday())]
    try:
        theirs = dateutil.rrule(
            getattr(dateutil, rule.freq),
            first,
            rule.interval,
            rule.week_start,
            byweekday=days or None,
            **told,
        )
    except ValueError:  # an interval that never meets its hours
        assert mine[1:] == []
        return
    # Only as many as there are here: dateutil looks for one more to the year 9999. It does not give DTSTART unasked.
    found, more = [first], iter(theirs)
    while len(found) < len(mine):
        each = next(more)
        found += [each] if each > first else []
    assert mine == found[: len(mine)]
    since = first + timedelta(days=later)
    assert [each for each in mine if each >= since] == list(starts(rule, first, None, since, end))


_DATEUTIL = ["bysetpos", "bymonth", "bymonthday", "byyearday", "byweekno", "byhour", "byminute"]
_OURS = ["by_position", "by_month", "by_month_day", "by_year_day", "by_week", "by_hour", "by_minute"]


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("", "RRULE"),
        ("DAILY", "RRULE"),
        ("INTERVAL=2", "FREQ"),
        ("FREQ=SECONDLY", "FREQ"),
        ("FREQ=MINUTELY;INTERVAL=1440", "FREQ"),
        ("FREQ=FORTNIGHTLY", "FREQ"),
        ("FREQ=DAILY;FREQ=DAILY", "FREQ"),
        ("FREQ=DAILY;RSCALE=HEBREW", "RRULE"),
        ("FREQ=DAILY;INTERVAL=0", "INTERVAL"),
        ("FREQ=DAILY;INTERVAL=99999999999999", "INTERVAL"),
        ("FREQ=DAILY;COUNT=-1", "COUNT"),
        ("FREQ=DAILY;COUNT=1000000", "COUNT"),
        ("FREQ=DAILY;COUNT=1;UNTIL=20260101", "UNTIL"),
        ("FREQ=DAILY;UNTIL=20261301", "UNTIL"),
        ("FREQ=DAILY;UNTIL=soon", "UNTIL"),
        ("FREQ=MONTHLY;BYMONTHDAY=32", "BYMONTHDAY"),
        ("FREQ=MONTHLY;BYMONTHDAY=0", "BYMONTHDAY"),
        ("FREQ=WEEKLY;BYMONTHDAY=3", "BYMONTHDAY"),
        ("FREQ=YEARLY;BYMONTH=13", "BYMONTH"),
        ("FREQ=WEEKLY;BYDAY=1MO", "BYDAY"),
        ("FREQ=WEEKLY;BYDAY=XX", "BYDAY"),
        ("FREQ=MONTHLY;BYWEEKNO=20", "BYWEEKNO"),
        ("FREQ=DAILY;BYYEARDAY=20", "BYYEARDAY"),
        ("FREQ=DAILY;BYSETPOS=1", "BYSETPOS"),
        ("FREQ=DAILY;BYHOUR=24", "BYHOUR"),
        ("FREQ=DAILY;WKST=XX", "WKST"),
        ("FREQ=DAILY;BYHOUR=" + "1," * 600, "RRULE"),
    ],
)
def test_a_rule_that_cannot_be_names_its_part(text: str, field: str) -> None:
    with pytest.raises(Incorrect) as refused:
        parse(text)
    assert refused.value.fault.field == field


def test_until_in_utc_is_meant_in_the_zone_of_the_event() -> None:
    rule = Rule(Freq.DAILY, until=datetime(2026, 6, 3, 13, tzinfo=UTC))  # nine in New York
    assert len(list(starts(rule, at("2026-06-01T09:00"), NEW_YORK, at("2026-06-01T09:00")))) == 3
    rule = Rule(Freq.DAILY, until=date(2026, 6, 3))
    assert len(list(starts(rule, at("2026-06-01T09:00"), NEW_YORK, at("2026-06-01T09:00")))) == 3


def test_a_rule_that_ends_as_it_begins_comes_once_and_none_comes_after_the_year_2200() -> None:
    once = Rule(Freq.DAILY, until=at("2026-06-01T09:00"))
    assert len(list(starts(once, at("2026-06-01T09:00"), None, at("2026-06-01T09:00")))) == 1
    for rule in (
        "FREQ=YEARLY",
        "FREQ=MONTHLY;INTERVAL=12",
        "FREQ=WEEKLY;INTERVAL=52;COUNT=10",
        "FREQ=DAILY;INTERVAL=365",
    ):
        found = list(starts(parse(rule), at("2195-06-01T09:00"), None, at("2195-01-01T00:00")))
        assert [each.year for each in found] == [2195, 2196, 2197, 2198, 2199, 2200], rule


@pytest.mark.parametrize("number", [1, 2, 20, 52, 53, -1, -52, -53])
def test_weeks_of_a_year_are_those_of_iso_8601(number: int) -> None:
    """Python's own calendar tells which: that of four days in January is the first, and some years have 53."""
    wanted = []
    for year in range(2004, 2033):
        last = date(year, 12, 28).isocalendar().week
        if 1 <= (week := number if number > 0 else last + 1 + number) <= last:
            wanted += [date.fromisocalendar(year, week, day) for day in (1, 4, 7)]
    rule = parse(f"FREQ=YEARLY;BYWEEKNO={number};BYDAY=MO,TH,SU")
    found = starts(rule, at("2003-06-02T09:00"), None, at("2003-12-29T00:00"), at("2033-01-02T23:00"))
    assert [each.date() for each in found] == wanted


@pytest.mark.parametrize("nth", [1, 2, 4, 5, -1, -2, -4, -5])
@pytest.mark.parametrize("freq", ["MONTHLY", "YEARLY"])
def test_the_nth_weekday_is_counted_on_a_calendar(nth: int, freq: str) -> None:
    wanted = []
    for month in range(24):
        begin = date(2026 + month // 12, month % 12 + 1, 1)
        all = [day for n in range(31) if (day := begin + timedelta(n)).month == begin.month]
        for weekday in (0, 6):
            of = [day for day in all if day.weekday() == weekday]
            wanted += of[nth - 1 : nth] if nth > 0 else of[nth : nth + 1 or None] if -nth <= len(of) else []
    months = ";BYMONTH=" + ",".join(map(str, range(1, 13))) if freq == "YEARLY" else ""
    rule = parse(f"FREQ={freq};BYDAY={nth}MO,{nth}SU{months}")
    found = starts(rule, at("2025-12-15T09:00"), None, at("2026-01-01T00:00"), at("2027-12-31T23:00"))
    assert [each.date() for each in found] == sorted(wanted)


def test_what_comes_each_hour_does_not_end_after_years_of_it() -> None:
    found = starts(parse("FREQ=HOURLY"), at("2026-01-01T00:00"), None, at("2026-01-01T00:00"))
    assert next(islice(found, 20_100, None)) == at("2026-01-01T00:00") + timedelta(hours=20_100)
