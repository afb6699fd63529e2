"""The whole record as one archive: every feature's own files, streamed into a zip that is sealed as it grows."""

import asyncio
import hashlib
import json
import zipfile
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import IO, cast
from uuid import UUID

from ojas.features.connections import queries
from ojas.features.connections.models import Export
from ojas.features.connections.schemas import ExportState, ExportView, Progress
from ojas.features.connections.service.imports import SCOPE
from ojas.features.connections.service.runs import Run, Stopped
from ojas.kit import audit, clock
from ojas.kit.db import SCOPES, Database, Tx
from ojas.kit.errors import Conflict, NotFound
from ojas.kit.feature import ExportFile, Feature, export_files
from ojas.kit.ids import new_id
from ojas.kit.objects import Object, Objects

KEPT = timedelta(days=7)
_PIECE = 256 * 1024

README = """This is everything Ojas holds about one person, written on {date}.

Each folder is one part of the record. Files ending in .ndjson hold one JSON object a line; .csv opens in any
spreadsheet. What other health systems can read, FHIR R4 (https://hl7.org/fhir/R4), is in record/bundle.json,
measurements/Observation.ndjson, identity/patient.ndjson, and fhir.ndjson of every other part.
manifest.json lists every file with its size and SHA-256.
"""


async def begin(tx: Tx, person_id: UUID) -> ExportView:
    """Ask for an archive of the whole record.

    Raises:
        NotFound, Forbidden: the caller may not see all of it. Conflict: one is being written already.
    """
    _require_all(tx, person_id)
    tx.access.require(SCOPE, person_id, write=True)
    if any(row.state in ("queued", "running") for row in await queries.exports(tx, person_id, limit=20)):
        raise Conflict("An export is being written already.")
    row = Export(person_id=person_id, id=new_id(), state="queued", account_id=tx.access.account_id)
    tx.session.add(row)
    await audit.changed(tx, "export", person_id, "exports", row.id, version=1)
    await tx.session.flush()
    return view(row)


async def read(tx: Tx, person_id: UUID, export_id: UUID) -> ExportView:
    """One export.

    Raises:
        NotFound: there is none of this id.
    """
    return view(await _mine(tx, person_id, export_id))


async def page(tx: Tx, person_id: UUID) -> list[ExportView]:
    """The last exports, newest first."""
    tx.access.require(SCOPE, person_id)
    audit.looked(tx, person_id, "exports")
    return [view(row) for row in await queries.exports(tx, person_id, limit=20)]


async def file(tx: Tx, objects: Objects, person_id: UUID, export_id: UUID) -> Object:
    """The archive, to be sent once the transaction is over.

    Raises:
        NotFound: it is not finished, or was kept long enough. Forbidden: the caller may not see all of the record.
    """
    _require_all(tx, person_id)
    row = await _mine(tx, person_id, export_id)
    if row.state != "done" or (row.expires_at and row.expires_at < clock.now()):
        raise NotFound("This archive is not there, or not any more. Ask for a new one.")
    await audit.changed(tx, "export", person_id, "exports", export_id, version=2)
    keys = await tx.keys(person_id)
    return await objects.open(object_name(person_id, export_id), keys.versions, context(export_id))


async def delete(tx: Tx, objects: Objects, person_id: UUID, export_id: UUID) -> None:
    """Throw an archive away before its time."""
    tx.access.require(SCOPE, person_id, write=True)
    row = await _mine(tx, person_id, export_id)
    await objects.delete(object_name(person_id, export_id))
    await tx.session.delete(row)


async def run(
    database: Database, objects: Objects, features: tuple[Feature, ...], person_id: UUID, export_id: UUID
) -> None:
    """Write the archive. Run twice it writes the same anew."""
    work = Run(database, queries.an_export, person_id, export_id)
    try:
        work = await work.begin()
        async with work.row() as (tx, row):
            row.done, row.total = 0, len(features)
            keys = await tx.keys(person_id)
        async with database.transaction(work.access) as tx:
            stored = await objects.put(
                object_name(person_id, export_id),
                _archive(work, tx, features),
                keys.versions[max(keys.versions)],
                context(export_id),
            )
        async with work.row() as (_, row):
            row.state, row.size, row.done = "done", stored.size, row.total
            row.ended_at, row.expires_at = clock.now(), clock.now() + KEPT
    except Stopped:
        return
    except Exception:
        if await work.tried_enough():
            async with work.row() as (_, row):
                row.state, row.ended_at = "failed", clock.now()
        raise


def view(row: Export) -> ExportView:
    percent = 100 if row.state == "done" else min(99, 100 * row.done // row.total) if row.total else 0
    return ExportView(
        id=row.id,
        person_id=row.person_id,
        state=cast(ExportState, row.state),
        progress=Progress(done=row.done, total=row.total, percent=percent),
        size=row.size,
        created_at=row.created_at,
        ended_at=row.ended_at,
        expires_at=row.expires_at,
    )


def object_name(person_id: UUID, export_id: UUID) -> str:
    return f"{person_id}/exports/{export_id}"


def context(export_id: UUID) -> bytes:
    return b"exports:" + export_id.bytes


async def _archive(work: Run[Export], tx: Tx, features: Sequence[Feature]) -> AsyncIterator[bytes]:
    """The bytes of the zip as they are made: nothing waits on disk, and memory holds one piece."""
    sink = _Sink()
    manifest: list[dict[str, object]] = []
    with zipfile.ZipFile(cast(IO[bytes], sink), "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("README.txt", README.format(date=clock.now().date().isoformat()))
        for number, feature in enumerate(features):
            async for made in export_files((feature,), tx, work.person_id):
                async for piece in _entry(archive, sink, made, manifest):
                    yield piece
            async with work.row() as (_, row):
                row.done = number + 1
        archive.writestr("manifest.json", json.dumps({"files": manifest}, indent=1))
    yield sink.taken()


async def _entry(
    archive: zipfile.ZipFile, sink: "_Sink", made: ExportFile, manifest: list[dict[str, object]]
) -> AsyncIterator[bytes]:
    digest, size, held = hashlib.sha256(), 0, bytearray()
    with archive.open(made.name, "w", force_zip64=True) as entry:
        async for part in made.content:
            digest.update(part)
            size += len(part)
            held += part
            if len(held) >= _PIECE:
                # 5 ms of compression, in a thread: the worker has others to serve.
                await asyncio.to_thread(entry.write, bytes(held))
                held.clear()
                yield sink.taken()
        entry.write(bytes(held))
    manifest.append({"name": made.name, "size": size, "sha256": digest.hexdigest()})
    yield sink.taken()


class _Sink:
    """A file that only grows, and whose content is taken away again and again."""

    def __init__(self) -> None:
        self._held = bytearray()

    def write(self, data: bytes) -> int:
        self._held += data
        return len(data)

    def flush(self) -> None:
        """Nothing waits here: what was written is taken away."""

    def seek(self, offset: int, whence: int = 0, /) -> int:
        raise OSError("a stream does not go back")

    def tell(self) -> int:
        raise OSError("a stream does not go back")

    def taken(self) -> bytes:
        found = bytes(self._held)
        self._held.clear()
        return found


def _require_all(tx: Tx, person_id: UUID) -> None:
    """Everything leaves at once: whoever takes it out may see everything."""
    for scope in sorted(SCOPES - {"keys"}):
        tx.access.require(scope, person_id)


async def _mine(tx: Tx, person_id: UUID, export_id: UUID) -> Export:
    tx.access.require(SCOPE, person_id)
    audit.looked(tx, person_id, "exports")
    row = await queries.an_export(tx, person_id, export_id)
    if row is None:
        raise NotFound("There is no such export.")
    return row
