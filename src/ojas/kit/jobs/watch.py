"""Whether anybody looks for what is due: a reminder that nobody makes is missed by nobody either.

A worker may be dead, or shut off, or hang in one look while its other half lives. So each tick's last look stands in the
database, where the web process, which lives on, and ``ojas doctor`` read it.
"""

import asyncio
import contextlib
from collections.abc import Mapping
from datetime import datetime

import psycopg
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from ojas.kit.db import Tx
from ojas.kit.jobs.queue import Context

STILL_S = 60
"""A tick that has not looked for so long stands still: each looks every second, and a restart takes a few."""

_EVERY_S = 10
_FIRST_S = 2  # each has looked once by then


async def tell(context: Context, looked: Mapping[str, float]) -> None:
    """Write down, until cancelled, when each tick looked last: ``looked``, by the clock of the event loop."""
    await asyncio.sleep(_FIRST_S)
    while True:
        # Where the database is away nobody could read it either.
        with contextlib.suppress(psycopg.Error, SQLAlchemyError):
            async with context.database.transaction() as tx:
                await _write(tx, looked)
        await asyncio.sleep(_EVERY_S)


async def _write(tx: Tx, looked: Mapping[str, float]) -> None:
    now = asyncio.get_running_loop().time()
    names, ages = [*looked], [now - at for at in looked.values()]
    # One that an older version had is missed by nobody.
    await tx.session.execute(text("DELETE FROM ticks WHERE name <> ALL (:names)"), {"names": names})
    await tx.session.execute(
        text(
            "INSERT INTO ticks SELECT name, now() - age * interval '1 second'"
            " FROM unnest(CAST(:names AS text[]), CAST(:ages AS float8[])) AS told (name, age)"
            " ON CONFLICT (name) DO UPDATE SET looked_at = greatest(ticks.looked_at, excluded.looked_at)"
        ),
        {"names": names, "ages": ages},
    )


async def still_since(tx: Tx) -> datetime | None:
    """Since when some tick has not looked; None where all look. Of a house in which none ever looked nothing is known."""
    found: datetime | None = await tx.session.scalar(
        text("SELECT min(looked_at) FROM ticks WHERE looked_at < now() - :still * interval '1 second'"),
        {"still": STILL_S},
    )
    return found
