"""What is typed into the form of a medicine and of an answer, and how a medicine is shown in it again.

A stock's strength, codes, and what was put off have no field: they are kept as they came, by REST or import.
"""

import re
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from ojas.features.medications.pages import rhythm
from ojas.features.medications.pages.rhythm import Number, RhythmForm, fits
from ojas.features.medications.rules.amount import Amount
from ojas.features.medications.rules.doses import Action, Reason
from ojas.features.medications.rules.schedule import Schedule
from ojas.features.medications.rules.stock import Stock
from ojas.features.medications.rules.words import Form, Route, Status
from ojas.features.medications.schemas import (
    AnswerDraft,
    Line,
    Medicine,
    MedicineDraft,
    Moment,
    Name,
    Note,
    TakenDraft,
)
from ojas.kit import clock


def _apart(sent: list[str]) -> tuple[str, ...]:
    """Names as packages have them: "amoxicillin 500 mg + clavulanic acid"."""
    return tuple(part.strip() for text in sent for part in re.split(r"[,;+&\n]", text) if part.strip())


Ingredients = Annotated[tuple[Name, ...], BeforeValidator(_apart), Field(max_length=20)]


class MedicineForm(RhythmForm):
    """A medicine as typed. ``id`` was given out with the form, so that sending it twice adds it once; ``seen`` says which
    warnings were shown before it was sent again; ``again``: another is to follow."""

    id: UUID | None = None
    version: int | None = None
    origin: UUID | None = None
    seen: Annotated[str, Field(max_length=64)] | None = None
    again: bool = False
    name: Name
    strength: Line | None = None
    generic: Line | None = None
    brand: Line | None = None
    form: Form | None = None
    route: Route | None = None
    critical: bool = False
    ingredients: Ingredients = ()
    purpose: Line | None = None
    condition_id: UUID | None = None
    instructions: Note | None = None
    side_effects: Note | None = None
    prescriber: Line | None = None
    pharmacy: Line | None = None
    prescription_number: Line | None = None
    units: Annotated[Decimal, Field(ge=0, le=10**6)] | None = None
    refills: Annotated[int, Field(ge=0, le=999)] = 0
    refill: Annotated[Decimal, Field(ge=0, le=10**6)] | None = None
    status: Status = Status.ACTIVE
    status_reason: Line | None = None

    def draft(self, before: Medicine | None = None) -> MedicineDraft:
        """What is kept: ``before`` lends what the form has no field for.

        Raises:
            Incorrect: naming the field of this form.
        """
        counted = self._stock(before)
        same = before is not None and counted == before.stock
        return MedicineDraft(
            name=self.name,
            generic=self.generic,
            brand=self.brand,
            strength=self.strength,
            form=self.form,
            route=self.route,
            instructions=self.instructions,
            side_effects=self.side_effects,
            purpose=self.purpose,
            prescriber=self.prescriber,
            pharmacy=self.pharmacy,
            prescription_number=self.prescription_number,
            condition_id=self.condition_id,
            ingredients=self.ingredients,
            status=self.status,
            status_reason=self.status_reason,
            schedule=self._schedule(before),
            critical=self.critical,
            stock=counted,
            counted_at=before.counted_at if before is not None and same else clock.now(),
            origin=before.origin if before else self.origin,
        )

    def _schedule(self, before: Medicine | None) -> Schedule:
        shifts = before.schedule.shifts if before else ()
        if self.rhythm == "kept" and before is not None:
            return Schedule(before.schedule.pattern, self.start, self.end, shifts)
        return self.schedule(shifts)

    def _stock(self, before: Medicine | None) -> Stock | None:
        if self.units is None:
            return None
        strength = before.stock.strength if before and before.stock else None
        return Stock(self.units, self.unit, self.refills, self.refill, strength)


class IngredientsForm(BaseModel):
    """What is in a medicine, told afterwards."""

    model_config = ConfigDict(extra="ignore")

    ingredients: Annotated[Ingredients, Field(min_length=1)]


class AnswerForm(BaseModel):
    """What became of a dose, as the buttons and the form say it. No field is called ``action``: that is a form's own name.

    ``why`` is the note of what is skipped: two forms of one page have no field of the same name.
    """

    model_config = ConfigDict(extra="ignore")

    answer: Literal["take", "skip", "snooze", "undo"]
    at: Moment | None = None
    minutes: Annotated[int, Field(ge=1, le=720)] = 30
    reason: Reason | None = None
    notes: Note | None = None
    why: Note | None = None
    side_effects: Note | None = None
    amount: Number | None = None
    unit: Annotated[str, Field(max_length=42)] = "{tablet}"
    then: Annotated[str, Field(max_length=300)] | None = None

    def draft(self, until: datetime) -> AnswerDraft:
        """The answer; ``until`` is when ``minutes`` from now are over."""
        action = Action(self.answer)
        taken = action is Action.TAKE
        return AnswerDraft(
            action=action,
            at=self.at if action in (Action.TAKE, Action.SKIP) else None,
            until=until if action is Action.SNOOZE else None,
            reason=(self.reason or Reason.OTHER) if action is Action.SKIP else None,
            amount=Amount(self.amount, self.unit) if self.amount and taken else None,
            notes=self.notes or self.why,
            side_effects=self.side_effects,
        )


class TakeForm(BaseModel):
    """Something taken as needed. ``id`` as above."""

    model_config = ConfigDict(extra="ignore")

    id: UUID | None = None
    at: Moment | None = None
    amount: Number | None = None
    unit: Annotated[str, Field(max_length=42)] = "{tablet}"
    notes: Note | None = None
    side_effects: Note | None = None
    confirmed: bool = False

    def draft(self) -> TakenDraft:
        return TakenDraft(
            at=self.at,
            amount=Amount(self.amount, self.unit) if self.amount else None,
            notes=self.notes,
            side_effects=self.side_effects,
            confirmed=self.confirmed,
        )


class PutOffForm(BaseModel):
    """How much later the rest of today is to come."""

    model_config = ConfigDict(extra="ignore")

    minutes: Annotated[int, Field(ge=1, le=720)]


def values_of(medicine: Medicine, left: Decimal | None) -> dict[str, Any]:
    """A medicine as the form shows it. ``left`` of its stock, which is what somebody counts."""
    plain = medicine.model_dump(
        include={
            "name", "strength", "generic", "brand", "form", "route", "critical", "purpose", "instructions", "side_effects",
            "prescriber", "pharmacy", "prescription_number", "status", "status_reason", "version", "condition_id",
        },
        mode="json",
    )  # fmt: skip
    stock = medicine.stock
    plain["ingredients"] = ", ".join(medicine.ingredients)
    if stock is not None:
        plain |= {"units": left, "refills": stock.refills, "refill": stock.refill, "unit": stock.unit}
    plain |= rhythm.values_of(medicine.schedule)
    return plain if fits(medicine.schedule) else plain | {"rhythm": "kept"}
