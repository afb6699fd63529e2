"""Doses that went by, for whoever watches over them. Nobody looks: the house judges by itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from ojas.features.medications import queries
from ojas.features.medications.rules.doses import Action
from ojas.features.medications.service.medicines import SCOPE
from ojas.kit.db import Tx

_MOMENT = timedelta(seconds=2)
"""A dose that is due is a row a moment later."""


@dataclass(frozen=True, slots=True)
class Missed:
    """The doses missed in a row, the last ones there were: by id, with when each was lost."""

    doses: Sequence[tuple[UUID, datetime]]
    next_at: datetime | None
    """When that may change by itself: a window closes, or a dose comes due."""


async def missed(tx: Tx, person_id: UUID, since: datetime, now: datetime) -> Missed:
    """What was missed in a row, of all medicines, up to now; an answer of any sort, also a late one, ends it."""
    tx.access.require(SCOPE, person_id)
    row: list[tuple[UUID, datetime]] = []
    closing: list[datetime] = []
    for dose in await queries.ended(tx, person_id, since, now):
        if dose.action in (Action.TAKE, Action.SKIP):
            row = []
        elif dose.closes_at <= now:
            row.append((dose.id, dose.closes_at))
        else:
            closing.append(dose.closes_at)
    if due := await queries.next_due(tx, person_id):
        closing.append(max(due, now) + _MOMENT)
    return Missed(row, min(closing, default=None))
