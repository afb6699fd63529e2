"""REST: contacts, calling for help, the card."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from ojas.features.emergency import service
from ojas.features.emergency.rules.numbers import Number, numbers_of
from ojas.features.emergency.rules.terms import Answer
from ojas.features.emergency.schemas import (
    Alert,
    AlertDraft,
    AnswerDraft,
    CardDraft,
    CardShown,
    CardState,
    EndDraft,
    MoreDraft,
    NumberShown,
)
from ojas.kit.http import Router, Sent, TxOf, collection_router
from ojas.kit.http.collections import RESPONSES, WRITES, IfMatch, Limit, Listing, PersonId, tagged, version_of
from ojas.kit.http.replay import tells_secrets
from ojas.kit.i18n import gettext

lists = collection_router(service.CONTACTS, tag="emergency")
router = Router(prefix="/people/{person_id}", tags=["emergency"])


@router.get("/emergency-numbers", responses=RESPONSES, operation_id="list_emergency_numbers")
async def numbers(tx: TxOf, person_id: PersonId) -> list[NumberShown]:
    """Whom to call in the person's country, the number for everything first. Call before you do anything else here."""
    tx.access.require(service.SCOPE, person_id)
    return [_number(one) for one in numbers_of(await service.country_of(tx, person_id))]


@router.get("/emergency-alerts", responses=RESPONSES, operation_id="list_emergency_alerts")
async def alerts(
    tx: TxOf,
    person_id: PersonId,
    limit: Limit = 50,
    cursor: Annotated[UUID | None, Query(description="Where to go on: `next` of the page before.")] = None,
) -> Listing[Alert]:
    """Calls for help, newest first."""
    items, following = await service.alerts(tx, person_id, limit=limit, before=cursor)
    return Listing(items=items, next=str(following) if following else None)


@router.post("/emergency-alerts", status_code=201, responses=WRITES, operation_id="call_for_help")
async def press(tx: TxOf, person_id: PersonId, draft: Sent[AlertDraft], response: Response) -> Alert:
    """Call for help. While a call runs this adds to it. `said` says what the caller should know, such as that there is nobody
    to tell."""
    made = await service.press(tx, person_id, draft)
    response.headers["location"] = f"/api/v1/people/{person_id}/emergency-alerts/{made.id}"
    return made


@router.get("/emergency-alerts/{id}", responses=RESPONSES, operation_id="read_emergency_alert")
async def alert(tx: TxOf, person_id: PersonId, id: UUID) -> Alert:
    """How a call stands: who was told, by what, and what they answered."""
    return await service.alert(tx, person_id, id)


@router.post("/emergency-alerts/{id}/more", responses=WRITES, operation_id="add_to_emergency_alert")
async def more(tx: TxOf, person_id: PersonId, id: UUID, draft: Sent[MoreDraft]) -> Alert:
    """Add what was not known: the place, or words. Those who were told learn it."""
    return await service.add(tx, person_id, id, draft)


@router.post("/emergency-alerts/{id}/end", responses=WRITES, operation_id="end_emergency_alert")
async def end(tx: TxOf, person_id: PersonId, id: UUID, draft: Sent[EndDraft]) -> Alert:
    """Say that it is over, or was a false alarm: everybody who was told is told so."""
    return await service.end(tx, person_id, id, draft)


@router.post(
    "/emergency-alerts/{id}/helpers/{helper_id}", responses=WRITES, operation_id="answer_emergency_alert"
)
async def answer(tx: TxOf, person_id: PersonId, id: UUID, helper_id: UUID, draft: Sent[AnswerDraft]) -> Alert:
    """Note what a helper said."""
    return await service.answer(tx, person_id, id, helper_id, Answer(draft.answer))


@router.get("/emergency-card", responses=RESPONSES, operation_id="read_emergency_card")
@tells_secrets
async def card(tx: TxOf, person_id: PersonId, response: Response) -> CardState:
    """What is on the card, and the link its QR code holds."""
    return tagged(await service.card(tx, person_id), response)


@router.put("/emergency-card", responses=WRITES, operation_id="change_emergency_card")
@tells_secrets
async def change_card(
    tx: TxOf, person_id: PersonId, draft: Sent[CardDraft], response: Response, if_match: IfMatch = None
) -> CardState:
    """Say what is on the card, and whether its link opens it."""
    return tagged(await service.change_card(tx, person_id, draft, if_version=version_of(if_match)), response)


@router.post("/emergency-card/code", responses=WRITES, operation_id="issue_emergency_card")
@tells_secrets
async def issue(tx: TxOf, person_id: PersonId, response: Response) -> CardState:
    """Give the card a new code: what was printed before opens nothing any more."""
    return tagged(await service.issue(tx, person_id), response)


@router.get("/emergency-card/preview", responses=RESPONSES, operation_id="preview_emergency_card")
async def preview(tx: TxOf, person_id: PersonId) -> CardShown:
    """The card as whoever helps would read it."""
    return await service.preview(tx, person_id)


def _number(one: Number) -> NumberShown:
    return NumberShown(dial=one.dial, label=gettext(one.label))
