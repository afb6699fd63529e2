"""Sources, routes and stays over REST."""

from typing import Annotated
from uuid import UUID

from fastapi import Body, Request, Response

from ojas.features.signals import service
from ojas.features.signals.schemas import (
    Point,
    PointDraft,
    SourceDraft,
    SourceView,
    StayDraft,
    StayView,
    TraceView,
)
from ojas.kit.http import Router, Sent, TxOf
from ojas.kit.http.collections import (
    RESPONSES,
    WRITES,
    Cursor,
    IfMatch,
    Limit,
    Listing,
    PersonId,
    filters_of,
    tagged,
    version_of,
)

router = Router(tags=["signals"])


@router.get("/people/{person_id}/sources", responses=RESPONSES)
async def sources(
    request: Request, tx: TxOf, person_id: PersonId, limit: Limit = 50, cursor: Cursor = None
) -> Listing[SourceView]:
    """Every device and app that sends, newest first."""
    where = filters_of(request, {"sort": str}, {"limit", "cursor"})
    page = await service.SOURCES.page(tx, person_id, limit=limit, cursor=cursor, where=where)
    return Listing[SourceView](items=list(page.items), next=page.next)


@router.get("/people/{person_id}/sources/{id}", responses=RESPONSES)
async def source(tx: TxOf, person_id: PersonId, id: UUID, response: Response) -> SourceView:
    return tagged(await service.SOURCES.read(tx, person_id, id), response)


@router.put("/people/{person_id}/sources/{id}", responses=WRITES)
async def change_source(
    tx: TxOf,
    person_id: PersonId,
    id: UUID,
    draft: Sent[SourceDraft],
    response: Response,
    if_match: IfMatch = None,
) -> SourceView:
    """Name a source, or give it a place in the order in which sources are believed."""
    return tagged(
        await service.change_source(tx, person_id, id, draft, if_version=version_of(if_match)), response
    )


@router.delete("/people/{person_id}/sources/{id}", status_code=204, responses=WRITES)
async def delete_source(tx: TxOf, person_id: PersonId, id: UUID, if_match: IfMatch = None) -> Response:
    """Delete a source and everything it sent."""
    await service.delete_source(tx, person_id, id, if_version=version_of(if_match))
    return Response(status_code=204)


@router.get("/people/{person_id}/stays", responses=RESPONSES)
async def stays(tx: TxOf, person_id: PersonId) -> list[StayView]:
    """Since when the person has been in which time zone: what decides where their days begin."""
    return [StayView(since=since, zone=zone) for since, zone in await service.zones(tx, person_id)]


@router.post("/people/{person_id}/stays", status_code=201, responses=WRITES)
async def live_in(tx: TxOf, person_id: PersonId, draft: Sent[StayDraft]) -> list[StayView]:
    """Say where the person is, or since when they were elsewhere."""
    await service.live_in(tx, person_id, draft.zone, draft.since)
    return await stays(tx, person_id)


@router.get("/people/{person_id}/sessions/{id}/route", responses=RESPONSES)
async def route(tx: TxOf, person_id: PersonId, id: UUID) -> list[PointDraft]:
    """Where a session led."""
    return [
        PointDraft(at=p.at, latitude=p.latitude, longitude=p.longitude, altitude_m=p.altitude_m)
        for p in await service.route(tx, person_id, id)
    ]


@router.get("/people/{person_id}/sessions/{id}/trace", responses=RESPONSES)
async def trace(tx: TxOf, person_id: PersonId, id: UUID) -> TraceView:
    """The electrocardiogram of a session."""
    found = await service.trace(tx, person_id, id)
    return TraceView(rate_hz=found.rate, microvolts=found.microvolts.tolist())


@router.put("/people/{person_id}/sessions/{id}/route", status_code=204, responses=WRITES)
async def put_route(
    tx: TxOf, person_id: PersonId, id: UUID, points: Annotated[Sent[list[PointDraft]], Body(min_length=1)]
) -> Response:
    """Say where a session led, in the place of what was said before."""
    told = [Point(p.at, p.latitude, p.longitude, p.altitude_m) for p in points]
    await service.put_route(tx, person_id, id, told)
    return Response(status_code=204)
