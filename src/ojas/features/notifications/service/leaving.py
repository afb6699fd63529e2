"""How a person's messages leave, and end."""

import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

from ojas.features.notifications import queries
from ojas.features.notifications.service.outsiders import opened
from ojas.kit.db import Tx


async def export(tx: Tx, person_id: UUID) -> AsyncIterator[dict[str, Any]]:
    """Every message about a person, with the values of its words; to whom: an account's id, or somebody's name."""
    outside = await queries.outsiders_of(tx, person_id)
    names = {row.id: (await opened(tx, row)).name for row in outside}
    for message in await queries.of_person(tx, person_id):
        plain = await tx.open(person_id, "messages", message.id, message.sealed)
        yield {
            "id": str(message.id),
            "kind": message.kind,
            "to": str(message.account_id) if message.account_id else names[message.reader_id],
            "urgency": message.urgency,
            "said_at": message.created_at.isoformat(),
            "read_at": message.read_at.isoformat() if message.read_at else None,
            "done": message.acted,
            "values": json.loads(plain),
        }


async def erase(tx: Tx, person_id: UUID) -> None:
    """Delete all that was said about a person, to whomever; deliveries go with their messages."""
    await queries.erase(tx, person_id)
