"""Work for later: enqueued in the caller's transaction, run at least once by the worker."""

from ojas.kit.jobs.queue import JOBS, Context, Job, defer, job
from ojas.kit.jobs.runner import run

__all__ = ["JOBS", "Context", "Job", "defer", "job", "run"]
