"""What is judged by the house itself, for alarms: the last that devices sent, and when they last sent. Nobody looks at it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from ojas.features.signals import queries
from ojas.features.signals.rules import instant, merge, milliseconds, window
from ojas.features.signals.service.ground import SCOPE, kind_of, opened
from ojas.features.signals.service.reading import since_of
from ojas.features.signals.service.sources import name_of
from ojas.kit.db import Tx

MOST = 20_000
"""Samples of a kind that are looked at: the newest."""


@dataclass(frozen=True, slots=True)
class Sender:
    """A source by what it sent: of which kind, how many samples, from when to when."""

    source_id: UUID
    name: str
    kind: str
    samples: int
    first: datetime
    last: datetime


async def senders(tx: Tx, person_id: UUID) -> list[Sender]:
    """Every stream of a person that holds anything."""
    tx.access.require(SCOPE, person_id)
    return [
        Sender(source.id, await name_of(tx, source), stream.kind, stream.n, stream.first, stream.last)
        for stream, source in await queries.streams_of(tx, person_id)
        if stream.first and stream.last
    ]


async def sending(
    tx: Tx, persons: Sequence[UUID], kinds: Sequence[str], since: datetime
) -> dict[UUID, set[str]]:
    """Of which of these kinds anything came since an instant, by person; who sends none of them is left out."""
    found: dict[UUID, set[str]] = defaultdict(set)
    for person, kind in await queries.sending(tx, persons, kinds, since):
        tx.access.require(SCOPE, person)
        found[person].add(kind)
    return found


async def tail(
    tx: Tx, person_id: UUID, kind: str, span: timedelta, since: datetime
) -> list[tuple[datetime, float]]:
    """The last samples of a kind, of all sources: those of the ``span`` before the newest, and none before ``since``."""
    tx.access.require(SCOPE, person_id)
    of = kind_of(kind)
    streams = [
        s for s, _source in await queries.streams_of(tx, person_id, of.name) if s.last and s.last >= since
    ]
    if not streams:
        return []
    newest = max(s.last for s in streams if s.last)
    start, end = max(since, newest - span), newest + timedelta(milliseconds=1)
    ids = [s.id for s in streams]
    rows = await queries.chunks_within(tx, person_id, ids, start, end, since_of(of, milliseconds(start)))
    keys = await tx.keys(person_id)
    samples = window(merge([opened(keys, row) for row in rows]), milliseconds(start), milliseconds(end))
    return [
        (instant(int(at)), float(value) / of.scale)
        for at, value in zip(samples.start[-MOST:], samples.value[-MOST:], strict=True)
    ]


async def at_work(tx: Tx, person_id: UUID, since: datetime) -> Sequence[tuple[datetime, datetime]]:
    """When the person trained since an instant, from and to."""
    tx.access.require(SCOPE, person_id)
    return await queries.workouts(tx, person_id, since)
