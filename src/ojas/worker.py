"""The job process: runs what was deferred, until told to stop."""

from ojas.house import features, house
from ojas.kit.jobs import JOBS, Context, run
from ojas.kit.settings import Settings


async def work(settings: Settings, conninfo: str, *, concurrency: int = 4, wait: bool = True) -> None:
    """Work until cancelled; with ``wait`` false, until nothing is left to do."""
    features()
    async with house(settings, conninfo) as opened:
        await run(Context(opened.database, opened.shared), JOBS.values(), concurrency=concurrency, wait=wait)
