"""Work for later: enqueued in the caller's transaction, run at least once by the worker."""

from ojas.kit.jobs.queue import JOBS, Context, Job, defer, drop, job
from ojas.kit.jobs.runner import run
from ojas.kit.jobs.ticks import TICKS, Tick, beat, catch_up, tick, wake

__all__ = [
    "JOBS",
    "TICKS",
    "Context",
    "Job",
    "Tick",
    "beat",
    "catch_up",
    "defer",
    "drop",
    "job",
    "run",
    "tick",
    "wake",
]
