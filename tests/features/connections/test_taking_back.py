"""An import is taken back: what it alone told goes, what another told or a hand corrected stays, and it can come again."""

import json
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ojas.features.connections import service
from ojas.features.connections.service import taking_back
from ojas.features.connections.vendors.apple_health import reading
from ojas.features.measurements import service as measurements
from ojas.features.measurements.schemas import EntryDraft
from ojas.features.record import service as record
from ojas.features.signals import service as signals
from ojas.features.signals.rules import Samples, merge, untold
from ojas.features.signals.schemas import SessionDraft
from ojas.kit.db import Access, Database
from ojas.kit.errors import Conflict, Forbidden, NotFound
from ojas.kit.objects import Objects
from tests.builders import apple_health as apple
from tests.builders.apple_health import BEGIN, Export
from tests.builders.apple_health import record as row
from tests.conftest import corpus, newcomer
from tests.features.connections.conftest import Importer, looked_at, sent
from tests.features.connections.test_fhir_imports import PATIENT, bundle, observation

DAY = 86_400_000
HEADER = b"start,end,value,confidence,context\n"


async def everything(database: Database, person_id: UUID) -> dict[str, Any]:
    """All that imports write, as values to compare; ids of readings are made anew each time, so they are left out."""
    async with database.transaction(Access.of(person_id)) as tx:
        streams = {
            f"{kind.name} {source}": lines
            for stream, source, kind in await signals.streams_to_export(tx, person_id)
            if (lines := b"".join([line async for line in signals.lines(tx, person_id, stream, kind)]))
            != HEADER
        }
        readings = sorted(
            [
                (one.kind, one.effective_at, str(one.value or one.systolic), one.status.value, one.source)
                async for one in measurements.READINGS.export(tx, person_id)
            ]
        )
        sessions = sorted(
            [
                (one.id, one.started_at, one.energy_kcal)
                async for one in signals.SESSIONS.export(tx, person_id)
            ]
        )
        sources = sorted([one.name async for one in signals.SOURCES.export(tx, person_id)])
        resources = sorted([(one.id, raw) async for one, raw in record.originals(tx, person_id)])
        listed = sorted(
            [
                (kind.LIST.name, one.id)
                for kind in record.KINDS
                async for one in kind.LIST.export(tx, person_id)
            ]
        )
    return {
        "streams": streams,
        "readings": readings,
        "sessions": sessions,
        "sources": sources,
        "resources": resources,
        "listed": listed,
    }


NOTHING: dict[str, Any] = {
    "streams": {},
    "readings": [],
    "sessions": [],
    "sources": [],
    "resources": [],
    "listed": [],
}


async def taken_back(database: Database, objects: Objects, person_id: UUID, import_id: UUID) -> Any:
    async with database.transaction(Access.of(person_id)) as tx:
        await service.take_back(tx, person_id, import_id)
    await service.run_taking_back(database, objects, person_id, import_id)
    return await looked_at(database, person_id, import_id)


def phone(days: int) -> bytes:
    return apple.days(days).add(apple.workout(BEGIN, 25, 1.9)).zip()


async def test_an_apple_export_is_taken_back_whole_and_comes_again_equal(
    whole: Importer, database: Database, objects: Objects, person_id: UUID
) -> None:
    first = await whole(phone(3))
    before = await everything(database, person_id)
    ended = await taken_back(database, objects, person_id, first.id)
    assert (ended.state, ended.stayed, ended.takeable, ended.progress.percent) == (
        "taken_back",
        0,
        False,
        100,
    )
    assert await everything(database, person_id) == NOTHING
    again = await whole(phone(3))
    assert (again.counts, again.refused) == (first.counts, first.refused)
    assert await everything(database, person_id) == before


async def test_a_whole_life_in_fhir_is_taken_back_and_comes_again_equal(
    whole: Importer, database: Database, objects: Objects, person_id: UUID
) -> None:
    path = min((corpus("fhir_synthea_r4") / "dev").glob("*.json.gz"), key=lambda path: path.stat().st_size)
    first = await whole(Path(path))
    before = await everything(database, person_id)
    assert len(before["listed"]) > 3
    await taken_back(database, objects, person_id, first.id)
    assert await everything(database, person_id) == NOTHING
    again = await whole(Path(path))
    assert again.counts == first.counts
    assert await everything(database, person_id) == before


@pytest.mark.parametrize("which", [0, 1])
async def test_of_two_exports_of_one_phone_either_can_be_taken_back(
    whole: Importer, database: Database, objects: Objects, person_id: UUID, which: int
) -> None:
    files = [phone(2), apple.days(4).zip()]
    brought = [await whole(content) for content in files]
    await taken_back(database, objects, person_id, brought[which].id)
    left = await everything(database, person_id)
    await taken_back(database, objects, person_id, brought[1 - which].id)
    assert await everything(database, person_id) == NOTHING
    await whole(files[1 - which])
    assert await everything(database, person_id) == left


async def test_a_count_told_greater_by_a_later_export_goes_back_to_what_the_first_told(
    whole: Importer, database: Database, objects: Objects, person_id: UUID
) -> None:
    """A minute of steps exported before it was over, and again after."""
    end = BEGIN + timedelta(minutes=1)
    await whole(Export().add(row("StepCount", 30, "count", BEGIN, end)).zip())
    later = await whole(Export().add(row("StepCount", 70, "count", BEGIN, end)).zip())
    assert await steps(database, person_id) == [70]
    await taken_back(database, objects, person_id, later.id)
    assert await steps(database, person_id) == [30]


async def steps(database: Database, person_id: UUID) -> list[int]:
    start = int(BEGIN.timestamp() * 1000)
    async with database.transaction(Access.of(person_id)) as tx:
        found = await signals.read(tx, person_id, "steps", start, start + DAY)
    return (found.samples.value // 100).tolist()


async def test_a_workout_told_otherwise_later_goes_back_to_what_the_first_told(
    whole: Importer, database: Database, objects: Objects, person_id: UUID
) -> None:
    told = apple.workout(BEGIN, 25, 1.9)
    await whole(Export().add(told).zip())
    before = await everything(database, person_id)
    later = await whole(Export().add(apple.workout(BEGIN, 25, 2.4)).zip())
    await taken_back(database, objects, person_id, later.id)
    assert await everything(database, person_id) == before
    async with database.transaction(Access.of(person_id)) as tx:
        [walk] = (await signals.SESSIONS.page(tx, person_id)).items
    assert walk.distance_m == 1900


async def test_a_resource_told_otherwise_later_goes_back_with_its_reading(
    whole: Importer, database: Database, objects: Objects, person_id: UUID
) -> None:
    await whole(bundle(PATIENT, observation("29463-7", 64.2, "kg")))
    before = await everything(database, person_id)
    later = await whole(bundle(PATIENT, observation("29463-7", 71.5, "kg")))
    assert await everything(database, person_id) != before
    await taken_back(database, objects, person_id, later.id)
    assert await everything(database, person_id) == before


async def test_a_reading_corrected_by_hand_stays_and_is_left_alone_by_the_next_import(
    whole: Importer, database: Database, objects: Objects, person_id: UUID
) -> None:
    content = (
        Export()
        .add(row("BodyMass", 64, "kg", BEGIN), row("BodyMass", 65, "kg", BEGIN + timedelta(days=1)))
        .zip()
    )
    first = await whole(content)
    async with database.transaction(Access.of(person_id)) as tx:
        [_, wrong] = [one async for one in measurements.READINGS.export(tx, person_id)]
        draft = EntryDraft(kind="weight", value=Decimal(66), unit="kg", effective_at=wrong.effective_at)
        await measurements.change(tx, person_id, wrong.id, draft)
        foreseen = {part.name: part for part in (await service.foresee(tx, person_id, first.id)).parts}
    assert (foreseen["reading"].goes, foreseen["reading"].corrected) == (1, 1)
    ended = await taken_back(database, objects, person_id, first.id)
    assert ended.stayed == 1
    assert [one[2] for one in (await everything(database, person_id))["readings"]] == ["66"]
    await whole(content)
    assert [one[2] for one in (await everything(database, person_id))["readings"]] == ["64", "66"]


async def test_a_workout_and_a_condition_made_ones_own_stay(
    whole: Importer, database: Database, objects: Objects, person_id: UUID
) -> None:
    asthma = {
        "resourceType": "Condition",
        "id": "c1",
        "subject": {"reference": "Patient/p1"},
        "code": {"text": "Asthma"},
        "recordedDate": "2020-01-01",
    }
    walk = await whole(Export().add(apple.workout(BEGIN, 25, 1.9)).zip())
    life = await whole(bundle(PATIENT, asthma))
    async with database.transaction(Access.of(person_id)) as tx:
        [session] = (await signals.SESSIONS.page(tx, person_id)).items
        told = session.model_dump(include=set(SessionDraft.model_fields)) | {"note": "with Meera"}
        await signals.SESSIONS.change(tx, person_id, session.id, SessionDraft.model_validate(told))
        [entry] = (await record.CONDITIONS.page(tx, person_id)).items
        fields = entry.model_dump(include=set(record.CONDITIONS.draft.model_fields), mode="json")
        changed = record.CONDITIONS.draft.model_validate_json(json.dumps(fields | {"notes": "since school"}))
        await record.CONDITIONS.change(tx, person_id, entry.id, changed)
    assert (await taken_back(database, objects, person_id, walk.id)).stayed == 1
    assert (await taken_back(database, objects, person_id, life.id)).stayed == 1
    left = await everything(database, person_id)
    assert [one[0] for one in left["sessions"]] == [session.id]
    assert left["listed"] == [("conditions", entry.id)]
    assert left["sources"] == [apple.WATCH]
    for energy in (1.9, 2.4):
        again = await whole(Export().add(apple.workout(BEGIN, 25, energy)).zip())
        assert again.counts == {"workout": 1}
        async with database.transaction(Access.of(person_id)) as tx:
            [session] = (await signals.SESSIONS.page(tx, person_id)).items
        assert (session.note, session.distance_m) == ("with Meera", 1900)


async def test_a_reading_deleted_by_hand_does_not_come_again(
    whole: Importer, database: Database, objects: Objects, person_id: UUID
) -> None:
    content = Export().add(row("BodyMass", 64, "kg", BEGIN)).zip()
    first = await whole(content)
    async with database.transaction(Access.of(person_id)) as tx:
        [one] = [one async for one in measurements.READINGS.export(tx, person_id)]
        await measurements.delete(tx, person_id, one.id)
    await taken_back(database, objects, person_id, first.id)
    await whole(content)
    assert (await everything(database, person_id))["readings"] == []


class Killed(BaseException):
    """The process is gone between two instructions."""


async def test_taking_back_that_is_killed_goes_on_and_ends_equal(
    whole: Importer,
    database: Database,
    objects: Objects,
    person_id: UUID,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reading, "ROWS", 600)
    monkeypatch.setattr(taking_back, "_ITEMS", 3)
    kept = await whole(phone(2))
    before = await everything(database, person_id)
    later = await whole(phone(4))
    step, seen = taking_back._step, list[int]()

    async def dies(*args: Any) -> bool:
        more = await step(*args)
        seen.append((await looked_at(database, person_id, later.id)).progress.done)
        if len(seen) % 2 == 0:
            raise Killed
        return more

    async with database.transaction(Access.of(person_id)) as tx:
        await service.take_back(tx, person_id, later.id)
    monkeypatch.setattr(taking_back, "_step", dies)
    for _ in range(100):
        try:
            await service.run_taking_back(database, objects, person_id, later.id)
            break
        except Killed:
            continue
    assert len(seen) > 6
    assert seen == sorted(seen)
    ended = await looked_at(database, person_id, later.id)
    assert (ended.state, ended.progress.percent) == ("taken_back", 100)
    assert await everything(database, person_id) == before
    monkeypatch.undo()
    await taken_back(database, objects, person_id, kept.id)
    assert await everything(database, person_id) == NOTHING


async def test_an_import_stopped_halfway_is_taken_back_with_what_had_come(
    database: Database, objects: Objects, person_id: UUID, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ojas.features.connections.service import running

    monkeypatch.setattr(reading, "ROWS", 600)
    import_id = await sent(database, objects, person_id, phone(4), tmp_path)
    store = running._store

    async def then_cancel(*args: Any) -> None:
        await store(*args)
        async with database.transaction(Access.of(person_id)) as tx:
            with pytest.raises(Conflict, match="under way"):
                await service.take_back(tx, person_id, import_id)
            await service.cancel(tx, person_id, import_id)

    monkeypatch.setattr(running, "_store", then_cancel)
    await service.run_import(database, objects, person_id, import_id)
    assert (await everything(database, person_id))["streams"]
    await taken_back(database, objects, person_id, import_id)
    assert await everything(database, person_id) == NOTHING
    async with database.transaction(Access.of(person_id)) as tx:
        for verb in (service.again, service.take_back, service.foresee):
            with pytest.raises(Conflict):
                await verb(tx, person_id, import_id)


async def test_it_is_said_beforehand_what_goes_and_what_stays(
    whole: Importer, database: Database, person_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    await whole(apple.days(1).zip())
    later = await whole(apple.days(3).zip())
    before = await everything(database, person_id)
    async with database.transaction(Access.of(person_id)) as tx:
        foreseen = {part.name: part for part in (await service.foresee(tx, person_id, later.id)).parts}
        monkeypatch.setattr(taking_back, "COUNTED", 10)
        unsure = {part.name: part for part in (await service.foresee(tx, person_id, later.id)).parts}
    heart = foreseen["heart_rate"]
    assert (heart.told, heart.shared, heart.goes) == (3 * 288, 288, 2 * 288)
    assert (unsure["heart_rate"].shared, unsure["heart_rate"].goes) == (None, 3 * 288)
    assert foreseen["reading"].shared == foreseen["reading"].told / 3
    assert await everything(database, person_id) == before


async def test_a_fault_of_ours_is_tried_again_and_then_said(
    whole: Importer, database: Database, objects: Objects, person_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await whole(phone(1))
    async with database.transaction(Access.of(person_id)) as tx:
        await service.take_back(tx, person_id, first.id)

    async def broken(*_: Any) -> bool:
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr(taking_back, "_step", broken)
        for attempt in range(1, service.TRIES + 1):
            with pytest.raises(RuntimeError):
                await service.run_taking_back(database, objects, person_id, first.id)
            state = (await looked_at(database, person_id, first.id)).state
            assert state == ("failed" if attempt == service.TRIES else "taking_back")
    assert (await looked_at(database, person_id, first.id)).takeable
    await taken_back(database, objects, person_id, first.id)
    assert await everything(database, person_id) == NOTHING


async def test_strangers_and_readers_take_nothing_back(
    whole: Importer, database: Database, person_id: UUID
) -> None:
    first = await whole(phone(1))
    mine = frozenset({person_id})
    scopes = ("connections", "measurements", "signals", "record")
    reader = Access(None, dict.fromkeys(scopes, mine), {"connections": mine})
    async with database.transaction(reader) as tx:
        with pytest.raises(Forbidden):
            await service.take_back(tx, person_id, first.id)
    async with database.transaction(Access.of(await newcomer(database))) as tx:
        with pytest.raises(NotFound):
            await service.take_back(tx, person_id, first.id)


_TOLD = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 2), st.integers(0, 3)), max_size=12)


def samples(rows: list[tuple[int, int, int]]) -> Samples:
    columns = np.array(rows, np.int64).reshape(-1, 3).T
    return Samples.of(columns[0], columns[2], columns[0] + columns[1])


@given(_TOLD, _TOLD, _TOLD)
def test_untelling_is_as_if_it_had_never_been_told(
    mine: list[tuple[int, int, int]],
    theirs: list[tuple[int, int, int]],
    third: list[tuple[int, int, int]],
) -> None:
    parts = [samples(rows) for rows in (mine, theirs, third)]
    others = merge(parts[1:])
    left, lost = untold(merge(parts), parts[0], others)
    assert left.same(others) or (not len(left) and not len(others))
    assert len(merge(parts)) - len(left) <= len(lost)


@given(_TOLD, _TOLD, _TOLD)
def test_what_came_from_no_import_is_not_untold(
    mine: list[tuple[int, int, int]], theirs: list[tuple[int, int, int]], sent: list[tuple[int, int, int]]
) -> None:
    """What a device sends by itself stays, unless an import told just the same."""
    known = merge([samples(mine), samples(theirs), samples(sent)])
    left, _ = untold(known, samples(mine), samples(theirs))
    told = {tuple(one) for one in zip(*_columns(samples(mine)), strict=True)}
    kept = {tuple(one) for one in zip(*_columns(left), strict=True)}
    assert {tuple(one) for one in zip(*_columns(known), strict=True)} - told <= kept


def _columns(some: Samples) -> list[list[int]]:
    return [some.start.tolist(), some.ends.tolist(), some.value.tolist()]
