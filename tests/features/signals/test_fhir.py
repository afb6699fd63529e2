from datetime import UTC, date, datetime
from uuid import UUID

import numpy as np
import pytest

from ojas.features.signals import fhir, service
from ojas.features.signals.rules import HOUR, KINDS, MINUTE, STAGES, Stage, milliseconds
from ojas.features.signals.schemas import Batch, SourceDraft
from ojas.kit.db import Access, Database
from ojas.kit.fhir import validation

T0 = milliseconds(datetime(2026, 3, 1, tzinfo=UTC))
WATCH = SourceDraft(
    name="Watch", maker="Polar", model="Vantage", hardware="2", software="1.4", identifier="S/N 7"
)


async def told(database: Database, person: UUID) -> dict[str, dict]:
    start = np.array([T0, T0 + HOUR], float)
    usual = {
        name: min(k.low + 30, k.high, k.per_minute or k.high) for name, k in KINDS.items() if name != "sleep"
    }
    batches = {
        name: Batch(start, np.array([value, value], float), start + MINUTE) for name, value in usual.items()
    }
    batches["sleep"] = Batch(start, np.array([STAGES[Stage.LIGHT], STAGES[Stage.AWAKE]], float), start + HOUR)
    async with database.transaction(Access.of(person)) as tx:
        await service.live_in(tx, person, "Asia/Kolkata")
        source = await service.meet(tx, person, WATCH)
        for name, batch in batches.items():
            outcome = await service.append(tx, person, source, name, batch)
            assert outcome.stored == 2, (name, outcome)
        found = [o async for o in fhir.observations(tx, person, date(2026, 3, 1), date(2026, 3, 1))]
        devices = [d async for d in fhir.devices(tx, person)]
    return {o["code"]["coding"][-1]["code"]: o for o in found} | {"device": devices[0]}


async def test_every_days_observation_and_every_device_is_valid_r4(
    database: Database, person_id: UUID
) -> None:
    for name, resource in (await told(database, person_id)).items():
        assert [fault.message for fault in validation.faults(resource)] == [], name


async def test_a_day_of_steps_is_what_fhir_calls_it(database: Database, person_id: UUID) -> None:
    steps = (await told(database, person_id))["steps"]
    assert steps["code"]["coding"][0] == {"system": "http://loinc.org", "code": "41950-7"}
    assert steps["valueQuantity"] == {
        "value": 60,
        "unit": "steps",
        "system": "http://unitsofmeasure.org",
        "code": "{steps}",
    }
    assert steps["effectivePeriod"] == {
        "start": "2026-03-01T00:00:00.000+05:30",
        "end": "2026-03-02T00:00:00.000+05:30",
    }
    assert steps["subject"] == {"reference": f"Patient/{person_id}"}


async def test_a_night_tells_its_stages_in_minutes(database: Database, person_id: UUID) -> None:
    sleep = (await told(database, person_id))["sleep"]
    assert (sleep["valueQuantity"]["value"], sleep["valueQuantity"]["code"]) == (60, "min")
    light = [c for c in sleep["component"] if c["code"]["coding"][0]["code"] == "93830-8"]
    assert light[0]["valueQuantity"]["value"] == 60


@pytest.mark.parametrize("name", ["identifier", "manufacturer", "modelNumber", "deviceName", "version"])
async def test_a_device_says_what_is_known_of_it(database: Database, person_id: UUID, name: str) -> None:
    assert (await told(database, person_id))["device"][name]
