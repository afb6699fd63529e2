"""How signals leave a person's record, and end."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import numpy as np
import orjson

from ojas.features.signals import models, queries
from ojas.features.signals.rules import CONTEXT_OF, DAY, STAGE_OF, Kind, Samples, Shape, instant, milliseconds
from ojas.features.signals.service.ground import SCOPE, kind_of, opened
from ojas.features.signals.service.sessions import route
from ojas.features.signals.service.traces import trace
from ojas.kit import audit
from ojas.kit.db import Tx

_STEP = 30 * DAY


async def lines(tx: Tx, person_id: UUID, stream: UUID, kind: Kind) -> AsyncIterator[bytes]:
    """A stream as CSV, a month of it in memory at a time."""
    tx.access.require(SCOPE, person_id)
    audit.looked(tx, person_id, f"signals.{kind.name}", action="export")
    yield b"start,end,value,confidence,context\n"
    extent = await queries.extent(tx, person_id, [stream])
    if extent is None:
        return
    keys = await tx.keys(person_id)
    at, last = milliseconds(extent[0]) // DAY * DAY - 31 * DAY, milliseconds(extent[1])
    while at <= last:
        for row in await queries.chunks_near(tx, person_id, stream, [(instant(at), instant(at + _STEP))]):
            yield _csv(kind, opened(keys, row))
        at += _STEP


async def routes(tx: Tx, person_id: UUID) -> AsyncIterator[bytes]:
    """Every route as a line of JSON."""
    for session_id in await queries.sessions_with(tx, models.Route, person_id):
        points = await route(tx, person_id, session_id)
        yield orjson.dumps({"session_id": session_id, "points": points}) + b"\n"


async def traces(tx: Tx, person_id: UUID) -> AsyncIterator[bytes]:
    """Every electrocardiogram as a line of JSON."""
    for session_id in await queries.sessions_with(tx, models.Trace, person_id):
        found = await trace(tx, person_id, session_id)
        told = {"session_id": session_id, "rate_hz": found.rate, "microvolts": found.microvolts.tolist()}
        yield orjson.dumps(told) + b"\n"


async def stays(tx: Tx, person_id: UUID) -> AsyncIterator[bytes]:
    """Where the person was, by time zone, as lines of JSON."""
    for since, zone in await queries.stays(tx, person_id):
        yield orjson.dumps({"since": since, "zone": zone}) + b"\n"


async def streams_to_export(tx: Tx, person_id: UUID) -> list[tuple[UUID, UUID, Kind]]:
    """Stream, source and kind of everything there is."""
    return [(s.id, s.source_id, kind_of(s.kind)) for s, _ in await queries.streams_of(tx, person_id)]


async def erase(tx: Tx, person_id: UUID) -> None:
    """Delete every sample, day, stay, route and electrocardiogram of a person."""
    tx.access.require(SCOPE, person_id, write=True)
    await queries.erase(tx, person_id)


def _csv(kind: Kind, samples: Samples) -> bytes:
    columns: list[Any] = [_times(samples.start), _times(samples.ends), _values(kind, samples)]
    n = len(samples)
    columns.append(
        [""] * n
        if samples.confidence is None
        else ["" if c < 0 else str(c) for c in samples.confidence.tolist()]
    )
    columns.append(
        [""] * n if samples.context is None else [CONTEXT_OF[c].value for c in samples.context.tolist()]
    )
    return "".join(f"{','.join(row)}\n" for row in zip(*columns, strict=True)).encode()


def _times(column: np.ndarray) -> list[str]:
    told: list[str] = np.datetime_as_string(column.astype("datetime64[ms]"), timezone="UTC").tolist()
    return told


def _values(kind: Kind, samples: Samples) -> list[str]:
    if kind.shape is Shape.STAGE:
        return [STAGE_OF[code].value for code in samples.value.tolist()]
    return [f"{value:.{kind.digits}f}" for value in (samples.value / kind.scale).tolist()]
