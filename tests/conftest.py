"""A real PostgreSQL for every test process, migrated once. Tests share it: each works on persons of its own."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import settings as hypothesis_settings

from ojas.app import create_app
from ojas.features.identity.service import ground
from ojas.house import features
from ojas.kit import crypto, logs
from ojas.kit.auth import Passwords
from ojas.kit.db import Access, Database, embedded
from ojas.kit.db.migrate import migrate
from ojas.kit.ids import new_id
from ojas.kit.jobs import JOBS, TICKS, catch_up, run
from ojas.kit.settings import Settings


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser and crash tests first: few and long, they would end on one worker while the other has nothing left."""
    items.sort(key=lambda item: "e2e" not in item.path.parts)


CORPORA = Path(__file__).parents[2] / "shared" / "corpora"
SEEDS = Path(__file__).parents[2] / "shared" / "seeds"

hypothesis_settings.register_profile(
    "ojas", deadline=None
)  # bench/ measures time; here a busy machine would fail
hypothesis_settings.load_profile("ojas")
logs.configure(
    "warning"
)  # as every process has it; unconfigured, a failure that is logged draws all that its frames hold

# Everybody's password is hashed, in a twentieth of the time; tests/kit/auth tries the hashing that is real, and no setting
# makes it cheap elsewhere. Processes that tests start hash as they do for users.
ground.Passwords = lambda: Passwords(memory_kib=1024, floor_s=0)  # type: ignore[misc, assignment]


def corpus(name: str) -> Path:
    """A folder of real data beside the checkout; the test is skipped where it is absent."""
    folder = CORPORA / name
    if not folder.exists():
        pytest.skip(f"needs the corpus {name}, which is not beside this checkout")
    return folder


@pytest.fixture(scope="session")
def cluster() -> Iterator[embedded.Cluster]:
    with embedded.scratch() as lease:
        migrate(lease.cluster.dsn(embedded.OWNER))
        yield lease.cluster


@pytest.fixture(scope="session")
def master() -> crypto.MasterKeys:
    return crypto.MasterKeys.new()


@pytest.fixture(scope="session")
def settings(master: crypto.MasterKeys, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    home = tmp_path_factory.mktemp("home")
    return Settings(home=home, master_key=master.dump(), log_level="warning")  # type: ignore[arg-type, call-arg]


@pytest.fixture(scope="session")
async def database(cluster: embedded.Cluster, master: crypto.MasterKeys) -> AsyncIterator[Database]:
    features()
    opened = Database(cluster.dsn(embedded.APP), master)
    yield opened
    await opened.close()


@pytest.fixture
async def person_id(database: Database) -> UUID:
    """Somebody new, with a key and nothing else."""
    return await newcomer(database)


async def newcomer(database: Database) -> UUID:
    person = new_id()
    async with database.transaction(Access.of(person)) as tx:
        await tx.create_keys(person)
    return person


@asynccontextmanager
async def running(settings: Settings, cluster: embedded.Cluster) -> AsyncIterator[FastAPI]:
    """The web application, started as uvicorn would start it."""
    app = create_app(settings, cluster.dsn(embedded.APP))
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture(scope="session")
async def app(settings: Settings, cluster: embedded.Cluster) -> AsyncIterator[FastAPI]:
    async with running(settings, cluster) as started:
        yield started


def client_of(app: FastAPI, **headers: str) -> httpx.AsyncClient:
    """A browser without script: keeps cookies, follows nothing by itself."""
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://localhost", headers=headers)


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(app) as opened:
        yield opened


async def work_off(app: FastAPI) -> None:
    """Run every job that waits, and those they defer, to the end; then whatever is due."""
    house = app.state.house
    await asyncio.wait_for(run(house, JOBS.values(), wait=False), 60)
    await asyncio.wait_for(catch_up(house, TICKS.values()), 60)
