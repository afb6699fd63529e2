"""REST: imports and exports."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse

from ojas.features.connections import service
from ojas.features.connections.schemas import ExportView, ImportView, Refusal, Space, TakingBack
from ojas.kit.http import Router, TxOf, actor_of, house_of
from ojas.kit.http.collections import RESPONSES, WRITES, Limit, Listing, PersonId
from ojas.kit.http.uploads import FORM, Upload, crossing

router = Router(tags=["connections"])

uploads = APIRouter(tags=["connections"])
"""Routes that stand outside the edge: no connection to the database waits while a file arrives."""

Before = Annotated[
    UUID | None, Query(alias="cursor", description="Where to go on: `next` of the page before.")
]
After = Annotated[
    int, Query(alias="cursor", ge=0, lt=2**62, description="Where to go on: `next` of the page before.")
]


@uploads.post(
    "/people/{person_id}/imports",
    status_code=202,
    responses=WRITES,
    openapi_extra=FORM,
    operation_id="create_import",
)
async def begin(request: Request, response: Response, person_id: PersonId) -> ImportView:
    """Send a file: an Apple Health export (zip or xml), or FHIR R4 (json, ndjson, zip of them). It is read afterwards.

    The form's field is `file`. Ask for the import until its `state` is `done`, `failed` or `cancelled`.
    """
    async with crossing(request) as tx:
        # Strangers are refused before a single byte of the file is read.
        actor_of(request)
        tx.access.require(service.SCOPE, person_id, write=True)
    upload = await Upload.begin(request)
    house = house_of(request)
    shown = await service.take_in(
        lambda: crossing(request),
        house.objects,
        person_id,
        upload.name,
        upload.parts(),
        limit=house.settings.upload_limit,
        allowed=house.settings.storage_limit,
    )
    response.headers["location"] = f"/api/v1/people/{person_id}/imports/{shown.id}"
    return shown


@router.get("/people/{person_id}/imports", responses=RESPONSES, operation_id="list_imports")
async def imports(
    tx: TxOf, person_id: PersonId, limit: Limit = 50, cursor: Before = None
) -> Listing[ImportView]:
    """Files that were or are being taken in, newest first."""
    items, following = await service.page(tx, person_id, limit=limit, before=cursor)
    return Listing(items=items, next=str(following) if following else None)


@router.get("/people/{person_id}/imports/{id}", responses=RESPONSES, operation_id="read_import")
async def one(tx: TxOf, person_id: PersonId, id: UUID) -> ImportView:
    """How far an import is, what came of it, and why things were refused."""
    return await service.read(tx, person_id, id)


@router.get(
    "/people/{person_id}/imports/{id}/refusals", responses=RESPONSES, operation_id="list_import_refusals"
)
async def refusals(
    tx: TxOf, person_id: PersonId, id: UUID, limit: Limit = 50, cursor: After = 0
) -> Listing[Refusal]:
    """What was not taken in, one by one, in the order of the file; the first thousand."""
    items, following = await service.refusals(tx, person_id, id, limit=limit, after=cursor)
    return Listing(items=items, next=str(following) if following else None)


@router.post("/people/{person_id}/imports/{id}/cancel", responses=WRITES, operation_id="cancel_import")
async def cancel(tx: TxOf, person_id: PersonId, id: UUID) -> ImportView:
    """Stop an import. What it brought before stays."""
    return await service.cancel(tx, person_id, id)


@router.post("/people/{person_id}/imports/{id}/retry", responses=WRITES, operation_id="retry_import")
async def retry(tx: TxOf, person_id: PersonId, id: UUID) -> ImportView:
    """Try an import again that failed or was cancelled; it goes on where it stood."""
    return await service.again(tx, person_id, id)


@router.delete(
    "/people/{person_id}/imports/{id}/file",
    status_code=204,
    responses=WRITES,
    operation_id="delete_import_file",
)
async def forget_file(request: Request, tx: TxOf, person_id: PersonId, id: UUID) -> Response:
    """Throw away the file of an import that failed or was stopped. What came in stays."""
    await service.forget_file(tx, house_of(request).objects, person_id, id)
    return Response(status_code=204)


@router.get("/people/{person_id}/storage", responses=RESPONSES, operation_id="read_storage")
async def storage(request: Request, tx: TxOf, person_id: PersonId) -> Space:
    """What the files kept for a person take, and may take: those waiting to be read, those that failed, archives."""
    return await service.space(tx, person_id, house_of(request).settings.storage_limit)


@router.get(
    "/people/{person_id}/imports/{id}/taking-back", responses=RESPONSES, operation_id="foresee_taking_back"
)
async def foresee(tx: TxOf, person_id: PersonId, id: UUID) -> TakingBack:
    """What would go and what would stay if an import were taken back. Changes nothing."""
    return await service.foresee(tx, person_id, id)


@router.post(
    "/people/{person_id}/imports/{id}/take-back",
    status_code=202,
    responses=WRITES,
    operation_id="take_import_back",
)
async def take_back(tx: TxOf, person_id: PersonId, id: UUID) -> ImportView:
    """Take back what an import alone brought. What another told too stays, and what was corrected here since.

    Ask for the import until its `state` is `taken_back`. The same file can be brought in again.
    """
    return await service.take_back(tx, person_id, id)


@router.get("/people/{person_id}/exports", responses=RESPONSES, operation_id="list_exports")
async def exports(tx: TxOf, person_id: PersonId) -> list[ExportView]:
    """Archives of the whole record, newest first."""
    return await service.exports_of(tx, person_id)


@router.post("/people/{person_id}/exports", status_code=202, responses=WRITES, operation_id="create_export")
async def take_out(request: Request, tx: TxOf, person_id: PersonId, response: Response) -> ExportView:
    """Have the whole record written into one zip: every part as JSON lines or CSV, and as FHIR R4."""
    allowed = house_of(request).settings.storage_limit
    shown = await service.take_out(tx, person_id, allowed=allowed)
    response.headers["location"] = f"/api/v1/people/{person_id}/exports/{shown.id}"
    return shown


@router.get("/people/{person_id}/exports/{id}", responses=RESPONSES, operation_id="read_export")
async def export(tx: TxOf, person_id: PersonId, id: UUID) -> ExportView:
    """How far an archive is."""
    return await service.read_export(tx, person_id, id)


@router.get(
    "/people/{person_id}/exports/{id}/file",
    responses={**RESPONSES, 200: {"description": "The zip.", "content": {"application/zip": {}}}},
    response_class=StreamingResponse,
    operation_id="download_export",
)
async def download(request: Request, tx: TxOf, person_id: PersonId, id: UUID) -> StreamingResponse:
    """The archive itself."""
    found = await service.export_file(tx, house_of(request).objects, person_id, id)
    return StreamingResponse(
        found.parts(),
        media_type="application/zip",
        headers={
            "content-length": str(found.size),
            "content-disposition": 'attachment; filename="ojas-export.zip"',
        },
    )


@router.delete(
    "/people/{person_id}/exports/{id}", status_code=204, responses=WRITES, operation_id="delete_export"
)
async def throw_away(request: Request, tx: TxOf, person_id: PersonId, id: UUID) -> Response:
    """Throw an archive away before its time."""
    await service.delete_export(tx, house_of(request).objects, person_id, id)
    return Response(status_code=204)
