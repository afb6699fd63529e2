"""What crosses the border of medications."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    computed_field,
    model_validator,
)

from ojas.features.medications.rules.amount import Amount
from ojas.features.medications.rules.doses import Action, Reason, State
from ojas.features.medications.rules.safety import Severity, Why
from ojas.features.medications.rules.schedule import Schedule
from ojas.features.medications.rules.stock import Stock
from ojas.features.medications.rules.substances import Tie, ingredients
from ojas.features.medications.rules.words import Form, Route, Status
from ojas.kit import clock
from ojas.kit.collection import Kept, Strict
from ojas.kit.errors import Incorrect


def _of_our_time(at: datetime) -> datetime:
    if not 1900 <= at.year <= 2200:
        raise Incorrect("Between the years 1900 and 2200.")
    return at


Line = Annotated[str, Field(max_length=300)]
Name = Annotated[str, Field(min_length=1, max_length=300, pattern=r"\S")]
Note = Annotated[str, Field(max_length=4000)]
Moment = Annotated[AwareDatetime, AfterValidator(_of_our_time)]

EXAMPLE: dict[str, Any] = {
    "name": "Metoprolol",
    "strength": "50 mg",
    "form": "tablet",
    "route": "oral",
    "purpose": "High blood pressure",
    "prescriber": "Dr. Meena Iyer",
    "ingredients": ["metoprolol succinate"],
    "schedule": {
        "pattern": {
            "kind": "weekly",
            "slots": [
                {"at": "08:00:00", "amount": {"value": "1", "unit": "{tablet}"}},
                {"at": "20:00:00", "amount": {"value": "1", "unit": "{tablet}"}},
            ],
        },
        "start": "2026-03-01",
    },
    "stock": {"units": "30", "unit": "{tablet}", "refills": 2, "refill": "30"},
}


class MedicineDraft(Strict):
    """What a person takes: the drug as its package names it, by whose word, and when."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    name: Name
    generic: Line | None = None
    brand: Line | None = None
    strength: Line | None = Field(None, description="As on the package: 50 mg.")
    form: Form | None = None
    route: Route | None = None
    instructions: Note | None = None
    side_effects: Note | None = Field(None, description="What to look out for.")
    purpose: Line | None = None
    prescriber: Line | None = None
    pharmacy: Line | None = None
    prescription_number: Line | None = None
    condition_id: UUID | None = Field(None, description="The condition of the record it is taken for.")
    ingredients: Annotated[tuple[Name, ...], Field(max_length=20, strict=False)] = Field(
        (), description="Active ingredients: what is compared with allergies and other medicines."
    )
    status: Status = Status.ACTIVE
    status_reason: Line | None = None
    schedule: Schedule
    critical: bool = Field(
        False, description="A missed dose is dangerous: caregivers are told of one nobody answers."
    )
    stock: Stock | None = None
    counted_at: Moment = Field(
        default_factory=clock.now, description="When the stock was counted; doses taken since are taken off."
    )
    origin: UUID | None = Field(
        None, description="The prescription of the record it was taken over from, once somebody agreed."
    )

    @property
    def compared(self) -> tuple[str, ...]:
        return ingredients(self.ingredients, self.generic, self.name)


class Medicine(MedicineDraft, Kept):
    @computed_field(  # type: ignore[prop-decorator]  # as pydantic documents it
        description="What of it is compared with allergies and other medicines: its ingredients as entered, else its "
        "generic name, else an international name it has. Empty: what is in it is not known, and it is "
        "compared with nothing."
    )
    @property
    def compared(self) -> tuple[str, ...]:
        return super().compared


class Coming(BaseModel):
    """How a medicine stands: what is next, what is left."""

    model_config = ConfigDict(frozen=True)

    next_due_at: datetime | None
    left: Decimal | None = Field(None, description="Units of the stock that are left.")
    runs_out: date | None = Field(None, description="The day of the first dose the stock is not enough for.")
    refill_due: bool = False


class AnswerDraft(Strict):
    """What became of a dose."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"action": "take"}]})

    action: Action
    at: Moment | None = Field(None, description="When it was taken or left out. Absent: now.")
    amount: Amount | None = Field(None, description="How much was taken. Absent: as planned.")
    reason: Reason | None = Field(None, description="Why it was skipped.")
    until: Moment | None = Field(None, description="Until when it is put off.")
    notes: Note | None = None
    side_effects: Note | None = Field(None, description="Side effects felt.")

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.action is Action.SKIP and self.reason is None:
            raise Incorrect("Say why it was skipped.", field="reason")
        if self.action is not Action.SKIP and self.reason is not None:
            raise Incorrect("Only what is skipped has a reason.", field="reason")
        if self.action is Action.SNOOZE and self.until is None:
            raise Incorrect("Choose a time to come.", field="until")
        return self


class TakenDraft(Strict):
    """Something taken as needed."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"amount": {"value": "1", "unit": "{tablet}"}}]}
    )

    at: Moment | None = Field(None, description="When. Absent: now.")
    amount: Amount | None = Field(None, description="How much. Absent: as usual.")
    notes: Note | None = None
    side_effects: Note | None = None
    confirmed: bool = Field(
        False, description="It was taken already, though too soon or too much: kept as it happened."
    )


class Dose(BaseModel):
    """One moment of a medicine, with what became of it. ``id`` stays the same from before it is due."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    person_id: UUID
    medicine_id: UUID
    medicine: str = Field(description="Its name.")
    day: date = Field(description="The local day whose dose it is.")
    at: datetime
    opens_at: datetime = Field(description="From when on it may be taken.")
    closes_at: datetime = Field(description="When it counts as missed.")
    planned_amount: Amount | None
    state: State
    as_needed: bool
    answered_at: datetime | None = Field(None, description="When it was taken or left out.")
    until: datetime | None = None
    amount: Amount | None = None
    reason: Reason | None = None
    notes: str | None = None
    side_effects: str | None = None


class Adherence(BaseModel):
    """What became of the doses from ``first`` to ``last``, by the definitions of rules.adherence."""

    model_config = ConfigDict(frozen=True)

    first: date
    last: date
    due: int
    taken: int
    on_time: int
    late: int
    skipped: int
    missed: int
    held: int = Field(description="Left out on a doctor's word, or in hospital: not counted as due.")
    open: int
    percent: Decimal | None = Field(description="Taken of due. Null: nothing was due.")
    days_good: int
    days_all: int
    streak: int
    longest_streak: int
    as_needed: int = Field(description="Taken as needed; nothing of it was ever due.")
    pdc: Decimal | None = Field(
        description="Proportion of days covered, in percent: days whose doses were all taken, of days with doses."
    )


class Outcomes(BaseModel):
    """How many doses became what."""

    model_config = ConfigDict(frozen=True)

    due: int
    taken: int
    on_time: int
    late: int
    skipped: int
    missed: int
    held: int
    open: int


class OfDay(Outcomes):
    day: date


class OfHour(Outcomes):
    hour: int = Field(description="Of the local day they were planned for.")


class OfStep(Outcomes):
    step: int = Field(description="Of a taper, from 1.")


class OfMedicine(Adherence):
    """One medicine's part of a time."""

    medicine_id: UUID
    medicine: str
    steps: list[OfStep] = Field([], description="Of a taper, each step for itself.")
    too_soon: int = Field(0, description="As needed: taken before the hours between doses were over.")
    over: int = Field(0, description="As needed: beyond the most of 24 hours.")


class Picture(BaseModel):
    """What became of the doses of some days: by day for a heat map, by hour to see when they slip, by medicine."""

    model_config = ConfigDict(frozen=True)

    total: Adherence
    days: list[OfDay] = Field(description="Days on which something was due, in order.")
    hours: list[OfHour]
    medicines: list[OfMedicine]


class Found(BaseModel):
    """One thing that a check found."""

    ingredient: str
    label: str = Field(description="The other medicine, or the allergy.")
    other: str = Field(description="What of it: its ingredient, or the substance of the allergy.")
    says: str = Field("", description="The same as a sentence, in the caller's language.")
    tie: Tie | None = Field(None, description="How near an ingredient is to an allergy.")
    severe: bool = Field(False, description="An allergy that could be life-threatening.")
    severity: Severity | None = Field(None, description="Of an interaction, by the list.")
    effect: str | None = Field(None, description="What the two do together, in the words of the list.")
    cite: str | None = None


class Checked(BaseModel):
    """What one check compared and found; ``why`` nothing was compared, and ``says`` it in the caller's language."""

    looked: bool
    why: Why | None = None
    says: str | None = None
    found: list[Found] = []
    unknown: list[str] = Field([], description="Medicines whose ingredients nobody knows.")
    by_name: list[str] = Field([], description="Allergies of which only the words could be compared.")
    source: str | None = Field(None, description="The list of interactions.")
    version: str | None = None


class Safety(BaseModel):
    """Before relying on it: this never says that a medicine is safe."""

    compared: list[str] = Field([], description="The active ingredients: as entered, or read from the name.")
    duplicates: Checked
    allergies: Checked
    interactions: Checked


class Touched(BaseModel):
    """A medicine that is taken, and an allergy of the person's that speaks against it."""

    medicine_id: UUID
    medicine: str
    allergy_id: UUID
    allergy: str
    found: list[Found]


class InteractionList(BaseModel):
    """The list of interactions that is loaded."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    source: str
    version: str
    pairs: int
    loaded_at: datetime
