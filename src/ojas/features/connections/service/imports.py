"""An import from its first byte to its place in the list: received, queued, looked at, cancelled, tried again."""

from collections.abc import AsyncIterable, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from io import BufferedReader
from typing import Any, cast
from uuid import UUID

import orjson

from ojas.features.connections import queries
from ojas.features.connections.models import Import, ImportRefusal
from ojas.features.connections.schemas import ImportState, ImportView, Progress, Reason, Refusal
from ojas.features.signals import service as signals
from ojas.kit import audit, clock, i18n
from ojas.kit.db import Tx
from ojas.kit.db.keyring import PersonKeys
from ojas.kit.errors import Conflict, Fault, NotFound
from ojas.kit.ids import new_id
from ojas.kit.objects import Objects, Stored

SCOPE = "connections"
WRITES = ("measurements", "signals", "record")
"""What an import writes to: whoever starts one must be allowed to write there themselves."""
LISTED = 1_000
"""Refusals listed one by one, an import; the rest are only counted."""
AT_ONCE = 5
"""Imports a person may have under way."""
LOST = timedelta(days=1)
"""After this long an upload that never ended is given up."""
KEPT = timedelta(days=7)
"""How long the file of a failed or stopped import waits to be tried again."""


@dataclass
class Inside:
    """The sealed part of an import: what is private of it."""

    file_name: str
    sha256: str = ""
    counts: dict[str, int] = field(default_factory=dict)
    reasons: list[list[Any]] = field(default_factory=list)
    """``[message, params, count]``, the most frequent not necessarily first."""
    problem: list[Any] | None = None
    shape: str = ""
    listed: int = 0
    """Refusals that have a row of their own."""
    stayed: int = 0
    """Things that were not taken back with the rest, since somebody made them their own."""
    warnings: list[str] = field(default_factory=list)
    """By what it shows that it is another's file: messages without parameters."""
    places: list[list[Any]] = field(default_factory=list)
    """``[since, until, zone]``: where the person was, as the file tells it so far; milliseconds since 1970 UTC."""
    stays: list[list[Any]] = field(default_factory=list)
    """``[since, zone]``: the stays it told, to be taken back with it."""

    def warn(self, messages: Iterable[str]) -> None:
        self.warnings += [message for message in dict.fromkeys(messages) if message not in self.warnings]

    def refuse(self, fault: Fault, count: int) -> None:
        params = {name: str(value) for name, value in fault.params.items()}
        for reason in self.reasons:
            if reason[0] == fault.message and (reason[1] == params or len(self.reasons) >= _REASONS):
                reason[2] += count
                return
        self.reasons.append([fault.message, params, count])


_REASONS = 100  # beyond, reasons that differ only by their parameters are counted together


async def receive(tx: Tx, person_id: UUID, file_name: str) -> UUID:
    """Make place for a file that is about to arrive.

    Raises:
        NotFound, Forbidden: it is another's record. Conflict: too many are under way.
    """
    for scope in (SCOPE, *WRITES):
        tx.access.require(scope, person_id, write=True)
    if await queries.active_imports(tx, person_id) >= AT_ONCE:
        raise Conflict(
            "There are {limit} imports under way already. Wait until one has ended.", limit=AT_ONCE
        )
    # A file of another time must find where the person lives: else its zones would be all that is known.
    await signals.settle(tx, person_id)
    row = Import(person_id=person_id, id=new_id(), state="receiving", account_id=tx.access.account_id)
    await keep(tx, row, Inside(file_name or "–"))
    tx.session.add(row)
    await tx.session.flush()
    return row.id


async def put(
    objects: Objects,
    keys: PersonKeys,
    import_id: UUID,
    parts: AsyncIterable[bytes] | Iterable[bytes],
    *,
    limit: int | None = None,
) -> Stored:
    """Seal a file away as it arrives. No transaction waits for it."""
    version = max(keys.versions)
    return await objects.put(
        object_name(keys.person_id, import_id), parts, keys.versions[version], context(import_id), limit=limit
    )


def reader(objects: Objects, keys: PersonKeys, import_id: UUID) -> BufferedReader:
    """The file again, as one that seeks. Blocks: for threads."""
    return objects.reader(object_name(keys.person_id, import_id), keys.versions, context(import_id))


async def arrived(tx: Tx, person_id: UUID, import_id: UUID, stored: Stored) -> ImportView:
    """The file is there whole: its turn will come.

    Raises:
        Conflict: it was stopped in the meantime.
    """
    row, inside = await mine(tx, person_id, import_id, write=True)
    if row.state != "receiving":
        raise Conflict("This import was stopped while its file arrived.")
    inside.sha256 = stored.sha256.hex()
    row.state, row.size, row.kept = "queued", stored.size, True
    await keep(tx, row, inside)
    await audit.changed(tx, "import", person_id, "imports", import_id, version=1)
    await tx.session.flush()
    return view(row, inside)


async def lost(tx: Tx, person_id: UUID, import_id: UUID) -> None:
    """The sender went away before the file was whole."""
    row = await queries.an_import(tx, person_id, import_id, lock=True)
    if row is not None and row.state == "receiving":
        await tx.session.delete(row)


async def read(tx: Tx, person_id: UUID, import_id: UUID) -> ImportView:
    """One import.

    Raises:
        NotFound: there is none of this id.
    """
    row, inside = await mine(tx, person_id, import_id)
    audit.looked(tx, person_id, "imports")
    return view(row, inside)


async def page(
    tx: Tx, person_id: UUID, *, limit: int = 20, before: UUID | None = None
) -> tuple[list[ImportView], UUID | None]:
    """Imports, newest first, and where the next ones begin."""
    tx.access.require(SCOPE, person_id)
    audit.looked(tx, person_id, "imports")
    rows = await queries.imports(tx, person_id, limit=limit + 1, before=before)
    items = [view(row, await inside_of(tx, row)) for row in rows[:limit]]
    return items, rows[limit - 1].id if len(rows) > limit else None


async def refusals(
    tx: Tx, person_id: UUID, import_id: UUID, *, limit: int = 50, after: int = 0
) -> tuple[list[Refusal], int | None]:
    """What was not taken in, in the order of the file, and where the next ones begin."""
    await mine(tx, person_id, import_id)
    audit.looked(tx, person_id, "imports")
    rows = await queries.refusals(tx, person_id, import_id, limit=limit + 1, after=after)
    items = [refusal(await opened(tx, row)) for row in rows[:limit]]
    return items, rows[limit - 1].place if len(rows) > limit else None


async def cancel(tx: Tx, person_id: UUID, import_id: UUID) -> ImportView:
    """Stop an import. What it brought before stays; one that has ended stays as it is."""
    row, inside = await mine(tx, person_id, import_id, write=True)
    if row.state in ("receiving", "queued", "running"):
        row.state, row.ended_at = "cancelled", clock.now()
    await tx.session.flush()
    return view(row, inside)


async def retry(tx: Tx, person_id: UUID, import_id: UUID) -> ImportView:
    """Queue an import again that failed or was cancelled; it goes on where it stood.

    Raises:
        Conflict: it is under way or done, or its file is kept no more.
    """
    row, inside = await mine(tx, person_id, import_id, write=True)
    if not retryable(row):
        raise Conflict("This import cannot be tried again. Send the file anew.")
    row.state, row.ended_at, row.attempts = "queued", None, 0
    inside.problem = None
    await keep(tx, row, inside)
    await tx.session.flush()
    return view(row, inside)


def view(row: Import, inside: Inside) -> ImportView:
    percent = (
        100
        if row.state in ("done", "taken_back")
        else min(99, 100 * row.done // row.total)
        if row.total
        else 0
    )
    return ImportView(
        id=row.id,
        person_id=row.person_id,
        state=cast(ImportState, row.state),
        vendor=row.vendor,
        file_name=inside.file_name,
        size=row.size,
        progress=Progress(done=row.done, total=row.total, percent=percent),
        taken=row.taken,
        refused=row.refused,
        counts=dict(sorted(inside.counts.items(), key=lambda item: -item[1])),
        reasons=[
            Reason(message=i18n.say(message, params), count=count)
            for message, params, count in sorted(inside.reasons, key=lambda reason: -reason[2])
        ],
        problem=i18n.say(inside.problem[0], inside.problem[1]) if inside.problem else None,
        retryable=retryable(row),
        takeable=takeable(row),
        stayed=inside.stayed,
        warnings=[i18n.say(message, {}) for message in inside.warnings],
        created_at=row.created_at,
        started_at=row.started_at,
        ended_at=row.ended_at,
    )


def refusal(content: dict[str, Any]) -> Refusal:
    return Refusal(
        message=i18n.say(content["message"], content["params"]),
        where=content["where"],
        count=content["count"],
    )


async def inside_of(tx: Tx, row: Import) -> Inside:
    return Inside(**orjson.loads(await tx.open(row.person_id, Import.__tablename__, row.id, row.sealed)))


async def keep(tx: Tx, row: Import, inside: Inside) -> None:
    row.sealed = await tx.seal(row.person_id, Import.__tablename__, row.id, orjson.dumps(inside.__dict__))


async def blame(tx: Tx, row: Import, fault: Fault) -> None:
    """Say why it failed."""
    inside = await inside_of(tx, row)
    inside.problem = [fault.message, {name: str(value) for name, value in fault.params.items()}]
    await keep(tx, row, inside)


async def opened(tx: Tx, row: ImportRefusal) -> dict[str, Any]:
    bound = refusal_id(row.import_id, row.place)
    found: dict[str, Any] = orjson.loads(
        await tx.open(row.person_id, ImportRefusal.__tablename__, bound, row.sealed)
    )
    return found


def refusal_id(import_id: UUID, place: int) -> UUID:
    """What a refusal is sealed to: its import and its place."""
    return UUID(int=import_id.int ^ place)


def object_name(person_id: UUID, import_id: UUID) -> str:
    return f"{person_id}/imports/{import_id}"


def context(import_id: UUID) -> bytes:
    return b"imports:" + import_id.bytes


def takeable(row: Import) -> bool:
    """Whether there is anything it told that could be taken back."""
    return row.noted and row.total > 0 and row.state in ("done", "failed", "cancelled")


def retryable(row: Import) -> bool:
    """Whether its file is still here, and nobody is reading it."""
    return row.kept and row.state in ("failed", "cancelled")


async def mine(tx: Tx, person_id: UUID, import_id: UUID, *, write: bool = False) -> tuple[Import, Inside]:
    """The row, which ``write`` locks, and what is sealed in it.

    Raises:
        NotFound: there is none of this id.
    """
    tx.access.require(SCOPE, person_id, write=write)
    row = await queries.an_import(tx, person_id, import_id, lock=write)
    if row is None:
        raise NotFound("There is no such import.")
    return row, await inside_of(tx, row)
