"""Profiles and pictures of persons over REST."""

from typing import Any

from fastapi import Request, Response

from ojas.features.identity import service
from ojas.features.identity.schemas import Profile, ProfileDraft
from ojas.features.identity.service.pictures import LIMIT
from ojas.kit.http import Router, Sent, TxOf, house_of, takes
from ojas.kit.http.collections import (
    RESPONSES,
    WRITES,
    HistoryEntry,
    IfMatch,
    PersonId,
    tagged,
    version_of,
)

router = Router(prefix="/people/{person_id}", tags=["profile"])

_BINARY = {"schema": {"type": "string", "format": "binary"}}
_PICTURE = {"requestBody": {"required": True, "content": {"application/octet-stream": _BINARY}}}


@router.get("/profile", response_model=Profile, responses=RESPONSES)
async def read(tx: TxOf, person_id: PersonId, response: Response) -> Any:
    """What is known of the person."""
    return tagged(await service.profile(tx, person_id), response)


@router.put("/profile", response_model=Profile, responses=WRITES)
async def change(
    tx: TxOf, person_id: PersonId, draft: Sent[ProfileDraft], response: Response, if_match: IfMatch = None
) -> Any:
    """Put a new profile in the place of the old; the picture has its own address."""
    return tagged(
        await service.change_profile(tx, person_id, draft, if_version=version_of(if_match)), response
    )


@router.get("/profile/history", response_model=list[HistoryEntry], responses=RESPONSES)
async def history(tx: TxOf, person_id: PersonId) -> Any:
    """How it came to be as it is, newest first."""
    return [HistoryEntry.of(change) for change in await service.PROFILES.history(tx, person_id, person_id)]


@router.get(
    "/picture", response_class=Response, responses={**RESPONSES, 200: {"content": {"image/webp": {}}}}
)
async def picture(request: Request, tx: TxOf, person_id: PersonId) -> Response:
    """The person's picture, as WebP."""
    id, content = await service.picture(tx, house_of(request).objects, person_id)
    return Response(content, media_type="image/webp", headers={"etag": f'"{id}"'})


@router.put("/picture", status_code=204, response_class=Response, responses=WRITES, openapi_extra=_PICTURE)
@takes(LIMIT)
async def set_picture(request: Request, tx: TxOf, person_id: PersonId) -> Response:
    """Keep a new picture: JPEG, PNG or WebP, at most 8 MiB. It is cut square and drawn anew."""
    await service.set_picture(tx, house_of(request).objects, person_id, await request.body())
    return Response(status_code=204)


@router.delete("/picture", status_code=204, response_class=Response, responses=WRITES)
async def remove_picture(tx: TxOf, person_id: PersonId) -> Response:
    await service.remove_picture(tx, person_id)
    return Response(status_code=204)
