"""The job process."""

import asyncio
import contextlib
import signal

from ojas.cli.web import watch
from ojas.kit.settings import Settings


def labour(settings: Settings, conninfo: str, lifeline: int | None) -> None:
    """Work until told to stop, or until the lifeline ends; what is begun is finished or left for the next worker."""
    from ojas.house import features, settle
    from ojas.kit import logs
    from ojas.worker import work

    logs.configure(settings.log_level)
    features()
    settle()

    async def run() -> None:
        task = asyncio.create_task(work(settings, conninfo))
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)
        if lifeline is not None:
            watch(lifeline)
        with contextlib.suppress(asyncio.CancelledError):
            await task

    asyncio.run(run())
