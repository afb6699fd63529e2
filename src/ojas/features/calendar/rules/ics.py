"""Calendar files (RFC 5545) as events and back, by the icalendar library.

One bad event costs itself alone: it is named with its reason, and the rest comes in.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Calendar, vRecur
from icalendar import Event as Component
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from ojas.features.calendar.rules.alarms import alarms, reminders
from ojas.features.calendar.rules.local import DAY, Start, instant, naive, wall
from ojas.features.calendar.rules.naming import day_of, plain, title_of
from ojas.features.calendar.rules.own_zones import described, placed
from ojas.features.calendar.rules.recur import comes, last_start
from ojas.features.calendar.rules.rule import Rule, parse
from ojas.features.calendar.rules.series import Override, Series
from ojas.kit.errors import Fault, Incorrect
from ojas.kit.i18n import N_
from ojas.kit.i18n.zones import zone_if_known, zone_of

LARGEST = 2_000_000
"""Bytes; of real calendars, some five thousand events."""
MOST_EVENTS = 2_000
MOST_LINES = 60_000
DEEPEST = 5
"""A calendar holds events, and those alarms: what is nested deeper is an attack."""
LONGEST_TEXT = 8_000
_LAST_SECOND = time(23, 59, 59)
PRODUCT = "-//Ojas//Calendar//EN"
BROKEN = N_("This event cannot be read.")


Part = Any
"""A component of the library's: its properties are of thirty types, known only by what is read."""


@dataclass(frozen=True, slots=True)
class Event:
    uid: str
    series: Series
    title: str = ""
    text: str = ""
    place: str = ""
    status: str = ""
    """TENTATIVE, CONFIRMED or CANCELLED."""
    category: str = ""
    private: bool = False
    url: str = ""
    reminders: tuple[int, ...] = ()
    """Minutes before."""
    stamp: datetime = field(default=datetime(2000, 1, 1, tzinfo=UTC), compare=False)
    """When it was written; a file is the same for the same events, for its ETag."""
    sequence: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Refused:
    """An event that was left out: why and of which part, and by what a person knows it again."""

    uid: str
    fault: Fault
    title: str
    day: date | None


@dataclass(frozen=True, slots=True)
class Read:
    events: tuple[Event, ...]
    refused: tuple[Refused, ...] = ()


def read(file: bytes) -> Read:
    """The events of a calendar file, those with one UID together.

    Raises:
        Incorrect: it is no calendar file, or larger than any calendar.
    """
    if len(file) > LARGEST or file.count(b"\n") > MOST_LINES:
        raise Incorrect("This calendar file is too large.", field="file")
    _refuse_deep(file)
    try:
        calendars = Calendar.from_ical(file, multiple=True)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as problem:
        raise Incorrect("This is not a calendar file.", field="file") from problem
    if not calendars:
        raise Incorrect("This is not a calendar file.", field="file")
    found: list[Part] = [part for calendar in calendars for part in calendar.walk("VEVENT")]
    if len(found) > MOST_EVENTS:
        raise Incorrect("This calendar file is too large.", field="file")
    zones = described(calendars)
    groups: dict[str, list[Part]] = {}
    for number, part in enumerate(found):
        groups.setdefault(str(part.get("UID", f"event {number + 1}"))[:255], []).append(part)
    events: list[Event] = []
    refused: list[Refused] = []
    for uid, parts in groups.items():
        try:
            events.append(_event(uid, [placed(part, zones) for part in parts]))
        except Incorrect as refusal:
            refused.append(_refused(uid, parts, refusal.fault))
        except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError):
            # The library reads a property when it is asked for, and a broken one fails in as many ways as there are.
            refused.append(_refused(uid, parts, Fault(BROKEN)))
    return Read(tuple(events), tuple(refused))


def _refused(uid: str, parts: list[Part], fault: Fault) -> Refused:
    whole = sorted(parts, key=lambda part: "RECURRENCE-ID" in part)
    return Refused(uid, fault, title_of(whole), day_of(whole))


def _refuse_deep(file: bytes) -> None:
    """
    Raises:
        Incorrect: it is nested deeper than any calendar.
    """
    depth = 0
    for line in re.finditer(rb"(?im)^(BEGIN|END):", file):
        depth += 1 if line[1].upper() == b"BEGIN" else -1
        if depth > DEEPEST:
            raise Incorrect("This is not a calendar file.", field="file")


def write(events: Iterable[Event]) -> bytes:
    """A calendar file; ``read`` gives the same events. Zones are described in it, for those who do not know their names."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    for event in events:
        for part in _parts(event):
            calendar.add_component(part)
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())


def _event(uid: str, parts: list[Part]) -> Event:
    masters = [part for part in parts if "RECURRENCE-ID" not in part]
    if len(masters) != 1:
        raise Incorrect("Not one event but none or several have this name.", field="UID")
    (master,) = masters
    series = _series(master)
    texts = _texts(master)
    changes = tuple(_override(part, series, texts) for part in parts if part is not master)
    return Event(
        uid,
        replace(series, overrides=changes),
        texts["title"],
        texts["text"],
        texts["place"],
        str(master.get("STATUS", "")),
        _category(master),
        str(master.get("CLASS", "")).upper() in ("PRIVATE", "CONFIDENTIAL"),
        str(master.get("URL", "")),
        reminders(master, series),
    )


def _texts(part: Part) -> dict[str, str]:
    names = {"title": "SUMMARY", "text": "DESCRIPTION", "place": "LOCATION"}
    return {name: str(part.get(property, ""))[:LONGEST_TEXT] for name, property in names.items()}


def _category(part: Part) -> str:
    """The first of its categories."""
    told = part.get("CATEGORIES")
    for each in told if isinstance(told, list) else [told]:
        if each is not None and each.cats:
            return str(each.cats[0])
    return ""


def _series(part: Part) -> Series:
    if part.errors:
        raise Incorrect(BROKEN, field=part.errors[0][0])
    if "DTSTART" not in part:
        raise Incorrect("An event needs its beginning.", field="DTSTART")
    zone = _zone(part["DTSTART"], once="RRULE" not in part and "RDATE" not in part)
    start = _local(part["DTSTART"].dt, zone)
    rule = _rule(part)
    if rule is not None and (
        rule.count == 1 or not comes(rule, naive(start), None if zone is None else zone_of(zone))
    ):
        rule = None  # once, said in a roundabout way
    return Series(
        start,
        _duration(part),
        zone,
        rule and _until_day(rule, start, zone),
        frozenset(_several(part, "RDATE", start, zone)),
        frozenset(_several(part, "EXDATE", start, zone)),
    )


def _rule(part: Part) -> Rule | None:
    told = part.get("RRULE")
    if isinstance(told, list) or "EXRULE" in part:
        raise Incorrect("Several rules of one event are not understood.", field="RRULE")
    return None if told is None else parse(told.to_ical().decode())


def _until_day(rule: Rule, start: Start, zone: str | None) -> Rule:
    """Of a rule that goes to the last second of a day, that day: so most calendars write it, and so a form has it."""
    if not isinstance(rule.until, datetime) or not isinstance(start, datetime):
        return rule
    last = last_start(rule, None if zone is None else zone_of(zone))
    return replace(rule, until=last.date()) if last.time() == _LAST_SECOND else rule


def _until_instant(rule: Rule, series: Series) -> Rule:
    """As RFC 5545 wants it of what has a time of day: up to the last second of the day, in UTC where there is a zone."""
    if rule.until is None or isinstance(rule.until, datetime) or series.all_day:
        return rule
    last = datetime.combine(rule.until, _LAST_SECOND)
    return replace(rule, until=last if series.tz is None else instant(last, series.tz))


def _zone(told: Any, *, once: bool) -> str | None:
    """The IANA name of a time's zone; None: it floats, or is a date.

    Of what comes ``once`` in a zone that only the file knows, UTC: the instant is told all the same.

    Raises:
        Incorrect: it has a zone that cannot be found by name, nor by Microsoft's name for it.
    """
    at, name = told.dt, str(told.params.get("TZID", "")).strip('"')
    if not isinstance(at, datetime) or (at.tzinfo is None and not name):
        return None
    if isinstance(at.tzinfo, ZoneInfo) and at.tzinfo.key:
        name = at.tzinfo.key
    if at.tzinfo is UTC or (not name and at.utcoffset() == timedelta(0)):
        return "UTC"
    for known in _names_of(name):
        if found := zone_if_known(known):
            return found
    if once and at.tzinfo is not None:
        return "UTC"
    raise Incorrect(
        "Its time zone is not known here: {name}. Choose another one where it comes from.",
        field="zone",
        name=plain(name),
    )


def _names_of(name: str) -> Iterator[str]:
    """Its own or Microsoft's, and without what some systems write before it: posix/Europe/Berlin."""
    yield WINDOWS_TO_OLSON.get(name, name)
    parts = name.split("/")
    yield from ("/".join(parts[number:]) for number in range(1, len(parts) - 1))


def _local(at: date | datetime, zone: str | None) -> Start:
    if not isinstance(at, datetime):
        return at
    return wall(at, zone_of(zone)) if at.tzinfo is not None and zone is not None else at.replace(tzinfo=None)


def _duration(part: Part) -> timedelta:
    start = part["DTSTART"].dt
    whole = not isinstance(start, datetime)
    if "DURATION" in part:
        told: timedelta = part["DURATION"].dt
        return told or (DAY if whole else told)
    if "DTEND" not in part:
        return DAY if whole else timedelta(0)
    end = part["DTEND"].dt
    if isinstance(end, datetime) == whole:
        raise Incorrect(
            "The event begins with a date and ends with a time, or the other way round.", field="DTEND"
        )
    if whole:
        days: timedelta = end - start
        return days or DAY  # some end on the day they begin
    if (end.tzinfo is None) != (start.tzinfo is None):
        raise Incorrect("The event begins in a zone and ends in none.", field="DTEND")
    gone: timedelta = end.astimezone(UTC) - start.astimezone(UTC) if end.tzinfo else end - start
    return gone


def _several(part: Part, name: str, start: Start, zone: str | None) -> Iterator[Start]:
    told = part.get(name, [])
    for each in told if isinstance(told, list) else [told]:
        for one in each.dts:
            at = one.dt[0] if isinstance(one.dt, tuple) else one.dt  # of a period, its beginning
            yield _alike(at, start, zone)


def _alike(at: date | datetime, start: Start, zone: str | None) -> Start:
    """Of the start's kind: a date for an event with a time means its occurrence on that day."""
    local = _local(at, zone)
    if isinstance(start, datetime) and not isinstance(local, datetime):
        return datetime.combine(local, start.time())
    return local.date() if isinstance(local, datetime) and not isinstance(start, datetime) else local


def _override(part: Part, series: Series, texts: dict[str, str]) -> Override:
    named = part["RECURRENCE-ID"]
    if named.params.get("RANGE"):
        raise Incorrect(
            "A change of this and all following is not understood. Export them as an event of their own.",
            field="RECURRENCE-ID",
        )
    original = _alike(named.dt, series.start, series.zone)
    if str(part.get("STATUS", "")).upper() == "CANCELLED":
        return Override(original, cancelled=True)
    start = _alike(part["DTSTART"].dt, series.start, series.zone)
    # What is absent or empty is as in the series.
    own = {name: said if said != texts[name] else None for name, said in _texts(part).items()}
    return Override(
        original,
        start,
        _duration(part),
        title=own["title"] or None,
        text=own["text"] or None,
        place=own["place"] or None,
    )


def _parts(event: Event) -> Iterator[Part]:
    series = event.series
    master = _component(event, series.start, series.duration)
    if series.rule:
        master.add("rrule", vRecur.from_ical(str(_until_instant(series.rule, series))))
    for name, dates in (("rdate", series.extra), ("exdate", series.without)):
        for each in sorted(dates, key=naive):
            master.add(name, _aware(each, series))
    yield master
    for change in series.overrides:
        duration = series.duration if change.duration is None else change.duration
        own = {name: getattr(change, name) for name in ("title", "text", "place") if getattr(change, name)}
        part = _component(replace(event, **own), change.start or change.original, duration)
        part.add("recurrence-id", _aware(change.original, series))
        if change.cancelled:
            part.pop("STATUS", None)
            part.add("status", "CANCELLED")
        yield part


def _component(event: Event, start: Start, duration: timedelta) -> Part:
    part: Part = Component()
    part.add("uid", event.uid)
    part.add("dtstamp", event.stamp)
    if event.sequence:
        part.add("sequence", event.sequence)
    part.add("dtstart", _aware(start, event.series))
    part.add("duration", duration)
    for name, text in (
        ("summary", event.title),
        ("description", event.text),
        ("location", event.place),
        ("status", event.status),
        ("class", "PRIVATE" if event.private else ""),
        ("url", event.url),
    ):
        if text:
            part.add(name, text)
    if event.category:
        part.add("categories", [event.category])
    for alarm in alarms(event.reminders, event.title, event.series):
        part.add_component(alarm)
    return part


def _aware(start: Start, series: Series) -> Start:
    if not isinstance(start, datetime) or series.tz is None:
        return start
    return start.replace(tzinfo=series.tz)
