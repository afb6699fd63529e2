"""Organisations and roles over REST. Everybody signed in may read organisations; admins change them and give roles."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Response

from ojas.features.identity import service
from ojas.features.identity.schemas import (
    AccountFound,
    Organisation,
    OrganisationDraft,
    RoleDraft,
    RoleView,
)
from ojas.kit.http import ActorOf, Router, Sent, TxOf
from ojas.kit.http.collections import RESPONSES, WRITES, IfMatch, tagged, version_of

router = Router(tags=["organisations"])


@router.get("/organisations", response_model=list[Organisation], responses=RESPONSES)
async def listing(
    tx: TxOf, after: UUID | None = None, limit: Annotated[int, Query(ge=1, le=200)] = 50
) -> Any:
    """Organisations in the order they were made; ``after`` is the id of the last one seen."""
    return await service.organisations(tx, after=after, limit=limit)


@router.post("/organisations", response_model=Organisation, status_code=201, responses=WRITES)
async def create(tx: TxOf, actor: ActorOf, draft: Sent[OrganisationDraft], response: Response) -> Any:
    service.require_admin(actor)
    made = await service.create_organisation(tx, draft)
    response.headers["location"] = f"/api/v1/organisations/{made.id}"
    return tagged(made, response)


@router.get("/organisations/{id}", response_model=Organisation, responses=RESPONSES)
async def read(tx: TxOf, id: UUID, response: Response) -> Any:
    return tagged(await service.organisation(tx, id), response)


@router.put("/organisations/{id}", response_model=Organisation, responses=WRITES)
async def change(
    tx: TxOf,
    actor: ActorOf,
    id: UUID,
    draft: Sent[OrganisationDraft],
    response: Response,
    if_match: IfMatch = None,
) -> Any:
    service.require_admin(actor)
    return tagged(await service.change_organisation(tx, id, draft, if_version=version_of(if_match)), response)


@router.get("/roles", response_model=list[RoleView], responses=RESPONSES)
async def roles(tx: TxOf, actor: ActorOf, account_id: UUID | None = None) -> Any:
    """One's own roles; for admins, those of any account, or everybody's."""
    if account_id != actor.account_id:
        service.require_admin(actor)
    return await service.roles(tx, account_id=account_id)


@router.post("/roles", response_model=RoleView, status_code=201, responses=WRITES)
async def give(tx: TxOf, actor: ActorOf, draft: Sent[RoleDraft]) -> Any:
    """Make an account something for others. Needs a fresh proof."""
    return await service.give_role(tx, actor, draft)


@router.delete("/roles/{id}", status_code=204, response_class=Response, responses=WRITES)
async def take(tx: TxOf, actor: ActorOf, id: UUID) -> Response:
    """Take a role back; its holder is signed out. Needs a fresh proof."""
    await service.take_role(tx, actor, id)
    return Response(status_code=204)


@router.get("/accounts", response_model=AccountFound, responses=RESPONSES)
async def account(
    tx: TxOf, actor: ActorOf, email: Annotated[str, Query(min_length=3, max_length=254)]
) -> Any:
    """For admins: the account with an address, closed ones too."""
    return await service.account_by_email(tx, actor, email)


@router.post("/accounts/{id}/close", status_code=204, response_class=Response, responses=WRITES)
async def close(tx: TxOf, actor: ActorOf, id: UUID) -> Response:
    """For admins: let an account in no more, and sign it out everywhere. Needs a fresh proof."""
    await service.close_account(tx, actor, id)
    return Response(status_code=204)


@router.post("/accounts/{id}/reopen", status_code=204, response_class=Response, responses=WRITES)
async def reopen(tx: TxOf, actor: ActorOf, id: UUID) -> Response:
    """For admins: let it in again. Needs a fresh proof."""
    await service.reopen_account(tx, actor, id)
    return Response(status_code=204)
