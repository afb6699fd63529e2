"""The doors that stand open: registration, sign-in, reset. Apps get bearer tokens; browsers use the pages."""

from typing import Annotated, Any

from fastapi import Request, Response, status
from pydantic import BaseModel, Field

from ojas.features.identity import service
from ojas.features.identity.rules import Kind
from ojas.features.identity.schemas import (
    Email,
    Registration,
    SecondFactor,
    Secret,
    SignIn,
    Tokens,
    Waiting,
)
from ojas.features.identity.service import Entered, Halfway, Refused
from ojas.features.identity.service.gate import gated
from ojas.kit.collection import Strict
from ojas.kit.db import Tx
from ojas.kit.errors import Refusal
from ojas.kit.http import OpenTx, Router, Sent
from ojas.kit.http.collections import WRITES
from ojas.kit.http.problems import problem
from ojas.kit.http.replay import tells_secrets

router = Router(prefix="/auth", tags=["sign-in"])
gated(router)

Token = Annotated[str, Field(min_length=1, max_length=200)]


class Verification(Strict):
    token: Token
    password: Secret


class ResetRequest(Strict):
    email: Email


class Reset(Strict):
    token: Token
    password: Secret


class Refresh(Strict):
    refresh_token: Token


class Known(BaseModel):
    """Send ``device_token`` with the next sign-in: strangers' wrong guesses then do not slow it down."""

    device_token: str


class Opened(Strict):
    token: Token


async def answered(tx: Tx, request: Request, outcome: Entered | Halfway | Refused) -> Any:
    """Tokens, the wait for a second factor, or the refusal; the last answered here, so that its counting stands."""
    match outcome:
        case Entered():
            return await service.tokens_of(tx, outcome)
        case Halfway(ticket):
            return Waiting(ticket=ticket)
        case Refused(refusal):
            return problem(request, refusal)


@router.post("/register", status_code=status.HTTP_202_ACCEPTED, response_class=Response, responses=WRITES)
async def register(request: Request, tx: OpenTx, wanted: Sent[Registration]) -> Response:
    """Begin an account. The answer is the same whether or not the address has one; a letter says what to do."""
    return _accepted(request, await service.register(tx, wanted))


@router.post("/verify", response_model=Tokens, responses=WRITES)
@tells_secrets
async def verify(request: Request, tx: OpenTx, sent: Sent[Verification]) -> Any:
    """Prove the address by the token of the letter, with the password, and come in."""
    outcome = await service.verify_email(tx, sent.token, sent.password, kind=Kind.TOKEN)
    return await answered(tx, request, outcome)


@router.post("/sign-in", response_model=Tokens | Waiting, responses=WRITES)
@tells_secrets
async def sign_in(request: Request, tx: OpenTx, sent: Sent[SignIn]) -> Any:
    """Come in by password. ``second_factor: required`` asks for a code at /auth/second-factor."""
    outcome = await service.sign_in(
        tx, sent.email, sent.password, kind=Kind.TOKEN, device_token=sent.device_token
    )
    return await answered(tx, request, outcome)


@router.post("/second-factor", response_model=Tokens, responses=WRITES)
@tells_secrets
async def second_factor(request: Request, tx: OpenTx, sent: Sent[SecondFactor]) -> Any:
    """Come in by the code that was waited for."""
    return await answered(
        tx, request, await service.second_factor(tx, sent.ticket, sent.code, device_token=sent.device_token)
    )


@router.post("/refresh", response_model=Tokens, responses=WRITES)
@tells_secrets
async def refresh(request: Request, tx: OpenTx, sent: Sent[Refresh]) -> Any:
    """The next access token. A refresh token is good once; used again later, the whole session ends."""
    outcome = await service.refresh(tx, sent.refresh_token)
    return problem(request, outcome) if isinstance(outcome, Refusal) else outcome


@router.post("/reset", status_code=status.HTTP_202_ACCEPTED, response_class=Response, responses=WRITES)
async def request_reset(request: Request, tx: OpenTx, sent: Sent[ResetRequest]) -> Response:
    """Send a link to choose a new password, if the address has an account; the answer does not say."""
    return _accepted(request, await service.request_reset(tx, sent.email))


@router.post("/reset/confirm", response_model=Known, responses=WRITES)
@tells_secrets
async def reset(tx: OpenTx, sent: Sent[Reset]) -> Any:
    """Choose a new password by the token of the letter. Every session ends."""
    return Known(device_token=await service.reset_password(tx, sent.token, sent.password))


@router.post("/email/confirm", status_code=204, response_class=Response, responses=WRITES)
async def confirm_email(tx: OpenTx, sent: Sent[Opened]) -> Response:
    """Use a new address from now on, by the token of the letter sent there."""
    await service.change_email(tx, sent.token)
    return Response(status_code=204)


def _accepted(request: Request, refusal: Refusal | None) -> Response:
    return problem(request, refusal) if refusal else Response(status_code=202)
