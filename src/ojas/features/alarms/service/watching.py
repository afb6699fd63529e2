"""Whom to look at: a row in the transaction of every write that may matter, and a tick that judges."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

import structlog

from ojas.features.alarms import queries
from ojas.features.alarms.service.calling import AREA, CALL
from ojas.features.alarms.service.judging import SORTS, judge, known
from ojas.features.alarms.service.settings import SCOPE
from ojas.kit import clock
from ojas.kit.db import Access, Tx
from ojas.kit.events import Heed
from ojas.kit.ids import new_id
from ojas.kit.jobs import Context, bell, tick, wake

_LOG = structlog.get_logger("ojas.alarms")

_BATCH = 50
_ASKED = "alarms.asked"
_LATER = timedelta(minutes=1)


async def ask(tx: Tx, person_id: UUID, /, sort: str, **_ids: object) -> None:
    """Have a person judged as soon as this transaction has committed: once, however much it writes."""
    asked = tx.info.setdefault(_ASKED, set())
    if (person_id, sort) not in asked:
        asked.add((person_id, sort))
        await queries.ask(tx, person_id, new_id(), clock.now(), sort, bell(LOOK))


def heed(sort: str) -> Heed:
    """What notes that there is news of this sort."""
    return partial(ask, sort=sort)


async def look_now(tx: Tx, person_id: UUID) -> None:
    """Judge a person here and now, in the caller's transaction: for who makes up a record and wants its alarms in it."""
    tx.access.require(SCOPE, person_id, write=True)
    now, persons = clock.now(), frozenset({person_id})
    await queries.one_at_a_time(tx, persons)
    await judge(tx, await known(tx, persons, now), person_id, SORTS)


@tick("alarms.look")
async def LOOK(context: Context) -> bool:  # noqa: N802  # a tick, once it is declared
    """Judge one batch of persons of whom something was written, or whose time has come."""
    claimed: list[UUID] = []
    try:
        return await _look(context, _BATCH, claimed)
    except Exception:
        if not claimed:
            raise
    return await _one_by_one(context)


async def _look(context: Context, most: int, claimed: list[UUID]) -> bool:
    """Whether there was anybody to look at. ``claimed`` gets to hold who it was, whatever is raised."""
    now = clock.now()
    async with context.database.transaction(Access.system(AREA)) as tx:
        sorts: dict[UUID, set[str]] = defaultdict(set)
        for person, sort in await queries.claim_looks(tx, now, most):
            sorts[person].add(sort)
        claimed += sorts
        if sorts and await _judge(tx, sorts, now):
            await wake(tx, CALL)
    return bool(claimed)


async def _one_by_one(context: Context) -> bool:
    """After a batch failed: whoever cannot be judged holds up nobody else, and is looked at again in a minute."""
    for _ in range(_BATCH):
        claimed: list[UUID] = []
        try:
            if not await _look(context, 1, claimed):
                return False
        except Exception as problem:
            if not claimed:
                raise
            _LOG.exception("unjudged", error=type(problem).__name__)
            async with context.database.transaction(Access.system(AREA)) as tx:
                await queries.put_off_looks(tx, claimed[0], clock.now() + _LATER)
    return True


async def _judge(tx: Tx, sorts: Mapping[UUID, set[str]], now: datetime) -> bool:
    """Judge each, and plan the next looks; whether anybody is to be told."""
    persons = frozenset(sorts)
    await see(tx, persons)
    await queries.one_at_a_time(tx, persons)
    ground = await known(tx, persons, now)
    call, plans = False, []
    for person, asked in sorts.items():
        whole = "time" in asked
        found = await judge(tx, ground, person, SORTS if whole else asked)
        call |= found.call
        plans.append((person, found.next_at, whole))
    await queries.plan_looks(tx, plans)
    return call


async def see(tx: Tx, persons: frozenset[UUID]) -> None:
    """Look at these persons with the eyes of the house."""
    read = dict.fromkeys((SCOPE, "measurements", "signals", "medications", "profile"), persons)
    await tx.become(Access(may_read=read, may_write={SCOPE: persons}, purpose="SYSADMIN", area=AREA))
    await tx.database.keyring.prepare(tx.session, persons)
