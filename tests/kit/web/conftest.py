from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI
from tests.kit.web.gallery import gallery, opened


@pytest.fixture(scope="session")
def kit_app() -> FastAPI:
    return gallery(opened())


@pytest.fixture
async def kit(kit_app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=kit_app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as opened_client:
        yield opened_client
