"""The job process."""

import asyncio
import contextlib
import os
import signal

import uvloop

from ojas.cli.ground import Ground
from ojas.cli.web import watch
from ojas.kit.settings import Settings

_PATIENCE_S = 15


def labour(settings: Settings, ground: Ground, lifeline: int | None) -> None:
    """Work until told to stop, or until the lifeline ends; what is begun is finished or left for the next worker."""
    from ojas.house import features, settle
    from ojas.kit import logs
    from ojas.worker import work

    logs.configure(settings.log_level)
    features()
    settle()

    async def run() -> None:
        task = asyncio.create_task(work(settings, ground.app))
        loop = asyncio.get_running_loop()

        def stop() -> None:
            task.cancel()
            loop.call_later(_PATIENCE_S, cut_off)

        def cut_off() -> None:
            """A step will not end; the next worker takes up what it held. Unreleased, the lease would keep the database."""
            ground.release()
            os._exit(1)

        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop)
        if lifeline is not None:
            watch(lifeline)
        with contextlib.suppress(asyncio.CancelledError):
            await task

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:  # as the web process has it
        runner.run(run())
