"""Giving, listing and taking back."""

from datetime import datetime, timedelta
from uuid import UUID

from ojas.features.identity.schemas import ProfileDraft
from ojas.features.identity.service import people
from ojas.features.identity.service.ground import index_of
from ojas.features.sharing import queries, rules
from ojas.features.sharing.models import Grant
from ojas.features.sharing.rules import Right
from ojas.features.sharing.schemas import GrantDraft, GrantView
from ojas.features.sharing.service.content import Content, sealed, view_of
from ojas.kit import audit, clock, events, i18n
from ojas.kit.db import SCOPES, Tx
from ojas.kit.errors import Conflict, Forbidden, Incorrect, NotFound, Stale, TooMany
from ojas.kit.http import Actor, limits
from ojas.kit.ids import new_id

SUBJECT = "grants"
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
    now = clock.now()
    starts_at = draft.starts_at or now
    rules.refuse_odd(set(draft.scopes), SCOPES, starts_at, draft.ends_at, now)
    ends_at = await _bounded(tx, person_id, draft, now)
    invited_index = index_of(tx, str(draft.email))
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
    made.sealed = await sealed(tx, made, content)
    tx.session.add(made)
    await tx.session.flush()
    await _tell(tx, made, "created")
    return await view_of(tx, made, now)


async def take_back(tx: Tx, person_id: UUID, grant_id: UUID, *, if_version: int | None = None) -> GrantView:
    """End a grant at once. What is ended already stays as it is.

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
    await refuse_orphaning(tx, found)
    if found.revoked_at is None:
        found.revoked_at, found.revoked_as = clock.now(), "taken_back"
        await _changed(tx, found, "revoked")
    return await view_of(tx, found, clock.now())


async def reshare(tx: Tx, person_id: UUID, grant_id: UUID) -> GrantView:
    """Undo a taking back, within the hour, by somebody who could give the same.

    Raises:
        Conflict: it was not taken back, or too long ago. Forbidden: the caller holds less.
    """
    tx.access.require("sharing", person_id, write=True)
    found = await _one(tx, person_id, grant_id, lock=True)
    if (
        found.revoked_as != "taken_back"
        or found.revoked_at is None
        or found.revoked_at < clock.now() - rules.UNDO
    ):
        raise Conflict("This cannot be brought back. Share it anew.")
    _refuse_beyond(tx, person_id, set(found.scopes), may_write=found.may_write, manage=found.manage)
    found.revoked_at = found.revoked_as = None
    await _changed(tx, found, "created" if found.accepted_at is None else "restored")
    return await view_of(tx, found, clock.now())


async def add_person(tx: Tx, actor: Actor, name: str) -> UUID:
    """Begin the record of somebody without an account, for the actor to keep. Answers their id."""
    person_id = await people.create_person(tx, ProfileDraft(name=name), created_by=actor.account_id)
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
    card = (await people.cards(tx, [account_id])).get(account_id)
    made.sealed = await sealed(tx, made, Content(grantee_name=card.name if card else None))
    tx.session.add(made)
    await tx.session.flush()
    await _tell(tx, made, "created")


async def refuse_orphaning(tx: Tx, grant: Grant) -> None:
    """
    Raises:
        Conflict: this is the last of those who keep the record of somebody without an account.
    """
    if grant.kind == rules.Kind.GUARDIAN and await queries.guardians(tx, grant.person_id) <= 1:
        raise Conflict("Somebody must keep this record. You are the last who does.")


async def _bounded(tx: Tx, person_id: UUID, draft: GrantDraft, now: datetime) -> datetime | None:
    """The end of what is given: the one asked for, and never later than the giver's own."""
    _refuse_beyond(tx, person_id, set(draft.scopes), may_write=draft.may_write, manage=draft.manage)
    if tx.access.allows(rules.OWNER, person_id) or tx.access.account_id is None:
        return draft.ends_at
    held = [
        (
            Right(person_id, row.kind, frozenset(row.scopes), row.may_write, row.manage, row.purpose),
            row.ends_at,
        )
        for row in await queries.held(tx, tx.access.account_id, now, person_id)
    ]
    last = rules.last_end(set(draft.scopes), draft.may_write, held)
    ends_at = min((end for end in (last, draft.ends_at) if end), default=None)
    rules.refuse_odd(set(draft.scopes), SCOPES, draft.starts_at or now, ends_at, now)
    return ends_at


def _refuse_beyond(tx: Tx, person_id: UUID, asked: set[str], *, may_write: bool, manage: bool) -> None:
    readable = {scope for scope in SCOPES if tx.access.allows(scope, person_id)}
    writable = {scope for scope in SCOPES if tx.access.allows(scope, person_id, write=True)}
    rules.refuse_beyond(asked, readable, writable, may_write=may_write)
    if manage and not tx.access.allows(rules.OWNER, person_id):
        raise Forbidden("Only the person themselves may let somebody manage sharing.")


async def _refuse_oneself(tx: Tx, invited_index: bytes) -> None:
    account_id = tx.access.account_id
    if account_id is not None and await people.address_of(tx, account_id) == invited_index:
        raise Incorrect("This is your own address.", field="email")


async def _one(tx: Tx, person_id: UUID, grant_id: UUID, *, lock: bool = False) -> Grant:
    found = await queries.one(tx, person_id, grant_id, lock=lock)
    if found is None:
        raise NotFound("This was never shared, or not by this person.")
    return found


async def _changed(tx: Tx, grant: Grant, news: str) -> None:
    grant.version += 1
    grant.updated_at = clock.now()
    await tx.session.flush()
    await _tell(tx, grant, news)


async def _tell(tx: Tx, grant: Grant, news: str) -> None:
    await audit.changed(tx, "share", grant.person_id, SUBJECT, grant.id, version=grant.version)
    await events.emit(tx, f"sharing.grant.{news}", person_id=grant.person_id, grant_id=grant.id)
