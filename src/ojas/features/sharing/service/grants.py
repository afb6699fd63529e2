"""Giving, listing and taking back."""

from datetime import datetime, timedelta
from uuid import UUID

from ojas.features.identity import service as identity
from ojas.features.identity.schemas import ProfileDraft
from ojas.features.sharing import queries, rules
from ojas.features.sharing.models import Grant
from ojas.features.sharing.schemas import GrantDraft, GrantView
from ojas.features.sharing.service.content import Content, view_of
from ojas.features.sharing.service.ending import (
    SUBJECT,
    bring_back,
    end,
    held_by,
    refuse_orphaning,
    refuse_undoing,
    tell,
)
from ojas.kit import audit, clock, i18n
from ojas.kit.db import SCOPES, Tx
from ojas.kit.errors import Forbidden, Incorrect, NotFound, Stale, TooMany
from ojas.kit.http import Actor, limits
from ojas.kit.ids import new_id

_DAY = timedelta(days=1)


def shareable() -> frozenset[str]:
    """Every scope that can be shared by itself."""
    return frozenset(SCOPES - rules.NOT_SHARED)


async def grants(
    tx: Tx, person_id: UUID, *, limit: int = 50, before: UUID | None = None
) -> tuple[list[GrantView], UUID | None]:
    """Who may see what of a person, newest first, with those that ended; and where to go on."""
    tx.access.require("sharing", person_id)
    rows = await queries.page(tx, person_id, limit + 1, before)
    audit.looked(tx, person_id, SUBJECT)
    now = clock.now()
    return [await view_of(tx, row, now) for row in rows[:limit]], rows[limit - 1].id if len(
        rows
    ) > limit else None


async def grant(tx: Tx, person_id: UUID, grant_id: UUID) -> GrantView:
    """
    Raises:
        NotFound: this person gave no such grant.
    """
    tx.access.require("sharing", person_id)
    found = await _one(tx, person_id, grant_id)
    audit.looked(tx, person_id, SUBJECT)
    return await view_of(tx, found, clock.now())


async def share(tx: Tx, person_id: UUID, draft: GrantDraft) -> GrantView:
    """Invite somebody to see some of a person's record. They see nothing until they accept.

    Raises:
        Forbidden: more is given than the caller holds. Incorrect: an unknown scope, an end that is over,
        oneself. TooMany: enough letters for today.
    """
    tx.access.require("sharing", person_id, write=True)
    await identity.refuse_while_leaving(tx, person_id)
    now = clock.now()
    starts_at = draft.starts_at or now
    rules.refuse_odd(set(draft.scopes), SCOPES, starts_at, draft.ends_at, now)
    invited_index = identity.index_of(tx, str(draft.email))
    ends_at = await _bounded(tx, person_id, draft, invited_index, now)
    await _refuse_oneself(tx, invited_index)
    if await queries.invited_since(tx, person_id, now - _DAY) >= rules.INVITATIONS_A_DAY:
        raise TooMany("That is enough invitations for one day. Try again tomorrow.", retry_after=3600)
    await limits.count(
        tx, f"invitations {tx.access.account_id}", allowed=rules.INVITATIONS_OF_ONE, within=_DAY
    )
    made = Grant(
        person_id=person_id,
        id=new_id(),
        kind=draft.kind.value,
        invited_index=invited_index,
        scopes=sorted(set(draft.scopes)),
        may_write=draft.may_write,
        manage=draft.manage,
        purpose=draft.purpose.value,
        granted_by=tx.access.account_id,
        starts_at=starts_at,
        ends_at=ends_at,
        version=1,
        created_at=now,
        updated_at=now,
    )
    content = Content(email=str(draft.email), note=draft.note or None, language=i18n.current().language)
    made.sealed = await content.sealed(tx, made.person_id, made.id)
    tx.session.add(made)
    await tx.session.flush()
    await tell(tx, made, "created")
    return await view_of(tx, made, now)


async def take_back(tx: Tx, person_id: UUID, grant_id: UUID, *, if_version: int | None = None) -> GrantView:
    """End a grant at once, and what its holder gave on the person's behalf. What is ended already stays as it is; what is
    shut while the record waits to be erased will not open again.

    Raises:
        NotFound: no such grant. Stale: it is no longer version ``if_version``.
        Conflict: nobody would keep the record any more.
    """
    tx.access.require("sharing", person_id, write=True)
    found = await _one(tx, person_id, grant_id, lock=True)
    if if_version is not None and found.version != if_version:
        raise Stale("Somebody changed this in the meantime. Look at it again, then decide.")
    if found.kind == rules.Kind.GUARDIAN and not tx.access.allows(rules.OWNER, person_id):
        raise Forbidden("Only those who keep this record may end this.")
    now = clock.now()
    if found.revoked_at is None or found.revoked_as == "closed":
        await refuse_orphaning(tx, found)
        await end(tx, found, "taken_back", now)
    return await view_of(tx, found, now)


async def reshare(tx: Tx, person_id: UUID, grant_id: UUID) -> GrantView:
    """Undo a taking back within the hour; or let stand, as one's own, what ended with the right of who gave it.

    Raises:
        Conflict: it did not end like this, or too long ago; or the record waits to be erased.
        Forbidden: somebody else took it back, or the caller holds less.
    """
    tx.access.require("sharing", person_id, write=True)
    await identity.refuse_while_leaving(tx, person_id)
    found = await _one(tx, person_id, grant_id, lock=True)
    refuse_undoing(tx, found, clock.now())
    _refuse_beyond(tx, person_id, set(found.scopes), may_write=found.may_write, manage=found.manage)
    if found.revoked_as == "lapsed":
        found.granted_by = tx.access.account_id
    await bring_back(tx, found)
    return await view_of(tx, found, clock.now())


async def add_person(tx: Tx, actor: Actor, name: str) -> UUID:
    """Begin the record of somebody without an account, for the actor to keep. Answers their id.

    Raises:
        TooMany: enough for today.
    """
    await limits.count(tx, f"persons {actor.account_id}", allowed=rules.PERSONS_A_DAY, within=_DAY)
    person_id = await identity.create_person(tx, ProfileDraft(name=name), created_by=actor.account_id)
    await entrust(tx, person_id, actor.account_id)
    return person_id


async def entrust(tx: Tx, person_id: UUID, account_id: UUID) -> None:
    """Make an account the keeper of somebody who has none: all of their record, and whom it is shared with.

    The access must be that person's own, as it is when they have just been made.
    """
    tx.access.require(rules.OWNER, person_id, write=True)
    now = clock.now()
    made = Grant(
        person_id=person_id,
        id=new_id(),
        kind=rules.Kind.GUARDIAN.value,
        grantee_account_id=account_id,
        scopes=[rules.EVERYTHING],
        may_write=True,
        manage=True,
        purpose=rules.Purpose.FAMILY.value,
        granted_by=account_id,
        starts_at=now,
        accepted_at=now,
        version=1,
        created_at=now,
        updated_at=now,
    )
    card = (await identity.cards(tx, [account_id])).get(account_id)
    content = Content(grantee_name=card.name if card else None)
    made.sealed = await content.sealed(tx, made.person_id, made.id)
    tx.session.add(made)
    await tx.session.flush()
    await tell(tx, made, "created")


async def _bounded(
    tx: Tx, person_id: UUID, draft: GrantDraft, invited_index: bytes, now: datetime
) -> datetime | None:
    """The end of what is given: the one asked for, and never later than the giver's own."""
    _refuse_beyond(tx, person_id, set(draft.scopes), may_write=draft.may_write, manage=draft.manage)
    giver = tx.access.account_id
    if tx.access.allows(rules.OWNER, person_id) or giver is None:
        return draft.ends_at
    if await queries.put_out(tx, person_id, invited_index, giver):
        raise Forbidden(
            "What went to this address was taken back. Only the person themselves may share it anew."
        )
    # Locked: taking the giver's own grant back waits for this one, and then finds it.
    held = await held_by(tx, person_id, giver, now, lock=True)
    last = rules.last_end(set(draft.scopes), draft.may_write, held)
    ends_at = min((end for end in (last, draft.ends_at) if end), default=None)
    rules.refuse_odd(set(draft.scopes), SCOPES, draft.starts_at or now, ends_at, now)
    if not rules.may_give(
        held, set(draft.scopes), may_write=draft.may_write, manage=draft.manage, ends_at=ends_at
    ):
        raise Forbidden("You cannot let others see or change more than you may yourself.")
    return ends_at


def _refuse_beyond(tx: Tx, person_id: UUID, asked: set[str], *, may_write: bool, manage: bool) -> None:
    readable = {scope for scope in SCOPES if tx.access.allows(scope, person_id)}
    writable = {scope for scope in SCOPES if tx.access.allows(scope, person_id, write=True)}
    rules.refuse_beyond(asked, readable, writable, may_write=may_write)
    if manage and not tx.access.allows(rules.OWNER, person_id):
        raise Forbidden("Only the person themselves may let somebody manage sharing.")


async def _refuse_oneself(tx: Tx, invited_index: bytes) -> None:
    account_id = tx.access.account_id
    if account_id is not None and await identity.address_of(tx, account_id) == invited_index:
        raise Incorrect("This is your own address.", field="email")


async def _one(tx: Tx, person_id: UUID, grant_id: UUID, *, lock: bool = False) -> Grant:
    found = await queries.one(tx, person_id, grant_id, lock=lock)
    if found is None:
        raise NotFound("This was never shared, or not by this person.")
    return found
