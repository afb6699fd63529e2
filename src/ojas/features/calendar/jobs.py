"""Work for later: who moves to another time zone is reminded by its clocks; appointments that came in are planned."""

from uuid import UUID

from ojas.features.calendar import service
from ojas.kit.db import Access
from ojas.kit.jobs import Context, job


@job("calendar.move")
async def move(context: Context, person_id: UUID, zone: str) -> None:
    """Reckon a person's reminders by the clocks of the zone they chose."""
    async with context.database.transaction(Access.of(person_id, purpose="SYSADMIN")) as tx:
        await service.live(tx, person_id, zone)


@job("calendar.take_over")
async def take_over(context: Context, person_id: UUID) -> None:
    """Let a person's calendar hold the Appointments of their record, and no more those that were taken back."""
    async with context.database.transaction(Access.of(person_id, purpose="SYSADMIN")) as tx:
        await service.take_over(tx, person_id)
