"""What becomes of a rule that names its days and hours when all of a series is moved."""

from datetime import date, datetime, timedelta

import pytest

from ojas.features.calendar.rules.moving import anew, moved
from ojas.features.calendar.rules.rule import parse
from ojas.features.calendar.rules.series import Override, Series
from ojas.kit.errors import Incorrect

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MONDAY = datetime.fromisoformat("2027-03-01T09:00")


def series(rule: str, start: datetime = MONDAY) -> Series:
    return Series(start, HOUR, "Asia/Kolkata", parse(rule))


@pytest.mark.parametrize(
    ("rule", "by", "after"),
    [
        ("FREQ=DAILY", HOUR, "FREQ=DAILY"),
        ("FREQ=WEEKLY;BYDAY=MO,TH", DAY, "FREQ=WEEKLY;BYDAY=TU,FR"),
        ("FREQ=WEEKLY;BYDAY=MO,SU", DAY, "FREQ=WEEKLY;BYDAY=MO,TU"),
        ("FREQ=WEEKLY;BYDAY=MO,TH", 7 * DAY, "FREQ=WEEKLY;BYDAY=MO,TH"),
        ("FREQ=WEEKLY;BYDAY=MO,TH", HOUR, "FREQ=WEEKLY;BYDAY=MO,TH"),
        ("FREQ=WEEKLY;BYDAY=MO", 15 * HOUR, "FREQ=WEEKLY;BYDAY=TU"),
        ("FREQ=WEEKLY;BYDAY=MO", -10 * HOUR, "FREQ=WEEKLY;BYDAY=SU"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", DAY, "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU;WKST=TU"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO;WKST=SU", 2 * DAY, "FREQ=WEEKLY;INTERVAL=2;BYDAY=WE;WKST=TU"),
        ("FREQ=DAILY;BYDAY=MO,TU", 14 * DAY, "FREQ=DAILY;BYDAY=MO,TU"),
        ("FREQ=DAILY;BYHOUR=9;BYMINUTE=0", 90 * HOUR / 60, "FREQ=DAILY;BYHOUR=10;BYMINUTE=30"),
        ("FREQ=DAILY;BYHOUR=9,21", DAY, "FREQ=DAILY;BYHOUR=9,21"),
        ("FREQ=MONTHLY;BYMONTHDAY=1", 2 * DAY, "FREQ=MONTHLY;BYMONTHDAY=3"),
        ("FREQ=MONTHLY;BYMONTHDAY=1", -DAY, "FREQ=MONTHLY;BYMONTHDAY=28"),
        ("FREQ=MONTHLY;BYMONTHDAY=1", 365 * DAY, "FREQ=MONTHLY;BYMONTHDAY=29"),
        ("FREQ=MONTHLY;BYDAY=1MO", HOUR, "FREQ=MONTHLY;BYDAY=1MO"),
        ("FREQ=MONTHLY;UNTIL=20270405", -DAY, "FREQ=MONTHLY;UNTIL=20270328"),
        ("FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=1", 31 * DAY, "FREQ=YEARLY;BYMONTH=4;BYMONTHDAY=1"),
        ("FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=1", -DAY, "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=28"),
        ("FREQ=YEARLY;BYYEARDAY=60", HOUR, "FREQ=YEARLY;BYYEARDAY=60"),
        ("FREQ=DAILY;UNTIL=20270310", DAY, "FREQ=DAILY;UNTIL=20270311"),
        ("FREQ=DAILY;UNTIL=20270310", HOUR, "FREQ=DAILY;UNTIL=20270310"),
        ("FREQ=DAILY;UNTIL=20270310T033000Z", HOUR, "FREQ=DAILY;UNTIL=20270310T043000Z"),
        ("FREQ=DAILY;COUNT=5", -DAY, "FREQ=DAILY;COUNT=5"),
    ],
)
def test_what_a_rule_names_moves_along(rule: str, by: timedelta, after: str) -> None:
    found = moved(series(rule), by)
    assert (str(found.rule), found.start) == (after, MONDAY + by)


@pytest.mark.parametrize(
    ("rule", "by"),
    [
        ("FREQ=DAILY;BYHOUR=9,21", HOUR),
        ("FREQ=DAILY;BYMINUTE=0,30", HOUR / 2),
        ("FREQ=DAILY;BYDAY=MO,TU", DAY),
        ("FREQ=MONTHLY;BYMONTHDAY=1,15", DAY),
        ("FREQ=HOURLY;BYDAY=MO", HOUR),
        ("FREQ=WEEKLY;BYMONTH=3", DAY),
        ("FREQ=MONTHLY;BYDAY=1MO", DAY),
        ("FREQ=MONTHLY;BYDAY=1MO", 7 * DAY),
        ("FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=1", DAY),
        ("FREQ=YEARLY;BYMONTH=3,9", 31 * DAY),
        ("FREQ=YEARLY;BYYEARDAY=60", DAY),
        ("FREQ=YEARLY;BYWEEKNO=9", DAY),
    ],
)
def test_what_has_no_other_day_or_hour_to_become_asks_for_the_new_rule(rule: str, by: timedelta) -> None:
    with pytest.raises(Incorrect) as refused:
        moved(series(rule), by)
    assert refused.value.fault.field == "rule"


def test_without_a_rule_or_a_distance_nothing_of_a_rule_is_asked() -> None:
    once = Series(MONDAY, HOUR, "Asia/Kolkata")
    assert moved(once, DAY) == Series(MONDAY + DAY, HOUR, "Asia/Kolkata")
    awkward = series("FREQ=DAILY;BYHOUR=9,21")
    assert moved(awkward, timedelta(0)) is awkward


def test_what_was_changed_of_a_day_of_the_month_goes_to_the_day_it_becomes() -> None:
    def at(text: str) -> datetime:
        return datetime.fromisoformat(text)

    before = Series(
        at("2027-03-03T09:00"), HOUR, "Asia/Kolkata", parse("FREQ=MONTHLY;UNTIL=20280201T000000Z"),
        frozenset({at("2027-03-20T10:00")}), frozenset({at("2027-12-03T09:00")}),
        (Override(at("2027-11-03T09:00"), at("2027-11-05T09:00")),),
    )  # fmt: skip
    # From the 3rd at nine to the 28th of the month before at half past ten; the last was on 3 January.
    after = moved(before, -3 * DAY + 1.5 * HOUR)
    assert after == Series(
        at("2027-02-28T10:30"), HOUR, "Asia/Kolkata", parse("FREQ=MONTHLY;UNTIL=20271228T050000Z"),
        frozenset({at("2027-03-17T11:30")}), frozenset({at("2027-11-28T10:30")}),
        (Override(at("2027-10-28T10:30"), at("2027-11-05T09:00")),),
    )  # fmt: skip
    dated = Series(date(2027, 11, 3), DAY, None, parse("FREQ=MONTHLY"), without=frozenset({date(2028, 1, 3)}))
    assert moved(dated, 28 * DAY).without == {date(2028, 2, 1)}
    tuesdays = Series(MONDAY + DAY, HOUR, None, parse("FREQ=MONTHLY;BYDAY=TU;UNTIL=20270701T090000"))
    assert moved(tuesdays, 7 * DAY).rule == parse("FREQ=MONTHLY;BYDAY=TU;UNTIL=20270708T090000")
    floating = Series(at("2027-03-03T09:00"), HOUR, None, parse("FREQ=MONTHLY;UNTIL=20270601T000000"))
    assert moved(floating, DAY).rule == parse("FREQ=MONTHLY;UNTIL=20270504T090000")


def test_other_sorts_of_times_keep_the_rule_alone_until_the_same_day() -> None:
    before = Series(
        MONDAY, HOUR, "Asia/Kolkata", parse("FREQ=DAILY;UNTIL=20270310T033000Z"), frozenset({MONDAY + DAY / 2}),
        frozenset({MONDAY + DAY}), (Override(MONDAY + 2 * DAY, cancelled=True),),
    )  # fmt: skip
    assert anew(before, MONDAY.date(), DAY, None) == Series(
        MONDAY.date(), DAY, None, parse("FREQ=DAILY;UNTIL=20270310")
    )
    evenings = Series(
        MONDAY.replace(hour=22), HOUR, "America/New_York", parse("FREQ=DAILY;UNTIL=20270311T030000Z")
    )
    assert anew(evenings, MONDAY.date(), DAY, None).rule == parse("FREQ=DAILY;UNTIL=20270310")
    dated = Series(date(2027, 3, 1), DAY, None, parse("FREQ=DAILY;UNTIL=20270310"))
    assert anew(dated, MONDAY, HOUR, "UTC") == Series(MONDAY, HOUR, "UTC", dated.rule)
    assert anew(Series(MONDAY, HOUR), MONDAY, HOUR, "UTC").rule is None
