"""Looking into the store: what is there, as it came."""

from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Any
from uuid import UUID

from pydantic import AwareDatetime

from ojas.features.record import queries
from ojas.features.record.kinds import concepts
from ojas.features.record.models import FhirResource
from ojas.features.record.schemas import Result, ResultValue, Stored
from ojas.features.record.service import content
from ojas.kit import audit
from ojas.kit.cursors import cursor_of, place_of
from ojas.kit.db import Tx
from ojas.kit.errors import Incorrect, NotFound
from ojas.kit.fhir import grammar, text

SUBJECT = "fhir_resources"
_SCOPE_OF = {"Observation": "measurements", "Patient": "profile"}
"""What of the store says what another scope says, and is opened by both or not at all; the rest is record."""


async def stored(
    tx: Tx, person_id: UUID, *, type: str | None = None, limit: int = 50, cursor: str | None = None
) -> tuple[list[Stored], str | None]:
    """What was received and may be opened, newest first, without its content; and the cursor of what follows.

    Raises:
        Incorrect: a type R4 does not know; a cursor that is not ours.
    """
    tx.access.require("record", person_id)
    if type is not None and type not in grammar.resources():
        raise Incorrect("FHIR R4 has no resource of this type.", field="type")
    after = place_of(cursor, AwareDatetime, UUID) if cursor else None
    shut = _shut(tx, person_id)
    rows = await queries.page(tx, person_id, type=type, without=shut, limit=limit + 1, after=after)
    audit.looked(tx, person_id, SUBJECT)
    last = rows[limit - 1] if len(rows) > limit else None
    following = cursor_of(last.recorded_at, last.id) if last else None
    return [view_of(row) for row in rows[:limit]], following


async def counts(tx: Tx, person_id: UUID) -> dict[str, int]:
    """How many resources of each type were received and may be opened, most first."""
    tx.access.require("record", person_id)
    shut = _shut(tx, person_id)
    return {type: n for type, n in (await queries.counts(tx, person_id)).items() if type not in shut}


async def original(tx: Tx, person_id: UUID, id: UUID, *, version: int | None = None) -> tuple[Stored, bytes]:
    """A resource byte for byte as it came, of its last version or of one before.

    Raises:
        NotFound: there is none of this id or version. Forbidden: what it says is of a scope not shared.
    """
    tx.access.require("record", person_id)
    head = (await queries.heads(tx, person_id, [id])).get(id)
    if head is None or (head.deleted and version is None):
        raise NotFound("Nothing was received under this id.")
    tx.access.require(_SCOPE_OF.get(head.type, "record"), person_id)
    audit.looked(tx, person_id, SUBJECT)
    keys = await tx.keys(person_id)
    if version in (None, head.version):
        return view_of(head), content.open_head(keys, head)
    for past in await queries.versions(tx, person_id, id):
        if past.version == version:
            seen = view_of(head).model_copy(
                update={"version": past.version, "recorded_at": past.recorded_at, "source": past.source}
            )
            return seen, content.open_past(keys, past)
    raise NotFound("Nothing was received under this id.")


async def received(tx: Tx, person_id: UUID, ids: Iterable[UUID]) -> dict[UUID, Stored]:
    """Which of these were received from elsewhere and may be opened, and from where."""
    tx.access.require("record", person_id)
    shut, rows = _shut(tx, person_id), await queries.heads(tx, person_id, ids)
    return {id: view_of(row) for id, row in rows.items() if not row.deleted and row.type not in shut}


async def versions(tx: Tx, person_id: UUID, id: UUID) -> list[Stored]:
    """All versions of a resource, newest first."""
    tx.access.require("record", person_id)
    head = (await queries.heads(tx, person_id, [id])).get(id)
    if head is None:
        raise NotFound("Nothing was received under this id.")
    tx.access.require(_SCOPE_OF.get(head.type, "record"), person_id)
    audit.looked(tx, person_id, SUBJECT)
    newest = view_of(head)
    return [newest] + [
        newest.model_copy(
            update={"version": past.version, "recorded_at": past.recorded_at, "source": past.source}
        )
        for past in await queries.versions(tx, person_id, id)
    ]


async def listed_of(tx: Tx, person_id: UUID, types: Iterable[str], *, most: int = 200) -> list[Stored]:
    """The newest that were received of these types and may be opened, without their content."""
    tx.access.require("record", person_id)
    shut = _shut(tx, person_id)
    rows = [
        row
        for type in types
        if type not in shut
        for row in await queries.page(tx, person_id, type=type, without=(), limit=most, after=None)
    ]
    audit.looked(tx, person_id, SUBJECT)
    return [view_of(row) for row in sorted(rows, key=lambda row: (row.recorded_at, row.id), reverse=True)]


async def contents(tx: Tx, person_id: UUID, ids: Iterable[UUID]) -> dict[UUID, Mapping[str, Any]]:
    """What resources say, as far as they are here."""
    tx.access.require("record", person_id)
    rows = await queries.heads(tx, person_id, ids)
    keys = await tx.keys(person_id)
    audit.looked(tx, person_id, SUBJECT)
    return {id: text.read(content.open_head(keys, row)) for id, row in rows.items() if not row.deleted}


async def values_of(tx: Tx, person_id: UUID, result: Result) -> list[ResultValue]:
    """The lines of a report: its own, and those of the Observations it groups. They are the report's, and so record."""
    ids = [UUID(id) for id in result.observations if _is_uuid(id)]
    found = await contents(tx, person_id, ids) if ids else {}
    lines = list(result.values)
    for id in ids:
        if observation := found.get(id):
            lines.extend(concepts.values_of(observation))
    return lines


async def originals(tx: Tx, person_id: UUID) -> AsyncIterator[tuple[FhirResource, bytes]]:
    """Every resource of the store that may be opened, by type."""
    tx.access.require("record", person_id)
    audit.looked(tx, person_id, SUBJECT, action="export")
    keys, shut = await tx.keys(person_id), _shut(tx, person_id)
    async for row in queries.all_heads(tx, person_id):
        if row.type not in shut:
            yield row, content.open_head(keys, row)


def view_of(row: FhirResource) -> Stored:
    return Stored(
        id=row.id,
        person_id=row.person_id,
        type=row.type,
        version=row.version,
        recorded_at=row.recorded_at,
        source=row.source,
    )


def _shut(tx: Tx, person_id: UUID) -> frozenset[str]:
    """Types of the store that the reader may not open, though they may the record."""
    return frozenset(type for type, scope in _SCOPE_OF.items() if not tx.access.allows(scope, person_id))


def _is_uuid(id: str) -> bool:
    try:
        UUID(id)
    except ValueError:
        return False
    return True
