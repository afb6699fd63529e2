"""REST: messages to the caller, and how they want to be told."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request, Response
from fastapi.responses import StreamingResponse

from ojas.features.identity import service as identity
from ojas.features.identity.rules import device_of
from ojas.features.notifications import fhir, service
from ojas.features.notifications.schemas import (
    AddressShown,
    CodeDraft,
    Done,
    Failure,
    Message,
    NewWebhook,
    Notice,
    PhoneDraft,
    PushKey,
    Recipient,
    Renewal,
    Subscription,
    WebhookDraft,
    Wishes,
)
from ojas.kit import i18n
from ojas.kit.errors import Refusal
from ojas.kit.http import ActorOf, OpenTx, Router, Sent, TxOf
from ojas.kit.http.collections import RESPONSES, WRITES, Limit, Listing
from ojas.kit.http.edge import house_of
from ojas.kit.http.problems import problem
from ojas.kit.http.replay import tells_secrets

router = Router(tags=["notifications"])


@router.get("/notifications", responses=RESPONSES, operation_id="list_notifications")
async def notifications(
    tx: TxOf,
    actor: ActorOf,
    limit: Limit = 50,
    cursor: Annotated[UUID | None, Query(description="Where to go on: `next` of the page before.")] = None,
    archived: Annotated[bool, Query(description="Those put away, not the others.")] = False,
) -> Listing[Notice]:
    """Messages to the caller about everybody whose data they may see, newest first, in their language."""
    items, following = await service.inbox(
        tx, actor.account_id, archived=archived, limit=limit, before=cursor
    )
    return Listing(items=items, next=str(following) if following else None)


@router.post(
    "/notifications/read", status_code=204, responses=WRITES, operation_id="mark_all_notifications_read"
)
async def mark_all_read(tx: TxOf, actor: ActorOf) -> Response:
    await service.mark_all_read(tx, actor.account_id)
    return Response(status_code=204)


@router.post("/notifications/test", status_code=204, responses=WRITES, operation_id="send_test_notification")
async def try_out(tx: TxOf, actor: ActorOf) -> Response:
    """Send the caller a test by everything they have switched on."""
    await service.try_out(tx, actor)
    return Response(status_code=204)


@router.get("/notifications/settings", responses=RESPONSES, operation_id="read_notification_settings")
async def settings(tx: TxOf, actor: ActorOf) -> Wishes:
    return await service.wishes(tx, actor.account_id)


@router.put("/notifications/settings", responses=WRITES, operation_id="change_notification_settings")
async def change_settings(tx: TxOf, actor: ActorOf, wanted: Sent[Wishes]) -> Wishes:
    """Replace how the caller wants to be told. What is urgent is told whatever is chosen here."""
    await service.wish(tx, actor.account_id, wanted)
    return wanted


@router.get("/notifications/addresses", responses=RESPONSES, operation_id="list_notification_addresses")
async def addresses(tx: TxOf, actor: ActorOf) -> list[AddressShown]:
    """Where the caller is reached beyond their e-mail address."""
    return await service.addresses(tx, actor)


@router.get("/notifications/addresses/push-key", responses=RESPONSES, operation_id="read_push_key")
async def push_key(request: Request, tx: OpenTx) -> PushKey:
    """No secret: what `PushManager.subscribe` takes as `applicationServerKey`."""
    return PushKey(key=service.push_key(house_of(request).settings, tx))


@router.post(
    "/notifications/addresses/browsers",
    status_code=201,
    responses=WRITES,
    operation_id="subscribe_browser",
)
async def subscribe(request: Request, tx: TxOf, actor: ActorOf, sent: Sent[Subscription]) -> AddressShown:
    """Push to a browser: send what its `PushManager.subscribe` answered."""
    device = device_of(tx.origin.agent)
    return await service.subscribe(tx, actor, sent, device, inside=house_of(request).settings.reach_inside)


@router.post(
    "/notifications/addresses/browsers/renew",
    status_code=204,
    responses=WRITES,
    operation_id="renew_browser",
)
async def renew(request: Request, tx: OpenTx, sent: Sent[Renewal]) -> Response:
    """Push to where a browser is reached now; its old subscription proves that it is the same, whoever is signed in."""
    await service.renew(tx, sent, inside=house_of(request).settings.reach_inside)
    return Response(status_code=204)


@router.post("/notifications/addresses/phones", status_code=201, responses=WRITES, operation_id="add_phone")
async def add_phone(request: Request, tx: TxOf, actor: ActorOf, sent: Sent[PhoneDraft]) -> AddressShown:
    """Write a code to a number. Nothing else is sent there until it came back."""
    return await service.add_phone(tx, actor, sent.number, sent.country, house_of(request).settings)


@router.post(
    "/notifications/addresses/{id}/confirm",
    responses=WRITES,
    response_model=AddressShown,
    operation_id="confirm_phone",
)
async def confirm_phone(
    request: Request, tx: TxOf, actor: ActorOf, id: UUID, sent: Sent[CodeDraft]
) -> AddressShown | Response:
    """Send the code back that came to the number."""
    found = await service.confirm_phone(tx, actor, id, sent.code)
    return problem(request, found) if isinstance(found, Refusal) else found


@router.post(
    "/notifications/addresses/webhooks", status_code=201, responses=WRITES, operation_id="add_webhook"
)
@tells_secrets
async def add_webhook(request: Request, tx: TxOf, actor: ActorOf, sent: Sent[WebhookDraft]) -> NewWebhook:
    """Send messages to an address of one's own. The answer holds the secret of its signatures, this once."""
    shown, secret = await service.add_webhook(
        tx, actor, sent.url, inside=house_of(request).settings.reach_inside
    )
    return NewWebhook(**shown.model_dump(), secret=secret)


@router.delete(
    "/notifications/addresses/{id}",
    status_code=204,
    responses=WRITES,
    operation_id="forget_notification_address",
)
async def forget(tx: TxOf, actor: ActorOf, id: UUID) -> Response:
    """Send nothing there any more."""
    await service.forget(tx, actor, id)
    return Response(status_code=204)


@router.get("/notifications/failures", responses=RESPONSES, operation_id="list_failed_deliveries")
async def failures(tx: TxOf, actor: ActorOf) -> list[Failure]:
    """For administrators: what did not arrive within 30 days, by channel. It names nobody."""
    return await service.failures(tx, actor)


@router.get("/notifications/live", operation_id="listen_to_notifications", response_class=StreamingResponse)
async def live(request: Request, actor: ActorOf) -> Response:
    """Server-sent events (`text/event-stream`): `told` with how many are unread and the newest title, whenever that changes."""
    return StreamingResponse(service.live(request, actor), media_type="text/event-stream")


@router.get("/notifications/{id}", responses=RESPONSES, operation_id="read_notification")
async def one(tx: TxOf, actor: ActorOf, id: UUID) -> Message:
    """One message, which is read by that, with what was sent where."""
    return await service.message(tx, actor.account_id, id)


@router.get(
    "/notifications/{id}/communication",
    responses=RESPONSES,
    operation_id="communication_of_notification",
)
async def communication(tx: TxOf, actor: ActorOf, id: UUID) -> dict[str, Any]:
    """One message as a FHIR R4 Communication, in the caller's language; it is read by that."""
    message = await service.message(tx, actor.account_id, id)
    card = (await identity.cards(tx, [actor.account_id])).get(actor.account_id)
    return fhir.communication(message, Recipient(card), i18n.current().language)


@router.post("/notifications/{id}/read", responses=WRITES, operation_id="mark_notification_read")
async def mark_read(tx: TxOf, actor: ActorOf, id: UUID) -> Notice:
    return await service.mark_read(tx, actor.account_id, id)


@router.post(
    "/notifications/{id}/actions/{name}",
    responses=WRITES,
    operation_id="do_from_notification",
)
async def do(tx: TxOf, actor: ActorOf, id: UUID, name: str) -> Done:
    """Do one of a message's `actions`, such as `medications.take`. Once: then they are gone."""
    return Done(says=(await service.do(tx, actor.account_id, id, name)).says)


@router.post("/notifications/{id}/archive", responses=WRITES, operation_id="archive_notification")
async def archive(tx: TxOf, actor: ActorOf, id: UUID) -> Notice:
    """Put a message away; it stays readable among those put away."""
    return await service.archive(tx, actor.account_id, id)


@router.post("/notifications/{id}/restore", responses=WRITES, operation_id="restore_notification")
async def restore(tx: TxOf, actor: ActorOf, id: UUID) -> Notice:
    """Put an archived message among the others again."""
    return await service.archive(tx, actor.account_id, id, back=True)
