"""What looks for itself looks again while there is more, when it is woken, and after it failed."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from sqlalchemy import text

from ojas.kit.db import Access, Database
from ojas.kit.jobs import Context, beat, catch_up, still_since, wake, watch
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
    await catch_up(Context(database), [Tick("tests.many", counter.look, 60)])
    assert counter.looks == 4


async def test_it_is_woken_by_what_was_committed_and_by_nothing_else(
    database: Database, person_id: UUID
) -> None:
    tick = Tick("tests.woken", (counter := Counter()).look, 3600)
    beating = asyncio.create_task(beat(Context(database), [tick]))
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
    beating = asyncio.create_task(beat(Context(database), ticks))
    try:
        for _again in range(3):
            await good.next()
        assert bad.looks >= 1
    finally:
        beating.cancel()


@pytest.fixture
async def nothing_told(database: Database) -> AsyncIterator[None]:
    for turn in range(2):
        async with database.transaction() as tx:
            await tx.session.execute(text("DELETE FROM ticks"))
        if not turn:
            yield


@pytest.mark.usefixtures("nothing_told")
async def test_when_each_looked_last_is_known_while_it_looks_and_after(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "_FIRST_S", 0.2)
    async with database.transaction() as tx:
        assert await still_since(tx) is None, "nothing is known of a house in which none ever looked"
    looking, hanging = Counter(), Counter(fails=True)
    ticks = [Tick("tests.looks", looking.look, 0.05), Tick("tests.hangs", hanging.look, 0.05)]
    beating = asyncio.create_task(beat(Context(database), ticks))
    try:
        async with asyncio.timeout(20):
            while await told(database) != ["tests.looks", "tests.hangs"]:
                await looking.next()
    finally:
        beating.cancel()
    async with database.transaction() as tx:
        assert await still_since(tx) is None
        await tx.session.execute(text("UPDATE ticks SET looked_at = looked_at - interval '2 minutes'"))
        assert await still_since(tx) == await tx.session.scalar(text("SELECT min(looked_at) FROM ticks"))


async def told(database: Database) -> list[str]:
    """Whichever looked last first."""
    async with database.transaction() as tx:
        return list(await tx.session.scalars(text("SELECT name FROM ticks ORDER BY looked_at DESC")))
