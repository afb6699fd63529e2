"""The page behind a link in a message: what it would do, and doing it."""

from fastapi import Request, Response
from fastapi.responses import JSONResponse

from ojas.features.notifications import service
from ojas.kit.errors import Refusal
from ojas.kit.http.edge import OpenTx, house_of
from ojas.kit.i18n import say, use
from ojas.kit.web import Pages, page

router = Pages()


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
        return page(request, "notifications/acted.html", done=done.says, refused=None, outside=done.outside)


def _refused(request: Request, refusal: Refusal) -> Response:
    says = say(refusal.fault.message, refusal.fault.params)
    if _to_script(request):
        return JSONResponse({"says": says}, refusal.status)
    outside = request.state.actor is None  # a link that does nothing any more does not say whose it was
    return page(
        request, "notifications/acted.html", status=refusal.status, done=None, refused=says, outside=outside
    )


def _to_script(request: Request) -> bool:
    return "application/json" in request.headers.get("accept", "")
