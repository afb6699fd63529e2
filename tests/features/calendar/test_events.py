"""An event of a calendar file, property by property, as others write it; and what of it leaves again."""

from datetime import UTC, date, datetime, timedelta

import pytest

from ojas.features.calendar.rules.ics import LARGEST, MOST_EVENTS, MOST_LINES, Event, read, write
from ojas.features.calendar.rules.rule import parse
from ojas.features.calendar.rules.series import Override, Series
from ojas.kit.errors import Incorrect

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FIRST = datetime.fromisoformat("2027-03-01T09:00")
KOLKATA = "DTSTART;TZID=Asia/Kolkata:20270301T090000"
TOO_LARGE = "This calendar file is too large."


def component(*lines: str, uid: str = "1") -> str:
    return "\r\n".join(["BEGIN:VEVENT", *([f"UID:{uid}"] if uid else []), *lines, "END:VEVENT"])


def calendar(*components: str) -> bytes:
    return "\r\n".join(
        ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:x", *components, "END:VCALENDAR", ""]
    ).encode()


def one(*lines: str) -> Event:
    found = read(calendar(component(*lines)))
    assert not found.refused, found.refused
    (event,) = found.events
    return event


def refused(*components: str) -> list[tuple[str, str | None]]:
    found = read(calendar(*components))
    return [(each.uid, each.fault.field) for each in found.refused]


def test_what_an_event_says_of_itself() -> None:
    event = one(
        KOLKATA, "SUMMARY:Check-up", "DESCRIPTION:Fasting", "LOCATION:Ward 3", "STATUS:CONFIRMED",
        "CATEGORIES:health,travel", "URL:https://example.org/a", "CLASS:private",
    )  # fmt: skip
    assert (event.uid, event.title, event.text, event.place) == ("1", "Check-up", "Fasting", "Ward 3")
    assert (event.status, event.category, event.url) == ("CONFIRMED", "health", "https://example.org/a")
    assert event.private
    assert one(KOLKATA, "CLASS:CONFIDENTIAL").private
    assert not one(KOLKATA, "CLASS:PUBLIC").private
    bare = one(KOLKATA)
    assert (bare.title, bare.text, bare.place, bare.status, bare.category, bare.url) == ("",) * 6
    assert not bare.private
    assert len(one(KOLKATA, "DESCRIPTION:" + "a" * 9000).text) == 8000


@pytest.mark.parametrize(
    ("start", "begins", "zone"),
    [
        (KOLKATA, FIRST, "Asia/Kolkata"),
        ("DTSTART:20270301T090000Z", FIRST, "UTC"),
        ("DTSTART;TZID=Etc/UTC:20270301T090000", FIRST, "UTC"),
        ("DTSTART;TZID=GMT:20270301T090000", FIRST, "UTC"),
        ("DTSTART:20270301T090000", FIRST, None),
        ("DTSTART;VALUE=DATE:20270301", FIRST.date(), None),
    ],
)
def test_a_time_has_its_zone_or_floats_or_is_a_day(start: str, begins: datetime, zone: str | None) -> None:
    series = one(start).series
    assert (series.start, series.zone) == (begins, zone)


@pytest.mark.parametrize(
    ("lines", "lasts"),
    [
        ([KOLKATA], timedelta(0)),
        ([KOLKATA, "DURATION:PT45M"], timedelta(minutes=45)),
        ([KOLKATA, "DTEND;TZID=Asia/Kolkata:20270301T103000"], timedelta(minutes=90)),
        ([KOLKATA, "DTEND:20270301T043000Z"], HOUR),
        (["DTSTART:20270301T090000", "DTEND:20270301T100000"], HOUR),
        (["DTSTART;VALUE=DATE:20270301"], DAY),
        (["DTSTART;VALUE=DATE:20270301", "DTEND;VALUE=DATE:20270303"], 2 * DAY),
        (["DTSTART;VALUE=DATE:20270301", "DTEND;VALUE=DATE:20270301"], DAY),
        (["DTSTART;VALUE=DATE:20270301", "DURATION:P3D"], 3 * DAY),
        (["DTSTART;VALUE=DATE:20270301", "DURATION:PT0S"], DAY),
        # Berlin's clocks go back on 31 October 2027: from one to four it is four hours.
        (
            ["DTSTART;TZID=Europe/Berlin:20271031T010000", "DTEND;TZID=Europe/Berlin:20271031T040000"],
            4 * HOUR,
        ),
    ],
)
def test_how_long_it_lasts_is_told_in_many_ways(lines: list[str], lasts: timedelta) -> None:
    assert one(*lines).series.duration == lasts


@pytest.mark.parametrize(
    ("lines", "field"),
    [
        (["DTSTART:20270301T090000Z", "DTEND:20270301T100000"], "DTEND"),
        (["DTSTART:20270301T090000", "DTEND:20270301T100000Z"], "DTEND"),
        (["DTSTART;VALUE=DATE:20270301", "DTEND:20270301T100000Z"], "DTEND"),
        ([KOLKATA, "RRULE:FREQ=DAILY", "RRULE:FREQ=WEEKLY"], "RRULE"),
        ([KOLKATA, "RRULE:FREQ=DAILY", "EXRULE:FREQ=WEEKLY"], "RRULE"),
    ],
)
def test_what_contradicts_itself_is_refused_at_its_property(lines: list[str], field: str) -> None:
    assert refused(component(*lines)) == [("1", field)]


def test_a_rule_with_what_was_added_and_left_out_in_whatever_form() -> None:
    series = one(
        KOLKATA, "RRULE:FREQ=DAILY;COUNT=9", "RDATE;TZID=Asia/Kolkata:20270320T100000",
        "RDATE;VALUE=PERIOD;TZID=Asia/Kolkata:20270321T100000/PT1H", "EXDATE:20270302T033000Z",
        "EXDATE;VALUE=DATE:20270303,20270304",
    ).series  # fmt: skip
    assert str(series.rule) == "FREQ=DAILY;COUNT=9"
    assert series.extra == {datetime.fromisoformat(f"2027-03-{day}T10:00") for day in (20, 21)}
    assert series.without == {FIRST + n * DAY for n in (1, 2, 3)}
    days = one("DTSTART;VALUE=DATE:20270301", "RRULE:FREQ=DAILY", "EXDATE:20270302T000000").series
    assert days.without == {date(2027, 3, 2)}


def test_what_comes_once_in_a_roundabout_way_has_no_rule() -> None:
    assert one(KOLKATA, "RRULE:FREQ=DAILY;COUNT=1").series.rule is None
    assert one(KOLKATA, "RRULE:FREQ=DAILY;UNTIL=20270301T033000Z").series.rule is None
    assert one(KOLKATA, "RRULE:FREQ=DAILY;COUNT=2").series.rule is not None


def test_one_occurrence_may_be_changed_or_called_off_and_says_only_what_is_its_own() -> None:
    master = component(KOLKATA, "DURATION:PT1H", "RRULE:FREQ=DAILY", "SUMMARY:Walk", "LOCATION:Park")
    moved = component(
        "RECURRENCE-ID;TZID=Asia/Kolkata:20270302T090000", "DTSTART;TZID=Asia/Kolkata:20270302T110000",
        "DURATION:PT2H", "SUMMARY:Long walk", "LOCATION:Park",
    )  # fmt: skip
    off = component("RECURRENCE-ID:20270303T033000Z", "DTSTART:20270303T033000Z", "STATUS:cancelled")
    (event,) = read(calendar(moved, master, off)).events
    assert event.series.overrides == (
        Override(FIRST + DAY, FIRST + DAY + 2 * HOUR, 2 * HOUR, title="Long walk"),
        Override(FIRST + 2 * DAY, cancelled=True),
    )
    beyond = component("RECURRENCE-ID;RANGE=THISANDFUTURE:20270302T033000Z", KOLKATA)
    assert refused(master, beyond) == [("1", "RECURRENCE-ID")]
    assert refused(master, master) == [("1", "UID")]
    assert refused(off) == [("1", "UID")]


def test_one_bad_event_costs_itself_alone_and_one_without_a_name_is_told_by_its_number() -> None:
    good = component(KOLKATA, uid="good")
    found = read(calendar(component("SUMMARY:When?", uid=""), good, component("SUMMARY:When?", uid="b")))
    assert [each.uid for each in found.events] == ["good"]
    assert [(each.uid, each.fault.field) for each in found.refused] == [
        ("event 1", "DTSTART"),
        ("b", "DTSTART"),
    ]
    broken = read(calendar(component("DTSTART:yesterday"), good))
    assert [each.uid for each in broken.events] == ["good"]
    assert [(each.uid, each.fault.message) for each in broken.refused] == [
        ("1", "This event cannot be read.")
    ]
    assert len(read(calendar(component(KOLKATA, uid="u" * 300))).events[0].uid) == 255


def test_a_file_larger_than_any_calendar_is_refused_before_it_is_read() -> None:
    events = [component(KOLKATA, uid=str(n)) for n in range(MOST_EVENTS)]
    assert len(read(calendar(*events)).events) == MOST_EVENTS == 2000
    for file in (
        calendar(*events, component(KOLKATA, uid="more")),
        calendar("X-A:" + "a" * LARGEST),
        calendar(*["X-A:a"] * MOST_LINES),
    ):
        with pytest.raises(Incorrect, match=TOO_LARGE):
            read(file)


def test_what_is_nested_deeper_than_any_calendar_is_refused() -> None:
    def nested(depth: int) -> bytes:
        inside = [f"BEGIN:X-{n}" for n in range(depth)] + [f"END:X-{n}" for n in reversed(range(depth))]
        return calendar(component(KOLKATA, *inside))

    assert read(nested(3)).events
    with pytest.raises(Incorrect, match="not a calendar"):
        read(nested(4))
    with pytest.raises(Incorrect, match="not a calendar"):
        read(b"".join(nested(2) for _ in range(9)) + nested(4))
    many = "\r\n".join(["BEGIN:VALARM", "ACTION:DISPLAY", "TRIGGER:-PT5M", "END:VALARM"])
    assert read(calendar(*[component(KOLKATA, many, uid=str(n)) for n in range(20)])).events


def test_what_leaves_says_who_wrote_it_when_and_in_which_version() -> None:
    stamp = datetime(2027, 2, 1, 8, tzinfo=UTC)
    series = Series(
        FIRST, HOUR, "Asia/Kolkata", parse("FREQ=DAILY"), frozenset({FIRST + HOUR}), frozenset({FIRST + DAY}),
        (Override(FIRST + 2 * DAY, cancelled=True), Override(FIRST + 3 * DAY, title="Other", place="There")),
    )  # fmt: skip
    event = Event(
        "a@ojas", series, "Walk", "Slowly", "Park", "TENTATIVE", "exercise", private=True,
        url="https://example.org", stamp=stamp, sequence=4,
    )  # fmt: skip
    lines = write([event]).decode().replace("\r\n ", "").split("\r\n")
    for line in (
        "PRODID:-//Ojas//Calendar//EN", "VERSION:2.0", "UID:a@ojas", "DTSTAMP:20270201T080000Z", "SEQUENCE:4",
        "DTSTART;TZID=Asia/Kolkata:20270301T090000", "DURATION:PT1H", "RRULE:FREQ=DAILY", "SUMMARY:Walk",
        "DESCRIPTION:Slowly", "LOCATION:Park", "STATUS:TENTATIVE", "CLASS:PRIVATE", "CATEGORIES:exercise",
        "URL:https://example.org", "RDATE;TZID=Asia/Kolkata:20270301T100000", "EXDATE;TZID=Asia/Kolkata:20270302T090000",
        "RECURRENCE-ID;TZID=Asia/Kolkata:20270303T090000", "STATUS:CANCELLED", "SUMMARY:Other", "LOCATION:There",
        "BEGIN:VTIMEZONE",
    ):  # fmt: skip
        assert line in lines, line
    assert lines.count("STATUS:CANCELLED") == 1
    (again,) = read(write([event])).events
    told = [(each.original, each.cancelled, each.title, each.place) for each in again.series.overrides]
    assert told == [(FIRST + 2 * DAY, True, None, None), (FIRST + 3 * DAY, False, "Other", "There")]
    plain = write([Event("b@ojas", Series(FIRST, HOUR, None))]).decode()
    for absent in ("SEQUENCE", "CLASS", "CATEGORIES", "STATUS", "URL", "VTIMEZONE", "RRULE"):
        assert absent not in plain
