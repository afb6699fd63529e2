"""What became of messages on their ways; and stopping those that are no longer needed."""

from collections import defaultdict
from collections.abc import Collection
from uuid import UUID

from ojas.features.notifications import models, queries
from ojas.features.notifications.rules import Channel, State
from ojas.features.notifications.schemas import DeliveryShown
from ojas.kit.db import Tx


async def deliveries(
    tx: Tx, person_id: UUID, message_ids: Collection[UUID]
) -> dict[UUID, list[DeliveryShown]]:
    """Each message's deliveries, in the order in which they were to go.

    Raises:
        NotFound, Forbidden: the caller may not see what is said about this person, and to whom.
    """
    tx.access.require("notifications", person_id)
    found: dict[UUID, list[DeliveryShown]] = defaultdict(list)
    for row in await queries.deliveries(tx, person_id, message_ids):
        found[row.message_id].append(_shown(row))
    return {id: found[id] for id in message_ids}


async def hush(tx: Tx, person_id: UUID, message_ids: Collection[UUID]) -> None:
    """Send no more of these messages: somebody answered. What was handed over is not called back.

    Raises:
        NotFound, Forbidden: the caller may not say anything about this person.
    """
    tx.access.require("notifications", person_id, write=True)
    await queries.hush(tx, person_id, message_ids)


def _shown(row: models.Delivery) -> DeliveryShown:
    return DeliveryShown(
        channel=Channel(row.channel),
        state=State(row.state),
        attempts=row.attempts,
        due_at=row.due_at,
        last_at=row.tried_at,
        handed_at=row.handed_at,
        answer=row.answer,
    )
