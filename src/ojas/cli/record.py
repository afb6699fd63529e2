"""Whole records in and out, for the one who runs the house: the same verbs as by upload, without the upload."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from rich.console import Console
from rich.progress import Progress

from ojas.cli.ground import Ground
from ojas.cli.house import opened, person_named
from ojas.cli.said import Refused
from ojas.kit.settings import Settings

if TYPE_CHECKING:
    from ojas.features.connections.schemas import ExportView, ImportView
    from ojas.kit.http import House

_LOOK_S = 0.25

View = TypeVar("View", "ImportView", "ExportView")


def take_in(settings: Settings, found: Ground, whom: str, path: Path) -> dict[str, Any]:
    """Import a file for a person; what came of it."""
    from ojas.features.connections import service
    from ojas.kit.db import Access

    if not path.is_file():
        raise Refused(f"There is no file {path}.")

    async def run() -> dict[str, Any]:
        async with opened(settings, found) as house:
            person_id = await person_named(house, whom)
            access = Access.of(person_id)
            begun = await service.bring(house.database, house.objects, access, person_id, path)

            async def look() -> "ImportView":
                async with house.database.transaction(access) as tx:
                    return await service.read(tx, person_id, begun.id)

            ended = await _watched(house, f"Importing {path.name}", look)
            return ended.model_dump(mode="json")

    return asyncio.run(run())


def take_out(settings: Settings, found: Ground, whom: str, path: Path) -> dict[str, Any]:
    """Write a person's whole record into a zip that only its owner may read."""
    from ojas.features.connections import service
    from ojas.kit.db import Access

    if path.exists():
        raise Refused(f"{path} is there already; choose another name.")

    async def run() -> dict[str, Any]:
        async with opened(settings, found) as house:
            person_id = await person_named(house, whom)
            access = Access.of(person_id)
            async with house.database.transaction(access) as tx:
                begun = await service.take_out(tx, person_id)

            async def look() -> "ExportView":
                async with house.database.transaction(access) as tx:
                    return await service.read_export(tx, person_id, begun.id)

            ended = await _watched(house, "Writing the archive", look)
            if ended.state != "done":
                raise Refused("The archive could not be written; ojas doctor may say why.")
            async with house.database.transaction(access) as tx:
                archive = await service.export_file(tx, house.objects, person_id, begun.id)
            size = await _written(path, archive.parts())
            async with house.database.transaction(access) as tx:
                await service.delete_export(tx, house.objects, person_id, begun.id)
            return {"file": str(path), "size": size, "person_id": str(person_id)}

    return asyncio.run(run())


async def _watched(house: "House", what: str, look: Callable[[], Awaitable[View]]) -> View:
    """Do the work here, unless a job process has taken it, and show progress until it has ended, whichever way."""
    from ojas.kit.jobs import JOBS, run

    work = asyncio.create_task(run(house, JOBS.values(), wait=False))
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None)
        while (seen := await look()).state not in ("done", "failed", "cancelled"):
            bar.update(task, completed=seen.progress.done, total=seen.progress.total or None)
            await asyncio.sleep(_LOOK_S)
    await work
    return seen


async def _written(path: Path, parts: AsyncIterator[bytes]) -> int:
    size = 0
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        async for part in parts:
            size += out.write(part)
    return size
