"""The worker's side of the queue: it runs what was deferred, tries again, and takes up what a dead worker left."""

import asyncio
import contextlib
import inspect
from collections.abc import Iterable
from functools import partial
from typing import Any, get_type_hints
from uuid import UUID

import procrastinate
import structlog

from ojas.kit.jobs.queue import Context, Job, queue_at

_LOG = structlog.get_logger("ojas.jobs")

_SILENT_S = 15  # a worker not heard of for this long is dead, and its jobs run again
_LOOK_S = 5


async def run(context: Context, jobs: Iterable[Job], *, concurrency: int = 4, wait: bool = True) -> None:
    """Run jobs until cancelled; with ``wait`` false, until the queue is empty."""
    queue = queue_at(context.database.conninfo)
    register(queue, context, jobs)
    async with queue.open_async():
        rescue = asyncio.create_task(_rescue(queue)) if wait else None
        try:
            if not wait:
                await _take_up_orphans(queue)
            await queue.run_worker_async(
                concurrency=concurrency,
                wait=wait,
                install_signal_handlers=False,
                listen_notify=wait,
                fetch_job_polling_interval=1.0,
                abort_job_polling_interval=1.0,
                shutdown_graceful_timeout=10,
                delete_jobs="successful",
                update_heartbeat_interval=3,
                stalled_worker_timeout=_SILENT_S,
            )
        finally:
            if rescue:
                rescue.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await rescue


def register(queue: procrastinate.App, context: Context, jobs: Iterable[Job]) -> None:
    """Tell the queue what each name means in this process."""
    for job in jobs:
        retry = procrastinate.RetryStrategy(max_attempts=job.retries, exponential_wait=3)
        task = queue.task(name=job.name, retry=retry)(partial(_work, job, context))
        if job.every:
            queue.periodic(cron=job.every)(task)


async def _work(job: Job, context: Context, timestamp: int | None = None, **ids: Any) -> None:
    log = _LOG.bind(job=job.name)
    try:
        await job.work(context, **_typed(job, ids))
    except Exception as problem:
        # The type alone: a message may quote what a person wrote.
        log.warning("failed", error=type(problem).__name__, exc_info=problem)
        raise
    log.info("done")


def _typed(job: Job, ids: dict[str, Any]) -> dict[str, Any]:
    """Ids come back from the queue as text; the work's own annotations say which are UUIDs."""
    hints = get_type_hints(job.work)
    known = inspect.signature(job.work).parameters
    return {
        name: UUID(value) if hints.get(name) is UUID and isinstance(value, str) else value
        for name, value in ids.items()
        if name in known
    }


async def _rescue(queue: procrastinate.App) -> None:
    while True:
        with contextlib.suppress(procrastinate.exceptions.ConnectorException):
            await _take_up_orphans(queue)
        await asyncio.sleep(_LOOK_S)


async def _take_up_orphans(queue: procrastinate.App) -> None:
    for orphan in await queue.job_manager.get_stalled_jobs(seconds_since_heartbeat=_SILENT_S):
        _LOG.info("taken up", job=orphan.task_name)
        await queue.job_manager.retry_job(orphan)
