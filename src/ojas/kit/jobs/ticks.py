"""Work that nobody defers: a tick looks by itself for rows that are due, claims a batch, and looks again.

A reminder at its minute, a delivery to try once more: a job for each would be written to a queue, read, and deleted, some
hundreds a second (decision 0002). A due row is claimed where it lies, thousands a second, and what is not due costs nothing.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Collection, Iterable
from dataclasses import dataclass
from typing import TypeVar

import psycopg
import structlog
from psycopg import sql

from ojas.kit.db import Personal, Tx
from ojas.kit.jobs import watch
from ojas.kit.jobs.queue import Context

_LOG = structlog.get_logger("ojas.ticks")

_PAUSE_S = 5  # after a failure: the database may be away, and a loop must not hammer it
_CHANNEL = "ojas_ticks"

Look = Callable[[Context], Awaitable[bool]]
Row = TypeVar("Row", bound=Personal)

TICKS: dict[str, "Tick"] = {}
"""Every tick by name, filled as features are imported."""


@dataclass(frozen=True, slots=True)
class Tick:
    """``look(context)`` handles one batch of what is due, in transactions of its own, and says whether more may be.

    Several workers look at once: each claims rows with SKIP LOCKED, and a claim ends by itself when its worker dies.
    """

    name: str
    look: Look
    every: float
    """Seconds between looks that found nothing."""


def tick(name: str, *, every: float = 1.0) -> Callable[[Look], Tick]:
    """Declare a tick."""

    def declare(look: Look) -> Tick:
        if name in TICKS:
            raise ValueError(f"two ticks are called {name}")
        TICKS[name] = Tick(name, look, every)
        return TICKS[name]

    return declare


async def wake(tx: Tx, tick: Tick) -> None:
    """Let the workers look as soon as this transaction has committed, not only when their pause is over."""
    connection = await tx.connection()
    await connection.execute("SELECT pg_notify(%s, %s)", (_CHANNEL, tick.name))


def bell(tick: Tick) -> tuple[str, str]:
    """What wakes a tick, as channel and payload: for a statement that rings along with what it writes."""
    return _CHANNEL, tick.name


async def each_apart(tx: Tx, rows: Iterable[Row], act: Callable[[Row], Awaitable[None]]) -> list[Row]:
    """Act on each claimed row in a savepoint of its own, so that what goes wrong with one holds up no other.

    Returns:
        Those with which it went wrong, as the database has them: who claims them says when they are tried again.
    """
    failed = []
    for row in rows:
        try:
            async with tx.session.begin_nested():
                await act(row)
        except Exception as problem:
            what = type(row).__name__.lower()
            _LOG.warning("failed", row=what, id=str(row.id), error=type(problem).__name__, exc_info=problem)
            await tx.session.refresh(row)
            failed.append(row)
    return failed


async def beat(context: Context, ticks: Collection[Tick]) -> None:
    """Look, by each tick, until cancelled.

    They begin one after another: seven that look at the same instant need seven connections, 4 MB of memory each.
    """
    bells = {tick.name: asyncio.Event() for tick in ticks}
    looked = dict.fromkeys(bells, asyncio.get_running_loop().time())
    async with asyncio.TaskGroup() as group:
        group.create_task(_listen(context, bells))
        group.create_task(watch.tell(context, looked))
        for number, tick in enumerate(ticks):
            after = tick.every * number / len(ticks)
            group.create_task(_keep_looking(context, tick, bells[tick.name], looked, after))


async def catch_up(context: Context, ticks: Iterable[Tick]) -> None:
    """Look, by each tick, until nothing is due any more."""
    for tick in ticks:
        while await tick.look(context):
            pass


async def _keep_looking(
    context: Context, tick: Tick, bell: asyncio.Event, looked: dict[str, float], after: float
) -> None:
    await asyncio.sleep(after)
    while True:
        bell.clear()
        try:
            more = await tick.look(context)
        except Exception as problem:
            # The type alone: a message may quote what a person wrote.
            _LOG.warning("failed", tick=tick.name, error=type(problem).__name__, exc_info=problem)
            await asyncio.sleep(_PAUSE_S)
            continue
        looked[tick.name] = asyncio.get_running_loop().time()
        if not more:
            # Not wait_for: of Python 3.11 it loses a cancellation that comes with the bell, and the process would not end.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(tick.every):
                    await bell.wait()


async def _listen(context: Context, bells: dict[str, asyncio.Event]) -> None:
    while True:
        with contextlib.suppress(psycopg.OperationalError):  # without it the pauses still end by themselves
            async with await psycopg.AsyncConnection.connect(
                context.database.conninfo, autocommit=True
            ) as connection:
                await connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(_CHANNEL)))
                async for heard in connection.notifies():
                    if bell := bells.get(heard.payload):
                        bell.set()
        await asyncio.sleep(_PAUSE_S)
