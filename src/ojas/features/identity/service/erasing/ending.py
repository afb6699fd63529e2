"""Doing it: in steps, each a transaction that says how far it is. Killed anywhere and run again, it ends whole."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import UUID

import structlog

from ojas.features.identity import queries
from ojas.features.identity.models import Erasure
from ojas.features.identity.queries import erasures
from ojas.features.identity.schemas import Receipt
from ojas.features.identity.service import ends
from ojas.features.identity.service.erasing import ledger
from ojas.features.identity.service.erasing.asking import refuse_last_admin
from ojas.features.identity.service.erasing.ground import FILES, KEYS, OUTSIDE, receipt_of, whole
from ojas.features.identity.service.erasing.letters import tell
from ojas.kit import audit, clock, jobs
from ojas.kit.db import Access, Tx
from ojas.kit.errors import Conflict
from ojas.kit.feature import Feature, erase_rows
from ojas.kit.jobs import Context
from ojas.kit.mail import post_of

SETTLED = timedelta(seconds=10)
"""What was under way in other processes is over by then, and the second look finds it. A request takes no longer."""
_LATE = timedelta(days=2)
_LOG = structlog.get_logger("ojas.erasing")


async def erase_due(context: Context) -> int:
    """Go on with everybody whose time has come. Answers how many have come to the end."""
    async with context.database.transaction(Access.system(OUTSIDE)) as tx:
        due = await erasures.due(tx, clock.now())
        late = await erasures.ended_since(tx, clock.now() - _LATE)
    for person_id in late:
        # A file whose upload began before and ended after: unreadable, and gone within two days.
        await context.objects.delete_all(str(person_id))
    done = 0
    for person_id in due:
        found = await advance(context, person_id)
        done += found is not None and found.state == "erased"
    return done


async def advance(context: Context, person_id: UUID, *, settled: timedelta = SETTLED) -> Receipt | None:
    """Take one person's erasure as far as it goes now; None where there is none. Run it again until the state is erased.

    First everything goes and the keys with it; once that has settled, a second look takes what was under way meanwhile, the
    last letter leaves, and the end is noted. A step done twice changes nothing.
    """
    row = await _row(context, person_id)
    if row is None or row.ended_at or row.due_at > clock.now():
        return receipt_of(row) if row else None
    if not row.begun_at and not await _begin(context, person_id):
        return receipt_of(row)
    if not row.erased_at:
        if await _everything(context, person_id):
            await _destroy(context, person_id)
    elif row.erased_at <= clock.now() - settled and await _everything(context, person_id):
        await _end(context, row)
    found = await _row(context, person_id)
    return receipt_of(found) if found else None


async def _begin(context: Context, person_id: UUID) -> bool:
    """Let nobody in any more. From here on it cannot be undone."""
    async with context.database.transaction(Access.system(OUTSIDE)) as tx, tx.acting(whole(tx, person_id)):
        row = await erasures.standing(tx, person_id, lock=True)
        if row is None:
            return False
        try:
            await refuse_last_admin(tx, row.account_id)
            for feature in context.features:
                if feature.close:
                    await feature.close(tx, person_id)
        except Conflict:
            # Meanwhile somebody else's record, or the house, came to depend on this account. It waits until that is settled.
            _LOG.warning("held", erasure=str(row.id))
            return False
        account = await queries.accounts.by_id(tx, row.account_id) if row.account_id else None
        if account:
            account.disabled_at = account.disabled_at or clock.now()
            await ends.end_all(tx, account.id, "erased")
        row.begun_at = row.begun_at or clock.now()
    return True


async def _everything(context: Context, person_id: UUID) -> bool:
    """Queue, rows and files; False while a job is still at work on them."""
    async with context.database.transaction() as tx:
        if await jobs.drop(tx, person_id):
            return False
    for feature in _in_order(context.features):
        async with _step(context, person_id) as (tx, row):
            _count(row, feature.name, await erase_rows(feature, tx, person_id))
            if feature.name == "identity" and row.account_id:
                async with tx.acting(Access(account_id=row.account_id)):
                    await erasures.forget_answers(tx, row.account_id)
    found = len(await context.objects.names(str(person_id)))
    async with _step(context, person_id) as (_tx, row):
        # Before they go: killed between, they would be gone and not counted.
        row.counts = row.counts | {FILES: max(row.counts.get(FILES, 0), found)}
    await context.objects.delete_all(str(person_id))
    return True


def _in_order(features: Iterable[Feature]) -> list[Feature]:
    """Doors are shut first; who it was is forgotten last, for the others ask it."""
    return sorted(features, key=lambda f: (f.name == "identity", f.close is None))


async def _destroy(context: Context, person_id: UUID) -> None:
    async with _step(context, person_id) as (tx, row):
        _count(row, KEYS, await context.database.keyring.destroy(tx.session, person_id))
        row.erased_at = clock.now()


async def _end(context: Context, row: Erasure) -> None:
    ledger.note(context.settings.home, row.person_id, row.id)
    await tell(context.database, post_of(context.settings), erasure_id=row.id, news="ended")
    async with _step(context, row.person_id) as (tx, found):
        await context.database.keyring.destroy(tx.session, row.person_id)
        await erasures.forget_undone(tx, row.person_id)
        found.letter = found.account_id = found.asked_by = None
        found.ended_at = clock.now()
        await audit.changed(tx, "erase", row.person_id, "erasure.ended", row.id)
    _LOG.info("ended", erasure=str(row.id))


@asynccontextmanager
async def _step(context: Context, person_id: UUID) -> AsyncIterator[tuple[Tx, Erasure]]:
    """A transaction with everything of the person, and the erasure's row, locked: two workers go one after the other."""
    async with context.database.transaction(Access.system(OUTSIDE)) as tx:
        await tx.become(whole(tx, person_id))
        row = await erasures.standing(tx, person_id, lock=True)
        assert row is not None
        yield tx, row


async def _row(context: Context, person_id: UUID) -> Erasure | None:
    async with context.database.transaction(Access.system(OUTSIDE)) as tx:
        return await erasures.standing(tx, person_id)


def _count(row: Erasure, name: str, n: int) -> None:
    row.counts = row.counts | {name: row.counts.get(name, 0) + n}
