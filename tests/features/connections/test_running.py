"""How an import runs: killed, cancelled, waiting, tried again, and put away. It ends equal, whatever happens on the way."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import time_machine

from ojas.features.connections import service
from ojas.features.connections.service import imports, running
from ojas.features.connections.vendors.apple_health import reading
from ojas.kit import clock
from ojas.kit.db import Access, Database, Tx
from ojas.kit.errors import Conflict, Forbidden, NotFound, Unavailable
from ojas.kit.objects import Objects
from tests.builders import apple_health as apple
from tests.builders.apple_health import BEGIN, Export, record
from tests.conftest import newcomer
from tests.features.connections.conftest import Importer, content_of, looked_at, sent


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "ROWS", 600)


class Killed(BaseException):
    """The process is gone between two instructions."""


async def test_an_import_that_is_killed_goes_on_and_ends_equal(
    database: Database,
    objects: Objects,
    person_id: UUID,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    small_batches: None,
) -> None:
    content = (
        apple.days(4).add(apple.workout(BEGIN, 25, 1.9), record("HeartRate", "NaN", "count/min", BEGIN)).xml()
    )
    import_id = await sent(database, objects, person_id, content, tmp_path)
    store, stored = running._store, list[int]()

    async def dies(*args: Any) -> None:
        await store(*args)
        stored.append(args[-1].number)
        if len(stored) % 2 == 0:
            raise Killed

    monkeypatch.setattr(running, "_store", dies)
    for _ in range(20):
        try:
            await service.run_import(database, objects, person_id, import_id)
            break
        except Killed:
            continue
    ended = await looked_at(database, person_id, import_id)
    assert ended.state == "done"
    assert stored == list(range(1, len(stored) + 1))
    assert len(stored) > 3
    monkeypatch.undo()
    other = await newcomer(database)
    second = await sent(database, objects, other, content, tmp_path)
    await service.run_import(database, objects, other, second)
    whole = await looked_at(database, other, second)
    assert (whole.counts, whole.refused, whole.reasons) == (ended.counts, ended.refused, ended.reasons)
    assert await content_of(database, other) == await content_of(database, person_id)


async def test_two_workers_on_one_import_take_it_in_once(
    database: Database, objects: Objects, person_id: UUID, tmp_path: Path, small_batches: None
) -> None:
    import_id = await sent(database, objects, person_id, apple.days(3).zip(), tmp_path)
    await asyncio.gather(*(service.run_import(database, objects, person_id, import_id) for _ in range(2)))
    ended = await looked_at(database, person_id, import_id)
    assert (ended.state, ended.counts["heart_rate"]) == ("done", 3 * 288)


async def test_a_cancelled_import_stops_keeps_what_came_and_can_go_on(
    database: Database,
    objects: Objects,
    person_id: UUID,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    small_batches: None,
) -> None:
    import_id = await sent(database, objects, person_id, apple.days(4).zip(), tmp_path)
    store = running._store

    async def then_cancel(*args: Any) -> None:
        await store(*args)
        async with database.transaction(Access.of(person_id)) as tx:
            await service.cancel(tx, person_id, import_id)

    with monkeypatch.context() as patch:
        patch.setattr(running, "_store", then_cancel)
        await service.run_import(database, objects, person_id, import_id)
    stopped = await looked_at(database, person_id, import_id)
    assert (stopped.state, stopped.retryable) == ("cancelled", True)
    assert 0 < stopped.counts["heart_rate"] < 4 * 288
    async with database.transaction(Access.of(person_id)) as tx:
        await service.again(tx, person_id, import_id)
    await service.run_import(database, objects, person_id, import_id)
    ended = await looked_at(database, person_id, import_id)
    assert (ended.state, ended.counts["heart_rate"]) == ("done", 4 * 288)


async def test_an_import_stopped_while_its_file_arrives_stays_stopped(
    database: Database, objects: Objects, person_id: UUID
) -> None:
    async def parts() -> AsyncIterator[bytes]:
        yield b"half"
        async with database.transaction(Access.of(person_id)) as tx:
            [[begun], _] = await service.page(tx, person_id)
            await service.cancel(tx, person_id, begun.id)
        yield b"and half"

    def crossing() -> AbstractAsyncContextManager[Tx]:
        return database.transaction(Access.of(person_id))

    with pytest.raises(Conflict):
        await service.take_in(crossing, objects, person_id, "a.zip", parts(), limit=1000, allowed=None)
    async with database.transaction(Access.of(person_id)) as tx:
        [[shown], _] = await service.page(tx, person_id)
    assert (shown.state, shown.retryable) == ("cancelled", False)


async def test_an_import_that_ended_cannot_be_tried_again(
    whole: Importer, database: Database, person_id: UUID
) -> None:
    ended = await whole(apple.days(1).zip())
    async with database.transaction(Access.of(person_id)) as tx:
        with pytest.raises(Conflict):
            await service.again(tx, person_id, ended.id)
        assert (await service.cancel(tx, person_id, ended.id)).state == "done"


async def test_the_file_is_thrown_away_once_it_is_in(
    whole: Importer, database: Database, objects: Objects, person_id: UUID
) -> None:
    ended = await whole(apple.days(1).zip())
    async with database.transaction(Access.of(person_id)) as tx:
        keys = await tx.keys(person_id)
    with pytest.raises(NotFound):
        imports.reader(objects, keys, ended.id)


async def test_a_file_waits_sealed(
    database: Database, objects: Objects, person_id: UUID, tmp_path: Path, settings: Any
) -> None:
    import_id = await sent(database, objects, person_id, apple.days(1).xml(), tmp_path)
    kept = (settings.home / "objects" / imports.object_name(person_id, import_id)).read_bytes()
    assert b"HKQuantityType" not in kept
    assert b"export" not in kept


async def test_a_fault_of_ours_is_tried_again_and_then_said(
    database: Database, objects: Objects, person_id: UUID, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_id = await sent(database, objects, person_id, apple.days(1).zip(), tmp_path)

    async def away(*_: Any) -> None:
        raise Unavailable("The store of files does not answer. Try again in a while.")

    monkeypatch.setattr(running, "_read", away)
    for attempt in range(1, service.TRIES + 1):
        with pytest.raises(Unavailable):
            await service.run_import(database, objects, person_id, import_id)
        state = (await looked_at(database, person_id, import_id)).state
        assert state == ("failed" if attempt == service.TRIES else "running")


async def test_whoever_may_not_write_everything_may_not_import(
    database: Database, objects: Objects, person_id: UUID, tmp_path: Path
) -> None:
    path = tmp_path / "export.zip"
    path.write_bytes(b"x")
    one = frozenset({person_id})
    access = Access(None, {"connections": one}, {"connections": one})
    with pytest.raises(Forbidden):
        await service.bring(database, objects, access, person_id, path)
    with pytest.raises(NotFound):
        await service.bring(database, objects, Access.of(await newcomer(database)), person_id, path)


async def test_only_so_many_are_under_way_at_once(
    database: Database, objects: Objects, person_id: UUID, tmp_path: Path
) -> None:
    for _ in range(imports.AT_ONCE):
        await sent(database, objects, person_id, b"x", tmp_path)
    with pytest.raises(Conflict):
        await sent(database, objects, person_id, b"x", tmp_path)


async def test_no_more_are_under_way_when_they_begin_at_the_same_moment(
    database: Database, objects: Objects, person_id: UUID, tmp_path: Path
) -> None:
    file = tmp_path / "export.zip"
    file.write_bytes(b"x")
    begun = [sent(database, objects, person_id, file, tmp_path) for _ in range(imports.AT_ONCE + 3)]
    ended = await asyncio.gather(*begun, return_exceptions=True)
    assert Counter(type(one) for one in ended) == {UUID: imports.AT_ONCE, Conflict: 3}, ended


async def test_erasing_leaves_nothing(whole: Importer, database: Database, person_id: UUID) -> None:
    await whole(Export().add(record("HeartRate", "NaN", "count/min", BEGIN)).zip())
    async with database.transaction(Access.of(person_id)) as tx:
        await service.erase(tx, person_id)
        assert [line async for line in service.export(tx, person_id)] == []
        assert [line async for line in service.export_refusals(tx, person_id)] == []


async def test_a_checkpoint_of_other_batches_is_not_believed(
    database: Database,
    objects: Objects,
    person_id: UUID,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """After an upgrade that cuts files otherwise, an import begins anew and ends equal."""
    import_id = await sent(database, objects, person_id, apple.days(3).zip(), tmp_path)
    store = running._store

    async def dies(*args: Any) -> None:
        await store(*args)
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(reading, "ROWS", 600)
        patch.setattr(running, "_store", dies)
        with pytest.raises(Killed):
            await service.run_import(database, objects, person_id, import_id)
    await service.run_import(database, objects, person_id, import_id)
    ended = await looked_at(database, person_id, import_id)
    assert (ended.state, ended.counts["heart_rate"]) == ("done", 3 * 288)


async def test_what_is_over_is_put_away_and_the_rest_waits(
    database: Database, objects: Objects, person_id: UUID, tmp_path: Path
) -> None:
    failed = await sent(database, objects, person_id, b"x", tmp_path)
    await service.run_import(database, objects, person_id, failed)
    waiting = await sent(database, objects, person_id, apple.days(1).zip(), tmp_path)
    async with database.transaction(Access.of(person_id)) as tx:
        lost = await imports.receive(tx, person_id, "never.zip")
    await service.tidy(database, objects)
    assert (await looked_at(database, person_id, failed)).retryable
    with time_machine.travel(clock.now() + timedelta(days=8), tick=True):
        await service.tidy(database, objects)
        assert not (await looked_at(database, person_id, failed)).retryable
        with pytest.raises(NotFound):
            await looked_at(database, person_id, lost)
    await service.run_import(database, objects, person_id, waiting)
    assert (await looked_at(database, person_id, waiting)).state == "done"
