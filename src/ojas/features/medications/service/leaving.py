"""How a person's doses leave, and end. Medicines do as every list does."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any
from uuid import UUID

from ojas.features.medications import queries
from ojas.features.medications.service.content import Content
from ojas.features.medications.service.medicines import SCOPE
from ojas.kit import audit
from ojas.kit.db import Tx


async def export(tx: Tx, person_id: UUID) -> AsyncIterator[dict[str, Any]]:
    """Every dose that was due or answered, with what was said of it; those of deleted medicines too."""
    tx.access.require(SCOPE, person_id)
    audit.looked(tx, person_id, "doses", action="export")
    for row in await queries.all_doses(tx, person_id):
        content = await Content.of(tx, row)
        kept = {
            "id": str(row.id),
            "medicine_id": str(row.medicine_id),
            "day": row.day.isoformat(),
            "planned_at": row.planned,
            "at": row.at.isoformat(),
            "closes_at": row.closes_at.isoformat(),
            "action": row.action,
            "answered_at": _text(row.answered_at),
            "told_at": _text(row.told_at),
            "until": _text(row.until),
        }
        yield kept | content.model_dump(mode="json")


async def erase(tx: Tx, person_id: UUID) -> None:
    """Delete every dose of a person."""
    tx.access.require(SCOPE, person_id, write=True)
    await queries.erase_doses(tx, person_id)


def _text(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
