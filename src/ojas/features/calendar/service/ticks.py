"""What happens by itself: what is planned is reminded of.

An event's row is its own due row: ``call_at`` is its next reminder. Each batch is one transaction, for nothing leaves the
house in it, and the same reminder said twice is one message.
"""

from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from ojas.features.calendar import models, queries
from ojas.features.calendar.rules.reminding import LATE, Call, due, following
from ojas.features.calendar.schemas import Event
from ojas.features.calendar.service.calendars import SCOPE
from ojas.features.calendar.service.events import EVENTS, new_row, silenced
from ojas.features.calendar.service.looking import shown
from ojas.features.calendar.service.say import APPOINTMENT, EVENT
from ojas.features.identity import service as identity
from ojas.features.notifications import service as notifications
from ojas.features.notifications.rules import Urgency
from ojas.features.sharing import service as sharing
from ojas.kit import clock
from ojas.kit.db import Access, Tx, readable
from ojas.kit.i18n.zones import zone_of
from ojas.kit.jobs import Context, each_apart, tick

AREA = "calendar"
_BATCH = 50
_AGAIN = timedelta(minutes=1)
"""After so long what could not be said is tried again; the later it is, the longer that is."""


@tick("calendar.remind")
async def REMIND(context: Context) -> bool:  # noqa: N802  # a tick, once it is declared
    """Say one batch of the reminders that are due."""
    async with context.database.transaction(Access.system(AREA)) as tx:
        claimed = await queries.claim(tx, clock.now(), _BATCH)
        if not claimed:
            return False
        persons = frozenset(row.person_id for row in claimed)
        may = dict.fromkeys((SCOPE, "owner", "notifications"), persons)
        await tx.become(Access(may_read=may, may_write=may, purpose="SYSADMIN", area=AREA))
        await tx.database.keyring.prepare(tx.session, persons)
        for row in await each_apart(tx, claimed, partial(_remind, tx)):
            row.look_at = _later(row.call_at, clock.now())
    return True


def _later(since: datetime | None, now: datetime) -> datetime:
    """What could not be said stays due, for a call later would lose it, but makes room for others."""
    return now + max(_AGAIN, (now - since) / 8 if since else _AGAIN)


async def _remind(tx: Tx, row: models.Event) -> None:
    """Say what is due of one event, and when it is next to be reminded of; never of one that cannot be read any more."""
    now, since = clock.now(), row.call_at
    assert since is not None
    event = await readable(EVENTS.shown(tx, row), planned=str(row.id))
    if event is None:
        row.call_at = None
        return
    series, viewer = event.series, zone_of(row.clocks)
    silent = await silenced(tx, row.person_id, row.id)
    calls = list(due(series, viewer, event.reminders, since, now, silent))
    row.call_at = following(series, viewer, event.reminders, now, silent)
    await tx.session.flush()
    if calls:
        readers = list(await identity.recipients(tx, await sharing.who_keeps(tx, row.person_id, SCOPE)))
        whose = (await sharing.names_kept(tx, [row.person_id])).get(row.person_id)
        for call in calls:
            await _say(tx, event, call, readers, whose)


async def _say(tx: Tx, event: Event, call: Call, readers: list[UUID], whose: str | None) -> None:
    one = shown(event, event.series, call.occurrence, None)
    care = event.care
    params = {
        "person": str(event.person_id),
        "whose": whose,
        "event": str(event.id),
        "key": one.key,
        "title": one.title,
        "begins": one.begins.isoformat(),
        "start": one.start.isoformat(),
        "all_day": one.all_day,
        "place": one.place or (care.clinic if care else None),
        "with": care.provider if care else None,
        "preparation": care.preparation if care else None,
    }
    said = [
        await notifications.notify(
            tx,
            event.person_id,
            APPOINTMENT if care else EVENT,
            to=reader,
            urgency=Urgency.HIGH if care else Urgency.MEDIUM,
            key=f"{event.id}:{call.begins.isoformat()}:{call.minutes}",
            params=params,
            expires_at=call.begins + LATE,
        )
        for reader in readers
    ]
    row = new_row(event.person_id, event.id, one.key, event.privacy)
    await queries.said(tx, row, said, clock.now())
