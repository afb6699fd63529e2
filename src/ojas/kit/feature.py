"""What a feature may plug in, and nothing else can."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import UUID

from fastapi import APIRouter

from ojas.kit.collection import Collection
from ojas.kit.db import Tx
from ojas.kit.http.edge import Authenticate, Authorise
from ojas.kit.jobs import Job


@dataclass(frozen=True, slots=True)
class NavItem:
    """An entry of the main navigation. ``label`` is a message id, ``path`` lies under the person: ``/p/{person_id}``.

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


Erase = Callable[[Tx, UUID], Awaitable[None]]


@dataclass(frozen=True)
class Feature:
    """One capability.

    Attributes:
        name: the folder's. scopes: what of it can be shared, each with what it means in plain words (message id).
        routers: REST, mounted under /api/v1. pages: HTML, mounted at the root.
        jobs, handlers: work for later, and which of it listens to which event.
        collections: its lists; each is exported and erased without further words.
        export, erase: how what is not in a collection leaves, and ends.
        authenticate, authorise: the two questions of the edge; each answered by exactly one feature.
    """

    name: str
    scopes: Mapping[str, str] = field(default_factory=dict)
    routers: tuple[APIRouter, ...] = ()
    pages: tuple[APIRouter, ...] = ()
    jobs: tuple[Job, ...] = ()
    handlers: Mapping[str, Job] = field(default_factory=dict)
    collections: tuple[Collection[Any, Any, Any], ...] = ()
    navigation: tuple[NavItem, ...] = ()
    export: Export | None = None
    erase: Erase | None = None
    authenticate: Authenticate | None = None
    authorise: Authorise | None = None


async def erase_person(features: tuple[Feature, ...], tx: Tx, person_id: UUID) -> None:
    """Delete every row of a person and destroy their keys, so that copies of what was sealed stay shut for good.

    The audit trail stays: who looked, when and why, without the values, which nobody can open any more.
    """
    for feature in features:
        for collection in feature.collections:
            await collection.erase(tx, person_id)
        if feature.erase:
            await feature.erase(tx, person_id)
    await tx.database.keyring.destroy(tx.session, person_id)


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


__all__ = ["Erase", "Export", "ExportFile", "Feature", "NavItem", "erase_person", "export_files"]
