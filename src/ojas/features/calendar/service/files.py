"""Calendar files: what is brought in, and what is taken out."""

import asyncio
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from time import monotonic
from typing import Any
from uuid import UUID, uuid5

from pydantic import ValidationError

from ojas.features.calendar import queries
from ojas.features.calendar.rules import ics
from ojas.features.calendar.rules.local import naive
from ojas.features.calendar.rules.naming import plain
from ojas.features.calendar.rules.series import Override
from ojas.features.calendar.rules.terms import Privacy, Status
from ojas.features.calendar.schemas import Brought, Change, Event, EventDraft, RefusedEvent
from ojas.features.calendar.service.calendars import SCOPE, refuse_strange
from ojas.features.calendar.service.events import EVENTS
from ojas.kit import audit
from ojas.kit.db import Tx
from ojas.kit.errors import Fault, Refusal
from ojas.kit.http import limits
from ojas.kit.http.problems import fault_of
from ojas.kit.i18n import N_, _, say

_OWN = re.compile(r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})@ojas")
_IMPORTS = 30
PATIENCE_S = 60.0
"""What is not brought in by then is named as left out; brought in once more, the file goes on there."""
UNTITLED = N_("Without a title")


def event_id(person_id: UUID, uid: str) -> UUID:
    """The id that follows from what another calendar calls it, so that twice is once. Our own come back as themselves."""
    if own := _OWN.fullmatch(uid):
        return UUID(own[1])
    return uuid5(person_id, f"ics {uid}")


async def bring(tx: Tx, person_id: UUID, file: bytes, calendar_id: UUID | None = None) -> Brought:
    """Bring in a calendar file: each event by itself; what is there already is changed where it differs.

    Raises:
        Incorrect: it is no calendar file, or too large. TooMany: thirty in an hour.
    """
    tx.access.require(SCOPE, person_id, write=True)
    await limits.count(tx, f"calendar.import:{person_id}", allowed=_IMPORTS, within=timedelta(hours=1))
    await refuse_strange(tx, person_id, calendar_id)
    found = await asyncio.to_thread(ics.read, file)  # seconds, in which others are served
    done = {"added": 0, "changed": 0, "same": 0}
    refused = [_refused(one.uid, one.title, one.day, one.fault) for one in found.refused]
    end = monotonic() + PATIENCE_S
    for event in found.events:
        if monotonic() > end:
            refused.append(_left_out(event, Fault("This calendar file is too large.", "file")))
            continue
        try:
            async with tx.session.begin_nested():
                done[await _keep(tx, person_id, event, calendar_id)] += 1
        except ValidationError as problem:
            refused.append(_left_out(event, fault_of(problem.errors()[0])))
        except Refusal as refusal:
            refused.append(_left_out(event, refusal.faults[0]))
    audit.looked(tx, person_id, "events", action="import")
    return Brought(**done, refused=refused)


def _left_out(event: ics.Event, fault: Fault) -> RefusedEvent:
    return _refused(event.uid, plain(event.title), naive(event.series.start).date(), fault)


def _refused(uid: str, title: str, day: date | None, fault: Fault) -> RefusedEvent:
    message = say(fault.message, fault.params)
    return RefusedEvent(uid=uid, title=title or _(UNTITLED), day=day, field=fault.field, message=message)


async def _keep(tx: Tx, person_id: UUID, event: ics.Event, calendar_id: UUID | None) -> str:
    id = event_id(person_id, event.uid)
    row = await queries.event(tx, person_id, id)
    if row is None:
        own = _OWN.fullmatch(event.uid) is not None
        draft = _draft(event, calendar_id)
        await EVENTS.keep(tx, person_id, draft.model_copy(update={"uid": None}) if own else draft, id=id)
        return "added"
    known = await EVENTS.shown(tx, row)
    draft = EventDraft.model_validate(known.draft.model_dump() | _told(event), strict=False)
    if _OWN.fullmatch(event.uid):
        draft = draft.model_copy(update={"uid": known.uid, "text": known.text, "place": known.place})
    if draft == known.draft:
        return "same"
    await EVENTS.put(tx, person_id, id, draft)
    return "changed"


def _draft(event: ics.Event, calendar_id: UUID | None) -> EventDraft:
    privacy = Privacy.PRIVATE if event.private else Privacy.SHARED
    return EventDraft.model_validate(
        _told(event) | {"calendar_id": calendar_id, "privacy": privacy}, strict=False
    )


def _told(event: ics.Event) -> dict[str, Any]:
    """What the file says of an event. Of a refusal the field is the draft's."""
    series = event.series
    reminders = {"reminders": event.reminders} if event.reminders else {}  # none told is none taken away
    return reminders | {
        "title": event.title.strip()[:300] or _(UNTITLED),
        "text": event.text or None,
        "place": event.place[:300] or None,
        "category": event.category[:300] or None,
        "start": series.start,
        "duration": series.duration,
        "zone": series.zone,
        "rule": str(series.rule) if series.rule else None,
        "extra": tuple(sorted(series.extra, key=str)),
        "without": tuple(sorted(series.without, key=str)),
        "changes": tuple(_change(each) for each in series.overrides),
        "uid": event.uid,
    }


def _change(override: Override) -> Change:
    title = override.title and override.title.strip()[:300]
    return Change.of(override).model_copy(
        update={"title": title or None, "place": (override.place or "")[:300] or None}
    )


async def take_out(tx: Tx, person_id: UUID) -> bytes:
    """Every event the caller may see, as a calendar file."""
    tx.access.require(SCOPE, person_id)
    audit.looked(tx, person_id, "events", action="export")
    rows = await queries.events(tx, person_id)
    events = [await EVENTS.shown(tx, row) for row in rows]
    marks = await called_off(tx, person_id, events)
    return await asyncio.to_thread(ics.write, [written(event, marks.get(event.id, ())) for event in events])


async def called_off(tx: Tx, person_id: UUID, events: list[Event]) -> dict[UUID, list[str]]:
    """The occurrences that were called off, by event."""
    found: dict[UUID, list[str]] = {}
    for row in await queries.known(tx, person_id, [event.id for event in events]):
        if row.status == Status.CANCELLED:
            found.setdefault(row.event_id, []).append(row.key)
    return found


def written(event: Event, called: list[str] | tuple[str, ...] = (), *, busy: str | None = None) -> ics.Event:
    """An event as a file has it. ``busy``: nothing of it but when, under this title."""
    series = event.series
    cancelled = {Override(_original(event, key), cancelled=True) for key in called}
    if event.rule or event.extra:
        kept = [each for each in series.overrides if each.original not in {one.original for one in cancelled}]
        changes = (*kept, *sorted(cancelled, key=lambda one: str(one.original)))
        series = replace(series, overrides=changes)
    status = "CANCELLED" if cancelled and not event.rule and not event.extra else ""
    if busy is not None:
        plain = tuple(Override(o.original, o.start, o.duration, o.cancelled) for o in series.overrides)
        series = replace(series, overrides=plain)
        return ics.Event(
            f"{event.id}@ojas", series, busy, status=status, stamp=_stamp(event), sequence=event.version
        )
    care = event.care
    texts = [event.text, care.preparation if care else None]
    return ics.Event(
        event.uid or f"{event.id}@ojas",
        series,
        event.title,
        "\n\n".join(text for text in texts if text),
        event.place or (care.clinic if care and care.clinic else ""),
        status,
        event.category or "",
        event.privacy == Privacy.PRIVATE,
        (care.link or "") if care else "",
        event.reminders,
        _stamp(event),
        event.version,
    )


def _original(event: Event, key: str) -> Any:
    at = datetime.fromisoformat(key)
    return at.date() if event.series.all_day else at


def _stamp(event: Event) -> datetime:
    return event.updated_at.astimezone(UTC).replace(microsecond=0)
