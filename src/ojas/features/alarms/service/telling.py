"""The messages of an alarm: what became of them, and that they need no longer be said."""

from uuid import UUID

from ojas.features.alarms import queries
from ojas.features.alarms.rules import Change
from ojas.features.alarms.service.content import said_of
from ojas.features.notifications import service as notifications
from ojas.features.notifications.schemas import DeliveryShown
from ojas.kit.db import Tx


async def messages(tx: Tx, person_id: UUID, alarm_id: UUID) -> list[UUID]:
    """Those that were said of an alarm."""
    changes = await queries.changes(tx, person_id, alarm_id)
    return [UUID((await said_of(tx, one))["message"]) for one in changes if one.change == Change.TOLD]


async def hush(tx: Tx, person_id: UUID, alarm_id: UUID) -> None:
    """What waits of an alarm that somebody answered, or that is over, is not sent any more."""
    if said := await messages(tx, person_id, alarm_id):
        async with tx.acting(notifications.saying(tx, person_id)):
            await notifications.hush(tx, person_id, said)


async def deliveries(tx: Tx, person_id: UUID, said: list[UUID]) -> dict[UUID, list[DeliveryShown]]:
    """Of each message, how far it got on each way."""
    async with tx.acting(notifications.saying(tx, person_id)):
        return await notifications.deliveries(tx, person_id, said)
