"""Where one is signed in."""

from uuid import UUID

from fastapi import Request, Response

from ojas.features.identity import service
from ojas.kit.errors import NotFound
from ojas.kit.http import ActorOf, TxOf
from ojas.kit.i18n import _
from ojas.kit.web import Pages, page, redirect
from ojas.kit.web.forms import checked

router = Pages(prefix="/settings/devices")


@router.get("")
async def devices(request: Request, tx: TxOf, actor: ActorOf) -> Response:
    return page(request, "identity/devices.html", sessions=await service.sessions_of(tx, actor))


@router.post("/{id}/end")
async def end(request: Request, tx: TxOf, actor: ActorOf, id: UUID) -> Response:
    await checked(request)
    try:
        await service.end_session(tx, actor, id)
    except NotFound:
        return redirect(request, "/settings/devices")  # it ended meanwhile, which is what was wanted
    return redirect(request, "/settings/devices", toast=_("That device is signed out."))


@router.post("/end-others")
async def end_others(request: Request, tx: TxOf, actor: ActorOf) -> Response:
    await checked(request)
    await service.end_other_sessions(tx, actor)
    return redirect(request, "/settings/devices", toast=_("Every other device is signed out."))
