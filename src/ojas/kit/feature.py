"""What a feature may plug in; and, over all of them, how a person's part leaves and ends."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import UUID

from fastapi import APIRouter
from sqlalchemy import Table, func, select

from ojas.kit.collection import Collection
from ojas.kit.db import Base, Tx
from ojas.kit.events import Heed
from ojas.kit.http.edge import Authenticate, Authorise
from ojas.kit.jobs import Job


@dataclass(frozen=True, slots=True)
class NavItem:
    """An entry of the main navigation. ``label`` is a message id, ``path`` lies under the person: ``/p/{person_id}``;
    one that begins with ``//`` is nobody's in particular.

    ``scope``: of another's record only who may read it, or with ``writes`` change it, is led there.
    """

    label: str
    path: str
    icon: str
    order: int
    scope: str | None = None
    writes: bool = False


@dataclass(frozen=True, slots=True)
class ExportFile:
    """One file of a person's export: a name inside the zip, and its content as it is made."""

    name: str
    content: AsyncIterator[bytes]


class Export(Protocol):
    def __call__(self, tx: Tx, person_id: UUID) -> AsyncIterator[ExportFile]: ...


Verb = Callable[[Tx, UUID], Awaitable[None]]
"""Something done to one person's whole part in a feature."""

KEPT = frozenset({"audit_events", "erasures"})
"""Tables whose rows of a person outlive them: who looked and when, without values, and that it was erased (decision 0015)."""

Place = Callable[[UUID, str], bytes | None]
"""What a person's file of this name is sealed to; None where it is another feature's, or soon to go."""


@dataclass(frozen=True)
class Feature:
    """One capability. What it does later (jobs, ticks) and says to people (kinds of messages) is known once it is imported.

    Attributes:
        name: the folder's. scopes: what of it can be shared, each with what it means in plain words (message id).
        routers: REST, mounted under /api/v1. pages: HTML, mounted at the root.
        handlers: which job listens to which event. heeds: what notes an event in the transaction that tells it.
        collections: its lists; each is exported and erased without further words.
        export, erase: how what is not in a collection leaves, and ends.
        close, reopen: what lets others in is shut while an erasure may still be undone, and opened again. ``close`` refuses
            (Conflict) where somebody else would be left without care.
        place: what its lasting files are sealed to, so that they can move to a newer key.
        authenticate, authorise: the two questions of the edge; each answered by exactly one feature.
    """

    name: str
    scopes: Mapping[str, str] = field(default_factory=dict)
    routers: tuple[APIRouter, ...] = ()
    pages: tuple[APIRouter, ...] = ()
    handlers: Mapping[str, Job] = field(default_factory=dict)
    heeds: Mapping[str, Heed] = field(default_factory=dict)
    collections: tuple[Collection[Any, Any, Any], ...] = ()
    navigation: tuple[NavItem, ...] = ()
    export: Export | None = None
    erase: Verb | None = None
    close: Verb | None = None
    reopen: Verb | None = None
    place: Place | None = None
    authenticate: Authenticate | None = None
    authorise: Authorise | None = None


async def erase_rows(feature: Feature, tx: Tx, person_id: UUID) -> int:
    """Delete every row of a person in one feature's tables. Answers how many there were; a second time none.

    Raises:
        RuntimeError: the feature has a table that its ``erase`` forgot.
    """
    tables = _tables_of(feature)
    before = await _rows(tx, tables, person_id)
    for collection in feature.collections:
        await collection.erase(tx, person_id)
    if feature.erase:
        await feature.erase(tx, person_id)
    await tx.session.flush()
    if left := {name: n for name, n in (await _rows(tx, tables, person_id)).items() if n}:
        raise RuntimeError(f"{feature.name} leaves rows of an erased person: {left}")
    return sum(before.values())


def _tables_of(feature: Feature) -> list[Table]:
    home = f"ojas.features.{feature.name}."
    tables = [
        mapper.local_table for mapper in Base.registry.mappers if mapper.class_.__module__.startswith(home)
    ]
    return [t for t in tables if isinstance(t, Table) and "person_id" in t.c and t.name not in KEPT]


async def _rows(tx: Tx, tables: Sequence[Table], person_id: UUID) -> dict[str, int]:
    return {
        table.name: await tx.session.scalar(
            select(func.count()).select_from(table).where(table.c.person_id == person_id)
        )
        or 0
        for table in tables
    }


async def export_files(features: tuple[Feature, ...], tx: Tx, person_id: UUID) -> AsyncIterator[ExportFile]:
    """Every file of a person's export, feature by feature."""
    for feature in features:
        for collection in feature.collections:
            yield ExportFile(f"{feature.name}/{collection.name}.ndjson", _lines(collection, tx, person_id))
        if feature.export:
            async for file in feature.export(tx, person_id):
                yield file


async def _lines(collection: Collection[Any, Any, Any], tx: Tx, person_id: UUID) -> AsyncIterator[bytes]:
    async for item in collection.export(tx, person_id):
        yield item.model_dump_json().encode() + b"\n"
