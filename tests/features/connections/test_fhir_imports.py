"""FHIR comes in: whole lives, without a loss, into record and measurements."""

import gzip
import json
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest

from ojas.features.connections import service as connections
from ojas.features.connections.schemas import ImportView
from ojas.features.identity import service as identity
from ojas.features.identity.schemas import ProfileDraft
from ojas.features.measurements import service as measurements
from ojas.features.record import service as record
from ojas.kit.db import Access, Database
from ojas.kit.ids import new_id
from ojas.kit.objects import Objects
from tests.builders import apple_health as apple
from tests.conftest import corpus
from tests.features.connections.conftest import Importer, looked_at, sent

PATIENT = {"resourceType": "Patient", "id": "p1", "gender": "female"}
VITALS = [
    {
        "coding": [
            {"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "vital-signs"}
        ]
    }
]


def observation(code: str, value: float, unit: str, id_: str = "o1") -> dict[str, object]:
    return {
        "resourceType": "Observation",
        "id": id_,
        "status": "final",
        "category": VITALS,
        "code": {"coding": [{"system": "http://loinc.org", "code": code}]},
        "subject": {"reference": "Patient/p1"},
        "effectiveDateTime": "2024-03-01T08:00:00+05:30",
        "valueQuantity": {"value": value, "unit": unit, "system": "http://unitsofmeasure.org", "code": unit},
    }


def bundle(*some: dict[str, object]) -> bytes:
    return json.dumps(
        {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one} for one in some]}
    ).encode()


async def counts(database: Database, person_id: UUID) -> tuple[dict[str, int], int]:
    async with database.transaction(Access.of(person_id)) as tx:
        readings = [one async for one in measurements.READINGS.export(tx, person_id)]
        return await record.counts(tx, person_id), len(readings)


async def test_a_weight_is_in_the_record_and_in_the_trend(
    whole: Importer, database: Database, person_id: UUID
) -> None:
    ended = await whole(bundle(PATIENT, observation("29463-7", 64.2, "kg")))
    assert (ended.state, ended.vendor, ended.refused) == ("done", "fhir", 0), ended.reasons
    assert ended.counts == {"Patient": 1, "Observation": 1, "weight": 1}
    assert await counts(database, person_id) == ({"Observation": 1, "Patient": 1}, 1)


async def test_the_same_bundle_again_changes_nothing(
    whole: Importer, database: Database, person_id: UUID
) -> None:
    content = bundle(PATIENT, observation("29463-7", 64.2, "kg"), observation("8867-4", 66, "/min", "o2"))
    first = await whole(content)
    before = await counts(database, person_id)
    assert (await whole(content)).counts == first.counts
    assert await counts(database, person_id) == before


async def test_what_is_not_valid_is_refused_and_what_is_stays(
    whole: Importer, database: Database, person_id: UUID
) -> None:
    broken = {**observation("8867-4", 66, "/min", "o2"), "status": "perhaps"}
    unknown = {"resourceType": "Foo", "id": "f"}
    heavy = observation("39156-5", 300, "kg/m2", "o3")
    stranger = {**observation("8867-4", 66, "/min", "o4"), "subject": {"reference": "Patient/p2"}}
    ended = await whole(bundle(PATIENT, broken, unknown, heavy, stranger, observation("29463-7", 64, "kg")))
    assert ended.state == "done"
    assert ended.refused == 4, ended.reasons
    assert ended.counts == {"Observation": 2, "Patient": 1, "weight": 1}
    assert "300 kg/m² is outside 7 to 150 kg/m²." in {reason.message for reason in ended.reasons}


@pytest.mark.parametrize(
    ("theirs", "said"),
    [
        ({"birthDate": "1950-01-01"}, ["date of birth"]),
        ({"gender": "male"}, ["sex"]),
        ({"name": [{"text": "Gregory Fox"}]}, ["name"]),
        ({"name": [{"text": "rao, A."}], "birthDate": "1970-05-17", "gender": "female"}, []),
        ({"name": [{"text": "आशा राव"}]}, []),
    ],
)
async def test_a_file_of_another_person_is_said_to_be_and_fills_no_profile(
    database: Database, objects: Objects, tmp_path: Path, theirs: dict[str, object], said: list[str]
) -> None:
    patient = {
        "resourceType": "Patient",
        "id": "p1",
        "telecom": [{"system": "phone", "value": "+14155550123"}],
    }
    content = bundle({**patient, **theirs}, observation("29463-7", 64.2, "kg"))
    person_id, ended = await brought_to_asha(database, objects, tmp_path, content)
    assert (ended.state, ended.counts["weight"]) == ("done", 1)
    assert ended.warnings == [
        f"This file may be another person's: the {what} in it is not that of the profile." for what in said
    ]
    async with database.transaction(Access.of(person_id)) as tx:
        assert bool((await identity.profile(tx, person_id)).phones) == (not said)


async def test_an_apple_export_of_another_owner_is_said_to_be(
    database: Database, objects: Objects, tmp_path: Path
) -> None:
    export = apple.Export().add(apple.record("BodyMass", "64", "kg", apple.BEGIN))
    _, ended = await brought_to_asha(database, objects, tmp_path, export.zip())
    assert ended.warnings == [
        "This file may be another person's: the date of birth in it is not that of the profile."
    ]


async def brought_to_asha(
    database: Database, objects: Objects, folder: Path, content: bytes
) -> tuple[UUID, ImportView]:
    draft = ProfileDraft(name="Asha Rao", gender="female", date_of_birth=date(1970, 5, 17))
    async with database.transaction() as tx:
        person_id = await identity.create_person(tx, draft, created_by=new_id())
    import_id = await sent(database, objects, person_id, content, folder)
    await connections.run_import(database, objects, person_id, import_id)
    return person_id, await looked_at(database, person_id, import_id)


@pytest.mark.slow
async def test_whole_lives_come_in_without_a_loss(
    whole: Importer, database: Database, person_id: UUID
) -> None:
    path = min((corpus("fhir_synthea_r4") / "dev").glob("*.json.gz"), key=lambda path: path.stat().st_size)
    resources = json.loads(gzip.decompress(path.read_bytes()))["entry"]
    ended: ImportView = await whole(Path(path))
    assert ended.state == "done"
    assert ended.refused == 0, ended.reasons
    kept, readings = await counts(database, person_id)
    assert sum(kept.values()) == len(resources)
    assert readings > 5


async def test_every_indian_example_comes_in_or_says_why(whole: Importer) -> None:
    folder = corpus("fhir_abdm_india_examples") / "example"
    for path in sorted(folder.glob("Bundle-*.json")):
        ended = await whole(path)
        assert ended.state == "done", path.name
        assert ended.taken > 0, (path.name, ended.reasons)
