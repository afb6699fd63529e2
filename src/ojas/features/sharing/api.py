"""REST: grants, invitations, what one may open, who looked, consents."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from ojas.features.sharing import service
from ojas.features.sharing.rules import Processing
from ojas.features.sharing.schemas import (
    ConsentDraft,
    ConsentView,
    GrantDraft,
    GrantView,
    Holding,
    Look,
    Offer,
)
from ojas.kit.audit import Action
from ojas.kit.http import ActorOf, Router, Sent, TxOf, collection_router
from ojas.kit.http.collections import RESPONSES, WRITES, IfMatch, Limit, Listing, PersonId, tagged, version_of

router = Router(tags=["sharing"])

Before = Annotated[
    UUID | None, Query(alias="cursor", description="Where to go on: `next` of the page before.")
]


@router.get("/people", responses=RESPONSES, operation_id="list_people")
async def people(tx: TxOf, actor: ActorOf) -> list[Holding]:
    """Everybody whose record the caller may open, and how much of it."""
    return await service.holdings(tx, actor)


@router.delete("/people/{person_id}/access", status_code=204, responses=WRITES, operation_id="give_up_access")
async def give_up(tx: TxOf, actor: ActorOf, person_id: PersonId) -> Response:
    """Give up everything one may see of a person."""
    await service.leave(tx, actor, person_id)
    return Response(status_code=204)


@router.get("/people/{person_id}/access", responses=RESPONSES, operation_id="list_access")
async def access(
    tx: TxOf,
    person_id: PersonId,
    limit: Limit = 50,
    cursor: Before = None,
    by_others: Annotated[bool, Query(description="Leave out what the caller did.")] = False,
    by: Annotated[UUID | None, Query(description="Only what this account did.")] = None,
    action: Annotated[list[Action] | None, Query(description="Only these.")] = None,
) -> Listing[Look]:
    """Who looked at or changed what of a person, when, and why; newest first."""
    items, following = await service.looks(
        tx, person_id, limit=limit, before=cursor, by_others=by_others, by=by, actions=action or ()
    )
    return Listing(items=items, next=str(following) if following else None)


@router.get("/people/{person_id}/grants", responses=RESPONSES, operation_id="list_grants")
async def grants(
    tx: TxOf, person_id: PersonId, limit: Limit = 50, cursor: Before = None
) -> Listing[GrantView]:
    """Who may see what of a person, newest first, with those that ended."""
    items, following = await service.grants(tx, person_id, limit=limit, before=cursor)
    return Listing(items=items, next=str(following) if following else None)


@router.post("/people/{person_id}/grants", status_code=201, responses=WRITES, operation_id="create_grant")
async def share(tx: TxOf, person_id: PersonId, draft: Sent[GrantDraft], response: Response) -> GrantView:
    """Invite somebody, by their address, to see some of a record."""
    made = await service.share(tx, person_id, draft)
    response.headers["location"] = f"/api/v1/people/{person_id}/grants/{made.id}"
    return tagged(made, response)


@router.get("/people/{person_id}/grants/{id}", responses=RESPONSES, operation_id="read_grant")
async def grant(tx: TxOf, person_id: PersonId, id: UUID, response: Response) -> GrantView:
    return tagged(await service.grant(tx, person_id, id), response)


@router.delete("/people/{person_id}/grants/{id}", responses=WRITES, operation_id="take_back_grant")
async def take_back(
    tx: TxOf, person_id: PersonId, id: UUID, response: Response, if_match: IfMatch = None
) -> GrantView:
    """End a grant at once. It stays in the list, as taken back."""
    return tagged(await service.take_back(tx, person_id, id, if_version=version_of(if_match)), response)


@router.post("/people/{person_id}/grants/{id}/restore", responses=WRITES, operation_id="restore_grant")
async def restore(tx: TxOf, person_id: PersonId, id: UUID, response: Response) -> GrantView:
    """Undo a taking back, within an hour."""
    return tagged(await service.reshare(tx, person_id, id), response)


@router.get("/invitations", responses=RESPONSES, operation_id="list_invitations")
async def invitations(tx: TxOf, actor: ActorOf) -> list[Offer]:
    """What the caller is invited to see, by the address they have proved to be theirs."""
    return await service.invitations(tx, actor)


@router.post("/invitations/{person_id}/{id}/accept", responses=WRITES, operation_id="accept_invitation")
async def accept(tx: TxOf, actor: ActorOf, person_id: PersonId, id: UUID) -> Offer:
    return await service.accept(tx, actor, person_id, id)


@router.post(
    "/invitations/{person_id}/{id}/decline",
    status_code=204,
    responses=WRITES,
    operation_id="decline_invitation",
)
async def decline(tx: TxOf, actor: ActorOf, person_id: PersonId, id: UUID) -> Response:
    await service.decline(tx, actor, person_id, id)
    return Response(status_code=204)


@router.get("/people/{person_id}/consents", responses=RESPONSES, operation_id="list_consents")
async def consents(tx: TxOf, person_id: PersonId) -> list[ConsentView]:
    """What Ojas asks to do beyond keeping the record, in plain words, and all that the person answered."""
    return await service.consents(tx, person_id)


@router.post("/people/{person_id}/consents", status_code=201, responses=WRITES, operation_id="give_consent")
async def give(tx: TxOf, person_id: PersonId, draft: Sent[ConsentDraft]) -> ConsentView:
    """Agree to a purpose. Only the person, or who keeps their record."""
    return await service.give(tx, person_id, draft)


@router.delete("/people/{person_id}/consents/{purpose}", responses=WRITES, operation_id="withdraw_consent")
async def withdraw(tx: TxOf, person_id: PersonId, purpose: Processing) -> ConsentView:
    """Stop agreeing to it."""
    return await service.withdraw(tx, person_id, purpose)


care_team = collection_router(service.CARE_TEAM, tag="sharing")
