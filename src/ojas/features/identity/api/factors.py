"""Second factors and passkeys over REST."""

from typing import Annotated, Any
from urllib.parse import urlsplit
from uuid import UUID

from fastapi import Request, Response
from pydantic import BaseModel, Field

from ojas.features.identity import service
from ojas.features.identity.api.account import proved
from ojas.features.identity.api.doors import answered
from ojas.features.identity.rules import Kind
from ojas.features.identity.schemas import Code, Line, Tokens
from ojas.features.identity.service.relying import party_of
from ojas.kit.collection import Strict
from ojas.kit.http import ActorOf, OpenTx, Router, Sent, TxOf
from ojas.kit.http.collections import RESPONSES, WRITES
from ojas.kit.http.replay import tells_secrets

router = Router(tags=["factors"])


class Offered(BaseModel):
    """What an authenticator app needs; ``picture`` is the QR code as SVG."""

    secret: str
    uri: str
    picture: str


class Typed(Strict):
    code: Code


class Codes(BaseModel):
    """Recovery codes, each good once; shown this once."""

    codes: list[str]


class PasskeyInfo(BaseModel):
    id: UUID
    label: str
    created_at: Any
    used_at: Any


class Proving(Strict):
    """What navigator.credentials answered, as JSON."""

    credential: Annotated[dict[str, Any], Field(max_length=20)]


class Reply(Proving):
    label: Line | None = None


@router.post("/account/totp", response_model=Offered, responses=WRITES)
@tells_secrets
async def begin_totp(tx: TxOf, actor: ActorOf) -> Any:
    """Offer a secret for an authenticator app. Needs a fresh proof."""
    email = (await service.account(tx, actor)).email
    return await service.begin_totp(tx, actor, email)


@router.post("/account/totp/confirm", response_model=Codes, responses=WRITES)
@tells_secrets
async def confirm_totp(tx: TxOf, actor: ActorOf, sent: Sent[Typed]) -> Any:
    """Put it into use by typing its code. Answers recovery codes."""
    return {"codes": await service.confirm_totp(tx, actor, sent.code)}


@router.delete("/account/totp", status_code=204, response_class=Response, responses=WRITES)
async def remove_totp(tx: TxOf, actor: ActorOf) -> Response:
    """Sign in by password alone again. Needs a fresh proof."""
    await service.remove_totp(tx, actor)
    return Response(status_code=204)


@router.post("/account/recovery-codes", response_model=Codes, responses=WRITES)
@tells_secrets
async def recovery_codes(tx: TxOf, actor: ActorOf) -> Any:
    """Ten fresh recovery codes; older ones end. Needs a fresh proof."""
    return {"codes": await service.new_recovery_codes(tx, actor)}


@router.get("/account/passkeys", response_model=list[PasskeyInfo], responses=RESPONSES)
async def passkeys(tx: TxOf, actor: ActorOf) -> Any:
    return [vars_of(one) for one in await service.passkeys_of(tx, actor)]


@router.post("/account/passkeys/question", response_model=dict[str, Any], responses=WRITES)
async def begin_passkey(request: Request, tx: TxOf, actor: ActorOf) -> Any:
    """What to hand to navigator.credentials.create. Needs a fresh proof."""
    mine = await service.account(tx, actor)
    name = (await service.names(tx, [mine.person_id]))[mine.person_id]
    return await service.begin_passkey(tx, actor, party_of(request), email=mine.email, name=name)


@router.post("/account/passkeys", response_model=PasskeyInfo, status_code=201, responses=WRITES)
async def add_passkey(request: Request, tx: TxOf, actor: ActorOf, sent: Sent[Reply]) -> Any:
    """Keep the passkey the browser made."""
    made = await service.add_passkey(
        tx, actor, party_of(request), sent.credential, label=sent.label or _place(request)
    )
    return vars_of(made)


@router.delete("/account/passkeys/{id}", status_code=204, response_class=Response, responses=WRITES)
async def remove_passkey(tx: TxOf, actor: ActorOf, id: UUID) -> Response:
    """Needs a fresh proof."""
    await service.remove_passkey(tx, actor, id)
    return Response(status_code=204)


@router.post("/account/proof/passkey/question", response_model=dict[str, Any], responses=WRITES)
async def proof_question(request: Request, tx: TxOf, actor: ActorOf) -> Any:
    """What to hand to navigator.credentials.get, to confirm that it is you by one of your passkeys."""
    return await service.passkey_question_again(tx, actor, party_of(request))


@router.post("/account/proof/passkey", status_code=204, response_class=Response, responses=WRITES)
@tells_secrets
async def prove_by_passkey(request: Request, tx: TxOf, actor: ActorOf, sent: Sent[Proving]) -> Response:
    """Confirm that it is you, for ten minutes, by passkey: as good as the password, and all that some have."""
    return proved(request, await service.passkey_prove_again(tx, actor, party_of(request), sent.credential))


@router.post("/auth/passkeys/question", response_model=dict[str, Any], responses=WRITES)
async def passkey_question(request: Request, tx: OpenTx) -> Any:
    """What to hand to navigator.credentials.get."""
    return await service.passkey_question(tx, party_of(request))


@router.post("/auth/passkeys", response_model=Tokens, responses=WRITES)
@tells_secrets
async def passkey_sign_in(request: Request, tx: OpenTx, sent: Sent[Reply]) -> Any:
    """Come in by passkey."""
    outcome = await service.passkey_sign_in(tx, party_of(request), sent.credential, kind=Kind.TOKEN)
    return await answered(tx, request, outcome)


def vars_of(one: service.PasskeyView) -> dict[str, Any]:
    return {"id": one.id, "label": one.label, "created_at": one.created_at, "used_at": one.used_at}


def _place(request: Request) -> str:
    return urlsplit(str(request.base_url)).hostname or "passkey"
