"""The tables of emergency."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Uuid

from ojas.kit import clock
from ojas.kit.db import Base, Owned, Personal


class Contact(Owned, Base):
    """Somebody to be told. In the clear is what decides whether and when; who they are is sealed.

    ``named_at``: when they were told that they were named. ``refused_at``: when they said that it is not them; then they are
    told nothing more, until their address changes.
    """

    __tablename__ = "emergency_contacts"
    __scope__ = "emergency"

    priority: Mapped[int]
    active: Mapped[bool]
    can_receive_alerts: Mapped[bool]
    account_id: Mapped[UUID | None]
    address_hash: Mapped[bytes]
    named_at: Mapped[datetime | None]
    refused_at: Mapped[datetime | None]


class Refusal(Personal, Base):
    """An address whose owner said that it is not them, also once the contact is gone. Its id is a keyed digest of it."""

    __tablename__ = "emergency_refusals"
    __scope__ = "emergency"

    refused_at: Mapped[datetime]


class Alert(Personal, Base):
    """One call for help. ``begun_at``, ``said`` and ``call_at`` are its place on the ladder; a null ``call_at``: nobody is
    told any more. Of a test ``call_at`` is at the latest when that ends by itself. ``sealed`` holds what for, message, place,
    vital signs and how it ended.
    """

    __tablename__ = "emergency_alerts"
    __scope__ = "emergency"

    test: Mapped[bool]
    raised_by: Mapped[UUID | None]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    pressed_at: Mapped[datetime]
    begun_at: Mapped[datetime]
    said: Mapped[int] = mapped_column(default=0)
    call_at: Mapped[datetime | None]
    news: Mapped[int] = mapped_column(default=0)
    resolved_at: Mapped[datetime | None]
    outcome: Mapped[str | None]
    version: Mapped[int] = mapped_column(default=1)
    sealed: Mapped[bytes]


class Helper(Personal, Base):
    """A contact in an alert: what was sent to them, and what they answered. ``sealed``: who they were and where they were
    reached, for a contact may change or go. It has no reference to the contact, and stays when that is deleted.
    """

    __tablename__ = "emergency_helpers"
    __scope__ = "emergency"

    alert_id: Mapped[UUID]
    contact_id: Mapped[UUID]
    rank: Mapped[int]
    told: Mapped[int] = mapped_column(default=0)
    told_at: Mapped[datetime | None]
    message_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid()))
    answer: Mapped[str | None]
    answered_at: Mapped[datetime | None]
    sealed: Mapped[bytes]


class Card(Personal, Base):
    """The card of a person; its id is theirs. Of its code the digest alone is in the clear.

    ``closed`` while the record waits to be erased. ``sealed``: what is on it, and the code, so that it can be printed again.
    """

    __tablename__ = "emergency_cards"
    __scope__ = "emergency"

    digest: Mapped[bytes | None]
    shown: Mapped[bool]
    closed: Mapped[bool] = mapped_column(default=False)
    issued_at: Mapped[datetime | None]
    opened_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime] = mapped_column(default=clock.now)
    sealed: Mapped[bytes]
