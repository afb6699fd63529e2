"""What crosses the border of sharing."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, EmailStr, Field

from ojas.features.sharing.rules import Kind, Processing, Purpose, Status
from ojas.kit import clock
from ojas.kit.collection import Kept, Strict
from ojas.kit.errors import Incorrect


def _readable(at: datetime) -> datetime:
    if not clock.EARLIEST <= at < clock.LATEST:
        raise Incorrect("This is not right.")
    return at


Instant = Annotated[AwareDatetime, AfterValidator(_readable)]
"""An instant that can be read again: whoever is offered a grant of another could list none any more."""

Name = Annotated[str, Field(min_length=1, max_length=200)]
Line = Annotated[str, Field(max_length=200)]
Note = Annotated[str, Field(max_length=2000)]


class GrantDraft(BaseModel):
    """What one person lets another see."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "email": "doctor@example.org",
                    "scopes": ["measurements"],
                    "purpose": "TREAT",
                    "kind": "care_team",
                    "ends_at": "2026-12-31T00:00:00Z",
                    "note": "Before the visit in December.",
                }
            ]
        },
    )

    email: EmailStr = Field(
        max_length=254, description="Whom. A letter invites them; they see nothing until they accept."
    )
    scopes: list[Line] = Field(min_length=1, max_length=40, description="Which parts of the record.")
    may_write: bool = Field(False, description="Whether they may also add, correct and delete.")
    manage: bool = Field(
        False, description="Whether they may also share on the person's behalf. Only its owner gives this."
    )
    purpose: Literal[Purpose.TREATMENT, Purpose.FAMILY, Purpose.SUPPORT] = Field(
        Purpose.TREATMENT, description="Why, as a code of HL7's v3-ActReason."
    )
    kind: Literal[Kind.SHARE, Kind.CAREGIVER, Kind.CARE_TEAM] = Kind.SHARE
    starts_at: Instant | None = Field(None, description="From when. Absent: at once.")
    ends_at: Instant | None = Field(None, description="Until when. Absent: until taken back.")
    note: Note | None = Field(None, description="A line for them, or for oneself.")


class Terms(BaseModel):
    """What both sides of a grant see of it."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    person_id: UUID
    kind: Kind
    status: Status
    scopes: list[str]
    may_write: bool
    manage: bool
    purpose: str
    note: str | None
    starts_at: datetime
    ends_at: datetime | None
    accepted_at: datetime | None
    revoked_at: datetime | None
    created_at: datetime
    version: int


class GrantView(Terms):
    """A grant as those who gave it see it."""

    email: str | None
    name: str | None = Field(description="What the other calls themselves, once they accepted.")
    granted_by: UUID | None = Field(
        description="The account that gave it, on the person's behalf or as the person."
    )


class Offer(Terms):
    """A grant as the one it is for sees it."""

    person_name: str | None


class Holding(BaseModel):
    """A person whose record the caller may open, and what of it."""

    model_config = ConfigDict(frozen=True)

    person_id: UUID
    name: str | None
    own: bool
    may_read: list[str]
    may_write: list[str]
    purpose: str
    until: datetime | None = Field(description="When the last of it ends. Null: until taken back.")


class Look(BaseModel):
    """One access to a person's data."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    at: datetime
    account_id: UUID | None = Field(description="Who. Null: Ojas itself, at work for the person.")
    name: str | None = Field(description="What they call themselves. Null: unknown, or Ojas itself.")
    own: bool = Field(description="Whether it was the caller.")
    action: str
    subjects: list[str]
    purpose: str
    address: str | None


Role = Literal["caregiver", "family", "doctor", "therapist", "nurse", "pharmacist", "friend", "other"]


class CareTeamMemberDraft(Strict):
    """Somebody who looks after the person."""

    name: Name
    role: Role
    is_primary: bool = False
    organisation: Line | None = None
    phone: Annotated[str, Field(max_length=40, pattern=r"^\+?[0-9 ()./-]{3,40}$")] | None = None
    email: Annotated[EmailStr, Field(max_length=254)] | None = None
    note: Note | None = None


class CareTeamMemberView(CareTeamMemberDraft, Kept):
    pass


class ConsentDraft(BaseModel):
    """That somebody agrees to a purpose, in the words they were shown."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"purpose": "location", "version": 1}]}
    )

    purpose: Processing
    version: int = Field(ge=1, le=10_000, description="Of the words that were shown: `version` of the list.")
    expires_at: Instant | None = Field(None, description="Until when. Absent: until withdrawn.")


class ConsentLine(BaseModel):
    """One line of the ledger."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    purpose: str
    given: bool = Field(description="Agreed; or withdrawn.")
    version: int = Field(description="Of the words. 0: from before words had versions.")
    language: str
    text: str | None = Field(description="The words agreed to. Null: withdrawn.")
    account_id: UUID | None = Field(description="Who agreed or withdrew.")
    at: datetime
    expires_at: datetime | None


class ConsentView(BaseModel):
    """A purpose for which Ojas asks, and what was answered so far."""

    model_config = ConfigDict(frozen=True)

    person_id: UUID
    purpose: Processing
    name: str
    text: str = Field(description="What one agrees to, in the caller's language.")
    version: int = Field(description="Of these words.")
    data_categories: list[str] = Field(description="Scopes it is about.")
    third_parties: list[str] = Field(description="Who else gets something of it.")
    given: bool = Field(description="Whether it holds now.")
    history: list[ConsentLine] = Field(description="All that was answered, newest first.")
