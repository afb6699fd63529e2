"""Work for later: who moves to another time zone takes their medicines by its clocks."""

from uuid import UUID

from ojas.features.medications import service
from ojas.kit.db import Access
from ojas.kit.jobs import Context, job


@job("medications.move")
async def move(context: Context, person_id: UUID, zone: str) -> None:
    """Let a person's medicines keep their wall times in the zone they chose."""
    async with context.database.transaction(Access.of(person_id, purpose="SYSADMIN")) as tx:
        await service.move(tx, person_id, zone)
