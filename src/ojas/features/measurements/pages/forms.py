"""What is typed into the forms of measurements."""

from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from ojas.features.measurements import service
from ojas.features.measurements.service import Kind, Meal, Position

Number = Annotated[Decimal, Field(ge=-(10**9), le=10**9, max_digits=20)]


class EntryForm(BaseModel):
    """A reading as typed. ``id`` was given out with the form, so that sending it twice adds it once."""

    model_config = ConfigDict(extra="ignore")

    id: UUID | None = None
    unit: Annotated[str, Field(max_length=40)]
    value: Number | None = None
    systolic: Number | None = None
    diastolic: Number | None = None
    effective_at: AwareDatetime
    position: Position | None = None
    meal: Meal | None = None
    device: Annotated[str | None, Field(max_length=200)] = None
    place: Annotated[str | None, Field(max_length=200)] = None
    notes: Annotated[str | None, Field(max_length=4000)] = None
    confirmed: bool = False
    meant: str | None = None
    """The unit the person says they meant, after a doubt."""

    def draft(self, kind: Kind, **more: Any) -> service.EntryDraft:
        fields = self.model_dump(exclude={"id", "meant"})
        return service.EntryDraft(kind=kind.name, **(fields | {"unit": self.meant or self.unit} | more))


class Sides(BaseModel):
    """The limits of one number."""

    danger_low: Number | None = None
    low: Number | None = None
    high: Number | None = None
    danger_high: Number | None = None


class LimitsForm(BaseModel):
    """What is in range for the person: a guideline, or limits, typed in the reader's unit."""

    model_config = ConfigDict(extra="ignore")

    guideline: Annotated[str | None, Field(max_length=60)] = None
    value: Sides | None = None
    systolic: Sides | None = None
    diastolic: Sides | None = None
    told_by: Annotated[str | None, Field(max_length=200)] = None

    @property
    def limits(self) -> dict[str, dict[str, Decimal | None]]:
        told = {"value": self.value, "systolic": self.systolic, "diastolic": self.diastolic}
        return {part: sides.model_dump() for part, sides in told.items() if sides}


class Nothing(BaseModel):
    """A form without fields."""
