"""Organisations, and the roles accounts have in them."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete, select

from ojas.features.identity.models import Organisation, RoleGiven
from ojas.kit.db import Tx


async def all_of(tx: Tx, *, after: UUID | None = None, limit: int = 50) -> Sequence[Organisation]:
    query = select(Organisation).order_by(Organisation.id).limit(limit)
    return (await tx.session.scalars(query.where(Organisation.id > after) if after else query)).all()


async def one(tx: Tx, organisation_id: UUID, *, lock: bool = False) -> Organisation | None:
    query = select(Organisation).where(Organisation.id == organisation_id)
    return await tx.session.scalar(query.with_for_update() if lock else query)


async def roles(
    tx: Tx, *, account_id: UUID | None = None, organisation_id: UUID | None = None
) -> Sequence[RoleGiven]:
    query = select(RoleGiven).order_by(RoleGiven.id).limit(500)
    if account_id:
        query = query.where(RoleGiven.account_id == account_id)
    if organisation_id:
        query = query.where(RoleGiven.organisation_id == organisation_id)
    return (await tx.session.scalars(query)).all()


async def role(tx: Tx, role_id: UUID) -> RoleGiven | None:
    return await tx.session.scalar(select(RoleGiven).where(RoleGiven.id == role_id).with_for_update())


async def admins(tx: Tx) -> frozenset[UUID]:
    """The accounts of the admins of everything; locked, so that two cannot take each other's role at once."""
    found = await tx.session.scalars(
        select(RoleGiven.account_id)
        .where(RoleGiven.role == "admin", RoleGiven.organisation_id.is_(None))
        .with_for_update()
    )
    return frozenset(found)


async def take(tx: Tx, role_id: UUID) -> None:
    await tx.session.execute(delete(RoleGiven).where(RoleGiven.id == role_id))
