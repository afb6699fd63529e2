"""Asha, at half past seven in the morning at home, with a clock that stands still until a test moves it."""

from collections.abc import Iterator

import pytest
import time_machine

from ojas.kit.db import Database
from tests.features.sharing.cast import Somebody, somebody

from .living import at


@pytest.fixture
def traveller() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(at(7, 30), tick=False) as found:
        yield found


@pytest.fixture
async def asha(database: Database, traveller: time_machine.Traveller) -> Somebody:
    return await somebody(database, "Asha")
