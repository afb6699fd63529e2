"""What crosses the border of record: what a caller may write, what is shown, and what an import brings."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Literal, Self, TypeVar
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from ojas.features.record.rules.ranges import placed
from ojas.features.record.rules.terms import (
    OVER,
    AllergyStatus,
    Category,
    ConditionStatus,
    Criticality,
    EventStatus,
    Kind,
    ResultStatus,
    Setting,
    Severity,
    Verification,
    everyday,
)
from ojas.kit import clock
from ojas.kit.collection import Kept, Strict
from ojas.kit.errors import Fault, Incorrect
from ojas.kit.fhir import dates


def _dated(text: str) -> str:
    dates.parse(text)
    return text


Line = Annotated[str, Field(max_length=300)]
Name = Annotated[str, Field(min_length=1, max_length=500, pattern=r"\S")]
Note = Annotated[str, Field(max_length=10_000)]
When = Annotated[
    str,
    Field(
        min_length=4,
        max_length=40,
        pattern=r"^[0-9]{4}(-[0-9]{2}(-[0-9]{2}(T[0-9:]{8}(\.[0-9]+)?(Z|[+-][0-9:]{5}))?)?)?$",
        description="As exact as it is known: 2019, 2019-05, 2019-05-31 or 2019-05-31T08:00:00+05:30.",
        examples=["2019-05"],
    ),
    AfterValidator(_dated),
]


def _of_our_time(at: datetime) -> datetime:
    if not 1800 <= at.year <= 2200:
        raise Incorrect("This is too long ago, or too far ahead.")
    return at


Written = Annotated[AwareDatetime, AfterValidator(_of_our_time)]
_SORTED = Field(
    default=date.min,
    description="The day it is sorted by; worked out, never written.",
    json_schema_extra={"readOnly": True},
)


DraftT = TypeVar("DraftT", bound=BaseModel)


class Named(Strict):
    """What has a name, which may be a terminology's."""

    name: Name

    @property
    def everyday(self) -> str:
        """The name as it is shown; ``name`` keeps it as it came."""
        return self.in_words("name")

    def in_words(self, field: str) -> str:
        """A text of it as it is shown; nothing where it has none."""
        return everyday(getattr(self, field, None) or "")


class Coding(Strict):
    """A code and the system it is from."""

    system: Annotated[str, Field(max_length=300, pattern=r"^\S+$")]
    code: Annotated[str, Field(max_length=200, pattern=r"^\S+(\s\S+)*$")]
    display: Line | None = None


Codes = Annotated[tuple[Coding, ...], Field(max_length=20, strict=False)]


class ConditionMedication(Named):
    """A medicine taken for a condition, in the words of the person. Doses and times are medications' own."""

    dosage: Line | None = None
    frequency: Line | None = None
    start_date: date | None = None
    end_date: date | None = None
    is_active: bool = True


class ConditionDraft(Named):
    """A diagnosis, a problem, something one lives with."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "High blood pressure",
                    "codes": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "I10"}],
                    "status": "controlled",
                    "severity": "mild",
                    "onset": "2019-05",
                    "diagnosed_by": "Dr. Meena Iyer",
                }
            ]
        }
    )

    codes: Codes = ()
    status: ConditionStatus = ConditionStatus.ACTIVE
    verification: Verification = Verification.CONFIRMED
    severity: Severity | None = None
    chronic: bool = Field(False, description="Something that stays.")
    onset: When | None = None
    ended: When | None = None
    diagnosed_by: Line | None = None
    medications: Annotated[tuple[ConditionMedication, ...], Field(max_length=50, strict=False)] = ()
    notes: Note | None = None
    recorded_at: Written = Field(default_factory=clock.now, description="When it was first written down.")

    @model_validator(mode="after")
    def _ended_is_over(self) -> Self:
        if self.ended and self.status not in OVER:
            raise Incorrect(
                "What has an end is over: choose another status, or leave the end empty.", field="ended"
            )
        return self


class Condition(ConditionDraft, Kept):
    pass


class Reaction(Strict):
    """What happened after contact."""

    manifestations: Annotated[tuple[Name, ...], Field(min_length=1, max_length=20, strict=False)]
    severity: Severity | None = None
    on: When | None = None
    notes: Note | None = None


class AllergyDraft(Named):
    """What somebody does not tolerate, or is known not to have."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "Penicillin",
                    "categories": ["medication"],
                    "criticality": "high",
                    "reactions": [{"manifestations": ["Hives"], "severity": "moderate"}],
                }
            ]
        }
    )

    codes: Codes = ()
    kind: Kind | None = None
    categories: Annotated[tuple[Category, ...], Field(max_length=4, strict=False)] = ()
    criticality: Criticality | None = None
    status: AllergyStatus = AllergyStatus.ACTIVE
    verification: Verification = Verification.CONFIRMED
    reactions: Annotated[tuple[Reaction, ...], Field(max_length=50, strict=False)] = ()
    onset: When | None = None
    last_occurred: When | None = None
    notes: Note | None = None
    recorded_at: Written = Field(default_factory=clock.now, description="When it was first written down.")


class Allergy(AllergyDraft, Kept):
    pass


class ImmunisationDraft(Named):
    """One dose of a vaccine, given or not given."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"name": "Influenza, 2025/26", "given": "2025-10-14", "lot": "AB1234"}]
        }
    )

    codes: Codes = ()
    status: Literal[EventStatus.DONE, EventStatus.NOT_DONE, EventStatus.MISTAKE] = EventStatus.DONE
    given: When | None = None
    given_on: date = _SORTED
    dose: Line | None = None
    lot: Line | None = None
    site: Line | None = None
    performer: Line | None = None
    place: Line | None = None
    notes: Note | None = None

    @model_validator(mode="after")
    def _sort(self) -> Self:
        return _sorted_by(self, "given_on", self.given)


class Immunisation(ImmunisationDraft, Kept):
    pass


class ProcedureDraft(Named):
    """Something done to somebody: an operation, a catheter, a course of physiotherapy."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"name": "Coronary bypass, three vessels", "performed": "2026-02-11"}]
        }
    )

    codes: Codes = ()
    status: EventStatus = EventStatus.DONE
    performed: When | None = None
    ended: When | None = None
    performed_on: date = _SORTED
    performer: Line | None = None
    place: Line | None = None
    reason: Line | None = None
    outcome: Line | None = None
    notes: Note | None = None

    @model_validator(mode="after")
    def _sort(self) -> Self:
        return _sorted_by(self, "performed_on", self.performed)


class Procedure(ProcedureDraft, Kept):
    pass


class ResultValue(Named):
    """One line of a report. ``value`` is text: it may be a number, a titre, "not seen"."""

    codes: Codes = ()
    value: Annotated[str, Field(max_length=4000)] | None = None
    unit: Line | None = None
    range: Line | None = None
    flag: Annotated[
        str | None, Field(max_length=20, pattern=r"^\S+$", description="HL7 interpretation code, such as H.")
    ] = None

    @property
    def place(self) -> Literal["low", "high"] | None:
        """Below or above what is usual: as the laboratory said, else by the range it printed."""
        if self.flag:
            return {"H": "high", "L": "low"}.get(self.flag[0])  # type: ignore[return-value]
        return placed(self.value, self.unit, self.range)


class ResultDraft(Named):
    """A report of a laboratory or of imaging. What it measured and we know how to read is a reading as well."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "Lipid panel",
                    "effective": "2026-01-20",
                    "values": [{"name": "LDL cholesterol", "value": "142", "unit": "mg/dL", "flag": "H"}],
                }
            ]
        }
    )

    codes: Codes = ()
    status: ResultStatus = ResultStatus.FINAL
    category: Line | None = None
    effective: When | None = None
    effective_on: date = _SORTED
    issued: Written | None = None
    performer: Line | None = None
    values: Annotated[tuple[ResultValue, ...], Field(max_length=500, strict=False)] = ()
    observations: Annotated[
        tuple[Annotated[str, Field(pattern=r"^[A-Za-z0-9.-]{1,64}$")], ...],
        Field(max_length=500, strict=False, description="Ids of Observations in the store."),
    ] = ()
    conclusion: Note | None = None
    notes: Note | None = None

    @model_validator(mode="after")
    def _sort(self) -> Self:
        return _sorted_by(
            self, "effective_on", self.effective or (self.issued.isoformat()[:10] if self.issued else None)
        )


class Result(ResultDraft, Kept):
    pass


class EncounterDraft(Named):
    """A visit, a stay, a call."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"name": "Check-up", "setting": "clinic", "started": "2026-03-02", "clinicians": ["Dr. Iyer"]}
            ]
        }
    )

    codes: Codes = ()
    setting: Setting = Setting.OTHER
    status: EventStatus = EventStatus.DONE
    started: When | None = None
    ended: When | None = None
    started_on: date = _SORTED
    place: Line | None = None
    clinicians: Annotated[tuple[Line, ...], Field(max_length=50, strict=False)] = ()
    reason: Line | None = None
    notes: Note | None = None

    @model_validator(mode="after")
    def _sort(self) -> Self:
        return _sorted_by(self, "started_on", self.started)


class Encounter(EncounterDraft, Kept):
    pass


Draft = ConditionDraft | AllergyDraft | ImmunisationDraft | ProcedureDraft | ResultDraft | EncounterDraft


def _sorted_by(draft: DraftT, column: str, written: str | None) -> DraftT:
    """Set the day a list is sorted by. What has no day sorts where it was written down."""
    if written:
        object.__setattr__(draft, column, dates.parse(written).date)
    elif getattr(draft, column) == date.min:
        object.__setattr__(draft, column, clock.now().date())
    return draft


class Stored(BaseModel):
    """A resource of the store, without its content."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    person_id: UUID
    type: str
    version: int
    recorded_at: datetime
    source: str


class Diagnosis(BaseModel):
    """A code of ICD-10-CM. ``everyday`` is what people call it, in the caller's language."""

    model_config = ConfigDict(frozen=True)

    code: str
    description: str
    billable: bool
    everyday: str | None
    system: str


@dataclass(frozen=True, slots=True)
class Incoming:
    """A FHIR resource to keep: its own text and what that says, with ``id`` and references as they are here."""

    text: str
    content: Mapping[str, Any]


OutcomeKind = Literal["created", "changed", "unchanged", "refused"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one resource; ``faults`` say why it was refused."""

    kind: OutcomeKind
    id: UUID | None = None
    type: str | None = None
    faults: tuple[Fault, ...] = ()
