"""Asha, at eight in the morning (UTC), with a clock that stands still until a test moves it."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import time_machine

from ojas.kit.db import Database
from tests.features.sharing.cast import Somebody, somebody


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(datetime(2027, 3, 1, 8, tzinfo=UTC), tick=False) as found:
        yield found


@pytest.fixture
async def asha(database: Database, clock: time_machine.Traveller) -> Somebody:
    return await somebody(database, "Asha")
