"""A file on its way in: a short transaction before it, none while it arrives, a short one after it."""

from collections.abc import AsyncIterable, Callable, Iterable, Iterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from uuid import UUID

from ojas.features.connections.schemas import ExportView, ImportView
from ojas.features.connections.service import exports, imports, taking_back
from ojas.kit.db import Access, Database, Tx
from ojas.kit.errors import Incorrect
from ojas.kit.jobs import JOBS, defer
from ojas.kit.objects import Objects

Crossing = Callable[[], AbstractAsyncContextManager[Tx]]
"""Opens a transaction in which the caller's rights are asked anew."""

_PIECE = 2**20
_UNBOUNDED = 2**62


def _parts(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while part := file.read(_PIECE):
            yield part


async def take_in(
    crossing: Crossing,
    objects: Objects,
    person_id: UUID,
    file_name: str,
    parts: AsyncIterable[bytes] | Iterable[bytes],
    *,
    limit: int,
) -> ImportView:
    """Keep a file as it arrives and queue its import. If it does not arrive whole, nothing of it stays.

    Raises:
        TooLarge: it has more than ``limit`` bytes. And as ``receive`` does.
    """
    async with crossing() as tx:
        import_id = await imports.receive(tx, person_id, file_name)
        keys = await tx.keys(person_id)
    try:
        stored = await imports.put(objects, keys, import_id, parts, limit=limit)
        if not stored.size:
            raise Incorrect("The file is empty.", field="file")
        async with crossing() as tx:
            shown = await imports.arrived(tx, person_id, import_id, stored)
            await _queue(tx, "connections.run_import", person_id, import_id=import_id)
            return shown
    except BaseException:
        # Also when the sender goes away, which comes as a cancellation.
        async with crossing() as tx:
            await imports.lost(tx, person_id, import_id)
        await objects.delete(imports.object_name(person_id, import_id))
        raise


async def bring(
    database: Database, objects: Objects, access: Access, person_id: UUID, path: Path
) -> ImportView:
    """The same for a file that lies on this machine: the command line's way."""

    return await take_in(
        lambda: database.transaction(access), objects, person_id, path.name, _parts(path), limit=_UNBOUNDED
    )


async def again(tx: Tx, person_id: UUID, import_id: UUID) -> ImportView:
    """Try an import again that failed or was cancelled."""
    shown = await imports.retry(tx, person_id, import_id)
    await _queue(tx, "connections.run_import", person_id, import_id=import_id)
    return shown


async def take_back(tx: Tx, person_id: UUID, import_id: UUID) -> ImportView:
    """Have taken back what an import alone told."""
    shown = await taking_back.begin(tx, person_id, import_id)
    account = {"account_id": tx.access.account_id} if tx.access.account_id else {}
    await _queue(tx, "connections.take_back", person_id, import_id=import_id, **account)
    return shown


async def take_out(tx: Tx, person_id: UUID) -> ExportView:
    """Have an archive of the whole record written."""
    shown = await exports.begin(tx, person_id)
    await _queue(tx, "connections.run_export", person_id, export_id=shown.id)
    return shown


async def _queue(tx: Tx, name: str, person_id: UUID, **ids: UUID) -> None:
    # By name, since jobs stand above; one after the other for a person, since two would wait for each other's streams.
    await defer(tx, JOBS[name], lock=f"connections {person_id}", person_id=person_id, **ids)
