"""The tables of signals. What stays in the clear, and why, is in decision 0006: times, counts and the header of a chunk."""

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID, uuid5

from sqlalchemy.orm import Mapped, mapped_column

from ojas.features.signals.rules import milliseconds
from ojas.kit import clock
from ojas.kit.db import Base, Owned, Personal, Seal


def _chunk(row: Any) -> UUID:
    return uuid5(row.stream_id, str(milliseconds(row.start)))


def _month(row: Any) -> UUID:
    return uuid5(row.person_id, f"{row.kind} {row.month}")


def _session(row: Any) -> UUID:
    found: UUID = row.session_id
    return found


class Source(Owned, Base):
    """Who sends. ``sort`` is a ``SourceClass``; ``priority`` the person's own order, least first, None where they have none."""

    __tablename__ = "signal_sources"
    __scope__: ClassVar[str] = "signals"

    sort: Mapped[str]
    priority: Mapped[int | None]


class Stream(Personal, Base):
    """One kind from one source. Its row is what writers of the stream queue at, and says how much there is: ``n`` samples, from
    ``first`` to ``last``."""

    __tablename__ = "signal_streams"
    __scope__ = "signals"

    source_id: Mapped[UUID]
    kind: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    n: Mapped[int] = mapped_column(default=0)
    first: Mapped[datetime | None]
    last: Mapped[datetime | None]


class Chunk(Base):
    """A span of a stream: an hour of the day that goes on, a day, or a month of what comes seldom.

    In the clear: how many samples, from when to when, the smallest, the greatest and the sum of their values in the kind's
    steps (0 for stages), and how often it was written. Sealed: ``data``, and ``profile``, a day that is over by the hour.
    """

    __tablename__ = "signal_chunks"
    __scope__ = "signals"
    __seals__ = (
        Seal("data", _chunk, "signal_chunks.data"),
        Seal("profile", _chunk, "signal_chunks.profile"),
    )

    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    stream_id: Mapped[UUID] = mapped_column(primary_key=True)
    start: Mapped[datetime] = mapped_column(primary_key=True)
    until: Mapped[datetime]
    first: Mapped[datetime]
    last: Mapped[datetime]
    n: Mapped[int]
    low: Mapped[int]
    high: Mapped[int]
    total: Mapped[int]
    revision: Mapped[int]
    data: Mapped[bytes]
    profile: Mapped[bytes | None]


class Days(Base):
    """What a kind came to on the days of a month, sealed. Bit d - 1 of ``stale``: day d was written to since."""

    __tablename__ = "signal_days"
    __scope__ = "signals"
    __seals__ = (Seal("sealed", _month),)

    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)
    stale: Mapped[int]
    revision: Mapped[int]
    sealed: Mapped[bytes | None]


class Stay(Base):
    """Since when the person has been in which time zone."""

    __tablename__ = "signal_stays"
    __scope__ = "signals"

    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    since: Mapped[datetime] = mapped_column(primary_key=True)
    zone: Mapped[str]


class Session(Owned, Base):
    """A workout or a night, as a device or the person tells it."""

    __tablename__ = "signal_sessions"
    __scope__ = "signals"

    kind: Mapped[str]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime]
    source_id: Mapped[UUID | None]


class Route(Base):
    """Where a session led: the same columns as samples, sealed."""

    __tablename__ = "signal_routes"
    __scope__ = "signals"
    __seals__ = (Seal("data", _session),)

    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    session_id: Mapped[UUID] = mapped_column(primary_key=True)
    n: Mapped[int]
    data: Mapped[bytes]


class Trace(Base):
    """The electrocardiogram of a session, sealed."""

    __tablename__ = "signal_traces"
    __scope__ = "signals"
    __seals__ = (Seal("data", _session),)

    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    session_id: Mapped[UUID] = mapped_column(primary_key=True)
    n: Mapped[int]
    data: Mapped[bytes]
