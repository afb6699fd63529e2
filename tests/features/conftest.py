"""Somebody, and their browser."""

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI

from ojas.kit.db import Database
from tests.features.sharing.cast import Somebody, signed_in, somebody


@pytest.fixture
async def asha(database: Database) -> Somebody:
    return await somebody(database, "Asha")


@pytest.fixture
async def browser(app: FastAPI, asha: Somebody) -> AsyncIterator[httpx.AsyncClient]:
    """Hers, signed in."""
    async with await signed_in(app, asha) as opened:
        yield opened
