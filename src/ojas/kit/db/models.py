"""What tables are made of: a person's table has the person first in its key, and a scope that guards it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, DateTime, LargeBinary, MetaData, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from ojas.kit import clock
from ojas.kit.db.access import SCOPES
from ojas.kit.ids import new_id

_NAMES = {
    "ix": "%(table_name)s_%(column_0_N_name)s_index",
    "uq": "%(table_name)s_%(column_0_N_name)s_unique",
    "ck": "%(table_name)s_%(constraint_name)s_check",
    "fk": "%(table_name)s_%(column_0_N_name)s_reference",
    "pk": "%(table_name)s_pkey",
}


@dataclass(frozen=True)
class Seal:
    """One sealed column, and the place its bytes are bound to: a label and an id that a row's own values name.

    Attributes:
        place: of a row. label: the table's name where it is none.
        whose: which rows are a person's, where no ``person_id`` says so.
        area: in which they are seen, where the person's access is not enough.
        by: a function of the database that replaces the bytes, where the service may not.
    """

    column: str
    place: Callable[[Any], UUID]
    label: str | None = None
    whose: Callable[[UUID], ColumnElement[bool]] | None = None
    area: str = ""
    by: str | None = None


def by_id(row: Any) -> UUID:
    found: UUID = row.id
    return found


class Base(DeclarativeBase):
    """Columns are plain: ``str`` is text, ``datetime`` carries its zone, ``dict`` is jsonb."""

    metadata = MetaData(naming_convention=_NAMES)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        str: Text(),
        int: BigInteger(),
        bytes: LargeBinary(),
        UUID: Uuid(),
        datetime: DateTime(timezone=True),
        dict[str, Any]: JSONB(),
    }
    __seals__: ClassVar[tuple[Seal, ...]] = ()
    """Columns sealed under people's keys; what has an id and a column ``sealed`` need not say so."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        table = getattr(cls, "__table__", None)
        if not cls.__seals__ and table is not None and {"person_id", "id", "sealed"} <= set(table.c.keys()):
            cls.__seals__ = (Seal("sealed", by_id),)


class Personal:
    """A row about a person. ``__scope__`` names the scope of access that row-level security asks for."""

    __scope__: ClassVar[str]

    person_id: Mapped[UUID] = mapped_column(primary_key=True, sort_order=-20)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id, sort_order=-19)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if scope := getattr(cls, "__scope__", None):
            SCOPES.add(scope)


class Owned(Personal):
    """A row of a Collection: versioned, and with all that is private sealed in one column."""

    version: Mapped[int] = mapped_column(default=1, sort_order=10)
    created_at: Mapped[datetime] = mapped_column(default=clock.now, sort_order=11)
    updated_at: Mapped[datetime] = mapped_column(default=clock.now, sort_order=12)
    sealed: Mapped[bytes] = mapped_column(sort_order=13)
