"""Naming jobs and enqueueing them.

The queue is procrastinate's, in the same PostgreSQL: a job deferred on the transaction's own connection exists if, and
only if, the transaction commits (decision 0002).
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any
from uuid import UUID

import procrastinate
from procrastinate.jobs import Job as QueuedJob

from ojas.kit.db import Database, Tx
from ojas.kit.objects import Objects
from ojas.kit.settings import Settings

Work = Callable[..., Awaitable[None]]

JOBS: dict[str, "Job"] = {}
"""Every job by name, filled as features are imported."""


@dataclass(frozen=True, slots=True)
class Job:
    """A named piece of work. ``work(context, **ids)`` opens its own transactions and must bear being run twice."""

    name: str
    work: Work
    retries: int
    every: str | None = None
    """A cron line in UTC, for work that recurs by itself."""


@dataclass(eq=False)
class Context:
    """What a process works with; a job is given it."""

    database: Database
    settings: Settings = field(default_factory=Settings)
    features: tuple[Any, ...] = ()
    """Each a ``Feature``, which stands above this."""
    single: dict[str, Any] = field(default_factory=dict)
    """What a process has one of, such as the pages that listen for news; by the name of who made it."""

    @cached_property
    def objects(self) -> Objects:
        """Where its files lie."""
        return Objects.at(self.settings.objects_url, self.settings.home)


def job(name: str, *, retries: int = 5, every: str | None = None) -> Callable[[Work], Job]:
    """Declare a job. Arguments are ids, never health data: they lie in the queue in the clear."""

    def declare(work: Work) -> Job:
        if name in JOBS:
            raise ValueError(f"two jobs are called {name}")
        JOBS[name] = Job(name, work, retries, every)
        return JOBS[name]

    return declare


async def defer(tx: Tx, job: Job, *, lock: str | None = None, **ids: object) -> int:
    """Enqueue within the transaction. Jobs that share a ``lock`` run one after the other. Answers the job's number."""
    queued = QueuedJob(
        id=None,
        queue="default",
        lock=lock,
        queueing_lock=None,
        task_name=job.name,
        task_kwargs={name: _json(value) for name, value in ids.items()},
    )
    connection = await tx.connection()
    stored = await _known(tx.database.conninfo).job_manager.defer_job_async(queued, connection=connection)
    assert stored.id is not None
    return stored.id


def queue_at(conninfo: str) -> procrastinate.App:
    """The queue in a database, with connections of its own once it is opened; they belong to the loop that opens it."""
    return procrastinate.App(
        connector=procrastinate.PsycopgConnector(conninfo=conninfo, min_size=1, max_size=6)
    )


async def drop(tx: Tx, person_id: UUID) -> int:
    """Take everything that waits to be done for a person off the queue, and ask what is being done to stop.

    Answers how much a living worker is still at; what a dead one had begun goes too.
    """
    connection = await tx.connection()
    whose = {"person": str(person_id)}
    await connection.execute(
        "UPDATE procrastinate_jobs SET abort_requested = true"
        " WHERE args->>'person_id' = %(person)s AND status = 'doing'",
        whose,
    )
    await connection.execute(
        "DELETE FROM procrastinate_jobs WHERE args->>'person_id' = %(person)s AND (status <> 'doing' OR NOT EXISTS ("
        " SELECT FROM procrastinate_workers w WHERE w.id = worker_id AND w.last_heartbeat > now() - interval '20 s'))",
        whose,
    )
    found = await connection.execute(
        "SELECT count(*) FROM procrastinate_jobs WHERE args->>'person_id' = %(person)s", whose
    )
    row = await found.fetchone()
    return int(row[0]) if row else 0


_known = cache(queue_at)
"""For deferring, which takes the caller's connection and never opens one."""


def _json(value: object) -> str | int | float | None:
    """As the queue keeps it: ids as text, numbers as they are."""
    return value if value is None or isinstance(value, str | int | float) else str(value)
