"""Reading a file batch by batch: parsed in a thread, stored in one transaction each, stopped and resumed anywhere."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from dataclasses import dataclass
from uuid import UUID

import orjson

from ojas.features.connections import queries, vendors
from ojas.features.connections.models import Import, ImportRefusal
from ojas.features.connections.rules import Batch, Refused, Unreadable
from ojas.features.connections.service import imports, trail
from ojas.features.connections.service.imports import Inside
from ojas.features.connections.service.taking import Taker
from ojas.features.connections.service.tally import Tally
from ojas.kit import clock, events
from ojas.kit.db import Access, Database, Tx
from ojas.kit.db.keyring import PersonKeys
from ojas.kit.errors import Fault, Refusal
from ojas.kit.objects import Objects

TRIES = 5
"""Runs without a single batch, after which an import is given up. Runs ended by a kill count too."""

STRANGE = Fault("This is no file that can be read here. Send an Apple Health export or a FHIR R4 file.")
OURS = Fault("Something went wrong on our side. What was read before stays. Try again later.")


@dataclass(frozen=True, slots=True)
class Started:
    access: Access
    keys: PersonKeys


class Stopped(Exception):
    """The import was cancelled, or another worker has taken it over."""


async def run(database: Database, objects: Objects, person_id: UUID, import_id: UUID) -> None:
    """Read a file to its end, from where it stood. Run twice, or after a kill, it comes to the same."""
    started = await _start(database, person_id, import_id)
    if started is None:
        return
    try:
        await _read(database, objects, started, person_id, import_id)
    except Stopped:
        return
    except Unreadable as problem:
        await _end(database, started, person_id, import_id, "failed", problem.fault)
    except Refusal as problem:
        # The store of files is away or full: the job tries again by itself.
        await _give_up(database, started, person_id, import_id, problem.fault)
        raise
    except Exception:
        await _give_up(database, started, person_id, import_id, OURS)
        raise
    else:
        await _end(database, started, person_id, import_id, "done")
        await objects.delete(imports.object_name(person_id, import_id))


async def _start(database: Database, person_id: UUID, import_id: UUID) -> Started | None:
    async with database.transaction(Access.of(person_id)) as tx:
        row = await queries.an_import(tx, person_id, import_id, lock=True)
        if row is None or row.state not in ("queued", "running"):
            return None
        row.state = "running"
        row.started_at = row.started_at or clock.now()
        row.attempts += 1
        access = Access.of(person_id, account_id=row.account_id)
        return Started(access, await tx.keys(person_id))


async def _read(
    database: Database, objects: Objects, started: Started, person_id: UUID, import_id: UUID
) -> None:
    with await asyncio.to_thread(imports.reader, objects, started.keys, import_id) as file:
        vendor = await asyncio.to_thread(vendors.recognise, file)
        if vendor is None:
            raise Unreadable(STRANGE)
        checkpoint = await _name(database, started, person_id, import_id, vendor)
        taker = Taker(person_id, vendor.NAME)
        batches = vendor.read(file, person_id, clock.now())
        async with aclosing(_ahead(batches, checkpoint)) as read:
            async for batch in read:
                await _store(database, started, person_id, import_id, taker, batch)


async def _ahead(batches: Iterator[Batch], after: int) -> AsyncGenerator[Batch, None]:
    """Batches after the checkpoint; while one is stored, a thread parses the next."""
    reading = asyncio.create_task(asyncio.to_thread(next, batches, None))
    try:
        while (batch := await reading) is not None:
            reading = asyncio.create_task(asyncio.to_thread(next, batches, None))
            if batch.number > after:
                yield batch
    finally:
        # The thread cannot be stopped, and must not read a file that is closed under it.
        await asyncio.wait([reading])


async def _store(
    database: Database, started: Started, person_id: UUID, import_id: UUID, taker: Taker, batch: Batch
) -> None:
    async with database.transaction(started.access) as tx:
        row = await _running(tx, person_id, import_id)
        if row.checkpoint != batch.number - 1:
            raise Stopped
        tally = await taker.take(tx, batch.items)
        await trail.note(tx, person_id, import_id, tally)
        inside = await imports.inside_of(tx, row)
        await _write_down(tx, row, inside, tally)
        row.done, row.total = batch.done, batch.total
        row.checkpoint, row.attempts = batch.number, 0


async def _write_down(tx: Tx, row: Import, inside: Inside, tally: Tally) -> None:
    for name, count in tally.taken.items():
        inside.counts[name] = inside.counts.get(name, 0) + count
        row.taken += count
    for place, refused in enumerate(tally.refused, row.refused + 1):
        inside.refuse(refused.fault, refused.count)
        if inside.listed < imports.LISTED:
            inside.listed += 1
            await _list(tx, row, place, refused)
    row.refused += sum(refused.count for refused in tally.refused)
    await imports.keep(tx, row, inside)


async def _list(tx: Tx, row: Import, place: int, refused: Refused) -> None:
    content = {
        "message": refused.fault.message,
        "params": {name: str(value) for name, value in refused.fault.params.items()},
        "where": refused.where[:500],
        "count": refused.count,
    }
    bound = imports.refusal_id(row.id, place)
    sealed = await tx.seal(row.person_id, ImportRefusal.__tablename__, bound, orjson.dumps(content))
    tx.session.add(ImportRefusal(person_id=row.person_id, import_id=row.id, place=place, sealed=sealed))


async def _name(
    database: Database, started: Started, person_id: UUID, import_id: UUID, vendor: vendors.Vendor
) -> int:
    """Write down whose file it is. Answers where to go on: at the start if batches are cut otherwise than they were."""
    shape = f"{vendor.NAME} {vendor.shape()}"
    async with database.transaction(started.access) as tx:
        row = await _running(tx, person_id, import_id)
        inside = await imports.inside_of(tx, row)
        if inside.shape != shape:
            row.vendor, row.checkpoint, row.taken, row.refused = vendor.NAME, 0, 0, 0
            await queries.forget_refusals(tx, person_id, import_id)
            await imports.keep(tx, row, Inside(inside.file_name, inside.sha256, shape=shape))
        return row.checkpoint


async def _running(tx: Tx, person_id: UUID, import_id: UUID) -> Import:
    row = await queries.an_import(tx, person_id, import_id, lock=True)
    if row is None or row.state != "running":
        raise Stopped
    return row


async def _end(
    database: Database,
    started: Started,
    person_id: UUID,
    import_id: UUID,
    state: str,
    fault: Fault | None = None,
) -> None:
    async with database.transaction(started.access) as tx:
        try:
            row = await _running(tx, person_id, import_id)
        except Stopped:
            return
        row.state, row.ended_at = state, clock.now()
        if state == "done":
            row.done, row.kept = row.total, False
        if fault:
            inside = await imports.inside_of(tx, row)
            inside.problem = [fault.message, {name: str(value) for name, value in fault.params.items()}]
            await imports.keep(tx, row, inside)
        await events.emit(tx, "connections.import.ended", person_id=person_id, import_id=import_id)


async def _give_up(
    database: Database, started: Started, person_id: UUID, import_id: UUID, fault: Fault
) -> None:
    """After the last try say that it failed; before, the job tries again."""
    async with database.transaction(started.access) as tx:
        row = await queries.an_import(tx, person_id, import_id)
        last = row is not None and row.attempts >= TRIES
    if last:
        await _end(database, started, person_id, import_id, "failed", fault)
