from datetime import UTC, date, datetime, time

import pytest
import time_machine

from ojas.kit import i18n
from ojas.kit.errors import Incorrect
from ojas.kit.i18n import Manner, say
from ojas.kit.i18n.weeks import week_of, weekdays
from ojas.kit.i18n.zones import todays_zone, zone_choices, zone_named, zone_of, zone_text, zones

MORNING = datetime(2026, 3, 1, 2, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "expected"),
    [("en", "Please sign in first."), ("hi", "पहले साइन इन करें।"), ("ta", "முதலில் உள்நுழையுங்கள்.")],
)
def test_a_message_is_said_in_the_language_of_the_reader(language: str, expected: str) -> None:
    with i18n.use(Manner(language)):
        assert i18n.gettext("Please sign in first.") == expected


def test_a_refusal_is_translated_where_it_is_shown_with_its_parameters() -> None:
    refusal = Incorrect("{value} does not fit {name}.", value="x", name="limit")
    with i18n.use(Manner("hi")):
        assert say(refusal.fault.message, refusal.fault.params) == "x limit के लिए ठीक नहीं है।"
    assert str(refusal) == "x does not fit limit."


@pytest.mark.parametrize(
    ("manner", "expected"),
    [
        (Manner("en", "Asia/Kolkata"), "1 Mar 2026, 08:00"),
        (Manner("en", "America/New_York"), "28 Feb 2026, 21:30"),
        (Manner("en", "Asia/Kolkata", "YYYY-MM-DD", "12h"), "2026-03-01, 8:00\u202fam"),
        (Manner("en", "Asia/Kolkata", "MM/DD/YYYY", "24h"), "03/01/2026, 08:00"),
    ],
)
def test_a_time_is_shown_on_the_readers_clock_and_in_their_format(manner: Manner, expected: str) -> None:
    with i18n.use(manner):
        assert i18n.format_datetime(MORNING).replace(" am", "\u202fam") == expected


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("hi", ["रात 3:59", "सुबह 5:30", "सुबह 8:00", "दोपहर 12:00", "शाम 7:59", "रात 8:30", "रात 12:00"]),
        (
            "ta",
            ["இரவு 3:59", "அதிகாலை 5:30", "காலை 8:00", "மதியம் 12:00", "மாலை 7:59", "இரவு 8:30", "இரவு 12:00"],
        ),
    ],
)
def test_hindi_and_tamil_name_the_part_of_the_day_where_english_says_am_and_pm(
    language: str, expected: list[str]
) -> None:
    clocks = [time(3, 59), time(5, 30), time(8), time(12), time(19, 59), time(20, 30), time(0)]
    with i18n.use(Manner(language)):
        assert [i18n.format_time(at) for at in clocks] == expected
    with i18n.use(Manner(language, time_format="24h")):
        assert i18n.format_time(time(20, 30)) == "20:30"


@pytest.mark.parametrize(
    ("language", "inside", "across"),
    [("hi", "9:15", "रात 12:15"), ("ta", "9:15", "இரவு 12:15"), ("en", "9:15 pm", "12:15 am")],
)
def test_a_part_of_the_day_is_said_once_of_two_times_in_it(language: str, inside: str, across: str) -> None:
    with i18n.use(Manner(language, time_format="12h")):
        assert i18n.format_time(time(21, 15), after=time(20, 30)).replace("\u202f", " ") == inside
        assert i18n.format_time(time(0, 15), after=time(18)).replace("\u202f", " ") == across


def test_hindi_and_tamil_group_by_lakhs() -> None:
    with i18n.use(Manner("hi")):
        assert i18n.format_number(1234567) == "12,34,567"
    with i18n.use(Manner("en")):
        assert i18n.format_number(1234567.5, 1) == "1,234,567.5"


def test_today_and_yesterday_are_the_readers() -> None:
    with time_machine.travel(MORNING, tick=False), i18n.use(Manner("ta", "America/New_York")):
        assert i18n.format_day(date(2026, 2, 28)) == "இன்று"
        assert i18n.format_day(date(2026, 2, 27)) == "நேற்று"


def test_a_clock_time_without_a_day_needs_no_zone() -> None:
    with i18n.use(Manner("en", "Asia/Kolkata", time_format="24h")):
        assert i18n.format_time(time(8, 5)) == "08:05"


def test_a_zone_is_named_as_it_is_today_whatever_a_browser_calls_it() -> None:
    assert todays_zone("Asia/Calcutta") == "Asia/Kolkata"
    assert {todays_zone(name) for name in zones()} <= zones()
    assert zone_named("EST5EDT") == "America/New_York"
    assert zone_named("Zulu") == zone_named("GMT") == "UTC"
    assert {name for name, _words in zone_choices()} < zones()


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "India, Kolkata"), ("hi", "भारत, कोलकाता"), ("ta", "இந்தியா, கொல்கத்தா")],
)
def test_a_zone_is_said_as_its_country_and_place(language: str, said: str) -> None:
    with i18n.use(Manner(language)):
        assert zone_text("Asia/Calcutta") == said
        offered = dict(zone_choices())
        assert offered["Asia/Kolkata"] == said
        assert "Asia/Calcutta" not in offered
        assert len(set(offered.values())) == len(offered), "no two zones are said alike"


@pytest.mark.parametrize(
    ("manner", "clock"),
    [
        (Manner("en"), "24h"),
        (Manner("hi"), "12h"),
        (Manner("ta"), "12h"),
        (Manner("hi", time_format="24h"), "24h"),
    ],
)
def test_hours_are_counted_as_the_language_or_the_person_has_it(manner: Manner, clock: str) -> None:
    assert manner.clock == clock


@pytest.mark.parametrize(
    "name",
    ["", "Mars/Olympus", "../../etc/passwd", "America", "x\0y", "localtime", "posixrules", "Factory", "right/UTC",
     "posix/Asia/Kolkata", "zone.tab"],
)  # fmt: skip
def test_what_names_no_zone_is_refused_by_its_field(name: str) -> None:
    with pytest.raises(Incorrect, match="no time zone") as refused:
        zone_of(name)
    assert refused.value.fault.field == "zone"


@pytest.mark.parametrize(
    ("manner", "first"),
    [
        (Manner("en", zone="Asia/Kolkata"), 6),
        (Manner("ta", zone="Asia/Calcutta"), 6),
        (Manner("ta", zone="Europe/London"), 0),
        (Manner("en", zone="Africa/Cairo"), 5),
        (Manner("en", zone="UTC"), 0),
        (Manner("hi", zone="UTC"), 6),
        (Manner("en", zone="Antarctica/Casey"), 0),
    ],
)
def test_a_week_begins_as_the_country_one_lives_in_has_it(manner: Manner, first: int) -> None:
    with i18n.use(manner):
        assert weekdays()[0] == first
        assert sorted(weekdays()) == list(range(7))
        for n in range(14):
            day = date(2027, 3, 1 + n)
            assert week_of(day).weekday() == first
            assert 0 <= (day - week_of(day)).days < 7
