"""Tables: of persons (row security by person), and of accounts (row security by account, or the area of sign-in)."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Text, select
from sqlalchemy.dialects.postgresql import ARRAY, INET
from sqlalchemy.orm import Mapped, mapped_column

from ojas.kit import clock
from ojas.kit.db import SCOPES, Base, Owned, Personal, Seal, by_id
from ojas.kit.ids import new_id

SCOPES.add("profile")


class Person(Base):
    """Somebody a record is about."""

    __tablename__ = "persons"
    __scope__ = "profile"

    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    created_by: Mapped[UUID | None]
    synthetic: Mapped[bool] = mapped_column(default=False)
    """Made up, by the demo: every page says so."""


class Profile(Owned, Base):
    """What is known of a person; one row each, whose id is the person's."""

    __tablename__ = "profiles"
    __scope__ = "profile"


class Account(Base):
    """Somebody who signs in. The address lies sealed under the key of the account's person, and as a blind index."""

    __tablename__ = "accounts"
    __seals__ = (Seal("sealed", by_id, area="sign_in"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[UUID]
    email_index: Mapped[bytes]
    sealed: Mapped[bytes]
    preferences: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    updated_at: Mapped[datetime] = mapped_column(default=clock.now)
    verified_at: Mapped[datetime | None]
    disabled_at: Mapped[datetime | None]
    seen_at: Mapped[datetime | None]


def _of_their_account(table: type[Base]) -> Callable[[UUID], ColumnElement[bool]]:
    """Rows of a table keyed by account, by the account's person."""

    def whose(person_id: UUID) -> ColumnElement[bool]:
        mine = select(Account.id).where(Account.person_id == person_id)
        return table.__table__.c.account_id.in_(mine)

    return whose


class Credential(Base):
    """One way to prove to be an account. ``sealed`` is what its owner calls a passkey, under the key of the account's person.

    ======== ======================== ================================== ===================
    kind     digest                   secret                             counter
    ======== ======================== ================================== ===================
    password –                        argon2id or imported bcrypt hash   –
    totp     –                        secret, sealed by the house        last time step used
    passkey  SHA-256 of credential id credential id and public key       signature count
    recovery keyed digest of the code –                                  –
    ======== ======================== ================================== ===================
    """

    __tablename__ = "credentials"

    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str]
    digest: Mapped[bytes | None]
    secret: Mapped[bytes]
    counter: Mapped[int] = mapped_column(default=0)
    sealed: Mapped[bytes | None]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    confirmed_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]


class Session(Base):
    """A device that is signed in: a browser by the token whose digest this is, an app by refresh tokens."""

    __tablename__ = "sessions"

    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str]
    digest: Mapped[bytes | None]
    methods: Mapped[list[str]] = mapped_column(ARRAY(Text))
    device: Mapped[str]
    address: Mapped[str | None] = mapped_column(INET)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    proved_at: Mapped[datetime] = mapped_column(default=clock.now)
    used_at: Mapped[datetime] = mapped_column(default=clock.now)
    idle_until: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_why: Mapped[str | None]


class RefreshToken(Base):
    """One link of a session's chain of refresh tokens; ``replaced_at`` once it was used."""

    __tablename__ = "refresh_tokens"

    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    digest: Mapped[bytes] = mapped_column(primary_key=True)
    session_id: Mapped[UUID]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    replaced_at: Mapped[datetime | None]


class Ticket(Base):
    """Something short-lived and good once: a link in a letter, the wait between password and second factor."""

    __tablename__ = "tickets"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    purpose: Mapped[str]
    account_id: Mapped[UUID | None]
    digest: Mapped[bytes]
    sealed: Mapped[bytes | None]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


for _table in (Credential, Ticket):
    _table.__seals__ = (Seal("sealed", by_id, whose=_of_their_account(_table), area="sign_in"),)


class Device(Base):
    """A browser that has signed in before, by a cookie of its own: strangers' wrong guesses do not slow it down."""

    __tablename__ = "devices"

    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    digest: Mapped[bytes] = mapped_column(primary_key=True)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    used_at: Mapped[datetime] = mapped_column(default=clock.now)


class RoleGiven(Base):
    """A role of an account, in an organisation or everywhere."""

    __tablename__ = "roles"

    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    role: Mapped[str]
    organisation_id: Mapped[UUID | None]
    given_by: Mapped[UUID | None]
    given_at: Mapped[datetime] = mapped_column(default=clock.now)


class Organisation(Base):
    """A clinic, a practice, a hospital, a family."""

    __tablename__ = "organisations"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    version: Mapped[int] = mapped_column(default=1)
    details: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    updated_at: Mapped[datetime] = mapped_column(default=clock.now)


class SigningKeyRow(Base):
    """A key that signs access tokens, sealed by the house."""

    __tablename__ = "signing_keys"

    kid: Mapped[str] = mapped_column(primary_key=True)
    algorithm: Mapped[str]
    sealed: Mapped[bytes]
    created_at: Mapped[datetime]


class Erasure(Personal, Base):
    """That a person is to be erased, how far it is, and, once it is done, the receipt. Outlives the person (decision 0015).

    ``counts``: rows by feature, files and keys. ``letter``: to whom and how to write, sealed by the house until the last letter
    left. ``account_id`` is the person's own account, ``asked_by`` the one who asked; both are forgotten at the end.
    """

    __tablename__ = "erasures"
    __scope__ = "owner"

    account_id: Mapped[UUID | None]
    asked_by: Mapped[UUID | None]
    asked_at: Mapped[datetime]
    due_at: Mapped[datetime]
    undone_at: Mapped[datetime | None]
    begun_at: Mapped[datetime | None]
    erased_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    counts: Mapped[dict[str, Any]]
    letter: Mapped[bytes | None]
