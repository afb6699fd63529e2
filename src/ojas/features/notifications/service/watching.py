"""What became of messages on their ways; and stopping those that are no longer needed."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from ojas.features.identity.rules import Role
from ojas.features.notifications import models, queries
from ojas.features.notifications.rules import Channel, State
from ojas.features.notifications.schemas import DeliveryShown, Failure
from ojas.kit import clock
from ojas.kit.db import Tx
from ojas.kit.errors import Forbidden
from ojas.kit.http import Actor

_LOOKED_BACK = timedelta(days=30)


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
        found[row.message_id].append(shown(row))
    return {id: found[id] for id in message_ids}


async def hush(tx: Tx, person_id: UUID, message_ids: Collection[UUID]) -> None:
    """Send no more of these messages: somebody answered. What was handed over is not called back.

    Raises:
        NotFound, Forbidden: the caller may not say anything about this person.
    """
    tx.access.require("notifications", person_id, write=True)
    await queries.hush(tx, person_id, message_ids)


async def failures(tx: Tx, actor: Actor) -> list[Failure]:
    """What did not arrive within the last 30 days, by channel: for those who run the house. It names nobody.

    Raises:
        Forbidden: the caller is no administrator.
    """
    if Role.ADMIN not in actor.roles:
        raise Forbidden("This is for administrators alone.")
    async with tx.acting(replace(tx.access, area="deliveries")):
        rows = await queries.failures(tx, clock.now() - _LOOKED_BACK)
    return [
        Failure(
            channel=Channel(row.channel),
            refused=row.refused,
            dead=row.dead,
            last_at=row.at,
            reason=row.answer,
        )
        for row in rows
    ]


def shown(row: models.Delivery) -> DeliveryShown:
    return DeliveryShown(
        channel=Channel(row.channel),
        state=State(row.state),
        attempts=row.attempts,
        due_at=row.due_at,
        last_at=row.tried_at,
        handed_at=row.handed_at,
        answer=row.answer,
    )
