"""Work for later: who was named as a contact is told so."""

from uuid import UUID

from ojas.features.emergency import service
from ojas.kit.db import Access
from ojas.kit.jobs import Context, job


@job("emergency.introduce")
async def introduce(context: Context, person_id: UUID, id: UUID) -> None:
    """Tell a contact that they were named."""
    async with context.database.transaction(Access.of(person_id, purpose="SYSADMIN")) as tx:
        await service.introduce(tx, person_id, id)
