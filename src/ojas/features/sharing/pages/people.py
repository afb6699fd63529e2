"""Whose records I may open: invitations, those I look after, somebody new to look after."""

from uuid import UUID

from fastapi import Request, Response
from pydantic import BaseModel

from ojas.features.identity.schemas import Name
from ojas.features.sharing import service
from ojas.features.sharing.pages import words
from ojas.kit.http import ActorOf, TxOf
from ojas.kit.i18n import _
from ojas.kit.web import Faults, Pages, form, page, redirect
from ojas.kit.web.forms import checked

router = Pages()


class NewPerson(BaseModel):
    name: Name


@router.get("/people")
async def people(request: Request, tx: TxOf, actor: ActorOf) -> Response:
    held = await service.holdings(tx, actor)
    return page(
        request,
        "sharing/people.html",
        offers=await service.invitations(tx, actor),
        others=[one for one in held if not one.own],
        words=words,
    )


@router.get("/invitations")
async def invitations(request: Request, tx: TxOf, actor: ActorOf) -> Response:
    """Where the letter leads."""
    return await people(request, tx, actor)


@router.post("/invitations/{person_id}/{id}/accept")
async def accept(request: Request, tx: TxOf, actor: ActorOf, person_id: UUID, id: UUID) -> Response:
    await checked(request)
    offer = await service.accept(tx, actor, person_id, id)
    where = f"/p/{person_id}" if offer.status == "active" else "/people"
    return redirect(request, where, toast=_("Accepted."))


@router.post("/invitations/{person_id}/{id}/decline")
async def decline(request: Request, tx: TxOf, actor: ActorOf, person_id: UUID, id: UUID) -> Response:
    await checked(request)
    await service.decline(tx, actor, person_id, id)
    return redirect(request, "/people", toast=_("Declined. They are not told why."))


@router.get("/people/new")
async def new(request: Request, tx: TxOf) -> Response:
    return page(request, "sharing/person.html")


@router.post("/people/new")
async def add(request: Request, tx: TxOf, actor: ActorOf) -> Response:
    sent = await form(request, NewPerson)
    if isinstance(sent, Faults):
        return page(request, "sharing/person.html", faults=sent)
    person_id = await service.add_person(tx, actor, sent.name)
    return redirect(request, f"/p/{person_id}", toast=_("Added. You keep this record now."))
