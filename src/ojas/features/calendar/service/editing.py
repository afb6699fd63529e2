"""Changing or leaving out one occurrence: it alone, it and all that follow, or all of them."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from pydantic import ValidationError

from ojas.features.calendar import queries
from ojas.features.calendar.rules import series as rules
from ojas.features.calendar.rules.local import naive, same_kind
from ojas.features.calendar.rules.moving import anew, moved, place
from ojas.features.calendar.rules.rule import parse
from ojas.features.calendar.rules.series import Override, Series
from ojas.features.calendar.rules.terms import Reach
from ojas.features.calendar.schemas import Event, EventDraft, OccurrenceDraft, Plan
from ojas.features.calendar.service.calendars import SCOPE
from ojas.features.calendar.service.events import EVENTS, carry, clocks_of, occurrence_id, refuse_past
from ojas.features.calendar.service.hushing import hush
from ojas.features.calendar.service.looking import located
from ojas.features.calendar.service.team import refuse_stranger
from ojas.kit.db import Tx
from ojas.kit.errors import Conflict, Incorrect, NotFound, Stale
from ojas.kit.http.problems import fault_of

_OF_ONE = frozenset({"title", "text", "place"})
"""What may be otherwise of one occurrence while it stays in its series. Of anything else it becomes an event of its own."""
_PLAN = frozenset(Plan.model_fields)


async def edit(
    tx: Tx, person_id: UUID, id: UUID, key: str, draft: OccurrenceDraft, *, if_version: int | None = None
) -> Event:
    """Let an occurrence be as ``draft`` has it. Answers the event it belongs to then. Occurrences beyond the reach stay.

    Raises:
        NotFound: there is no such event, or it comes to no such time. Stale: as in every list.
        Incorrect: as in rules.series and rules.moving; an appointment moved into the past, or with nobody of the care team.
    """
    event = await _locked(tx, person_id, id, if_version)
    await refuse_stranger(tx, person_id, draft, event)
    one = located(event, key)
    draft = _filled(draft, event, one)
    reach = draft.reach if event.rule or event.extra else Reach.ALL
    if reach is Reach.FOLLOWING and _is_first(event, one):
        reach = Reach.ALL
    if draft.start != one.start:
        refuse_past(_single(draft), await clocks_of(tx, person_id))
    verb = {Reach.THIS: _this, Reach.FOLLOWING: _following, Reach.ALL: _all}[reach]
    return await verb(tx, event, one, draft)


async def leave_out(
    tx: Tx, person_id: UUID, id: UUID, key: str, reach: Reach, *, if_version: int | None = None
) -> Event | None:
    """Let an occurrence, it and all that follow, or all of them not come. None: nothing is left; the event is deleted.

    Raises:
        NotFound, Stale: as ``edit``.
    """
    event = await _locked(tx, person_id, id, if_version)
    one = located(event, key)
    original = _original(event, one)
    if reach is Reach.ALL or not (event.rule or event.extra):
        rest: Series | None = None
    elif reach is Reach.THIS:
        rest = rules.without(event.series, original)
    else:
        rest = rules.split(event.series, original)[0]
    if rest is None or _is_empty(rest):
        await EVENTS.delete(tx, person_id, id)
        return None
    await hush(tx, person_id, id)
    return await EVENTS.change(tx, person_id, id, event.draft.timed(rest))


async def undo(
    tx: Tx, person_id: UUID, id: UUID, version: int, *, split_off: UUID | None = None, key: str | None = None
) -> Event:
    """Take back the last change of an event; and, where that split off another from occurrence ``key`` on, with the other.

    Raises:
        NotFound: there is no change to take back. Stale: it was changed again since, or the other was.
    """
    tx.access.require(SCOPE, person_id, write=True)
    history = await EVENTS.history(tx, person_id, id)
    if not history or history[0].action != "change" or history[0].before is None:
        raise NotFound("There is nothing to bring back.")
    if history[0].version != version:
        raise Stale("Somebody changed this in the meantime. Look at it again, then decide.")
    draft = EventDraft.model_validate_json(orjson.dumps(history[0].before))
    if split_off is not None:
        off = await EVENTS.read(tx, person_id, split_off)
        if (await EVENTS.history(tx, person_id, split_off))[0].request_id != history[0].request_id:
            raise Stale("Somebody changed this in the meantime. Look at it again, then decide.")
        back = datetime.fromisoformat(located(draft, key or "").key) - naive(off.start)
        await carry(tx, off, id, draft.privacy, place(off.series, back))
        await EVENTS.delete(tx, person_id, split_off)
    return await EVENTS.put(tx, person_id, id, draft)


async def _locked(tx: Tx, person_id: UUID, id: UUID, if_version: int | None) -> Event:
    tx.access.require(SCOPE, person_id, write=True)
    await queries.event(tx, person_id, id, lock=True)
    event = await EVENTS.read(tx, person_id, id)
    if if_version is not None and event.version != if_version:
        raise Stale("Somebody changed this in the meantime. Look at it again, then decide.")
    return event


def _filled(draft: OccurrenceDraft, event: Event, one: rules.Occurrence) -> OccurrenceDraft:
    """With what it leaves as it was. A duration of hours is none of whole days."""
    was = one.override.duration if one.override and one.override.duration is not None else event.duration
    given: dict[str, Any] = {}
    if draft.duration is None:
        alike = same_kind(draft.start, event.start)
        whole = not isinstance(draft.start, datetime)
        given["duration"] = was if alike else timedelta(days=1) if whole else timedelta(hours=1)
    if "zone" not in draft.model_fields_set:
        given["zone"] = event.zone if isinstance(draft.start, datetime) else None
    if "calendar_id" not in draft.model_fields_set:
        given["calendar_id"] = event.calendar_id
    return draft.model_copy(update=given)


def _plan(draft: OccurrenceDraft) -> dict[str, Any]:
    found = {name: getattr(draft, name) for name in _PLAN}
    return found | {"calendar_id": draft.calendar_id}


def _single(draft: OccurrenceDraft) -> EventDraft:
    """The occurrence by itself."""
    return EventDraft(**_plan(draft), start=draft.start, duration=draft.duration, zone=draft.zone)  # type: ignore[arg-type]  # filled


def _original(event: Event, one: rules.Occurrence) -> date | datetime:
    at = datetime.fromisoformat(one.key)
    return at.date() if event.series.all_day else at


def _is_first(event: Event, one: rules.Occurrence) -> bool:
    return _original(event, one) == event.start and not any(
        naive(each) < naive(event.start) for each in event.extra
    )


def _is_empty(series: Series) -> bool:
    return not rules.comes_at_all(series)


async def _this(tx: Tx, event: Event, one: rules.Occurrence, draft: OccurrenceDraft) -> Event:
    original = _original(event, one)
    before = event.model_copy(update=_words(one, event))
    same = all(getattr(draft, n) == getattr(event, n) for n in (_PLAN | {"calendar_id", "zone"}) - _OF_ONE)
    cleared = any(getattr(draft, name) is None and getattr(before, name) for name in _OF_ONE)
    if not same or cleared or not same_kind(draft.start, event.start):
        return await _by_itself(tx, event, one, draft)
    own = {n: getattr(draft, n) if getattr(draft, n) != getattr(event, n) else None for n in _OF_ONE}
    override = Override(
        original,
        draft.start if draft.start != original else None,
        draft.duration if draft.duration != event.duration else None,
        title=own["title"],
        text=own["text"],
        place=own["place"],
    )
    if draft.start != one.start:
        await hush(tx, event.person_id, event.id, one.key)
        await queries.forget(tx, event.person_id, [occurrence_id(event.id, one.key)])
    return await EVENTS.change(
        tx, event.person_id, event.id, event.draft.timed(rules.changed(event.series, override))
    )


async def _by_itself(tx: Tx, event: Event, one: rules.Occurrence, draft: OccurrenceDraft) -> Event:
    """Out of its series, into an event of its own."""
    rest = rules.without(event.series, _original(event, one))
    await hush(tx, event.person_id, event.id, one.key)
    await EVENTS.change(tx, event.person_id, event.id, event.draft.timed(rest))
    return await EVENTS.keep(tx, event.person_id, _single(draft))


def _words(one: rules.Occurrence, event: Event) -> dict[str, Any]:
    change = one.override
    return {name: (change and getattr(change, name)) or getattr(event, name) for name in _OF_ONE}


async def _following(tx: Tx, event: Event, one: rules.Occurrence, draft: OccurrenceDraft) -> Event:
    if not event.rule:
        raise Conflict("Its times are a list. Change this one, or all.")
    original = _original(event, one)
    head, tail = rules.split(event.series, original)
    assert head is not None  # the first is all of them
    by = _by(one, draft)
    rest = event.draft.timed(_reshaped(tail, draft, by)).model_copy(update=_plan(draft) | {"uid": None})
    rest = _checked(rest)
    await hush(tx, event.person_id, event.id)
    made = await EVENTS.keep(tx, event.person_id, rest)
    await carry(tx, event, made.id, rest.privacy, place(tail, by or timedelta(0)), naive(original))
    await EVENTS.change(tx, event.person_id, event.id, event.draft.timed(head))
    return made


async def _all(tx: Tx, event: Event, one: rules.Occurrence, draft: OccurrenceDraft) -> Event:
    series = _reshaped(event.series, draft, _by(one, draft))
    changed = event.draft.timed(series).model_copy(update=_plan(draft))
    return await EVENTS.change(tx, event.person_id, event.id, _checked(changed))


def _checked(draft: EventDraft) -> EventDraft:
    """
    Raises:
        Incorrect: what moves with it comes to where nothing may be, such as before the year 1900.
    """
    try:
        return EventDraft.model_validate(draft.model_dump(), strict=False)
    except ValidationError as problem:
        faults = [fault_of(error) for error in problem.errors()]
        raise Incorrect(faults[0].message, faults=faults) from problem


def _by(one: rules.Occurrence, draft: OccurrenceDraft) -> timedelta | None:
    """How much later; None: it is of another kind than before."""
    return naive(draft.start) - naive(one.start) if same_kind(draft.start, one.start) else None


def _reshaped(series: Series, draft: OccurrenceDraft, by: timedelta | None) -> Series:
    """A series as the draft of one of its occurrences wants them all."""
    assert draft.duration is not None
    given = parse(draft.rule) if draft.rule else None
    if draft.once:
        return Series(draft.start, draft.duration, draft.zone)
    if by is None:
        other = anew(series, draft.start, draft.duration, draft.zone)
        return replace(other, rule=given or other.rule)
    if given is not None and given != series.rule:
        shifted = rules.moved_all(replace(series, rule=None), by, given)
    else:
        shifted = moved(series, by)
    return replace(shifted, duration=draft.duration, zone=draft.zone)
