"""One occurrence, and the forms of events and appointments."""

from contextlib import suppress
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, Literal
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Query, Request, Response

from ojas.features.calendar import service
from ojas.features.calendar.pages import showing
from ojas.features.calendar.pages.forms import (
    EventForm,
    MoveForm,
    ReachForm,
    StatusForm,
    UndoForm,
    of_plan,
    of_rule,
    values_of,
)
from ojas.features.calendar.pages.looking import lone
from ojas.features.calendar.pages.parts import BLANK, frame_of
from ojas.features.calendar.rules.terms import Privacy, Reach, Status
from ojas.features.calendar.schemas import Event, Occurrence, TemplateDraft
from ojas.kit import clock, i18n
from ojas.kit.db import Tx
from ojas.kit.errors import Incorrect, NotFound, Stale
from ojas.kit.http import TxOf
from ojas.kit.i18n import _
from ojas.kit.i18n.zones import zone_choices
from ojas.kit.ids import new_id
from ojas.kit.web import Faults, Pages, form, page, redirect
from ojas.kit.web.forms import checked, pressed_at, typed

router = Pages(prefix="/p/{person_id}/calendar", include_in_schema=False)


@router.get("/new")
async def new(
    request: Request,
    tx: TxOf,
    person_id: UUID,
    kind: Literal["event", "appointment"] = "event",
    template: Annotated[str, Query(max_length=40)] = "",
    on: Annotated[str, Query(max_length=10)] = "",
    at: Annotated[str, Query(max_length=5)] = "",
) -> Response:
    """The form of something new, from a template where one was chosen."""
    tx.access.require(service.SCOPE, person_id, write=True)
    values = _first(kind, on, at)
    values |= await _lent(tx, person_id, template, datetime.combine(values["day"], values["start"]))
    return await _form_page(request, tx, person_id, None, None, values)


def _first(kind: str, on: str, said: str) -> dict[str, Any]:
    """What a new form begins with: the time that was said, else the next whole hour, or nine in the morning of another day."""
    soon = i18n.local(clock.now()) + timedelta(hours=1)
    day = showing.today()
    with suppress(ValueError):
        day = date.fromisoformat(on)
    at = time(soon.hour) if day == soon.date() else time(9)
    with suppress(ValueError):
        at = datetime.strptime(said, "%H:%M").time()  # noqa: DTZ007  # of the wall
    appointment = kind == "appointment"
    length = timedelta(minutes=30) if appointment else timedelta(hours=1)
    end = datetime.combine(day, at) + length
    return BLANK | {
        "id": str(new_id()),
        "kind": kind,
        "day": day,
        "start": at,
        "to": end.time() if end.date() == day else None,
        "reminders": [1440, 60] if appointment else [],
        "privacy": Privacy.CLINICAL.value if appointment else Privacy.SHARED.value,
    }


async def _lent(tx: Tx, person_id: UUID, key: str, start: datetime) -> dict[str, Any]:
    """What the template of this key lends to what begins then; nothing where there is none."""
    known: dict[str, TemplateDraft] = {one.key: one for one in service.system_templates()}
    known |= {str(one.id): one for one in await service.templates(tx, person_id)}
    if (lent := known.get(key)) is None:
        return {}
    end = start + lent.duration
    late = end.date() if end.date() > start.date() else None
    recurs = of_rule(lent)
    recurs = recurs if recurs["rhythm"] != "kept" else {}  # more than the form has fields for
    return of_plan(lent) | recurs | {"to": end.time(), "last_day": late}


@router.post("/new")
async def add(request: Request, tx: TxOf, person_id: UUID) -> Response:
    tx.access.require(service.SCOPE, person_id, write=True)
    sent = await form(request, EventForm)
    if isinstance(sent, Faults):
        return await _form_page(request, tx, person_id, None, None, dict(sent.values), sent)
    try:
        made = await service.EVENTS.create(
            tx, person_id, sent.draft(await service.team_by_name(tx, person_id)), id=sent.id
        )
    except Incorrect as refusal:
        values = typed(await request.form())
        return await _form_page(request, tx, person_id, None, None, values, Faults.of(refusal, values))
    here = f"/p/{person_id}/calendar/events/{made.id}"
    return redirect(request, f"{here}/{made.start.isoformat()}", toast=_("Added."), undo=f"{here}/delete")


@router.get("/events/{id}")
async def nearest(request: Request, tx: TxOf, person_id: UUID, id: UUID) -> Response:
    """To the occurrence one thinks of: the next, else the last."""
    event = await service.EVENTS.read(tx, person_id, id)
    one = await service.nearest(tx, person_id, event)
    return redirect(request, f"/p/{person_id}{one.path}")


@router.get("/events/{id}/{key}")
async def one(request: Request, tx: TxOf, person_id: UUID, id: UUID, key: str) -> Response:
    """One occurrence. Of one that moved or went, its event is shown where it is nearest."""
    try:
        event, found = await service.occurrence(tx, person_id, id, key)
    except NotFound:
        return await nearest(request, tx, person_id, id)
    return page(
        request,
        "calendar/one.html",
        event=event,
        one=found,
        here=f"/p/{person_id}{found.path}",
        over=found.ends <= clock.now(),
        colours=await lone(tx, person_id),
        show=showing,
        may_write=tx.access.allows(service.SCOPE, person_id, write=True),
    )


@router.get("/events/{id}/{key}/edit")
async def edit(request: Request, tx: TxOf, person_id: UUID, id: UUID, key: str) -> Response:
    tx.access.require(service.SCOPE, person_id, write=True)
    event, found = await service.occurrence(tx, person_id, id, key)
    values = {
        "currency": "INR",
        "type": "consultation",
        "visit": "in_person",
        "reach": "this",
    }
    return await _form_page(request, tx, person_id, event, found, values | values_of(event, found))


@router.post("/events/{id}/{key}/edit")
async def change(request: Request, tx: TxOf, person_id: UUID, id: UUID, key: str) -> Response:
    sent = await form(request, EventForm)
    tx.access.require(service.SCOPE, person_id, write=True)
    event, found = await service.occurrence(tx, person_id, id, key)
    if isinstance(sent, Faults):
        return await _form_page(request, tx, person_id, event, found, dict(sent.values), sent)
    try:
        draft = sent.change(await service.team_by_name(tx, person_id), event)
        made = await service.edit(tx, person_id, id, key, draft, if_version=sent.version)
    except Incorrect as refusal:
        values = typed(await request.form())
        return await _form_page(request, tx, person_id, event, found, values, Faults.of(refusal, values))
    undo = await _undo(tx, person_id, id, _split_off(id, made, draft.reach), key)
    where = found.key if made.id == id and draft.start == found.start else draft.start.isoformat()
    if made.id == id and draft.reach is Reach.THIS and (event.rule or event.extra):
        where = found.key  # its name stays, wherever it goes
    return redirect(
        request, f"/p/{person_id}/calendar/events/{made.id}/{where}", toast=_("Saved."), undo=undo
    )


@router.post("/events/{id}/{key}/move")
async def move(request: Request, tx: TxOf, person_id: UUID, id: UUID, key: str) -> Response:
    """Let it be where it was pulled to. A refusal is said on the page as it stands, to which it is put back."""
    sent = await form(request, MoveForm)
    if isinstance(sent, Faults):
        raise Incorrect("It cannot be moved that far from here.")
    tx.access.require(service.SCOPE, person_id, write=True)
    event, found = await service.occurrence(tx, person_id, id, key)
    if found.begins != sent.was:
        raise Stale("Somebody changed this in the meantime. Look at it again, then decide.")
    made = await service.edit(tx, person_id, id, key, sent.change(event, found), if_version=event.version)
    back = sent.then or f"/p/{person_id}/calendar"
    undo = await _undo(tx, person_id, id, _split_off(id, made, sent.reach), key, back)
    return redirect(request, back, toast=_("Moved."), undo=undo)


def _split_off(id: UUID, made: Event, reach: Reach) -> UUID | None:
    return made.id if made.id != id and reach is Reach.FOLLOWING else None


async def _undo(
    tx: Tx, person_id: UUID, id: UUID, split_off: UUID | None, key: str, then: str | None = None
) -> str:
    version = (await service.EVENTS.read(tx, person_id, id)).version
    query: dict[str, Any] = {"version": version}
    if split_off is not None:
        query |= {"split_off": split_off, "key": key}
    if then is not None:
        query |= {"then": then}
    return f"/p/{person_id}/calendar/events/{id}/undo?{urlencode(query)}"


@router.post("/events/{id}/undo")
async def undo(
    request: Request,
    tx: TxOf,
    person_id: UUID,
    id: UUID,
    version: int,
    split_off: UUID | None = None,
    key: Annotated[str | None, Query(max_length=40)] = None,
    then: Annotated[str | None, Query(max_length=300)] = None,
) -> Response:
    await form(request, UndoForm)
    event = await service.undo(tx, person_id, id, version, split_off=split_off, key=key)
    found = await service.nearest(tx, person_id, event)
    return redirect(request, then or f"/p/{person_id}{found.path}", toast=_("Taken back."))


@router.post("/events/{id}/delete")
async def delete(request: Request, tx: TxOf, person_id: UUID, id: UUID) -> Response:
    await form(request, ReachForm)
    await service.EVENTS.delete(tx, person_id, id)
    here = f"/p/{person_id}/calendar"
    return redirect(request, here, toast=_("Deleted."), undo=f"{here}/events/{id}/restore")


@router.post("/events/{id}/restore")
async def restore(request: Request, tx: TxOf, person_id: UUID, id: UUID) -> Response:
    await form(request, ReachForm)
    event = await service.EVENTS.restore(tx, person_id, id)
    found = await service.nearest(tx, person_id, event)
    return redirect(request, f"/p/{person_id}{found.path}", toast=_("It is back."))


@router.post("/events/{id}/{key}/delete")
async def leave_out(request: Request, tx: TxOf, person_id: UUID, id: UUID, key: str) -> Response:
    """Delete as far as was chosen; each can be undone."""
    sent = await form(request, ReachForm)
    reach = Reach.ALL if isinstance(sent, Faults) else sent.reach
    _event, found = await service.occurrence(tx, person_id, id, key)
    left = await service.leave_out(tx, person_id, id, key, reach)
    here = f"/p/{person_id}/calendar"
    undo = f"{here}/events/{id}/restore" if left is None else await _undo(tx, person_id, id, None, key)
    on = i18n.local(found.begins).date()
    return redirect(request, f"{here}?view=month&on={on}", toast=_("Deleted."), undo=undo)


@router.post("/events/{id}/{key}/status")
async def mark(request: Request, tx: TxOf, person_id: UUID, id: UUID, key: str) -> Response:
    """Say what became of it; then back to where the button was."""
    sent = await form(request, StatusForm)
    if isinstance(sent, Faults):
        return await one(request, tx, person_id, id, key)
    found = await service.mark(tx, person_id, id, key, sent.status)
    back = f"/p/{person_id}{found.path}"
    says = _("Taken back.") if sent.status is Status.PENDING else _("Noted.")
    return redirect(request, sent.then or back, toast=says, undo=f"{back}/unmark")


@router.post("/events/{id}/{key}/unmark")
async def unmark(request: Request, tx: TxOf, person_id: UUID, id: UUID, key: str) -> Response:
    sent = await checked(request)
    found = await service.mark(tx, person_id, id, key, Status.PENDING)
    return redirect(request, pressed_at(sent, f"/p/{person_id}{found.path}"), toast=_("Taken back."))


async def _templates(tx: Tx, person_id: UUID) -> list[tuple[str, str, bool]]:
    """Key, name, and whether it is an appointment: one's own first."""
    own = [(str(one.id), one.name, bool(one.care)) for one in await service.templates(tx, person_id)]
    return own + [(one.key, one.name, bool(one.care)) for one in service.system_templates()]


async def _form_page(
    request: Request,
    tx: Tx,
    person_id: UUID,
    before: Event | None,
    one: Occurrence | None,
    values: dict[str, Any],
    faults: Faults | None = None,
) -> Response:
    return page(
        request,
        "calendar/form.html",
        faults=faults,
        before=before,
        one=one,
        here=f"/p/{person_id}{one.path}" if one else "",
        values=dict.fromkeys([*EventForm.model_fields, "template"]) | values,
        recurs=one is not None and one.recurs,
        calendars=[(one.id, one.name) for one in await service.calendars(tx, person_id)],
        templates=[] if before else await _templates(tx, person_id),
        zones=zone_choices(),
        **await frame_of(tx, person_id, values),
    )
