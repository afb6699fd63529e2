"""What is judged by the house itself, for alarms: of many persons at once, and nobody looks at it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from ojas.features.measurements import queries
from ojas.features.measurements.rules import Meal
from ojas.kit.db import Tx

MOST = 50
"""Readings of a kind that are judged: the newest."""


@dataclass(frozen=True, slots=True)
class Recent:
    """A reading without what is sealed of it."""

    id: UUID
    kind: str
    at: datetime
    zone: str
    numbers: Mapping[str, Decimal]
    meal: Meal | None


async def recent(
    tx: Tx, persons: Sequence[UUID], kinds: Sequence[str], since: datetime
) -> dict[UUID, list[Recent]]:
    """The newest readings of these kinds since an instant, by person; no audit row, for nobody sees them."""
    for person in persons:
        tx.access.require("measurements", person)
    found: dict[UUID, list[Recent]] = defaultdict(list)
    rows = await queries.recent(tx, persons, kinds, since, MOST)
    for person, id, kind, at, zone, value, systolic, diastolic, meal in rows:
        numbers = {"value": value, "systolic": systolic, "diastolic": diastolic}
        told = {part: number for part, number in numbers.items() if number is not None}
        found[person].append(Recent(id, kind, at, zone, told, Meal(meal) if meal else None))
    return found
