"""The other side: seeing what one is invited to, accepting, declining, giving up."""

from dataclasses import dataclass
from uuid import UUID

from ojas.features.identity.service import people
from ojas.features.sharing import queries
from ojas.features.sharing.models import Grant
from ojas.features.sharing.schemas import Offer
from ojas.features.sharing.service.access import access_of
from ojas.features.sharing.service.content import content_of, offer_of, sealed
from ojas.features.sharing.service.grants import SUBJECT, refuse_orphaning
from ojas.kit import audit, clock, events
from ojas.kit.db import Access, Tx
from ojas.kit.errors import NotFound
from ojas.kit.http import Actor

_AREA = "invitations"


async def invitations(tx: Tx, actor: Actor) -> list[Offer]:
    """What the actor is invited to, by the address they have proved to be theirs."""
    index = await people.address_of(tx, actor.account_id)
    if index is None:
        return []
    async with tx.acting(Access(actor.account_id, area=_AREA)):
        rows = await queries.invitations(tx, index, clock.now())
        await tx.become(_guest(actor, *(row.person_id for row in rows)))
        return [await offer_of(tx, row, clock.now()) for row in rows]


async def invitation(tx: Tx, actor: Actor, person_id: UUID, grant_id: UUID) -> Offer:
    """
    Raises:
        NotFound: there is none, or it is for somebody else's address.
    """
    index = await people.address_of(tx, actor.account_id)
    async with tx.acting(_guest(actor, person_id)):
        return await offer_of(tx, await _pending(tx, index, person_id, grant_id), clock.now())


async def accept(tx: Tx, actor: Actor, person_id: UUID, grant_id: UUID) -> Offer:
    """Take an invitation up: from now on the actor sees what it says, and the person what the actor calls
    themselves.

    Raises:
        NotFound: as in ``invitation``.
    """
    card = (await people.cards(tx, [actor.account_id])).get(actor.account_id)
    index = await people.address_of(tx, actor.account_id)
    async with tx.acting(_guest(actor, person_id)):
        grant = await _pending(tx, index, person_id, grant_id)
        content = await content_of(tx, grant)
        grant.sealed = await sealed(
            tx, grant, content.model_copy(update={"grantee_name": card.name if card else None})
        )
        grant.grantee_account_id, grant.accepted_at = actor.account_id, clock.now()
        offer = await _ended_or_begun(tx, grant, "accepted")
    await tx.become(await access_of(tx, actor))
    return offer


async def decline(tx: Tx, actor: Actor, person_id: UUID, grant_id: UUID) -> None:
    """
    Raises:
        NotFound: as in ``invitation``.
    """
    index = await people.address_of(tx, actor.account_id)
    async with tx.acting(_guest(actor, person_id)):
        grant = await _pending(tx, index, person_id, grant_id)
        grant.revoked_at, grant.revoked_as = clock.now(), "declined"
        await _ended_or_begun(tx, grant, "declined")


async def leave(tx: Tx, actor: Actor, person_id: UUID) -> None:
    """Give up everything one may see of a person.

    Raises:
        NotFound: nothing of this person is shared with the actor. Conflict: nobody else keeps the record.
    """
    async with tx.acting(_guest(actor, person_id)):
        held = await queries.held(tx, actor.account_id, clock.now(), person_id)
        if not held:
            raise NotFound("There is no such person, or nothing of theirs is shared with you.")
        for grant in held:
            await refuse_orphaning(tx, grant)
            grant.revoked_at, grant.revoked_as = clock.now(), "left"
            await _ended_or_begun(tx, grant, "left")
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
        raise NotFound("This invitation is not for you, or not open any more.")
    return found


async def _ended_or_begun(tx: Tx, grant: Grant, news: str) -> Offer:
    grant.version += 1
    grant.updated_at = clock.now()
    await tx.session.flush()
    await audit.changed(tx, "share", grant.person_id, SUBJECT, grant.id, version=grant.version)
    await events.emit(tx, f"sharing.grant.{news}", person_id=grant.person_id, grant_id=grant.id)
    return await offer_of(tx, grant, clock.now())


def _guest(actor: Actor, *persons: UUID) -> Access:
    """Keys to open what was sealed for the guest, and not one row but grants."""
    return Access(actor.account_id, {"keys": frozenset(persons)} if persons else {}, area=_AREA)


@dataclass(frozen=True, slots=True)
class Addressee:
    """To whom an invitation is sent, in which language, and by whom."""

    email: str
    language: str
    person_name: str | None


async def letter_to(tx: Tx, person_id: UUID, grant_id: UUID) -> Addressee | None:
    """To whom the letter of an invitation goes; None once it needs none: accepted, ended, or never sent by
    mail.
    """
    tx.access.require("sharing", person_id)
    grant = await queries.one(tx, person_id, grant_id)
    if grant is None or grant.accepted_at is not None or grant.revoked_at is not None:
        return None
    content = await content_of(tx, grant)
    if content.email is None:
        return None
    names = await people.names(tx, [person_id])
    return Addressee(content.email, content.language, names.get(person_id))
