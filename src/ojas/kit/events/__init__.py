"""News that travels upward: what happened, told in the transaction in which it happened.

It is handled by jobs. Where a job for each would be too many, a *heed* notes in the same transaction that something is due,
and a tick does the rest (decision 26).
"""

from collections import defaultdict
from collections.abc import Awaitable
from typing import Any, Protocol
from uuid import UUID

from ojas.kit.db import Tx
from ojas.kit.jobs import Job, defer


class Heed(Protocol):
    """Notes, in the teller's transaction and with the teller's access, what follows for a person. Cheap; never refuses."""

    def __call__(self, tx: Tx, person_id: UUID, /, **ids: Any) -> Awaitable[None]: ...


_listeners: dict[str, list[Job]] = defaultdict(list)
_heeds: dict[str, list[Heed]] = defaultdict(list)


def listen(event: str, job: Job) -> None:
    """Run ``job`` with the event's ids whenever ``event`` is told. Telling the same job twice changes nothing."""
    if job not in _listeners[event]:
        _listeners[event].append(job)


def heed(event: str, heed: Heed) -> None:
    """Have ``heed`` note a person whenever ``event`` is told of them, with the event's ids."""
    if heed not in _heeds[event]:
        _heeds[event].append(heed)


async def emit(tx: Tx, event: str, *, person_id: UUID, **ids: object) -> None:
    """Tell everybody who listens. Ids only: an event lies in the queue in the clear."""
    for job in _listeners.get(event, ()):
        await defer(tx, job, lock=None, person_id=person_id, **ids)
    for note in _heeds.get(event, ()):
        await note(tx, person_id, **ids)
