"""The edge's second question: whose data may this actor touch?"""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from ojas.features.identity import service as identity
from ojas.features.sharing import queries, rules
from ojas.features.sharing.models import Grant
from ojas.features.sharing.schemas import Holding
from ojas.kit import clock
from ojas.kit.db import SCOPES, Access, Tx
from ojas.kit.http import Actor


async def access_of(tx: Tx, actor: Actor) -> Access:
    """Their own person whole, others exactly as granted, as of now: a grant taken back is gone with the next
    request.
    """
    held = await queries.rights(tx, actor.account_id, clock.now())
    rights = rules.rights_of(actor.person_id, held, SCOPES)
    return Access(actor.account_id, rights.read, rights.write, purposes=rights.purposes)


async def holdings(tx: Tx, actor: Actor) -> list[Holding]:
    """Everybody whose record the actor may open: themselves first, then in the order the grants were made."""
    assert tx.access.account_id == actor.account_id
    by_person: dict[UUID, list[Grant]] = {}
    for grant in await queries.held(tx, actor.account_id, clock.now()):
        if grant.person_id != actor.person_id:
            by_person.setdefault(grant.person_id, []).append(grant)
    persons = [actor.person_id, *by_person] if actor.person_id else list(by_person)
    async with tx.acting(await access_of(tx, actor)):  # a request that names a person holds that one alone
        names = await identity.names(tx, persons)
        return [_holding(tx, person, names.get(person), by_person.get(person)) for person in persons]


def _holding(tx: Tx, person_id: UUID, name: str | None, grants: list[Grant] | None) -> Holding:
    """``grants`` are those it is held by; None: it is the actor's own."""
    ends = [grant.ends_at for grant in grants or () if grant.ends_at]
    shown = SCOPES - {"keys", rules.OWNER}
    return Holding(
        person_id=person_id,
        name=name,
        own=grants is None,
        may_read=sorted(scope for scope in shown if tx.access.allows(scope, person_id)),
        may_write=sorted(scope for scope in shown if tx.access.allows(scope, person_id, write=True)),
        purpose=tx.access.why(person_id),
        until=max(ends) if grants and len(ends) == len(grants) else None,
    )


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody whose record the actor may open, by name."""

    person_id: UUID
    name: str | None
    own: bool
    synthetic: bool


async def who_cares(tx: Tx, person_id: UUID, scope: str) -> list[UUID]:
    """The accounts that look after a person, as caregivers or as who keeps their record, and may see ``scope`` now.

    For the house itself, to tell them something: no caller's access is asked.
    """
    return await _caring(tx, person_id, scope, rules.Kind.GUARDIAN, rules.Kind.CAREGIVER)


async def who_keeps(tx: Tx, person_id: UUID, scope: str) -> list[UUID]:
    """Whose the record is: the person's own account; of somebody without one, those who keep it and may see ``scope`` now.

    As ``who_cares``, for the house itself.
    """
    return (await who_keep(tx, [person_id], scope))[person_id]


async def who_keep(tx: Tx, person_ids: Collection[UUID], scope: str) -> dict[UUID, list[UUID]]:
    """``who_keeps`` of many, by person: those who have an account are asked for together."""
    own = await identity.accounts_of(tx, person_ids)
    return {
        person: [own[person]] if person in own else await _caring(tx, person, scope, rules.Kind.GUARDIAN)
        for person in person_ids
    }


async def names_kept(tx: Tx, person_ids: Collection[UUID]) -> dict[UUID, str]:
    """Names of those who have no account: what is to be said to them is said to whoever keeps their record."""
    own = await identity.accounts_of(tx, person_ids)
    others = [person for person in person_ids if person not in own]
    return await identity.names(tx, others) if others else {}


async def who_treats(tx: Tx, person_id: UUID, scope: str) -> list[UUID]:
    """The accounts of a person's care team that may see ``scope`` now; as ``who_cares``, for the house itself."""
    return await _caring(tx, person_id, scope, rules.Kind.CARE_TEAM)


async def _caring(tx: Tx, person_id: UUID, scope: str, *kinds: rules.Kind) -> list[UUID]:
    seen = Access(may_read={"sharing": frozenset({person_id})})
    async with tx.acting(tx.access.joined(seen)):
        return await queries.caring(tx, person_id, scope, kinds, clock.now())


_SHOWN = 10  # whom a page's menu lists; all of them are on a page of their own


async def known(tx: Tx, actor: Actor) -> list[Known]:
    """The actor, and some of those whose records they may open, newest grant first: what the shell of every page asks."""
    found = await queries.lately_held(tx, actor.account_id, clock.now(), _SHOWN)
    open_now = sorted(tx.access.persons - {actor.person_id})
    others = [person for person in dict.fromkeys([*open_now, *found]) if person != actor.person_id]
    persons = [actor.person_id, *others] if actor.person_id else others
    if others:
        async with tx.acting(tx.access.joined(Access(may_read={"keys": frozenset(others)}))):
            return await _known(tx, actor, persons)
    return await _known(tx, actor, persons)


async def _known(tx: Tx, actor: Actor, persons: list[UUID]) -> list[Known]:
    names, made_up = await identity.names(tx, persons), await identity.synthetic(tx, persons)
    return [
        Known(person, names.get(person), own=person == actor.person_id, synthetic=person in made_up)
        for person in persons
    ]
