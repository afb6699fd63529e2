"""The first screen and the timeline for programs, in the words and units of whoever asks."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from ojas.features.measurements.service import preferences_of
from ojas.features.today import service
from ojas.features.today.schemas import Day, TimelinePage
from ojas.kit.http import ActorOf, Router, TxOf
from ojas.kit.http.collections import RESPONSES, Cursor, Limit, PersonId

router = Router(prefix="/people/{person_id}", tags=["today"])


@router.get("/today", responses=RESPONSES, operation_id="read_today")
async def today(tx: TxOf, actor: ActorOf, person_id: PersonId) -> Day:
    """What is wrong, what to do now, the rest of today, how things stand."""
    return await service.day(tx, UUID(str(person_id)), preferences_of(actor), actor)


@router.get("/timeline", responses=RESPONSES, operation_id="list_timeline")
async def timeline(
    tx: TxOf,
    actor: ActorOf,
    person_id: PersonId,
    limit: Limit = 50,
    cursor: Cursor = None,
    sort: Annotated[
        str | None, Query(max_length=40, description="Only this: readings, sessions, results, …")
    ] = None,
) -> TimelinePage:
    """Everything that happened, newest first. Its cost follows the page."""
    return await service.timeline(
        tx, person_id, sort=sort, limit=limit, cursor=cursor, preferences=preferences_of(actor)
    )
