"""Samples in and out: plain bytes, whatever their number."""

from datetime import date, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import Path, Query, Request, Response
from pydantic import AwareDatetime

from ojas.features.signals import service
from ojas.features.signals.api import columns
from ojas.features.signals.rules import KINDS, gaps, instant, milliseconds, statistics
from ojas.features.signals.schemas import DayView, KindView, NightView, Overview, SourceDraft
from ojas.kit import clock
from ojas.kit.errors import Incorrect
from ojas.kit.http import Router, TxOf
from ojas.kit.http.collections import RESPONSES, WRITES, PersonId
from ojas.kit.i18n import gettext

router = Router(tags=["signals"])

Name = Annotated[str, Path(description="Name of a kind; GET /signal-kinds lists them.", max_length=40)]
Start = Annotated[AwareDatetime | None, Query(description="From when on. By default a day before the end.")]
End = Annotated[AwareDatetime | None, Query(description="Up to when, exclusive. By default now.")]
FromSource = Annotated[
    UUID | None, Query(description="Of this source alone. By default of the best there is, by the minute.")
]

_NUMBERS = {"type": "array", "items": {"type": ["number", "null"]}}
_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["source", "start", "value"],
                    "additionalProperties": False,
                    "properties": {
                        "source": {
                            "oneOf": [{"type": "string", "format": "uuid"}, SourceDraft.model_json_schema()],
                            "description": "Who sends: an id, or the source as it names itself.",
                        },
                        "unit": {
                            "type": "string",
                            "description": "Unit of the values, where it is not the kind's own.",
                        },
                        "zone": {
                            "type": "string",
                            "description": "Time zone the device is in now (IANA name).",
                        },
                        "start": {**_NUMBERS, "description": "Milliseconds since 1970, UTC."},
                        "end": {**_NUMBERS, "description": "Of intervals and stages: when each ended."},
                        "value": {
                            "type": "array",
                            "items": {"type": ["number", "string", "null"]},
                            "description": "In the kind's unit; of sleep, names of stages.",
                        },
                        "confidence": {**_NUMBERS, "description": "0 to 100 per cent, null where unknown."},
                        "context": {"type": "array", "items": {"type": ["string", "null"]}},
                    },
                },
                "example": {
                    "source": {
                        "name": "Asha's watch",
                        "maker": "Polar",
                        "model": "Vantage V3",
                        "sort": "watch",
                    },
                    "start": [1767225600000, 1767225601000],
                    "value": [62, 63],
                },
            }
        },
    }
}
_COLUMNS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Columns of equal length.",
        "content": {
            "application/json": {
                "schema": {"type": "object"},
                "example": {
                    "kind": "heart_rate",
                    "unit": "/min",
                    "n": 2,
                    "start": [1767225600000, 1767225601000],
                    "value": [62, 63],
                },
            }
        },
    }
}


@router.get("/signal-kinds", responses=RESPONSES)
async def kinds(tx: TxOf) -> list[KindView]:
    """Every kind of signal: what it is called, in which unit it is kept, how its days add up."""
    return [
        KindView(name=k.name, title=gettext(k.title), unit=k.unit, shape=k.shape, rule=k.rule, loinc=k.loinc)
        for k in KINDS.values()
    ]


@router.get("/people/{person_id}/signals", responses=RESPONSES)
async def overview(tx: TxOf, person_id: PersonId) -> list[Overview]:
    """Every kind there is anything of: how much, since when, from whom."""
    return await service.overview(tx, person_id)


@router.post("/people/{person_id}/signals/{kind}/samples", responses=WRITES, openapi_extra=_BODY)
async def append(request: Request, tx: TxOf, person_id: PersonId, kind: Name) -> Response:
    """Send samples, in any order, as often as one likes: what is known already changes nothing.

    What cannot be is refused item by item, and the rest is kept.
    """
    tx.access.require(service.SCOPE, person_id, write=True)
    of = service.kind_of(kind)
    message = columns.read(of, await request.body())
    if message.zone is not None:
        await service.live_in(tx, person_id, message.zone, await _arrived(tx, person_id))
    source = message.source
    source_id = source if isinstance(source, UUID) else await service.meet(tx, person_id, source)
    outcome = await service.append(tx, person_id, source_id, of, message.batch)
    return _json(columns.outcome(outcome))


@router.get("/people/{person_id}/signals/{kind}/samples", responses={**RESPONSES, **_COLUMNS})
async def window(
    tx: TxOf, person_id: PersonId, kind: Name, start: Start = None, end: End = None, source: FromSource = None
) -> Response:
    """Samples that touch a span of time, as columns, with their statistics and the stretches where nothing was measured."""
    of, (low, high) = service.kind_of(kind), _span(start, end)
    found = await service.read(tx, person_id, of, low, high, source, most=_MOST)
    told = statistics(of, found.samples) if of.shape != "stage" else None
    return _json(columns.window(of, found, told, gaps(found.samples, low, high, of.gap)))


@router.delete("/people/{person_id}/signals/{kind}/samples", responses=WRITES)
async def remove(
    tx: TxOf,
    person_id: PersonId,
    kind: Name,
    start: Annotated[AwareDatetime, Query(description="From when on.")],
    end: Annotated[AwareDatetime, Query(description="Up to when, exclusive.")],
    source: FromSource = None,
) -> dict[str, int]:
    """Delete the samples that begin within a span of time."""
    return {"deleted": await service.remove(tx, person_id, kind, *_span(start, end), source)}


@router.get("/people/{person_id}/signals/{kind}/series", responses={**RESPONSES, **_COLUMNS})
async def series(
    tx: TxOf,
    person_id: PersonId,
    kind: Name,
    start: Start = None,
    end: End = None,
    points: Annotated[int, Query(ge=1, le=5000, description="How many buckets at about most.")] = 500,
    source: FromSource = None,
) -> Response:
    """A line for a chart: least, greatest, and mean or total of each bucket; an empty one where nothing was measured."""
    of, (low, high) = service.kind_of(kind), _span(start, end)
    found = await service.series(tx, person_id, of, low, high, points, source)
    return _json(
        columns.dumps(
            {
                "kind": of.name,
                "unit": of.unit,
                "width": found.width,
                "start": found.start,
                "n": found.n,
                "low": found.low,
                "high": found.high,
                "value": found.value,
            }
        )
    )


@router.get("/people/{person_id}/signals/{kind}/days", responses=RESPONSES)
async def days(
    tx: TxOf,
    person_id: PersonId,
    kind: Name,
    first: Annotated[
        date | None, Query(alias="from", description="First day. By default 30 days before the last.")
    ] = None,
    last: Annotated[date | None, Query(alias="to", description="Last day. By default today.")] = None,
) -> list[DayView]:
    """Each of the person's own days that has data: total or mean, least and greatest, how well covered; sleep by stage."""
    last = last or clock.now().date() + timedelta(days=1)
    first = first or date.fromordinal(max(1, last.toordinal() - 30))
    found = await service.days(tx, person_id, kind, max(first, _EARLIEST), min(last, _latest()))
    return [
        DayView(
            day=day.day,
            n=day.n,
            minutes=day.minutes,
            value=day.value,
            low=day.low,
            high=day.high,
            sd=day.sd,
            stages={stage.value: seconds for stage, seconds in day.stages.items()},
            night=NightView(
                start=instant(day.night.start),
                end=instant(day.night.end),
                efficiency=day.night.efficiency,
                awakenings=day.night.awakenings,
            )
            if day.night
            else None,
        )
        for day in found
    ]


_MOST = 1_000_000  # samples a window: 17 MB of JSON, and a tenth of a second nobody else is served in
_EARLIEST = date(1990, 1, 1)


def _latest() -> date:
    return clock.now().date() + timedelta(days=2)


def _span(start: datetime | None, end: datetime | None) -> tuple[int, int]:
    """A span within what can have been measured, in milliseconds."""
    now = milliseconds(clock.now())
    high = now if end is None else milliseconds(end)
    low = high - 86_400_000 if start is None else milliseconds(start)
    if high <= low:
        raise Incorrect("The end lies before the beginning.", field="end")
    earliest, latest = 631_152_000_000, now + 86_400_000
    low, high = max(low, earliest), min(high, latest)
    return (low, high) if low < high else (low, low + 1)


async def _arrived(tx: TxOf, person_id: UUID) -> datetime | None:
    """When a device first told of a zone: of the first zone ever told, one lived there always; of another, now."""
    return clock.now() if await service.zones(tx, person_id) else None


def _json(content: bytes) -> Response:
    return Response(content, media_type="application/json")
