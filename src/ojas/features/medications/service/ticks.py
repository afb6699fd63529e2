"""What happens by itself: a dose comes due, and is said until somebody answers.

Each batch is one transaction, for nothing leaves the house in it: what is said is handed over by notifications. A worker that
dies has done nothing, and its batch is due again at once.
"""

from datetime import datetime
from uuid import UUID

from ojas.features.identity import service as identity
from ojas.features.medications import models, queries
from ojas.features.medications.rules.insisting import CRITICAL, USUAL
from ojas.features.medications.rules.words import Status
from ojas.features.medications.schemas import Medicine
from ojas.features.medications.service.content import Content
from ojas.features.medications.service.medicines import AREA, MEDICINES, SCOPE, come, see
from ojas.features.medications.service.say import DOSE, UNANSWERED
from ojas.features.notifications import service as notifications
from ojas.features.notifications.rules import Audience, Call, call, due_calls
from ojas.features.sharing import service as sharing
from ojas.kit import clock
from ojas.kit.db import Access, Tx
from ojas.kit.jobs import Context, tick, wake

_BATCH = 100


@tick("medications.remind")
async def REMIND(context: Context) -> bool:  # noqa: N802  # a tick, once it is declared
    """Say one batch of what nobody has answered yet."""
    now = clock.now()
    async with context.database.transaction(Access.system(AREA)) as tx:
        claimed = await queries.claim_calls(tx, now, _BATCH)
        if not claimed:
            return False
        persons = frozenset(row.person_id for row in claimed)
        await see(tx, persons)
        for row in claimed:
            await _call(tx, row, now)
    return True


@tick("medications.due")
async def DUE(context: Context) -> bool:  # noqa: N802
    """Make rows of one batch of what is due."""
    now = clock.now()
    async with context.database.transaction(Access.system(AREA)) as tx:
        claimed = await queries.claim_due(tx, now, _BATCH)
        if not claimed:
            return False
        await see(tx, frozenset(row.person_id for row in claimed))
        for row in claimed:
            await come(tx, row, now)
        await wake(tx, REMIND)
    return True


async def _call(tx: Tx, row: models.Dose, now: datetime) -> None:
    """Say what is due of one dose, and when it is to be said next."""
    kept = await queries.medicine(tx, row.person_id, row.medicine_id)
    if kept is None or kept.status != Status.ACTIVE:
        row.call_at = None
        return
    medicine = await MEDICINES.shown(tx, kept)
    ladder = CRITICAL if medicine.critical else USUAL
    for due in due_calls(ladder, row.begun_at, row.said, now):
        if due.step.to is Audience.CAREGIVERS or now < row.closes_at:
            await _tell(tx, row, medicine, due)
        row.said = due.number + 1
    following = call(ladder, row.begun_at, row.said)
    row.call_at = following.at if following else None
    await tx.session.flush()


async def _tell(tx: Tx, row: models.Dose, medicine: Medicine, due: Call) -> None:
    """One call, to each who is to hear it. A reminder ends with its dose; that nobody answered stays worth knowing."""
    caring = due.step.to is Audience.CAREGIVERS
    readers = await (_caregivers if caring else _takers)(tx, row.person_id)
    content = await Content.of(tx, row)
    names = await identity.names(tx, [row.person_id]) if caring else {}
    params = {
        "dose": str(row.id),
        "medicine": medicine.name,
        "amount": content.planned and {"value": str(content.planned.value), "unit": content.planned.unit},
        "at": row.at.isoformat(),
        "person": str(row.person_id),
        "name": names.get(row.person_id),
    }
    saying = {"notifications": frozenset({row.person_id})}
    async with tx.acting(tx.access.joined(Access(may_read=saying, may_write=saying))):
        for reader in readers:
            await notifications.notify(
                tx,
                row.person_id,
                UNANSWERED if caring else DOSE,
                to=reader,
                urgency=due.step.urgency,
                key=f"{row.id}:{row.begun_at.isoformat()}:{due.number}",
                params=params,
                also=due.step.also,
                expires_at=None if caring else row.closes_at,
            )


async def _takers(tx: Tx, person_id: UUID) -> list[UUID]:
    """The person's own account; of somebody without one, those who keep their record."""
    own = await identity.account_of(tx, person_id)
    found = [own] if own else await sharing.who_cares(tx, person_id, SCOPE, keepers=True)
    return list(await identity.recipients(tx, found))


async def _caregivers(tx: Tx, person_id: UUID) -> list[UUID]:
    return list(await identity.recipients(tx, await sharing.who_cares(tx, person_id, SCOPE)))
