"""The worker's side of the queue: it runs what was deferred, tries again, and takes up what a dead worker left."""

import asyncio
import contextlib
import inspect
from collections.abc import Iterable
from functools import partial
from typing import Any, get_args, get_type_hints
from uuid import UUID

import procrastinate
import structlog

from ojas.kit import clock
from ojas.kit.jobs.queue import Context, Job, queue_at

_LOG = structlog.get_logger("ojas.jobs")

_SILENT_S = 15  # a worker not heard of for this long is dead, and its jobs run again
_LOOK_S = 5


async def run(context: Context, jobs: Iterable[Job], *, concurrency: int = 4, wait: bool = True) -> None:
    """Run jobs until cancelled; with ``wait`` false, until nothing is left that could be run now."""
    queue = queue_at(context.database.conninfo)
    register(queue, context, jobs)
    async with queue.open_async():
        if wait:
            await _keep_working(queue, concurrency)
        else:
            await _work_off(queue, concurrency)


async def _keep_working(queue: procrastinate.App, concurrency: int) -> None:
    rescue = asyncio.create_task(_rescue(queue))
    try:
        await _worker(queue, concurrency, wait=True)
        # Where the database went away the queue's worker sometimes ends as if its work were done.
        raise ConnectionError("the queue's worker has ended")
    finally:
        rescue.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await rescue


async def _work_off(queue: procrastinate.App, concurrency: int) -> None:
    """Again while that changes anything: a worker that does not wait ends without the jobs that its last ones deferred."""
    await _take_up_orphans(queue)
    before: set[int | None] | None = None
    while (waiting := await _waiting(queue)) and waiting != before:
        await _worker(queue, concurrency, wait=False)
        before = waiting


async def _waiting(queue: procrastinate.App) -> set[int | None]:
    now = clock.now()
    found = await queue.job_manager.list_jobs_async(status="todo")
    return {job.id for job in found if job.scheduled_at is None or job.scheduled_at <= now}


async def _worker(queue: procrastinate.App, concurrency: int, *, wait: bool) -> None:
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
        name: UUID(value) if isinstance(value, str) and _takes_id(hints.get(name)) else value
        for name, value in ids.items()
        if name in known
    }


def _takes_id(hint: Any) -> bool:
    return UUID in (hint, *get_args(hint))


async def _rescue(queue: procrastinate.App) -> None:
    while True:
        with contextlib.suppress(procrastinate.exceptions.ConnectorException):
            await _take_up_orphans(queue)
        await asyncio.sleep(_LOOK_S)


async def _take_up_orphans(queue: procrastinate.App) -> None:
    for orphan in await queue.job_manager.get_stalled_jobs(seconds_since_heartbeat=_SILENT_S):
        _LOG.info("taken up", job=orphan.task_name)
        await queue.job_manager.retry_job(orphan)
