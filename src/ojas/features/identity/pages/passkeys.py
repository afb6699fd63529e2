"""Passkeys in the browser: the script asks, the authenticator answers, these take the answer."""

from typing import Any

from fastapi import Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from ojas.features.identity import service
from ojas.features.identity.rules import Kind, device_of
from ojas.features.identity.service import Entered, Refused, cookies
from ojas.features.identity.service.relying import party_of
from ojas.kit.errors import Refusal
from ojas.kit.http import ActorOf, OpenTx, Sent, TxOf
from ojas.kit.http.replay import tells_secrets
from ojas.kit.i18n import say
from ojas.kit.web import Pages
from ojas.kit.web.forms import checked
from ojas.kit.web.pages import own_address

router = Pages()


class Answer(BaseModel):
    """What navigator.credentials answered, and where one was going."""

    credential: dict[str, Any]
    next: str = Field("/", max_length=2000)


@router.post("/passkeys/question")
async def question(request: Request, tx: OpenTx) -> Response:
    await checked(request)
    try:
        return JSONResponse(await service.passkey_question(tx, party_of(request)))
    except Refusal as refusal:
        return _says(refusal)


@router.post("/passkeys/answer")
@tells_secrets
async def answer(request: Request, tx: OpenTx, sent: Sent[Answer]) -> Response:
    await checked(request)
    outcome = await service.passkey_sign_in(
        tx,
        party_of(request),
        sent.credential,
        kind=Kind.REMEMBERED,
        device_token=cookies.device_of(request),
    )
    if not isinstance(outcome, Entered):
        return _says(outcome.refusal)
    if request.state.actor:
        await service.sign_out(tx, request.state.actor)
    response = JSONResponse({"next": own_address(sent.next)})
    cookies.enter(request, response, outcome)
    return response


@router.post("/settings/confirm/passkey/question")
async def proof_question(request: Request, tx: TxOf, actor: ActorOf) -> Response:
    await checked(request)
    try:
        return JSONResponse(await service.passkey_question_again(tx, actor, party_of(request)))
    except Refusal as refusal:
        return _says(refusal)


@router.post("/settings/confirm/passkey/answer")
@tells_secrets
async def prove(request: Request, tx: TxOf, actor: ActorOf, sent: Sent[Answer]) -> Response:
    await checked(request)
    outcome = await service.passkey_prove_again(tx, actor, party_of(request), sent.credential)
    if isinstance(outcome, Refused):
        return _says(outcome.refusal)
    response = JSONResponse({"next": own_address(sent.next)})
    if outcome.renewed:
        cookies.renew(request, response, outcome.renewed)
    return response


@router.post("/settings/passkeys/question")
async def enrolment_question(request: Request, tx: TxOf, actor: ActorOf) -> Response:
    await checked(request)
    try:
        mine = await service.account(tx, actor)
        name = (await service.names(tx, [mine.person_id]))[mine.person_id]
        found = await service.begin_passkey(tx, actor, party_of(request), email=mine.email, name=name)
        return JSONResponse(found)
    except Refusal as refusal:
        return _says(refusal)


@router.post("/settings/passkeys/answer")
async def enrolment_answer(request: Request, tx: TxOf, actor: ActorOf, sent: Sent[Answer]) -> Response:
    await checked(request)
    try:
        label = device_of(request.headers.get("user-agent"))
        await service.add_passkey(tx, actor, party_of(request), sent.credential, label=label)
        return JSONResponse({"next": "/settings/security"})
    except Refusal as refusal:
        return _says(refusal)


def _says(refusal: Refusal) -> Response:
    return JSONResponse({"says": say(refusal.fault.message, refusal.fault.params)}, refusal.status)
