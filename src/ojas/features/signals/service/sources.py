"""Who sends: met, ranked, forgotten."""

import unicodedata
from typing import Any
from uuid import UUID, uuid5

import orjson

from ojas.features.signals import models, queries
from ojas.features.signals.rules import settled
from ojas.features.signals.schemas import SourceDraft, SourceView
from ojas.features.signals.service.ground import SCOPE
from ojas.kit import events
from ojas.kit.collection import Collection
from ojas.kit.db import Tx

SOURCES: Collection[models.Source, SourceDraft, SourceView] = Collection(
    name="sources", row=models.Source, draft=SourceDraft, view=SourceView, filters=("sort",)
)


def source_id(person_id: UUID, draft: SourceDraft) -> UUID:
    """The same for the same thing, however often and by whomever it is told of.

    A device that names itself (serial number, package) is that; another is its name, maker and model. Versions are left out:
    an update makes no new watch. So is the address HealthKit writes into a device anew at every export.
    """
    signs = [draft.identifier] if draft.identifier else [draft.name, draft.maker, draft.model]
    text = "\n".join(unicodedata.normalize("NFC", settled(sign or "")).casefold() for sign in signs)
    return uuid5(person_id, f"signals source {bool(draft.identifier)} {text}")


async def meet(tx: Tx, person_id: UUID, draft: SourceDraft) -> UUID:
    """The source's id; it is added when it was not known. What is known of it, and its place in the order, stays as it is."""
    tx.access.require(SCOPE, person_id, write=True)
    known: dict[tuple[UUID, UUID], bool] = tx.session.info.setdefault("signal sources", {})
    found = source_id(person_id, draft)
    if (person_id, found) not in known:
        if await queries.source(tx, person_id, found) is None:
            private: dict[str, Any] = draft.model_dump(mode="json", exclude={"sort", "priority"})
            sealed = await tx.seal(person_id, models.Source.__tablename__, found, orjson.dumps(private))
            await queries.add_source(tx, person_id, found, draft.sort, draft.priority, sealed)
        known[(person_id, found)] = True
    return found


async def change_source(
    tx: Tx, person_id: UUID, source_id: UUID, draft: SourceDraft, *, if_version: int | None = None
) -> SourceView:
    """Name or rank a source anew. Another order makes other days: all are reckoned again.

    Raises:
        NotFound, Stale: as ``Collection.change``.
    """
    before = await SOURCES.read(tx, person_id, source_id)
    view = await SOURCES.change(tx, person_id, source_id, draft, if_version=if_version)
    if (before.sort, before.priority) != (view.sort, view.priority):
        await queries.forget_days(tx, person_id)
        await events.emit(tx, "signals.days.forgotten", person_id=person_id)
    return view


async def delete_source(tx: Tx, person_id: UUID, source_id: UUID, *, if_version: int | None = None) -> None:
    """Delete a source and all it sent: streams, samples, sessions.

    Raises:
        NotFound, Stale: as ``Collection.delete``.
    """
    await SOURCES.delete(tx, person_id, source_id, if_version=if_version)
    tx.session.info.pop("signal sources", None)
    await queries.forget_days(tx, person_id)
    await events.emit(tx, "signals.days.forgotten", person_id=person_id)


async def forget_source(tx: Tx, person_id: UUID, source_id: UUID) -> None:
    """Delete a source that has sent nothing that is still here, unless the person named or ranked it."""
    tx.access.require(SCOPE, person_id, write=True)
    await queries.drop_empty_source(tx, person_id, source_id)
    tx.session.info.pop("signal sources", None)


async def name_of(tx: Tx, row: models.Source) -> str:
    """What people call it."""
    private = orjson.loads(await tx.open(row.person_id, models.Source.__tablename__, row.id, row.sealed))
    return str(private["name"])
