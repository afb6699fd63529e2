"""For administrators: organisations, and who is what in them."""

from typing import Any, Literal
from uuid import UUID

from fastapi import Request, Response
from pydantic import BaseModel

from ojas.features.identity import service
from ojas.features.identity.rules import Role, fresh
from ojas.features.identity.schemas import Email, Name, OrganisationDraft, Phone, RoleDraft
from ojas.kit import clock
from ojas.kit.db import Tx
from ojas.kit.errors import Refusal
from ojas.kit.http import Actor, ActorOf, TxOf
from ojas.kit.i18n import N_, _
from ojas.kit.web import Faults, Pages, form, page, redirect
from ojas.kit.web.forms import checked

router = Pages(prefix="/settings/organisations")

ROLES = {
    Role.DOCTOR: N_("Doctor"),
    Role.THERAPIST: N_("Therapist"),
    Role.ADMIN: N_("Administrator"),
}
KINDS = {
    "clinic": N_("Clinic"),
    "hospital": N_("Hospital"),
    "practice": N_("Practice"),
    "pharmacy": N_("Pharmacy"),
    "laboratory": N_("Laboratory"),
    "insurer": N_("Insurer"),
    "family": N_("Family"),
    "other": N_("Other"),
}


class NewOrganisation(BaseModel):
    name: Name
    kind: Literal[
        "clinic", "hospital", "practice", "pharmacy", "laboratory", "insurer", "family", "other"
    ] = "clinic"
    phone: Phone | None = None


class NewRole(BaseModel):
    email: Email
    role: Literal["doctor", "therapist", "admin"]
    organisation_id: UUID | None = None


@router.get("")
async def organisations(request: Request, tx: TxOf, actor: ActorOf) -> Response:
    return await _page(request, tx, actor)


@router.post("")
async def create(request: Request, tx: TxOf, actor: ActorOf) -> Response:
    service.require_admin(actor)
    sent = await form(request, NewOrganisation)
    if isinstance(sent, Faults):
        return await _page(request, tx, actor, faults=sent)
    await service.create_organisation(tx, OrganisationDraft(**sent.model_dump()))
    return redirect(request, "/settings/organisations", toast=_("The organisation is added."))


@router.post("/roles")
async def give(request: Request, tx: TxOf, actor: ActorOf) -> Response:
    service.require_admin(actor)
    sent = await form(request, NewRole)
    if isinstance(sent, Faults):
        return await _page(request, tx, actor, faults=sent)
    if asked := _ask_first(request, actor):
        return asked
    card = await service.card_by_email(tx, sent.email)
    if card is None:
        faults = Faults(sent.model_dump(mode="json"), {"email": _("There is no account with this address.")})
        return await _page(request, tx, actor, faults=faults)
    draft = RoleDraft(account_id=card.account_id, role=Role(sent.role), organisation_id=sent.organisation_id)
    try:
        await service.give_role(tx, actor, draft)
    except Refusal as refusal:
        if refusal.status == 409:  # a unique constraint was hit: this transaction is over
            raise
        return await _page(request, tx, actor, faults=Faults.of(refusal, sent))
    return redirect(request, "/settings/organisations", toast=_("The role is given."))


@router.post("/roles/{id}/take")
async def take(request: Request, tx: TxOf, actor: ActorOf, id: UUID) -> Response:
    await checked(request)
    service.require_admin(actor)
    if asked := _ask_first(request, actor):
        return asked
    await service.take_role(tx, actor, id)
    return redirect(request, "/settings/organisations", toast=_("The role is taken back."))


async def _page(request: Request, tx: Tx, actor: Actor, *, faults: Faults | None = None) -> Response:
    service.require_admin(actor)
    given = [role for role in await service.roles(tx) if role.role != Role.PATIENT]
    known = await service.organisations(tx, limit=200)
    context: dict[str, Any] = {
        "organisations": known,
        "places": [(one.id, one.name) for one in known],
        "role_options": [(role.value, _(words)) for role, words in ROLES.items()],
        "kind_options": [(kind, _(words)) for kind, words in KINDS.items()],
        "given": given,
        "cards": await service.cards(tx, {role.account_id for role in given}),
        "role_words": ROLES,
        "kind_words": KINDS,
    }
    return page(request, "identity/organisations.html", faults=faults, **context)


def _ask_first(request: Request, actor: Actor) -> Response | None:
    if fresh(actor.proved_at, clock.now()):
        return None
    return redirect(request, "/settings/confirm?next=/settings/organisations")
