"""A person, a place for files, and imports that run."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from ojas.features.connections import service
from ojas.features.connections.schemas import ImportView
from ojas.features.measurements import service as measurements
from ojas.features.signals import service as signals
from ojas.kit.db import Access, Database
from ojas.kit.objects import Objects
from ojas.kit.settings import Settings

Importer = Callable[[bytes | Path], Awaitable[ImportView]]


@pytest.fixture
def objects(settings: Settings) -> Objects:
    return Objects.at(None, settings.home)


@pytest.fixture
def whole(database: Database, objects: Objects, person_id: UUID, tmp_path: Path) -> Importer:
    """Bring a file in, read it to its end, and answer what came of it."""

    async def run(content: bytes | Path) -> ImportView:
        import_id = await sent(database, objects, person_id, content, tmp_path)
        await service.run_import(database, objects, person_id, import_id)
        return await looked_at(database, person_id, import_id)

    return run


async def sent(
    database: Database, objects: Objects, person_id: UUID, content: bytes | Path, folder: Path
) -> UUID:
    path = content if isinstance(content, Path) else folder / "export.zip"
    if isinstance(content, bytes):
        await asyncio.to_thread(path.write_bytes, content)
    return (await service.bring(database, objects, Access.of(person_id), person_id, path)).id


async def looked_at(database: Database, person_id: UUID, import_id: UUID) -> ImportView:
    async with database.transaction(Access.of(person_id)) as tx:
        return await service.read(tx, person_id, import_id)


async def content_of(database: Database, person_id: UUID) -> dict[str, Any]:
    """What a person's record holds, as numbers to compare."""
    async with database.transaction(Access.of(person_id)) as tx:
        kinds = {
            one.kind: (one.samples, one.first, one.last) for one in await signals.overview(tx, person_id)
        }
        readings = [
            (one.kind, one.effective_at, one.systolic, one.value)
            async for one in measurements.READINGS.export(tx, person_id)
        ]
        workouts = [one.started_at async for one in signals.SESSIONS.export(tx, person_id)]
    return {"kinds": kinds, "readings": sorted(readings, key=repr), "workouts": workouts}
