"""What was said of an event and still waits to be sent is said no more, once it moves, is called off or deleted."""

from uuid import UUID

from ojas.features.calendar import queries
from ojas.features.notifications import service as notifications
from ojas.kit.db import Tx


async def hush(tx: Tx, person_id: UUID, event_id: UUID, key: str | None = None) -> None:
    """Of all occurrences of an event, or of one. Whoever may change the event need not see what was said of it."""
    rows = await queries.known(tx, person_id, [event_id])
    said = [message for row in rows if key in (None, row.key) for message in row.messages]
    if said:
        async with tx.acting(notifications.saying(tx, person_id)):
            await notifications.hush(tx, person_id, said)
