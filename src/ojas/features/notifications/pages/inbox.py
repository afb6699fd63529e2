"""Messages to the reader, and one of them with how it reached them."""

from typing import Any
from uuid import UUID

from fastapi import Request, Response
from fastapi.responses import StreamingResponse

from ojas.features.notifications import service
from ojas.features.notifications.pages.words import CHANNELS, STATES, reason_words
from ojas.features.notifications.rules import State, Urgency
from ojas.features.notifications.schemas import DeliveryShown
from ojas.kit.db import Tx
from ojas.kit.http import Actor, ActorOf, TxOf
from ojas.kit.i18n import _, format_datetime, gettext
from ojas.kit.web import Pages, page, redirect, unread_by
from ojas.kit.web.forms import checked

router = Pages()


@unread_by
async def unread(tx: Tx, actor: Actor) -> int:
    return await service.unread(tx, actor.account_id)


@router.get("/notifications")
async def inbox(
    request: Request, tx: TxOf, actor: ActorOf, before: UUID | None = None, archived: bool = False
) -> Response:
    found, following = await service.inbox(tx, actor.account_id, archived=archived, limit=30, before=before)
    return page(
        request,
        "notifications/inbox.html",
        notices=found,
        following=following,
        archived=archived,
        urgent=Urgency.URGENT,
    )


@router.post("/notifications/read")
async def mark_all_read(request: Request, tx: TxOf, actor: ActorOf) -> Response:
    await checked(request)
    await service.mark_all_read(tx, actor.account_id)
    return redirect(request, "/notifications")


@router.get("/notifications/live")
async def live(request: Request, actor: ActorOf) -> Response:
    """News of the bell, for as long as the page is open."""
    return StreamingResponse(service.live(request, actor), media_type="text/event-stream")


@router.get("/notifications/{id}")
async def one(request: Request, tx: TxOf, actor: ActorOf, id: UUID) -> Response:
    """One message, what can be done from it, and what was sent where."""
    found = await service.message(tx, actor.account_id, id)
    return page(
        request,
        "notifications/message.html",
        notice=found,
        deliveries=[_row(one) for one in found.deliveries],
        urgent=Urgency.URGENT,
    )


@router.post("/notifications/{id}/open")
async def open_one(request: Request, tx: TxOf, actor: ActorOf, id: UUID) -> Response:
    """Read a message and go where it leads."""
    await checked(request)
    notice = await service.mark_read(tx, actor.account_id, id)
    return redirect(request, notice.path)


@router.post("/notifications/{id}/do/{action}")
async def do(request: Request, tx: TxOf, actor: ActorOf, id: UUID, action: str) -> Response:
    await checked(request)
    done = await service.do(tx, actor.account_id, id, action)
    undo = f"/act/back/{done.back}" if done.back else None
    return redirect(request, "/notifications", toast=done.says, undo=undo)


@router.post("/notifications/{id}/archive")
async def archive(request: Request, tx: TxOf, actor: ActorOf, id: UUID) -> Response:
    await checked(request)
    await service.archive(tx, actor.account_id, id)
    return redirect(request, "/notifications", toast=_("Put away."), undo=f"/notifications/{id}/restore")


@router.post("/notifications/{id}/restore")
async def restore(request: Request, tx: TxOf, actor: ActorOf, id: UUID) -> Response:
    await checked(request)
    await service.archive(tx, actor.account_id, id, back=True)
    return redirect(request, "/notifications")


def _row(one: DeliveryShown) -> dict[str, Any]:
    waits = one.state is State.WAITING
    at = one.due_at if waits else one.handed_at or one.last_at
    return {
        "channel": gettext(CHANNELS[one.channel]),
        "state": gettext(STATES[one.state]),
        "tone": {State.HANDED: "leaf", State.REFUSED: "alarm", State.DEAD: "alarm"}.get(one.state, ""),
        "at": format_datetime(at) if at else "",
        "attempts": one.attempts,
        "said": one.answer if one.state is State.HANDED else reason_words(one.answer),
    }
