"""Each person's data keys: kept wrapped by the master key, versioned, and destroyed to erase what they sealed."""

import time
from collections import OrderedDict
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import delete, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from ojas.kit import clock, crypto
from ojas.kit.db.models import Base
from ojas.kit.errors import NotFound

if TYPE_CHECKING:
    from ojas.kit.crypto import MasterKeys

LIFE = timedelta(days=183)
"""After six months new data is sealed under a new version; older versions go on opening what they sealed."""

_REMEMBERED_S = 60  # how long a process may still hold a key that another has destroyed
_REMEMBERED = 10_000
_REKEYED = "rekeyed"


class PersonKey(Base):
    """One version of a person's data key, wrapped by the master key."""

    __tablename__ = "person_keys"
    __scope__ = "keys"

    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    wrapped: Mapped[bytes]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)


@dataclass(frozen=True, slots=True)
class PersonKeys:
    """All versions of one person's key, opened; the highest seals."""

    person_id: UUID
    versions: dict[int, crypto.DataKey]

    def seal(self, plaintext: bytes, table: str, row_id: UUID) -> bytes:
        return crypto.seal(self.versions[max(self.versions)], plaintext, self._context(table, row_id))

    def open(self, sealed: bytes, table: str, row_id: UUID) -> bytes:
        return crypto.open_with(self.versions, sealed, self._context(table, row_id))

    def _context(self, table: str, row_id: UUID) -> bytes:
        return self.person_id.bytes + row_id.bytes + table.encode()


class Keyring:
    """Opened keys, remembered for a minute so that a page does not unwrap them again."""

    def __init__(self, master: "MasterKeys", reload: Callable[[], "MasterKeys"] | None = None) -> None:
        self.master = master
        self.reload = reload
        self._known: OrderedDict[UUID, tuple[float, PersonKeys]] = OrderedDict()

    async def keys(self, session: AsyncSession, person_id: UUID) -> PersonKeys:
        """The person's keys.

        Raises:
            NotFound: the person has none: never made, erased, or not within the transaction's access.
        """
        # A version made in this transaction may yet be rolled back; remembered, it would go on sealing without a row.
        fresh = person_id in session.info.get(_REKEYED, ())
        if not fresh and (known := self.remembered(person_id)):
            return known
        found = (await self._read(session, [person_id])).get(person_id)
        if found is None:
            self._known.pop(person_id, None)
            raise NotFound("There is no such person, or nothing of theirs is shared with you.")
        return found if fresh else self._remember(found)

    async def prepare(self, session: AsyncSession, person_ids: Collection[UUID]) -> None:
        """Have the keys of several persons at hand, by one query, for ``keys`` to answer from memory."""
        rekeyed, now = session.info.get(_REKEYED, ()), time.monotonic()
        missing = [
            person
            for person in person_ids
            if person not in rekeyed and (person not in self._known or self._known[person][0] <= now)
        ]
        if len(missing) > 1:
            with suppress(crypto.Unreadable):  # one that does not open stops those alone who ask for it
                for keys in (await self._read(session, missing)).values():
                    self._remember(keys)

    async def _read(self, session: AsyncSession, person_ids: Collection[UUID]) -> dict[UUID, PersonKeys]:
        columns = select(PersonKey.person_id, PersonKey.version, PersonKey.wrapped)
        opened: dict[UUID, dict[int, crypto.DataKey]] = {}
        for row in await session.execute(columns.where(PersonKey.person_id == func.any(list(person_ids)))):
            opened.setdefault(row.person_id, {})[row.version] = self._unwrap(*row)
        return {person: PersonKeys(person, versions) for person, versions in opened.items()}

    def _unwrap(self, person_id: UUID, version: int, wrapped: bytes) -> crypto.DataKey:
        try:
            return self.master.unwrap(person_id, version, wrapped)
        except crypto.Unreadable:
            if not self.renew():
                raise
            return self.master.unwrap(person_id, version, wrapped)

    def renew(self) -> bool:
        """Take up a master key that was changed since this process began; answers whether it was."""
        fresh = self.reload() if self.reload else self.master
        changed, self.master = fresh != self.master, fresh
        return changed

    def remembered(self, person_id: UUID) -> PersonKeys | None:
        """Keys opened less than a minute ago, by whatever transaction."""
        until, keys = self._known.get(person_id, (0.0, None))
        if keys is None or until <= time.monotonic():
            return None
        self._known.move_to_end(person_id)
        return keys

    async def create(self, session: AsyncSession, person_id: UUID) -> None:
        await self._add(session, person_id, version=1)

    async def rotate(self, session: AsyncSession, person_id: UUID) -> int:
        """Add a version, which seals from now on. Answers its number."""
        last = await session.scalar(
            select(func.max(PersonKey.version)).where(PersonKey.person_id == person_id)
        )
        await self._add(session, person_id, version=(last or 0) + 1)
        return (last or 0) + 1

    async def destroy(self, session: AsyncSession, person_id: UUID) -> int:
        """Delete every version: what they sealed can be read by nobody again. Answers how many there were."""
        rows = await session.scalars(
            delete(PersonKey).where(PersonKey.person_id == person_id).returning(PersonKey.version)
        )
        self.forget(person_id)
        return len(rows.all())

    async def due(self, session: AsyncSession, *, limit: int = 1000) -> list[UUID]:
        """Persons whose newest key has lived its life; for a transaction of the area ``housekeeping``."""
        newest = func.max(PersonKey.created_at)
        query = select(PersonKey.person_id).group_by(PersonKey.person_id).having(newest < clock.now() - LIFE)
        return list(await session.scalars(query.limit(limit)))

    def forget(self, person_id: UUID | None = None) -> None:
        if person_id is None:
            self._known.clear()
        else:
            self._known.pop(person_id, None)

    async def _add(self, session: AsyncSession, person_id: UUID, version: int) -> None:
        # Under this lock nobody retires a master version, and the newest of the file wraps: see ``resealing.retire``.
        await session.execute(text("LOCK TABLE person_keys IN ROW EXCLUSIVE MODE"))
        self.renew()
        key = crypto.DataKey.new(version)
        session.add(
            PersonKey(person_id=person_id, version=version, wrapped=self.master.wrap(person_id, version, key))
        )
        await session.flush()
        session.info.setdefault(_REKEYED, set()).add(person_id)
        self.forget(person_id)

    def _remember(self, keys: PersonKeys) -> PersonKeys:
        self._known[keys.person_id] = (time.monotonic() + _REMEMBERED_S, keys)
        if len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        return keys
