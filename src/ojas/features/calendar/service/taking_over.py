"""Appointments of the record, such as a clinic's file brings in, are events here; and go again with their import.

What each told is kept beside the event. What a hand changed since, marked or deleted is left as it is: an import never
writes over a person.
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from pydantic import BaseModel, ValidationError

from ojas.features.calendar import models, queries
from ojas.features.calendar.rules import appointment
from ojas.features.calendar.rules.appointment import Told
from ojas.features.calendar.rules.local import wall
from ojas.features.calendar.rules.terms import Privacy, Status
from ojas.features.calendar.schemas import Event, EventDraft
from ojas.features.calendar.service.calendars import SCOPE, calendars
from ojas.features.calendar.service.events import EVENTS, clocks_of, new_row
from ojas.features.calendar.service.looking import located
from ojas.features.calendar.service.team import team_by_name
from ojas.features.identity import service as identity
from ojas.features.record import service as record
from ojas.features.sharing import service as sharing
from ojas.kit import clock, i18n
from ojas.kit.db import Tx
from ojas.kit.errors import NotFound, Refusal
from ojas.kit.i18n import N_, _
from ojas.kit.i18n.zones import zone_of

MOST = 5_000
NOTICES = (1440, 60)
_ELSEWHERE = timedelta(hours=26)
UNTITLED, UNNAMED = N_("Appointment"), N_("Who gives care was not told")


class Content(BaseModel):
    """An event as its Appointments tell it, and what they say became of its occurrences, by key."""

    draft: EventDraft
    marks: dict[str, Status]


async def take_over(tx: Tx, person_id: UUID) -> None:
    """Let the calendar hold what the Appointments of the record say, as it says it now. Twice is once."""
    tx.access.require(SCOPE, person_id, write=True)
    await queries.alone(tx, person_id)
    with i18n.use(await _manner(tx, person_id)):
        told = await _told(tx, person_id)
        known = {row.id: row for row in await queries.taken(tx, person_id)}
        for id, content in told.items():
            with suppress(Refusal):  # a full calendar holds no more; the record holds it all the same
                async with tx.session.begin_nested():
                    await _follow(tx, person_id, id, content, known.get(id))
        for id in known.keys() - told.keys():
            await _let_go(tx, known[id])


async def _manner(tx: Tx, person_id: UUID) -> i18n.Manner:
    """The language of whoever keeps the record, for what an Appointment leaves unsaid."""
    keepers = await identity.recipients(tx, await sharing.who_keeps(tx, person_id, SCOPE))
    return next((each.manner for each in keepers.values()), i18n.current())


async def _told(tx: Tx, person_id: UUID) -> dict[UUID, Content]:
    """What the record's Appointments say, by the event they make."""
    there = await record.listed_of(tx, person_id, (appointment.TYPE,), most=MOST)
    found = await record.contents(tx, person_id, [one.id for one in there])
    named = await _named(tx, person_id, found.values())
    groups: dict[UUID, list[Told]] = {}
    for id, resource in found.items():
        if said := appointment.read(resource, named, person_id):
            groups.setdefault(said.own or id, []).append(said)
    have = await _have(tx, person_id) if groups else Have(frozenset(), {}, "UTC")
    contents = {id: _content(group, have) for id, group in groups.items()}
    return {id: content for id, content in contents.items() if content}


async def _named(
    tx: Tx, person_id: UUID, resources: Iterable[Mapping[str, Any]]
) -> dict[str, Mapping[str, Any]]:
    """Whom Appointments refer to, by reference, as far as the record knows them."""
    names: dict[UUID, str] = {}
    for reference in {each for one in resources for each in appointment.actors(one)}:
        with suppress(ValueError):
            names[UUID(reference.rpartition("/")[2])] = reference
    found = await record.contents(tx, person_id, names) if names else {}
    return {names[id]: resource for id, resource in found.items()}


class Have(NamedTuple):
    """What a person has that an event may name: calendars, a care team by name; and by whose clocks they live."""

    calendars: frozenset[UUID]
    team: Mapping[str, UUID]
    zone: str


async def _have(tx: Tx, person_id: UUID) -> Have:
    known = await calendars(tx, person_id)
    return Have(
        frozenset(one.id for one in known), await team_by_name(tx, person_id), await clocks_of(tx, person_id)
    )


def _content(group: list[Told], have: Have) -> Content | None:
    """None: the calendar cannot hold it. The record does."""
    whole = next((one for one in group if one.event), None)
    with suppress(ValidationError, Refusal):
        draft = _whole(whole, have) if whole else None
        if draft is None:  # it comes once, and whichever its file calls it is none of its occurrences
            draft, group = _plain(group[0], have), [replace(group[0], key=None)]
        marks = {key: one.status for one in group if (key := _key(draft, one))}
        marks = {key: status for key, status in marks.items() if status is not Status.PENDING}
        return Content(draft=draft, marks=marks)
    return None


def _key(draft: EventDraft, told: Told) -> str | None:
    """Which occurrence it tells of, in our own words: a file may name any, and what is kept of it is kept by that name."""
    with suppress(NotFound):
        return located(draft, told.key or draft.start.isoformat()).key
    return None


def _whole(told: Told, have: Have) -> EventDraft | None:
    """As Ojas wrote it; None where it cannot be read, or the elements beside it say another time since."""
    with suppress(ValidationError, Refusal):
        draft = EventDraft.model_validate_json(told.event or "")
        if draft.care is None or not _agrees(draft, told):
            return None
        care = draft.care
        if care.member_id not in have.team.values():
            care = care.model_copy(update={"member_id": None})
        home = draft.calendar_id if draft.calendar_id in have.calendars else None
        changed = draft.model_dump() | {"calendar_id": home, "care": care.model_dump()}
        return EventDraft.model_validate(changed, strict=False)
    return None


def _agrees(draft: EventDraft, told: Told) -> bool:
    """Whether its occurrence is at the time told. What has no zone is elsewhere at another hour."""
    with suppress(NotFound):
        one, slack = located(draft, told.key or ""), _ELSEWHERE if draft.zone is None else timedelta(0)
        return max(abs(one.begins - told.begins), abs(one.ends - told.ends)) <= slack
    return False


def _plain(told: Told, have: Have) -> EventDraft:
    care = told.care | {"member_id": have.team.get((told.care["provider"] or "").casefold())}
    if not care["provider"]:
        care = care | {"provider": told.place or care["specialty"] or _(UNNAMED)}
    return EventDraft.model_validate(
        {
            "title": told.title or _(UNTITLED),
            "text": told.text,
            "place": told.place,
            "coordinates": told.coordinates,
            "start": wall(told.begins, zone_of(have.zone)).replace(microsecond=0),
            "duration": told.ends - told.begins,
            "zone": have.zone,
            "reminders": NOTICES,
            "privacy": Privacy.CLINICAL,
            "care": care,
        },
        strict=False,
    )


async def _follow(tx: Tx, person_id: UUID, id: UUID, told: Content, row: models.Taken | None) -> None:
    """Bring one event up to what is told; one that a hand made, changed or deleted stays as it is."""
    before = await _open(tx, row) if row else None
    if before == told:
        return
    event = await _event(tx, person_id, id)
    if before is None and event is None:
        await EVENTS.keep(tx, person_id, told.draft, id=id)
    elif before is None or event is None or not await _as_told(tx, event, before):
        return
    else:
        await EVENTS.put(tx, person_id, id, told.draft)
        await _unmark(tx, event, before)
    await _mark(tx, person_id, id, told)
    await _note(tx, person_id, id, told, row)


async def _let_go(tx: Tx, row: models.Taken) -> None:
    """Nothing in the record tells of it any more: the event goes too, unless a hand made it their own."""
    event, before = await _event(tx, row.person_id, row.id), await _open(tx, row)
    if event and await _as_told(tx, event, before):
        await EVENTS.delete(tx, row.person_id, row.id)
        await _unmark(tx, event, before)
    await tx.session.delete(row)


async def _event(tx: Tx, person_id: UUID, id: UUID) -> Event | None:
    with suppress(NotFound):
        return await EVENTS.read(tx, person_id, id)
    return None


async def _as_told(tx: Tx, event: Event, told: Content) -> bool:
    known = await queries.known(tx, event.person_id, [event.id])
    return event.draft == told.draft and {row.key: row.status for row in known if row.status} == told.marks


async def _mark(tx: Tx, person_id: UUID, id: UUID, told: Content) -> None:
    for key, status in told.marks.items():
        marked = {"status": status.value, "marked_at": clock.now()}
        await queries.keep(tx, new_row(person_id, id, key, told.draft.privacy) | marked, **marked)


async def _unmark(tx: Tx, event: Event, told: Content) -> None:
    rows = await queries.known(tx, event.person_id, [event.id])
    await queries.forget(tx, event.person_id, [row.id for row in rows if row.key in told.marks])


async def _note(tx: Tx, person_id: UUID, id: UUID, told: Content, row: models.Taken | None) -> None:
    sealed = await tx.seal(
        person_id, models.Taken.__tablename__, id, orjson.dumps(told.model_dump(mode="json"))
    )
    if row is None:
        tx.session.add(models.Taken(person_id=person_id, id=id, sealed=sealed))
    else:
        row.sealed = sealed
    await tx.session.flush()


async def _open(tx: Tx, row: models.Taken) -> Content:
    return Content.model_validate_json(
        await tx.open(row.person_id, models.Taken.__tablename__, row.id, row.sealed)
    )
