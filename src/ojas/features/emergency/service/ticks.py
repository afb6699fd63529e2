"""What happens by itself: the next contacts are told, until somebody comes.

A call is one transaction, for nothing leaves the house in it: what is said is handed over by notifications. A worker that dies
has told nobody, and its call is due at once.
"""

from collections.abc import Iterable, Set
from datetime import datetime, timedelta
from functools import partial

from ojas.features.emergency import models, queries
from ojas.features.emergency.rules import calling
from ojas.features.emergency.rules.terms import Method, Outcome
from ojas.features.emergency.service import telling
from ojas.features.emergency.service.closing import close
from ojas.features.emergency.service.content import AlertContent, HelperContent
from ojas.features.emergency.service.helpers import of_helpers
from ojas.features.emergency.service.news import call_helper, params_of
from ojas.kit import clock
from ojas.kit.db import Access, Tx
from ojas.kit.jobs import Context, each_apart, tick

AREA = "emergency"
_LATER = timedelta(seconds=15)


@tick("emergency.call")
async def CALL(context: Context) -> bool:  # noqa: N802  # a tick, once it is declared
    """Tell whoever is to be told of one call. What goes wrong in it is tried again soon, and holds up no other."""
    now = clock.now()
    async with context.database.transaction(Access.system(AREA)) as tx:
        row = await queries.claim(tx, now)
        if row is None:
            return False
        await tx.become(Access.of(row.person_id, purpose="BTG"))
        for failed in await each_apart(tx, [row], partial(call, tx, now, telling.absent(context.settings))):
            failed.call_at = now + _LATER
    return True


async def call(tx: Tx, now: datetime, absent: Set[Method], row: models.Alert) -> None:
    """Tell those of one call whose turn it is, and say when the next turn is. A test is over after a while.

    Where no way of this house leads to any of those who were asked, the next are not kept waiting for them.
    """
    if row.test and now >= row.pressed_at + calling.STALE:
        await close(tx, row, Outcome.LAPSED, None, now)
        return
    rows = {helper.id: helper for helper in await queries.helpers(tx, row.person_id, [row.id])}
    due = calling.due(of_helpers(list(rows.values())), row.begun_at, row.said, now, once=row.test)
    if due is not None:
        params = await params_of(tx, row, await AlertContent.of(tx, row))
        for helper in due.helpers:
            await call_helper(tx, row, rows[helper.id], params, due.number)
        row.said = due.number + 1
        if not await _heard(tx, rows.values(), absent):
            row.begun_at = calling.begun_for(of_helpers(list(rows.values())), row.said, now, once=row.test)
    following = calling.next_at(of_helpers(list(rows.values())), row.begun_at, row.said, once=row.test)
    row.call_at = calling.look_at(following, row.pressed_at, test=row.test)
    await tx.session.flush()


async def _heard(tx: Tx, rows: Iterable[models.Helper], absent: Set[Method]) -> bool:
    """Whether somebody was asked by a way that this house has, or all were asked."""
    asked = [row for row in rows if row.told and row.answer is None]
    contacts = [(await HelperContent.of(tx, row)).contact for row in asked]
    return all(row.told for row in rows) or any(contact.told_without(absent) for contact in contacts)
