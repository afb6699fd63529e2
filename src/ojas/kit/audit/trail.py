"""The trail's one table and what is written to and read from it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import orjson
from sqlalchemy import Text, bindparam, insert, select
from sqlalchemy.dialects.postgresql import ARRAY, INET
from sqlalchemy.orm import Mapped, mapped_column

from ojas.kit.db import Access, Base, Personal, Seal, Statement, Tx, by_id
from ojas.kit.ids import new_id, time_of

_LOOKED = "looked"

Action = Literal["read", "create", "change", "delete", "export", "import", "share", "sign-in", "erase"]


class AuditEvent(Personal, Base):
    """One access to one person's data. Its id, a UUIDv7, is also its time.

    ``subjects`` names what was touched (collections, pages); ``sealed`` holds the values a change replaced, under the
    person's key, so that erasing the person erases them here too.
    """

    __tablename__ = "audit_events"
    __scope__ = "audit"
    __seals__ = (Seal("sealed", by_id, by="audit_resealed"),)

    account_id: Mapped[UUID | None]
    request_id: Mapped[UUID]
    action: Mapped[str]
    purpose: Mapped[str]
    subjects: Mapped[list[str]] = mapped_column(ARRAY(Text))
    subject_id: Mapped[UUID | None]
    version: Mapped[int | None]
    address: Mapped[str | None] = mapped_column(INET)
    sealed: Mapped[bytes | None]

    @property
    def at(self) -> datetime:
        return time_of(self.id)


@dataclass(frozen=True, slots=True)
class Change:
    """One change of one thing: the version it made, and the values that were there before (None: it was created)."""

    request_id: UUID
    at: datetime
    account_id: UUID | None
    action: str
    version: int
    before: dict[str, Any] | None


def looked(tx: Tx, person_id: UUID, *subjects: str, action: Action = "read") -> None:
    """Note that ``subjects`` of a person were seen. However many, a transaction writes one row a person and action."""
    noted = tx.info.setdefault(_LOOKED, {})
    if not noted:
        tx.closing.append(_write_looks)
    noted.setdefault((person_id, action), set()).update(subjects)


async def seen(tx: Tx, person_id: UUID, *subjects: str) -> None:
    """``looked``, written at once: for whoever holds the access to a person for a moment only."""
    await _add(tx, person_id, "read", list(subjects), id=new_id())


async def changed(
    tx: Tx,
    action: Action,
    person_id: UUID,
    subject: str,
    subject_id: UUID | None = None,
    *,
    version: int | None = None,
    before: dict[str, Any] | None = None,
) -> None:
    """Add a row for a change, with the values it replaced."""
    event_id = new_id()
    sealed = None
    if before is not None:
        sealed = await tx.seal(person_id, AuditEvent.__tablename__, event_id, orjson.dumps(before))
    await _add(
        tx,
        person_id,
        action,
        [subject],
        id=event_id,
        subject_id=subject_id,
        version=version,
        sealed=sealed,
    )


async def changes(tx: Tx, person_id: UUID, scope: str, subject: str, subject_id: UUID) -> list[Change]:
    """How one thing came to be as it is, newest first.

    The history belongs to the thing: whoever may see its scope may see it, though not the rest of the trail.
    """
    query = (
        select(AuditEvent)
        .where(
            AuditEvent.person_id == person_id,
            AuditEvent.subject_id == subject_id,
            AuditEvent.subjects.contains([subject]),
        )
        .order_by(AuditEvent.id.desc())
    )
    before = tx.access
    if before.allows(scope, person_id):
        await tx.become(before.joined(Access(may_read={"audit": frozenset({person_id})})))
    rows = (await tx.session.scalars(query)).all()
    await tx.become(before)
    return [await _change(tx, row) for row in rows]


async def entries(
    tx: Tx,
    person_id: UUID,
    *,
    limit: int,
    before: UUID | None = None,
    by_others: bool = False,
    by: UUID | None = None,
    actions: Sequence[str] = (),
) -> list[AuditEvent]:
    """The trail of a person, newest first, from before an event on.

    ``by_others`` leaves out the caller's own, ``by`` all but one account's.
    """
    query = select(AuditEvent).where(AuditEvent.person_id == person_id)
    if before:
        query = query.where(AuditEvent.id < before)
    if by_others:
        query = query.where(AuditEvent.account_id.is_distinct_from(tx.access.account_id))
    if by:
        query = query.where(AuditEvent.account_id == by)
    if actions:
        query = query.where(AuditEvent.action.in_(actions))
    return list(await tx.session.scalars(query.order_by(AuditEvent.id.desc()).limit(limit)))


async def _change(tx: Tx, row: AuditEvent) -> Change:
    before = None
    if row.sealed is not None:
        before = orjson.loads(await tx.open(row.person_id, AuditEvent.__tablename__, row.id, row.sealed))
    return Change(row.request_id, row.at, row.account_id, row.action, row.version or 1, before)


async def _write_looks(tx: Tx) -> None:
    for (person_id, action), subjects in tx.info.pop(_LOOKED).items():
        await _add(tx, person_id, action, sorted(subjects), id=new_id())


_ADD = Statement(insert(AuditEvent).values({c.name: bindparam(c.name) for c in AuditEvent.__table__.columns}))


async def _add(
    tx: Tx,
    person_id: UUID,
    action: str,
    subjects: list[str],
    *,
    id: UUID,
    subject_id: UUID | None = None,
    version: int | None = None,
    sealed: bytes | None = None,
) -> None:
    await _ADD.run(
        tx,
        person_id=person_id,
        id=id,
        account_id=tx.access.account_id,
        request_id=tx.origin.request_id,
        action=action,
        purpose=tx.access.why(person_id),
        subjects=subjects,
        subject_id=subject_id,
        version=version,
        address=tx.origin.address,
        sealed=sealed,
    )
