"""Sessions, their refresh tokens, and known devices."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from ojas.features.identity.models import Account, Device, RefreshToken, RoleGiven, Session
from ojas.features.identity.rules import Kind, Life
from ojas.kit import clock
from ojas.kit.db import Tx


@dataclass(frozen=True, slots=True)
class Live:
    """A session that may act, with its account."""

    session: Session
    account: Account
    roles: frozenset[str]


async def live_by_digest(tx: Tx, digest: bytes) -> Live | None:
    return await _live(tx, Session.digest == digest)


async def live_by_id(tx: Tx, account_id: UUID, session_id: UUID) -> Live | None:
    return await _live(tx, (Session.account_id == account_id) & (Session.id == session_id))


async def _live(tx: Tx, which: ColumnElement[bool]) -> Live | None:
    """One statement: it runs on every request."""
    now = clock.now()
    roles = (
        select(func.array_agg(RoleGiven.role))
        .where(RoleGiven.account_id == Session.account_id)
        .correlate(Session)
        .scalar_subquery()
    )
    row = (
        await tx.session.execute(
            select(Session, Account, roles)
            .join(Account, Account.id == Session.account_id)
            .where(
                which,
                Session.ended_at.is_(None),
                Session.idle_until > now,
                Session.expires_at > now,
                Account.disabled_at.is_(None),
            )
        )
    ).first()
    return Live(row[0], row[1], frozenset(row[2] or ())) if row else None


async def touch(tx: Tx, session: Session, idle: timedelta, address: str | None) -> None:
    """Note that a session was used. Never waits: where another request notes the same, this one need not."""
    now = clock.now()
    mine = (Session.account_id == session.account_id) & (Session.id == session.id)
    free = select(Session.account_id, Session.id).where(mine).with_for_update(skip_locked=True)
    await tx.session.execute(
        update(Session)
        .where(tuple_(Session.account_id, Session.id).in_(free))
        .values(used_at=now, idle_until=func.least(now + idle, Session.expires_at), address=address)
        .execution_options(synchronize_session=False)
    )


async def living(tx: Tx, account_id: UUID) -> Sequence[Session]:
    now = clock.now()
    return (
        await tx.session.scalars(
            select(Session)
            .where(
                Session.account_id == account_id,
                Session.ended_at.is_(None),
                Session.idle_until > now,
                Session.expires_at > now,
            )
            .order_by(Session.used_at.desc())
        )
    ).all()


async def end(tx: Tx, account_id: UUID, session_id: UUID, why: str) -> bool:
    """End one session. Answers whether it was living."""
    ended = await tx.session.execute(
        update(Session)
        .where(Session.account_id == account_id, Session.id == session_id, Session.ended_at.is_(None))
        .values(ended_at=clock.now(), ended_why=why)
        .returning(Session.id)
    )
    return ended.first() is not None


async def shorten(tx: Tx, account_id: UUID, life: Life) -> None:
    """Let no remembered browser of the account stay signed in for longer than ``life`` from when it came in."""
    now = clock.now()
    await tx.session.execute(
        update(Session)
        .where(Session.account_id == account_id, Session.kind == Kind.REMEMBERED, Session.ended_at.is_(None))
        .values(
            expires_at=func.least(Session.expires_at, Session.created_at + life.whole),
            idle_until=func.least(Session.idle_until, now + life.idle, Session.created_at + life.whole),
        )
        .execution_options(synchronize_session=False)
    )


async def end_all(tx: Tx, account_id: UUID, why: str, *, but: UUID | None = None) -> None:
    statement = update(Session).where(Session.account_id == account_id, Session.ended_at.is_(None))
    if but is not None:
        statement = statement.where(Session.id != but)
    await tx.session.execute(statement.values(ended_at=clock.now(), ended_why=why))


async def refresh_token(tx: Tx, digest: bytes) -> RefreshToken | None:
    """Locked: of two uses at once, the second sees the first."""
    return await tx.session.scalar(
        select(RefreshToken).where(RefreshToken.digest == digest).with_for_update()
    )


async def know_device(tx: Tx, account_id: UUID, digest: bytes) -> None:
    now = clock.now()
    await tx.session.execute(
        insert(Device)
        .values(account_id=account_id, digest=digest, created_at=now, used_at=now)
        .on_conflict_do_update(index_elements=[Device.account_id, Device.digest], set_={"used_at": now})
    )


async def knows_device(tx: Tx, account_id: UUID, digest: bytes) -> bool:
    found = await tx.session.scalar(
        select(Device.digest).where(Device.account_id == account_id, Device.digest == digest)
    )
    return found is not None


async def forget_devices(tx: Tx, account_id: UUID) -> None:
    await tx.session.execute(delete(Device).where(Device.account_id == account_id))


async def sweep(tx: Tx, before: datetime) -> None:
    """Drop what nobody asks about any more."""
    over = func.least(
        Session.idle_until, Session.expires_at, func.coalesce(Session.ended_at, Session.expires_at)
    )
    await tx.session.execute(delete(Session).where(over < before))
    await tx.session.execute(delete(Device).where(Device.used_at < before))
