"""What is done later: reading a file, writing an archive, putting away what is over."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any
from uuid import UUID

from ojas.features.connections import service
from ojas.kit.db import Access, Database
from ojas.kit.jobs import Context, job

_CONNECTIONS = 3
"""A batch, its progress, and one to spare."""


@job("connections.run_import", retries=service.TRIES + 1)
async def run_import(context: Context, *, person_id: UUID, import_id: UUID) -> None:
    """Read the file of an import to its end. After a kill it goes on from the last batch that was committed."""
    objects = context.objects
    await _aside(context, lambda database: service.run_import(database, objects, person_id, import_id))


@job("connections.tell_ended")
async def tell_ended(context: Context, *, person_id: UUID, import_id: UUID) -> None:
    """Say to whoever started an import how it ended."""
    async with context.database.transaction(Access.of(person_id)) as tx:
        await service.tell_ended(tx, person_id, import_id)


@job("connections.take_back", retries=service.TRIES + 1)
async def take_back(
    context: Context, *, person_id: UUID, import_id: UUID, account_id: UUID | None = None
) -> None:
    """Take an import back. After a kill it goes on at the piece that was not gone yet."""
    objects = context.objects
    await _aside(
        context,
        lambda database: service.run_taking_back(database, objects, person_id, import_id, account_id),
    )


@job("connections.run_export", retries=service.TRIES + 1)
async def run_export(context: Context, *, person_id: UUID, export_id: UUID) -> None:
    """Write the archive of a whole record."""
    objects, features = context.objects, context.features
    await _aside(
        context, lambda database: service.run_export(database, objects, features, person_id, export_id)
    )


@job("connections.tidy", every="17 3 * * *")
async def tidy(context: Context) -> None:
    """Every night: delete archives past their time, and files that wait for nothing any more."""
    await service.tidy(context.database, context.objects)


async def _aside(context: Context, work: Callable[[Database], Coroutine[Any, Any, None]]) -> None:
    """Run ``work`` on a loop and connections of its own, in a thread.

    Merging, compressing and sealing a month of samples takes a fifth of a second in one go. On the worker's own loop a
    reminder that is due would wait for it; here it waits for Python's lock, 5 ms at most. A process of its own would
    cost 80 MB and a second to start.
    """
    running: list[tuple[asyncio.AbstractEventLoop, asyncio.Task[Any]]] = []

    async def alone() -> None:
        task = asyncio.current_task()
        assert task is not None
        running.append((asyncio.get_running_loop(), task))
        kept = context.database
        database = Database(
            kept.conninfo, kept.keyring.master, pool_size=_CONNECTIONS, reload=kept.keyring.reload
        )
        try:
            await work(database)
        finally:
            await database.close()

    thread = asyncio.ensure_future(asyncio.to_thread(asyncio.run, alone()))
    try:
        await asyncio.shield(thread)
    except asyncio.CancelledError:
        # The worker is told to end: a thread knows nothing of it unless it is told too.
        for loop, task in running:
            loop.call_soon_threadsafe(task.cancel)
        with suppress(asyncio.CancelledError):
            await thread
        raise
