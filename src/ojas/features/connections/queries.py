"""Every statement on imports, refusals and exports."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, func, or_, select, text, tuple_
from sqlalchemy.orm import aliased

from ojas.features.connections.models import Export, Import, ImportItem, ImportRefusal, ImportSamples
from ojas.kit.db import Tx


async def an_import(tx: Tx, person_id: UUID, id: UUID, *, lock: bool = False) -> Import | None:
    query = select(Import).where(Import.person_id == person_id, Import.id == id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return await tx.session.scalar(query)


async def imports(tx: Tx, person_id: UUID, *, limit: int, before: UUID | None = None) -> Sequence[Import]:
    """Newest first: an id, a UUIDv7, is also the time it was made."""
    query = select(Import).where(Import.person_id == person_id)
    if before:
        query = query.where(Import.id < before)
    return (await tx.session.scalars(query.order_by(Import.id.desc()).limit(limit))).all()


async def refusals(
    tx: Tx, person_id: UUID, import_id: UUID, *, limit: int, after: int = 0
) -> Sequence[ImportRefusal]:
    query = (
        select(ImportRefusal)
        .where(ImportRefusal.person_id == person_id, ImportRefusal.import_id == import_id)
        .where(ImportRefusal.place > after)
        .order_by(ImportRefusal.place)
        .limit(limit)
    )
    return (await tx.session.scalars(query)).all()


async def all_refusals(
    tx: Tx, person_id: UUID, *, limit: int, after: tuple[UUID, int] | None
) -> Sequence[ImportRefusal]:
    key = tuple_(ImportRefusal.import_id, ImportRefusal.place)
    query = select(ImportRefusal).where(ImportRefusal.person_id == person_id)
    if after:
        query = query.where(key > after)
    return (
        await tx.session.scalars(query.order_by(ImportRefusal.import_id, ImportRefusal.place).limit(limit))
    ).all()


async def forget_refusals(tx: Tx, person_id: UUID, import_id: UUID) -> None:
    await tx.session.execute(
        delete(ImportRefusal).where(
            ImportRefusal.person_id == person_id, ImportRefusal.import_id == import_id
        )
    )


_NOTE_ITEMS = """
    INSERT INTO import_items (person_id, import_id, sort, item_id, sealed)
    SELECT %b, %b, * FROM unnest(%b::text[], %b::uuid[], %b::bytea[]) ON CONFLICT DO NOTHING
"""

_NOTE_SAMPLES = """
    INSERT INTO import_samples (person_id, import_id, id, source_id, kind, first, last, n, sealed)
    SELECT %b, %b, * FROM unnest(
        %b::uuid[], %b::uuid[], %b::text[], %b::timestamptz[], %b::timestamptz[], %b::bigint[], %b::bytea[]
    )
"""


async def note(
    tx: Tx,
    person_id: UUID,
    import_id: UUID,
    items: Sequence[tuple[object, ...]],
    pieces: Sequence[tuple[object, ...]],
) -> None:
    """Add what an import told: things (sort, id, sealed) and samples (id, source, kind, first, last, count, sealed)."""
    connection = await tx.connection()
    for statement, rows in ((_NOTE_ITEMS, items), (_NOTE_SAMPLES, pieces)):
        if rows:
            columns = [list(column) for column in zip(*rows, strict=True)]
            await connection.execute(statement.encode(), (person_id, import_id, *columns))


async def told(tx: Tx, person_id: UUID, import_id: UUID) -> tuple[dict[str, int], dict[str, int]]:
    """How much an import told: things by sort, samples by kind."""
    counted = []
    for column, count, row in (
        (ImportItem.sort, func.count(), ImportItem),
        (ImportSamples.kind, func.sum(ImportSamples.n), ImportSamples),
    ):
        query = select(column, count).where(row.person_id == person_id, row.import_id == import_id)
        counted.append({name: int(n) for name, n in await tx.session.execute(query.group_by(column))})
    return counted[0], counted[1]


async def steps_back(tx: Tx, person_id: UUID, import_id: UUID) -> int:
    """How many rows there are to go through before an import is taken back."""
    total = 0
    for row in (ImportItem, ImportSamples):
        query = select(func.count()).where(row.person_id == person_id, row.import_id == import_id)
        total += await tx.session.scalar(query) or 0
    return total


async def shared_items(tx: Tx, person_id: UUID, import_id: UUID) -> dict[str, int]:
    """How many of the things an import told another told too, by sort."""
    query = select(ImportItem.sort, func.count()).where(
        ImportItem.person_id == person_id, ImportItem.import_id == import_id, _elsewhere()
    )
    rows = await tx.session.execute(query.group_by(ImportItem.sort))
    return {sort: n for sort, n in rows.all()}  # noqa: C416  # rows are no pairs to mypy


async def alone(tx: Tx, person_id: UUID, import_id: UUID, sort: str) -> Sequence[UUID]:
    """Ids of the things of a sort that no other import told."""
    query = select(ImportItem.item_id).where(
        ImportItem.person_id == person_id,
        ImportItem.import_id == import_id,
        ImportItem.sort == sort,
        ~_elsewhere(),
    )
    return (await tx.session.scalars(query)).all()


async def some_items(
    tx: Tx, person_id: UUID, import_id: UUID, sort: str, *, limit: int
) -> Sequence[ImportItem]:
    query = select(ImportItem).where(
        ImportItem.person_id == person_id, ImportItem.import_id == import_id, ImportItem.sort == sort
    )
    return (await tx.session.scalars(query.limit(limit))).all()


async def others_items(
    tx: Tx, person_id: UUID, import_id: UUID, sort: str, ids: Sequence[UUID]
) -> Sequence[ImportItem]:
    """What other imports told of things, the latest import last."""
    query = select(ImportItem).where(
        ImportItem.person_id == person_id,
        ImportItem.import_id != import_id,
        ImportItem.sort == sort,
        ImportItem.item_id.in_(ids),
    )
    return (await tx.session.scalars(query.order_by(ImportItem.import_id))).all()


async def tellings(tx: Tx, person_id: UUID, sort: str, id: UUID) -> Sequence[ImportItem]:
    """What all imports told of a thing."""
    query = select(ImportItem).where(
        ImportItem.person_id == person_id, ImportItem.item_id == id, ImportItem.sort == sort
    )
    return (await tx.session.scalars(query)).all()


async def some_samples(tx: Tx, person_id: UUID, import_id: UUID, *, limit: int) -> Sequence[ImportSamples]:
    query = select(ImportSamples).where(
        ImportSamples.person_id == person_id, ImportSamples.import_id == import_id
    )
    return (await tx.session.scalars(query.order_by(ImportSamples.id).limit(limit))).all()


async def others_samples(tx: Tx, row: ImportSamples) -> Sequence[ImportSamples]:
    """What other imports told of the stream in the same time."""
    query = select(ImportSamples).where(
        ImportSamples.person_id == row.person_id,
        ImportSamples.import_id != row.import_id,
        ImportSamples.source_id == row.source_id,
        ImportSamples.kind == row.kind,
        ImportSamples.last >= row.first,
        ImportSamples.first <= row.last,
    )
    return (await tx.session.scalars(query)).all()


async def overlapping(tx: Tx, person_id: UUID, import_id: UUID) -> list[tuple[UUID, str, int]]:
    """Id, kind and count of the samples an import told of streams that another told of in the same time."""
    other = aliased(ImportSamples)
    overlaps = (
        select(1)
        .where(other.person_id == ImportSamples.person_id, other.import_id != ImportSamples.import_id)
        .where(other.source_id == ImportSamples.source_id, other.kind == ImportSamples.kind)
        .where(other.last >= ImportSamples.first, other.first <= ImportSamples.last)
        .exists()
    )
    query = select(ImportSamples.id, ImportSamples.kind, ImportSamples.n).where(
        ImportSamples.person_id == person_id, ImportSamples.import_id == import_id, overlaps
    )
    return [(id, kind, n) for id, kind, n in await tx.session.execute(query.order_by(ImportSamples.id))]


async def samples(tx: Tx, person_id: UUID, import_id: UUID, id: UUID) -> ImportSamples:
    return await tx.session.get_one(ImportSamples, (person_id, import_id, id))


async def forget_items(tx: Tx, person_id: UUID, import_id: UUID, sort: str, ids: Sequence[UUID]) -> None:
    await tx.session.execute(
        delete(ImportItem)
        .where(ImportItem.person_id == person_id, ImportItem.import_id == import_id)
        .where(ImportItem.sort == sort, ImportItem.item_id.in_(ids))
        .execution_options(synchronize_session=False)
    )


def _elsewhere() -> ColumnElement[bool]:
    other = aliased(ImportItem)
    return (
        select(1)
        .where(other.person_id == ImportItem.person_id, other.item_id == ImportItem.item_id)
        .where(other.sort == ImportItem.sort, other.import_id != ImportItem.import_id)
        .exists()
    )


async def kept_imports(tx: Tx, person_id: UUID) -> Sequence[Import]:
    query = select(Import).where(Import.person_id == person_id, Import.kept)
    return (await tx.session.scalars(query.order_by(Import.id.desc()))).all()


async def kept_exports(tx: Tx, person_id: UUID) -> Sequence[Export]:
    query = select(Export).where(Export.person_id == person_id, Export.state == "done")
    return (await tx.session.scalars(query.order_by(Export.id.desc()))).all()


async def kept_bytes(tx: Tx, person_id: UUID) -> int:
    """What a person's files take together. Who asks next waits until this transaction has ended."""
    await _one_by_one(tx, person_id)
    imports = select(func.coalesce(func.sum(Import.size), 0)).where(
        Import.person_id == person_id, Import.kept
    )
    exports = select(func.coalesce(func.sum(Export.size), 0)).where(
        Export.person_id == person_id, Export.state == "done"
    )
    return int(await tx.session.scalar(imports) or 0) + int(await tx.session.scalar(exports) or 0)


async def _one_by_one(tx: Tx, person_id: UUID) -> None:
    name = {"name": f"imports {person_id}"}
    await tx.session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), name)


async def active_imports(tx: Tx, person_id: UUID) -> int:
    """How many are under way; who asks next waits until this transaction has begun its own, or ended."""
    await _one_by_one(tx, person_id)
    query = select(func.count()).where(
        Import.person_id == person_id, Import.state.in_(("receiving", "queued", "running"))
    )
    return await tx.session.scalar(query) or 0


async def an_export(tx: Tx, person_id: UUID, id: UUID, *, lock: bool = False) -> Export | None:
    query = select(Export).where(Export.person_id == person_id, Export.id == id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return await tx.session.scalar(query)


async def exports(tx: Tx, person_id: UUID, *, limit: int) -> Sequence[Export]:
    query = select(Export).where(Export.person_id == person_id).order_by(Export.id.desc()).limit(limit)
    return (await tx.session.scalars(query)).all()


async def over(
    tx: Tx, *, now: datetime, lost: timedelta, kept: timedelta, limit: int
) -> Sequence[Import | Export]:
    """Whatever waits for nothing any more, in whosever record: only for the area that tidies up."""
    never = and_(Import.state == "receiving", Import.created_at < now - lost)
    enough = and_(Import.kept, Import.ended_at < now - kept)
    expired = or_(Export.expires_at < now, and_(Export.state == "failed", Export.ended_at < now - lost))
    imports = (await tx.session.scalars(select(Import).where(or_(never, enough)).limit(limit))).all()
    return [*imports, *(await tx.session.scalars(select(Export).where(expired).limit(limit))).all()]


async def erase(tx: Tx, person_id: UUID) -> None:
    for table in (ImportItem, ImportSamples, ImportRefusal, Import, Export):
        await tx.session.execute(delete(table).where(table.person_id == person_id))
