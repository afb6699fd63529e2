"""Looking at a time: what a person planned in it, and what other features plan, which are asked and never copied."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from datetime import datetime, time, timedelta
from time import monotonic
from typing import Any
from uuid import UUID

from ojas.features.calendar import queries
from ojas.features.calendar.rules import series as rules
from ojas.features.calendar.rules.local import DAY, instant
from ojas.features.calendar.rules.terms import OVER, QUIET, STATUSES, Status
from ojas.features.calendar.schemas import Event, EventDraft, Occurrence, Upcoming, View
from ojas.features.calendar.service.calendars import SCOPE
from ojas.features.calendar.service.events import EVENTS
from ojas.features.medications import service as medications
from ojas.features.sharing import service as sharing
from ojas.features.signals import service as signals
from ojas.features.signals.schemas import SessionView
from ojas.kit import audit, clock, i18n
from ojas.kit.db import Tx, readable
from ojas.kit.errors import Incorrect, NotFound
from ojas.kit.i18n import _, format_datetime, gettext, ngettext

MOST_SHOWN = 2_000
MOST_OPENED = 5_000
PATIENCE_S = 10.0
"""Whoever fills a calendar with rules that take a second each sees what was worked out by then; ``more`` says so."""
_MOST_PAST = 1_000
_YEAR = timedelta(days=366)

Source = Callable[[Tx, UUID, datetime, datetime], Awaitable[list[Occurrence]]]


async def doses(tx: Tx, person_id: UUID, since: datetime, until: datetime) -> list[Occurrence]:
    """What medicines are due, as medications have it."""
    if not tx.access.allows(medications.SCOPE, person_id):
        return []
    return [_of_dose(dose) for dose in await medications.doses(tx, person_id, since, until)]


_BECAME = {
    "taken": Status.COMPLETED,
    "late": Status.COMPLETED,
    "skipped": Status.CANCELLED,
    "missed": Status.NO_SHOW,
}


def _of_dose(dose: medications.Dose) -> Occurrence:
    return Occurrence(
        source="medications",
        event_id=dose.id,
        key=dose.at.isoformat(),
        title=dose.medicine,
        text=medications.amount_words(dose.amount or dose.planned_amount) or None,
        start=i18n.local(dose.at).replace(tzinfo=None),
        begins=dose.at,
        ends=dose.at,
        recurs=True,
        status=_BECAME.get(dose.state.value, Status.PENDING),
        path=f"/doses/{dose.id}",
    )


async def workouts(tx: Tx, person_id: UUID, since: datetime, until: datetime) -> list[Occurrence]:
    """What was exercised, as devices or the person told it; one that cannot be read costs itself alone."""
    if not tx.access.allows(signals.SCOPE, person_id):
        return []
    lying = {"kind": "workout", "started_at_from": since - DAY, "started_at_to": until}
    found = await signals.SESSIONS.unopened(tx, person_id, limit=MOST_SHOWN, where=lying)
    read = [await readable(opened(), workout_of=str(person_id)) for _at, opened in found]
    return [one for one in [_of_session(view) for view in read if view] if one.ends > since]


def _of_session(one: SessionView) -> Occurrence:
    minutes = round((one.ended_at - one.started_at).total_seconds() / 60)
    return Occurrence(
        source="signals",
        event_id=one.id,
        key=one.started_at.isoformat(),
        title=signals.activity_title(one.activity) if one.activity else _("Exercise"),
        text=ngettext("{n} minute", "{n} minutes", minutes),
        start=i18n.local(one.started_at).replace(tzinfo=None),
        begins=one.started_at,
        ends=one.ended_at,
        status=Status.COMPLETED,
        colour=QUIET,
        path=f"/sessions/{one.id}",
    )


SOURCES: tuple[Source, ...] = (doses, workouts)
"""Who else has something that lies in time. What is planned of exercise joins here."""


async def view(
    tx: Tx,
    person_id: UUID,
    since: datetime,
    until: datetime,
    *,
    sources: Sequence[Source] = SOURCES,
    where: Callable[[Event], bool] = lambda event: True,
) -> View:
    """What lies between two instants, by its beginning, of the events that ``where`` lets pass and of ``sources``.

    Raises:
        Incorrect: with the field ``to``: it ends before it begins, or is longer than a year.
    """
    tx.access.require(SCOPE, person_id)
    if until < since:
        raise Incorrect("This ends before it begins.", field="to")
    if until - since > _YEAR:
        raise Incorrect("Ask for at most a year at once.", field="to")
    audit.looked(tx, person_id, "events")
    rows = await queries.between(tx, person_id, since, until, MOST_OPENED)
    end = monotonic() + PATIENCE_S
    events = [event async for event in _opened(tx, rows, end) if where(event)]
    known = await _known(tx, person_id, events)
    found: list[Occurrence] = []
    for event in events:
        await asyncio.sleep(0)  # others are served between two
        found += _expanded(event, known, since, until)
        if len(found) > 2 * MOST_SHOWN or monotonic() > end:
            break
    more = len(found) > MOST_SHOWN or monotonic() > end
    for source in sources:
        found += await source(tx, person_id, since, until)
    found.sort(key=lambda one: (one.begins, not one.all_day, one.title))
    return View(tuple(found[:MOST_SHOWN]), more or len(found) > MOST_SHOWN)


async def _opened(tx: Tx, rows: Sequence[Any], end: float) -> AsyncIterator[Event]:
    for row in rows:
        yield await EVENTS.shown(tx, row)
        if monotonic() > end:
            return


def _expanded(
    event: Event, known: dict[tuple[UUID, str], Any], since: datetime, until: datetime
) -> Iterator[Occurrence]:
    series = event.series
    try:
        for one in rules.occurrences(series, i18n.current().tz, since, until, called_off=True):
            yield shown(event, series, one, known.get((event.id, one.key)))
    except (
        Incorrect
    ):  # more than anybody could look at: the rest of this one is left out, and ``more`` says so
        return


async def _known(tx: Tx, person_id: UUID, events: Sequence[Event]) -> dict[tuple[UUID, str], Any]:
    if not events:
        return {}
    rows = await queries.known(tx, person_id, [event.id for event in events])
    return {(row.event_id, row.key): row for row in rows}


def shown(event: Event, series: rules.Series, one: rules.Occurrence, row: Any) -> Occurrence:
    """An occurrence as it is read: what is otherwise of it, and what became of it."""
    change = one.override
    status = Status(row.status) if row is not None and row.status else Status.PENDING
    return Occurrence(
        event_id=event.id,
        key=one.key,
        title=(change and change.title) or event.title,
        text=(change and change.text) or event.text,
        place=(change and change.place) or event.place,
        start=one.start,
        begins=one.begins,
        ends=one.ends,
        all_day=series.all_day,
        recurs=bool(series.rule or series.extra),
        status=Status.CANCELLED if one.cancelled else status,
        category=event.category,
        colour=event.colour,
        calendar_id=event.calendar_id,
        privacy=event.privacy,
        care=event.care,
        said_at=row.said_at if row is not None else None,
        path=f"/calendar/events/{event.id}/{one.key}",
    )


async def occurrence(tx: Tx, person_id: UUID, event_id: UUID, key: str) -> tuple[Event, Occurrence]:
    """One occurrence with its event.

    Raises:
        NotFound: there is no such event, or it comes to no such time.
    """
    event = await EVENTS.read(tx, person_id, event_id)
    one = located(event, key)
    known = await _known(tx, person_id, [event])
    return event, shown(event, event.series, one, known.get((event.id, one.key)))


async def standing(
    tx: Tx, person_id: UUID, event_id: UUID, key: str
) -> tuple[Event | None, Occurrence | None]:
    """The same as far as it is there, for whoever is not looking at the calendar; of what comes once, where it is now."""
    row = await queries.event(tx, person_id, event_id)
    if row is None:
        return None, None
    event = await EVENTS.shown(tx, row)
    try:
        one = located(event, key if event.rule or event.extra else event.start.isoformat())
    except NotFound:
        return event, None
    known = await _known(tx, person_id, [event])
    return event, shown(event, event.series, one, known.get((event.id, one.key)))


def located(event: EventDraft, key: str) -> rules.Occurrence:
    """The occurrence of this key.

    Raises:
        NotFound: there is none.
    """
    try:
        at = datetime.fromisoformat(key)
        if at.tzinfo is not None:
            raise ValueError(key)
        original = at.date() if event.series.all_day else at
        return rules.found(event.series, i18n.current().tz, original)
    except (ValueError, OverflowError) as problem:  # a refusal is a ValueError too
        raise NotFound("This event has no such occurrence.") from problem


async def nearest(tx: Tx, person_id: UUID, event: Event) -> Occurrence:
    """The occurrence of an event that one thinks of: the next, else the last there was."""
    now = clock.now()
    ahead = next(rules.occurrences(event.series, i18n.current().tz, now, now + 9 * _YEAR), None)
    known = await _known(tx, person_id, [event])
    one = ahead or located(event, event.start.isoformat())
    return shown(event, event.series, one, known.get((event.id, one.key)))


async def today(tx: Tx, person_id: UUID) -> list[Occurrence]:
    """What a person planned for the reader's day, without what other features plan."""
    zone = i18n.current().tz
    day = datetime.combine(i18n.local(clock.now()).date(), time())
    begin, end = instant(day, zone), instant(day + DAY, zone)
    found = (await view(tx, person_id, begin, end, sources=())).items
    return [one for one in found if one.begins >= begin]


def status_words(one: Occurrence) -> str:
    """What became of an occurrence, in the language in use; nothing where nobody said."""
    return "" if one.status is Status.PENDING else gettext(STATUSES[one.status])


async def upcoming(tx: Tx, person_id: UUID, *, most: int = 10, member_id: UUID | None = None) -> Upcoming:
    """Appointments of the next year that are not over: all, or those with one of the care team."""
    now = clock.now()
    found = await view(
        tx,
        person_id,
        now,
        now + _YEAR,
        sources=(),
        where=lambda event: event.care is not None and member_id in (None, event.care.member_id),
    )
    ahead = [one for one in found.items if one.status not in OVER]
    return Upcoming(count=len(ahead), next=ahead[0] if ahead else None, items=ahead[:most])


@sharing.beside
async def next_with(tx: Tx, person_id: UUID) -> Mapping[UUID, sharing.Beside]:
    """The next appointment with each member, as far as the caller sees the calendar."""
    if not tx.access.allows(SCOPE, person_id):
        return {}
    found: dict[UUID, sharing.Beside] = {}
    for one in (await upcoming(tx, person_id, most=MOST_SHOWN)).items:
        if one.care and one.care.member_id and one.care.member_id not in found:
            when = _("Next on {when}", when=format_datetime(one.begins))
            found[one.care.member_id] = sharing.Beside(when, one.path)
    return found


async def past_appointments(
    tx: Tx, person_id: UUID, *, limit: int, until: datetime | None = None
) -> list[Occurrence]:
    """The newest ``limit`` appointments that began by ``until`` and by now, newest first."""
    tx.access.require(SCOPE, person_id)
    audit.looked(tx, person_id, "events")
    until = min(until + timedelta(microseconds=1), clock.now()) if until else clock.now()
    rows = await queries.appointments(tx, person_id, until, _MOST_PAST)
    events = [await EVENTS.shown(tx, row) for row in rows]
    known = await _known(tx, person_id, events)
    found: list[Occurrence] = []
    for event in events:
        if event.rule or event.extra:
            await asyncio.sleep(0)
            found += _expanded(event, known, until - 9 * _YEAR, until)
        else:
            one = located(event, event.start.isoformat())
            found.append(shown(event, event.series, one, known.get((event.id, one.key))))
    found = [one for one in found if one.begins < until]
    return sorted(found, key=lambda one: one.begins, reverse=True)[:limit]
