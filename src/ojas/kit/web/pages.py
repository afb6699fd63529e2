"""Answering with a page: whole, or the part that was asked for."""

import gzip
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from fastapi import Depends, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Template
from markupsafe import Markup

from ojas.kit import i18n
from ojas.kit.errors import Refusal
from ojas.kit.http import Router
from ojas.kit.http.edge import LANGUAGE
from ojas.kit.i18n import N_, say
from ojas.kit.web import csrf, frame, toasts
from ojas.kit.web.environment import environment
from ojas.kit.web.forms import Faults
from ojas.kit.web.navigation import menu_of, tabs_of

_LEVEL = 5  # of gzip: 1 ms for 40 kB, and 3 % larger than the best


class Pages(Router):
    """A router of pages: as every router it crosses the edge, and it knows what stands around a page."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(dependencies=[Depends(frame.load)], **kwargs)


def page(
    request: Request,
    template: str,
    /,
    *,
    block: str | None = None,
    status: int | None = None,
    faults: Faults | None = None,
    **context: Any,
) -> HTMLResponse:
    """The template as an answer: 200, or 422 where ``faults`` are shown.

    Args:
        template: ``<feature>/<file>.html``.
        block: the template block that suffices when htmx asks for a part of the page.
        faults: what ``form`` found wrong; macros of forms.html show each beside its field.
    """
    part = block if block and request.headers.get("hx-request-type") == "partial" else None
    response = HTMLResponse(status_code=status or (422 if faults else 200))
    text = _drawn(request, response, template, part, {"faults": faults, **context})
    csrf.remember(request, response)
    _remember_language(request, response)
    response.headers["content-language"] = i18n.current().language
    response.headers["vary"] = "accept-encoding, accept-language, cookie, hx-request-type"
    return _packed(request, response, text)


def redirect(
    request: Request, url: str, *, toast: str | None = None, undo: str | None = None, status: int = 303
) -> Response:
    """Go to a page of ours, which then says ``toast`` and, where ``undo`` is an address to post to, offers to undo.

    ``toast`` is said in a cookie for a moment: it names no reading and no diagnosis.
    """
    target = own_address(url)
    response: Response
    if request.headers.get("hx-request"):
        # A fetch would follow a 303 by itself and put the whole page into the part.
        response = Response(status_code=200, headers={"hx-redirect": quote(target, safe="/:?&=#%+,@~.-_")})
    else:
        response = RedirectResponse(target, status)
    if toast:
        toasts.leave(request, response, toast, undo)
    return response


def own_address(url: str) -> str:
    """The address if it lies within this site, else the front door: ``next=`` must not lead anybody astray."""
    try:
        parts = urlsplit(url.replace("\\", "/"))
    except ValueError:  # brackets that hold no address
        return "/"
    inside = not parts.scheme and not parts.netloc and url.startswith("/") and not url.startswith("//")
    return url if inside else "/"


def refusal_page(request: Request, refusal: Refusal) -> Response:
    """A refusal as a page, in the caller's language: what happened, and what to do next."""
    says = say(refusal.fault.message, refusal.fault.params)
    if request.headers.get("hx-request"):
        told = json.dumps({"toast": {"text": says, "kind": "alarm"}})
        return Response(
            f"<p>{Markup.escape(says)}</p>",
            refusal.status,
            {"hx-reswap": "none", "hx-trigger": told, **_retry(refusal)},
            "text/html",
        )
    if refusal.status == 401 and request.method == "GET":
        asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(f"/sign-in?next={quote(asked)}" if asked != "/" else "/sign-in", 303)
    title = _TITLES.get(refusal.status, N_("This did not work"))
    response = page(request, "error.html", status=refusal.status, title=title, says=says, faults=None)
    response.headers.update(_retry(refusal))
    return response


def _retry(refusal: Refusal) -> dict[str, str]:
    return {} if refusal.retry_after is None else {"retry-after": str(refusal.retry_after)}


_TITLES = {
    401: N_("Please sign in"),
    403: N_("This is not open to you"),
    404: N_("There is nothing here"),
    409: N_("It changed in the meantime"),
    412: N_("It changed in the meantime"),
    413: N_("This is too large"),
    422: N_("Something is not right yet"),
    429: N_("A little slower, please"),
    500: N_("Something went wrong on our side"),
    503: N_("Ojas is resting for a moment"),
}


def _drawn(
    request: Request, response: Response, template: str, part: str | None, context: Mapping[str, Any]
) -> str:
    found: Template = environment().get_template(template)
    known = {**_shell(request, response), **context}
    if part is None:
        return found.render(known)
    return "".join(found.blocks[part](found.new_context(known)))


def _shell(request: Request, response: Response) -> dict[str, Any]:
    around = frame.of(request)
    actor = getattr(request.state, "actor", None)
    root = f"/p/{around.person.id}" if around.person else ""
    manner = i18n.current()
    return {
        "request": request,
        "path": request.url.path,
        "actor": actor,
        "person": around.person,
        "people": around.people,
        "frame": around,
        "tabs": tabs_of(request, root),
        "menu": menu_of(request, root),
        "at": lambda path: root + path,
        "lang": manner.language,
        "zone": manner.zone,
        "clock": manner.clock,
        "dates": manner.date_format,
        "labels": {},  # of the fields drawn so far, by their names: forms.html
        "keeper": lambda: csrf.keeper(request),
        "form_token": lambda: csrf.csrf_token(request),
        "toast": toasts.take(request, response),
        "sos": frame.sos_of(request),
    }


def _remember_language(request: Request, response: Response) -> None:
    wish = request.query_params.get("lang")
    if wish in i18n.LANGUAGES:
        name, secure = csrf.named(request, LANGUAGE), csrf.by_https(request)
        response.set_cookie(
            name, wish, max_age=31_536_000, samesite="lax", httponly=True, path="/", secure=secure
        )


def _packed(request: Request, response: HTMLResponse, text: str) -> HTMLResponse:
    body = text.encode()
    if len(body) > 1000 and "gzip" in request.headers.get("accept-encoding", ""):
        # Our cookies are not sent along from other sites and the form token differs each time: BREACH has nothing to hold.
        body = gzip.compress(body, _LEVEL, mtime=0)
        response.headers["content-encoding"] = "gzip"
    response.body = body
    response.headers["content-length"] = str(len(body))
    return response
