"""How what connections know of a person leaves, and ends."""

from collections.abc import AsyncIterator
from uuid import UUID

from ojas.features.connections import queries
from ojas.features.connections.service import imports
from ojas.kit.db import Tx


async def export(tx: Tx, person_id: UUID) -> AsyncIterator[bytes]:
    """Every import as a line of JSON."""
    tx.access.require(imports.SCOPE, person_id)
    before: UUID | None = None
    while rows := await queries.imports(tx, person_id, limit=200, before=before):
        for row in rows:
            shown = imports.view(row, await imports.inside_of(tx, row))
            yield shown.model_dump_json().encode() + b"\n"
        before = rows[-1].id


async def refusals(tx: Tx, person_id: UUID) -> AsyncIterator[bytes]:
    """Everything that was not taken in, as lines of JSON."""
    tx.access.require(imports.SCOPE, person_id)
    after: tuple[UUID, int] | None = None
    while rows := await queries.all_refusals(tx, person_id, limit=500, after=after):
        for row in rows:
            shown = imports.refusal(await imports.opened(tx, row))
            yield f'{{"import_id":"{row.import_id}",{shown.model_dump_json()[1:]}\n'.encode()
        after = (rows[-1].import_id, rows[-1].place)


async def erase(tx: Tx, person_id: UUID) -> None:
    """Delete every import and export of a person. Their files go with all the person's others (decision 15)."""
    tx.access.require(imports.SCOPE, person_id, write=True)
    await queries.erase(tx, person_id)
