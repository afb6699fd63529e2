"""The tables of the calendar."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Uuid
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from ojas.kit import clock
from ojas.kit.db import Base, Owned, Personal


class Calendar(Owned, Base):
    """A calendar of a person; one of them is the default."""

    __tablename__ = "calendars"
    __scope__ = "calendar"

    is_default: Mapped[bool]


class Event(Owned, Base):
    """What is planned. In the clear is only what finds it: in which time it comes, who may see it, when to remind of it.

    ``privacy`` is read by row-level security. ``first_at`` and ``last_at`` hold all its times (null: it never ends), by the
    clocks of the zone ``clocks`` where it has none of its own. ``call_at`` is its next reminder; null: none will come.
    Where that could not be said, it is tried again at ``look_at``.
    """

    __tablename__ = "calendar_events"
    __scope__ = "calendar"

    calendar_id: Mapped[UUID | None]
    privacy: Mapped[str]
    appointment: Mapped[bool]
    first_at: Mapped[datetime]
    last_at: Mapped[datetime | None]
    clocks: Mapped[str]
    call_at: Mapped[datetime | None]
    look_at: Mapped[datetime | None]


class Occurrence(Personal, Base):
    """One time an event comes to, from when something is known of it: what became of it, or that it was said.

    Its id follows from event and key: there is but one. ``messages`` are the reminders that were said of it.
    """

    __tablename__ = "occurrences"
    __scope__ = "calendar"

    event_id: Mapped[UUID]
    key: Mapped[str]
    privacy: Mapped[str]
    status: Mapped[str | None]
    marked_at: Mapped[datetime | None]
    messages: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), default=list)
    said_at: Mapped[datetime | None]


class Taken(Personal, Base):
    """An event, by its id, that was made of Appointments of the record; ``sealed`` holds what they told.

    So it is known what a hand changed since, or deleted, and what goes when its import is taken back.
    """

    __tablename__ = "taken_appointments"
    __scope__ = "owner"

    sealed: Mapped[bytes]


class EventTemplate(Owned, Base):
    """An event to begin from."""

    __tablename__ = "event_templates"
    __scope__ = "calendar"

    is_active: Mapped[bool]


class Link(Personal, Base):
    """A secret address by which another calendar reads this one. Only its digest is kept; ``sealed`` holds what was chosen."""

    __tablename__ = "calendar_links"
    __scope__ = "owner"

    digest: Mapped[bytes]
    detail: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    read_at: Mapped[datetime | None]
    sealed: Mapped[bytes]
