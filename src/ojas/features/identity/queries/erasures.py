"""Who is to be erased, and how far it is."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select, text

from ojas.features.identity.models import Erasure
from ojas.kit.db import Tx
from ojas.kit.http.replay import Answer


async def standing(tx: Tx, person_id: UUID, *, lock: bool = False) -> Erasure | None:
    """The one that was not undone; a person is erased once."""
    query = select(Erasure).where(Erasure.person_id == person_id, Erasure.undone_at.is_(None))
    found: Erasure | None = await tx.session.scalar(query.with_for_update() if lock else query)
    return found


async def one_by_one(tx: Tx, person_id: UUID) -> None:
    """Whoever asks for the same person's next waits until this transaction has ended."""
    name = {"name": f"erasure {person_id}"}
    await tx.session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), name)


async def by_id(tx: Tx, id: UUID) -> Erasure | None:
    found: Erasure | None = await tx.session.scalar(select(Erasure).where(Erasure.id == id))
    return found


async def due(tx: Tx, at: datetime) -> Sequence[UUID]:
    """Persons whose days are over, or who are half erased."""
    query = select(Erasure.person_id).where(
        Erasure.undone_at.is_(None), Erasure.ended_at.is_(None), Erasure.due_at <= at
    )
    return (await tx.session.scalars(query.order_by(Erasure.due_at))).all()


async def leaving(tx: Tx) -> frozenset[UUID]:
    """The accounts of everybody who waits to be erased, or is being."""
    query = select(Erasure.account_id).where(
        Erasure.account_id.is_not(None), Erasure.undone_at.is_(None), Erasure.ended_at.is_(None)
    )
    return frozenset(account for account in await tx.session.scalars(query) if account)


async def ended_since(tx: Tx, at: datetime) -> Sequence[UUID]:
    return (await tx.session.scalars(select(Erasure.person_id).where(Erasure.ended_at >= at))).all()


async def forget_undone(tx: Tx, person_id: UUID) -> None:
    await tx.session.execute(
        delete(Erasure).where(Erasure.person_id == person_id, Erasure.undone_at.is_not(None))
    )


async def forget_all(tx: Tx, person_id: UUID) -> None:
    await tx.session.execute(delete(Erasure).where(Erasure.person_id == person_id))


async def forget_answers(tx: Tx, account_id: UUID) -> None:
    await tx.session.execute(delete(Answer).where(Answer.account_id == account_id))
