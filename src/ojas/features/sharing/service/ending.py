"""How a grant ends, what ends with it, and how it is brought back."""

from datetime import datetime
from uuid import UUID

from ojas.features.sharing import queries, rules
from ojas.features.sharing.models import Grant
from ojas.features.sharing.rules import Right
from ojas.kit import audit, clock, events
from ojas.kit.db import Tx
from ojas.kit.errors import Conflict, Forbidden

SUBJECT = "grants"


async def tell(tx: Tx, grant: Grant, news: str) -> None:
    """Write into the trail what became of a grant, and tell whoever listens."""
    await audit.changed(tx, "share", grant.person_id, SUBJECT, grant.id, version=grant.version)
    await events.emit(tx, f"sharing.grant.{news}", person_id=grant.person_id, grant_id=grant.id)


async def changed(tx: Tx, grant: Grant, news: str) -> None:
    """Keep a change of a grant, as a version of its own."""
    grant.version += 1
    grant.updated_at = clock.now()
    await tx.session.flush()
    await tell(tx, grant, news)


async def end(tx: Tx, grant: Grant, ending: rules.Ending, at: datetime) -> int:
    """End a grant, and whatever its holder gave on the person's behalf that they could not give now.

    Answers how many others ended. They carry the same instant, by which ``bring_back`` finds them.
    """
    grant.revoked_at, grant.revoked_as, grant.revoked_by = at, ending, tx.access.account_id
    await changed(tx, grant, ending)
    over = await _beyond(tx, grant.person_id, grant.grantee_account_id, at)
    count = len(over)
    for given in over:
        count += await end(tx, given, "lapsed", at)
    if count and ending != "lapsed":
        await events.emit(tx, "sharing.giver.ended", person_id=grant.person_id, grant_id=grant.id)
    return count


async def end_ungiven(tx: Tx, person_id: UUID, own: UUID | None) -> None:
    """End what stands of a person though who gave it could not give it now; ``own`` is the account that is theirs."""
    now = clock.now()
    for giver in await queries.givers(tx, person_id, now):
        for one in await _beyond(tx, person_id, giver, now) if giver != own else ():
            if one.revoked_at is None:  # or it ended with another
                await end(tx, one, "lapsed", now)


async def bring_back(tx: Tx, grant: Grant) -> None:
    """Let a grant that was taken back stand again with what ended by it; one that lapsed, alone."""
    assert grant.revoked_at is not None
    whole = grant.revoked_as == "taken_back"
    others = await queries.lapsed(tx, grant.person_id, grant.revoked_at) if whole else []
    for one in (grant, *others):
        one.revoked_at = one.revoked_as = one.revoked_by = None
        await changed(tx, one, "created" if one.accepted_at is None else "restored")


async def held_by(
    tx: Tx, person_id: UUID, account_id: UUID, at: datetime, *, lock: bool = False
) -> list[tuple[Right, datetime | None]]:
    """The rights an account has to a person's record, each with its end."""
    rows = await queries.held(tx, account_id, at, person_id, lock=lock)
    return [
        (
            Right(person_id, row.kind, frozenset(row.scopes), row.may_write, row.manage, row.purpose),
            row.ends_at,
        )
        for row in rows
    ]


def refuse_undoing(tx: Tx, grant: Grant, at: datetime) -> None:
    """
    Raises:
        Conflict: it did not end so that it could be brought back, or too long ago.
        Forbidden: somebody else took it back, and the caller is not whose record it is.
    """
    owner = tx.access.allows(rules.OWNER, grant.person_id)
    over = grant.ends_at is not None and grant.ends_at <= at
    late = grant.revoked_as == "taken_back" and (grant.revoked_at or at) < at - rules.UNDO
    if grant.revoked_as not in ("taken_back", "lapsed") or over or late:
        raise Conflict("This cannot be brought back. Share it anew.")
    mine = grant.revoked_as == "taken_back" and grant.revoked_by == tx.access.account_id
    if not owner and not mine:
        raise Forbidden("Only the person themselves may bring this back.")


async def refuse_orphaning(tx: Tx, grant: Grant) -> None:
    """
    Raises:
        Conflict: this is the last of those who keep the record of somebody without an account.
    """
    if grant.kind == rules.Kind.GUARDIAN and await queries.guardians(tx, grant.person_id) <= 1:
        raise Conflict("Somebody must keep this record. You are the last who does.")


async def _beyond(tx: Tx, person_id: UUID, account_id: UUID | None, at: datetime) -> list[Grant]:
    """What an account gave of a person, and could not give by what it holds now."""
    given = await queries.given(tx, person_id, account_id, at) if account_id else []
    held = await held_by(tx, person_id, account_id, at) if account_id and given else []
    return [
        one
        for one in given
        if not rules.may_give(
            held, set(one.scopes), may_write=one.may_write, manage=one.manage, ends_at=one.ends_at
        )
    ]
