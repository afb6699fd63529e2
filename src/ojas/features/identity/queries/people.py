"""Persons and their profiles."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, delete, select, update

from ojas.features.identity.models import Account, Person, Profile
from ojas.kit.db import Statement, Tx

_PROFILE = Statement(
    select(Profile.person_id, Profile.sealed).where(
        Profile.person_id == bindparam("person_id"), Profile.id == bindparam("person_id")
    )
)


async def profile(tx: Tx, person_id: UUID) -> Any | None:
    """The person and what is sealed of them: what every list and band asks for."""
    return await _PROFILE.first(tx, person_id=person_id)


async def profiles(tx: Tx, person_ids: Collection[UUID]) -> Sequence[Profile]:
    return (await tx.session.scalars(select(Profile).where(Profile.person_id.in_(person_ids)))).all()


async def exists(tx: Tx, person_id: UUID) -> bool:
    return await tx.session.get(Person, person_id) is not None


async def erase(tx: Tx, person_id: UUID) -> None:
    for table in (Profile, Account, Person):
        await tx.session.execute(delete(table).where(table.person_id == person_id))


async def mark_synthetic(tx: Tx, person_id: UUID) -> None:
    await tx.session.execute(update(Person).where(Person.person_id == person_id).values(synthetic=True))


async def synthetic(tx: Tx, person_ids: Collection[UUID]) -> frozenset[UUID]:
    found = await tx.session.scalars(
        select(Person.person_id).where(Person.person_id.in_(person_ids), Person.synthetic)
    )
    return frozenset(found)
