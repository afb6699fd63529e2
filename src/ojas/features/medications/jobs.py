"""Work for later: who moves takes their medicines by the clocks there; an allergy that is new is held against them."""

from uuid import UUID

from ojas.features.medications import service
from ojas.kit.db import Access
from ojas.kit.jobs import Context, job


@job("medications.move")
async def move(context: Context, person_id: UUID, zone: str) -> None:
    """Let a person's medicines keep their wall times in the zone they chose."""
    async with context.database.transaction(Access.of(person_id, purpose="SYSADMIN")) as tx:
        await service.move(tx, person_id, zone)


@job("medications.allergy")
async def allergy(context: Context, person_id: UUID, id: UUID | None = None) -> None:
    """Tell of the medicines that an allergy speaks against; without ``id``, that any does."""
    async with context.database.transaction(Access.of(person_id, purpose="SYSADMIN")) as tx:
        await service.tell_touched(tx, person_id, id)
