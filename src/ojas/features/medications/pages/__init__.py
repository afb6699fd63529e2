"""The pages of medicines: what is due, each medicine with its last month, the form, the answer to a dose."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request, Response

from ojas.features.medications import service
from ojas.features.medications.pages import adherence, rhythm, showing, taking_over
from ojas.features.medications.pages.forms import (
    AnswerForm,
    IngredientsForm,
    MedicineForm,
    PutOffForm,
    TakeForm,
    values_of,
)
from ojas.features.medications.pages.rhythm import MOST_STEPS, TIMES
from ojas.features.medications.pages.warnings import Warned, noted, uncompared, warned
from ojas.features.medications.rules.doses import Action, State
from ojas.features.medications.rules.patterns import AsNeeded
from ojas.features.medications.rules.words import Status
from ojas.features.medications.schemas import AnswerDraft, Dose, Medicine, MedicineDraft
from ojas.features.record import service as record
from ojas.features.sharing import service as sharing
from ojas.kit import clock, i18n
from ojas.kit.db import Tx
from ojas.kit.errors import Conflict, Incorrect, NotFound, Refusal
from ojas.kit.http import TxOf
from ojas.kit.i18n import _, say
from ojas.kit.ids import new_id
from ojas.kit.web import Faults, Pages, deletable, form, own_address, page, redirect
from ojas.kit.web.forms import checked, pressed_at, typed

router = Pages(prefix="/p/{person_id}", include_in_schema=False)

_MONTH = timedelta(days=29)
From = Annotated[UUID | None, Query(alias="from")]
After = Annotated[UUID | None, Query()]
Then = Annotated[str | None, Query(alias="then", max_length=300)]


def _may_write(tx: Tx, person_id: UUID) -> bool:
    return tx.access.allows(service.SCOPE, person_id, write=True)


@router.get("/medicines")
async def listing(request: Request, tx: TxOf, person_id: UUID) -> Response:
    """What is due now, what is taken, what was."""
    found = (await service.MEDICINES.page(tx, person_id, limit=200)).items
    today = await service.today(tx, person_id)
    taken = [medicine for medicine in found if medicine.status in (Status.ACTIVE, Status.PAUSED)]
    day = i18n.local(clock.now()).date()
    month = await service.picture(tx, person_id, day - _MONTH, day)
    return page(
        request,
        "medications/list.html",
        due=[dose for dose in today if dose.state in showing.OPEN],
        rest=[dose for dose in today if dose.state not in showing.OPEN],
        taken=taken,
        coming=await service.coming_of(tx, person_id, taken),
        earlier=[medicine for medicine in found if medicine not in taken],
        month=month.total,
        share={one.medicine_id: one.percent for one in month.medicines if one.percent is not None},
        waiting=await service.waiting(tx, person_id),
        against=await service.touched(tx, person_id),
        uncompared=await service.uncompared(tx, person_id),
        show=showing,
        may_write=_may_write(tx, person_id),
    )


@router.get("/medicines/new")
async def new(
    request: Request, tx: TxOf, person_id: UUID, origin: From = None, after: After = None
) -> Response:
    """The empty form, which says what was added just before; or filled by a prescription of the record, to be read,
    corrected and saved."""
    tx.access.require(service.SCOPE, person_id, write=True)
    if origin is None:
        added = await _added(tx, person_id, after) if after else None
        return await _form_page(request, tx, person_id, None, {"id": str(new_id())}, added=added)
    found = await service.suggestion(tx, person_id, origin)
    # How much is no guess of ours where a prescription is silent about it.
    values = _first() | {"amount": None} | taking_over.filled(origin, found.says)
    return await _form_page(request, tx, person_id, None, values, doubts=taking_over.doubts(found.says))


@router.post("/medicines/new")
async def add(request: Request, tx: TxOf, person_id: UUID) -> Response:
    """Keep a medicine, once what speaks against it was shown."""
    tx.access.require(service.SCOPE, person_id, write=True)
    sent = await _sent(request, tx, person_id, None)
    if isinstance(sent, Response):
        return sent
    form_sent, draft = sent
    made = await service.MEDICINES.create(tx, person_id, draft, id=form_sent.id)
    here = f"/p/{person_id}/medicines/{made.id}"
    if form_sent.again:
        # No message that waits to be read: it would lie upon the form that is filled in next.
        return redirect(request, f"/p/{person_id}/medicines/new?after={made.id}")
    says = noted(_("{name} was added.", name=made.name), await service.safety(tx, person_id, made.id))
    return redirect(request, here, toast=says, undo=f"{here}/delete")


async def _added(tx: Tx, person_id: UUID, id: UUID) -> tuple[Medicine, str | None]:
    """What was added just before, and why it was not compared with the allergies."""
    medicine = await service.MEDICINES.read(tx, person_id, id)
    return medicine, uncompared(await service.safety(tx, person_id, id))


async def _sent(
    request: Request, tx: Tx, person_id: UUID, before: Medicine | None
) -> Response | tuple[MedicineForm, MedicineDraft]:
    """What was typed, as a draft; or the form again, with what is wrong, more steps, or what speaks against it."""
    sent = await form(request, MedicineForm)
    values = typed(await request.form())
    if (moved := _moved(values)) is not None:
        values, step = moved
        return await _form_page(request, tx, person_id, before, values, step=step)
    if isinstance(sent, Faults):
        return await _form_page(request, tx, person_id, before, values, sent)
    try:
        draft = sent.draft(before)
    except Incorrect as refusal:
        return await _form_page(request, tx, person_id, before, values, Faults.of(refusal, values))
    found = await warned(tx, person_id, draft, sent.seen, before)
    if found is not None:
        return await _form_page(request, tx, person_id, before, values, warning=found)
    return sent, draft


@router.get("/medicines/{id}")
async def one(request: Request, tx: TxOf, person_id: UUID, id: UUID) -> Response:
    """A medicine: its last thirty days, how they went, what is left, what was checked."""
    medicine = await service.MEDICINES.read(tx, person_id, id)
    return await _one_page(request, tx, medicine)


async def _one_page(
    request: Request, tx: Tx, medicine: Medicine, *, faults: Faults | None = None, refused: bool = False
) -> Response:
    now = clock.now()
    day = i18n.local(now).date()
    doses = await service.doses(tx, medicine.person_id, now - _MONTH, now + timedelta(days=1), medicine.id)
    needed = isinstance(medicine.schedule.pattern, AsNeeded)
    return page(
        request,
        "medications/one.html",
        faults=faults,
        medicine=medicine,
        condition=await _condition(tx, medicine),
        steps=await _history(tx, medicine),
        coming=await service.coming(tx, medicine.person_id, medicine),
        # The next one first, then the last one.
        doses=[
            *(dose for dose in doses if dose.at > now),
            *(dose for dose in reversed(doses) if dose.at <= now),
        ],
        adherence=await service.adherence(tx, medicine.person_id, day - _MONTH, day, medicine.id),
        safety=await service.safety(tx, medicine.person_id, medicine.id),
        may_note=tx.access.allows(record.ALLERGIES.scope, medicine.person_id, write=True),
        permission=await service.permission(tx, medicine, now) if needed else None,
        refused=refused,
        taking={
            name: faults.values.get(name, "") for name in ("at", "amount", "unit", "notes", "side_effects")
        }
        if faults and refused
        else {},
        may_wait=any(dose.state is State.UPCOMING and i18n.local(dose.at).date() == day for dose in doses),
        new=new_id(),
        show=showing,
        may_write=_may_write(tx, medicine.person_id),
    )


@router.get("/medicines/{id}/edit")
async def edit(request: Request, tx: TxOf, person_id: UUID, id: UUID) -> Response:
    tx.access.require(service.SCOPE, person_id, write=True)
    medicine = await service.MEDICINES.read(tx, person_id, id)
    coming = await service.coming(tx, person_id, medicine)
    return await _form_page(request, tx, person_id, medicine, values_of(medicine, coming.left))


@router.post("/medicines/{id}/edit")
async def change(request: Request, tx: TxOf, person_id: UUID, id: UUID) -> Response:
    await checked(request)
    tx.access.require(service.SCOPE, person_id, write=True)
    medicine = await service.MEDICINES.read(tx, person_id, id)
    sent = await _sent(request, tx, person_id, medicine)
    if isinstance(sent, Response):
        return sent
    form_sent, draft = sent
    kept = await service.MEDICINES.change(tx, person_id, id, draft, if_version=form_sent.version)
    return _changed(request, kept, noted(_("Saved."), await service.safety(tx, person_id, id)))


@router.post("/medicines/{id}/ingredients")
async def ingredients(request: Request, tx: TxOf, person_id: UUID, id: UUID) -> Response:
    """Say what is in it, so that it can be compared; what is found stands on its page."""
    sent = await form(request, IngredientsForm)
    medicine = await service.MEDICINES.read(tx, person_id, id)
    if isinstance(sent, Faults):
        return await _one_page(request, tx, medicine, faults=sent)
    kept = await service.name_ingredients(tx, person_id, id, sent.ingredients)
    return _changed(request, kept, noted(_("Saved."), await service.safety(tx, person_id, id)))


deletable(router, "/medicines", service.MEDICINES, then="/{id}")


@router.post("/medicines/{id}/refill")
async def refill(request: Request, tx: TxOf, person_id: UUID, id: UUID) -> Response:
    await checked(request)
    return _changed(request, await service.refill(tx, person_id, id))


@router.post("/medicines/{id}/put-back")
async def put_back(request: Request, tx: TxOf, person_id: UUID, id: UUID, version: int) -> Response:
    """Undo the last change, which made this ``version``."""
    await checked(request)
    await service.MEDICINES.put_back(tx, person_id, id, if_version=version)
    return redirect(request, f"/p/{person_id}/medicines/{id}", toast=_("Taken back."))


def _changed(request: Request, medicine: Medicine, says: str | None = None) -> Response:
    here = f"/p/{medicine.person_id}/medicines/{medicine.id}"
    undo = f"{here}/put-back?version={medicine.version}"
    return redirect(request, here, toast=says or _("Saved."), undo=undo)


@router.post("/medicines/{id}/put-off")
async def put_off(request: Request, tx: TxOf, person_id: UUID, id: UUID) -> Response:
    """Let the rest of today come later; tomorrow is as before."""
    sent = await form(request, PutOffForm)
    medicine = await service.MEDICINES.read(tx, person_id, id)
    if isinstance(sent, Faults):
        return await _one_page(request, tx, medicine, faults=sent)
    try:
        late = await service.put_off(tx, person_id, id, timedelta(minutes=sent.minutes))
    except (Incorrect, Conflict) as refusal:
        return await _one_page(request, tx, medicine, faults=_on_top(refusal))
    return _changed(request, late, _("The rest of today comes later."))


def _on_top(refusal: Refusal, values: Mapping[str, Any] | None = None) -> Faults:
    """A refusal of a button, which has no field of its own to stand beside."""
    return Faults(values or {}, top=tuple(say(fault.message, fault.params) for fault in refusal.faults))


@router.post("/medicines/{id}/take")
async def take(request: Request, tx: TxOf, person_id: UUID, id: UUID) -> Response:
    """Take something as needed, now. Too soon or too much is refused with from when on, and may be confirmed."""
    sent = await form(request, TakeForm)
    if isinstance(sent, Faults):
        return await _one_page(request, tx, await service.MEDICINES.read(tx, person_id, id), faults=sent)
    try:
        dose = await service.take(tx, person_id, id, sent.draft(), id=sent.id)
    except Incorrect as refusal:
        medicine, values = await service.MEDICINES.read(tx, person_id, id), typed(await request.form())
        return await _one_page(request, tx, medicine, faults=Faults.of(refusal, values), refused=True)
    return _answered(request, person_id, dose, f"/p/{person_id}/medicines/{id}")


@router.get("/doses/{id}")
async def dose(request: Request, tx: TxOf, person_id: UUID, id: UUID, then: Then = None) -> Response:
    """One dose, with everything that can be said of it."""
    found = await service.dose(tx, person_id, id)
    return page(
        request,
        "medications/dose.html",
        dose=found,
        show=showing,
        then=own_address(then) if then else None,
        may_write=_may_write(tx, person_id),
    )


@router.post("/doses/{id}")
async def answer(request: Request, tx: TxOf, person_id: UUID, id: UUID) -> Response:
    """Take, skip, put off or undo; then back to where the button was."""
    sent = await form(request, AnswerForm)
    if isinstance(sent, Faults):
        return await _dose_page(request, tx, person_id, id, sent)
    until = clock.now() + timedelta(minutes=sent.minutes)
    try:
        dose = await service.answer(tx, person_id, id, sent.draft(until))
    except Incorrect as refusal:
        return await _dose_page(request, tx, person_id, id, Faults.of(refusal, typed(await request.form())))
    except Conflict as refusal:  # it was answered on another page: here stands how, and what takes that back
        return await _dose_page(request, tx, person_id, id, _on_top(refusal, typed(await request.form())))
    return _answered(request, person_id, dose, sent.then)


async def _dose_page(request: Request, tx: Tx, person_id: UUID, id: UUID, faults: Faults) -> Response:
    """The dose again, with what is wrong beside its field."""
    here = f"/p/{person_id}/medicines"
    return page(
        request,
        "medications/dose.html",
        dose=await service.dose(tx, person_id, id),
        show=showing,
        then=own_address(str(faults.values.get("then") or here)),
        faults=faults,
        may_write=True,
    )


@router.post("/doses/{id}/undo")
async def undo(request: Request, tx: TxOf, person_id: UUID, id: UUID) -> Response:
    """Take an answer back; then to where that was pressed."""
    sent = await checked(request)
    dose = await service.answer(tx, person_id, id, AnswerDraft(action=Action.UNDO))
    medicine = f"/p/{person_id}/medicines/{dose.medicine_id}"
    return redirect(request, pressed_at(sent, medicine), toast=_("Taken back."))


def _answered(request: Request, person_id: UUID, dose: Dose, then: str | None) -> Response:
    says = {
        State.TAKEN: _("Noted as taken."),
        State.LATE: _("Noted as taken."),
        State.SKIPPED: _("Noted as skipped."),
        State.SNOOZED: _("Put off. The reminder comes again."),
    }.get(dose.state, _("Taken back."))
    undo = f"/p/{person_id}/doses/{dose.id}/undo"
    return redirect(request, then or f"/p/{person_id}/medicines", toast=says, undo=undo)


async def _form_page(
    request: Request,
    tx: Tx,
    person_id: UUID,
    before: Medicine | None,
    values: dict[str, Any],
    faults: Faults | None = None,
    *,
    warning: Warned | None = None,
    doubts: Sequence[str] = (),
    step: int | None = None,
    added: tuple[Medicine, str | None] | None = None,
) -> Response:
    fresh = before is None and faults is None and "name" not in values
    return page(
        request,
        "medications/form.html",
        faults=faults,
        before=before,
        values=dict.fromkeys(MedicineForm.model_fields) | (_first() if fresh else {}) | values,
        warning=warning,
        more_times=any(values.get(name) for name in rhythm.RARE),
        some_days=values.get("rhythm") == "weekly" and len(values.get("days", ())) in range(1, 7),
        doubts=doubts,
        added=added,
        times=range(1, TIMES + 1),
        steps=range(1, rhythm.rows(values) + 1),
        most_steps=MOST_STEPS,
        step=step,
        show=showing,
        conditions=await _conditions(tx, person_id),
        carers=await _carers(tx, person_id),
    )


def _first() -> dict[str, Any]:
    """What most people would type."""
    return {
        "rhythm": "weekly",
        "amount": 1,
        "unit": "{tablet}",
        "time_1": "08:00",
        "first": "08:00",
        "start": i18n.local(clock.now()).date(),
        "refills": 0,
        "days": list(showing.DAYS),
        "most_unit": "{dose}",
    }


def _moved(values: dict[str, Any]) -> tuple[dict[str, Any], int] | None:
    """The form with a step more or less, where that was pressed, and the step to go on at."""
    there = rhythm.rows(values)
    if "add_step" in values:
        new = min(there + 1, MOST_STEPS)
        return {f"step_{new}_days": ""} | values, new
    gone = str(values.get("remove_step", ""))
    if gone not in (str(n) for n in range(1, there + 1)) or there == 1:
        return None
    return rhythm.without(values, int(gone)), min(int(gone), there - 1)


async def _conditions(tx: Tx, person_id: UUID) -> list[tuple[str, str]]:
    """What it may be taken for, of the record; nothing where that is not shared."""
    if not tx.access.allows(record.CONDITIONS.scope, person_id):
        return []
    found = await record.CONDITIONS.page(tx, person_id, limit=100)
    return [(str(one.id), one.everyday) for one in found.items]


async def _condition(tx: Tx, medicine: Medicine) -> str | None:
    """The name of what it is taken for, where the record is shared and still has it."""
    if medicine.condition_id is None or not tx.access.allows(record.CONDITIONS.scope, medicine.person_id):
        return None
    try:
        found = await record.CONDITIONS.read(tx, medicine.person_id, medicine.condition_id)
    except NotFound:
        return None
    return found.everyday


async def _history(tx: Tx, medicine: Medicine) -> list[showing.Turn]:
    """How its state came to be, newest first."""
    return showing.turns(medicine, await service.MEDICINES.history(tx, medicine.person_id, medicine.id))


async def _carers(tx: Tx, person_id: UUID) -> list[str]:
    """Names of the care team, to choose who prescribed it."""
    prescribing = ("doctor", "nurse", "therapist")
    found = await sharing.team(tx, person_id)
    return [one.name for one in sorted(found, key=lambda one: one.role not in prescribing)]


routers = (adherence.router, taking_over.router, router)
"""In this order: a name comes before what may be an id."""

__all__ = ["routers"]
