"""Work for later, run at least once: jobs, enqueued in the caller's transaction; ticks, which look for what is due."""

from ojas.kit.jobs.queue import JOBS, Context, Job, defer, drop, job
from ojas.kit.jobs.runner import run
from ojas.kit.jobs.ticks import TICKS, Tick, beat, bell, catch_up, each_apart, tick, wake
from ojas.kit.jobs.watch import still_since

__all__ = [
    "JOBS",
    "TICKS",
    "Context",
    "Job",
    "Tick",
    "beat",
    "bell",
    "catch_up",
    "defer",
    "drop",
    "each_apart",
    "job",
    "run",
    "still_since",
    "tick",
    "wake",
]
