"""Persons and their profiles."""

from uuid import UUID

from sqlalchemy import delete, select

from ojas.features.identity.models import Account, Person, Privacy, Profile
from ojas.kit.db import Tx


async def profile(tx: Tx, person_id: UUID) -> Profile | None:
    return await tx.session.scalar(
        select(Profile).where(Profile.person_id == person_id, Profile.id == person_id)
    )


async def erase(tx: Tx, person_id: UUID) -> None:
    for table in (Privacy, Profile, Account, Person):
        await tx.session.execute(delete(table).where(table.person_id == person_id))
