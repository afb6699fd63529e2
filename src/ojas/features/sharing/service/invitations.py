"""The other side: seeing what one is invited to, accepting, declining, giving up."""

from uuid import UUID

from ojas.features.identity import service as identity
from ojas.features.sharing import queries
from ojas.features.sharing.models import Grant
from ojas.features.sharing.schemas import Offer
from ojas.features.sharing.service.access import access_of
from ojas.features.sharing.service.content import Content, offer_of, offers_of
from ojas.features.sharing.service.ending import changed, end, refuse_orphaning
from ojas.kit import clock
from ojas.kit.db import Access, Tx
from ojas.kit.errors import NotFound
from ojas.kit.http import Actor
from ojas.kit.i18n import N_

_AREA = "invitations"
_NOT_OPEN = N_("This invitation is not for you, or not open any more.")


async def invitations(tx: Tx, actor: Actor) -> list[Offer]:
    """What the actor is invited to, by the address they have proved to be theirs."""
    index = await identity.address_of(tx, actor.account_id)
    if index is None:
        return []
    async with tx.acting(Access(actor.account_id, area=_AREA)):
        rows = await queries.invitations(tx, index, clock.now())
        await tx.become(_guest(actor, *(row.person_id for row in rows)))
        return await offers_of(tx, rows, clock.now())


async def accept(tx: Tx, actor: Actor, person_id: UUID, grant_id: UUID) -> Offer:
    """Take an invitation up: from now on the actor sees what it says, and the person what the actor calls
    themselves.

    Raises:
        NotFound: there is none, or it is for somebody else's address.
    """
    card = (await identity.cards(tx, [actor.account_id])).get(actor.account_id)
    index = await identity.address_of(tx, actor.account_id)
    if person_id == actor.person_id:
        raise NotFound(_NOT_OPEN)
    async with tx.acting(_guest(actor, person_id)):
        grant = await _pending(tx, index, person_id, grant_id)
        content = await Content.of(tx, grant)
        named = content.model_copy(update={"grantee_name": card.name if card else None})
        grant.sealed = await named.sealed(tx, grant.person_id, grant.id)
        grant.grantee_account_id, grant.accepted_at = actor.account_id, clock.now()
        await changed(tx, grant, "accepted")
        offer = await offer_of(tx, grant, clock.now())
    await tx.become(await access_of(tx, actor))
    return offer


async def decline(tx: Tx, actor: Actor, person_id: UUID, grant_id: UUID) -> None:
    """
    Raises:
        NotFound: as in ``accept``.
    """
    index = await identity.address_of(tx, actor.account_id)
    async with tx.acting(_guest(actor, person_id)):
        await end(tx, await _pending(tx, index, person_id, grant_id), "declined", clock.now())


async def leave(tx: Tx, actor: Actor, person_id: UUID) -> None:
    """Give up everything one may see of a person; what one gave on their behalf ends with it.

    Raises:
        NotFound: nothing of this person is shared with the actor. Conflict: nobody else keeps the record.
    """
    async with tx.acting(_guest(actor, person_id)):
        now = clock.now()
        held = await queries.held(tx, actor.account_id, now, person_id, lock=True)
        if not held:
            raise NotFound("There is no such person, or nothing of theirs is shared with you.")
        for grant in held:
            await refuse_orphaning(tx, grant)
            await end(tx, grant, "left", now)
    await tx.become(await access_of(tx, actor))


async def _pending(tx: Tx, index: bytes | None, person_id: UUID, grant_id: UUID) -> Grant:
    found = await queries.one(tx, person_id, grant_id, lock=True) if index else None
    now = clock.now()
    if (
        found is None
        or found.invited_index != index
        or found.accepted_at is not None
        or found.revoked_at is not None
        or (found.ends_at is not None and found.ends_at <= now)
    ):
        raise NotFound(_NOT_OPEN)
    return found


def _guest(actor: Actor, *persons: UUID) -> Access:
    """Keys to open what was sealed for the guest, and not one row but grants."""
    return Access(actor.account_id, {"keys": frozenset(persons)} if persons else {}, area=_AREA)
