"""Calendars, templates, calendar files, secret addresses."""

from typing import Any, Literal
from uuid import UUID

from fastapi import Request, Response
from starlette.datastructures import UploadFile

from ojas.features.calendar import service
from ojas.features.calendar.pages import showing
from ojas.features.calendar.pages.forms import CalendarForm, LinkForm, TemplateForm, of_plan, of_rule
from ojas.features.calendar.pages.parts import BLANK, frame_of
from ojas.features.calendar.rules.ics import LARGEST
from ojas.features.calendar.rules.terms import Detail
from ojas.features.calendar.schemas import Brought, Calendar, CalendarDraft, LinkDraft, LinkView, Template
from ojas.features.identity import service as identity
from ojas.kit.db import Tx
from ojas.kit.errors import Incorrect
from ojas.kit.http import TxOf, takes
from ojas.kit.http.replay import tells_secrets
from ojas.kit.i18n import _
from ojas.kit.web import Faults, Pages, deletable, form, page, redirect
from ojas.kit.web.forms import checked, typed

router = Pages(prefix="/p/{person_id}/calendar", include_in_schema=False)


@router.get("/calendars")
async def calendars(request: Request, tx: TxOf, person_id: UUID) -> Response:
    found = await service.calendars(tx, person_id)
    may_write = tx.access.allows(service.SCOPE, person_id, write=True)
    return page(request, "calendar/calendars.html", calendars=found, may_write=may_write)


@router.get("/calendars/new")
async def new_calendar(request: Request, tx: TxOf, person_id: UUID) -> Response:
    tx.access.require(service.SCOPE, person_id, write=True)
    return _calendar(request, None)


@router.post("/calendars/new")
async def add_calendar(request: Request, tx: TxOf, person_id: UUID) -> Response:
    sent = await form(request, CalendarForm)
    if isinstance(sent, Faults):
        return _calendar(request, None, sent)
    made = await service.CALENDARS.create(tx, person_id, _draft(sent))
    here = f"/p/{person_id}/calendar/calendars"
    undo = None if made.is_default else f"{here}/{made.id}/delete"
    return redirect(request, here, toast=_("Added."), undo=undo)


@router.get("/calendars/{id}")
async def edit_calendar(request: Request, tx: TxOf, person_id: UUID, id: UUID) -> Response:
    tx.access.require(service.SCOPE, person_id, write=True)
    return _calendar(request, await service.CALENDARS.read(tx, person_id, id))


@router.post("/calendars/{id}")
async def change_calendar(request: Request, tx: TxOf, person_id: UUID, id: UUID) -> Response:
    sent = await form(request, CalendarForm)
    before = await service.CALENDARS.read(tx, person_id, id)
    if isinstance(sent, Faults):
        return _calendar(request, before, sent)
    try:
        await service.CALENDARS.change(tx, person_id, id, _draft(sent), if_version=sent.version)
    except Incorrect as refusal:
        return _calendar(request, before, Faults.of(refusal, typed(await request.form())))
    return redirect(request, f"/p/{person_id}/calendar/calendars", toast=_("Saved."))


deletable(router, "/calendars", service.CALENDARS)


def _draft(sent: CalendarForm) -> CalendarDraft:
    return CalendarDraft(**sent.model_dump(exclude={"version"}))


def _calendar(request: Request, before: Calendar | None, faults: Faults | None = None) -> Response:
    return page(request, "calendar/calendar-form.html", before=before, faults=faults, show=showing)


@router.get("/templates")
async def templates(request: Request, tx: TxOf, person_id: UUID) -> Response:
    return page(
        request,
        "calendar/templates.html",
        own=await service.templates(tx, person_id),
        system=service.system_templates(),
        show=showing,
        may_write=tx.access.allows(service.SCOPE, person_id, write=True),
    )


@router.get("/templates/new")
async def new_template(
    request: Request, tx: TxOf, person_id: UUID, kind: Literal["event", "appointment"] = "event"
) -> Response:
    tx.access.require(service.SCOPE, person_id, write=True)
    return await _template(request, tx, person_id, None, _BLANK | {"kind": kind})


@router.post("/templates/new")
async def add_template(request: Request, tx: TxOf, person_id: UUID) -> Response:
    sent = await form(request, TemplateForm)
    if isinstance(sent, Faults):
        return await _template(request, tx, person_id, None, dict(sent.values), sent)
    try:
        made = await service.TEMPLATES.create(
            tx, person_id, sent.draft(await service.team_by_name(tx, person_id))
        )
    except Incorrect as refusal:
        values = typed(await request.form())
        return await _template(request, tx, person_id, None, values, Faults.of(refusal, values))
    here = f"/p/{person_id}/calendar/templates"
    return redirect(request, here, toast=_("Added."), undo=f"{here}/{made.id}/delete")


@router.get("/templates/{id}")
async def edit_template(request: Request, tx: TxOf, person_id: UUID, id: UUID) -> Response:
    tx.access.require(service.SCOPE, person_id, write=True)
    before = await service.TEMPLATES.read(tx, person_id, id)
    minutes = round(before.duration.total_seconds() / 60)
    values = {"name": before.name, "version": before.version, "minutes": minutes}
    values = _BLANK | of_plan(before) | of_rule(before) | values
    return await _template(request, tx, person_id, before, values)


@router.post("/templates/{id}")
async def change_template(request: Request, tx: TxOf, person_id: UUID, id: UUID) -> Response:
    sent = await form(request, TemplateForm)
    before = await service.TEMPLATES.read(tx, person_id, id)
    if isinstance(sent, Faults):
        return await _template(request, tx, person_id, before, dict(sent.values), sent)
    try:
        draft = sent.draft(await service.team_by_name(tx, person_id), before)
        await service.TEMPLATES.change(tx, person_id, id, draft, if_version=sent.version)
    except Incorrect as refusal:
        values = typed(await request.form())
        return await _template(request, tx, person_id, before, values, Faults.of(refusal, values))
    return redirect(request, f"/p/{person_id}/calendar/templates", toast=_("Saved."))


deletable(router, "/templates", service.TEMPLATES)


_BLANK = BLANK | {"minutes": 60}


async def _template(
    request: Request,
    tx: Tx,
    person_id: UUID,
    before: Template | None,
    values: dict[str, Any],
    faults: Faults | None = None,
) -> Response:
    return page(
        request,
        "calendar/template-form.html",
        before=before,
        values=dict.fromkeys(TemplateForm.model_fields) | values,
        faults=faults,
        **await frame_of(tx, person_id, values),
    )


@router.get("/files")
async def files(request: Request, tx: TxOf, person_id: UUID) -> Response:
    """Bring in, take out, and the secret addresses."""
    return await _files(request, tx, person_id)


async def _files(
    request: Request,
    tx: Tx,
    person_id: UUID,
    *,
    made: LinkView | None = None,
    brought: Brought | None = None,
    faults: Faults | None = None,
    **more: Any,
) -> Response:
    tx.access.require(service.SCOPE, person_id)
    may_open = tx.access.allows("owner", person_id, write=True)
    address = f"{identity.origin()}{made.path}" if made else ""
    return page(
        request,
        "calendar/files.html",
        faults=faults,
        links=await service.links(tx, person_id) if may_open else [],
        calendars=[(one.id, one.name) for one in await service.calendars(tx, person_id)],
        address=address,
        brought=brought,
        may_open=may_open,
        may_write=tx.access.allows(service.SCOPE, person_id, write=True),
        Detail=Detail,
        **more,
    )


@router.post("/files/import")
@takes(LARGEST + 100_000)
async def bring(request: Request, tx: TxOf, person_id: UUID) -> Response:
    sent = await checked(request)
    file = sent.get("file")
    content = await file.read() if isinstance(file, UploadFile) else b""
    try:
        done = await service.bring(tx, person_id, content)
    except Incorrect as refusal:
        return await _files(request, tx, person_id, faults=Faults.of(refusal))
    return await _files(request, tx, person_id, brought=done)


@router.post("/files/links")
@tells_secrets
async def open_link(request: Request, tx: TxOf, person_id: UUID) -> Response:
    """The secret address is on this one page, and on none after it."""
    sent = await form(request, LinkForm)
    if isinstance(sent, Faults):
        return await _files(request, tx, person_id, faults=sent)
    draft = LinkDraft(name=sent.name, detail=sent.detail, calendars=tuple(sent.calendars))
    return await _files(request, tx, person_id, made=await service.open_link(tx, person_id, draft))


@router.post("/files/links/{id}/delete")
async def close_link(request: Request, tx: TxOf, person_id: UUID, id: UUID) -> Response:
    await checked(request)
    await service.close_link(tx, person_id, id)
    return redirect(
        request, f"/p/{person_id}/calendar/files", toast=_("Closed. Nobody can read it any more.")
    )
