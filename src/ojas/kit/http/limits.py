"""Counting tries, in one table that is right across processes: so many in a span, or ever longer waits after wrong ones."""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import case, delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from ojas.kit import clock
from ojas.kit.db import Base, Tx
from ojas.kit.errors import TooMany


class Tries(Base):
    """Tries at one thing. The key is hashed: it may hold an address or a name.

    ``at`` is the last of them, ``until`` the end of the span they are counted in, or of the wait before the next.
    """

    __tablename__ = "tries"

    key: Mapped[bytes] = mapped_column(primary_key=True)
    until: Mapped[datetime]
    count: Mapped[int]
    at: Mapped[datetime]


KEPT = timedelta(days=1)
"""No span is longer, and wrong tries are forgotten after so long without any."""


async def count(tx: Tx, key: str, *, allowed: int, within: timedelta) -> None:
    """Count something that is done, with the transaction that does it; two at once count one after the other.

    Raises:
        TooMany: more than ``allowed`` since the span began.
    """
    if refusal := await counted(tx, key, allowed=allowed, within=within):
        raise refusal


async def counted(tx: Tx, key: str, *, allowed: int, within: timedelta) -> TooMany | None:
    """``count``, for those who answer the refusal: raised, it would roll back what else was written."""
    now = clock.now()
    over = Tries.until <= now  # the span has passed: begin another
    found, until = (
        await tx.session.execute(
            _kept(
                hashed(key),
                count=(1, case((over, 1), else_=Tries.count + 1)),
                until=(now + within, case((over, now + within), else_=Tries.until)),
            ).returning(Tries.count, Tries.until)
        )
    ).one()
    return None if found <= allowed else too_many((until - now).total_seconds())


async def wait_of(tx: Tx, key: bytes) -> float:
    """Seconds until the next try at ``key`` may be made; 0 or less: now."""
    until = await tx.session.scalar(select(Tries.until).where(Tries.key == key))
    return (until - clock.now()).total_seconds() if until else 0.0


async def wrong(tx: Tx, key: bytes, *, forgotten: timedelta, delay: Callable[[int], timedelta]) -> None:
    """Count a wrong try, and make the next wait by ``delay`` of how many there were in a row.

    Reads, then writes: right where tries at the key come one at a time (``claim``), nearly so elsewhere.
    """
    now = clock.now()
    known = (await tx.session.execute(select(Tries.count, Tries.at).where(Tries.key == key))).one_or_none()
    number = 1 + (known[0] if known and now - known[1] < forgotten else 0)
    until = now + delay(number)
    await tx.session.execute(_kept(key, count=(number, number), until=(until, until)))


async def forgive(tx: Tx, key: bytes) -> None:
    """Forget the tries at ``key``."""
    await tx.session.execute(
        delete(Tries).where(Tries.key == key).execution_options(synchronize_session=False)
    )


async def claim(tx: Tx, key: bytes) -> bool:
    """Be the only one trying at ``key`` until the transaction ends; False where somebody else is."""
    number = int.from_bytes(key[:8], signed=True)
    return bool(await tx.session.scalar(select(func.pg_try_advisory_xact_lock(number))))


async def forget(tx: Tx) -> None:
    """Drop what counts for nothing any more."""
    now = clock.now()
    await tx.session.execute(delete(Tries).where(Tries.until < now, Tries.at < now - KEPT))


def hashed(key: str | bytes) -> bytes:
    return hashlib.sha256(key.encode() if isinstance(key, str) else key).digest()


def too_many(seconds: float) -> TooMany:
    whole = max(1, round(seconds))
    return TooMany("Too many tries. Try again in {seconds} seconds.", retry_after=whole, seconds=whole)


def _kept(key: bytes, *, count: tuple[int, Any], until: tuple[datetime, Any]) -> Any:
    """A row with the first of each pair; where there is one already, it gets the second."""
    now = clock.now()
    return (
        insert(Tries)
        .values(key=key, count=count[0], until=until[0], at=now)
        .on_conflict_do_update(
            index_elements=[Tries.key], set_={"count": count[1], "until": until[1], "at": now}
        )
        .execution_options(synchronize_session=False)
    )
