"""Counting tries at a door worth guessing at: one statement, right across processes."""

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import case
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from ojas.kit import clock
from ojas.kit.db import Base, Database, Tx
from ojas.kit.errors import TooMany


class Tries(Base):
    """How many tries a key has made in its present window. The key is hashed: it may hold an address or a name."""

    __tablename__ = "tries"

    key: Mapped[bytes] = mapped_column(primary_key=True)
    until: Mapped[datetime]
    count: Mapped[int]


async def spend(database: Database, key: str, *, allowed: int, within: timedelta) -> None:
    """Count one try, in a transaction of its own, so that it counts even when what follows is rolled back.

    Not within a request that holds a connection already: a hundred that each wait for a second one wait for each other.

    Raises:
        TooMany: more than ``allowed`` since the window began.
    """
    async with database.transaction() as tx:
        refusal = await _counted(tx, key, allowed, within)
    if refusal:
        raise refusal


async def count(tx: Tx, key: str, *, allowed: int, within: timedelta) -> None:
    """Count something that is done, with the transaction that does it; two at once count one after the other.

    Raises:
        TooMany: more than ``allowed`` since the window began.
    """
    if refusal := await _counted(tx, key, allowed, within):
        raise refusal


async def _counted(tx: Tx, key: str, allowed: int, within: timedelta) -> TooMany | None:
    now = clock.now()
    over = Tries.until <= now  # the window has passed: begin another
    statement = (
        insert(Tries)
        .values(key=hashlib.sha256(key.encode()).digest(), until=now + within, count=1)
        .on_conflict_do_update(
            index_elements=[Tries.key],
            set_={
                "count": case((over, 1), else_=Tries.count + 1),
                "until": case((over, now + within), else_=Tries.until),
            },
        )
        .returning(Tries.count, Tries.until)
    )
    found, until = (await tx.session.execute(statement)).one()
    if found <= allowed:
        return None
    seconds = max(1, round((until - now).total_seconds()))
    return TooMany("Too many tries. Try again in {seconds} seconds.", retry_after=seconds, seconds=seconds)
