"""Files in, the whole record out, from the command line: in this process, whether or not others are running."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import TypeVar
from uuid import UUID

from ojas.cli import said
from ojas.features.connections import service
from ojas.features.connections.schemas import ExportView, ImportView
from ojas.features.identity import service as identity
from ojas.house import house
from ojas.kit.db import Access, Database
from ojas.kit.http import House
from ojas.kit.settings import Settings

_LOOK_S = 1.0


def bring(settings: Settings, conninfo: str, path: Path, person: str) -> ImportView:
    """Import a file into a person's record, saying how far it is; done when the import has ended."""
    if not path.is_file():
        raise said.Refused(f"There is no file {path}.")

    async def work(opened: House, person_id: UUID) -> ImportView:
        objects = opened.shared["objects"]
        access = Access.of(person_id)
        brought = await service.bring(opened.database, objects, access, person_id, path)
        run = asyncio.create_task(service.run_import(opened.database, objects, person_id, brought.id))
        shown = brought
        # A job process may have taken it up as well; whoever is first goes on, and the other stops.
        while shown.active:
            await (asyncio.sleep(_LOOK_S) if run.done() else asyncio.wait([run], timeout=_LOOK_S))
            if run.done() and run.exception():
                break
            async with opened.database.transaction(access) as tx:
                shown = await service.read(tx, person_id, brought.id)
            said.note(f"{shown.progress.percent} %, {shown.taken} in, {shown.refused} refused")
        if shown.active:
            await run
        return shown

    return asyncio.run(_at_home(settings, conninfo, person, work))


def out(settings: Settings, conninfo: str, path: Path, person: str) -> ExportView:
    """Write a person's whole record into a zip that only this user can read."""
    if path.exists():
        raise said.Refused(f"{path} is there already; name another file.")

    async def work(opened: House, person_id: UUID) -> ExportView:
        objects, features = opened.shared["objects"], opened.shared["features"]
        async with opened.database.transaction(Access.of(person_id)) as tx:
            asked = await service.take_out(tx, person_id)
        await service.run_export(opened.database, objects, features, person_id, asked.id)
        async with opened.database.transaction(Access.of(person_id)) as tx:
            found = await service.export_file(tx, objects, person_id, asked.id)
            shown = await service.read_export(tx, person_id, asked.id)
        await _write(path, found.parts())
        async with opened.database.transaction(Access.of(person_id)) as tx:
            await service.delete_export(tx, objects, person_id, asked.id)
        return shown

    return asyncio.run(_at_home(settings, conninfo, person, work))


ShownT = TypeVar("ShownT")


async def _at_home(
    settings: Settings, conninfo: str, person: str, work: Callable[[House, UUID], Awaitable[ShownT]]
) -> ShownT:
    async with house(settings, conninfo) as opened:
        return await work(opened, await _person(opened.database, person))


async def _person(database: Database, text: str) -> UUID:
    """A person by id, or by the e-mail address they sign in with."""
    try:
        return UUID(text)
    except ValueError:
        async with database.transaction() as tx:
            card = await identity.card_by_email(tx, text)
    if card is None or card.person_id is None:
        raise said.Refused(f"Nobody signs in with {text}.")
    return card.person_id


async def _write(path: Path, parts: AsyncIterator[bytes]) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        async for part in parts:
            await asyncio.to_thread(file.write, part)
