"""Prescriptions of the record: what they say, and how one becomes a medicine once a person has agreed."""

import gzip
import json
import re
from collections.abc import Iterator
from datetime import date, time
from decimal import Decimal
from typing import Any
from uuid import uuid4

import httpx
import pytest

from ojas.features.medications import fhir, service
from ojas.features.medications.rules.amount import Amount
from ojas.features.medications.rules.dosage import Assumed, to_fhir
from ojas.features.medications.rules.patterns import Slot, Step, Taper, Weekly
from ojas.features.medications.rules.prescription import TYPES, medication_of, read
from ojas.features.medications.rules.schedule import Schedule
from ojas.features.medications.rules.words import Status
from ojas.features.record import service as record
from ojas.features.record.schemas import Incoming
from ojas.kit.db import Database
from ojas.kit.fhir import text
from tests.features.sharing.cast import Somebody, shared, somebody

from .living import daily, prescribed
from .test_dosage import FOLDERS
from .test_pages import seen, sent

TODAY = date(2027, 3, 1)
BID = {
    "timing": {"repeat": {"frequency": 2, "period": 1, "periodUnit": "d"}},
    "text": "Twice a day with food",
}
AMOUNT = {"doseAndRate": [{"doseQuantity": {"value": 1, "unit": "tablet"}}]}


def request(**more: Any) -> dict[str, Any]:
    return {
        "resourceType": "MedicationRequest",
        "id": str(uuid4()),
        "status": "active",
        "intent": "order",
        "subject": {"reference": "Patient/1"},
        "authoredOn": "2027-02-01T09:00:00+05:30",
        "medicationCodeableConcept": {"text": "Amoxicillin 250 MG / Clavulanate 125 MG Oral Tablet"},
        "requester": {"display": "Dr. Iyer"},
        "dosageInstruction": [BID | AMOUNT],
        **more,
    }


def test_a_prescription_says_what_when_by_whom_and_what_it_leaves_open() -> None:
    condition = uuid4()
    found = read(
        request(
            reasonReference=[{"reference": f"Condition/{condition}"}],
            reasonCode=[{"text": "Sore throat"}],
            dispenseRequest={"numberOfRepeatsAllowed": 3},
            identifier=[{"value": "Rx 7"}],
        ),
        None,
        TODAY,
    )
    assert found
    assert (found.ingredients, found.strength) == (("Amoxicillin", "Clavulanate"), "250 MG / 125 MG")
    assert (found.prescriber, found.purpose, found.condition_id) == ("Dr. Iyer", "Sore throat", condition)
    assert (found.number, found.refills, found.status) == ("Rx 7", 3, Status.ACTIVE)
    assert found.instructions == "Twice a day with food"
    slots = tuple(Slot(at, Amount(Decimal(1), "{tablet}")) for at in (time(8), time(19, 30)))
    assert found.schedule == Schedule(Weekly(slots), date(2027, 2, 1))
    assert found.assumed == {Assumed.TIMES, Assumed.START}


@pytest.mark.parametrize(
    ("resource", "name", "ingredients"),
    [
        ({"medicationCodeableConcept": {"coding": [{"display": "24 HR Metformin 500 MG Oral Tablet"}]}},
         "24 HR Metformin 500 MG Oral Tablet", ("Metformin",)),
        ({"medicationCodeableConcept": {"text": "Aspirin"}}, "Aspirin", ("Aspirin",)),
        ({"medicationCodeableConcept": {"text": "Brufen"}}, "Brufen", ()),
        ({"medicationReference": {"reference": "#m"},
          "contained": [{"resourceType": "Medication", "id": "m", "code": {"text": "Augmentin"},
                         "ingredient": [{"itemCodeableConcept": {"text": "amoxicillin"}}]}]},
         "Augmentin", ("amoxicillin",)),
        ({"medicationReference": {"display": "Crocin"}}, "Crocin", ()),
    ],
)  # fmt: skip
def test_the_drug_is_found_wherever_r4_lets_it_stand(
    resource: dict[str, Any], name: str, ingredients: tuple[str, ...]
) -> None:
    made = request(**resource)
    if "medicationReference" in resource:
        del made["medicationCodeableConcept"]
    found = read(made, None, TODAY)
    assert found
    assert (found.name, found.ingredients) == (name, ingredients)


def test_what_is_no_medicine_is_none_and_what_cannot_be_read_says_where() -> None:
    assert read(request(status="entered-in-error"), None, TODAY) is None
    assert read(request(doNotPerform=True), None, TODAY) is None
    assert read(request(medicationCodeableConcept={}), None, TODAY) is None
    monthly = {"timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "mo"}}}
    found = read(request(dosageInstruction=[monthly], status="completed"), None, TODAY)
    assert found
    assert (found.schedule, found.why) == (None, "dosage[0].timing.repeat.periodUnit")
    assert found.status is Status.COMPLETED
    id = uuid4()
    assert medication_of({"medicationReference": {"reference": f"urn:uuid:{id}"}}) == id
    assert medication_of({"medicationReference": {"reference": "#m"}}) is None
    assert medication_of({}) is None


def corpus() -> Iterator[dict[str, Any]]:
    for path in (path for folder in FOLDERS for path in sorted(folder.rglob("*.json*"))):
        try:
            raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
            found = json.loads(raw)
        except ValueError:
            continue
        for entry in found.get("entry", [{"resource": found}]) if isinstance(found, dict) else ():
            if entry.get("resource", {}).get("resourceType") in TYPES:
                yield entry["resource"]


def test_prescriptions_of_the_corpora_are_read_or_say_where_not() -> None:
    if not any(folder.exists() for folder in FOLDERS):
        pytest.skip("needs ../shared/corpora")
    found = [one for one in (read(resource, None, TODAY) for resource in corpus()) if one]
    assert len(found) > 60
    assert all(one.schedule or one.why for one in found)
    assert sum(one.schedule is not None for one in found) > len(found) / 3


async def received(who: Somebody, *resources: dict[str, Any]) -> None:
    async with who.transaction() as tx:
        some = [Incoming(content=one, text=json.dumps(one)) for one in resources]
        outcomes = await record.import_resources(tx, who.person_id, some, "fhir")
        assert [outcome.kind for outcome in outcomes] == ["created"] * len(some), outcomes


async def test_a_prescription_becomes_a_medicine_once_somebody_has_read_the_form_it_fills(
    browser: httpx.AsyncClient, asha: Somebody
) -> None:
    slot = (Slot(time(8), Amount(Decimal(4), "mg")),)
    taper = Schedule(Taper((Step(5, slot), Step(2), Step(None, slot, 2))), date(2027, 2, 1))
    ours = request(
        medicationCodeableConcept={"text": "Prednisolone"},
        dosageInstruction=json.loads(json.dumps(to_fhir(taper))),
    )
    await received(asha, ours, request(status="completed"), request(status="entered-in-error"))
    root = f"/p/{asha.person_id}/medicines"
    assert "2 prescriptions are not among the medicines" in await seen(browser, root)
    page = await seen(browser, f"{root}/found")
    assert "Prednisolone" in page
    page = await seen(browser, f"{root}/new?from={ours['id']}")
    fields = dict(re.findall(r'<input[^>]* name="([^"]+)"[^>]*? value="([^"]*)"', page))
    assert (fields["name"], fields["step_1_times"], fields["prescriber"]) == (
        "Prednisolone",
        "08:00 4",
        "Dr. Iyer",
    )
    fields |= {"rhythm": "taper", "unit": "mg", "status": "active", "most_unit": "{dose}"}
    fields.pop("critical"), fields.pop("form_token"), fields.pop("days", None)
    done = await sent(browser, page, f"{root}/new", **fields)
    assert done.status_code == 303, done.text[-2000:]
    async with asha.transaction() as tx:
        (kept,) = (await service.MEDICINES.page(tx, asha.person_id)).items
        assert str(kept.origin) == ours["id"]
        assert kept.schedule == taper
        assert await service.waiting(tx, asha.person_id) == 1
    assert (await browser.get(f"{root}/new?from={ours['id']}")).status_code == 404, "it was taken over"


async def test_what_was_exported_and_comes_back_is_suggested_to_nobody(asha: Somebody) -> None:
    kept = await prescribed(asha, strength="50 mg")
    stopped = await prescribed(asha, daily(9), name="Aspirin", status=Status.DISCONTINUED)
    ours = [made(one) for one in (kept, stopped) for made in (fhir.request, fhir.statement)]
    again = [json.loads(text.write(one)) | {"id": str(uuid4())} for one in ours]
    await received(asha, *again, request(), request(), request(doNotPerform=True))
    async with asha.transaction() as tx:
        (found,) = await service.suggested(tx, asha.person_id)
        assert found.says.name.startswith("Amoxicillin"), "told twice, suggested once"
        assert await service.waiting(tx, asha.person_id) == 1
    anew = json.loads(text.write(fhir.request(stopped))) | {"id": str(uuid4()), "status": "active"}
    await received(asha, anew)
    async with asha.transaction() as tx:
        found, _other = await service.suggested(tx, asha.person_id)
        assert found.says.name == "Aspirin", "it was stopped once, and is prescribed again"


async def test_of_the_same_medicine_told_twice_in_a_file_the_fuller_one_is_suggested(asha: Somebody) -> None:
    kept = await prescribed(asha, prescriber="Dr. Iyer", prescription_number="7")
    ours = [
        json.loads(text.write(made(kept))) | {"id": str(uuid4())} for made in (fhir.request, fhir.statement)
    ]
    for both in (ours, ours[::-1]):
        devi = await somebody(asha.database, "Devi")
        await received(devi, *(one | {"id": str(uuid4())} for one in both))
        async with devi.transaction() as tx:
            (found,) = await service.suggested(tx, devi.person_id)
        assert (found.says.prescriber, found.says.number) == ("Dr. Iyer", "7")


async def test_prescriptions_are_not_seen_without_the_record_they_stand_in(
    database: Database, asha: Somebody
) -> None:
    await received(asha, request())
    ravi = await somebody(database, "Ravi")
    await shared(asha, ravi, "medications")
    async with ravi.transaction() as tx:
        assert await service.waiting(tx, asha.person_id) == 0
        assert await service.suggested(tx, asha.person_id) == []
