"""Every statement of medications."""

from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import and_, delete, func, or_, select
from sqlalchemy import insert as add
from sqlalchemy.dialects.postgresql import insert

from ojas.features.medications.models import Dose, Interaction, InteractionList, Medicine
from ojas.kit.db import Tx


async def claim_due(tx: Tx, now: datetime, limit: int) -> Sequence[Medicine]:
    """Medicines of whomever with a dose that is due, locked; what another worker is at is passed over."""
    query = select(Medicine).where(Medicine.next_due_at <= now).order_by(Medicine.next_due_at).limit(limit)
    return list(await tx.session.scalars(query.with_for_update(skip_locked=True)))


async def claim_calls(tx: Tx, now: datetime, limit: int) -> Sequence[Dose]:
    """Doses of whomever of which something is to be said, locked as those above."""
    query = select(Dose).where(Dose.call_at <= now).order_by(Dose.call_at).limit(limit)
    return list(await tx.session.scalars(query.with_for_update(skip_locked=True)))


async def medicines(tx: Tx, person_id: UUID, *, lock: bool = False) -> Sequence[Medicine]:
    query = select(Medicine).where(Medicine.person_id == person_id).order_by(Medicine.id)
    return list(await tx.session.scalars(query.with_for_update() if lock else query))


async def medicine(tx: Tx, person_id: UUID, id: UUID, *, lock: bool = False) -> Medicine | None:
    query = select(Medicine).where(Medicine.person_id == person_id, Medicine.id == id)
    found: Medicine | None = await tx.session.scalar(query.with_for_update() if lock else query)
    return found


async def keep(tx: Tx, rows: Sequence[dict[str, Any]]) -> None:
    """Doses that came due or are answered early. One that is there already stays as it is."""
    if rows:
        await tx.session.execute(insert(Dose).values(list(rows)).on_conflict_do_nothing())


async def dose(tx: Tx, person_id: UUID, id: UUID, *, lock: bool = False) -> Dose | None:
    query = select(Dose).where(Dose.person_id == person_id, Dose.id == id)
    found: Dose | None = await tx.session.scalar(query.with_for_update() if lock else query)
    return found


async def doses(
    tx: Tx, person_id: UUID, since: datetime, until: datetime, medicine_id: UUID | None = None
) -> Sequence[Dose]:
    """From ``since`` up to but not at ``until``, in order."""
    query = select(Dose).where(Dose.person_id == person_id, Dose.at >= since, Dose.at < until)
    if medicine_id is not None:
        query = query.where(Dose.medicine_id == medicine_id)
    return list(await tx.session.scalars(query.order_by(Dose.at, Dose.id)))


async def outcomes(
    tx: Tx, person_id: UUID, first: date, last: date, medicine_id: UUID | None = None
) -> Sequence[Any]:
    """What became of doses, without their content: enough to reckon by."""
    query = select(
        Dose.id,
        Dose.medicine_id,
        Dose.day,
        Dose.planned,
        Dose.at,
        Dose.opens_at,
        Dose.on_time_at,
        Dose.closes_at,
        Dose.action,
        Dose.answered_at,
        Dose.told_at,
        Dose.until,
        Dose.held,
    ).where(Dose.person_id == person_id, Dose.day >= first, Dose.day <= last)
    if medicine_id is not None:
        query = query.where(Dose.medicine_id == medicine_id)
    return (await tx.session.execute(query.order_by(Dose.at, Dose.id))).all()


async def ended(tx: Tx, person_id: UUID, since: datetime, now: datetime) -> Sequence[Any]:
    """Doses by plan whose window closed or that were answered since an instant, in order: what became of them."""
    query = select(Dose.id, Dose.medicine_id, Dose.at, Dose.closes_at, Dose.action).where(
        Dose.person_id == person_id, Dose.planned.is_not(None), Dose.at >= since, Dose.at <= now
    )
    return (await tx.session.execute(query.order_by(Dose.at, Dose.id))).all()


async def next_due(tx: Tx, person_id: UUID) -> datetime | None:
    """When the next dose of any medicine is due that is no row yet."""
    found: datetime | None = await tx.session.scalar(
        select(func.min(Medicine.next_due_at)).where(Medicine.person_id == person_id)
    )
    return found


async def taken_since(tx: Tx, person_id: UUID, medicine_id: UUID, since: datetime) -> Sequence[Dose]:
    """What was taken of a medicine from an instant on, in order."""
    query = select(Dose).where(
        Dose.person_id == person_id,
        Dose.medicine_id == medicine_id,
        Dose.action == "take",
        Dose.answered_at >= since,
    )
    return list(await tx.session.scalars(query.order_by(Dose.answered_at)))


async def last_taken(tx: Tx, person_id: UUID, medicine_id: UUID) -> datetime | None:
    query = select(Dose.answered_at).where(
        Dose.person_id == person_id, Dose.medicine_id == medicine_id, Dose.action == "take"
    )
    found: datetime | None = await tx.session.scalar(query.order_by(Dose.answered_at.desc()).limit(1))
    return found


async def all_doses(tx: Tx, person_id: UUID) -> Sequence[Dose]:
    query = select(Dose).where(Dose.person_id == person_id).order_by(Dose.at, Dose.id)
    return list(await tx.session.scalars(query))


async def erase_doses(tx: Tx, person_id: UUID) -> None:
    await tx.session.execute(delete(Dose).where(Dose.person_id == person_id))


async def interaction_list(tx: Tx) -> InteractionList | None:
    """The list that is loaded."""
    found: InteractionList | None = await tx.session.scalar(select(InteractionList))
    return found


async def interactions(tx: Tx, some: Collection[str], others: Collection[str]) -> Sequence[Interaction]:
    """The pairs of the list of one name of either side."""
    both = [
        and_(Interaction.one.in_(a), Interaction.other.in_(b)) for a, b in ((some, others), (others, some))
    ]
    return list(await tx.session.scalars(select(Interaction).where(or_(*both))))


async def drop_interactions(tx: Tx) -> None:
    await tx.session.execute(delete(Interaction))
    await tx.session.execute(delete(InteractionList))


async def copy_interactions(tx: Tx, pairs: Iterator[tuple[str, ...]]) -> int:
    """Add pairs, many at a time; answers how many."""
    count = 0
    while batch := list(islice(pairs, 1000)):
        columns = ("one", "other", "severity", "effect", "cite")
        await tx.session.execute(add(Interaction), [dict(zip(columns, pair, strict=True)) for pair in batch])
        count += len(batch)
    return count


async def name_interactions(tx: Tx, **values: Any) -> InteractionList:
    """Say which list the pairs are of."""
    row = InteractionList(**values)
    tx.session.add(row)
    await tx.session.flush()
    return row
