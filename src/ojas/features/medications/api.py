"""REST: the list of medicines, their doses, what became of them."""

from datetime import date, timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from ojas.features.medications import service
from ojas.features.medications.schemas import (
    Adherence,
    AnswerDraft,
    Coming,
    Dose,
    Medicine,
    MedicineDraft,
    Picture,
    Safety,
    TakenDraft,
    Touched,
)
from ojas.kit import clock, i18n
from ojas.kit.errors import Incorrect
from ojas.kit.http import Router, Sent, TxOf, collection_router
from ojas.kit.http.collections import RESPONSES, WRITES, PersonId, tagged

lists = collection_router(service.MEDICINES, tag="medications")
router = Router(prefix="/people/{person_id}", tags=["medications"])

_LONGEST = timedelta(days=366)
From = Annotated[AwareDatetime | None, Query(alias="from", description="From when on. By default now.")]
To = Annotated[
    AwareDatetime | None, Query(description="Up to when, exclusive. By default a day after the first.")
]
Of = Annotated[UUID | None, Query(description="Only this medicine's.")]
First = Annotated[date | None, Query(description="By default 29 days before the last.")]
Last = Annotated[date | None, Query(description="With it. By default today.")]


class PutOff(BaseModel):
    """How much later."""

    model_config = ConfigDict(strict=True, extra="forbid", json_schema_extra={"examples": [{"minutes": 60}]})

    minutes: int = Field(ge=1, le=720)


@router.get("/doses", responses=RESPONSES, operation_id="list_doses")
async def doses(
    tx: TxOf, person_id: PersonId, medicine_id: Of = None, since: From = None, to: To = None
) -> list[Dose]:
    """The doses due in a time, in order: those that were, with what became of them, and those to come."""
    begin = since or clock.now()
    try:
        end = to or begin + timedelta(days=1)
        return await _doses(tx, person_id, begin, end, medicine_id)
    except OverflowError as problem:
        raise Incorrect("Between the years 1900 and 2200.", field="from") from problem


async def _doses(tx: Any, person_id: UUID, begin: Any, end: Any, medicine_id: UUID | None) -> list[Dose]:
    if not (1900 <= begin.year <= 2200 and 1900 <= end.year <= 2200):
        raise Incorrect("Between the years 1900 and 2200.", field="from")
    if end - begin > _LONGEST:
        raise Incorrect("Ask for at most a year at once.", field="to")
    return await service.doses(tx, person_id, begin, end, medicine_id)


@router.get("/doses/{id}", responses=RESPONSES, operation_id="read_dose")
async def dose(tx: TxOf, person_id: PersonId, id: UUID) -> Dose:
    """One dose."""
    return await service.dose(tx, person_id, id)


@router.post("/doses/{id}/answer", responses=WRITES, operation_id="answer_dose")
async def answer(tx: TxOf, person_id: PersonId, id: UUID, draft: Sent[AnswerDraft]) -> Dose:
    """Take, skip, put off or undo. Saying the same twice changes nothing."""
    return await service.answer(tx, person_id, id, draft)


@router.post("/medicines/{id}/take", status_code=201, responses=WRITES, operation_id="take_medicine")
async def take(tx: TxOf, person_id: PersonId, id: UUID, draft: Sent[TakenDraft]) -> Dose:
    """Take something as needed. Too soon or too much is refused, with from when on it may be taken."""
    return await service.take(tx, person_id, id, draft)


@router.get("/medicines/{id}/coming", responses=RESPONSES, operation_id="read_coming_of_medicine")
async def coming(tx: TxOf, person_id: PersonId, id: UUID) -> Coming:
    """When it is next due, what is left of it, and until when that lasts."""
    return await service.coming(tx, person_id, await service.MEDICINES.read(tx, person_id, id))


@router.get("/medicines/{id}/safety", responses=RESPONSES, operation_id="read_safety_of_medicine")
async def safety(tx: TxOf, person_id: PersonId, id: UUID) -> Safety:
    """What speaks against it beside the others: what was compared, and what was not."""
    return await service.safety(tx, person_id, id)


@router.post("/medicines/check", responses=WRITES, operation_id="check_medicine")
async def check(tx: TxOf, person_id: PersonId, draft: Sent[MedicineDraft]) -> Safety:
    """What speaks against a medicine before it is added. Nothing is kept."""
    return await service.safety_of(tx, person_id, draft)


@router.get("/allergies/{id}/medicines", responses=RESPONSES, operation_id="list_medicines_of_allergy")
async def touched(tx: TxOf, person_id: PersonId, id: UUID) -> list[Touched]:
    """The medicines being taken that an allergy speaks against."""
    tx.access.require("record", person_id)
    return await service.touched(tx, person_id, id)


@router.post("/medicines/{id}/refill", responses=WRITES, operation_id="refill_medicine")
async def refill(tx: TxOf, person_id: PersonId, id: UUID, response: Response) -> Medicine:
    """A refill was fetched."""
    return tagged(await service.refill(tx, person_id, id), response)


@router.post("/medicines/{id}/put-off", responses=WRITES, operation_id="put_off_medicine")
async def put_off(
    tx: TxOf, person_id: PersonId, id: UUID, draft: Sent[PutOff], response: Response
) -> Medicine:
    """Let the rest of today's doses come later; tomorrow is as before."""
    return tagged(await service.put_off(tx, person_id, id, timedelta(minutes=draft.minutes)), response)


@router.get("/adherence", responses=RESPONSES, operation_id="read_adherence")
async def adherence(
    tx: TxOf, person_id: PersonId, medicine_id: Of = None, first: First = None, last: Last = None
) -> Adherence:
    """What became of the doses of some days, of one medicine or of all."""
    begin, end = _span(first, last)
    return await service.adherence(tx, person_id, begin, end, medicine_id)


@router.get("/adherence/picture", responses=RESPONSES, operation_id="read_picture_of_adherence")
async def picture(
    tx: TxOf, person_id: PersonId, medicine_id: Of = None, first: First = None, last: Last = None
) -> Picture:
    """The same by day, by hour of the day, and for each medicine."""
    begin, end = _span(first, last)
    return await service.picture(tx, person_id, begin, end, medicine_id)


def _span(first: date | None, last: date | None) -> tuple[date, date]:
    end = last or i18n.local(clock.now()).date()
    if not (1900 <= end.year <= 2200 and (first is None or 1900 <= first.year <= 2200)):
        raise Incorrect("Between the years 1900 and 2200.", field="last")
    return first or end - timedelta(days=29), end
