"""The keys that sign access tokens."""

from collections.abc import Collection, Sequence

from sqlalchemy import delete, select

from ojas.features.identity.models import SigningKeyRow
from ojas.kit.db import Tx


async def keys(tx: Tx) -> Sequence[SigningKeyRow]:
    return (await tx.session.scalars(select(SigningKeyRow).order_by(SigningKeyRow.created_at))).all()


async def drop(tx: Tx, kids: Collection[str]) -> None:
    await tx.session.execute(delete(SigningKeyRow).where(SigningKeyRow.kid.in_(kids)))
