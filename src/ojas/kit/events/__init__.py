"""News that travels upward: what happened, told in the transaction in which it happened, handled by jobs."""

from collections import defaultdict
from uuid import UUID

from ojas.kit.db import Tx
from ojas.kit.jobs import Job, defer

_listeners: dict[str, list[Job]] = defaultdict(list)


def listen(event: str, job: Job) -> None:
    """Run ``job`` with the event's ids whenever ``event`` is told. Telling the same job twice changes nothing."""
    if job not in _listeners[event]:
        _listeners[event].append(job)


async def emit(tx: Tx, event: str, *, person_id: UUID, **ids: object) -> None:
    """Tell everybody who listens. Ids only: an event lies in the queue in the clear."""
    for job in _listeners.get(event, ()):
        await defer(tx, job, lock=None, person_id=person_id, **ids)
