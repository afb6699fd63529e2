"""Taking FHIR in: nothing lost, nothing twice, what the person corrected stays."""

import gzip
import json
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from tests.conftest import corpus, newcomer

from ojas.features.record import service
from ojas.features.record.schemas import Incoming
from ojas.kit.db import Access
from ojas.kit.errors import Forbidden, NotFound
from ojas.kit.fhir import text, validation

CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
VERIFIED = "http://terminology.hl7.org/CodeSystem/condition-ver-status"


def condition(id: UUID, name: str = "Angina", **more: object) -> Incoming:
    said = {
        "resourceType": "Condition",
        "id": str(id),
        "clinicalStatus": {"coding": [{"system": CLINICAL, "code": "active"}]},
        "verificationStatus": {"coding": [{"system": VERIFIED, "code": "confirmed"}]},
        "code": {"text": name},
        "subject": {"reference": "Patient/x"},
        "onsetDateTime": "2019-05",
        **more,
    }
    return incoming(json.dumps(said))


def incoming(raw: str) -> Incoming:
    return Incoming(raw, text.read(raw))


async def take(database, person_id, *some, source="hospital"):
    async with database.transaction(Access.of(person_id)) as tx:
        return await service.import_resources(tx, person_id, some, source)


async def names(database, person_id, list_=service.CONDITIONS):
    async with database.transaction(Access.of(person_id)) as tx:
        return [one.name for one in (await list_.page(tx, person_id)).items]


async def test_a_resource_is_kept_byte_for_byte_and_listed(database, person_id):
    id = uuid4()
    raw = (
        (
            '{ "resourceType":"Condition",\n "id" : "ID", "subject":{"reference":"Patient/x"},"code":{"text":"Angina"},'
            ' "clinicalStatus":{"coding":[{"system":"CLINICAL","code":"active"}]},"onsetDateTime":"2019-05",'
            ' "extension":[{"url":"https://x","valueDecimal":1.00}]  }'
        )
        .replace("ID", str(id))
        .replace("CLINICAL", CLINICAL)
    )
    [outcome] = await take(database, person_id, incoming(raw))
    assert (outcome.kind, outcome.id, outcome.type) == ("created", id, "Condition")
    async with database.transaction(Access.of(person_id)) as tx:
        seen, kept = await service.original(tx, person_id, id)
        listed = await service.CONDITIONS.read(tx, person_id, id)
    assert kept == raw.encode()
    assert (seen.type, seen.version, seen.source) == ("Condition", 1, "hospital")
    assert (listed.name, listed.onset, listed.status) == ("Angina", "2019-05", "active")


async def test_the_same_again_changes_nothing(database, person_id):
    some = [condition(uuid4(), name) for name in ("Angina", "Gout")]
    await take(database, person_id, *some)
    assert [outcome.kind for outcome in await take(database, person_id, *some)] == ["unchanged", "unchanged"]
    assert sorted(await names(database, person_id)) == ["Angina", "Gout"]


async def test_a_new_text_is_a_new_version_and_the_old_one_stays(database, person_id):
    id = uuid4()
    first, second = condition(id, "Angina"), condition(id, "Unstable angina")
    await take(database, person_id, first)
    [outcome] = await take(database, person_id, second, source="clinic")
    assert outcome.kind == "changed"
    assert await names(database, person_id) == ["Unstable angina"]
    async with database.transaction(Access.of(person_id)) as tx:
        assert [(one.version, one.source) for one in await service.versions(tx, person_id, id)] == [
            (2, "clinic"),
            (1, "hospital"),
        ]
        assert (await service.original(tx, person_id, id))[1] == second.text.encode()
        assert (await service.original(tx, person_id, id, version=1))[1] == first.text.encode()
        with pytest.raises(NotFound):
            await service.original(tx, person_id, id, version=3)


async def test_twice_in_one_batch_is_once_and_its_later_version(database, person_id):
    id = uuid4()
    kinds = [
        o.kind for o in await take(database, person_id, condition(id), condition(id), condition(id, "Gout"))
    ]
    assert kinds == ["created", "unchanged", "changed"]
    assert await names(database, person_id) == ["Gout"]


async def test_what_the_person_corrected_stays_corrected(database, person_id):
    id = uuid4()
    await take(database, person_id, condition(id, "Angina"))
    async with database.transaction(Access.of(person_id)) as tx:
        shown = await service.CONDITIONS.read(tx, person_id, id)
        draft = service.CONDITIONS.draft.model_validate_json(
            shown.model_copy(update={"name": "My angina"}).model_dump_json(
                include=set(service.CONDITIONS.draft.model_fields)
            )
        )
        await service.CONDITIONS.change(tx, person_id, id, draft)
    await take(database, person_id, condition(id, "Unstable angina"))
    assert await names(database, person_id) == ["My angina"]


async def test_what_the_person_deleted_stays_deleted(database, person_id):
    id = uuid4()
    await take(database, person_id, condition(id, "Angina"))
    async with database.transaction(Access.of(person_id)) as tx:
        await service.CONDITIONS.delete(tx, person_id, id)
    await take(database, person_id, condition(id, "Angina"))
    await take(database, person_id, condition(id, "Unstable angina"))
    assert await names(database, person_id) == []


async def test_a_resource_r4_refuses_is_refused_with_its_reason_and_the_rest_is_kept(database, person_id):
    good = condition(uuid4())
    outcomes = await take(
        database,
        person_id,
        incoming('{"resourceType":"Unicorn","id":"1"}'),
        condition(uuid4(), clinicalStatus={"coding": [{"system": CLINICAL, "code": "dreadful"}]}),
        good,
        incoming('{"resourceType":"Basic","code":{"text":"no id"}}'),
    )
    assert [outcome.kind for outcome in outcomes] == ["refused", "refused", "created", "refused"]
    assert all(outcome.faults for outcome in outcomes if outcome.kind == "refused")
    assert outcomes[1].faults[0].field == "Condition.clinicalStatus.coding"


async def test_a_type_no_list_has_is_kept_all_the_same(database, person_id):
    id = uuid4()
    raw = (
        '{"resourceType":"VisionPrescription","id":"ID","status":"active","created":"2026-01-01","patient":{"display":"x"},'
        '"dateWritten":"2026-01-01","prescriber":{"display":"y"},'
        '"lensSpecification":[{"product":{"text":"lens"},"eye":"left"}]}'
    ).replace("ID", str(id))
    assert (await take(database, person_id, incoming(raw)))[0].kind == "created"
    async with database.transaction(Access.of(person_id)) as tx:
        assert await service.counts(tx, person_id) == {"VisionPrescription": 1}


async def test_one_id_is_one_type(database, person_id):
    id = uuid4()
    basic = incoming(f'{{"resourceType":"Basic","id":"{id}","code":{{"text":"x"}}}}')
    outcomes = [(await take(database, person_id, one))[0].kind for one in (condition(id), basic)]
    assert outcomes == ["created", "refused"]


async def test_a_batch_that_fails_leaves_nothing(database, person_id):
    with pytest.raises(RuntimeError):
        async with database.transaction(Access.of(person_id)) as tx:
            await service.import_resources(tx, person_id, [condition(uuid4())], "hospital")
            raise RuntimeError
    assert await names(database, person_id) == []


async def test_nobody_imports_into_another_persons_record(database, person_id):
    stranger = await newcomer(database)
    async with database.transaction(Access.of(stranger)) as tx:
        with pytest.raises(NotFound):
            await service.import_resources(tx, person_id, [condition(uuid4())], "x")
    reader = Access(may_read={"record": frozenset({person_id})})
    async with database.transaction(reader) as tx:
        with pytest.raises(Forbidden):
            await service.import_resources(tx, person_id, [condition(uuid4())], "x")


async def test_what_lies_in_the_store_is_sealed(database, cluster, person_id):
    import psycopg

    from ojas.kit.db import embedded

    await take(database, person_id, condition(uuid4(), "Angina pectoris"))
    with psycopg.connect(cluster.dsn(embedded.OWNER)) as owner:
        owner.execute(f"SET ojas.may_read_record = '{person_id}'")
        rows = (
            owner.execute("SELECT * FROM fhir_resources").fetchall()
            + owner.execute("SELECT * FROM conditions").fetchall()
        )
    assert rows
    assert all(b"ngina" not in bytes(value) for row in rows for value in row if isinstance(value, bytes))


async def test_a_report_shows_the_observations_it_groups(database, person_id):
    seen, report = uuid4(), uuid4()
    observation = (
        '{"resourceType":"Observation","id":"SEEN","status":"final","code":{"text":"LDL cholesterol"},'
        '"valueQuantity":{"value":3.10,"unit":"mmol/L"},"referenceRange":[{"high":{"value":3.0}}],'
        '"interpretation":[{"coding":[{"code":"H"}]}]}'
    ).replace("SEEN", str(seen))
    panel = (
        (
            '{"resourceType":"DiagnosticReport","id":"REPORT","status":"final","code":{"text":"Lipids"},"issued":"2026-01-20T09:00:00Z",'
            '"result":[{"reference":"Observation/SEEN"}]}'
        )
        .replace("REPORT", str(report))
        .replace("SEEN", str(seen))
    )
    await take(database, person_id, incoming(panel), incoming(observation))
    async with database.transaction(Access.of(person_id)) as tx:
        result = await service.RESULTS.read(tx, person_id, report)
        [line] = await service.values_of(tx, person_id, result)
    assert (line.name, line.value, line.unit, line.range, line.flag) == (
        "LDL cholesterol",
        "3.10",
        "mmol/L",
        "≤ 3.0",
        "H",
    )
    assert str(result.effective_on) == "2026-01-20"


async def test_what_leaves_is_what_came_as_the_person_corrected_it(database, person_id):
    kept, corrected, deleted = uuid4(), uuid4(), uuid4()
    extra = {"identifier": [{"value": "A-7"}]}
    await take(
        database,
        person_id,
        condition(kept, "Gout"),
        condition(corrected, "Angina", **extra),
        condition(deleted, "Flu"),
    )
    async with database.transaction(Access.of(person_id)) as tx:
        draft = service.CONDITIONS.draft(name="Stable angina")
        await service.CONDITIONS.change(tx, person_id, corrected, draft)
        await service.CONDITIONS.delete(tx, person_id, deleted)
        await service.ALLERGIES.create(tx, person_id, service.ALLERGIES.draft(name="Penicillin"))
        left = [one async for one in service.export_bundle(tx, person_id)]
    assert all(validation.faults(one) == [] for one in left)
    told = {one["code"]["text"]: one for one in left}
    assert set(told) == {"Gout", "Stable angina", "Penicillin"}
    assert told["Stable angina"]["identifier"] == [{"value": "A-7"}]
    assert "onsetDateTime" not in told["Stable angina"]


async def test_whole_lives_come_in_and_go_out_with_the_same_digits(database):
    for path in sorted(corpus("fhir_synthea_r4").rglob("*.gz"))[:3]:
        person_id = await newcomer(database)
        bundle = text.read(gzip.decompress(path.read_bytes()))
        some = [Incoming(text.pretty(one["resource"]), one["resource"]) for one in bundle["entry"]]
        async with database.transaction(Access.of(person_id)) as tx:
            outcomes = await service.import_resources(tx, person_id, some, "fhir")
            assert {outcome.kind for outcome in outcomes} == {"created"}
        async with database.transaction(Access.of(person_id)) as tx:
            for one, outcome in zip(some, outcomes, strict=True):
                assert outcome.id
                assert (await service.original(tx, person_id, outcome.id))[1] == one.text.encode()
            overview = await service.overview(tx, person_id)
            assert await service.filled(tx, person_id) == {
                name for name, glance in overview.lists.items() if glance.count
            }
            counts = await service.counts(tx, person_id)
        assert sum(counts.values()) == len(some)
        assert overview.lists["immunisations"].count == counts["Immunization"]
        assert overview.lists["encounters"].count == counts["Encounter"]


async def test_a_float_of_the_caller_does_not_cost_a_digit(database, person_id):
    id = uuid4()
    raw = (
        '{"resourceType":"DiagnosticReport","id":"ID","status":"final","code":{"text":"Lipids"},"result":[{"reference":"#o"}],'
        '"contained":[{"resourceType":"Observation","id":"o","status":"final","code":{"text":"LDL"},'
        '"valueQuantity":{"value":3.10,"unit":"mmol/L"}}]}'
    ).replace("ID", str(id))
    await take(database, person_id, Incoming(raw, json.loads(raw)))
    async with database.transaction(Access.of(person_id)) as tx:
        assert (await service.RESULTS.read(tx, person_id, id)).values[0].value == "3.10"


async def test_a_record_is_exported_whole_and_erased_without_a_trace(database, person_id):
    from ojas.features.record.feature import FEATURE
    from ojas.kit.feature import export_files

    id = uuid4()
    await take(database, person_id, condition(id, "Angina"))
    await take(database, person_id, condition(id, "Stable angina"))
    async with database.transaction(Access.of(person_id)) as tx:
        files = {
            file.name: b"".join([part async for part in file.content])
            async for file in export_files((FEATURE,), tx, person_id)
        }
        assert validation.faults(text.read(files["record/bundle.json"])) == []
        assert text.read(files["record/originals.ndjson"])["text"] == condition(id, "Stable angina").text
        assert b"Stable angina" in files["record/conditions.ndjson"]
        await service.erase(tx, person_id)
        for kind in service.KINDS:
            await kind.LIST.erase(tx, person_id)
    async with database.transaction(Access.of(person_id)) as tx:
        assert await service.counts(tx, person_id) == {}
        with pytest.raises(NotFound):
            await service.versions(tx, person_id, id)
        assert (await service.CONDITIONS.page(tx, person_id)).items == []


async def test_the_store_is_paged_newest_first_to_its_end(database, person_id):
    for _ in range(3):
        await take(database, person_id, *(condition(uuid4()) for _ in range(4)))
    seen, cursor = [], None
    async with database.transaction(Access.of(person_id)) as tx:
        while True:
            items, cursor = await service.stored(tx, person_id, limit=5, cursor=cursor)
            seen.extend(items)
            if cursor is None:
                break
    assert len({one.id for one in seen}) == len(seen) == 12
    assert [one.recorded_at for one in seen] == sorted((one.recorded_at for one in seen), reverse=True)


def test_numbers_of_an_export_keep_their_digits():
    assert text.write({"value": Decimal("1.00")}) == b'{"value":1.00}'
