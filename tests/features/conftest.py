"""Somebody, their browser, and a clock that stands still."""

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
import time_machine
from fastapi import FastAPI

from ojas.kit.db import Database
from tests.features.morning import at
from tests.features.sharing.cast import Somebody, signed_in, somebody


@pytest.fixture
async def asha(database: Database) -> Somebody:
    return await somebody(database, "Asha")


@pytest.fixture
async def browser(app: FastAPI, asha: Somebody) -> AsyncIterator[httpx.AsyncClient]:
    """Hers, signed in."""
    async with await signed_in(app, asha) as opened:
        yield opened


@pytest.fixture
def traveller() -> Iterator[time_machine.Traveller]:
    """Half past seven in the morning, at home, until a test moves the clock."""
    with time_machine.travel(at(7, 30), tick=False) as found:
        yield found
