"""Every statement on the store, and those on the lists that a Collection does not have."""

from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Table, delete, func, insert, select, text, tuple_, update
from sqlalchemy.dialects.postgresql.psycopg import PGDialectAsync_psycopg

from ojas.features.record.models import FhirResource, FhirVersion
from ojas.kit.db import Owned, Tx

Row = Mapping[str, Any]
_POSTGRES = PGDialectAsync_psycopg()  # type: ignore[no-untyped-call]


async def lock(tx: Tx, person_id: UUID) -> None:
    """Let one import at a time write to a person's store; held until the transaction ends."""
    await tx.session.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": f"record {person_id}"}
    )


async def heads(tx: Tx, person_id: UUID, ids: Iterable[UUID]) -> dict[UUID, FhirResource]:
    """The latest versions of these resources, as far as there are any."""
    rows = await tx.session.scalars(
        select(FhirResource)
        .where(FhirResource.person_id == person_id, FhirResource.id.in_(list(ids)))
        .execution_options(populate_existing=True)
    )
    return {row.id: row for row in rows}


async def add(tx: Tx, table: type[Any], rows: Sequence[Row]) -> None:
    """Insert rows of the same columns: one statement, each column an array, a quarter less work than row by row.

    COPY would be faster still, and is not to be had under row-level security.
    """
    if not rows:
        return
    columns = [_table(table).c[name] for name in rows[0]]
    kinds = ", ".join(f"%b::{column.type.compile(_POSTGRES)}[]" for column in columns)
    names = ", ".join(column.name for column in columns)
    statement = f"INSERT INTO {_table(table).name} ({names}) SELECT * FROM unnest({kinds})"  # our own names
    connection = await tx.connection()
    await connection.execute(statement.encode(), [[row[column.name] for row in rows] for column in columns])


async def replace(tx: Tx, head: FhirResource, past: Row, new: Row) -> None:
    """Put a new version in a head's place and keep the old one."""
    await tx.session.execute(insert(FhirVersion), [past])
    await tx.session.execute(
        update(FhirResource)
        .where(FhirResource.person_id == head.person_id, FhirResource.id == head.id)
        .values(**new)
        .execution_options(synchronize_session=False)
    )


async def page(
    tx: Tx,
    person_id: UUID,
    *,
    type: str | None,
    without: Collection[str],
    limit: int,
    after: tuple[datetime, UUID] | None,
) -> list[FhirResource]:
    """Newest first; nothing of the types ``without``."""
    query = select(FhirResource).where(FhirResource.person_id == person_id, ~FhirResource.deleted)
    if without:
        query = query.where(FhirResource.type.not_in(without))
    if type:
        query = query.where(FhirResource.type == type)
    if after:
        query = query.where(tuple_(FhirResource.recorded_at, FhirResource.id) < tuple_(*after))
    ordered = query.order_by(FhirResource.recorded_at.desc(), FhirResource.id.desc()).limit(limit)
    return list(await tx.session.scalars(ordered))


async def counts(tx: Tx, person_id: UUID) -> dict[str, int]:
    """How many resources of each type, most first."""
    rows = await tx.session.execute(
        select(FhirResource.type, func.count())
        .where(FhirResource.person_id == person_id, ~FhirResource.deleted)
        .group_by(FhirResource.type)
        .order_by(func.count().desc(), FhirResource.type)
    )
    return {row[0]: row[1] for row in rows}


async def versions(tx: Tx, person_id: UUID, id: UUID) -> list[FhirVersion]:
    """What a resource was before, newest first."""
    query = select(FhirVersion).where(FhirVersion.person_id == person_id, FhirVersion.resource_id == id)
    return list(await tx.session.scalars(query.order_by(FhirVersion.version.desc())))


async def all_heads(tx: Tx, person_id: UUID) -> AsyncIterator[FhirResource]:
    query = select(FhirResource).where(FhirResource.person_id == person_id, ~FhirResource.deleted)
    rows = await tx.session.stream_scalars(query.order_by(FhirResource.type, FhirResource.id))
    async for row in rows:
        yield row


async def listed(tx: Tx, person_id: UUID, table: type[Owned]) -> dict[UUID, int]:
    """Ids of a list's entries and their versions."""
    columns = _table(table).c
    rows = await tx.session.execute(select(columns.id, columns.version).where(columns.person_id == person_id))
    return {row[0]: row[1] for row in rows}


async def entry(tx: Tx, person_id: UUID, table: type[Any], id: UUID) -> Any:
    """A list's entry, or None."""
    return await tx.session.get(table, (person_id, id))


async def count(tx: Tx, person_id: UUID, table: type[Owned], *, most: int) -> int:
    """How many entries a list has; what is beyond ``most`` is not counted, so a page never pays for it."""
    some = (
        select(1)
        .select_from(_table(table))
        .where(_table(table).c.person_id == person_id)
        .limit(most)
        .subquery()
    )
    return int(await tx.session.scalar(select(func.count()).select_from(some)) or 0)


async def filled(tx: Tx, person_id: UUID, tables: Sequence[type[Owned]]) -> list[bool]:
    """Of each list whether it has any entry, by one statement."""
    found = [select(1).where(_table(table).c.person_id == person_id).exists() for table in tables]
    return [bool(one) for one in (await tx.session.execute(select(*found))).one()]


async def exists(tx: Tx, person_id: UUID) -> bool:
    """Whether anything was ever received."""
    query = select(FhirResource.id).where(FhirResource.person_id == person_id, ~FhirResource.deleted).limit(1)
    return await tx.session.scalar(query) is not None


async def drop(tx: Tx, person_id: UUID, ids: Sequence[UUID]) -> None:
    """Delete resources with all their versions."""
    for table, column in ((FhirVersion, FhirVersion.resource_id), (FhirResource, FhirResource.id)):
        await tx.session.execute(
            delete(table)
            .where(table.person_id == person_id, column.in_(ids))
            .execution_options(synchronize_session=False)
        )


async def erase(tx: Tx, person_id: UUID) -> None:
    await tx.session.execute(delete(FhirVersion).where(FhirVersion.person_id == person_id))
    await tx.session.execute(delete(FhirResource).where(FhirResource.person_id == person_id))


def _table(model: type[Any]) -> Table:
    table = model.__table__
    assert isinstance(table, Table)
    return table
