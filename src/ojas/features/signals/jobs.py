"""Work for later: days that are over are put together, days that were written to are reckoned."""

from uuid import UUID

from ojas.features.sharing.rules import Processing
from ojas.features.signals import service
from ojas.kit import clock
from ojas.kit.db import Access
from ojas.kit.jobs import Context, job


@job("signals.compact")
async def compact(context: Context, person_id: UUID, stream_id: UUID) -> None:
    """Put the hours of a stream's past days together: told of when a new day begins."""
    async with context.database.transaction(Access.of(person_id, purpose="SYSADMIN")) as tx:
        await service.compact(tx, person_id, stream_id)


@job("signals.move")
async def move(context: Context, person_id: UUID, zone: str) -> None:
    """Let a person's days follow the time zone they chose: the first is where they live, another where they are from now on."""
    async with context.database.transaction(Access.of(person_id, purpose="SYSADMIN")) as tx:
        settled = await service.zones(tx, person_id)
        await service.live_in(tx, person_id, zone, clock.now() if settled else None)


@job("signals.forget_places")
async def forget_places(context: Context, person_id: UUID, purpose: str) -> None:
    """Delete routes once a person has withdrawn that places are kept."""
    if purpose == Processing.LOCATION:
        async with context.database.transaction(Access.of(person_id, purpose="SYSADMIN")) as tx:
            await service.forget_routes(tx, person_id)


@job("signals.refresh")
async def refresh(context: Context, person_id: UUID) -> None:
    """Reckon a person's days after an import, so that the first look at them is quick."""
    async with context.database.transaction(Access.of(person_id, purpose="SYSADMIN")) as tx:
        await service.refresh(tx, person_id)
