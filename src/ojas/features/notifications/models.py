"""The tables of notifications."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from ojas.kit import clock
from ojas.kit.db import Base, Personal


class Message(Personal, Base):
    """One thing said to one reader about a person. It is the person's: sealed under their key, gone when they are erased.

    ``reader_id`` is an account's, or where ``account_id`` is null an outsider's. ``acted`` is the action done from it.
    ``scope`` is that of what it tells, so that somebody whose access to it ends no longer reads old messages either.
    ``key`` makes saying it twice one message. ``sealed`` holds the words' values as JSON.
    """

    __tablename__ = "messages"
    __scope__ = "notifications"

    account_id: Mapped[UUID | None]
    reader_id: Mapped[UUID]
    kind: Mapped[str]
    topic: Mapped[str]
    scope: Mapped[str]
    urgency: Mapped[int]
    key: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    expires_at: Mapped[datetime | None]
    read_at: Mapped[datetime | None]
    archived_at: Mapped[datetime | None]
    acted_at: Mapped[datetime | None]
    acted: Mapped[str | None]
    sealed: Mapped[bytes]


class Outsider(Personal, Base):
    """Somebody without an account who is told something about the person: their name and addresses, sealed.

    Its id is a digest of those, so that the same somebody is one row.
    """

    __tablename__ = "outsiders"
    __scope__ = "notifications"

    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    sealed: Mapped[bytes]


class Address(Personal, Base):
    """Where an account is reached beyond its e-mail address: a browser that subscribed, a telephone, a webhook.

    It is kept with the account's own person, sealed under their key. ``digest`` finds the same address again.
    ``confirmed_at``: before that nothing is sent there but the code that confirms it. ``session_id``: of a browser, that in
    which it was seen last; once somebody ends it, nothing more is sent there.
    """

    __tablename__ = "addresses"
    __scope__ = "notifications"

    account_id: Mapped[UUID]
    kind: Mapped[str]
    digest: Mapped[bytes]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    confirmed_at: Mapped[datetime | None]
    session_id: Mapped[UUID | None]
    tries: Mapped[int] = mapped_column(default=0)
    sealed: Mapped[bytes]


class Delivery(Personal, Base):
    """A message on one channel, to one of the reader's addresses there (null: the only one).

    A worker claims it by moving ``due_at`` to when its lease ends: if it dies, it is due again.
    """

    __tablename__ = "deliveries"
    __scope__ = "notifications"

    message_id: Mapped[UUID]
    account_id: Mapped[UUID | None]
    address_id: Mapped[UUID | None]
    channel: Mapped[str]
    urgency: Mapped[int]
    state: Mapped[str]
    hold: Mapped[str | None]
    first_at: Mapped[datetime]
    due_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    tried_at: Mapped[datetime | None]
    answer: Mapped[str | None]
    handed_at: Mapped[datetime | None]


class Setting(Base):
    """How an account wants to be told. Which topics somebody switched off says nothing of their health: in the clear."""

    __tablename__ = "notification_settings"

    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    chosen: Mapped[dict[str, Any]]
    version: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime] = mapped_column(default=clock.now)
