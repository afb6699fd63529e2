"""Readings over REST."""

from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic import AwareDatetime, BaseModel

from ojas.features.measurements import service
from ojas.features.measurements.fhir import to_fhir
from ojas.features.measurements.schemas import BandShown, EntryDraft, ReadingShown
from ojas.kit import clock, i18n, units
from ojas.kit.http import Router, Sent, TxOf, collection_router
from ojas.kit.http.collections import (
    RESPONSES,
    WRITES,
    Cursor,
    HistoryEntry,
    IfMatch,
    Limit,
    Listing,
    PersonId,
    filters_of,
    tagged,
    version_of,
)
from ojas.kit.i18n import _

router = Router(tags=["readings"])
overrides = collection_router(service.OVERRIDES, tag="readings")

_FILTERS: dict[str, type] = {
    "kind": str,
    "source": str,
    "status": str,
    "method": str,
    "effective_at_from": datetime,
    "effective_at_to": datetime,
}
From = Annotated[
    AwareDatetime | None, Query(alias="from", description="From when on. By default a year ago.")
]
To = Annotated[AwareDatetime | None, Query(description="Up to when, exclusive. By default now.")]
Kind = Annotated[str, Query(max_length=40, description="Name of a kind.")]
_YEAR = timedelta(days=365)


class PartShown(BaseModel):
    name: str
    label: str
    unit: str
    units: list[str]
    low: float
    high: float
    decimals: int
    loinc: list[str]
    required: bool


class KindShown(BaseModel):
    """A kind of reading: what it is called, its numbers, in which units and limits they are taken."""

    name: str
    label: str
    family: str
    category: str
    entry: str
    adds_up: bool
    parts: list[PartShown]
    guidelines: list[str]


class PointShown(BaseModel):
    at: datetime
    count: int
    mean: dict[str, float]
    low: dict[str, float]
    high: dict[str, float]


class PartSummaryShown(BaseModel):
    mean: float
    low: float
    high: float
    change: float


class SummaryShown(BaseModel):
    count: int
    first: datetime | None
    last: datetime | None
    parts: dict[str, PartSummaryShown]


class DayShown(BaseModel):
    day: str
    total: float
    source: str


@router.get("/measurement-kinds", responses={401: RESPONSES[401]}, operation_id="list_measurement_kinds")
async def kinds(tx: TxOf) -> list[KindShown]:
    """Every kind of reading there is."""
    return [_kind(kind) for kind in service.CATALOGUE.values()]


@router.get(
    "/people/{person_id}/readings",
    responses=RESPONSES,
    operation_id="list_readings",
    openapi_extra={
        "parameters": [
            {
                "name": name,
                "in": "query",
                "required": False,
                "schema": {"type": "string", **({"format": "date-time"} if python is datetime else {})},
            }
            for name, python in _FILTERS.items()
        ]
    },
)
async def listing(
    request: Request, tx: TxOf, person_id: PersonId, limit: Limit = 50, cursor: Cursor = None
) -> Listing[ReadingShown]:
    """Readings, newest first."""
    where = filters_of(request, _FILTERS, {"limit", "cursor"})
    found = await service.page(
        tx, person_id, kind=where.pop("kind", None), limit=limit, cursor=cursor, where=where
    )
    judge = await service.judge(tx, person_id)
    return Listing(items=[_shown(reading, judge) for reading in found.items], next=found.next)


@router.post(
    "/people/{person_id}/readings", status_code=201, responses=WRITES, operation_id="create_readings"
)
async def create(tx: TxOf, person_id: PersonId, draft: Sent[EntryDraft], response: Response) -> ReadingShown:
    """Enter a reading in any unit of its kind. One that looks like a slip is refused until it is sent `confirmed`."""
    made = await service.enter(tx, person_id, draft)
    response.headers["location"] = f"/api/v1/people/{person_id}/readings/{made.id}"
    return await _answer(tx, response, made)


@router.get("/people/{person_id}/readings/latest", responses=RESPONSES, operation_id="latest_readings")
async def latest(tx: TxOf, person_id: PersonId) -> list[ReadingShown]:
    """The last reading of each kind."""
    judge = await service.judge(tx, person_id)
    return [_shown(reading, judge) for reading in (await service.latest(tx, person_id)).values()]


@router.get("/people/{person_id}/readings/series", responses=RESPONSES, operation_id="series_of_readings")
async def series(
    tx: TxOf,
    person_id: PersonId,
    kind: Kind,
    start: From = None,
    to: To = None,
    steps: Annotated[int, Query(ge=1, le=2000, description="How many points at most.")] = 400,
) -> list[PointShown]:
    """Readings of a kind for a chart: the mean, least and most of each step, in the canonical unit."""
    begin, end = _span(start, to)
    points = await service.series(tx, person_id, kind, begin, end, steps=steps)
    return [
        PointShown(at=p.at, count=p.count, mean=dict(p.mean), low=dict(p.low), high=dict(p.high))
        for p in points
    ]


@router.get("/people/{person_id}/readings/summary", responses=RESPONSES, operation_id="summary_of_readings")
async def summary(
    tx: TxOf, person_id: PersonId, kind: Kind, start: From = None, to: To = None
) -> SummaryShown:
    """What the readings of a kind come to over a span; `change` is from its first tenth to its last."""
    begin, end = _span(start, to)
    found = await service.summary(tx, person_id, kind, begin, end)
    parts = {
        name: PartSummaryShown(mean=p.mean, low=p.low, high=p.high, change=p.change)
        for name, p in found.parts.items()
    }
    return SummaryShown(count=found.count, first=found.first, last=found.last, parts=parts)


@router.get("/people/{person_id}/readings/days", responses=RESPONSES, operation_id="days_of_readings")
async def days(
    tx: TxOf, person_id: PersonId, kind: Kind, start: From = None, to: To = None
) -> list[DayShown]:
    """Totals of the reader's local days, for kinds that add up. Each day is taken from one source."""
    begin, end = _span(start, to)
    found = await service.days(tx, person_id, kind, begin, end, i18n.current().zone)
    return [DayShown(day=each.day.isoformat(), total=each.total, source=each.source) for each in found]


@router.get("/people/{person_id}/readings/{id}", responses=RESPONSES, operation_id="read_readings")
async def read(tx: TxOf, person_id: PersonId, id: UUID, response: Response) -> ReadingShown:
    """One reading with its band."""
    return await _answer(tx, response, await service.read(tx, person_id, id))


@router.put("/people/{person_id}/readings/{id}", responses=WRITES, operation_id="change_readings")
async def change(
    tx: TxOf,
    person_id: PersonId,
    id: UUID,
    draft: Sent[EntryDraft],
    response: Response,
    if_match: IfMatch = None,
) -> ReadingShown:
    """Correct a reading. What was there before stays in its history."""
    made = await service.change(tx, person_id, id, draft, if_version=version_of(if_match))
    return await _answer(tx, response, made)


@router.delete(
    "/people/{person_id}/readings/{id}", status_code=204, responses=WRITES, operation_id="delete_readings"
)
async def delete(tx: TxOf, person_id: PersonId, id: UUID, if_match: IfMatch = None) -> Response:
    """Delete a reading. `restore` brings it back."""
    await service.delete(tx, person_id, id, if_version=version_of(if_match))
    return Response(status_code=204)


@router.post("/people/{person_id}/readings/{id}/restore", responses=WRITES, operation_id="restore_readings")
async def restore(tx: TxOf, person_id: PersonId, id: UUID, response: Response) -> ReadingShown:
    """Undo a deletion."""
    return await _answer(tx, response, await service.restore(tx, person_id, id))


@router.get(
    "/people/{person_id}/readings/{id}/history", responses=RESPONSES, operation_id="history_of_readings"
)
async def history(tx: TxOf, person_id: PersonId, id: UUID) -> list[HistoryEntry]:
    """How a reading came to be as it is, newest first."""
    return [HistoryEntry.of(change) for change in await service.history(tx, person_id, id)]


@router.get(
    "/people/{person_id}/readings/{id}/observation",
    responses=RESPONSES,
    operation_id="observation_of_reading",
)
async def observation(tx: TxOf, person_id: PersonId, id: UUID) -> dict[str, Any]:
    """The reading as a FHIR R4 Observation."""
    reading = await service.read(tx, person_id, id)
    return to_fhir(reading, await service.judge(tx, person_id))


def _span(start: datetime | None, to: datetime | None) -> tuple[datetime, datetime]:
    end = to or clock.now()
    return start or end - _YEAR, end


async def _answer(tx: TxOf, response: Response, reading: service.Reading) -> ReadingShown:
    return _shown(tagged(reading, response), await service.judge(tx, reading.person_id))


def _shown(reading: service.Reading, judge: service.Judge) -> ReadingShown:
    kind = service.CATALOGUE[reading.kind]
    finding = judge.find(kind, reading.numbers, reading.effective_at, reading.meal)
    fields = {name: getattr(reading, name) for name in service.Reading.model_fields}
    return ReadingShown(**fields, canonical_unit=kind.main.unit, band=_band(finding))


def _band(finding: service.Finding | None) -> BandShown | None:
    if finding is None:
        return None
    guideline = finding.guideline
    return BandShown(
        name=_(finding.band.name),
        level=finding.level,
        word=_(finding.level.word),
        guideline=_(guideline.name),
        year=guideline.year,
        source=guideline.source,
        part=finding.part,
    )


def _kind(kind: service.Kind) -> KindShown:
    parts = [
        PartShown(
            name=part.name,
            label=_(part.label or kind.label),
            unit=part.unit,
            units=[units.symbol(unit) or unit for unit in part.units],
            low=float(part.low),
            high=float(part.high),
            decimals=part.shown_decimals(part.unit),
            loinc=list(part.loinc),
            required=part.required,
        )
        for part in kind.parts
    ]
    return KindShown(
        name=kind.name,
        label=_(kind.label),
        family=kind.family.value,
        category=kind.category.value,
        entry=kind.entry.value,
        adds_up=kind.adds_up,
        parts=parts,
        guidelines=[guideline.key for guideline in kind.guidelines],
    )
