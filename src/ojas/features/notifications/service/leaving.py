"""How a person's messages leave, and end."""

import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

from ojas.features.notifications import queries
from ojas.kit.db import Tx


async def export(tx: Tx, person_id: UUID) -> AsyncIterator[dict[str, Any]]:
    """Every message about a person, with the values of its words."""
    for message in await queries.of_person(tx, person_id):
        plain = await tx.open(person_id, "messages", message.id, message.sealed)
        yield {
            "id": str(message.id),
            "kind": message.kind,
            "to": str(message.account_id),
            "urgency": message.urgency,
            "said_at": message.created_at.isoformat(),
            "read_at": message.read_at.isoformat() if message.read_at else None,
            "values": json.loads(plain),
        }


async def erase(tx: Tx, person_id: UUID) -> None:
    """Delete all that was said about a person, to whomever; deliveries go with their messages."""
    await queries.erase(tx, person_id)
