"""Organisations, and who is what in them. Admins decide; everybody signed in may read the names of organisations."""

from uuid import UUID

from sqlalchemy.exc import IntegrityError

from ojas.features.identity import models, queries
from ojas.features.identity.rules import STAFF, Kind, Role, life_of
from ojas.features.identity.schemas import (
    AccountFound,
    Organisation,
    OrganisationDraft,
    RoleDraft,
    RoleView,
)
from ojas.features.identity.service import ends
from ojas.features.identity.service.ground import at_the_door, index_of, note
from ojas.features.identity.service.people import cards
from ojas.features.identity.service.sessions import require_fresh
from ojas.kit import clock
from ojas.kit.db import Tx
from ojas.kit.errors import Conflict, Forbidden, NotFound, Stale
from ojas.kit.http import Actor
from ojas.kit.ids import new_id


def require_admin(actor: Actor) -> None:
    """
    Raises:
        Forbidden: the caller is no admin.
    """
    if Role.ADMIN not in actor.roles:
        raise Forbidden("Only an administrator may do this.")


async def organisations(tx: Tx, *, after: UUID | None = None, limit: int = 50) -> list[Organisation]:
    """Some organisations, in the order they were made, from after ``after`` on."""
    async with tx.acting(at_the_door(tx)):
        return [_view(row) for row in await queries.organisations.all_of(tx, after=after, limit=limit)]


async def organisation(tx: Tx, id: UUID) -> Organisation:
    """
    Raises:
        NotFound: there is none.
    """
    async with tx.acting(at_the_door(tx)):
        return _view(await _one(tx, id))


async def create_organisation(tx: Tx, draft: OrganisationDraft) -> Organisation:
    """For an admin, the command line and imports; the caller checks who asks."""
    async with tx.acting(at_the_door(tx)):
        row = models.Organisation(id=new_id(), version=1, details=draft.model_dump(mode="json"))
        row.created_at = row.updated_at = clock.now()
        tx.session.add(row)
        await tx.session.flush()
        return _view(row)


async def change_organisation(
    tx: Tx, id: UUID, draft: OrganisationDraft, *, if_version: int | None = None
) -> Organisation:
    """
    Raises:
        NotFound: there is none. Stale: it was changed since ``if_version``.
    """
    async with tx.acting(at_the_door(tx)):
        row = await _one(tx, id, lock=True)
        if if_version is not None and row.version != if_version:
            raise Stale("Somebody changed this in the meantime. Look at it again, then decide.")
        row.details = draft.model_dump(mode="json")
        row.version += 1
        row.updated_at = clock.now()
        await tx.session.flush()
        return _view(row)


async def roles(
    tx: Tx, *, account_id: UUID | None = None, organisation_id: UUID | None = None
) -> list[RoleView]:
    """Roles of one account, in one organisation, or all; the caller checks who asks."""
    async with tx.acting(at_the_door(tx)):
        found = await queries.organisations.roles(tx, account_id=account_id, organisation_id=organisation_id)
        return [_role(row) for row in found]


async def give_role(tx: Tx, actor: Actor, draft: RoleDraft) -> RoleView:
    """Make an account something for others. Who sees others' records now stays signed in no longer than those who do.

    Raises:
        Forbidden: the caller is no admin, or did not prove identity lately. NotFound: no such account or organisation.
        Conflict: it is that already.
    """
    require_admin(actor)
    await require_fresh(tx, actor)
    async with tx.acting(at_the_door(tx)):
        account = await _account(tx, draft.account_id)
        if draft.organisation_id:
            await _one(tx, draft.organisation_id)
        row = models.RoleGiven(
            account_id=draft.account_id,
            id=new_id(),
            role=draft.role.value,
            organisation_id=draft.organisation_id,
            given_by=actor.account_id,
            given_at=clock.now(),
        )
        tx.session.add(row)
        try:
            await tx.session.flush()
        except IntegrityError as problem:
            raise Conflict("This account has this role already.") from problem
        if draft.role in STAFF:
            await queries.sessions.shorten(tx, account.id, life_of(Kind.REMEMBERED, STAFF))
        await note(tx, account, "change", "roles")
        return _role(row)


async def take_role(tx: Tx, actor: Actor, role_id: UUID) -> None:
    """Take a role back; the account's sessions end, so that nothing goes on under it.

    Raises:
        Conflict: it is the last admin's.
    """
    require_admin(actor)
    await require_fresh(tx, actor)
    async with tx.acting(at_the_door(tx)):
        row = await queries.organisations.role(tx, role_id)
        if row is None:
            raise NotFound("There is no such role.")
        if (
            row.role == Role.ADMIN
            and row.organisation_id is None
            and len(await queries.organisations.admins(tx)) == 1
        ):
            raise Conflict("Somebody must be able to give roles: make another administrator first.")
        await queries.organisations.take(tx, role_id)
        mine = row.account_id == actor.account_id
        await ends.end_all(tx, row.account_id, "role", but=actor.session_id if mine else None)
        account = await queries.accounts.by_id(tx, row.account_id)
        if account:
            await note(tx, account, "change", "roles")


async def account_by_email(tx: Tx, actor: Actor, email: str) -> AccountFound:
    """The account with this address, whatever became of it: what is closed must be found, to be reopened.

    Raises:
        Forbidden: the caller is no admin. NotFound: there is none.
    """
    require_admin(actor)
    async with tx.acting(at_the_door(tx)):
        found = await queries.accounts.by_index(tx, index_of(tx, email))
    if found is None:
        raise NotFound("There is no account with this address.")
    card = (await cards(tx, [found.id]))[found.id]
    return AccountFound(
        **card.model_dump(), verified=found.verified_at is not None, closed=found.disabled_at is not None
    )


async def close_account(tx: Tx, actor: Actor, account_id: UUID) -> None:
    """Let an account in no more; it is signed out everywhere. Its record stays, and those it is shared with keep it.

    Raises:
        Forbidden: the caller is no admin, or did not prove identity lately. NotFound: no such account.
        Conflict: it is the caller's own.
    """
    require_admin(actor)
    await require_fresh(tx, actor)
    if account_id == actor.account_id:
        raise Conflict("One's own account cannot be closed this way.")
    async with tx.acting(at_the_door(tx)):
        account = await _account(tx, account_id)
        account.disabled_at = account.disabled_at or clock.now()
        await tx.session.flush()
        await ends.end_all(tx, account_id, "closed")
        await note(tx, account, "change", "account")


async def reopen_account(tx: Tx, actor: Actor, account_id: UUID) -> None:
    """Let a closed account in again.

    Raises:
        Forbidden: the caller is no admin, or did not prove identity lately. NotFound: no such account.
    """
    require_admin(actor)
    await require_fresh(tx, actor)
    async with tx.acting(at_the_door(tx)):
        account = await _account(tx, account_id)
        account.disabled_at = None
        await tx.session.flush()
        await note(tx, account, "change", "account")


async def _account(tx: Tx, account_id: UUID) -> models.Account:
    account = await queries.accounts.by_id(tx, account_id)
    if account is None:
        raise NotFound("There is no such account.")
    return account


async def _one(tx: Tx, id: UUID, *, lock: bool = False) -> models.Organisation:
    row = await queries.organisations.one(tx, id, lock=lock)
    if row is None:
        raise NotFound("There is no such organisation.")
    return row


def _view(row: models.Organisation) -> Organisation:
    kept = {"id": row.id, "version": row.version, "created_at": row.created_at, "updated_at": row.updated_at}
    return Organisation.model_validate({**row.details, **kept})


def _role(row: models.RoleGiven) -> RoleView:
    return RoleView(
        id=row.id,
        account_id=row.account_id,
        role=Role(row.role),
        organisation_id=row.organisation_id,
        given_at=row.given_at,
    )
