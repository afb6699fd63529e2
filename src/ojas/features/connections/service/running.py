"""Reading a file batch by batch: parsed in a thread, stored in one transaction each, stopped and resumed anywhere."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing, suppress
from uuid import UUID

import orjson

from ojas.features.connections import queries, vendors
from ojas.features.connections.models import Import, ImportRefusal
from ojas.features.connections.rules import Batch, Refused, Unreadable
from ojas.features.connections.service import imports, places, trail
from ojas.features.connections.service.imports import Inside
from ojas.features.connections.service.runs import Run, Stopped
from ojas.features.connections.service.taking import Taker
from ojas.features.connections.service.tally import Tally
from ojas.kit import clock, events
from ojas.kit.db import Database, Tx
from ojas.kit.errors import Fault, Refusal
from ojas.kit.objects import Objects

STRANGE = Fault("This is no file that can be read here. Send an Apple Health export or a FHIR R4 file.")
OURS = Fault("Something went wrong on our side. What was read before stays. Try again later.")


async def run(database: Database, objects: Objects, person_id: UUID, import_id: UUID) -> None:
    """Read a file to its end, from where it stood. Run twice, or after a kill, it comes to the same."""
    work = Run(database, queries.an_import, person_id, import_id)
    try:
        work = await work.begin()
        await _read(objects, work)
        await _end(work, "done")
        await objects.delete(imports.object_name(person_id, import_id))
    except Stopped:
        return
    except Unreadable as problem:
        await _end(work, "failed", problem.fault)
    except Exception as problem:
        # A refusal here is that of the store of files, which is away or full: the job tries again by itself.
        if await work.tried_enough():
            await _end(work, "failed", problem.fault if isinstance(problem, Refusal) else OURS)
        raise


async def _read(objects: Objects, work: Run[Import]) -> None:
    async with work.row() as (tx, row):
        row.started_at = row.started_at or clock.now()
        keys = await tx.keys(work.person_id)
    with await asyncio.to_thread(imports.reader, objects, keys, work.id) as file:
        vendor = await asyncio.to_thread(vendors.recognise, file)
        if vendor is None:
            raise Unreadable(STRANGE)
        checkpoint = await _name(work, vendor)
        taker = Taker(work.person_id, vendor.NAME)
        batches = vendor.read(file, work.person_id, clock.now())
        async with aclosing(_ahead(batches, checkpoint)) as read:
            async for batch in read:
                await _store(work, taker, batch)


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


async def _store(work: Run[Import], taker: Taker, batch: Batch) -> None:
    async with work.row() as (tx, row):
        if row.checkpoint != batch.number - 1:
            raise Stopped
        tally = await taker.take(tx, batch.items)
        await trail.note(tx, work.person_id, work.id, tally)
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
    inside.warn(tally.warnings)
    inside.places = places.joined(inside.places, tally.places)
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


async def _name(work: Run[Import], vendor: vendors.Vendor) -> int:
    """Write down whose file it is. Answers where to go on: at the start if batches are cut otherwise than they were."""
    shape = f"{vendor.NAME} {vendor.shape()}"
    async with work.row() as (tx, row):
        inside = await imports.inside_of(tx, row)
        if inside.shape != shape:
            row.vendor, row.checkpoint, row.taken, row.refused = vendor.NAME, 0, 0, 0
            await queries.forget_refusals(tx, work.person_id, work.id)
            await imports.keep(
                tx, row, Inside(inside.file_name, inside.sha256, shape=shape, stays=inside.stays)
            )
        return row.checkpoint


async def _end(work: Run[Import], state: str, fault: Fault | None = None) -> None:
    with suppress(Stopped):
        async with work.row() as (tx, row):
            row.state, row.ended_at = state, clock.now()
            if state == "done":
                row.done, row.kept = row.total, False
            await places.tell(tx, row)
            if fault:
                await imports.blame(tx, row, fault)
            await events.emit(tx, "connections.import.ended", person_id=work.person_id, import_id=work.id)
