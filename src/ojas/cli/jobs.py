"""The job process."""

import asyncio
import contextlib
import os
import signal

import uvloop

from ojas.cli.web import watch
from ojas.kit.settings import Settings

_PATIENCE_S = 25
"""Longer than the queue gives its jobs (10) and a stop takes: who is cut off gives no lease back, and the database runs on."""


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
        loop = asyncio.get_running_loop()

        def stop() -> None:
            task.cancel()
            loop.call_later(
                _PATIENCE_S, os._exit, 1
            )  # a step that will not end; what it held is taken up by the next

        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop)
        if lifeline is not None:
            watch(lifeline)
        with contextlib.suppress(asyncio.CancelledError):
            await task

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:  # as the web process has it
        runner.run(run())
