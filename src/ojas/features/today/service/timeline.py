"""Everything that happened to a person, by day, newest first, from many lists at once."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, Field

from ojas.features.alarms import service as alarms
from ojas.features.calendar import service as calendar
from ojas.features.emergency import service as emergency
from ojas.features.measurements import service as measurements
from ojas.features.record import service as record
from ojas.features.signals import service as signals
from ojas.features.today.rules import Place, merged
from ojas.features.today.schemas import Entry, TimelinePage
from ojas.features.today.service.amounts import DEVICES, daily
from ojas.kit import i18n
from ojas.kit.cursors import cursor_of, place_of
from ojas.kit.db import Tx
from ojas.kit.errors import Incorrect
from ojas.kit.i18n import N_, _, format_number, gettext, ngettext

_Shown = dict[str, Annotated[int, Field(ge=0, le=10_000)]]
Opener = Callable[[], Awaitable[Entry]]
Found = Sequence[tuple[datetime, Opener]]
"""When something was, and what makes an entry of it: eight sources bring fifty each, and fifty are shown."""


@dataclass(frozen=True, slots=True)
class Ask:
    """What is asked of each source: the newest ``limit`` entries not after ``until`` (None: of all)."""

    tx: Tx
    person_id: UUID
    limit: int
    until: datetime | None
    preferences: measurements.Preferences

    def at(self, path: str) -> str:
        return f"/p/{self.person_id}{path}"


async def timeline(
    tx: Tx,
    person_id: UUID,
    *,
    sort: str | None = None,
    limit: int = 50,
    cursor: str | None = None,
    preferences: measurements.Preferences,
) -> TimelinePage:
    """The next entries after ``cursor``, of one sort or of all that are shared with the reader.

    Raises:
        Incorrect: no such sort, or a cursor that is not one of ours.
    """
    if person_id not in tx.access.persons:
        tx.access.require("profile", person_id)
    place = Place(*place_of(cursor, AwareDatetime, _Shown)) if cursor else None
    chosen = [s for s in SOURCES if sort is None or s.sort == sort]
    if not chosen:
        raise Incorrect("There is nothing of this name in the timeline.", field="sort")
    found: dict[str, Found] = {}
    full = await record.filled(tx, person_id) if tx.access.allows("record", person_id) else frozenset()
    for source in chosen:
        if tx.access.allows(source.scope, person_id) and (source.scope != "record" or source.name in full):
            more = place.shown.get(source.name, 0) if place else 0
            ask = Ask(tx, person_id, limit + more + 1, place.at if place else None, preferences)
            found[source.name] = await source.newest(ask)
    items, following = merged(found, place, limit)
    entries = [await opened() for opened in items]
    return TimelinePage(
        items=tuple(entries), next=cursor_of(following.at, following.shown) if following else None
    )


async def days_of(tx: Tx, person_id: UUID, first: date, last: date) -> dict[date, list[str]]:
    """What devices say of each of these days, in a few words: how many steps, how long asleep."""
    said: dict[date, list[str]] = {}
    if not tx.access.allows("signals", person_id) or (last - first).days > 400:
        return said
    for name, days in (await daily(tx, person_id, ("steps", "sleep"), first, last)).items():
        for one in days:
            amount = DEVICES[name].text(one.value)
            said.setdefault(one.day, []).append(
                _("{amount} asleep", amount=amount) if name == "sleep" else amount
            )
    return said


# ------------------------------------------------------------------ the sources


async def readings(ask: Ask) -> Found:
    found = await measurements.unopened(
        ask.tx, ask.person_id, limit=ask.limit, where=_until("effective_at", ask.until)
    )
    judge = await measurements.judge(ask.tx, ask.person_id) if found else None
    return [(at, partial(_of_reading, ask, opened, judge)) for at, opened in found]


async def _of_reading(
    ask: Ask, opened: Callable[[], Awaitable[measurements.Reading]], judge: measurements.Judge | None
) -> Entry:
    reading = await opened()
    shown = measurements.shown(reading, ask.preferences, judge)
    return Entry(
        at=reading.effective_at,
        sort="readings",
        id=reading.id,
        title=shown.label,
        value=f"{shown.text} {shown.unit}".strip(),
        says=shown.band,
        mark=shown.mark,
        icon="activity",
        colour=shown.colour,
        href=ask.at(f"/readings/{reading.kind}/{reading.id}"),
    )


async def sessions(ask: Ask) -> Found:
    found = await signals.SESSIONS.unopened(
        ask.tx, ask.person_id, limit=ask.limit, where=_until("started_at", ask.until)
    )
    return [(at, partial(_of_session, ask, opened)) for at, opened in found]


async def _of_session(ask: Ask, opened: Callable[[], Awaitable[Any]]) -> Entry:
    one = await opened()
    minutes = round((one.ended_at - one.started_at).total_seconds() / 60)
    told = [ngettext("{n} minute", "{n} minutes", minutes)] if minutes else []
    if one.finding:
        told.append(signals.finding_title(one.finding))
    if one.distance_m:
        told.append(_("{n} km", n=format_number(one.distance_m / 1000, 1)))
    if one.heart_rate_mean:
        told.append(_("pulse {n} on average", n=format_number(one.heart_rate_mean, 0)))
    title = gettext(_SESSIONS[one.kind])
    if one.activity:
        title = f"{title}: {signals.activity_title(one.activity)}"
    icon, colour = _LOOKS.get(one.kind, ("footprints", "move"))
    return Entry(
        at=one.started_at,
        sort="sessions",
        id=one.id,
        title=title,
        says=" · ".join(told),
        icon=icon,
        colour=colour,
        href=ask.at(f"/sessions/{one.id}"),
    )


_LOOKS = {"sleep": ("moon", "sleep"), "ecg": ("heart-pulse", "heart")}

_SESSIONS = {
    "workout": N_("Workout"),
    "sleep": N_("Night"),
    "mindful": N_("Mindful time"),
    "ecg": N_("Electrocardiogram"),
    "other": N_("Session"),
}


async def raised(ask: Ask) -> Found:
    found = await alarms.unopened(
        ask.tx, ask.person_id, limit=ask.limit, until=ask.until, units=ask.preferences
    )
    return [(at, partial(_of_alarm, ask, opened)) for at, opened in found]


async def _of_alarm(ask: Ask, opened: Callable[[], Awaitable[alarms.AlarmShown]]) -> Entry:
    one = await opened()
    return Entry(
        at=one.raised_at,
        sort="alarms",
        id=one.id,
        title=one.title,
        says=" ".join(part for part in (one.says, alarms.standing_text(one)) if part),
        icon="triangle-alert",
        href=ask.at(f"/alarms/{one.id}"),
    )


async def calls(ask: Ask) -> Found:
    """Calls for help, with how each ended."""
    found, _next = await emergency.alerts(ask.tx, ask.person_id, limit=ask.limit, until=ask.until)
    return [(one.created_at, partial(_of_call, ask, one)) for one in found]


async def _of_call(ask: Ask, one: Any) -> Entry:
    return Entry(
        at=one.created_at,
        sort="calls",
        id=one.id,
        title=emergency.title_of(one),
        says=emergency.said_of(one),
        icon="flask-conical" if one.test else "triangle-alert",
        href=ask.at(f"/emergency/alerts/{one.id}"),
    )


def _list(name: str, column: str, icon: str) -> Callable[[Ask], Awaitable[Found]]:
    collection = next(kind.LIST for kind in record.KINDS if kind.LIST.name == name)

    async def newest(ask: Ask) -> Found:
        dated = column.endswith("_on")
        until: Any = ask.until
        if dated and until is not None:
            until = i18n.local(until).date() + timedelta(days=1)
            where = {f"{column}_to": until}
        else:
            where = _until(column, until)
        found = await collection.unopened(ask.tx, ask.person_id, limit=ask.limit, where=where)
        return [(_begins(when), partial(_of_record, ask, name, icon, when, opened)) for when, opened in found]

    return newest


def _begins(when: date | datetime) -> datetime:
    """A day begins at the reader's midnight."""
    if isinstance(when, datetime):
        return when
    return datetime.combine(when, time(), i18n.current().tz).astimezone(UTC)


async def _of_record(
    ask: Ask, name: str, icon: str, when: date | datetime, opened: Callable[[], Awaitable[Any]]
) -> Entry:
    one = await opened()
    told = [text for text in (one.in_words("reason"), one.in_words("place")) if text]
    return Entry(
        at=_begins(when),
        whole_day=not isinstance(when, datetime),
        sort=name,
        id=one.id,
        title=one.everyday,
        says=" · ".join(told),
        icon=icon,
        href=ask.at(f"/record/{name}/{one.id}"),
    )


async def appointments(ask: Ask) -> Found:
    found = await calendar.past_appointments(ask.tx, ask.person_id, limit=ask.limit, until=ask.until)
    return [(one.begins, partial(_of_appointment, ask, one)) for one in found]


async def _of_appointment(ask: Ask, one: calendar.Occurrence) -> Entry:
    care = one.care
    assert care is not None
    parts = [care.provider, one.place or care.clinic, calendar.status_words(one)]
    return Entry(
        at=one.begins,
        whole_day=one.all_day,
        sort="appointments",
        id=one.event_id,
        title=one.title,
        says=" · ".join(part for part in parts if part),
        icon="calendar",
        href=ask.at(one.path),
    )


@dataclass(frozen=True, slots=True)
class Source:
    """A list that the timeline tells: under which sort, in which scope, and how its newest are found."""

    name: str
    sort: str
    scope: str
    newest: Callable[[Ask], Awaitable[Found]]


SOURCES = (
    Source("readings", "readings", "measurements", readings),
    Source("alarms", "alarms", "alarms", raised),
    Source("sessions", "sessions", "signals", sessions),
    Source("appointments", "appointments", "calendar", appointments),
    Source("calls", "calls", "emergency", calls),
    Source("results", "results", "record", _list("results", "effective_on", "flask-conical")),
    Source("encounters", "encounters", "record", _list("encounters", "started_on", "stethoscope")),
    Source("procedures", "procedures", "record", _list("procedures", "performed_on", "heart-pulse")),
    Source("immunisations", "immunisations", "record", _list("immunisations", "given_on", "syringe")),
    Source("conditions", "conditions", "record", _list("conditions", "recorded_at", "file-text")),
    Source("allergies", "allergies", "record", _list("allergies", "recorded_at", "triangle-alert")),
)
"""Whose entries the timeline tells, in the order in which those of one instant stand."""

SORTS: Mapping[str, str] = {
    "readings": N_("Readings"),
    "alarms": N_("Alarms"),
    "sessions": N_("Workouts and sleep"),
    "appointments": N_("Appointments"),
    "calls": N_("Calls for help"),
    "results": N_("Results"),
    "encounters": N_("Visits"),
    "procedures": N_("Procedures"),
    "immunisations": N_("Immunisations"),
    "conditions": N_("Conditions"),
    "allergies": N_("Allergies"),
}


def sorts_open_to(tx: Tx, person_id: UUID) -> dict[str, str]:
    """The sorts whose entries the reader may see, by name, with their message ids."""
    seen = {source.sort for source in SOURCES if tx.access.allows(source.scope, person_id)}
    return {name: label for name, label in SORTS.items() if name in seen}


def _until(column: str, until: datetime | None) -> dict[str, Any]:
    """Up to and with the instant itself; PostgreSQL keeps microseconds."""
    return {} if until is None else {f"{column}_to": until + timedelta(microseconds=1)}
