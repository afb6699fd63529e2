"""Undoing what an import told."""

from collections.abc import Sequence
from uuid import UUID

from ojas.features.record import queries
from ojas.features.record.kinds import BY_TYPE
from ojas.features.record.models import FhirResource
from ojas.features.record.service import content
from ojas.features.record.service.importing import as_told, draft_of
from ojas.kit import audit, events
from ojas.kit.db import Tx
from ojas.kit.db.keyring import PersonKeys
from ojas.kit.fhir import text


async def take_back(tx: Tx, person_id: UUID, ids: Sequence[UUID]) -> int:
    """Delete resources with all their versions, and their entries in the lists. Answers how many are gone.

    Where the person made an entry their own, it stays, and the resource beneath it.
    """
    tx.access.require("record", person_id, write=True)
    await queries.lock(tx, person_id)
    keys, gone = await tx.keys(person_id), []
    for id, head in (await queries.heads(tx, person_id, ids)).items():
        if await _unlisted(tx, keys, head):
            gone.append(id)
    if gone:
        await queries.drop(tx, person_id, gone)
        await audit.changed(tx, "delete", person_id, "fhir_resources")
        await events.emit(tx, "record.taken_back", person_id=person_id)
    return len(gone)


async def _unlisted(tx: Tx, keys: PersonKeys, head: FhirResource) -> bool:
    """Delete the entry made from a resource; False if it stays."""
    kind = BY_TYPE.get(head.type)
    entry = await queries.entry(tx, head.person_id, kind.LIST.row, head.id) if kind else None
    if kind is None or entry is None:
        return True
    if entry.version > 1:
        draft = draft_of(kind, text.read(content.open_head(keys, head)))
        if draft is None or not await as_told(tx, head.person_id, kind, head.id, draft):
            return False
    await kind.LIST.delete(tx, head.person_id, head.id)
    return True
