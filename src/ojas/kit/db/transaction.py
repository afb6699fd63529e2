"""One transaction: opened at the edge, handed to every verb, committed once."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import UUID

import psycopg
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

from ojas.kit.db.access import NOBODY, Access
from ojas.kit.db.keyring import Keyring, PersonKeys
from ojas.kit.errors import NotFound
from ojas.kit.ids import new_id

if TYPE_CHECKING:
    from ojas.kit.crypto import MasterKeys


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a transaction came from, for the audit trail."""

    request_id: UUID = field(default_factory=new_id)
    address: str | None = None
    agent: str | None = None


class Tx:
    """A transaction with its access. Verbs flush; only ``Database.transaction`` commits."""

    def __init__(self, database: "Database", session: AsyncSession, origin: Origin) -> None:
        self.database = database
        self.session = session
        self.origin = origin
        self.access = NOBODY
        self.closing: list[Callable[[Tx], Awaitable[None]]] = []
        """Run just before the commit, in order: what is written once a transaction, such as its audit row."""
        self._set: dict[str, str] = {}

    async def become(self, access: Access) -> None:
        """Act with ``access`` from here on: row-level security sees these persons and no others."""
        settings = access.settings()
        changed = {
            name: settings.get(name, "")
            for name in {*settings, *self._set}
            if settings.get(name, "") != self._set.get(name, "")
        }
        self.access = access
        if not changed:
            return
        await self.session.flush()
        connection = await self.connection()
        # Names and values hold only letters, digits, commas and hyphens (see Access.settings). They are literals since a
        # distributed PostgreSQL hands on only literal SET LOCAL. All of them in one simple query: half the time of a
        # pipeline, which parses, binds and describes each.
        statements = "; ".join(f"SET LOCAL {name} = '{value}'" for name, value in changed.items())
        await connection.execute(statements.encode(), prepare=False)
        self._set |= changed

    @asynccontextmanager
    async def acting(self, access: Access) -> AsyncIterator[None]:
        """Act with ``access`` within the block, and as before after it, whatever is raised in it."""
        before = self.access
        await self.become(access)
        try:
            yield
        except BaseException:
            # A refusal may be rendered in this very transaction, so even then nobody keeps more than they had. If the
            # transaction is dead, so are its settings.
            with suppress(SQLAlchemyError, psycopg.Error):
                await self.become(before)
            self.access = before
            raise
        await self.become(before)

    async def connection(self) -> psycopg.AsyncConnection:
        """The driver's own connection, in this transaction: for COPY, pipelines and jobs."""
        raw = await (await self.session.connection()).get_raw_connection()
        connection = raw.driver_connection
        assert isinstance(connection, psycopg.AsyncConnection)
        return connection

    async def seal(self, person_id: UUID, table: str, row_id: UUID, plaintext: bytes) -> bytes:
        """Seal under the person's present key, bound to this row of this table."""
        return (await self.keys(person_id)).seal(plaintext, table, row_id)

    async def open(self, person_id: UUID, table: str, row_id: UUID, sealed: bytes) -> bytes:
        """Open what ``seal`` made for the same row.

        Raises:
            ojas.kit.crypto.Unreadable: the bytes, the row or the key are not those of the sealing.
        """
        return (await self.keys(person_id)).open(sealed, table, row_id)

    async def keys(self, person_id: UUID) -> PersonKeys:
        """The person's keys, for sealing and opening many rows at once.

        Raises:
            NotFound: the transaction has no access to anything of theirs, whatever the process remembers.
        """
        if person_id not in self.access.persons:
            raise NotFound("There is no such person, or nothing of theirs is shared with you.")
        return await self.database.keyring.keys(self.session, person_id)

    async def create_keys(self, person_id: UUID) -> None:
        """Give a new person their first key. The access must name them already."""
        await self.database.keyring.create(self.session, person_id)


class Database:
    """The pool of connections of one process, for the role that owns nothing."""

    def __init__(self, conninfo: str, master: "MasterKeys", *, pool_size: int = 10) -> None:
        self.conninfo = conninfo
        self.keyring = Keyring(master)

        async def connect() -> psycopg.AsyncConnection:
            return await psycopg.AsyncConnection.connect(conninfo)

        self.engine: AsyncEngine = create_async_engine(
            "postgresql+psycopg://",
            async_creator=connect,
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=10,
            hide_parameters=True,  # an exception must not carry what a person wrote into a log
        )

    @asynccontextmanager
    async def transaction(self, access: Access = NOBODY, origin: Origin | None = None) -> AsyncIterator[Tx]:
        """A transaction with ``access``: committed on leaving, rolled back if anything is raised."""
        async with AsyncSession(self.engine, expire_on_commit=False) as session, session.begin():
            tx = Tx(self, session, origin or Origin())
            await tx.become(access)
            yield tx
            for close in tx.closing:
                await close(tx)

    async def close(self) -> None:
        await self.engine.dispose()
