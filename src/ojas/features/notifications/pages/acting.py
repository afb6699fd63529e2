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
    return _answered(request, found, "notifications/act.html", token)


@router.post("/act/{token}")
async def act(request: Request, tx: OpenTx, token: str, do: str | None = None) -> Response:
    """Do it. The token is the proof, so a form's own is not asked for: a notification has none to send."""
    done = await service.act(tx, token, house_of(request).authorise, do)
    return _answered(request, done, "notifications/acted.html")


@router.get("/act/back/{proof}")
async def done(request: Request, tx: OpenTx, proof: str) -> Response:
    """What was pressed, and the button that takes it back. Whoever only looks changes nothing."""
    found = await service.done(tx, proof, house_of(request).authorise)
    return _answered(request, found, "notifications/back.html", proof)


@router.post("/act/back/{proof}")
async def take_back(request: Request, tx: OpenTx, proof: str) -> Response:
    """Take it back. The address was shown only to whoever did it, so it is the proof."""
    found = await service.take_back(tx, proof, house_of(request).authorise)
    return _answered(request, found, "notifications/acted.html")


def _answered(
    request: Request, found: service.Offer | service.Acted | Refusal, template: str, token: str = ""
) -> Response:
    """In the language of whoever the message was for; to a script, what was done in one sentence."""
    if isinstance(found, Refusal):
        return _refused(request, found)
    if isinstance(found, service.Acted) and _to_script(request):
        return JSONResponse({"says": found.says})
    with use(found.manner):
        return page(request, template, found=found, refused=None, token=token)


def _refused(request: Request, refusal: Refusal) -> Response:
    says = say(refusal.fault.message, refusal.fault.params)
    if _to_script(request):
        return JSONResponse({"says": says}, refusal.status)
    outside = request.state.actor is None  # a link that does nothing any more does not say whose it was
    return page(
        request,
        "notifications/acted.html",
        status=refusal.status,
        found=None,
        refused=says,
        outside=outside,
    )


def _to_script(request: Request) -> bool:
    return "application/json" in request.headers.get("accept", "")
