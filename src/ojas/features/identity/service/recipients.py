"""To whom what Ojas says goes, and how it is said to them."""

from collections.abc import Collection
from uuid import UUID

from ojas.features.identity.queries import accounts as queries
from ojas.features.identity.schemas import Preferences, Recipient
from ojas.features.identity.service.accounts import account_of
from ojas.features.identity.service.ground import at_the_door
from ojas.kit.db import Access, Tx


async def recipients(tx: Tx, account_ids: Collection[UUID]) -> dict[UUID, Recipient]:
    """Accounts that are open, with what is needed to reach them. For the house itself: no caller's access is asked.

    An address that was never proved to be theirs is left out: a message may say what is nobody else's business.
    """
    async with tx.acting(at_the_door(tx)):
        rows = await queries.to_reach(tx, account_ids)
    persons = frozenset(row.person_id for row in rows)
    seen = Access(may_read={"profile": persons}, may_write={"profile": persons})
    found = {}
    async with tx.acting(tx.access.joined(seen)):
        await tx.database.keyring.prepare(tx.session, persons)
        for row in rows:
            email = (await tx.open(row.person_id, "accounts", row.id, row.sealed)).decode()
            found[row.id] = Recipient(
                account_id=row.id,
                person_id=row.person_id,
                email=email if row.verified_at else None,
                manner=Preferences.model_validate(row.preferences, strict=False).manner,
            )
    return found


async def clocks_of(tx: Tx, person_id: UUID) -> str | None:
    """By which clocks a person lives: those of their own account; None where they have none that is open."""
    account = await account_of(tx, person_id)
    found = await recipients(tx, [account]) if account else {}
    return found[account].manner.zone if account in found else None
