"""A record that waits to be erased is shut to others, and what its person held of others ends with them."""

from uuid import UUID

from ojas.features.identity import service as identity
from ojas.features.sharing import queries, rules
from ojas.features.sharing.service import leaving
from ojas.features.sharing.service.ending import end, end_ungiven
from ojas.kit import clock
from ojas.kit.db import Access, Tx
from ojas.kit.errors import Conflict
from ojas.kit.i18n import N_

_AREA = "invitations"
_LAST = N_(
    "You are the last who keeps somebody else's record. Let another person keep it too, or have it erased first."
)


async def close(tx: Tx, person_id: UUID) -> None:
    """Shut the record to everybody it is shared with or offered to; those who keep it for somebody without an account stay.

    Raises:
        Conflict: the person is the last who keeps somebody else's record.
    """
    account_id = await identity.account_of(tx, person_id)
    if account_id:
        await _refuse_orphaning(tx, account_id)
    await queries.close(tx, person_id, but_keepers=account_id is None)


async def reopen(tx: Tx, person_id: UUID) -> None:
    """Open it again to those it was open to; what somebody gave whose right to give it ended meanwhile is over."""
    await queries.reopen(tx, person_id)
    await end_ungiven(tx, person_id, await identity.account_of(tx, person_id))


async def erase(tx: Tx, person_id: UUID) -> None:
    """End, without a trace of whom it was for, everything a person shared and agreed to; and what others shared with them.

    That others once shared with them stays with those others, whose access report names who could look.
    """
    account_id = await identity.account_of(tx, person_id)
    await leaving.erase(tx, person_id)
    if account_id:
        await _let_go(tx, account_id)


async def _let_go(tx: Tx, account_id: UUID) -> None:
    """End what an account holds of others, with what it gave on their behalf. Of this they get word as of any other end."""
    now = clock.now()
    async with tx.acting(Access(account_id, area=_AREA)):
        held = await queries.held(tx, account_id, now)
    persons = frozenset(grant.person_id for grant in held)
    async with tx.acting(Access(account_id, {"keys": persons} if persons else {}, area=_AREA)):
        for grant in held:
            await end(tx, grant, "left", now)
        await queries.end_held(tx, account_id)


async def _refuse_orphaning(tx: Tx, account_id: UUID) -> None:
    async with tx.acting(Access(account_id, area=_AREA)):
        for grant in await queries.held(tx, account_id, clock.now()):
            if grant.kind == rules.Kind.GUARDIAN and await queries.guardians(tx, grant.person_id) <= 1:
                raise Conflict(_LAST)
