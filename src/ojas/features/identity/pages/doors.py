"""Registration, sign-in, letters' links: pages for somebody not signed in."""

from typing import Any

from fastapi import Request, Response
from pydantic import BaseModel, Field

from ojas.features.identity import service
from ojas.features.identity.rules import Kind
from ojas.features.identity.schemas import Email, Language, Name, Registration, Secret
from ojas.features.identity.service import Entered, Halfway, Refused, cookies
from ojas.features.identity.service.gate import gated
from ojas.kit import i18n
from ojas.kit.db import Tx
from ojas.kit.errors import Incorrect, NotFound, Refusal
from ojas.kit.http import OpenTx, house_of
from ojas.kit.http.replay import tells_secrets
from ojas.kit.i18n import _
from ojas.kit.i18n.zones import zones
from ojas.kit.web import Faults, Pages, form, page, redirect
from ojas.kit.web.forms import checked

router = Pages()
gated(router)

_LOOPBACK = ("127.0.0.1", "::1")


class Door(BaseModel):
    email: str = Field(min_length=1, max_length=254)
    password: Secret
    remember: bool = False
    next: str = Field("/", max_length=2000)


class Coded(BaseModel):
    ticket: str = Field(max_length=100)
    code: str = Field(min_length=6, max_length=40)
    next: str = Field("/", max_length=2000)


class Joining(BaseModel):
    name: Name
    email: Email
    password: Secret
    time_zone: str = "Asia/Kolkata"


class Asking(BaseModel):
    email: Email


class Choosing(BaseModel):
    token: str = Field(max_length=200)
    password: Secret


@router.get("/sign-in")
async def sign_in_page(request: Request, next: str = "/") -> Response:
    if request.state.actor:
        return redirect(request, next)
    return page(request, "identity/sign-in.html", next=next)


@router.post("/sign-in")
@tells_secrets
async def sign_in(request: Request, tx: OpenTx) -> Response:
    sent = await form(request, Door)
    if isinstance(sent, Faults):
        return page(request, "identity/sign-in.html", faults=sent, next=sent.values.get("next", "/"))
    kind = Kind.REMEMBERED if sent.remember else Kind.BROWSER
    outcome = await service.sign_in(
        tx, sent.email, await typed(request), kind=kind, device_token=cookies.device_of(request)
    )
    if isinstance(outcome, Halfway):
        return page(request, "identity/second-factor.html", ticket=outcome.ticket, next=sent.next)
    return await came_in(request, tx, outcome, "identity/sign-in.html", sent, next=sent.next)


@router.post("/second-factor")
@tells_secrets
async def second_factor(request: Request, tx: OpenTx) -> Response:
    sent = await form(request, Coded)
    if isinstance(sent, Faults):
        known = {name: sent.values.get(name, "") for name in ("ticket", "next")}
        return page(request, "identity/second-factor.html", faults=sent, **known)
    outcome = await service.second_factor(tx, sent.ticket, sent.code, device_token=cookies.device_of(request))
    return await came_in(
        request, tx, outcome, "identity/second-factor.html", sent, ticket=sent.ticket, next=sent.next
    )


@router.post("/sign-out")
async def sign_out(request: Request, tx: OpenTx) -> Response:
    """Works for a session that has ended already, too: leaving must never fail."""
    if request.state.actor:
        await checked(request)
        await service.sign_out(tx, request.state.actor)
    response = redirect(request, "/sign-in", toast=_("You are signed out."))
    # The browser forgets pages and what was kept for when there is no network.
    response.headers["clear-site-data"] = '"cache", "storage"'
    cookies.leave(request, response)
    return response


@router.get("/register")
async def register_page(request: Request) -> Response:
    return page(request, "identity/register.html")


@router.post("/register")
async def register(request: Request, tx: OpenTx) -> Response:
    sent = await form(request, Joining)
    if isinstance(sent, Faults):
        return page(request, "identity/register.html", faults=sent)
    wanted = Registration(
        email=sent.email,
        password=await typed(request),
        name=sent.name,
        language=_language(),
        time_zone=sent.time_zone if sent.time_zone in zones() else "Asia/Kolkata",
    )
    try:
        refusal: Refusal | None = await service.register(tx, wanted)
    except Incorrect as incorrect:
        refusal = incorrect
    if refusal:
        return page(request, "identity/register.html", faults=Faults.of(refusal, sent))
    return page(request, "identity/sent.html", email=sent.email, outbox=_outbox(request), why="register")


@router.get("/verify")
async def verify_page(request: Request, token: str = "") -> Response:
    return page(request, "identity/verify.html", token=token)


@router.post("/verify")
@tells_secrets
async def verify(request: Request, tx: OpenTx) -> Response:
    sent = await form(request, Choosing)
    if isinstance(sent, Faults):
        return page(request, "identity/verify.html", faults=sent, token=sent.values.get("token", ""))
    outcome = await service.verify_email(
        tx, sent.token, await typed(request), device_token=cookies.device_of(request)
    )
    return await came_in(request, tx, outcome, "identity/verify.html", sent, token=sent.token)


@router.get("/forgot")
async def forgot_page(request: Request) -> Response:
    return page(request, "identity/forgot.html")


@router.post("/forgot")
async def forgot(request: Request, tx: OpenTx) -> Response:
    sent = await form(request, Asking)
    if isinstance(sent, Faults):
        return page(request, "identity/forgot.html", faults=sent)
    if refusal := await service.request_reset(tx, sent.email):
        return page(request, "identity/forgot.html", faults=Faults.of(refusal, sent))
    return page(request, "identity/sent.html", email=sent.email, outbox=_outbox(request), why="reset")


@router.get("/reset")
async def reset_page(request: Request, token: str = "") -> Response:
    return page(request, "identity/reset.html", token=token)


@router.post("/reset")
async def reset(request: Request, tx: OpenTx) -> Response:
    sent = await form(request, Choosing)
    if isinstance(sent, Faults):
        return page(request, "identity/reset.html", faults=sent, token=sent.values.get("token", ""))
    try:
        device_token = await service.reset_password(tx, sent.token, await typed(request))
    except (Incorrect, NotFound) as refusal:
        return page(request, "identity/reset.html", faults=Faults.of(refusal), token=sent.token)
    response = redirect(request, "/sign-in", toast=_("Your new password is set. Sign in with it."))
    cookies.leave(request, response)
    cookies.know(request, response, device_token)
    return response


@router.get("/change-email")
async def change_email_page(request: Request, token: str = "") -> Response:
    """A page with a button: programs that look through letters open links, but press nothing."""
    return page(request, "identity/change-email.html", token=token)


@router.post("/change-email")
async def change_email(request: Request, tx: OpenTx) -> Response:
    sent = await form(request, _Opened)
    if isinstance(sent, Faults):
        return page(request, "identity/change-email.html", faults=sent, token="")
    try:
        await service.change_email(tx, sent.token)
    except Refusal as refusal:
        return page(request, "identity/change-email.html", faults=Faults.of(refusal), token=sent.token)
    where = "/settings/security" if request.state.actor else "/sign-in"
    return redirect(request, where, toast=_("From now on you sign in with your new address."))


class _Opened(BaseModel):
    token: str = Field(max_length=200)


async def typed(request: Request) -> str:
    """The password exactly as it was typed, spaces at its ends too."""
    return str((await request.form()).get("password", ""))


async def came_in(
    request: Request,
    tx: Tx,
    outcome: Entered | Refused | Halfway,
    template: str,
    sent: BaseModel,
    **context: Any,
) -> Response:
    """On to where one was going, with the session's cookie; or the page again, saying what is wrong."""
    if isinstance(outcome, Entered):
        if (
            request.state.actor
        ):  # the session this browser had before: its cookie is replaced, so nobody could end it
            await service.sign_out(tx, request.state.actor)
        response = redirect(request, str(context.get("next", "/")))
        cookies.enter(request, response, outcome)
        return response
    assert isinstance(outcome, Refused)
    faults = Faults.of(outcome.refusal, sent.model_dump(mode="json", exclude={"password", "code"}))
    response = page(request, template, faults=faults, status=outcome.refusal.status, **context)
    if retry := getattr(outcome.refusal, "retry_after", None):
        response.headers["retry-after"] = str(retry)
    return response


def _outbox(request: Request) -> str | None:
    """Where letters lie when no mail server is set; said on this machine alone."""
    settings = house_of(request).settings
    here = request.client is not None and request.client.host in _LOOPBACK
    return str(settings.home / "outbox") if settings.smtp_url is None and here else None


def _language() -> Language:
    language = i18n.current().language
    return language if language in ("en", "hi", "ta") else "en"  # type: ignore[return-value]  # narrowed by the test
