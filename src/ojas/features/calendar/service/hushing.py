"""What was said of an event and still waits to be sent is said no more, once it moves, is called off or deleted."""

from uuid import UUID

from ojas.features.calendar import queries
from ojas.features.notifications import service as notifications
from ojas.kit.db import Access, Tx


async def hush(tx: Tx, person_id: UUID, event_id: UUID, key: str | None = None) -> None:
    """Of all occurrences of an event, or of one. Whoever may change the event need not see what was said of it."""
    rows = await queries.known(tx, person_id, [event_id])
    said = [message for row in rows if key in (None, row.key) for message in row.messages]
    if said:
        saying = {"notifications": frozenset({person_id})}
        async with tx.acting(tx.access.joined(Access(may_read=saying, may_write=saying))):
            await notifications.hush(tx, person_id, said)
