"""The card: what is on it, its code to print, and how a stranger who helps reads it."""

from dataclasses import replace
from typing import Any, Literal
from uuid import UUID

from fastapi import Request, Response
from markupsafe import Markup
from pydantic import BaseModel, ConfigDict

from ojas.features.emergency import service
from ojas.features.emergency.pages.parts import drafted, frame_of
from ojas.features.emergency.rules import card as rules
from ojas.features.emergency.rules.card import Part
from ojas.features.emergency.rules.numbers import ANYWHERE
from ojas.features.emergency.schemas import CardDraft, Line, Note
from ojas.kit import phones
from ojas.kit.auth.codes import qr_svg
from ojas.kit.db import Tx
from ojas.kit.errors import Incorrect, TooMany
from ojas.kit.http import OpenTx, TxOf
from ojas.kit.http.replay import tells_secrets
from ojas.kit.i18n import _, current, format_datetime, use
from ojas.kit.i18n.zones import zone_text
from ojas.kit.web import Faults, Pages, form, page, redirect
from ojas.kit.web.forms import checked, typed

router = Pages(prefix="/p/{person_id}", include_in_schema=False)
public = Pages(include_in_schema=False)


class CardForm(BaseModel):
    model_config = ConfigDict(extra="ignore")

    version: int | None = None
    shown: bool = False
    parts: list[Part] = []
    conditions: list[UUID] = []
    implants: Note | None = None
    notes: Note | None = None
    languages: Line | None = None
    donor: Literal["yes", "no", "ask"] | None = None

    def draft(self) -> CardDraft:
        said = self.model_dump(exclude={"version"})
        chosen = {"parts": frozenset(self.parts), "conditions": tuple(self.conditions)}
        return drafted(CardDraft, said | chosen)


@router.get("/emergency/card")
@tells_secrets
async def card(request: Request, tx: TxOf, person_id: UUID) -> Response:
    return await _card(request, tx, person_id)


@router.post("/emergency/card")
@tells_secrets
async def change(request: Request, tx: TxOf, person_id: UUID) -> Response:
    sent = await form(request, CardForm)
    tx.access.require(service.SCOPE, person_id, write=True)
    if isinstance(sent, Faults):
        return await _card(request, tx, person_id, sent)
    try:
        await service.change_card(tx, person_id, sent.draft(), if_version=sent.version)
    except Incorrect as refusal:
        return await _card(request, tx, person_id, Faults.of(refusal, typed(await request.form())))
    return redirect(request, f"/p/{person_id}/emergency/card", toast=_("Saved."))


@router.post("/emergency/card/code")
async def issue(request: Request, tx: TxOf, person_id: UUID) -> Response:
    await checked(request)
    await service.issue(tx, person_id)
    return redirect(
        request,
        f"/p/{person_id}/emergency/card",
        toast=_("The card has a new code. What was printed before opens nothing any more."),
    )


@router.get("/emergency/card/print")
@tells_secrets
async def print_it(request: Request, tx: TxOf, person_id: UUID) -> Response:
    """Card-sized, to cut out and carry."""
    state = await service.card(tx, person_id)
    return page(
        request,
        "emergency/print.html",
        state=state,
        shown=await service.preview(tx, person_id),
        qr=_qr(state.link),
        **_words(),
        **await frame_of(tx, person_id),
    )


async def _card(request: Request, tx: Tx, person_id: UUID, faults: Faults | None = None) -> Response:
    state = await service.card(tx, person_id)
    return page(
        request,
        "emergency/card.html",
        faults=faults,
        state=state,
        shown=await service.preview(tx, person_id),
        conditions=await service.conditions_to_pick(tx, person_id),
        qr=_qr(state.link) if state.shown else None,
        **_words(),
        **await frame_of(tx, person_id),
    )


def _words() -> dict[str, Any]:
    return {"parts": rules.PARTS, "donors": rules.DONOR}


def _qr(link: str | None) -> Markup | None:
    return Markup(qr_svg(link)) if link else None  # noqa: S704  # drawn by us, of an address of ours


@public.get("/e/{code}")
async def found(request: Request, tx: OpenTx, code: str) -> Response:
    """What whoever scanned a code sees first: one tap from the card, so that no program that follows links opens it."""
    there = await service.there(tx, code[:100])
    if isinstance(there, TooMany):
        return _hidden(_often(request, there))
    template = "emergency/found.html" if there else "emergency/closed.html"
    shown = page(request, template, status=200 if there else 404, code=code[:100], number=ANYWHERE.dial)
    return _hidden(shown)


@public.get("/e/{code}/card")
async def opened(request: Request, tx: OpenTx, code: str) -> Response:
    """The card itself. That it was opened is written down, and told to the person."""
    if "prefetch" in request.headers.get("sec-purpose", ""):
        return _hidden(Response(status_code=204))  # a browser that guesses is not somebody who helps
    found = await service.open_card(tx, code[:100])
    if isinstance(found, TooMany):
        return _hidden(_often(request, found))
    if found is None:
        return _hidden(
            page(request, "emergency/closed.html", status=404, code=code[:100], number=ANYWHERE.dial)
        )
    with use(replace(current(), zone=found.card.zone)):
        as_of, zone = format_datetime(found.card.as_of), zone_text(found.card.zone)
    return _hidden(
        page(
            request,
            "emergency/open.html",
            shown=found.card,
            as_of=as_of,
            zone=zone,
            numbers=found.numbers,
            made_up=found.synthetic,
            phones=phones,
            code=code[:100],
            **_words(),
        )
    )


def _often(request: Request, refusal: TooMany) -> Response:
    shown = page(request, "emergency/often.html", status=429, number=ANYWHERE.dial, code="")
    shown.headers["retry-after"] = str(refusal.retry_after)
    return shown


def _hidden(response: Response) -> Response:
    """Found by no search engine, kept by no cache, told to no page that is followed from it."""
    response.headers["x-robots-tag"] = "noindex, nofollow, noarchive"
    response.headers["cache-control"] = "no-store"
    response.headers["referrer-policy"] = "no-referrer"
    return response
