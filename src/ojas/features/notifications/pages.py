"""Pages: what was said to the reader, and how they want to be told."""

from collections.abc import Mapping
from datetime import time
from typing import Any
from uuid import UUID

from fastapi import Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, model_validator

from ojas.features.notifications import service
from ojas.features.notifications.rules import DIGEST_AT, USUAL, Channel, Quiet, Topic, Urgency
from ojas.features.notifications.schemas import WallTime, Wishes
from ojas.kit.db import Tx
from ojas.kit.errors import Incorrect, Refusal
from ojas.kit.http import Actor, ActorOf, TxOf
from ojas.kit.http.edge import OpenTx, house_of
from ojas.kit.i18n import N_, _, say, use
from ojas.kit.web import Faults, Pages, form, page, redirect, unread_by
from ojas.kit.web.forms import checked

router = Pages()

TOPICS: Mapping[Topic, tuple[str, str]] = {
    Topic.MEDICATION: (N_("Medicines"), N_("When a dose is due, or was missed")),
    Topic.APPOINTMENT: (N_("Appointments"), N_("Before each, and when one is moved")),
    Topic.HEALTH: (N_("Health"), N_("A reading outside its range, or none for days")),
    Topic.SYSTEM: (N_("Ojas itself"), N_("Imports, sharing, your account")),
}
"""What one may switch, once something speaks of it. An emergency has no switch."""


class WishesForm(BaseModel):
    """A tick for each topic that may come by e-mail."""

    email: list[Topic] = []
    quiet: bool = False
    quiet_start: WallTime | None = None
    quiet_end: WallTime | None = None
    digest: bool = False
    digest_at: WallTime | None = None

    @model_validator(mode="after")
    def _whole(self) -> "WishesForm":
        if self.quiet:
            if not (self.quiet_start and self.quiet_end):
                missing = "quiet_end" if self.quiet_start else "quiet_start"
                raise Incorrect("Say from when until when.", field=missing)
            Quiet(self.quiet_start, self.quiet_end)
        if self.digest and not self.digest_at:
            raise Incorrect("Say at what time.", field="digest_at")
        return self

    def wishes(self) -> Wishes:
        return Wishes(
            channels={topic: USUAL - {Channel.EMAIL} | self._mailed(topic) for topic in Topic},
            quiet_start=self.quiet_start if self.quiet else None,
            quiet_end=self.quiet_end if self.quiet else None,
            digest_at=self.digest_at if self.digest else None,
        )

    def _mailed(self, topic: Topic) -> frozenset[Channel]:
        return frozenset({Channel.EMAIL} if topic in self.email else ())


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


@router.post("/notifications/{id}/open")
async def open_one(request: Request, tx: TxOf, actor: ActorOf, id: UUID) -> Response:
    """Read a message and go where it leads."""
    await checked(request)
    notice = await service.mark_read(tx, actor.account_id, id)
    return redirect(request, notice.path)


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


@router.post("/notifications/{id}/do/{action}")
async def do(request: Request, tx: TxOf, actor: ActorOf, id: UUID, action: str) -> Response:
    await checked(request)
    done = await service.do(tx, actor.account_id, id, action)
    return redirect(request, "/notifications", toast=done)


@router.get("/act/{token}")
async def offer(request: Request, tx: OpenTx, token: str) -> Response:
    """What a link from a message would do, and the button that does it. Whoever only looks changes nothing."""
    found = await service.offer(tx, token, house_of(request).authorise)
    if isinstance(found, Refusal):
        return _refused(request, found)
    with use(found.manner):
        return page(request, "notifications/act.html", offer=found, token=token)


@router.post("/act/{token}")
async def act(request: Request, tx: OpenTx, token: str, do: str | None = None) -> Response:
    """Do it. The token is the proof, so a form's own is not asked for: a notification has none to send."""
    done = await service.act(tx, token, house_of(request).authorise, do)
    if isinstance(done, Refusal):
        return _refused(request, done)
    if _to_script(request):
        return JSONResponse({"says": done.says})
    with use(done.manner):
        return page(request, "notifications/acted.html", done=done.says, refused=None)


def _refused(request: Request, refusal: Refusal) -> Response:
    says = say(refusal.fault.message, refusal.fault.params)
    if _to_script(request):
        return JSONResponse({"says": says}, refusal.status)
    return page(request, "notifications/acted.html", done=None, refused=says, status=refusal.status)


def _to_script(request: Request) -> bool:
    return "application/json" in request.headers.get("accept", "")


@router.get("/settings/notifications")
async def settings(request: Request, tx: TxOf, actor: ActorOf) -> Response:
    return page(request, "notifications/settings.html", **await _shown(tx, actor))


@router.post("/settings/notifications")
async def change_settings(request: Request, tx: TxOf, actor: ActorOf) -> Response:
    sent = await form(request, WishesForm)
    if isinstance(sent, Faults):
        return page(request, "notifications/settings.html", faults=sent, **await _shown(tx, actor))
    await service.wish(tx, actor.account_id, sent.wishes())
    return redirect(request, "/settings/notifications", toast=_("Saved."))


@router.post("/settings/notifications/test")
async def try_out(request: Request, tx: TxOf, actor: ActorOf) -> Response:
    await checked(request)
    await service.try_out(tx, actor)
    return redirect(request, "/settings/notifications", toast=_("A test is on its way."))


async def _shown(tx: Tx, actor: Actor) -> dict[str, Any]:
    wishes = await service.wishes(tx, actor.account_id)
    spoken = {kind.topic for kind in service.KINDS.values()}
    switched = [topic for topic in TOPICS if topic in spoken]
    return {
        "wishes": wishes,
        "mail": Channel.EMAIL in await service.reachable(tx, actor.account_id),
        "topics": [(topic.value, *(say(words, {}) for words in TOPICS[topic])) for topic in switched],
        "mailed": [topic.value for topic in switched if Channel.EMAIL in wishes.on(topic)],
        "hours": {
            name: f"{getattr(wishes, name) or usual:%H:%M}"
            for name, usual in {"quiet_start": time(22), "quiet_end": time(7), "digest_at": DIGEST_AT}.items()
        },
    }
