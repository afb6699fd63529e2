"""What looks for itself looks again while there is more, when it is woken, and after it failed."""

import asyncio
from uuid import UUID

from sqlalchemy import text

from ojas.kit.db import Access, Database
from ojas.kit.jobs import Context, beat, catch_up, wake
from ojas.kit.jobs.ticks import Tick


class Counter:
    """A look that has so many batches to do."""

    def __init__(self, batches: int = 0, *, fails: bool = False) -> None:
        self.batches, self.looks, self.fails = batches, 0, fails
        self.looked = asyncio.Event()

    async def look(self, context: Context) -> bool:
        self.looks += 1
        self.looked.set()
        if self.fails:
            raise ZeroDivisionError
        self.batches -= 1
        return self.batches > 0

    async def next(self) -> None:
        self.looked.clear()
        await asyncio.wait_for(self.looked.wait(), 5)

    async def reaches(self, looks: int) -> None:
        """However soon it looked: between a commit and a question it may have done so already."""
        while self.looks < looks:
            await self.next()


async def listening(database: Database) -> None:
    """Once the ear is open: what is committed before goes unheard, until the next look."""
    while True:
        async with database.transaction() as tx:
            if await tx.session.scalar(
                text(
                    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                    " AND state = 'idle' AND query LIKE 'LISTEN %ojas_ticks%'"
                )
            ):
                return


async def test_it_looks_until_nothing_is_due(database: Database) -> None:
    counter = Counter(4)
    await catch_up(Context(database, {}), [Tick("tests.many", counter.look, 60)])
    assert counter.looks == 4


async def test_it_is_woken_by_what_was_committed_and_by_nothing_else(
    database: Database, person_id: UUID
) -> None:
    tick = Tick("tests.woken", (counter := Counter()).look, 3600)
    beating = asyncio.create_task(beat(Context(database, {}), [tick]))
    await counter.next()
    await asyncio.wait_for(listening(database), 20)
    try:
        async with database.transaction(Access.of(person_id)) as tx:
            await wake(tx, tick)
            await asyncio.sleep(0.2)
            assert counter.looks == 1
        await asyncio.wait_for(counter.reaches(2), 5)
    finally:
        beating.cancel()


async def test_one_that_fails_stops_no_other(database: Database) -> None:
    bad, good = Counter(fails=True), Counter()
    ticks = [Tick("tests.bad", bad.look, 0.05), Tick("tests.good", good.look, 0.05)]
    beating = asyncio.create_task(beat(Context(database, {}), ticks))
    try:
        for _again in range(3):
            await good.next()
        assert bad.looks >= 1
    finally:
        beating.cancel()
