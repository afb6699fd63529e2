"""Undoing what an import told."""

from collections.abc import Sequence
from uuid import UUID

from ojas.features.measurements import queries
from ojas.kit import audit, events
from ojas.kit.db import Tx


async def take_back(tx: Tx, person_id: UUID, keys: Sequence[UUID]) -> int:
    """Delete imported readings by the keys that ``import_readings`` answered; those a hand corrected since stay.

    Answers how many are gone. What the person had deleted stays deleted, also when it is imported anew.
    """
    tx.access.require("measurements", person_id, write=True)
    gone = await queries.drop(tx, person_id, keys)
    if gone:
        await audit.changed(tx, "delete", person_id, "readings")
        await events.emit(tx, "readings.taken_back", person_id=person_id)
    return gone


async def corrected(tx: Tx, person_id: UUID, keys: Sequence[UUID]) -> int:
    """How many of the readings under these keys a hand corrected."""
    tx.access.require("measurements", person_id)
    return await queries.touched(tx, person_id, keys)
