"""A rule as text: what RFC 5545, 3.3.10, writes is read, exactly at its limits too, and written the same way."""

from datetime import UTC, date, datetime

import pytest

from ojas.features.calendar.rules.rule import LONGEST, Day, Freq, Rule, parse
from ojas.kit.errors import Incorrect


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("FREQ=DAILY", Rule(Freq.DAILY)),
        ("freq=daily;interval=2", Rule(Freq.DAILY, 2)),
        (" FREQ=DAILY; ", Rule(Freq.DAILY)),
        ("COUNT=3;FREQ=HOURLY", Rule(Freq.HOURLY, count=3)),
        ("FREQ=DAILY;UNTIL=20270310", Rule(Freq.DAILY, until=date(2027, 3, 10))),
        ("FREQ=DAILY;UNTIL=20270310T093015", Rule(Freq.DAILY, until=datetime.fromisoformat("2027-03-10T09:30:15"))),
        ("FREQ=DAILY;UNTIL=20270310T093015Z", Rule(Freq.DAILY, until=datetime(2027, 3, 10, 9, 30, 15, tzinfo=UTC))),
        ("FREQ=DAILY;UNTIL=20161231T235960Z", Rule(Freq.DAILY, until=datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC))),
        ("FREQ=WEEKLY;BYDAY=MO,SU", Rule(Freq.WEEKLY, by_day=(Day(0), Day(6)))),
        ("FREQ=MONTHLY;BYDAY=+1MO,-2FR,TU", Rule(Freq.MONTHLY, by_day=(Day(0, 1), Day(1), Day(4, -2)))),
        ("FREQ=WEEKLY;WKST=SU", Rule(Freq.WEEKLY, week_start=6)),
        ("FREQ=MONTHLY;BYMONTHDAY=3,-1,3", Rule(Freq.MONTHLY, by_month_day=(-1, 3))),
    ],
)  # fmt: skip
def test_a_text_is_read(text: str, rule: Rule) -> None:
    assert parse(text) == rule


@pytest.mark.parametrize(
    "text",
    [
        "FREQ=DAILY",
        "FREQ=DAILY;UNTIL=20270310",
        "FREQ=DAILY;UNTIL=20270310T093015",
        "FREQ=DAILY;UNTIL=20270310T093015Z;INTERVAL=2",
        "FREQ=HOURLY;COUNT=3;INTERVAL=2;BYHOUR=8,9;BYMINUTE=0,30",
        "FREQ=MONTHLY;BYDAY=-2FR,1MO",
        "FREQ=YEARLY;BYMONTH=1,2;BYWEEKNO=-1,20;BYYEARDAY=-1,100;BYMONTHDAY=-3,3;BYSETPOS=-1,1;BYDAY=MO,TH;WKST=SU",
    ],
)
def test_a_rule_is_written_as_the_standard_writes_it(text: str) -> None:
    assert sorted(str(parse(text)).split(";")) == sorted(
        text.replace("BYDAY=-2FR,1MO", "BYDAY=1MO,-2FR").split(";")
    )


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("FREQ=DAILY;INTERVAL=10000", "INTERVAL"),
        ("FREQ=DAILY;COUNT=10000", "COUNT"),
        ("FREQ=DAILY;BYMONTH=12", "BYMONTH"),
        ("FREQ=YEARLY;BYWEEKNO=53", "BYWEEKNO"),
        ("FREQ=YEARLY;BYWEEKNO=-53", "BYWEEKNO"),
        ("FREQ=YEARLY;BYYEARDAY=366", "BYYEARDAY"),
        ("FREQ=HOURLY;BYYEARDAY=-366", "BYYEARDAY"),
        ("FREQ=MONTHLY;BYMONTHDAY=31", "BYMONTHDAY"),
        ("FREQ=MONTHLY;BYMONTHDAY=-31", "BYMONTHDAY"),
        ("FREQ=DAILY;BYHOUR=23", "BYHOUR"),
        ("FREQ=DAILY;BYMINUTE=59", "BYMINUTE"),
        ("FREQ=DAILY;BYMONTH=1;BYSETPOS=366", "BYSETPOS"),
        ("FREQ=DAILY;BYMONTH=1;BYSETPOS=-366", "BYSETPOS"),
        ("FREQ=YEARLY;BYDAY=53MO", "BYDAY"),
        ("FREQ=YEARLY;BYDAY=-53MO", "BYDAY"),
    ],
)
def test_exactly_at_a_limit_is_within_it_and_one_beyond_is_refused_at_its_part(text: str, field: str) -> None:
    parse(text)
    number = text.rpartition("=")[2].removesuffix("MO")
    beyond = int(number) + (1 if int(number) > 0 else -1)
    with pytest.raises(Incorrect) as refused:
        parse(text.replace(f"={number}", f"={beyond}"))
    assert refused.value.fault.field == field


@pytest.mark.parametrize(
    "text",
    [
        "FREQ=DAILY;INTERVAL=1",
        "FREQ=DAILY;COUNT=1",
        "FREQ=DAILY;BYMONTH=1",
        "FREQ=DAILY;BYHOUR=0",
        "FREQ=DAILY;BYMINUTE=0",
        "FREQ=MONTHLY;BYMONTHDAY=1",
        "FREQ=YEARLY;BYWEEKNO=1",
        "FREQ=YEARLY;BYYEARDAY=1",
        "FREQ=YEARLY;BYMONTH=1;BYSETPOS=1",
    ],
)
def test_the_least_is_within_its_limit_and_one_less_is_not(text: str) -> None:
    parse(text)
    part, _, number = text.rpartition("=")
    with pytest.raises(Incorrect) as refused:
        parse(f"{part}={int(number) - 1}")
    assert refused.value.fault.field == part.rpartition(";")[2]


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("FREQ=WEEKLY;BYWEEKNO=1", "BYWEEKNO"),
        ("FREQ=WEEKLY;BYYEARDAY=1", "BYYEARDAY"),
        ("FREQ=MONTHLY;BYYEARDAY=1", "BYYEARDAY"),
        ("FREQ=YEARLY;BYDAY=1MO;BYWEEKNO=1", "BYDAY"),
        ("FREQ=HOURLY;BYDAY=1MO", "BYDAY"),
        ("FREQ=DAILY;BYDAY=-1MO", "BYDAY"),
        ("FREQ=DAILY;BYDAY=", "RRULE"),
        ("FREQ=DAILY;BYMONTH=1.5", "BYMONTH"),
        ("FREQ=DAILY;BYMONTH=-1", "BYMONTH"),
        ("FREQ=DAILY;BYMONTH=1,", "BYMONTH"),
        ("FREQ=DAILY;BYMONTH=٣", "BYMONTH"),
        ("FREQ=DAILY;UNTIL=20270310T0930", "UNTIL"),
        ("FREQ=DAILY;UNTIL=20270310T096000", "UNTIL"),
        ("FREQ=DAILY;COUNT", "RRULE"),
        ("FREQ=DAILY;X-NAME=1", "RRULE"),
        ("FREQ=DAILY;COUNT=3;COUNT=3", "COUNT"),
    ],
)
def test_what_the_standard_forbids_is_refused_at_its_part(text: str, field: str) -> None:
    with pytest.raises(Incorrect) as refused:
        parse(text)
    assert refused.value.fault.field == field


@pytest.mark.parametrize(
    "part", ["BYMONTH=1", "BYWEEKNO=1", "BYYEARDAY=1", "BYMONTHDAY=1", "BYDAY=MO", "BYHOUR=9", "BYMINUTE=9"]
)
def test_a_position_counts_among_whatever_else_a_rule_names(part: str) -> None:
    assert parse(f"FREQ=YEARLY;{part};BYSETPOS=1").by_position == (1,)


def test_a_rule_of_a_thousand_letters_is_read_and_a_longer_one_is_not() -> None:
    text = "FREQ=DAILY;BYHOUR=9".ljust(LONGEST, ";")
    assert parse(text) == parse("FREQ=DAILY;BYHOUR=9")
    with pytest.raises(Incorrect) as refused:
        parse(text + ";")
    assert refused.value.fault.field == "RRULE"
    assert LONGEST == 1000


@pytest.mark.parametrize("freq", ["SECONDLY", "MINUTELY"])
def test_what_comes_each_minute_is_told_why_it_cannot(freq: str) -> None:
    with pytest.raises(Incorrect, match="more often than once an hour"):
        parse(f"FREQ={freq}")


@pytest.mark.parametrize("rule", [Day(7), Day(-1)])
def test_a_week_has_seven_days(rule: Day) -> None:
    with pytest.raises(Incorrect) as refused:
        Rule(Freq.WEEKLY, by_day=(rule,))
    assert refused.value.fault.field == "BYDAY"
