"""How what sharing keeps leaves, and ends."""

from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import UUID

from ojas.features.sharing import queries
from ojas.features.sharing.schemas import GrantView
from ojas.features.sharing.service.content import view_of
from ojas.kit import audit, clock
from ojas.kit.db import Tx


async def export(tx: Tx, person_id: UUID) -> AsyncIterator[GrantView]:
    """Every grant a person ever gave, in their order."""
    tx.access.require("sharing", person_id)
    audit.looked(tx, person_id, "grants", action="export")
    for row in await queries.all_of(tx, person_id):
        yield await view_of(tx, row, clock.now())


async def erase(tx: Tx, person_id: UUID) -> None:
    """End, without a trace of whom it was for, everything a person shared and agreed to."""
    tx.access.require("sharing", person_id, write=True)
    # The ledger of consents lets go of its lines in this area alone.
    async with tx.acting(replace(tx.access, area="erasing")):
        await queries.erase(tx, person_id)
