"""One transaction: opened at the edge, handed to every verb, committed once."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID

import psycopg
from psycopg.pq import TransactionStatus
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.pool import QueuePool

from ojas.kit.db.access import NOBODY, Access
from ojas.kit.db.keyring import Keyring, PersonKeys
from ojas.kit.errors import NotFound, Unavailable
from ojas.kit.i18n import N_
from ojas.kit.ids import new_id

if TYPE_CHECKING:
    from ojas.kit.crypto import MasterKeys


_REST_S = 20

_IN_DOUBT = N_(
    "The database stopped answering just then. Look whether this was kept before you send it again."
)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a transaction came from, for the audit trail."""

    request_id: UUID = field(default_factory=new_id)
    address: str | None = None
    agent: str | None = None


class Tx:
    """A transaction with its access. Verbs flush; only ``Database.transaction`` commits."""

    def __init__(self, database: "Database", connection: AsyncConnection, origin: Origin) -> None:
        self.database = database
        self.origin = origin
        self.access = NOBODY
        self.closing: list[Callable[[Tx], Awaitable[None]]] = []
        """Run just before the commit, in order: what is written once a transaction, such as its audit row."""
        self.info: dict[str, Any] = {}
        """What code remembers for as long as this transaction."""
        self._pooled = connection
        self._driver = _driver_of(connection)
        self._session: AsyncSession | None = None
        self._set: dict[str, str] = {}

    @property
    def session(self) -> AsyncSession:
        """The ORM on this connection. Made when first asked for: many requests do without it (see ``Statement``)."""
        if self._session is None:
            self._session = AsyncSession(self._pooled, expire_on_commit=False)
        return self._session

    async def flush(self) -> None:
        """Send what the ORM holds back."""
        if self._session is not None:
            await self._session.flush()

    async def become(self, access: Access) -> None:
        """Act with ``access`` from here on: row-level security sees these persons and no others."""
        if access is self.access:
            return
        settings = access.settings()
        changed = {
            name: settings.get(name, "")
            for name in {*settings, *self._set}
            if settings.get(name, "") != self._set.get(name, "")
        }
        self.access = access
        if not changed:
            return
        await self.flush()
        await self._driver.execute(_sets(changed), prepare=False)
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
        """The driver's own connection, in this transaction: for COPY, jobs and ``Statement``."""
        await self.flush()
        return self._driver

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
        if not self.access.knows(person_id):
            raise NotFound("There is no such person, or nothing of theirs is shared with you.")
        keyring = self.database.keyring
        # Where no ORM was asked for, no key was made in this very transaction: what is remembered holds.
        known = keyring.remembered(person_id) if self._session is None else None
        return known or await keyring.keys(self.session, person_id)

    async def create_keys(self, person_id: UUID) -> None:
        """Give a new person their first key. The access must name them already."""
        await self.database.keyring.create(self.session, person_id)

    async def begin(self, access: Access) -> None:
        """Begin, with its first access, in one round trip. For ``Database.transaction`` alone, as the two below."""
        self.access, self._set = access, {name: value for name, value in access.settings().items() if value}
        await self._driver.execute(_sets(self._set, begin=True), prepare=False)

    async def finish(self) -> None:
        """Write what is written once a transaction, and commit."""
        for close in self.closing:
            await close(self)
        await self.flush()
        try:
            await self._driver.commit()
        except psycopg.OperationalError as lost:
            # It may have arrived and only the answer been lost: whoever sends again without a key must look first.
            raise Unavailable(_IN_DOUBT) from lost

    async def leave(self) -> None:
        """Give the connection back. What was not committed is rolled back, and a dead connection dropped."""
        if self._driver.closed:
            await self._pooled.invalidate()
        elif self._driver.info.transaction_status is not TransactionStatus.IDLE:
            with suppress(psycopg.Error):  # it died: the pool finds out by itself
                await self._driver.rollback()
        if self._session is not None:
            with suppress(SQLAlchemyError):
                await self._session.close()
        await self._pooled.close()


class Database:
    """The pool of connections of one process, for the role that owns nothing."""

    def __init__(
        self,
        conninfo: str,
        master: "MasterKeys",
        *,
        pool_size: int = 10,
        reload: "Callable[[], MasterKeys] | None" = None,
    ) -> None:
        """``reload`` reads the master key anew, so that one that is changed holds without a restart."""
        self.conninfo = conninfo
        self.keyring = Keyring(master, reload)

        async def connect() -> psycopg.AsyncConnection:
            # BEGIN is ours, with the access in the same round trip; else the driver sends it by itself before.
            return await psycopg.AsyncConnection.connect(conninfo, autocommit=True)

        self._pool_size = pool_size
        self._open = self._most = 0
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
        self._open += 1
        self._most = max(self._most, self._open)
        try:
            tx = await self._begun(access, origin or Origin())
            try:
                yield tx
                await tx.finish()
            finally:
                await asyncio.shield(tx.leave())  # whoever is cancelled leaves no connection behind
        finally:
            self._open -= 1

    async def _begun(self, access: Access, origin: Origin) -> Tx:
        """On a connection that lives: after a restart of the database, all that wait in the pool are dead.

        Raises:
            psycopg.OperationalError, sqlalchemy.exc.OperationalError: the database does not answer.
        """
        for turn in range(self._pool_size + 1):
            tx = Tx(self, await self.engine.connect(), origin)
            try:
                await tx.begin(access)
                return tx
            except BaseException as error:
                await asyncio.shield(tx.leave())
                if not isinstance(error, psycopg.OperationalError) or turn == self._pool_size:
                    raise
        raise AssertionError("the last turn begins or raises")

    async def rest(self) -> None:
        """Close, until cancelled, the connections that nobody needed of late: at the other end of each is a process of 4 MB.

        SQLAlchemy's pool keeps as many as were once needed. All that wait in it are closed, and one is opened anew in 5 ms.
        """
        while True:
            self._most = self._open
            await asyncio.sleep(_REST_S)
            pool = self.engine.pool
            if not self._open and isinstance(pool, QueuePool) and pool.checkedin() > self._most + 1:
                await self.engine.dispose()

    async def close(self) -> None:
        await self.engine.dispose()


def _driver_of(connection: AsyncConnection) -> psycopg.AsyncConnection:
    assert connection.sync_connection is not None
    found = connection.sync_connection.connection.driver_connection
    assert isinstance(found, psycopg.AsyncConnection)
    return found


def _sets(settings: Mapping[str, str], *, begin: bool = False) -> bytes:
    """Settings as one simple query: half the time of a pipeline, which parses, binds and describes each.

    Names and values hold only letters, digits, commas and hyphens (see Access.settings). They are literals since a
    distributed PostgreSQL hands on only literal SET LOCAL.
    """
    lines = [f"SET LOCAL {name} = '{value}'" for name, value in settings.items()]
    return "; ".join(["BEGIN", *lines] if begin else lines).encode()
