"""What of a row is sealed, as one value; and rows that do not open."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from json import JSONDecodeError
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Self, TypeVar
from uuid import UUID

import structlog
from pydantic import BaseModel, ConfigDict, ValidationError

from ojas.kit.crypto import Unreadable

if TYPE_CHECKING:
    from ojas.kit.db.transaction import Tx

T = TypeVar("T")
_LOG = structlog.get_logger("ojas.sealed")


async def readable(opening: Awaitable[T], **what: object) -> T | None:
    """What a row holds; None: it does not open, or says something else. That is logged, and stops nobody else's.

    For whoever handles rows of many persons. ``what`` names the row, by its kind and id.
    """
    try:
        return await opening
    except (Unreadable, ValidationError, JSONDecodeError) as problem:
        _LOG.error("unreadable", error=type(problem).__name__, **what)
        return None


@dataclass(frozen=True, slots=True)
class Gathered(Generic[T]):
    """Things of several persons, for whoever looks after them all: ``more`` are left out, and of ``unread`` something cannot be
    read.
    """

    items: Sequence[T] = ()
    more: int = 0
    unread: frozenset[UUID] = frozenset()

    @classmethod
    async def of(
        cls, what: str, rows: Sequence[Any], total: int, opening: Callable[[Any], Awaitable[T]]
    ) -> Self:
        """What some of ``total`` rows hold, each opened by itself."""
        found = [(row.person_id, await readable(opening(row), **{what: str(row.id)})) for row in rows]
        return cls(
            [one for _person, one in found if one is not None],
            total - len(rows),
            frozenset(person for person, one in found if one is None),
        )


class Sealed(BaseModel):
    """The content of the column ``sealed`` of a row of ``table``."""

    model_config = ConfigDict(frozen=True)

    table: ClassVar[str]

    async def sealed(self, tx: "Tx", person_id: UUID, id: UUID) -> bytes:
        return await tx.seal(person_id, self.table, id, self.model_dump_json().encode())

    @classmethod
    async def of(cls, tx: "Tx", row: Any) -> Self:
        """
        Raises:
            ojas.kit.crypto.Unreadable: it does not open. ValidationError: it says something else.
        """
        return cls.model_validate_json(await tx.open(row.person_id, cls.table, row.id, row.sealed))
