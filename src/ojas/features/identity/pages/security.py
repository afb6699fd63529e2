"""How one signs in: password, address, authenticator app, passkeys. Each change asks for a fresh proof first."""

from uuid import UUID

from fastapi import Request, Response
from markupsafe import Markup
from pydantic import BaseModel, Field

from ojas.features.identity import service
from ojas.features.identity.pages.doors import typed
from ojas.features.identity.rules import fresh
from ojas.features.identity.schemas import Email, Secret
from ojas.features.identity.service import Refused, cookies
from ojas.features.identity.service.gate import gated
from ojas.kit import clock
from ojas.kit.errors import Refusal
from ojas.kit.http import Actor, ActorOf, TxOf
from ojas.kit.http.replay import tells_secrets
from ojas.kit.i18n import _
from ojas.kit.web import Faults, Pages, form, page, redirect
from ojas.kit.web.forms import checked

router = Pages(prefix="/settings")
gated(router)


class Proof(BaseModel):
    password: Secret | None = None
    code: str | None = Field(None, max_length=40)
    next: str = Field("/settings/security", max_length=2000)


class NewPassword(BaseModel):
    password: Secret


class NewEmail(BaseModel):
    email: Email


class Typed(BaseModel):
    code: str = Field(min_length=6, max_length=40)


@router.get("/security")
async def security(request: Request, tx: TxOf, actor: ActorOf) -> Response:
    return page(
        request,
        "identity/security.html",
        account=await service.account(tx, actor),
        passkeys=await service.passkeys_of(tx, actor),
        fresh=_fresh(actor),
    )


@router.get("/confirm")
async def confirm_page(
    request: Request, tx: TxOf, actor: ActorOf, next: str = "/settings/security"
) -> Response:
    account = await service.account(tx, actor)
    return page(request, "identity/confirm.html", next=next, account=account)


@router.post("/confirm")
@tells_secrets
async def confirm(request: Request, tx: TxOf, actor: ActorOf) -> Response:
    sent = await form(request, Proof)
    account = await service.account(tx, actor)
    if isinstance(sent, Faults):
        return page(request, "identity/confirm.html", faults=sent, next="/settings/security", account=account)
    if sent.code:
        outcome = await service.prove_again(tx, actor, code=sent.code)
    else:
        outcome = await service.prove_again(tx, actor, password=await typed(request))
    if isinstance(outcome, Refused):
        return page(
            request,
            "identity/confirm.html",
            faults=Faults.of(outcome.refusal),
            status=outcome.refusal.status,
            next=sent.next,
            account=account,
        )
    response = redirect(request, sent.next)
    if outcome.renewed:
        cookies.renew(request, response, outcome.renewed)
    return response


@router.get("/password")
async def password_page(request: Request, tx: TxOf, actor: ActorOf) -> Response:
    return _ask_first(request, actor) or page(request, "identity/password.html")


@router.post("/password")
async def change_password(request: Request, tx: TxOf, actor: ActorOf) -> Response:
    sent = await form(request, NewPassword)
    if isinstance(sent, Faults):
        return page(request, "identity/password.html", faults=sent)
    try:
        await service.change_password(tx, actor, await typed(request))
    except Refusal as refusal:
        return _ask_first(request, actor) or page(
            request, "identity/password.html", faults=Faults.of(refusal)
        )
    return redirect(
        request,
        "/settings/security",
        toast=_("Your new password is set. Other devices are signed out."),
    )


@router.get("/email")
async def email_page(request: Request, tx: TxOf, actor: ActorOf) -> Response:
    return _ask_first(request, actor) or page(request, "identity/email.html")


@router.post("/email")
async def change_email(request: Request, tx: TxOf, actor: ActorOf) -> Response:
    sent = await form(request, NewEmail)
    if isinstance(sent, Faults):
        return page(request, "identity/email.html", faults=sent)
    if asked := _ask_first(request, actor):
        return asked
    await service.request_email_change(tx, actor, sent.email)
    return redirect(
        request,
        "/settings/security",
        toast=_("We have sent a link to the new address. It counts once you open it."),
    )


@router.get("/app")
async def app_page(request: Request, tx: TxOf, actor: ActorOf) -> Response:
    """Begin with an authenticator app. The page may be opened again: each time a new secret is offered."""
    if asked := _ask_first(request, actor):
        return asked
    account = await service.account(tx, actor)
    if account.second_factor:
        return redirect(request, "/settings/security")
    return await _offer(request, tx, actor)


@router.post("/app")
@tells_secrets
async def confirm_app(request: Request, tx: TxOf, actor: ActorOf) -> Response:
    sent = await form(request, Typed)
    if asked := _ask_first(request, actor):
        return asked
    try:
        if isinstance(sent, Faults):
            return page(request, "identity/app-again.html", faults=sent)
        codes = await service.confirm_totp(tx, actor, sent.code)
    except Refusal as refusal:
        return page(request, "identity/app-again.html", faults=Faults.of(refusal))
    return page(request, "identity/codes.html", codes=codes, first=True)


@router.post("/app/remove")
async def remove_app(request: Request, tx: TxOf, actor: ActorOf) -> Response:
    await checked(request)
    if asked := _ask_first(request, actor):
        return asked
    await service.remove_totp(tx, actor)
    return redirect(request, "/settings/security", toast=_("The authenticator app is taken off."))


@router.post("/codes")
@tells_secrets
async def new_codes(request: Request, tx: TxOf, actor: ActorOf) -> Response:
    await checked(request)
    if asked := _ask_first(request, actor):
        return asked
    return page(
        request, "identity/codes.html", codes=await service.new_recovery_codes(tx, actor), first=False
    )


@router.post("/passkeys/{id}/remove")
async def remove_passkey(request: Request, tx: TxOf, actor: ActorOf, id: UUID) -> Response:
    await checked(request)
    if asked := _ask_first(request, actor):
        return asked
    await service.remove_passkey(tx, actor, id)
    return redirect(request, "/settings/security", toast=_("The passkey is taken off."))


async def _offer(request: Request, tx: TxOf, actor: Actor) -> Response:
    account = await service.account(tx, actor)
    offered = await service.begin_totp(tx, actor, account.email)
    # Our own drawing of our own text: nothing of it was sent by anybody.
    picture = Markup(offered.picture)  # noqa: S704
    return page(request, "identity/app.html", offered=offered, picture=picture)


def _fresh(actor: Actor) -> bool:
    return fresh(actor.proved_at, clock.now())


def _ask_first(request: Request, actor: Actor) -> Response | None:
    """To the page that asks for a proof, unless there was one lately; from there back to the page that wanted it."""
    if _fresh(actor):
        return None
    back = request.url.path if request.method == "GET" else "/settings/security"
    return redirect(request, f"/settings/confirm?next={back}")
