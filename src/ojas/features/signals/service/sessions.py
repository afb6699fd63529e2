"""Workouts and nights, and where they led."""

from collections.abc import Sequence
from uuid import UUID, uuid5

import numpy as np

from ojas.features.sharing import service as sharing
from ojas.features.sharing.rules import Processing
from ojas.features.signals import models, queries
from ojas.features.signals.rules import instant, milliseconds, pack, unpack
from ojas.features.signals.schemas import Point, SessionDraft, SessionView
from ojas.features.signals.service.ground import SCOPE
from ojas.kit import audit
from ojas.kit.collection import Collection
from ojas.kit.db import Tx
from ojas.kit.errors import Forbidden, Incorrect, NotFound
from ojas.kit.i18n.zones import zone_of


async def _somewhere(_tx: Tx, _person_id: UUID, draft: SessionDraft) -> None:
    if draft.zone is not None:
        zone_of(draft.zone)


SESSIONS: Collection[models.Session, SessionDraft, SessionView] = Collection(
    name="sessions",
    row=models.Session,
    draft=SessionDraft,
    view=SessionView,
    order="started_at",
    filters=("kind", "started_at", "source_id"),
    check=_somewhere,
)

_FINE = 10_000_000  # 1e-7 degrees are 1 cm
_NONE = -(1 << 40)
LONGEST_ROUTE = 500_000


def session_id(person_id: UUID, draft: SessionDraft) -> UUID:
    """The same for the same session told again: by the sender's name for it, else by what and when."""
    told = (
        draft.identifier
        or f"{draft.kind} {milliseconds(draft.started_at)} {milliseconds(draft.ended_at)} {draft.activity}"
    )
    return uuid5(draft.source_id or person_id, f"session {told}")


async def keep_session(tx: Tx, person_id: UUID, draft: SessionDraft) -> UUID:
    """Add a session, or put it in the place of the one it is, told again: for imports. Unchanged, it makes no new version."""
    found = session_id(person_id, draft)
    try:
        known = await SESSIONS.read(tx, person_id, found)
    except NotFound:
        await SESSIONS.create(tx, person_id, draft, id=found)
        return found
    if SessionDraft.model_validate(known.model_dump(include=set(SessionDraft.model_fields))) != draft:
        await SESSIONS.change(tx, person_id, found, draft, if_version=known.version)
    return found


async def put_route(tx: Tx, person_id: UUID, session_id: UUID, points: Sequence[Point]) -> None:
    """Where a session led, in the place of what was there.

    Raises:
        NotFound: there is no such session. Incorrect: no points, too many, or one off the globe.
        Forbidden: the person has not agreed that places are kept.
    """
    tx.access.require(SCOPE, person_id, write=True)
    if not await sharing.allows(tx, person_id, Processing.LOCATION):
        raise Forbidden("Its route is not kept: that is agreed to under Privacy, and then brought in again.")
    await SESSIONS.read(tx, person_id, session_id)
    if not 0 < len(points) <= LONGEST_ROUTE:
        raise Incorrect("A route has 1 to {most} points.", field="points", most=LONGEST_ROUTE)
    columns = _columns(sorted(points, key=lambda point: point.at))
    if (np.abs(columns[1]) > 90 * _FINE).any() or (np.abs(columns[2]) > 180 * _FINE).any():
        raise Incorrect("A point lies off the globe.", field="points")
    data = await tx.seal(person_id, models.Route.__tablename__, session_id, pack(columns))
    await queries.put_beside(tx, models.Route, person_id, session_id, len(points), data)
    await audit.changed(tx, "change", person_id, "sessions", session_id)


async def forget_routes(tx: Tx, person_id: UUID) -> None:
    """Delete every route, unless the person has agreed anew that places are kept."""
    tx.access.require(SCOPE, person_id, write=True)
    if not await sharing.allows(tx, person_id, Processing.LOCATION):
        await queries.forget_routes(tx, person_id)
        await audit.changed(tx, "erase", person_id, "routes")


async def route(tx: Tx, person_id: UUID, session_id: UUID) -> list[Point]:
    """Where a session led, in the order of time; empty where nobody told."""
    tx.access.require(SCOPE, person_id)
    audit.looked(tx, person_id, "sessions")
    data = await queries.beside(tx, models.Route, person_id, session_id)
    if data is None:
        return []
    return _points(unpack(await tx.open(person_id, models.Route.__tablename__, session_id, data)))


def _columns(points: Sequence[Point]) -> list[np.ndarray]:
    told = [
        (
            milliseconds(p.at),
            round(p.latitude * _FINE),
            round(p.longitude * _FINE),
            _NONE if p.altitude_m is None else round(p.altitude_m * 10),
        )
        for p in points
    ]
    return list(np.array(told, np.int64).T.copy())


def _points(columns: Sequence[np.ndarray]) -> list[Point]:
    return [
        Point(instant(at), north / _FINE, east / _FINE, None if up == _NONE else up / 10)
        for at, north, east, up in zip(*(column.tolist() for column in columns), strict=True)
    ]
