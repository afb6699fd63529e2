import pytest

from ojas.kit.db import Database
from tests.features.sharing.cast import Somebody, somebody


@pytest.fixture
async def asha(database: Database) -> Somebody:
    """The patient."""
    return await somebody(database, "Asha")


@pytest.fixture
async def meera(database: Database) -> Somebody:
    """Her daughter."""
    return await somebody(database, "Meera")


@pytest.fixture
async def rao(database: Database) -> Somebody:
    """Her doctor."""
    return await somebody(database, "Rao")


@pytest.fixture
async def stranger(database: Database) -> Somebody:
    return await somebody(database, "Stranger")
