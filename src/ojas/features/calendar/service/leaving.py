"""How what no list holds leaves, and ends: what became of occurrences, and the secret addresses, without their secret."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

from ojas.features.calendar import queries
from ojas.features.calendar.schemas import LinkView
from ojas.features.calendar.service.calendars import SCOPE
from ojas.features.calendar.service.links import OWNER, links
from ojas.kit import audit
from ojas.kit.db import Tx


async def export_occurrences(tx: Tx, person_id: UUID) -> AsyncIterator[dict[str, Any]]:
    """Every occurrence of which something is known."""
    tx.access.require(SCOPE, person_id)
    audit.looked(tx, person_id, "occurrences", action="export")
    for row in await queries.all_known(tx, person_id):
        yield {
            "event_id": str(row.event_id),
            "key": row.key,
            "status": row.status or "pending",
            "marked_at": row.marked_at.isoformat() if row.marked_at else None,
            "said_at": row.said_at.isoformat() if row.said_at else None,
        }


async def export_links(tx: Tx, person_id: UUID) -> list[LinkView]:
    """The addresses that are open; none where the reader may not know of them."""
    return await links(tx, person_id) if tx.access.allows(OWNER, person_id) else []


async def erase(tx: Tx, person_id: UUID) -> None:
    """Delete what no list holds."""
    tx.access.require(SCOPE, person_id, write=True)
    await queries.erase(tx, person_id)
