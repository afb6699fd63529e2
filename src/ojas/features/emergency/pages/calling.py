"""The numbers, the button, the call that runs, and those that are over."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from ojas.features.emergency import service
from ojas.features.emergency.pages.parts import absent, drafted, frame_of
from ojas.features.emergency.rules.terms import Answer, Kind, Outcome
from ojas.features.emergency.schemas import Alert, AlertDraft, EndDraft, MoreDraft, Note, Place
from ojas.kit.db import Tx
from ojas.kit.errors import Incorrect
from ojas.kit.http import ActorOf, TxOf
from ojas.kit.i18n import _
from ojas.kit.ids import new_id
from ojas.kit.web import Faults, Pages, form, page, redirect
from ojas.kit.web.forms import typed

router = Pages(prefix="/p/{person_id}", include_in_schema=False)

_PER_PAGE = 30


class CallForm(BaseModel):
    """A press, as the page sends it. ``id`` was given out with the page, so that sending it twice calls once."""

    model_config = ConfigDict(extra="ignore")

    id: UUID | None = None
    kind: Kind = Kind.MEDICAL
    message: Note | None = None
    address: Note | None = None
    latitude: Annotated[float, Field(ge=-90, le=90)] | None = None
    longitude: Annotated[float, Field(ge=-180, le=180)] | None = None
    accuracy: Annotated[float, Field(ge=0)] | None = None
    test: bool = False
    contacts: list[UUID] = []

    @property
    def place(self) -> Place | None:
        found = place_of(self.latitude, self.longitude, self.accuracy, self.address)
        return found if found.known else None

    def draft(self) -> AlertDraft:
        said = {"kind": self.kind, "message": self.message, "place": self.place, "test": self.test}
        return drafted(AlertDraft, said | {"contacts": tuple(self.contacts) if self.test else ()})


class MoreForm(BaseModel):
    model_config = ConfigDict(extra="ignore")

    message: Note | None = None
    address: Note | None = None
    latitude: Annotated[float, Field(ge=-90, le=90)] | None = None
    longitude: Annotated[float, Field(ge=-180, le=180)] | None = None
    accuracy: Annotated[float, Field(ge=0)] | None = None

    def draft(self) -> MoreDraft:
        found = place_of(self.latitude, self.longitude, self.accuracy, self.address)
        return MoreDraft(message=self.message, place=found if found.known else None)


class EndForm(BaseModel):
    model_config = ConfigDict(extra="ignore")

    outcome: Literal[Outcome.HELPED, Outcome.FALSE_ALARM] = Outcome.HELPED
    note: Note | None = None


class AnswerForm(BaseModel):
    model_config = ConfigDict(extra="ignore")

    answer: Answer


def place_of(
    latitude: float | None, longitude: float | None, accuracy: float | None, address: str | None
) -> Place:
    """Half a place is none: a call for help is not refused for it."""
    whole = latitude is not None and longitude is not None
    return Place(
        latitude=latitude if whole else None,
        longitude=longitude if whole else None,
        accuracy=min(accuracy, 1_000_000.0) if whole and accuracy is not None else None,
        address=address,
    )


@router.get("/emergency")
async def front(request: Request, tx: TxOf, person_id: UUID) -> Response:
    """The numbers first, then the button, then whom it calls."""
    return await _front(request, tx, person_id)


async def _front(request: Request, tx: Tx, person_id: UUID) -> Response:
    contacts = [one for one in await service.contacts(tx, person_id) if one.active]
    ways = absent(request)
    return page(
        request,
        "emergency/front.html",
        running=await service.running(tx, person_id),
        contacts=contacts,
        reached=any(one.can_receive_alerts and one.told_without(ways) for one in contacts),
        standings=await service.standings(tx, person_id),
        card=await service.card(tx, person_id),
        **await frame_of(tx, person_id),
    )


@router.get("/emergency/call")
async def call(
    request: Request,
    tx: TxOf,
    person_id: UUID,
    kind: Annotated[Kind, Query()] = Kind.MEDICAL,
) -> Response:
    """A short count-down, or a second tap, and the call goes out."""
    tx.access.require(service.SCOPE, person_id, write=True)
    return await _call_page(request, tx, person_id, {"id": str(new_id()), "kind": kind.value})


async def _call_page(
    request: Request, tx: Tx, person_id: UUID, values: dict[str, Any], faults: Faults | None = None
) -> Response:
    return page(
        request,
        "emergency/call.html",
        faults=faults,
        values=dict.fromkeys(CallForm.model_fields) | {"kind": Kind.MEDICAL.value} | values,
        **await frame_of(tx, person_id),
    )


@router.get("/emergency/test")
async def try_out(request: Request, tx: TxOf, person_id: UUID) -> Response:
    """A test: to whom it goes is chosen here."""
    tx.access.require(service.SCOPE, person_id, write=True)
    return await _test_page(request, tx, person_id, {"id": str(new_id())})


async def _test_page(
    request: Request, tx: Tx, person_id: UUID, values: dict[str, Any], faults: Faults | None = None
) -> Response:
    standings = await service.standings(tx, person_id)
    told = [
        one
        for one in await service.contacts(tx, person_id)
        if one.active and one.can_receive_alerts and not standings[one.id].refused_at
    ]
    return page(
        request,
        "emergency/test.html",
        faults=faults,
        values=dict.fromkeys(CallForm.model_fields) | values,
        contacts=told,
        **await frame_of(tx, person_id),
    )


@router.post("/emergency/call")
async def press(request: Request, tx: TxOf, person_id: UUID) -> Response:
    """Call for help, and show how it goes."""
    sent = await form(request, CallForm)
    tx.access.require(service.SCOPE, person_id, write=True)
    if isinstance(sent, Faults):
        again = _test_page if sent.values.get("test") else _call_page
        return await again(request, tx, person_id, dict(sent.values), sent)
    try:
        made = await service.press(tx, person_id, sent.draft(), id=sent.id)
    except Incorrect as refusal:
        values = typed(await request.form())
        again = _test_page if sent.test else _call_page
        return await again(request, tx, person_id, values, Faults.of(refusal, values))
    where = f"/p/{person_id}/emergency/alerts/{made.id}"
    return redirect(request, where + ("?often=1" if made.said and made.helpers else ""))


@router.get("/emergency/alerts")
async def past(request: Request, tx: TxOf, person_id: UUID, cursor: UUID | None = None) -> Response:
    """Every call there was, newest first."""
    found, following = await service.alerts(tx, person_id, limit=_PER_PAGE, before=cursor)
    return page(
        request,
        "emergency/alerts.html",
        alerts=found,
        next=str(following) if following else None,
        **await frame_of(tx, person_id),
    )


@router.get("/emergency/alerts/{id}")
async def one(
    request: Request, tx: TxOf, actor: ActorOf, person_id: UUID, id: UUID, often: bool = False
) -> Response:
    """How a call stands, kept up to date by itself."""
    return await _one(request, tx, await service.alert(tx, person_id, id), often=often)


async def _one(
    request: Request, tx: Tx, alert: Alert, *, often: bool = False, faults: Faults | None = None
) -> Response:
    mine = alert.raised_by is not None and alert.raised_by == tx.access.account_id
    return page(
        request,
        "emergency/alert.html",
        block="state" if faults is None else None,
        faults=faults,
        alert=alert,
        often=often,
        locate=mine and alert.resolved_at is None and (alert.place is None or alert.place.latitude is None),
        said=service.said_of(alert),
        **await frame_of(tx, alert.person_id),
    )


@router.post("/emergency/alerts/{id}/more")
async def more(request: Request, tx: TxOf, person_id: UUID, id: UUID) -> Response:
    sent = await form(request, MoreForm)
    if isinstance(sent, Faults):
        return await _one(request, tx, await service.alert(tx, person_id, id), faults=sent)
    await service.add(tx, person_id, id, sent.draft())
    return redirect(request, f"/p/{person_id}/emergency/alerts/{id}", toast=_("Sent to those who were told."))


@router.post("/emergency/alerts/{id}/end")
async def end(request: Request, tx: TxOf, person_id: UUID, id: UUID) -> Response:
    sent = await form(request, EndForm)
    if isinstance(sent, Faults):
        return await _one(request, tx, await service.alert(tx, person_id, id), faults=sent)
    await service.end(tx, person_id, id, EndDraft(outcome=sent.outcome, note=sent.note))
    return redirect(
        request, f"/p/{person_id}/emergency/alerts/{id}", toast=_("Over. Everybody who was told is told so.")
    )


@router.post("/emergency/alerts/{id}/helpers/{helper_id}")
async def answer(request: Request, tx: TxOf, person_id: UUID, id: UUID, helper_id: UUID) -> Response:
    """What a helper said by telephone."""
    sent = await form(request, AnswerForm)
    if isinstance(sent, Faults):
        return redirect(request, f"/p/{person_id}/emergency/alerts/{id}")
    await service.answer(tx, person_id, id, helper_id, sent.answer)
    return redirect(request, f"/p/{person_id}/emergency/alerts/{id}", toast=_("Noted."))
