"""The public keys that access tokens are checked with, at their well-known address."""

from fastapi import Response
from fastapi.responses import JSONResponse

from ojas.features.identity import service
from ojas.kit.http import OpenTx, Router

router = Router()


@router.get("/.well-known/jwks.json")
async def key_set(tx: OpenTx) -> Response:
    """RFC 7517. Keys are announced an hour before they sign: keeping the set for ten minutes is safe."""
    return JSONResponse(
        await service.key_set(tx),
        headers={"cache-control": "public, max-age=600"},
        media_type="application/jwk-set+json",
    )
