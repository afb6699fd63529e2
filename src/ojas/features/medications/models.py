"""The tables of medications."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from ojas.kit import clock
from ojas.kit.db import Base, Owned, Personal


class Medicine(Owned, Base):
    """What a person takes. In the clear is only what finds it when it is due: whether it is taken, and when next.

    ``next_due_at`` is the next dose that is no row yet, by the clocks of ``zone``; null: none will come.
    """

    __tablename__ = "medicines"
    __scope__ = "medications"

    status: Mapped[str]
    zone: Mapped[str | None]
    next_due_at: Mapped[datetime | None]


class Dose(Personal, Base):
    """One moment of a schedule, from when it is due or answered. Its id follows from medicine and key: there is but one.

    The window lies in it, for a schedule that changes later must not judge it anew. ``planned`` is local wall time, ISO 8601;
    null: taken as needed. ``begun_at``, ``said`` and ``call_at`` are its place on the ladder that reminds; a null ``call_at``:
    nothing more is said. ``sealed`` holds amounts, reason, notes and side effects.
    """

    __tablename__ = "doses"
    __scope__ = "medications"

    medicine_id: Mapped[UUID]
    key: Mapped[str]
    day: Mapped[date]
    planned: Mapped[str | None]
    at: Mapped[datetime]
    opens_at: Mapped[datetime]
    on_time_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    action: Mapped[str | None]
    answered_at: Mapped[datetime | None]
    told_at: Mapped[datetime | None]
    until: Mapped[datetime | None]
    held: Mapped[bool] = mapped_column(default=False)
    begun_at: Mapped[datetime]
    said: Mapped[int] = mapped_column(default=0)
    call_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    sealed: Mapped[bytes]


class InteractionList(Base):
    """Which list of interactions is loaded: there is one, or none."""

    __tablename__ = "interaction_lists"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    source: Mapped[str]
    version: Mapped[str]
    pairs: Mapped[int]
    loaded_at: Mapped[datetime]


class Interaction(Base):
    """A pair of the list, by names as rules.substances.name writes them; the lesser first."""

    __tablename__ = "interactions"

    one: Mapped[str] = mapped_column(primary_key=True)
    other: Mapped[str] = mapped_column(primary_key=True)
    severity: Mapped[str]
    effect: Mapped[str]
    cite: Mapped[str]
