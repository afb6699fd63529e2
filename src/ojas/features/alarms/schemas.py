"""What crosses the border of alarms: what may be set, what is shown."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer

from ojas.features.alarms.rules import Change, Severity, Why
from ojas.kit.collection import Kept, Strict, example

Number = Annotated[
    Decimal,
    Field(ge=0, le=10**6, max_digits=12),
    PlainSerializer(float, return_type=float, when_used="json"),
]


class Limits(Strict):
    """Where the alarm of one number begins for this person, in the canonical unit: at ``low`` or less, at ``high`` or more."""

    low: Number | None = None
    high: Number | None = None


class RuleDraft(Strict):
    """What holds for one person in place of what is usual."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "rule": "blood_pressure",
                    "limits": {"systolic": {"high": 170}},
                    "care_team": False,
                    "reason": "Dr Rao, after the operation",
                },
                {"rule": "no_readings", "amount": 5},
            ]
        },
    )

    rule: Annotated[str, Field(max_length=40, description="Key of a rule, as /alarm-rules lists them.")]
    on: bool = True
    limits: Annotated[
        dict[str, Limits],
        Field(
            max_length=4,
            description="By number of the reading (value, systolic, diastolic); instead of its bands.",
        ),
    ] = {}
    amount: Annotated[
        Number | None, Field(description="Kilograms, doses or days, for rules that count; none: as is usual.")
    ] = None
    caregivers: Annotated[bool, Field(description="Whether caregivers are told if nobody answers.")] = True
    care_team: Annotated[bool, Field(description="Whether the care team is told after them.")] = True
    silent_hours: Annotated[
        int,
        Field(ge=0, le=24, description="How long after an alarm ended the same one makes no sound again."),
    ] = 0
    reason: Annotated[str | None, Field(max_length=300)] = None


class RuleSet(RuleDraft, Kept):
    """What was set, by its row."""


class SnoozeDraft(Strict):
    model_config = example(minutes=60)

    minutes: Annotated[int, Field(ge=1, le=7 * 24 * 60)]


class ResolveDraft(Strict):
    model_config = example(note="The cuff was too small. Measured again: 128/80.")

    note: Annotated[str | None, Field(max_length=1000)] = None


class ChangeShown(BaseModel):
    """A fact: what became of an alarm, when, by whom and why. Of a call also who was told, and how far that got."""

    model_config = ConfigDict(frozen=True)

    at: datetime
    change: Change
    severity: Severity
    account_id: UUID | None
    why: Why | None = None
    note: str | None = None
    facts: Mapping[str, Any] = {}
    told: UUID | None = Field(
        None, description="The message that was sent; its deliveries say what became of it."
    )
    to: str | None = Field(None, description="Whom the call was for: person, caregivers or care_team.")


class AlarmShown(BaseModel):
    """An alarm: what is wrong, how bad, since when, and what anybody did about it."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    person_id: UUID
    rule: str
    severity: Severity
    title: str
    says: str
    advice: str
    evidence_at: datetime
    raised_at: datetime
    acknowledged_at: datetime | None
    acknowledged_by: UUID | None
    snoozed_until: datetime | None
    ended_at: datetime | None
    ended_by: UUID | None
    facts: Mapping[str, Any]


class AlarmWhole(AlarmShown):
    """An alarm with everything that became of it, oldest first."""

    changes: tuple[ChangeShown, ...]


class LineShown(BaseModel):
    """From where on something is an alarm."""

    model_config = ConfigDict(frozen=True)

    kind: str
    part: str
    side: str
    limit: float
    severity: Severity
    own: bool


class RuleShown(BaseModel):
    """A rule as it holds for this person."""

    model_config = ConfigDict(frozen=True)

    rule: str
    title: str
    source: str
    says: tuple[str, ...] = Field(description="What it watches for, in plain sentences.")
    on: bool
    own: bool = Field(description="Whether it was set for this person.")
    water: bool = Field(
        description="Whether it is on by itself only where the record says that somebody holds water."
    )
    amount: float | None
    usual_amount: float | None
    lines: tuple[LineShown, ...]
    limits: dict[str, Limits]
    caregivers: bool
    care_team: bool
    silent_hours: int
    reason: str | None
    version: int | None
    updated_at: datetime | None
