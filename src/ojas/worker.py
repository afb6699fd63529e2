"""The job process: runs what was deferred and looks for what is due, until told to stop."""

import asyncio

from ojas.house import features, house
from ojas.kit.jobs import JOBS, TICKS, beat, catch_up, run
from ojas.kit.settings import Settings


async def work(settings: Settings, conninfo: str, *, concurrency: int = 4, wait: bool = True) -> None:
    """Work until cancelled; with ``wait`` false, until nothing is left to do."""
    features()
    async with house(settings, conninfo) as opened:
        jobs = run(opened, JOBS.values(), concurrency=concurrency, wait=wait)
        if wait:
            async with asyncio.TaskGroup() as group:
                group.create_task(jobs)
                group.create_task(beat(opened, TICKS.values()))
        else:
            await jobs
            await catch_up(opened, TICKS.values())
