"""Asha, at half past seven in the morning at home, with a clock that stands still until a test moves it."""

import pytest
import time_machine

from ojas.kit.db import Database
from tests.features.sharing.cast import Somebody, somebody


@pytest.fixture
async def asha(database: Database, traveller: time_machine.Traveller) -> Somebody:
    return await somebody(database, "Asha")
