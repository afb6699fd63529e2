"""Medicines and doses as FHIR R4, held against HL7's own definitions."""

import json
from datetime import time, timedelta
from decimal import Decimal

import pytest
import time_machine
from hypothesis import given, settings

from ojas.features.medications import fhir
from ojas.features.medications.feature import FEATURE
from ojas.features.medications.rules.amount import DOSE, Amount
from ojas.features.medications.rules.dosage import from_fhir
from ojas.features.medications.rules.doses import Action
from ojas.features.medications.rules.patterns import AsNeeded, Cycle, Interval, Pattern, Slot, Step, Taper
from ojas.features.medications.rules.prescription import Course, drug, read
from ojas.features.medications.rules.schedule import Schedule
from ojas.features.medications.rules.stock import Stock
from ojas.features.medications.rules.words import Status
from ojas.features.medications.schemas import Medicine
from ojas.kit import clock
from ojas.kit.db import Database
from ojas.kit.fhir import text
from ojas.kit.fhir.validation import check
from ojas.kit.ids import new_id
from tests.features.medications import strategies
from tests.features.morning import at
from tests.features.sharing.cast import somebody

from .living import ONE, answer, daily, day_of, draft, look, prescribed

SLOT = Slot(time(8), ONE)
PATTERNS = [
    daily(8, 20),
    Cycle(21, 7, (SLOT,)),
    Interval(timedelta(hours=8), time(6), ONE),
    AsNeeded(ONE, timedelta(hours=4), Amount(Decimal(4), DOSE)),
    Taper((Step(7, (SLOT,)), Step(7, (SLOT,), every=2))),
]


def medicine(pattern: Pattern, **more: object) -> Medicine:
    now = clock.now()
    kept = {"id": new_id(), "person_id": new_id(), "version": 1, "created_at": now, "updated_at": now}
    plain = draft(pattern, **more)
    return Medicine(**{name: getattr(plain, name) for name in type(plain).model_fields}, **kept)  # type: ignore[arg-type]


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda pattern: pattern.kind)
@pytest.mark.parametrize("status", Status)
def test_every_medicine_is_a_valid_request_whose_schedule_comes_back(
    pattern: Pattern, status: Status
) -> None:
    kept = medicine(
        pattern, status=status, status_reason="So", prescriber="Dr. Iyer", purpose="Pressure", pharmacy="Apollo",
        prescription_number="7", instructions="With water", condition_id=new_id(), stock=Stock(Decimal(9), refills=2),
        ingredients=("metoprolol succinate",),
    )  # fmt: skip
    made = fhir.request(kept)
    check(made)
    assert from_fhir(made["dosageInstruction"], start=kept.schedule.start).schedule == kept.schedule
    assert made["reasonReference"] == [{"reference": f"Condition/{kept.condition_id}"}]
    assert made["dispenseRequest"]["numberOfRepeatsAllowed"] == 2
    said = fhir.statement(kept)
    check(said)
    assert from_fhir(said["dosage"], start=kept.schedule.start).schedule == kept.schedule
    assert said["basedOn"] == [{"reference": f"MedicationRequest/{kept.id}"}]
    for resource in (made, said):
        read_again = read(resource, None, kept.schedule.start)
        assert read_again
        assert (read_again.schedule, read_again.status) == (kept.schedule, kept.status), (
            "and may be taken over again"
        )
        assert read_again.ingredients == kept.ingredients, "with what is in it"


async def test_what_leaves_is_valid_and_tells_what_was_taken_and_what_was_not(database: Database) -> None:
    with time_machine.travel(at(7), tick=False) as traveller:
        asha = await somebody(database, "Asha")
        await prescribed(asha)
        for hour, action in ((8, Action.TAKE), (20, Action.SKIP)):
            traveller.move_to(at(hour, 5))
            await look(database)
            dose = next(one for one in await day_of(asha, at(hour), at(hour, 1)))
            await answer(asha, dose, action)
        async with asha.transaction() as tx:
            assert FEATURE.export
            files = {file.name: file async for file in FEATURE.export(tx, asha.person_id)}
            lines = [text.read(line) async for line in files["medications/fhir.ndjson"].content]
    for line in lines:
        check(line)
    assert [(line["resourceType"], line["status"]) for line in lines] == [
        ("MedicationRequest", "active"),
        ("MedicationStatement", "active"),
        ("MedicationAdministration", "completed"),
        ("MedicationAdministration", "not-done"),
    ]


@settings(max_examples=60)
@given(strategies.schedules())
def test_a_medicine_that_comes_back_is_known_as_the_same_course(schedule: Schedule) -> None:
    kept = medicine(daily(8), strength="50 mg").model_copy(update={"schedule": schedule})
    for resource in (fhir.request(kept), fhir.statement(kept)):
        found = read(json.loads(text.write(resource)), None, schedule.start)
        assert found
        assert found.course == Course(drug("Metoprolol", "50 mg"), schedule.pattern)
