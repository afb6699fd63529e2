"""Events: one list, of which an appointment is a member with somebody who gives care."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from ojas.features.calendar import models, queries
from ojas.features.calendar.rules.local import DAY, Start, naive
from ojas.features.calendar.rules.moving import place
from ojas.features.calendar.rules.reminding import following
from ojas.features.calendar.rules.series import longest, span
from ojas.features.calendar.rules.terms import OVER, Privacy
from ojas.features.calendar.schemas import Event, EventDraft
from ojas.features.calendar.service.calendars import SCOPE, home, refuse_strange
from ojas.features.calendar.service.hushing import hush
from ojas.features.calendar.service.team import refuse_stranger
from ojas.features.identity import service as identity
from ojas.kit import audit, clock, i18n
from ojas.kit.collection import Collection
from ojas.kit.db import Tx
from ojas.kit.errors import Conflict, Incorrect, NotFound
from ojas.kit.i18n.zones import zone_of

MOST_EVENTS = 5_000
"""Of one person: every month shown opens those that recur in it."""
_ZONE, _ROOM = "calendar.zone", "calendar.room"
_SLACK = timedelta(minutes=5)


async def clocks_of(tx: Tx, person_id: UUID) -> str:
    """By which clocks a person lives: those of their account; of who has none, those of who writes it down."""
    known: dict[UUID, str] = tx.info.setdefault(_ZONE, {})
    if person_id not in known:
        known[person_id] = await identity.clocks_of(tx, person_id) or i18n.current().zone
    return known[person_id]


async def _room(tx: Tx, person_id: UUID) -> None:
    """See that there is room for one more, and a calendar: asked once in a transaction that brings many.

    Raises:
        Conflict: the calendar is full.
    """
    left: dict[UUID, int] = tx.info.setdefault(_ROOM, {})
    if person_id not in left:
        await home(tx, person_id)
        left[person_id] = MOST_EVENTS - await queries.count(tx, person_id)
    if left[person_id] <= 0:
        raise Conflict("This calendar is full. Delete what is over before you add more.")
    left[person_id] -= 1


async def _check(tx: Tx, person_id: UUID, draft: EventDraft) -> None:
    if not may(tx, person_id, draft.privacy, write=True):
        raise Incorrect("Only whose record it is may keep it so.", field="privacy")
    await refuse_strange(tx, person_id, draft.calendar_id)


async def _derive(tx: Tx, person_id: UUID, id: UUID, draft: EventDraft) -> Mapping[str, Any]:
    series, clocks = draft.series, await clocks_of(tx, person_id)
    viewer = zone_of(clocks)
    first, last = span(series, viewer)
    silent = await silenced(tx, person_id, id) if draft.reminders else frozenset()
    return {
        "appointment": draft.care is not None,
        "first_at": first,
        "last_at": last and last + longest(series),
        "clocks": clocks,
        "call_at": following(series, viewer, draft.reminders, clock.now(), silent),
    }


async def silenced(tx: Tx, person_id: UUID, id: UUID) -> frozenset[str]:
    """The occurrences of an event that are over, whatever the time is."""
    return frozenset(row.key for row in await queries.known(tx, person_id, [id]) if row.status in OVER)


def may(tx: Tx, person_id: UUID, privacy: str, *, write: bool = False) -> bool:
    """Whether the transaction may see, or write, an event of this level: as row-level security has it."""
    if not tx.access.allows(SCOPE, person_id, write=write):
        return False
    clinical = privacy == Privacy.CLINICAL and tx.access.allows("record", person_id)
    return privacy == Privacy.SHARED or clinical or tx.access.allows("owner", person_id)


def refuse_past(draft: EventDraft, clocks: str) -> None:
    """
    Raises:
        Incorrect: an appointment is made for, or moved to, a time that has gone by; of one that recurs, the last of its times.
    """
    _first, last = span(draft.series, zone_of(clocks))
    slack = DAY if draft.series.all_day else _SLACK
    if draft.care and last is not None and last < clock.now() - slack:
        raise Incorrect("An appointment is made for a time to come.", field="start")


class Events(Collection[models.Event, EventDraft, Event]):
    """The list, with what is special about it: what lies in the past, and who may know of what is private."""

    async def shown(self, tx: Tx, row: Any) -> Event:
        """As in every list; others are served before, for a rule may be written that takes a second to follow."""
        await asyncio.sleep(0)
        return await super().shown(tx, row)

    async def create(self, tx: Tx, person_id: UUID, draft: EventDraft, *, id: UUID | None = None) -> Event:
        """Plan something.

        Raises:
            Incorrect: an appointment in the past, or with nobody of the care team. And as every list.
        """
        tx.access.require(SCOPE, person_id, write=True)
        refuse_past(draft, await clocks_of(tx, person_id))
        await refuse_stranger(tx, person_id, draft)
        return await self.keep(tx, person_id, draft, id=id)

    async def keep(self, tx: Tx, person_id: UUID, draft: EventDraft, *, id: UUID | None = None) -> Event:
        """The same, whenever it was: for what is brought in, or split off from what is there."""
        tx.access.require(SCOPE, person_id, write=True)
        await _room(tx, person_id)
        return await super().create(tx, person_id, draft, id=id)

    async def change(
        self, tx: Tx, person_id: UUID, id: UUID, draft: EventDraft, *, if_version: int | None = None
    ) -> Event:
        """Put ``draft`` in its place. Where all of it moves, what became of each occurrence moves along.

        Raises:
            Incorrect: an appointment moved into the past, or with nobody of the care team. And as every list.
        """
        tx.access.require(SCOPE, person_id, write=True)
        before = await self.read(tx, person_id, id)
        await refuse_stranger(tx, person_id, draft, before)
        if draft.start != before.start or draft.zone != before.zone:
            refuse_past(draft, await clocks_of(tx, person_id))
        return await self.put(tx, person_id, id, draft, if_version=if_version)

    async def put(
        self, tx: Tx, person_id: UUID, id: UUID, draft: EventDraft, *, if_version: int | None = None
    ) -> Event:
        """The same, whenever it was: for what is brought in, or taken back."""
        before = await self.read(tx, person_id, id)
        if draft.start != before.start or draft.zone != before.zone:
            await self._carry(tx, before, draft)
        if draft.series != before.series or draft.reminders != before.reminders:
            await hush(tx, person_id, id)
        made = await super().change(tx, person_id, id, draft, if_version=if_version)
        await queries.guard(tx, person_id, id, draft.privacy)
        return made

    async def delete(self, tx: Tx, person_id: UUID, id: UUID, *, if_version: int | None = None) -> None:
        """Delete it. ``restore`` brings it back, with what became of its occurrences."""
        await super().delete(tx, person_id, id, if_version=if_version)
        await hush(tx, person_id, id)

    async def restore(self, tx: Tx, person_id: UUID, id: UUID) -> Event:
        """Undo a deletion; what was private is nothing to whom it was hidden from."""
        past = await super().history(tx, person_id, id)
        if past and past[0].before and not may(tx, person_id, past[0].before["privacy"], write=True):
            raise NotFound("There is nothing to bring back.")
        return await super().restore(tx, person_id, id)

    async def history(self, tx: Tx, person_id: UUID, id: UUID) -> list[audit.Change]:
        """How it came to be, as far back as the reader was allowed to see it all along."""
        seen = []
        for change in await super().history(tx, person_id, id):
            if change.before and not may(tx, person_id, change.before["privacy"]):
                break
            seen.append(change)
        if seen and seen[0].action != "delete":
            await self.read(tx, person_id, id)  # of one that is hidden there is no history either
        return seen

    async def _carry(self, tx: Tx, before: Event, draft: EventDraft) -> None:
        """An event that comes once and goes elsewhere begins anew; of a series each occurrence takes its mark along."""
        old, new = before.series, draft.series
        if old.all_day == new.all_day and (old.rule or old.extra):
            there = place(old, naive(new.start) - naive(old.start))
            await carry(tx, before, before.id, draft.privacy, there)
        else:
            rows = await queries.known(tx, before.person_id, [before.id])
            await queries.forget(tx, before.person_id, [row.id for row in rows])


def occurrence_id(event_id: UUID, key: str) -> UUID:
    return uuid5(event_id, key)


async def carry(
    tx: Tx,
    event: Event,
    to: UUID,
    privacy: str,
    there: Callable[[Start], Start],
    since: datetime | None = None,
) -> None:
    """Let what is known of an event's occurrences, from ``since`` on, belong to event ``to``, where they are ``there``."""
    rows = [
        row
        for row in await queries.known(tx, event.person_id, [event.id])
        if since is None or datetime.fromisoformat(row.key) >= since
    ]
    values = [(row.key, row.status, row.marked_at, row.messages, row.said_at) for row in rows]
    await queries.forget(tx, event.person_id, [row.id for row in rows])
    for key, status, marked_at, messages, said_at in values:
        at = datetime.fromisoformat(key)
        name = there(at.date() if len(key) <= 10 else at).isoformat()
        row = new_row(event.person_id, to, name, privacy)
        row |= {"status": status, "marked_at": marked_at, "messages": messages, "said_at": said_at}
        await queries.keep(tx, row)


def new_row(person_id: UUID, event_id: UUID, key: str, privacy: str) -> dict[str, Any]:
    return {
        "person_id": person_id,
        "id": occurrence_id(event_id, key),
        "event_id": event_id,
        "key": key,
        "privacy": privacy,
        "status": None,
        "marked_at": None,
        "messages": [],
        "said_at": None,
    }


EVENTS = Events(
    name="events",
    row=models.Event,
    draft=EventDraft,
    view=Event,
    filters=("appointment", "calendar_id", "first_at"),
    check=_check,
    derive=_derive,
)


async def live(tx: Tx, person_id: UUID, zone: str) -> None:
    """Reckon a person's reminders by the clocks of the zone they live in now."""
    tx.access.require(SCOPE, person_id, write=True)
    tx.info.setdefault(_ZONE, {})[person_id] = zone
    for row in await queries.events(tx, person_id):
        event = await EVENTS.shown(tx, row)
        for name, value in (await _derive(tx, person_id, row.id, event)).items():
            setattr(row, name, value)
    await tx.session.flush()


async def reckon(tx: Tx, person_id: UUID, id: UUID) -> None:
    """Say anew when an event is next reminded of."""
    row = await queries.event(tx, person_id, id, lock=True)
    if row is not None:
        event = await EVENTS.shown(tx, row)
        row.call_at = (await _derive(tx, person_id, id, event))["call_at"]
        await tx.session.flush()
