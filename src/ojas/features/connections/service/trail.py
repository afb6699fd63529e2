"""What each import told, noted beside it: samples by stream, everything else by its id.

It is noted whether the thing was new or known. So it can be said of each thing who told it, and taking one import back
leaves what another told as well (decision 17).
"""

from collections.abc import Mapping, Sequence
from uuid import UUID, uuid5

from ojas.features.connections import queries
from ojas.features.connections.models import ImportItem, ImportSamples
from ojas.features.connections.service.tally import Tally
from ojas.features.signals.rules import Samples, decode, encode, instant
from ojas.kit.db import Tx
from ojas.kit.db.keyring import PersonKeys
from ojas.kit.ids import new_id

_ITEMS, _SAMPLES = ImportItem.__tablename__, ImportSamples.__tablename__


async def note(tx: Tx, person_id: UUID, import_id: UUID, tally: Tally) -> None:
    """Note what a batch told, in the transaction that keeps it."""
    keys = await tx.keys(person_id)
    items = [
        (sort, id, None if text is None else keys.seal(text, _ITEMS, _bound(import_id, sort, id)))
        for (sort, id), text in tally.told.items()
    ]
    pieces = [_piece(keys, *told) for told in tally.samples]
    await queries.note(tx, person_id, import_id, items, pieces)


def samples_of(keys: PersonKeys, row: ImportSamples) -> Samples:
    return decode(keys.open(row.sealed, _SAMPLES, row.id))


def texts_of(keys: PersonKeys, rows: Sequence[ImportItem]) -> Mapping[UUID, bytes]:
    """What was told of things, by their ids; of those told more than once the last in ``rows``."""
    return {
        row.item_id: keys.open(row.sealed, _ITEMS, _bound(row.import_id, row.sort, row.item_id))
        for row in rows
        if row.sealed is not None
    }


def _piece(keys: PersonKeys, source_id: UUID, kind: str, told: Samples) -> tuple[object, ...]:
    id = new_id()
    sealed = keys.seal(encode(told), _SAMPLES, id)
    return id, source_id, kind, instant(told.first), instant(told.last), len(told), sealed


def _bound(import_id: UUID, sort: str, item_id: UUID) -> UUID:
    """What a thing told is sealed to: its import, its sort and its id."""
    return uuid5(import_id, f"{sort} {item_id}")
