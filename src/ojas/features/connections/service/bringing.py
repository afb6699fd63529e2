"""A file on its way in: a short transaction before it, none while it arrives, a short one after it."""

from collections.abc import AsyncIterable, Callable, Iterable, Iterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from uuid import UUID

from ojas.features.connections.schemas import ExportView, ImportView
from ojas.features.connections.service import exports, imports, space, taking_back
from ojas.kit.db import Access, Database, Tx
from ojas.kit.db.keyring import PersonKeys
from ojas.kit.errors import Incorrect, TooLarge
from ojas.kit.jobs import JOBS, defer
from ojas.kit.objects import Objects, Stored

Crossing = Callable[[], AbstractAsyncContextManager[Tx]]
"""Opens a transaction in which the caller's rights are asked anew."""

_PIECE = 2**20


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
    limit: int | None,
    allowed: int | None,
) -> ImportView:
    """Keep a file as it arrives and queue its import. If it does not arrive whole, nothing of it stays.

    Raises:
        TooLarge: it has more than ``limit`` bytes, or all of the person's files more than ``allowed``. And as ``receive``.
    """
    async with crossing() as tx:
        import_id = await imports.receive(tx, person_id, file_name)
        left = await space.room(tx, person_id, allowed)
        keys = await tx.keys(person_id)
    try:
        stored = await _put(objects, keys, import_id, parts, limit, allowed, left)
        if not stored.size:
            raise Incorrect("The file is empty.", field="file")
        async with crossing() as tx:
            # Others may have arrived meanwhile.
            await space.room(tx, person_id, allowed, stored.size)
            shown = await imports.arrived(tx, person_id, import_id, stored)
            await _queue(tx, "connections.run_import", person_id, import_id=import_id)
            return shown
    except BaseException:
        # Also when the sender goes away, which comes as a cancellation.
        async with crossing() as tx:
            await imports.lost(tx, person_id, import_id)
        await objects.delete(imports.object_name(person_id, import_id))
        raise


async def _put(
    objects: Objects,
    keys: PersonKeys,
    import_id: UUID,
    parts: AsyncIterable[bytes] | Iterable[bytes],
    limit: int | None,
    allowed: int | None,
    left: int | None,
) -> Stored:
    """Keep the file, as far as it may be as large and there is room for it."""
    bounds = [bound for bound in (limit, left) if bound is not None]
    try:
        return await imports.put(objects, keys, import_id, parts, limit=min(bounds, default=None))
    except TooLarge:
        if allowed is not None and left is not None and left == min(bounds):
            raise space.full(allowed, allowed - left) from None
        raise


async def bring(
    database: Database, objects: Objects, access: Access, person_id: UUID, path: Path
) -> ImportView:
    """The same for a file that lies on this machine, of any size: the command line's way."""
    return await take_in(
        lambda: database.transaction(access),
        objects,
        person_id,
        path.name,
        _parts(path),
        limit=None,
        allowed=None,
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


async def take_out(tx: Tx, person_id: UUID, *, allowed: int | None = None) -> ExportView:
    """Have an archive of the whole record written, if the person's files take less than ``allowed`` bytes."""
    await space.room(tx, person_id, allowed)
    shown = await exports.begin(tx, person_id)
    await _queue(tx, "connections.run_export", person_id, export_id=shown.id)
    return shown


async def _queue(tx: Tx, name: str, person_id: UUID, **ids: UUID) -> None:
    # By name, since jobs stand above; one after the other for a person, since two would wait for each other's streams.
    await defer(tx, JOBS[name], lock=f"connections {person_id}", person_id=person_id, **ids)
