"""How a record leaves, and ends."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

from ojas.features.record import queries
from ojas.features.record.kinds import BY_TYPE, KINDS, Kind
from ojas.features.record.service.importing import draft_of
from ojas.features.record.service.store import originals
from ojas.kit.db import Tx
from ojas.kit.fhir import text

Resource = dict[str, Any]
_STEMS = ("onset", "abatement", "performed", "occurrence", "effective", "period")


async def export_bundle(tx: Tx, person_id: UUID) -> AsyncIterator[Resource]:
    """The record as FHIR R4 resources: what was received, as the person has corrected it since, and their own entries.

    What they deleted from a list does not leave; it stays among the originals.
    """
    entries = {kind.TYPE: await queries.listed(tx, person_id, kind.LIST.row) for kind in KINDS}
    sent: dict[str, set[UUID]] = {kind.TYPE: set() for kind in KINDS}
    async for row, raw in originals(tx, person_id):
        resource, kind = text.read(raw), BY_TYPE.get(row.type)
        version = entries.get(row.type, {}).get(row.id)
        if kind is None or (version is None and draft_of(kind, resource) is None):
            yield resource
        elif version is not None:
            sent[kind.TYPE].add(row.id)
            if version == 1:
                yield resource
            else:
                async for one in _corrected(tx, kind, person_id, row.id, resource):
                    yield one
    for kind in KINDS:
        async for view in kind.LIST.export(tx, person_id):
            if view.id not in sent[kind.TYPE]:
                for one in kind.resources_of(view):
                    yield one


async def _corrected(
    tx: Tx, kind: Kind, person_id: UUID, id: UUID, received: Resource
) -> AsyncIterator[Resource]:
    """The person's own version, with what else the received one said."""
    first = True
    for ours in kind.resources_of(await kind.LIST.read(tx, person_id, id)):
        kept = (
            {name: value for name, value in received.items() if not name.startswith(_STEMS)} if first else {}
        )
        yield kept | ours
        first = False


async def erase(tx: Tx, person_id: UUID) -> None:
    """Delete the store of a person; the lists are erased as collections."""
    tx.access.require("record", person_id, write=True)
    await queries.erase(tx, person_id)
