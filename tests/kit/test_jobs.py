import asyncio
from uuid import UUID

import pytest

from ojas.kit.db import Access, Database
from ojas.kit.jobs import JOBS, Context, Job, defer, run
from ojas.kit.jobs.queue import queue_at

done: list[UUID] = []
absent: list[UUID | None] = []
tries: dict[UUID, int] = {}


async def note(context: Context, person_id: UUID, other: UUID | None = None) -> None:
    done.append(person_id)
    absent.append(other)


async def stumble(context: Context, person_id: UUID) -> None:
    tries[person_id] = tries.get(person_id, 0) + 1
    raise ConnectionError


NOTE, STUMBLE = Job("tests.note", note, 5), Job("tests.stumble", stumble, 3)


async def work_off(database: Database) -> None:
    await asyncio.wait_for(run(Context(database), [*JOBS.values(), NOTE, STUMBLE], wait=False), 30)


async def test_a_job_of_a_committed_transaction_runs_with_its_ids_as_they_were(
    database: Database, person_id: UUID
) -> None:
    async with database.transaction(Access.of(person_id)) as tx:
        await defer(tx, NOTE, person_id=person_id, other=person_id)
        await defer(tx, NOTE, person_id=person_id)
    await work_off(database)
    assert done.count(person_id) == 2
    assert {person_id, None} <= set(absent), "an id that may be absent is an id too"


async def test_a_job_of_a_rolled_back_transaction_never_was(database: Database, person_id: UUID) -> None:
    with pytest.raises(ZeroDivisionError):
        async with database.transaction(Access.of(person_id)) as tx:
            await defer(tx, NOTE, person_id=person_id)
            raise ZeroDivisionError
    await work_off(database)
    assert person_id not in done


async def test_a_job_that_fails_waits_to_be_tried_again(database: Database, person_id: UUID) -> None:
    async with database.transaction(Access.of(person_id)) as tx:
        number = await defer(tx, STUMBLE, person_id=person_id)
    await work_off(database)
    queue = queue_at(database.conninfo)
    async with queue.open_async():
        status = await queue.job_manager.get_job_status_async(number)
    assert tries[person_id] == 1
    assert status.value == "todo"
