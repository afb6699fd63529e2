"""Calendar files: every one of the corpus is read or refused, and what was read is written and read again."""

from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from ojas.features.calendar.rules.ics import Event, read, write
from ojas.features.calendar.rules.naming import plain
from ojas.features.calendar.rules.rule import parse
from ojas.features.calendar.rules.series import Override, Series
from ojas.kit.errors import Incorrect

CORPUS = Path(__file__).parents[4] / "shared" / "corpora" / "ics_recurring"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_an_event_is_written_and_read_again() -> None:
    series = Series(
        at("2026-03-02T09:00"),
        timedelta(minutes=45),
        "America/New_York",
        parse("FREQ=WEEKLY;BYDAY=MO,TH;COUNT=9"),
        frozenset({at("2026-03-04T10:00")}),
        frozenset({at("2026-03-05T09:00")}),
        (Override(at("2026-03-09T09:00"), at("2026-03-10T11:00"), timedelta(hours=1)),),
    )
    some = Event(
        "a@ojas",
        series,
        "Check-up, with blood; \\ test",
        "முதல்\nदूसरा",
        "Ward 3",
        "CONFIRMED",
        reminders=(1440, 60, 0),
    )
    days = Event(
        "b@ojas",
        Series(date(2026, 1, 1), timedelta(days=2), None, parse("FREQ=YEARLY")),
        "नया साल",
        reminders=(0, 900),
    )
    floating = Event("c@ojas", Series(at("2026-01-01T07:00"), timedelta(0), None, parse("FREQ=DAILY")))
    assert read(write([some, days, floating])).events == (some, days, floating)
    assert write([some]) == write([some])


@pytest.mark.parametrize(
    ("start", "zone", "written"),
    [
        (at("2026-03-02T22:00"), "America/New_York", b"UNTIL=20260401T035959Z"),
        (at("2026-03-02T22:00"), "UTC", b"UNTIL=20260331T235959Z"),
        (at("2026-03-02T22:00"), None, b"UNTIL=20260331T235959\r"),
        (date(2026, 3, 2), None, b"UNTIL=20260331\r"),
    ],
)
def test_a_rule_that_goes_to_a_day_is_written_in_the_kind_of_its_start(
    start: date, zone: str | None, written: bytes
) -> None:
    """RFC 5545, 3.3.10; others take a bare day for its midnight, and would lose what comes on it."""
    series = Series(start, timedelta(days=1), zone, parse("FREQ=DAILY;UNTIL=20260331"))
    file = write([Event("1", series)])
    assert written in file
    assert read(file).events == (Event("1", series),)


def event(*lines: str) -> bytes:
    body = (
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:x",
        "BEGIN:VEVENT",
        "UID:1",
        *lines,
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    )
    return "\r\n".join(body).encode()


@pytest.mark.parametrize(
    ("lines", "field"),
    [
        (["SUMMARY:nothing"], "DTSTART"),
        (["DTSTART:20260301T090000Z", "RRULE:FREQ=SECONDLY"], "FREQ"),
        (["DTSTART:20260301T090000Z", "RRULE:FREQ=DAILY;COUNT=99999999"], "COUNT"),
        (["DTSTART:20260301T090000Z", "DTEND:20260301T080000Z"], "duration"),
        (["DTSTART:20260301T090000Z", "DTEND;VALUE=DATE:20260302"], "DTEND"),
        (["DTSTART;TZID=Mars/Olympus:20260301T090000"], "zone"),
        (["DTSTART:20260301T090000Z", "RECURRENCE-ID:20260301T090000Z"], "UID"),
    ],
)
def test_an_event_that_cannot_be_is_refused_and_named(lines: list[str], field: str) -> None:
    found = read(event(*lines))
    assert found.events == ()
    assert [(each.uid, each.fault.field) for each in found.refused] == [("1", field)]


def named(*lines: str) -> tuple[str, date | None]:
    """As what the one event of a file is named that is refused."""
    (one,) = read(event(*lines, "RRULE:FREQ=SECONDLY")).refused
    return one.title, one.day


def test_what_is_refused_is_named_by_its_title_and_day() -> None:
    first = date(2026, 3, 1)
    assert named("DTSTART;TZID=Mars/Olympus:20260301T090000", "SUMMARY:Yoga") == ("Yoga", first)
    assert named("DTSTART:2026-03-01T9", "SUMMARY:Yoga", "SUMMARY:Tea") == ("Yoga", first)
    assert named("DTSTART;VALUE=DATE:20260301", "SUMMARY:क्‍षमा\\nकल") == ("क्‍षमा कल", first)
    assert named("DTSTART:20269901") == ("", None)
    assert named("SUMMARY:Yoga") == ("Yoga", None)
    changed = (
        "RECURRENCE-ID:20260302T090000Z", "DTSTART:20260302T100000Z", "SUMMARY:Coffee", "END:VEVENT",
        "BEGIN:VEVENT", "UID:1", "DTSTART:20260301T090000Z", "SUMMARY:Tea",
    )  # fmt: skip
    assert named(*changed) == ("Tea", first)


def test_the_title_of_what_is_refused_harms_nobody() -> None:
    title, _day = named("SUMMARY:\u202e\u2066a\x07\u2028b\U000e0041<b>" + "x" * 5_000)
    assert title.startswith("a b <b>xxx")
    assert title.endswith("x…")
    assert len(title) == 81
    assert plain("x" * 80) == "x" * 80
    assert plain("x" * 81) == "x" * 80 + "…"
    assert plain("\n" * 2000 + "x") == ""  # as far as anybody looks


def test_a_refusal_keeps_what_its_words_need() -> None:
    (one,) = read(event("DTSTART;TZID=Mars/\u202eOlympus:20260301T090000")).refused
    assert one.fault.params == {"name": "Mars/ Olympus"}


@pytest.mark.parametrize(
    ("day", "trigger", "minutes"),
    [
        (False, "TRIGGER:-PT15M", (15,)),
        (False, "TRIGGER:-P0DT0H10M0S", (10,)),
        (False, "TRIGGER;RELATED=END:-PT90M", (30,)),
        (False, "TRIGGER;VALUE=DATE-TIME:20260301T083000Z", (30,)),
        (False, "TRIGGER:PT15M", ()),
        (False, "TRIGGER:-P5W", ()),
        (False, "TRIGGER:soon", ()),
        (True, "TRIGGER:-PT15H", (1440,)),
        (True, "TRIGGER:PT9H", (0,)),
        (True, "TRIGGER;VALUE=DATE-TIME:20260301T083000Z", ()),
    ],
)
def test_alarms_are_reminders(day: bool, trigger: str, minutes: tuple[int, ...]) -> None:
    start = ["DTSTART;VALUE=DATE:20260301"] if day else ["DTSTART:20260301T090000Z", "DURATION:PT1H"]
    alarm = ["BEGIN:VALARM", "ACTION:DISPLAY", "DESCRIPTION:x", trigger, "END:VALARM"]
    (found,) = read(event(*start, *alarm, *alarm)).events
    assert found.reminders == minutes
    (found,) = read(event(*start, *(line.replace("DISPLAY", "EMAIL") for line in alarm))).events
    assert found.reminders == ()


@pytest.mark.parametrize(
    "file", [b"", b"hello", b"\x00\xff", b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n", b"x" * 2_000_001]
)
def test_what_is_no_calendar_is_refused(file: bytes) -> None:
    with pytest.raises(Incorrect) as refused:
        read(file)
    assert refused.value.fault.field == "file"


ZONE = (
    "BEGIN:VTIMEZONE", "TZID:Ours", "BEGIN:STANDARD", "DTSTART:19700101T000000", "TZOFFSETFROM:+0530",
    "TZOFFSETTO:+0530", "END:STANDARD", "END:VTIMEZONE",
)  # fmt: skip


def test_a_zone_that_only_the_file_knows_is_enough_for_what_comes_once() -> None:
    for more, zones in (([], ["UTC"]), (["RRULE:FREQ=DAILY"], [])):
        file = event("DTSTART;TZID=Ours:20260301T090000", "DURATION:PT1H", *more)
        found = read(file.replace(b"BEGIN:VEVENT", "\r\n".join([*ZONE, "BEGIN:VEVENT"]).encode()))
        assert [one.series.zone for one in found.events] == zones
        assert [one.series.start for one in found.events] == [at("2026-03-01T03:30")][: len(zones)]


def _in_own_zone(name: str, offset: str, *rule: str) -> bytes:
    """An event at nine in a zone that changes twice, described in the file."""
    zone = ["BEGIN:VTIMEZONE", f"TZID:{name}"]
    for part, month in (("STANDARD", "01"), ("DAYLIGHT", "06")):
        zone += [f"BEGIN:{part}", f"DTSTART:1970{month}01T000000", f"TZOFFSETFROM:{offset}"]
        zone += [f"TZOFFSETTO:{offset}", *rule, f"END:{part}"]
    file = event(f"DTSTART;TZID={name}:20260301T090000", f"DTEND;TZID={name}:20260301T100000")
    lines = "\r\n".join([*zone, "END:VTIMEZONE", "BEGIN:VEVENT"])
    return file.replace(b"BEGIN:VEVENT", lines.encode())


def test_what_one_file_says_of_a_zone_holds_for_no_other_file() -> None:
    for name in ("Ours too", "W. Europe Standard Time"):
        starts = [read(_in_own_zone(name, offset)).events[0].series.start for offset in ("+0500", "+0700")]
        known = name.startswith("W.")
        assert (
            starts == [at("2026-03-01T09:00")] * 2
            if known
            else [at("2026-03-01T04:00"), at("2026-03-01T02:00")]
        )


@pytest.mark.parametrize(
    "rule",
    ["FREQ=SECONDLY", "FREQ=YEARLY;INTERVAL=0", "FREQ=YEARLY;BYSECOND=1,2", "FREQ=YEARLY;BYDAY=MO",
     "FREQ=YEARLY;BYMONTH=1,2,3;BYDAY=MO"],
)  # fmt: skip
def test_a_zone_that_changes_all_the_time_is_not_counted_through(rule: str) -> None:
    found = read(_in_own_zone("Mad", "+0500", f"RRULE:{rule}"))
    assert [one.fault.field for one in found.refused] == ["zone"]


def test_a_zone_that_changes_once_a_year_is_followed() -> None:
    (found,) = read(_in_own_zone("Sane", "+0500", "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU")).events
    assert (found.series.start, found.series.duration) == (at("2026-03-01T04:00"), timedelta(hours=1))


@pytest.mark.filterwarnings("ignore:Timezone")
@pytest.mark.parametrize(
    "before", ["/mozilla.org/20050126_1/", "/freeassociation.sourceforge.net/", "posix/"]
)
def test_what_others_write_before_the_name_of_a_zone_is_left_out(before: str) -> None:
    (found,) = read(event(f"DTSTART;TZID={before}Europe/Berlin:20260301T090000", "RRULE:FREQ=DAILY")).events
    assert (found.series.zone, found.series.start) == ("Europe/Berlin", at("2026-03-01T09:00"))


def test_microsofts_names_of_zones_are_understood() -> None:
    (found,) = read(event("DTSTART;TZID=India Standard Time:20260301T090000")).events
    assert found.series.zone == "Asia/Kolkata"  # which the tables still call Asia/Calcutta


@pytest.mark.filterwarnings("ignore:Timezone")
def test_every_calendar_of_the_corpus_is_read_or_refused_with_a_reason() -> None:
    if not CORPUS.exists():
        pytest.skip("needs the corpora, which are not beside this checkout")
    outcomes: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    for file in sorted(CORPUS.rglob("*.ics")):
        try:
            found = read(file.read_bytes())
        except Incorrect:
            outcomes["files refused"] += 1
            continue
        outcomes["files read"] += 1
        outcomes["events read"] += len(found.events)
        outcomes["events refused"] += len(found.refused)
        reasons.update(f"{each.fault.field}: {each.fault.message}" for each in found.refused)
        again = read(write(found.events))
        assert again.events == found.events, file.name
        assert not again.refused
    # Refused are events without a beginning (the corpus tries other things with them), zones nobody knows, broken
    # properties and rules that come every second.
    assert outcomes == {"files read": 276, "files refused": 17, "events read": 269, "events refused": 96}, (
        reasons
    )
