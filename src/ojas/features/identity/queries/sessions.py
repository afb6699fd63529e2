"""Sessions, their refresh tokens, and known devices."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, ScalarSelect, Select, bindparam, delete, func, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from ojas.features.identity.models import Account, Device, RefreshToken, RoleGiven, Session
from ojas.features.identity.rules import Kind, Life
from ojas.kit import clock
from ojas.kit.db import Statement, Tx


@dataclass(frozen=True, slots=True)
class Live:
    """A session that may act, with its account."""

    session: Session
    account: Account
    roles: frozenset[str]


@dataclass(frozen=True, slots=True)
class Present:
    """What a request needs to know of the session it came by, and of its account."""

    account_id: UUID
    id: UUID
    person_id: UUID
    kind: str
    address: str | None
    used_at: datetime
    proved_at: datetime
    preferences: dict[str, Any]
    roles: frozenset[str]


def _roles() -> ScalarSelect[Sequence[str]]:
    return (
        select(func.array_agg(RoleGiven.role))
        .where(RoleGiven.account_id == Session.account_id)
        .correlate(Session)
        .scalar_subquery()
    )


def _lives(now: ColumnElement[datetime]) -> ColumnElement[bool]:
    """Whether a session, joined with its account, may act."""
    return (
        Session.ended_at.is_(None)
        & (Session.idle_until > now)
        & (Session.expires_at > now)
        & Account.disabled_at.is_(None)
    )


_NOW = bindparam("now", type_=Session.expires_at.type)
_BY_ID = (Session.account_id == bindparam("account_id")) & (Session.id == bindparam("session_id"))
_BY_DIGEST = Session.digest == bindparam("digest")


def _present(which: ColumnElement[bool]) -> Select[Any]:
    """One statement: it runs on every request."""
    return (
        select(
            Session.account_id,
            Session.id,
            Account.person_id,
            Session.kind,
            func.host(Session.address).label("address"),
            Session.used_at,
            Session.proved_at,
            Account.preferences,
            _roles().label("roles"),
        )
        .join(Account, Account.id == Session.account_id)
        .where(which, _lives(_NOW))
    )


_PRESENT_BY_ID, _PRESENT_BY_DIGEST = Statement(_present(_BY_ID)), Statement(_present(_BY_DIGEST))


async def present_by_id(tx: Tx, account_id: UUID, session_id: UUID) -> Present | None:
    """The session of an access token, if it may act."""
    row = await _PRESENT_BY_ID.first(tx, account_id=account_id, session_id=session_id, now=clock.now())
    return _of_row(row)


async def present_by_digest(tx: Tx, digest: bytes) -> Present | None:
    """The session of a cookie, if it may act."""
    return _of_row(await _PRESENT_BY_DIGEST.first(tx, digest=digest, now=clock.now()))


def _of_row(row: Any | None) -> Present | None:
    return Present(**row._asdict() | {"roles": frozenset(row.roles or ())}) if row else None


async def live_by_id(tx: Tx, account_id: UUID, session_id: UUID) -> Live | None:
    """A session that may act, to be changed."""
    row = (
        await tx.session.execute(
            select(Session, Account, _roles())
            .join(Account, Account.id == Session.account_id)
            .where(_BY_ID, _lives(_NOW)),
            {"account_id": account_id, "session_id": session_id, "now": clock.now()},
        )
    ).first()
    return Live(row[0], row[1], frozenset(row[2] or ())) if row else None


async def touch(tx: Tx, session: Session | Present, idle: timedelta, address: str | None) -> None:
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
