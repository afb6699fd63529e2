"""Who is told of an alarm, step by step, until somebody answers.

A batch is one transaction, for nothing leaves the house in it: what is said is handed over by notifications, under a key that
names alarm, beginning and step. A worker that dies has done nothing, and its batch is due again at once.
"""

from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from ojas.features.alarms import models, queries
from ojas.features.alarms.rules import LADDERS, Change, Severity, woken
from ojas.features.alarms.service.content import alarm_of, facts_of, note, write
from ojas.features.alarms.service.say import ALARM, UNANSWERED
from ojas.features.alarms.service.settings import SCOPE, settings_of
from ojas.features.identity import service as identity
from ojas.features.notifications import service as notifications
from ojas.features.notifications.rules import Audience, Call, call, due_calls
from ojas.features.sharing import service as sharing
from ojas.kit import clock
from ojas.kit.db import Access, Tx
from ojas.kit.jobs import Context, each_apart, tick

_BATCH = 50
_LATER = timedelta(minutes=1)
AREA = "alarms"


@tick("alarms.call")
async def CALL(context: Context) -> bool:  # noqa: N802  # a tick, once it is declared
    """Say one batch of what nobody has answered yet."""
    now = clock.now()
    async with context.database.transaction(Access.system(AREA)) as tx:
        claimed = await queries.claim_calls(tx, now, _BATCH)
        if not claimed:
            return False
        persons = frozenset(row.person_id for row in claimed)
        read = {SCOPE: persons, "profile": persons}
        await tx.become(Access(may_read=read, may_write={SCOPE: persons}, purpose="SYSADMIN", area=AREA))
        await tx.database.keyring.prepare(tx.session, persons)
        for row in await each_apart(tx, claimed, partial(_call, tx, now)):
            row.call_at = now + _LATER
    return True


async def _call(tx: Tx, now: datetime, row: models.Alarm) -> None:
    """Say what is due of one alarm, and when it is to be said next."""
    alarm, woke = woken(alarm_of(row), now)
    facts = await facts_of(tx, row)
    if woke:
        write(row, alarm)
        await note(tx, row.person_id, row.id, woke, row.severity, now, facts)
    ladder = LADDERS[Severity(row.severity)]
    caregivers, care_team = (await settings_of(tx, [row.person_id]))[row.person_id].tells(row.rule)
    asked = {Audience.PERSON: True, Audience.CAREGIVERS: caregivers, Audience.CARE_TEAM: care_team}
    for due in due_calls(ladder, row.begun_at, row.said, now):
        if asked[due.step.to]:
            await _tell(tx, row, due, facts, now)
        row.said = due.number + 1
    following = call(ladder, row.begun_at, row.said)
    row.call_at = following.at if following else None
    await tx.session.flush()


async def _tell(tx: Tx, row: models.Alarm, due: Call, facts: dict[str, object], now: datetime) -> None:
    """One call, to each who is to hear it; that each was told is a fact about the alarm."""
    readers = await _readers(tx, row.person_id, due.step.to)
    names = await identity.names(tx, [row.person_id])
    params = {
        "rule": row.rule,
        "severity": row.severity,
        "facts": facts,
        "since": row.begun_at.isoformat(),
        "person": str(row.person_id),
        "alarm": str(row.id),
        "name": names.get(row.person_id),
        "first": due.number == 0,
    }
    own = await identity.account_of(tx, row.person_id)
    for reader in readers:
        async with tx.acting(notifications.saying(tx, row.person_id)):
            message = await notifications.notify(
                tx,
                row.person_id,
                ALARM if reader == own else UNANSWERED,
                to=reader,
                urgency=due.step.urgency,
                key=f"{row.id}:{row.begun_at.isoformat()}:{due.number}",
                params=params,
                also=due.step.also,
            )
        told = {"message": str(message), "account": str(reader), "to": due.step.to.value}
        await note(tx, row.person_id, row.id, Change.TOLD, row.severity, now, told)


async def _readers(tx: Tx, person_id: UUID, to: Audience) -> list[UUID]:
    """Open accounts."""
    if to is Audience.PERSON:
        found = await sharing.who_keeps(tx, person_id, SCOPE)
    elif to is Audience.CAREGIVERS:
        found = await sharing.who_cares(tx, person_id, SCOPE)
    else:
        found = await sharing.who_treats(tx, person_id, SCOPE)
    return list(await identity.recipients(tx, found))
