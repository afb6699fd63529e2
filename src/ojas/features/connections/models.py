"""Tables: imports with what they told and what was refused of them, and exports."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID, uuid5

from sqlalchemy.orm import Mapped, mapped_column

from ojas.kit import clock
from ojas.kit.db import Base, Personal, Seal


def _refusal(row: Any) -> UUID:
    return UUID(int=row.import_id.int ^ row.place)


def told_at(import_id: UUID, sort: str, item_id: UUID) -> UUID:
    """What a thing told is sealed to."""
    return uuid5(import_id, f"{sort} {item_id}")


def _item(row: Any) -> UUID:
    return told_at(row.import_id, row.sort, row.item_id)


class Import(Personal, Base):
    """One file being taken in. In the clear: how far it is and how many things came; sealed: its name and what they were.

    ``checkpoint`` is the number of the last batch that was committed. It and what the batch brought are committed
    together, so a batch is in the record once, whenever the machine stops.
    """

    __tablename__ = "imports"
    __scope__: ClassVar[str] = "connections"

    account_id: Mapped[UUID | None]
    vendor: Mapped[str | None]
    state: Mapped[str]
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    size: Mapped[int] = mapped_column(default=0)
    checkpoint: Mapped[int] = mapped_column(default=0)
    attempts: Mapped[int] = mapped_column(default=0)
    taken: Mapped[int] = mapped_column(default=0)
    refused: Mapped[int] = mapped_column(default=0)
    kept: Mapped[bool] = mapped_column(default=False)
    """Whether the file still lies in the object store."""
    noted: Mapped[bool] = mapped_column(default=True)
    """Whether what it told is noted, so that it can be taken back."""
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    sealed: Mapped[bytes]


class ImportRefusal(Base):
    """One thing of a file that was not taken in, sealed: the reason and where it stands."""

    __tablename__ = "import_refusals"
    __scope__ = "connections"
    __seals__ = (Seal("sealed", _refusal),)

    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    import_id: Mapped[UUID] = mapped_column(primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True)
    sealed: Mapped[bytes]


class ImportItem(Base):
    """One thing an import told, whether it was known or not: a session, a resource, a reading by its key, a source.

    ``sealed`` is what was told where another import may tell it otherwise: the session itself, a digest of the resource.
    """

    __tablename__ = "import_items"
    __scope__ = "connections"
    __seals__ = (Seal("sealed", _item),)

    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    import_id: Mapped[UUID] = mapped_column(primary_key=True)
    sort: Mapped[str] = mapped_column(primary_key=True)
    item_id: Mapped[UUID] = mapped_column(primary_key=True)
    sealed: Mapped[bytes | None]


class ImportSamples(Base):
    """Samples of one stream that a batch told. In the clear what a chunk has in the clear: times and a count."""

    __tablename__ = "import_samples"
    __scope__ = "connections"

    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    import_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    source_id: Mapped[UUID]
    kind: Mapped[str]
    first: Mapped[datetime]
    last: Mapped[datetime]
    n: Mapped[int]
    sealed: Mapped[bytes]


class Export(Personal, Base):
    """One archive of a whole record, made on request and kept for a while, sealed."""

    __tablename__ = "exports"
    __scope__ = "connections"

    account_id: Mapped[UUID | None]
    state: Mapped[str]
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    size: Mapped[int] = mapped_column(default=0)
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    ended_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
