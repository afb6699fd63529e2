"""REST: the six lists, the store beneath, and the search for a diagnosis."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Response

from ojas.features.record import service
from ojas.features.record.schemas import Diagnosis, Stored
from ojas.kit.http import Router, TxOf, collection_router
from ojas.kit.http.collections import RESPONSES, Cursor, Limit, Listing, PersonId

FHIR_JSON = "application/fhir+json"
_CONTENT: dict[int | str, dict[str, Any]] = {
    200: {"content": {FHIR_JSON: {"schema": {"type": "object"}}}, "description": "The resource as it came."}
}

lists = tuple(collection_router(kind.LIST, tag="record") for kind in service.KINDS)
router = Router(tags=["record"])


@router.get("/diagnoses", responses=RESPONSES, operation_id="find_diagnoses")
async def diagnoses(
    tx: TxOf,
    q: Annotated[
        str, Query(max_length=80, description="A code, or words of a description, each by its beginning.")
    ] = "",
    limit: Annotated[int, Query(ge=1, le=50)] = 20,
) -> list[Diagnosis]:
    """Codes of ICD-10-CM for what somebody typed so far, best first. Nothing typed: what people commonly have."""
    return service.find_diagnoses(q, limit=limit)


@router.get("/people/{person_id}/fhir-resources", responses=RESPONSES, operation_id="list_fhir_resources")
async def listing(
    tx: TxOf,
    person_id: PersonId,
    type: Annotated[
        str | None, Query(max_length=64, description="Only this type of resource, such as Observation.")
    ] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Listing[Stored]:
    """What was received from elsewhere, newest first, without its content."""
    items, following = await service.stored(tx, person_id, type=type, limit=limit, cursor=cursor)
    return Listing(items=items, next=following)


@router.get(
    "/people/{person_id}/fhir-resources/{id}",
    responses={**RESPONSES, **_CONTENT},
    response_class=Response,
    operation_id="read_fhir_resource",
)
async def original(
    tx: TxOf, person_id: PersonId, id: UUID, version: Annotated[int | None, Query(ge=1, le=10**9)] = None
) -> Response:
    """A resource byte for byte as it came."""
    seen, raw = await service.original(tx, person_id, id, version=version)
    headers = {
        "etag": f'W/"{seen.version}"',
        "content-disposition": f'inline; filename="{seen.type}-{seen.id}.json"',
    }
    return Response(raw, media_type=FHIR_JSON, headers=headers)


@router.get(
    "/people/{person_id}/fhir-resources/{id}/history",
    responses=RESPONSES,
    operation_id="history_of_fhir_resource",
)
async def history(tx: TxOf, person_id: PersonId, id: UUID) -> list[Stored]:
    """All versions of a resource, newest first."""
    return await service.versions(tx, person_id, id)
