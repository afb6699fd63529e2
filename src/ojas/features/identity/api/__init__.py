"""The REST face of identity."""

from fastapi import APIRouter

from ojas.features.identity.api import account, doors, erasure, factors, keys, organisations, people

router = APIRouter()
for part in (doors, account, factors, people, erasure, organisations):
    router.include_router(part.router)
router.include_router(account.hashing)

well_known = keys.router

__all__ = ["router", "well_known"]
