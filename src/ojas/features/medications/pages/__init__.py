"""The pages of medicines: what is due, each medicine with its last month, the form, the answer to a dose."""

from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request, Response

from ojas.features.medications import service
from ojas.features.medications.pages import showing
from ojas.features.medications.pages.forms import (
    TIMES,
    AnswerForm,
    MedicineForm,
    TakeForm,
    values_of,
)
from ojas.features.medications.rules.amount import Amount
from ojas.features.medications.rules.doses import Action, Reason, State
from ojas.features.medications.rules.patterns import AsNeeded
from ojas.features.medications.rules.words import Status
from ojas.features.medications.schemas import AnswerDraft, Dose, Medicine, TakenDraft
from ojas.kit import clock, i18n
from ojas.kit.db import Tx
from ojas.kit.errors import Incorrect, Refusal
from ojas.kit.http import TxOf
from ojas.kit.i18n import _
from ojas.kit.ids import new_id
from ojas.kit.web import Faults, Pages, form, page, redirect
from ojas.kit.web.forms import checked, typed

router = Pages(prefix="/p/{person_id}", include_in_schema=False)

_MONTH = timedelta(days=29)
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
    return page(
        request,
        "medications/list.html",
        due=[dose for dose in today if dose.state in showing.OPEN],
        rest=[dose for dose in today if dose.state not in showing.OPEN],
        taken=[(one, await service.coming(tx, person_id, one)) for one in taken],
        earlier=[medicine for medicine in found if medicine not in taken],
        adherence=await service.adherence(tx, person_id, day - _MONTH, day),
        show=showing,
        may_write=_may_write(tx, person_id),
    )


@router.get("/medicines/new")
async def new(request: Request, tx: TxOf, person_id: UUID) -> Response:
    tx.access.require(service.SCOPE, person_id, write=True)
    return _form_page(request, None, {"id": str(new_id())})


@router.post("/medicines/new")
async def add(request: Request, tx: TxOf, person_id: UUID) -> Response:
    tx.access.require(service.SCOPE, person_id, write=True)
    sent = await form(request, MedicineForm)
    if isinstance(sent, Faults):
        return _form_page(request, None, dict(sent.values), sent)
    try:
        made = await service.MEDICINES.create(tx, person_id, sent.draft(), id=sent.id)
    except Incorrect as refusal:
        values = typed(await request.form())
        return _form_page(request, None, values, Faults.of(refusal, values))
    here = f"/p/{person_id}/medicines"
    return redirect(request, f"{here}/{made.id}", toast=_("Added."), undo=f"{here}/{made.id}/delete")


@router.get("/medicines/{id}")
async def one(request: Request, tx: TxOf, person_id: UUID, id: UUID) -> Response:
    """A medicine: its last thirty days, how they went, what is left, what was checked."""
    medicine = await service.MEDICINES.read(tx, person_id, id)
    return await _one_page(request, tx, medicine)


async def _one_page(request: Request, tx: Tx, medicine: Medicine, refusal: Refusal | None = None) -> Response:
    now = clock.now()
    day = i18n.local(now).date()
    doses = await service.doses(tx, medicine.person_id, now - _MONTH, now + timedelta(days=1), medicine.id)
    needed = isinstance(medicine.schedule.pattern, AsNeeded)
    return page(
        request,
        "medications/one.html",
        faults=Faults.of(refusal) if refusal else None,
        medicine=medicine,
        coming=await service.coming(tx, medicine.person_id, medicine),
        doses=list(reversed(doses)),
        adherence=await service.adherence(tx, medicine.person_id, day - _MONTH, day, medicine.id),
        safety=await service.safety(tx, medicine.person_id, medicine.id),
        permission=await service.permission(tx, medicine, now) if needed else None,
        refused=refusal is not None,
        new=new_id(),
        show=showing,
        may_write=_may_write(tx, medicine.person_id),
    )


@router.get("/medicines/{id}/edit")
async def edit(request: Request, tx: TxOf, person_id: UUID, id: UUID) -> Response:
    tx.access.require(service.SCOPE, person_id, write=True)
    medicine = await service.MEDICINES.read(tx, person_id, id)
    coming = await service.coming(tx, person_id, medicine)
    return _form_page(request, medicine, values_of(medicine, coming.left))


@router.post("/medicines/{id}/edit")
async def change(request: Request, tx: TxOf, person_id: UUID, id: UUID) -> Response:
    sent = await form(request, MedicineForm)
    tx.access.require(service.SCOPE, person_id, write=True)
    medicine = await service.MEDICINES.read(tx, person_id, id)
    if isinstance(sent, Faults):
        return _form_page(request, medicine, dict(sent.values), sent)
    try:
        await service.MEDICINES.change(tx, person_id, id, sent.draft(medicine), if_version=sent.version)
    except Incorrect as refusal:
        values = typed(await request.form())
        return _form_page(request, medicine, values, Faults.of(refusal, values))
    return redirect(request, f"/p/{person_id}/medicines/{id}", toast=_("Saved."))


@router.post("/medicines/{id}/delete")
async def delete(request: Request, tx: TxOf, person_id: UUID, id: UUID) -> Response:
    await checked(request)
    await service.MEDICINES.delete(tx, person_id, id)
    here = f"/p/{person_id}/medicines"
    return redirect(request, here, toast=_("Deleted."), undo=f"{here}/{id}/restore")


@router.post("/medicines/{id}/restore")
async def restore(request: Request, tx: TxOf, person_id: UUID, id: UUID) -> Response:
    await checked(request)
    await service.MEDICINES.restore(tx, person_id, id)
    return redirect(request, f"/p/{person_id}/medicines/{id}", toast=_("It is back."))


@router.post("/medicines/{id}/refill")
async def refill(request: Request, tx: TxOf, person_id: UUID, id: UUID) -> Response:
    await checked(request)
    await service.refill(tx, person_id, id)
    return redirect(request, f"/p/{person_id}/medicines/{id}", toast=_("Saved."))


@router.post("/medicines/{id}/take")
async def take(request: Request, tx: TxOf, person_id: UUID, id: UUID) -> Response:
    """Take something as needed, now. Too soon or too much is refused with from when on, and may be confirmed."""
    sent = await form(request, TakeForm)
    if isinstance(sent, Faults):
        return redirect(request, f"/p/{person_id}/medicines/{id}")
    try:
        dose = await service.take(tx, person_id, id, TakenDraft(confirmed=sent.confirmed), id=sent.id)
    except Incorrect as refusal:
        medicine = await service.MEDICINES.read(tx, person_id, id)
        return await _one_page(request, tx, medicine, refusal)
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
        then=then,
        may_write=_may_write(tx, person_id),
    )


@router.post("/doses/{id}")
async def answer(request: Request, tx: TxOf, person_id: UUID, id: UUID) -> Response:
    """Take, skip, put off or undo; then back to where the button was."""
    sent = await form(request, AnswerForm)
    if isinstance(sent, Faults):
        found = await service.dose(tx, person_id, id)
        return page(request, "medications/dose.html", dose=found, show=showing, faults=sent, may_write=True)
    dose = await service.answer(tx, person_id, id, _draft(sent))
    return _answered(request, person_id, dose, sent.then)


@router.post("/doses/{id}/undo")
async def undo(request: Request, tx: TxOf, person_id: UUID, id: UUID) -> Response:
    await checked(request)
    dose = await service.answer(tx, person_id, id, AnswerDraft(action=Action.UNDO))
    return redirect(request, f"/p/{person_id}/medicines/{dose.medicine_id}", toast=_("Taken back."))


def _draft(sent: AnswerForm) -> AnswerDraft:
    action = Action(sent.answer)
    until = clock.now() + timedelta(minutes=sent.minutes) if action is Action.SNOOZE else None
    reason = (sent.reason or Reason.OTHER) if action is Action.SKIP else None
    amount = Amount(sent.amount, sent.unit) if sent.amount and action is Action.TAKE else None
    return AnswerDraft(
        action=action,
        until=until,
        reason=reason,
        amount=amount,
        notes=sent.notes,
        side_effects=sent.side_effects,
    )


def _answered(request: Request, person_id: UUID, dose: Dose, then: str | None) -> Response:
    says = {
        State.TAKEN: _("Noted as taken."),
        State.LATE: _("Noted as taken."),
        State.SKIPPED: _("Noted as skipped."),
        State.SNOOZED: _("Put off. You will be reminded again."),
    }.get(dose.state, _("Taken back."))
    undo = f"/p/{person_id}/doses/{dose.id}/undo"
    return redirect(request, then or f"/p/{person_id}/medicines", toast=says, undo=undo)


def _form_page(
    request: Request, before: Medicine | None, values: dict[str, Any], faults: Faults | None = None
) -> Response:
    day = i18n.local(clock.now()).date()
    first: dict[str, Any] = {
        "rhythm": "weekly",
        "unit": "{tablet}",
        "time_1": "08:00",
        "start": day,
        "refills": 0,
    }
    first["days"] = list(showing.DAYS)
    return page(
        request,
        "medications/form.html",
        faults=faults,
        before=before,
        values=dict.fromkeys(MedicineForm.model_fields) | ({} if before or faults else first) | values,
        times=range(1, TIMES + 1),
        show=showing,
    )


__all__ = ["router"]
