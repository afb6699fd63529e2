"""What each import told, noted beside it: samples by stream, everything else by its id.

It is noted whether the thing was new or known. So it can be said of each thing who told it, and taking one import back
leaves what another told as well (decision 17).
"""

from collections.abc import Mapping, Sequence
from uuid import UUID

from ojas.features.connections import queries
from ojas.features.connections.models import ImportItem, ImportSamples, told_at
from ojas.features.connections.service.tally import Tally
from ojas.features.signals.rules import Samples, decode, encode, instant
from ojas.features.signals.schemas import SessionDraft, SessionView
from ojas.kit.db import Tx
from ojas.kit.db.keyring import PersonKeys
from ojas.kit.ids import new_id

_ITEMS, _SAMPLES = ImportItem.__tablename__, ImportSamples.__tablename__


async def note(tx: Tx, person_id: UUID, import_id: UUID, tally: Tally) -> None:
    """Note what a batch told, in the transaction that keeps it."""
    keys = await tx.keys(person_id)
    items = [
        (sort, id, None if text is None else keys.seal(text, _ITEMS, told_at(import_id, sort, id)))
        for (sort, id), text in tally.told.items()
    ]
    pieces = [_piece(keys, *told) for told in tally.samples]
    await queries.note(tx, person_id, import_id, items, pieces)


def samples_of(keys: PersonKeys, row: ImportSamples) -> Samples:
    return decode(keys.open(row.sealed, _SAMPLES, row.id))


def texts_of(keys: PersonKeys, rows: Sequence[ImportItem]) -> Mapping[UUID, bytes]:
    """What was told of things, by their ids; of those told more than once the last in ``rows``."""
    return {
        row.item_id: keys.open(row.sealed, _ITEMS, told_at(row.import_id, row.sort, row.item_id))
        for row in rows
        if row.sealed is not None
    }


async def is_own(tx: Tx, person_id: UUID, known: SessionView) -> bool:
    """Whether somebody made a session their own: it says what no import told that is still here."""
    keys = await tx.keys(person_id)
    rows = await queries.tellings(tx, person_id, "session", known.id)
    told = [SessionDraft.model_validate_json(text) for row in rows for text in texts_of(keys, [row]).values()]
    return draft_of(known) not in told


def draft_of(known: SessionView) -> SessionDraft:
    return SessionDraft.model_validate(known.model_dump(include=set(SessionDraft.model_fields)))


def _piece(keys: PersonKeys, source_id: UUID, kind: str, told: Samples) -> tuple[object, ...]:
    id = new_id()
    sealed = keys.seal(encode(told), _SAMPLES, id)
    return id, source_id, kind, instant(told.first), instant(told.last), len(told), sealed
