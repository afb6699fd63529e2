"""Work for later: who moves to another time zone is reminded by its clocks."""

from uuid import UUID

from ojas.features.calendar import service
from ojas.kit.db import Access
from ojas.kit.jobs import Context, job


@job("calendar.move")
async def move(context: Context, person_id: UUID, zone: str) -> None:
    """Reckon a person's reminders by the clocks of the zone they chose."""
    async with context.database.transaction(Access.of(person_id, purpose="SYSADMIN")) as tx:
        await service.live(tx, person_id, zone)
