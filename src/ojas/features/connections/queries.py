"""Every statement on imports, refusals and exports."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import and_, delete, func, or_, select, text, tuple_

from ojas.features.connections.models import Export, Import, ImportRefusal
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


async def active_imports(tx: Tx, person_id: UUID) -> int:
    """How many are under way; who asks next waits until this transaction has begun its own, or ended."""
    name = {"name": f"imports {person_id}"}
    await tx.session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), name)
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
    for table in (ImportRefusal, Import, Export):
        await tx.session.execute(delete(table).where(table.person_id == person_id))
