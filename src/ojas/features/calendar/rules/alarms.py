"""Reminders as the alarms of a calendar file (VALARM of RFC 5545), and back.

There an alarm of a whole day counts from its midnight, here from nine in the morning.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from icalendar import Alarm, vDDDTypes

from ojas.features.calendar.rules.local import instant
from ojas.features.calendar.rules.reminding import LONGEST_NOTICE, MORNING, MOST_REMINDERS
from ojas.features.calendar.rules.series import Series

Part = Any
_MINUTE = timedelta(minutes=1)
_MORNING = timedelta(hours=MORNING.hour)
_HEARD = frozenset({"DISPLAY", "AUDIO"})
"""Those that somebody notices; others send letters or start programs."""

Alarm.ignore_exceptions = True
"""As of its events the library has it: a trigger that cannot be read costs no more than itself."""


def alarms(minutes: Iterable[int], title: str, series: Series) -> Iterator[Part]:
    """An alarm for each reminder, so many minutes before."""
    for each in minutes:
        part: Part = Alarm()
        part.add("action", "DISPLAY")
        part.add("description", title or "Ojas")
        part.add("trigger", (_MORNING if series.all_day else timedelta(0)) - each * _MINUTE)
        yield part


def reminders(event: Part, series: Series) -> tuple[int, ...]:
    """Minutes before, of the alarms of an event: the first five that can be kept, in their order."""
    found = [
        minutes
        for part in event.walk("VALARM")
        if str(part.get("ACTION", "")).upper() in _HEARD and (minutes := _minutes(part, series)) is not None
    ]
    return tuple(dict.fromkeys(found))[:MOST_REMINDERS]


def _minutes(alarm: Part, series: Series) -> int | None:
    """None: it comes after the beginning, weeks before it, or at a time that cannot be read."""
    told = alarm.get("TRIGGER")
    if not isinstance(told, vDDDTypes):
        return None
    after = _after(told, series)
    if after is None:
        return None
    before = round(((_MORNING if series.all_day else timedelta(0)) - after) / _MINUTE)
    return before if 0 <= before <= LONGEST_NOTICE else None


def _after(told: Part, series: Series) -> timedelta | None:
    """How long after the beginning: as it is told, from the end, or of an instant from the first beginning there is."""
    if isinstance(told.dt, timedelta):
        end = str(told.params.get("RELATED", "")).upper() == "END"
        return told.dt + (series.duration if end else timedelta(0))
    if not isinstance(told.dt, datetime) or told.dt.tzinfo is None or series.tz is None or series.rule:
        return None
    assert isinstance(series.start, datetime)  # what has a zone has a time
    return told.dt - instant(series.start, series.tz)
