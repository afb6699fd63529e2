"""A real house on a scratch database, as durable as in earnest."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import httpx
from fastapi import FastAPI

from ojas.app import create_app
from ojas.features.identity import service as identity
from ojas.features.identity.models import Account
from ojas.features.identity.rules import Kind
from ojas.features.identity.service.sessions import open_session, tokens_of
from ojas.house import settle
from ojas.kit import crypto, logs
from ojas.kit.db import Access, Database, embedded
from ojas.kit.db.migrate import migrate
from ojas.kit.http import Guards
from ojas.kit.ids import new_id
from ojas.kit.jobs import JOBS, run
from ojas.kit.settings import Settings


@dataclass(frozen=True)
class Member:
    """Somebody signed in; ``headers`` make a request theirs."""

    account_id: UUID
    person_id: UUID
    headers: dict[str, str]


@dataclass(frozen=True)
class Stage:
    """A migrated database with the application on it, in this process: no socket, no second process."""

    settings: Settings
    cluster: embedded.Cluster
    database: Database
    app: FastAPI

    async def person(self) -> UUID:
        """Somebody new, with a key and nothing else."""
        person = new_id()
        async with self.database.transaction(Access.of(person)) as tx:
            await tx.create_keys(person)
        return person

    async def member(self, name: str = "Asha") -> "Member":
        """Somebody with an account and a record, signed in."""
        async with self.database.transaction(Access.system("sign_in")) as tx:
            account_id, person_id = await identity.create_account(
                tx, email=f"{new_id().hex}@example.org", name=name
            )
            account = await tx.session.get(Account, account_id)
            assert account is not None
            await tx.become(Access.system("sign_in"))
            entered = await open_session(tx, account, Kind.TOKEN, ["password"])
            tokens = await tokens_of(tx, entered)
        return Member(account_id, person_id, {"authorization": f"Bearer {tokens.access_token}"})

    def client(self, **headers: str) -> httpx.AsyncClient:
        """A caller of the application; what it costs itself is about 0.3 ms a request."""
        transport = httpx.ASGITransport(app=self.app)
        return httpx.AsyncClient(transport=transport, base_url="http://localhost", headers=headers)

    async def work_off(self) -> None:
        """Run every job that waits, and those they defer, to the end."""
        house = self.app.state.house
        await run(house, JOBS.values(), wait=False)


@asynccontextmanager
async def stage(*, durable: bool = True) -> AsyncIterator[Stage]:
    """Everything set up as `ojas serve` has it, in a scratch folder that is gone afterwards."""
    logs.configure("warning")
    with embedded.scratch(durable=durable) as lease, tempfile.TemporaryDirectory() as home:
        await asyncio.to_thread(migrate, lease.cluster.dsn(embedded.OWNER))
        keys = crypto.MasterKeys.new()
        settings = Settings(home=Path(home), master_key=keys.dump(), log_level="warning")  # type: ignore[arg-type, call-arg]
        app = create_app(settings, lease.cluster.dsn(embedded.APP))
        for middleware in app.user_middleware:
            if (
                middleware.cls is Guards
            ):  # all clients here have one address, which may ask as often as it likes
                middleware.kwargs |= {"burst": 10**9, "per_second": 1e9}
        settle()
        async with app.router.lifespan_context(app):
            yield Stage(settings, lease.cluster, app.state.house.database, app)
