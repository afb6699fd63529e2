"""REST: messages to the caller, and how they want to be told."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from ojas.features.notifications import service
from ojas.features.notifications.schemas import Done, Notice, Wishes
from ojas.kit.http import ActorOf, Router, Sent, TxOf
from ojas.kit.http.collections import RESPONSES, WRITES, Limit, Listing

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
    return Done(says=await service.do(tx, actor.account_id, id, name))


@router.post("/notifications/{id}/archive", responses=WRITES, operation_id="archive_notification")
async def archive(tx: TxOf, actor: ActorOf, id: UUID) -> Notice:
    """Put a message away; it stays readable among those put away."""
    return await service.archive(tx, actor.account_id, id)


@router.post("/notifications/{id}/restore", responses=WRITES, operation_id="restore_notification")
async def restore(tx: TxOf, actor: ActorOf, id: UUID) -> Notice:
    """Put an archived message among the others again."""
    return await service.archive(tx, actor.account_id, id, back=True)
