"""One's own account: what it is, how it speaks, where it is signed in."""

from typing import Any
from uuid import UUID

from fastapi import Request, Response
from pydantic import model_validator

from ojas.features.identity import service
from ojas.features.identity.schemas import (
    Account,
    Code,
    Email,
    Preferences,
    Secret,
    SessionView,
)
from ojas.features.identity.service import Proved, Refused, cookies
from ojas.features.identity.service.gate import gated
from ojas.kit.collection import Strict
from ojas.kit.errors import Incorrect
from ojas.kit.http import ActorOf, Router, Sent, TxOf
from ojas.kit.http.collections import RESPONSES, WRITES
from ojas.kit.http.problems import problem
from ojas.kit.http.replay import tells_secrets

router = Router(prefix="/account", tags=["account"])


class Proof(Strict):
    """The password, or a code of the authenticator app."""

    password: Secret | None = None
    code: Code | None = None

    @model_validator(mode="after")
    def _one(self) -> "Proof":
        if (self.password is None) == (self.code is None):
            raise Incorrect("Send either a password or a code.")
        return self


class NewPassword(Strict):
    password: Secret


class NewEmail(Strict):
    email: Email


@router.get("", response_model=Account, responses=RESPONSES)
async def read(tx: TxOf, actor: ActorOf) -> Any:
    """Who you are here."""
    return await service.account(tx, actor)


@router.get("/preferences", response_model=Preferences, responses=RESPONSES)
async def preferences(tx: TxOf, actor: ActorOf) -> Any:
    """Language, units, formats, and how pages look."""
    return service.preferences(actor)


@router.put("/preferences", response_model=Preferences, responses=WRITES)
async def change_preferences(tx: TxOf, actor: ActorOf, wanted: Sent[Preferences]) -> Any:
    return await service.change_preferences(tx, actor, wanted)


@router.get("/sessions", response_model=list[SessionView], responses=RESPONSES)
async def sessions(tx: TxOf, actor: ActorOf) -> Any:
    """Where you are signed in, last used first."""
    return await service.sessions_of(tx, actor)


@router.delete("/sessions/{id}", status_code=204, response_class=Response, responses=WRITES)
async def end_session(tx: TxOf, actor: ActorOf, id: UUID) -> Response:
    """Sign a device out."""
    await service.end_session(tx, actor, id)
    return Response(status_code=204)


@router.delete("/sessions", status_code=204, response_class=Response, responses=WRITES)
async def end_other_sessions(tx: TxOf, actor: ActorOf) -> Response:
    """Sign out everywhere but here."""
    await service.end_other_sessions(tx, actor)
    return Response(status_code=204)


@router.post("/sign-out", status_code=204, response_class=Response, responses=WRITES)
async def sign_out(tx: TxOf, actor: ActorOf) -> Response:
    """End this session, and every token of it, now."""
    await service.sign_out(tx, actor)
    return Response(status_code=204)


hashing = Router(prefix="/account", tags=["account"])
gated(hashing)


@hashing.post("/proof", status_code=204, response_class=Response, responses=WRITES)
@tells_secrets
async def prove(request: Request, tx: TxOf, actor: ActorOf, proof: Sent[Proof]) -> Response:
    """Confirm that it is you, for ten minutes: asked for before changing how you sign in."""
    outcome = await service.prove_again(tx, actor, password=proof.password, code=proof.code)
    return proved(request, outcome)


def proved(request: Request, outcome: Proved | Refused) -> Response:
    """The answer to a proof; a browser gets its new cookie with it."""
    if isinstance(outcome, Refused):
        return problem(request, outcome.refusal)
    response = Response(status_code=204)
    if outcome.renewed:
        cookies.renew(request, response, outcome.renewed)
    return response


@hashing.put("/password", status_code=204, response_class=Response, responses=WRITES)
async def change_password(tx: TxOf, actor: ActorOf, sent: Sent[NewPassword]) -> Response:
    """Choose a new password. Other devices are signed out. Needs a fresh proof."""
    await service.change_password(tx, actor, sent.password)
    return Response(status_code=204)


@router.post("/email", status_code=202, response_class=Response, responses=WRITES)
async def change_email(tx: TxOf, actor: ActorOf, sent: Sent[NewEmail]) -> Response:
    """Send a link to a new address, which counts once the link is opened. Needs a fresh proof."""
    await service.request_email_change(tx, actor, sent.email)
    return Response(status_code=202)
