"""A row that a job works off piece by piece: begun, read and written under its lock, given up after its last try."""

from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Generic, Protocol, TypeVar
from uuid import UUID

from ojas.features.connections.models import Export, Import
from ojas.kit.db import Access, Database, Tx

TRIES = 5
"""Runs without a single piece, after which it is given up. Runs ended by a kill count too."""

Row = TypeVar("Row", Import, Export)
Row_co = TypeVar("Row_co", Import, Export, covariant=True)


class Find(Protocol[Row_co]):
    def __call__(
        self, tx: Tx, person_id: UUID, id: UUID, /, *, lock: bool = False
    ) -> Awaitable[Row_co | None]: ...


class Stopped(Exception):
    """It was stopped, or another worker has taken it over."""


@dataclass(frozen=True, slots=True)
class Run(Generic[Row]):
    """One run of a job over the row that ``find`` finds, which is in ``state`` as long as it is under way."""

    database: Database
    find: Find[Row]
    person_id: UUID
    id: UUID
    state: str = "running"
    account_id: UUID | None = None
    """In whose name it runs."""

    @property
    def access(self) -> Access:
        return Access.of(self.person_id, account_id=self.account_id)

    async def begin(self) -> "Run[Row]":
        """The run in the name of who asked for it, with one try more on its count.

        Raises:
            Stopped: it is neither waiting nor under way.
        """
        async with self.database.transaction(self.access) as tx:
            row = await self.find(tx, self.person_id, self.id, lock=True)
            if row is None or row.state not in ("queued", self.state):
                raise Stopped
            row.state = self.state
            row.attempts += 1
            return replace(self, account_id=self.account_id or row.account_id)

    @asynccontextmanager
    async def row(self) -> AsyncIterator[tuple[Tx, Row]]:
        """A transaction, and the row in it, locked.

        Raises:
            Stopped: it is no longer under way.
        """
        async with self.database.transaction(self.access) as tx:
            row = await self.find(tx, self.person_id, self.id, lock=True)
            if row is None or row.state != self.state:
                raise Stopped
            yield tx, row

    async def tried_enough(self) -> bool:
        """Whether this was the last try."""
        async with self.database.transaction(self.access) as tx:
            row = await self.find(tx, self.person_id, self.id)
            return row is not None and row.attempts >= TRIES
