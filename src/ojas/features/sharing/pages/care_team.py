"""Who looks after the person."""

from typing import Any
from uuid import UUID

from fastapi import Request, Response

from ojas.features.sharing import service
from ojas.features.sharing.pages import words
from ojas.features.sharing.schemas import CareTeamMemberDraft, CareTeamMemberView
from ojas.kit.http import TxOf
from ojas.kit.i18n import _
from ojas.kit.web import Faults, Pages, deletable, form, page, redirect

router = Pages(prefix="/p/{person_id}/care-team")


@router.get("")
async def members(request: Request, tx: TxOf, person_id: UUID) -> Response:
    found = await service.CARE_TEAM.page(tx, person_id, limit=200)
    ordered = sorted(found.items, key=lambda member: not member.is_primary)
    may_write = tx.access.allows("care_team", person_id, write=True)
    return page(
        request,
        "sharing/care-team.html",
        members=ordered,
        beside=await service.said_of(tx, person_id),
        may_write=may_write,
        words=words,
    )


@router.get("/new")
async def new(request: Request, tx: TxOf, person_id: UUID) -> Response:
    tx.access.require("care_team", person_id, write=True)
    return _form(request)


@router.post("/new")
async def add(request: Request, tx: TxOf, person_id: UUID) -> Response:
    sent = await form(request, CareTeamMemberDraft)
    if isinstance(sent, Faults):
        return _form(request, faults=sent)
    made = await service.CARE_TEAM.create(tx, person_id, sent)
    here = f"/p/{person_id}/care-team"
    return redirect(request, here, toast=_("Added."), undo=f"{here}/{made.id}/delete")


@router.get("/{id}")
async def change_form(request: Request, tx: TxOf, person_id: UUID, id: UUID) -> Response:
    tx.access.require("care_team", person_id, write=True)
    return _form(request, await service.CARE_TEAM.read(tx, person_id, id))


@router.post("/{id}")
async def change(request: Request, tx: TxOf, person_id: UUID, id: UUID) -> Response:
    sent = await form(request, CareTeamMemberDraft)
    if isinstance(sent, Faults):
        return _form(request, await service.CARE_TEAM.read(tx, person_id, id), faults=sent)
    await service.CARE_TEAM.change(tx, person_id, id, sent)
    return redirect(request, f"/p/{person_id}/care-team", toast=_("Saved."))


deletable(router, "", service.CARE_TEAM)


def _form(request: Request, member: CareTeamMemberView | None = None, **more: Any) -> Response:
    return page(request, "sharing/member.html", member=member, words=words, **more)
