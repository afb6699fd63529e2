"""The tables of sharing."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from ojas.features.sharing.rules import OWNER, Ending
from ojas.kit import clock
from ojas.kit.db import SCOPES, Base, Owned, Personal

SCOPES.add(OWNER)


class Grant(Personal, Base):
    """Some scopes of a person's record for one other account.

    In the clear is what row-level security needs. ``sealed`` holds the e-mail address it was sent to, the
    note, and what the two call each other. Grants are ended, never deleted: the access report names who once
    could look.
    """

    __tablename__ = "grants"
    __scope__ = "sharing"

    kind: Mapped[str]
    grantee_account_id: Mapped[UUID | None]
    invited_index: Mapped[bytes | None]
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    may_write: Mapped[bool]
    manage: Mapped[bool]
    purpose: Mapped[str]
    granted_by: Mapped[UUID | None]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    accepted_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    revoked_as: Mapped[Ending | None] = mapped_column(Text)
    revoked_by: Mapped[UUID | None]
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    updated_at: Mapped[datetime] = mapped_column(default=clock.now)
    sealed: Mapped[bytes]


class CareTeamMember(Owned, Base):
    """Somebody who looks after a person, whether or not they use Ojas."""

    __tablename__ = "care_team_members"
    __scope__ = "care_team"

    role: Mapped[str]
    is_primary: Mapped[bool]


class Consent(Personal, Base):
    """One line of the ledger: that somebody agreed to a purpose, or withdrew. Lines are added, never changed.

    ``sealed`` holds the words agreed to, in their language, so that they can be read when ours have changed; a
    withdrawal has none. What holds now is the newest line of a purpose.
    """

    __tablename__ = "consents"
    __scope__ = "sharing"

    purpose: Mapped[str]
    given: Mapped[bool]
    text_version: Mapped[int]
    language: Mapped[str]
    account_id: Mapped[UUID | None]
    at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    sealed: Mapped[bytes | None]
