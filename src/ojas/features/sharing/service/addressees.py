"""To whom the letters of sharing go."""

from dataclasses import dataclass
from uuid import UUID

from ojas.features.identity import service as identity
from ojas.features.sharing import queries
from ojas.features.sharing.models import Grant
from ojas.features.sharing.service.content import Content
from ojas.kit.db import Tx


@dataclass(frozen=True, slots=True)
class Addressee:
    """Where a letter goes, in which language, and the name of the person whose record it is about."""

    email: str
    language: str
    person_name: str | None


async def invited(tx: Tx, person_id: UUID, grant_id: UUID) -> Addressee | None:
    """Whom an invitation is for; None once it needs no letter: accepted, ended, or never sent by mail."""
    grant = await _one(tx, person_id, grant_id)
    if grant is None or grant.accepted_at is not None or grant.revoked_at is not None:
        return None
    return await _grantee(tx, grant)


async def lapsed(tx: Tx, person_id: UUID, grant_id: UUID) -> Addressee | None:
    """Who could look until the right of who gave it ended; None where they never accepted, or can look again."""
    grant = await _one(tx, person_id, grant_id)
    if grant is None or grant.revoked_as != "lapsed" or grant.accepted_at is None:
        return None
    return await _grantee(tx, grant)


@dataclass(frozen=True, slots=True)
class GiverEnded:
    """That somebody shares no longer on a person's behalf, and who of the two has yet to learn it."""

    giver_name: str | None
    giver: Addressee | None
    person: Addressee | None


async def giver_ended(tx: Tx, person_id: UUID, grant_id: UUID) -> GiverEnded | None:
    """Who is told that what somebody gave on a person's behalf ended with their right: each, unless it was their own doing."""
    grant = await _one(tx, person_id, grant_id)
    if grant is None or grant.revoked_at is None:
        return None
    content = await Content.of(tx, grant)
    own = await identity.reach(tx, person_id)
    names = await identity.names(tx, [person_id])
    mine = own is None or own.account_id == grant.revoked_by
    return GiverEnded(
        content.grantee_name,
        None if grant.revoked_by == grant.grantee_account_id else await _grantee(tx, grant),
        None if mine or own is None else Addressee(own.email, own.language, names.get(person_id)),
    )


async def _grantee(tx: Tx, grant: Grant) -> Addressee | None:
    content = await Content.of(tx, grant)
    if content.email is None:
        return None
    names = await identity.names(tx, [grant.person_id])
    return Addressee(content.email, content.language, names.get(grant.person_id))


async def _one(tx: Tx, person_id: UUID, grant_id: UUID) -> Grant | None:
    tx.access.require("sharing", person_id)
    return await queries.one(tx, person_id, grant_id)
