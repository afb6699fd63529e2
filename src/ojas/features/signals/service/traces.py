"""Electrocardiograms: the trace that belongs to a session."""

from uuid import UUID

from ojas.features.signals import models, queries
from ojas.features.signals.rules import Trace
from ojas.features.signals.service.ground import SCOPE
from ojas.features.signals.service.sessions import SESSIONS
from ojas.kit import audit
from ojas.kit.db import Tx
from ojas.kit.errors import NotFound

_TABLE = models.Trace.__tablename__


async def put_trace(tx: Tx, person_id: UUID, session_id: UUID, trace: Trace) -> None:
    """The trace of a session, in the place of what was there. The same again changes nothing.

    Raises:
        NotFound: there is no such session. Incorrect: as ``Trace.check``.
    """
    tx.access.require(SCOPE, person_id, write=True)
    await SESSIONS.read(tx, person_id, session_id)
    trace.check()
    plain, known = trace.encode(), await queries.beside(tx, models.Trace, person_id, session_id)
    if known is not None and await tx.open(person_id, _TABLE, session_id, known) == plain:
        return
    data = await tx.seal(person_id, _TABLE, session_id, plain)
    await queries.put_beside(tx, models.Trace, person_id, session_id, len(trace.microvolts), data)
    await audit.changed(tx, "change", person_id, "sessions", session_id)


async def trace(tx: Tx, person_id: UUID, session_id: UUID) -> Trace:
    """The trace of a session.

    Raises:
        NotFound: there is no such session, or it has none.
    """
    tx.access.require(SCOPE, person_id)
    audit.looked(tx, person_id, "sessions")
    data = await queries.beside(tx, models.Trace, person_id, session_id)
    if data is None:
        raise NotFound("This session has no electrocardiogram.")
    return Trace.decode(await tx.open(person_id, _TABLE, session_id, data))
