"""Every statement of the calendar."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from ojas.features.calendar.models import Calendar, Event, Link, Occurrence, Taken
from ojas.kit.db import Statement, Tx

_MARGIN = timedelta(days=1)
"""What floats, or takes the whole day, is elsewhere at another hour: at most fourteen."""

_COLUMNS = list(Event.__table__.columns)
_BETWEEN = Statement(
    select(*_COLUMNS)
    .where(
        Event.person_id == bindparam("person_id"),
        Event.first_at < bindparam("until", type_=Event.first_at.type),
        or_(Event.last_at.is_(None), Event.last_at > bindparam("since", type_=Event.first_at.type)),
    )
    .order_by(Event.first_at, Event.id)
    .limit(bindparam("most"))
)
_APPOINTMENTS = Statement(
    select(*_COLUMNS)
    .where(
        Event.person_id == bindparam("person_id"),
        Event.appointment,
        Event.first_at < bindparam("until", type_=Event.first_at.type),
    )
    .order_by(Event.first_at.desc(), Event.id)
    .limit(bindparam("most"))
)


async def between(tx: Tx, person_id: UUID, since: datetime, until: datetime, most: int) -> Sequence[Any]:
    """Events with a time between two instants, as far as the transaction may see them."""
    return await _BETWEEN.all(
        tx, person_id=person_id, since=since - _MARGIN, until=until + _MARGIN, most=most
    )


async def appointments(tx: Tx, person_id: UUID, until: datetime, most: int) -> Sequence[Any]:
    """Those that may have begun before an instant, newest first."""
    return await _APPOINTMENTS.all(tx, person_id=person_id, until=until, most=most)


async def count(tx: Tx, person_id: UUID) -> int:
    return await tx.session.scalar(select(func.count()).where(Event.person_id == person_id)) or 0


async def event(tx: Tx, person_id: UUID, id: UUID, *, lock: bool = False) -> Event | None:
    query = select(Event).where(Event.person_id == person_id, Event.id == id)
    found: Event | None = await tx.session.scalar(query.with_for_update() if lock else query)
    return found


async def events(tx: Tx, person_id: UUID) -> Sequence[Event]:
    query = select(Event).where(Event.person_id == person_id).order_by(Event.first_at, Event.id)
    return list(await tx.session.scalars(query))


async def claim(tx: Tx, now: datetime, most: int) -> Sequence[Event]:
    """Events of whomever that are to be reminded of, locked; what another worker is at is passed over."""
    due = func.greatest(Event.call_at, Event.look_at)
    query = select(Event).where(Event.call_at.is_not(None), due <= now).order_by(due).limit(most)
    return list(await tx.session.scalars(query.with_for_update(skip_locked=True)))


async def default(tx: Tx, person_id: UUID) -> UUID | None:
    query = select(Calendar.id).where(Calendar.person_id == person_id, Calendar.is_default)
    found: UUID | None = await tx.session.scalar(query)
    return found


async def alone(tx: Tx, person_id: UUID) -> None:
    """Let nobody else give this person a first calendar until the transaction ends."""
    await tx.session.execute(
        select(func.pg_advisory_xact_lock(func.hashtextextended(f"calendar {person_id}", 0)))
    )


async def no_default(tx: Tx, person_id: UUID, but: UUID) -> None:
    await tx.session.execute(
        update(Calendar)
        .where(Calendar.person_id == person_id, Calendar.is_default, Calendar.id != but)
        .values(is_default=False, version=Calendar.version + 1)
    )


async def known(tx: Tx, person_id: UUID, event_ids: Iterable[UUID]) -> Sequence[Occurrence]:
    """What is kept of the occurrences of some events."""
    query = select(Occurrence).where(
        Occurrence.person_id == person_id, Occurrence.event_id.in_(list(event_ids))
    )
    return list(await tx.session.scalars(query.execution_options(populate_existing=True)))


async def keep(tx: Tx, row: dict[str, Any], **changed: Any) -> None:
    """A row of an occurrence, or what is ``changed`` of the one that is there."""
    made = insert(Occurrence).values(**row)
    await tx.session.execute(
        made.on_conflict_do_update(index_elements=["person_id", "id"], set_=changed)
        if changed
        else made.on_conflict_do_nothing()
    )


async def forget(tx: Tx, person_id: UUID, ids: Iterable[UUID]) -> None:
    await tx.session.execute(
        delete(Occurrence).where(Occurrence.person_id == person_id, Occurrence.id.in_(list(ids)))
    )


async def guard(tx: Tx, person_id: UUID, event_id: UUID, privacy: str) -> None:
    """Let what is kept of an event's occurrences be seen by whom the event is."""
    await tx.session.execute(
        update(Occurrence)
        .where(
            Occurrence.person_id == person_id, Occurrence.event_id == event_id, Occurrence.privacy != privacy
        )
        .values(privacy=privacy)
    )


async def all_known(tx: Tx, person_id: UUID) -> Sequence[Occurrence]:
    query = select(Occurrence).where(Occurrence.person_id == person_id)
    return list(await tx.session.scalars(query.order_by(Occurrence.event_id, Occurrence.key)))


async def links(tx: Tx, person_id: UUID) -> Sequence[Link]:
    query = select(Link).where(Link.person_id == person_id).order_by(Link.id)
    return list(await tx.session.scalars(query))


async def link(tx: Tx, digest: bytes) -> Link | None:
    found: Link | None = await tx.session.scalar(select(Link).where(Link.digest == digest))
    return found


async def drop_link(tx: Tx, person_id: UUID, id: UUID) -> bool:
    gone = delete(Link).where(Link.person_id == person_id, Link.id == id).returning(Link.id)
    return await tx.session.scalar(gone) is not None


async def erase(tx: Tx, person_id: UUID) -> None:
    for table in (Occurrence, Link, Taken):
        await tx.session.execute(delete(table).where(table.person_id == person_id))


async def taken(tx: Tx, person_id: UUID) -> Sequence[Taken]:
    """The events that were made of Appointments of the record."""
    return list(await tx.session.scalars(select(Taken).where(Taken.person_id == person_id)))


async def said(tx: Tx, row: dict[str, Any], messages: Sequence[UUID], at: datetime) -> None:
    """Keep that an occurrence was said, by these messages too."""
    made = insert(Occurrence).values(**(row | {"messages": list(messages), "said_at": at}))
    together = Occurrence.messages.op("||")(made.excluded.messages)
    await tx.session.execute(
        made.on_conflict_do_update(
            index_elements=["person_id", "id"], set_={"messages": together, "said_at": made.excluded.said_at}
        )
    )
