"""A small cast: a patient, her daughter, her doctor, a stranger. Each has an account and a record of their own."""

import email
import email.policy
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from fastapi import FastAPI

from ojas.features.identity import service as identity
from ojas.features.identity.models import Account
from ojas.features.identity.rules import Kind
from ojas.features.identity.service.sessions import open_session
from ojas.features.sharing import service
from ojas.features.sharing.rules import QUESTIONS, Processing
from ojas.features.sharing.schemas import ConsentDraft, GrantDraft, GrantView
from ojas.kit import clock
from ojas.kit.db import Access, Database, Tx
from ojas.kit.http import Actor
from ojas.kit.ids import new_id
from ojas.kit.settings import Settings


@dataclass(frozen=True)
class Somebody:
    database: Database
    name: str
    email: str
    account_id: UUID
    person_id: UUID

    @property
    def actor(self) -> Actor:
        return Actor(self.account_id, self.person_id, session_id=None)

    async def access(self) -> Access:
        """What the edge gives them now."""
        async with self.database.transaction(Access.system("sign_in")) as tx:
            return await service.access_of(tx, self.actor)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Tx]:
        """A transaction as a request of theirs has it."""
        async with self.database.transaction(Access.system("sign_in")) as tx:
            await tx.become(await service.access_of(tx, self.actor))
            yield tx


async def somebody(database: Database, name: str) -> Somebody:
    address = f"{'.'.join(name.lower().split())}.{new_id().hex}@example.org"
    async with database.transaction(Access.system("sign_in")) as tx:
        account, person = await identity.create_account(tx, email=address, name=name)
    return Somebody(database, name, address, account, person)


def draft(to: Somebody | str, *scopes: str, days: int | None = 30, **more: Any) -> GrantDraft:
    ends = None if days is None else clock.now() + timedelta(days=days)
    return GrantDraft(
        email=to if isinstance(to, str) else to.email,
        scopes=list(scopes or ["measurements"]),
        ends_at=ends,
        **more,
    )


async def invited(
    by: Somebody, to: Somebody | str, *scopes: str, whose: UUID | None = None, **more: Any
) -> GrantView:
    async with by.transaction() as tx:
        return await service.share(tx, whose or by.person_id, draft(to, *scopes, **more))


async def shared(
    by: Somebody, to: Somebody, *scopes: str, whose: UUID | None = None, **more: Any
) -> GrantView:
    """Invited and accepted."""
    grant = await invited(by, to, *scopes, whose=whose, **more)
    async with to.transaction() as tx:
        await service.accept(tx, to.actor, grant.person_id, grant.id)
    return grant


async def agreed(database: Database, person_id: UUID, purpose: Processing = Processing.LOCATION) -> None:
    """Let a person agree to a purpose."""
    async with database.transaction(Access.of(person_id)) as tx:
        draft = ConsentDraft(purpose=purpose, version=QUESTIONS[purpose].version)
        await service.give(tx, person_id, draft)


def letters(settings: Settings, to: str) -> list[str]:
    """What was written to an address, oldest first."""
    found = []
    for path in sorted(Path(settings.home / "outbox").glob("*.eml")):
        letter = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        if letter["To"] == to:
            found.append(f"{letter['Subject']}\n{letter.get_content()}")  # type: ignore[attr-defined]
    return found


class Scattered(httpx.ASGITransport):
    """Each request from another address, so that the fence against floods lets a walk over every route pass."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.client = (str(IPv4Address(secrets.randbits(32))), 1)
        return await super().handle_async_request(request)


async def signed_in(app: FastAPI, who: Somebody | None) -> httpx.AsyncClient:
    """A browser in which somebody is signed in; or nobody."""
    transport = Scattered(app=app, raise_app_exceptions=False)
    client = httpx.AsyncClient(transport=transport, base_url="http://localhost")
    if who is not None:
        async with who.database.transaction(Access.system("sign_in")) as tx:
            account = await tx.session.get(Account, who.account_id)
            assert account is not None
            entered = await open_session(tx, account, Kind.BROWSER, ["password"])
        client.cookies.set(identity.COOKIE, entered.token)
    return client
