"""How measurements leave, and end, beyond what the collections do by themselves."""

from collections.abc import AsyncIterator
from uuid import UUID

import orjson

from ojas.features.measurements import queries
from ojas.features.measurements.kinds import CATALOGUE
from ojas.features.measurements.rules import classify
from ojas.features.measurements.service.bands import judge
from ojas.features.measurements.service.lists import READINGS
from ojas.features.measurements.service.observations import observation_of
from ojas.kit.db import Tx


async def observations(tx: Tx, person_id: UUID) -> AsyncIterator[bytes]:
    """Every reading as a FHIR Observation, a line each, so that any other system can take them."""
    judging = await judge(tx, person_id)
    async for reading in READINGS.export(tx, person_id):
        kind = CATALOGUE[reading.kind]
        guideline = judging.guideline(kind, reading.effective_at, reading.meal)
        finding = classify(guideline, reading.numbers) if guideline else None
        yield orjson.dumps(observation_of(reading, guideline=guideline, finding=finding)) + b"\n"


async def erase_keys(tx: Tx, person_id: UUID) -> None:
    """Forget which imported readings the person had deleted."""
    tx.access.require("measurements", person_id, write=True)
    await queries.erase_removed(tx, person_id)
