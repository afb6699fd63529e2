"""Taking an import back: what it alone told goes, piece by piece, until the record is as if it had never come.

A piece and its line in the trail go in one transaction, so what is left in the trail is what is left to do: a kill costs
one piece, and run twice it comes to the same.
"""

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID

from ojas.features.connections import queries
from ojas.features.connections.models import Import, ImportItem, ImportSamples
from ojas.features.connections.rules import Resource
from ojas.features.connections.schemas import ImportView, Share, TakingBack
from ojas.features.connections.service import imports, places, resources, trail
from ojas.features.connections.service.runs import Run, Stopped
from ojas.features.connections.service.tally import Tally
from ojas.features.measurements import service as measurements
from ojas.features.record import service as record
from ojas.features.signals import service as signals
from ojas.features.signals.rules import merge, untold
from ojas.features.signals.schemas import SessionDraft
from ojas.kit import audit, clock, events
from ojas.kit.db import Database, Tx
from ojas.kit.db.keyring import PersonKeys
from ojas.kit.errors import Conflict, Fault, NotFound
from ojas.kit.objects import Objects

COUNTED = 500_000
"""Samples compared beforehand, to say how many another import told too; half a second."""
_PIECES = 4
_ITEMS = 250

STUCK = Fault("Something went wrong on our side. What was not taken back yet is still here. Try again later.")


async def foresee(tx: Tx, person_id: UUID, import_id: UUID) -> TakingBack:
    """What would go, and what would stay. Changes nothing.

    Raises:
        NotFound: there is no such import. Conflict: it is under way, or nothing of it is left.
    """
    _require(tx, person_id, write=False)
    row, _ = await imports.mine(tx, person_id, import_id)
    _check(row)
    items, samples = await queries.told(tx, person_id, import_id)
    shared = await queries.shared_items(tx, person_id, import_id)
    theirs = await _shared_samples(tx, person_id, import_id)
    keys = await queries.alone(tx, person_id, import_id, "reading")
    kept = {"reading": await measurements.corrected(tx, person_id, keys)}
    parts = [
        Share(name=kind, told=n, shared=theirs.get(kind, 0), corrected=0)
        for kind, n in sorted(samples.items(), key=lambda told: -told[1])
    ]
    parts += [
        Share(name=sort, told=items[sort], shared=shared.get(sort, 0), corrected=kept.get(sort, 0))
        for sort in ("session", "reading", "resource")
        if sort in items
    ]
    return TakingBack(parts=parts)


async def begin(tx: Tx, person_id: UUID, import_id: UUID) -> ImportView:
    """Make an import ready to be taken back: it cannot be tried again any more.

    Raises:
        NotFound, Forbidden: as for bringing one in. Conflict: as ``foresee``.
    """
    _require(tx, person_id, write=True)
    row, inside = await imports.mine(tx, person_id, import_id, write=True)
    _check(row)
    row.state, row.ended_at, row.attempts, row.kept = "taking_back", None, 0, False
    row.done, row.total = 0, await queries.steps_back(tx, person_id, import_id)
    inside.problem = None
    await imports.keep(tx, row, inside)
    await audit.changed(tx, "delete", person_id, "imports", import_id)
    await tx.session.flush()
    return imports.view(row, inside)


async def run(
    database: Database, objects: Objects, person_id: UUID, import_id: UUID, account_id: UUID | None = None
) -> None:
    """Take an import back to its end, from wherever it stood."""
    work = Run(database, queries.an_import, person_id, import_id, state="taking_back", account_id=account_id)
    try:
        work = await work.begin()
        await objects.delete(imports.object_name(person_id, import_id))
        while await _step(work):
            pass
    except Stopped:
        return
    except Exception:
        if await work.tried_enough():
            async with work.row() as (tx, row):
                row.state, row.ended_at = "failed", clock.now()
                await imports.blame(tx, row, STUCK)
        raise


async def _step(work: Run[Import]) -> bool:
    """Take one piece back. False: there was none left, and the import is marked as taken back."""
    async with work.row() as (tx, row):
        done = await _samples(tx, work.person_id, work.id)
        for sort, undo in _UNDOING.items():
            if done:
                break
            done = await _items(tx, row, sort, undo)
        if done:
            row.done, row.attempts = row.done + done, 0
            return True
        await places.untell(tx, row)
        row.state, row.ended_at, row.done = "taken_back", clock.now(), row.total
        await audit.changed(tx, "delete", work.person_id, "imports", work.id)
        await events.emit(tx, "connections.import.taken_back", person_id=work.person_id, import_id=work.id)
        return False


async def _samples(tx: Tx, person_id: UUID, import_id: UUID) -> int:
    keys = await tx.keys(person_id)
    pieces = await queries.some_samples(tx, person_id, import_id, limit=_PIECES)
    for piece in pieces:
        others = [trail.samples_of(keys, other) for other in await queries.others_samples(tx, piece)]
        told = trail.samples_of(keys, piece)
        await signals.take_back(tx, person_id, piece.source_id, piece.kind, told, others)
        await tx.session.delete(piece)
    return len(pieces)


Undo = Callable[[Tx, PersonKeys, Sequence[ImportItem], Sequence[ImportItem]], Awaitable[int]]
"""Undoes things of one sort, given what other imports told of them. Answers how many stay though no other told them."""


async def _items(tx: Tx, row: Import, sort: str, undo: Undo) -> int:
    mine = await queries.some_items(tx, row.person_id, row.id, sort, limit=_ITEMS)
    if mine:
        ids = [item.item_id for item in mine]
        others = await queries.others_items(tx, row.person_id, row.id, sort, ids)
        stayed = await undo(tx, await tx.keys(row.person_id), mine, others)
        if stayed:
            inside = await imports.inside_of(tx, row)
            inside.stayed += stayed
            await imports.keep(tx, row, inside)
        await queries.forget_items(tx, row.person_id, row.id, sort, ids)
    return len(mine)


def _alone(mine: Sequence[ImportItem], others: Sequence[ImportItem]) -> list[UUID]:
    too = {item.item_id for item in others}
    return [item.item_id for item in mine if item.item_id not in too]


async def _sessions(
    tx: Tx, keys: PersonKeys, mine: Sequence[ImportItem], others: Sequence[ImportItem]
) -> int:
    told, too, stayed = trail.texts_of(keys, mine), trail.texts_of(keys, others), 0
    person_id = mine[0].person_id
    for id, text in told.items():
        try:
            known = await signals.SESSIONS.read(tx, person_id, id)
        except NotFound:
            continue
        if trail.draft_of(known) != SessionDraft.model_validate_json(text):
            stayed += id not in too
        elif id not in too:
            await signals.SESSIONS.delete(tx, person_id, id)
        elif too[id] != text:
            await signals.SESSIONS.change(tx, person_id, id, SessionDraft.model_validate_json(too[id]))
    return stayed


async def _readings(
    tx: Tx, keys: PersonKeys, mine: Sequence[ImportItem], others: Sequence[ImportItem]
) -> int:
    person_id, alone = mine[0].person_id, _alone(mine, others)
    stayed = await measurements.corrected(tx, person_id, alone)
    await measurements.take_back(tx, person_id, alone)
    return stayed


async def _resources(
    tx: Tx, keys: PersonKeys, mine: Sequence[ImportItem], others: Sequence[ImportItem]
) -> int:
    person_id, alone = mine[0].person_id, _alone(mine, others)
    told, too = trail.texts_of(keys, mine), trail.texts_of(keys, others)
    there = await record.received(tx, person_id, told)
    gone = await record.take_back(tx, person_id, alone)
    for id, digest in too.items():
        if id in there and told[id] != digest:
            await _as_before(tx, person_id, id, told[id], digest)
    return len(there.keys() - too.keys()) - gone


async def _as_before(tx: Tx, person_id: UUID, id: UUID, mine: bytes, theirs: bytes) -> None:
    """Put a resource back to what another import told, if it still says what this one did."""
    _, now = await record.original(tx, person_id, id)
    if resources.digest(now.decode()) != mine:
        return
    for past in await record.versions(tx, person_id, id):
        seen, raw = await record.original(tx, person_id, id, version=past.version)
        text = raw.decode()
        if resources.digest(text) == theirs:
            found = Resource(content=json.loads(text), text=text)
            await resources.keep(tx, person_id, [found], seen.source, Tally())
            return


async def _sources(tx: Tx, keys: PersonKeys, mine: Sequence[ImportItem], others: Sequence[ImportItem]) -> int:
    for id in _alone(mine, others):
        await signals.forget_source(tx, mine[0].person_id, id)
    return 0


_UNDOING: dict[str, Undo] = {
    "session": _sessions,
    "reading": _readings,
    "resource": _resources,
    # Last: a device goes once nothing is left that it sent.
    "source": _sources,
}


async def _shared_samples(tx: Tx, person_id: UUID, import_id: UUID) -> dict[str, int | None]:
    """How many of the samples another import told too, by kind; None where they are too many to compare beforehand."""
    overlapping = await queries.overlapping(tx, person_id, import_id)
    if sum(n for _, _, n in overlapping) > COUNTED:
        return dict.fromkeys((kind for _, kind, _ in overlapping), None)
    keys, found = await tx.keys(person_id), Counter[str]()
    for id, kind, _ in overlapping:
        piece = await queries.samples(tx, person_id, import_id, id)
        others = await queries.others_samples(tx, piece)
        found[kind] += await asyncio.to_thread(_in_common, keys, piece, others)
    return dict(found)


def _in_common(keys: PersonKeys, piece: ImportSamples, others: Sequence[ImportSamples]) -> int:
    told = trail.samples_of(keys, piece)
    left, _ = untold(told, told, merge(trail.samples_of(keys, other) for other in others))
    return len(left)


def _require(tx: Tx, person_id: UUID, *, write: bool) -> None:
    for scope in (imports.SCOPE, *imports.WRITES):
        tx.access.require(scope, person_id, write=write)


def _check(row: Import) -> None:
    if row.state in ("receiving", "queued", "running", "taking_back"):
        raise Conflict("This import is under way. Stop it first.")
    if not imports.takeable(row):
        raise Conflict("There is nothing of this import that could be taken back.")
