"""How a person's messages leave, and end."""

import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

from ojas.features.identity import service as identity
from ojas.features.notifications import queries
from ojas.features.notifications.schemas import Message, Recipient
from ojas.features.notifications.service.delivering import UNSAYABLE
from ojas.features.notifications.service.inbox import notice_of
from ojas.features.notifications.service.outsiders import opened
from ojas.features.notifications.service.watching import deliveries
from ojas.kit import i18n
from ojas.kit.db import Tx

_AT_ONCE = 500


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


async def whole(tx: Tx, person_id: UUID) -> AsyncIterator[tuple[Message, Recipient, str]]:
    """Every message about a person as it is put into words for them, with how it went, to whom, and in which language.

    What cannot be put into words any more leaves by ``export`` alone.
    """
    own = await identity.account_of(tx, person_id)
    known = await identity.recipients(tx, [own]) if own else {}
    manner = known[own].manner if own in known else i18n.current()
    outside = {row.id: row for row in await queries.outsiders_of(tx, person_id)}
    rows = await queries.of_person(tx, person_id)
    for some in (rows[n : n + _AT_ONCE] for n in range(0, len(rows), _AT_ONCE)):
        ways = await deliveries(tx, person_id, [row.id for row in some])
        cards = await identity.cards(tx, {row.account_id for row in some if row.account_id})
        for row in some:
            name = None if row.account_id else (await opened(tx, outside[row.reader_id])).name
            try:
                with i18n.use(manner):
                    notice = await notice_of(tx, row)
            except UNSAYABLE:
                continue
            message = Message(**notice.model_dump(), deliveries=ways[row.id])
            card = cards.get(row.account_id) if row.account_id else None
            yield message, Recipient(card, name), manner.language


async def erase(tx: Tx, person_id: UUID) -> None:
    """Delete all that was said about a person, to whomever; deliveries go with their messages."""
    await queries.erase(tx, person_id)
