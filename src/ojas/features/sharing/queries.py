"""Every statement of sharing."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, bindparam, delete, func, or_, select, update

from ojas.features.sharing.models import Consent, Grant
from ojas.features.sharing.rules import EVERYTHING, Answer, Right
from ojas.kit import clock
from ojas.kit.db import Statement, Tx


def _in_force(at: datetime | ColumnElement[datetime]) -> ColumnElement[bool]:
    return (
        Grant.revoked_at.is_(None)
        & (Grant.starts_at <= at)
        & or_(Grant.ends_at.is_(None), Grant.ends_at > at)
    )


_RIGHTS = Statement(
    select(Grant.person_id, Grant.kind, Grant.scopes, Grant.may_write, Grant.manage, Grant.purpose).where(
        Grant.grantee_account_id == bindparam("account_id"),
        _in_force(bindparam("at", type_=Grant.starts_at.type)),
    )
)


async def rights(tx: Tx, account_id: UUID, at: datetime) -> list[Right]:
    """What is granted to an account now: one scan of one index, asked by every request."""
    rows = await _RIGHTS.all(tx, account_id=account_id, at=at)
    return [Right(row[0], row[1], frozenset(row[2]), row[3], row[4], row[5]) for row in rows]


async def held(
    tx: Tx, account_id: UUID, at: datetime, person_id: UUID | None = None, *, lock: bool = False
) -> list[Grant]:
    """The grants in force for an account, whole; of one person, or of all."""
    query = select(Grant).where(Grant.grantee_account_id == account_id, _in_force(at)).order_by(Grant.id)
    if person_id is not None:
        query = query.where(Grant.person_id == person_id)
    return list(await tx.session.scalars(query.with_for_update() if lock else query))


async def given(tx: Tx, person_id: UUID, account_id: UUID, at: datetime) -> list[Grant]:
    """What an account gave of a person that has not ended yet, accepted or not; locked."""
    query = select(Grant).where(
        Grant.person_id == person_id,
        Grant.granted_by == account_id,
        Grant.revoked_at.is_(None),
        or_(Grant.ends_at.is_(None), Grant.ends_at > at),
    )
    return list(await tx.session.scalars(query.order_by(Grant.id).with_for_update()))


async def givers(tx: Tx, person_id: UUID, at: datetime) -> list[UUID]:
    """The accounts that gave what of a person has not ended yet."""
    query = select(Grant.granted_by).where(
        Grant.person_id == person_id,
        Grant.granted_by.is_not(None),
        Grant.revoked_at.is_(None),
        or_(Grant.ends_at.is_(None), Grant.ends_at > at),
    )
    return [giver for giver in await tx.session.scalars(query.distinct().order_by(Grant.granted_by)) if giver]


async def lapsed(tx: Tx, person_id: UUID, at: datetime) -> list[Grant]:
    """What ended at this very instant because its giver's right did; locked."""
    query = select(Grant).where(
        Grant.person_id == person_id, Grant.revoked_as == "lapsed", Grant.revoked_at == at
    )
    return list(await tx.session.scalars(query.order_by(Grant.id).with_for_update()))


async def put_out(tx: Tx, person_id: UUID, index: bytes, account_id: UUID) -> bool:
    """Whether somebody else than ``account_id`` took back what went to this address, and nobody else gave it anew."""
    others = Grant.granted_by.is_distinct_from(account_id)
    taken_back = (Grant.revoked_as == "taken_back") & Grant.revoked_by.is_distinct_from(account_id)
    query = select(
        func.max(Grant.revoked_at).filter(taken_back), func.max(Grant.created_at).filter(others)
    ).where(Grant.person_id == person_id, Grant.invited_index == index)
    ended, anew = (await tx.session.execute(query)).one()
    return ended is not None and (anew is None or anew < ended)


async def lately_held(tx: Tx, account_id: UUID, at: datetime, limit: int) -> list[UUID]:
    """Persons of the newest grants in force for an account."""
    query = select(Grant.person_id).where(Grant.grantee_account_id == account_id, _in_force(at))
    return list(await tx.session.scalars(query.order_by(Grant.starts_at.desc()).limit(limit)))


async def page(tx: Tx, person_id: UUID, limit: int, before: UUID | None) -> list[Grant]:
    query = select(Grant).where(Grant.person_id == person_id)
    if before is not None:
        query = query.where(Grant.id < before)
    return list(await tx.session.scalars(query.order_by(Grant.id.desc()).limit(limit)))


async def one(tx: Tx, person_id: UUID, grant_id: UUID, *, lock: bool = False) -> Grant | None:
    query = select(Grant).where(Grant.person_id == person_id, Grant.id == grant_id)
    found: Grant | None = await tx.session.scalar(query.with_for_update() if lock else query)
    return found


async def all_of(tx: Tx, person_id: UUID) -> Sequence[Grant]:
    return (
        await tx.session.scalars(select(Grant).where(Grant.person_id == person_id).order_by(Grant.id))
    ).all()


async def invitations(tx: Tx, index: bytes, at: datetime) -> list[Grant]:
    """Grants that wait for whoever has this address."""
    return list(
        await tx.session.scalars(
            select(Grant)
            .where(
                Grant.invited_index == index,
                Grant.accepted_at.is_(None),
                Grant.revoked_at.is_(None),
                or_(Grant.ends_at.is_(None), Grant.ends_at > at),
            )
            .order_by(Grant.id)
        )
    )


async def invited_since(tx: Tx, person_id: UUID, since: datetime) -> int:
    count = await tx.session.scalar(
        select(func.count()).select_from(Grant).where(Grant.person_id == person_id, Grant.created_at >= since)
    )
    return count or 0


async def caring(tx: Tx, person_id: UUID, scope: str, kinds: Sequence[str], at: datetime) -> list[UUID]:
    """Accounts with a grant of these kinds in force that opens a scope, longest-standing first."""
    query = select(Grant.grantee_account_id).where(
        Grant.person_id == person_id,
        Grant.grantee_account_id.is_not(None),
        Grant.accepted_at.is_not(None),
        Grant.kind.in_(kinds),
        or_(Grant.scopes.contains([scope]), Grant.scopes.contains([EVERYTHING])),
        _in_force(at),
    )
    return list(dict.fromkeys(await tx.session.scalars(query.order_by(Grant.id))))


async def guardians(tx: Tx, person_id: UUID) -> int:
    """How many keep a person's record."""
    count = await tx.session.scalar(
        select(func.count())
        .select_from(Grant)
        .where(Grant.person_id == person_id, Grant.kind == "guardian", Grant.revoked_at.is_(None))
    )
    return count or 0


async def grants_of_accounts(tx: Tx, person_id: UUID, accounts: set[UUID]) -> Sequence[Grant]:
    """Every grant a person ever gave to any of these accounts."""
    query = select(Grant).where(Grant.person_id == person_id, Grant.grantee_account_id.in_(accounts))
    return (await tx.session.scalars(query.order_by(Grant.id))).all()


async def consents(tx: Tx, person_id: UUID) -> Sequence[Consent]:
    """The ledger, newest line first."""
    query = select(Consent).where(Consent.person_id == person_id)
    return (await tx.session.scalars(query.order_by(Consent.at.desc(), Consent.id.desc()))).all()


async def answer(tx: Tx, person_id: UUID, purpose: str) -> Answer | None:
    """The newest line of a purpose."""
    query = select(Consent.given, Consent.text_version, Consent.expires_at).where(
        Consent.person_id == person_id, Consent.purpose == purpose
    )
    row = (await tx.session.execute(query.order_by(Consent.at.desc(), Consent.id.desc()).limit(1))).first()
    return Answer(*row) if row else None


async def close(tx: Tx, person_id: UUID, *, but_keepers: bool) -> None:
    """End everything that stands or is offered, as closed: what reopening finds again."""
    statement = update(Grant).where(Grant.person_id == person_id, Grant.revoked_at.is_(None))
    if but_keepers:
        statement = statement.where(Grant.kind != "guardian")
    await tx.session.execute(statement.values(revoked_at=clock.now(), revoked_as="closed"))


async def reopen(tx: Tx, person_id: UUID) -> None:
    statement = update(Grant).where(Grant.person_id == person_id, Grant.revoked_as == "closed")
    await tx.session.execute(statement.values(revoked_at=None, revoked_as=None))


async def end_held(tx: Tx, account_id: UUID) -> None:
    """End what an account holds of others, and forget by which address it was invited."""
    mine = update(Grant).where(Grant.grantee_account_id == account_id)
    # What is shut while its person waits to be erased too: undone, it would stand again, for nobody.
    stands = Grant.revoked_at.is_(None) | (Grant.revoked_as == "closed")
    await tx.session.execute(mine.where(stands).values(revoked_at=clock.now(), revoked_as="left"))
    await tx.session.execute(mine.values(invited_index=None))


async def erase(tx: Tx, person_id: UUID) -> None:
    for table in (Grant, Consent):
        await tx.session.execute(delete(table).where(table.person_id == person_id))
