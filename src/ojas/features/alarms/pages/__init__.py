"""The pages of alarms: those open and past, each with what became of it, and the rules in plain sentences."""

from typing import Any
from uuid import UUID

from fastapi import Request, Response

from ojas.features.alarms import service
from ojas.features.alarms.pages import showing
from ojas.features.alarms.pages.forms import AnswerForm, RuleForm, amount_in, unit_of, values_of
from ojas.features.alarms.rules import RULES, Sort
from ojas.features.alarms.schemas import RuleShown
from ojas.features.measurements import service as measurements
from ojas.kit.db import Tx
from ojas.kit.errors import Conflict, Incorrect
from ojas.kit.http import Actor, ActorOf, TxOf
from ojas.kit.i18n import _
from ojas.kit.jobs import still_since
from ojas.kit.web import Faults, Pages, form, page, redirect
from ojas.kit.web.forms import checked, typed

router = Pages(prefix="/p/{person_id}", include_in_schema=False)

_PER_PAGE = 30


def _may_write(tx: Tx, person_id: UUID) -> bool:
    return tx.access.allows(service.SCOPE, person_id, write=True)


@router.get("/alarms")
async def listing(
    request: Request, tx: TxOf, actor: ActorOf, person_id: UUID, cursor: str | None = None
) -> Response:
    """What is wrong now, and what was."""
    units = measurements.preferences_of(actor)
    past, following = await service.page(tx, person_id, units, ended=True, limit=_PER_PAGE, cursor=cursor)
    return page(
        request,
        "alarms/list.html",
        open=[] if cursor else await service.open_now(tx, person_id, units),
        past=past,
        next=following,
        first=cursor is None,
        still=await still_since(tx),
        show=showing,
        may_write=_may_write(tx, person_id),
    )


@router.get("/alarms/{id}")
async def one(request: Request, tx: TxOf, actor: ActorOf, person_id: UUID, id: UUID) -> Response:
    """An alarm: what it rests on, what became of it, who was told."""
    return await _one_page(request, tx, actor, person_id, id)


async def _one_page(
    request: Request, tx: Tx, actor: Actor, person_id: UUID, id: UUID, faults: Faults | None = None
) -> Response:
    units = measurements.preferences_of(actor)
    alarm = await service.one(tx, person_id, id, units)
    return page(
        request,
        "alarms/one.html",
        faults=faults,
        alarm=alarm,
        names=await service.names(tx, alarm),
        told=await service.told(tx, alarm),
        show=showing,
        units=units,
        may_write=_may_write(tx, person_id) and alarm.ended_at is None,
    )


@router.post("/alarms/{id}/acknowledge")
async def acknowledge(request: Request, tx: TxOf, person_id: UUID, id: UUID) -> Response:
    sent = _pressed(await form(request, AnswerForm))
    toast = _("Noted. Nobody else is called, unless it gets worse.")
    try:
        await service.acknowledge(tx, person_id, id)
    except Conflict:  # it ended by itself while the page was open
        toast = _("It is over already.")
    return _back(request, person_id, id, sent, toast)


@router.post("/alarms/{id}/snooze")
async def snooze(request: Request, tx: TxOf, person_id: UUID, id: UUID) -> Response:
    sent = _pressed(await form(request, AnswerForm))
    toast = _("Silent for a while. It sounds again if it is still so, and at once if it gets worse.")
    try:
        await service.snooze(tx, person_id, id, sent.minutes)
    except Conflict:
        toast = _("It is over already.")
    return _back(request, person_id, id, sent, toast)


@router.post("/alarms/{id}/resolve")
async def resolve(request: Request, tx: TxOf, actor: ActorOf, person_id: UUID, id: UUID) -> Response:
    told = await form(request, AnswerForm)
    if isinstance(told, Faults) and "note" in told.errors:
        return await _one_page(request, tx, actor, person_id, id, told)
    sent = _pressed(told)
    toast = _("Closed. A newer value may raise it again.")
    try:
        await service.resolve(tx, person_id, id, sent.note)
    except Conflict:
        toast = _("It is over already.")
    return _back(request, person_id, id, sent, toast)


def _pressed(sent: AnswerForm | Faults) -> AnswerForm:
    """A button alone, where what came with it is none of ours."""
    return AnswerForm() if isinstance(sent, Faults) else sent


def _back(request: Request, person_id: UUID, id: UUID, sent: AnswerForm, toast: str) -> Response:
    return redirect(request, sent.then or f"/p/{person_id}/alarms/{id}", toast=toast)


@router.get("/alarm-rules")
async def rules(request: Request, tx: TxOf, actor: ActorOf, person_id: UUID) -> Response:
    """When somebody is told, of what."""
    found = await service.rules(tx, person_id, measurements.preferences_of(actor))
    return page(request, "alarms/rules.html", rules=found, show=showing, may_write=_may_write(tx, person_id))


@router.get("/alarm-rules/{key}")
async def rule(request: Request, tx: TxOf, actor: ActorOf, person_id: UUID, key: str) -> Response:
    """One rule, to be changed."""
    tx.access.require(service.SCOPE, person_id, write=True)
    units = measurements.preferences_of(actor)
    found = await service.rule(tx, person_id, key, units)
    return _rule_page(request, found, units, values_of(found, units))


@router.post("/alarm-rules/{key}")
async def change(request: Request, tx: TxOf, actor: ActorOf, person_id: UUID, key: str) -> Response:
    sent = await form(request, RuleForm)
    tx.access.require(service.SCOPE, person_id, write=True)
    units = measurements.preferences_of(actor)
    found = await service.rule(tx, person_id, key, units)
    values = typed(await request.form())
    if isinstance(sent, Faults):
        return _rule_page(request, found, units, values, sent)
    try:
        await service.put(tx, person_id, sent.draft(key, units), if_version=sent.version)
    except Incorrect as refusal:
        return _rule_page(request, found, units, values, Faults.of(refusal, values))
    return redirect(request, f"/p/{person_id}/alarm-rules", toast=_("Saved."))


@router.post("/alarm-rules/{key}/reset")
async def reset(request: Request, tx: TxOf, person_id: UUID, key: str) -> Response:
    await checked(request)
    await service.reset(tx, person_id, key)
    return redirect(request, f"/p/{person_id}/alarm-rules", toast=_("What is usual holds again."))


def _rule_page(
    request: Request,
    rule: RuleShown,
    units: measurements.Preferences,
    values: dict[str, Any],
    faults: Faults | None = None,
) -> Response:
    of = RULES[rule.rule]
    kind = measurements.CATALOGUE[of.kinds[0]] if of.kinds else None
    unit = unit_of(rule.rule, units)
    weighs = of.sort is Sort.GAIN
    return page(
        request,
        "alarms/rule.html",
        faults=faults,
        rule=rule,
        values=dict.fromkeys(RuleForm.model_fields) | values,
        parts=[part for part in kind.parts if part.required] if kind and of.sort is Sort.VALUES else [],
        kind=kind,
        unit=measurements.unit_text(kind, unit) if kind and (weighs or of.sort is Sort.VALUES) else None,
        usual=amount_in(rule.rule, rule.usual_amount, units) if rule.usual_amount is not None else None,
        show=showing,
    )


__all__ = ["router"]
