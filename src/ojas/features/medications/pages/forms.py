"""What is typed into the form of a medicine, and how a medicine is shown in it again.

A taper, a stock's strength and what was put off have no field: they are kept as they came, by REST or import.
"""

from datetime import date, time, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from ojas.features.medications.rules.amount import DOSE, Amount
from ojas.features.medications.rules.doses import Reason
from ojas.features.medications.rules.patterns import (
    WEEK,
    AsNeeded,
    Cycle,
    EveryDays,
    Interval,
    Pattern,
    Slot,
    Taper,
    Weekday,
    Weekly,
)
from ojas.features.medications.rules.schedule import Schedule
from ojas.features.medications.rules.stock import Stock
from ojas.features.medications.rules.words import Form, Route, Status
from ojas.features.medications.schemas import Line, Medicine, MedicineDraft, Name, Note
from ojas.kit import clock
from ojas.kit.errors import Fault, Incorrect

Number = Annotated[Decimal, Field(gt=0, lt=10**7, max_digits=14)]
Rhythm = Literal["weekly", "every_days", "cycle", "interval", "as_needed", "kept"]
TIMES = 6
"""Times of day the form has room for; more may be sent by REST."""


class MedicineForm(BaseModel):
    """A medicine as typed. ``id`` was given out with the form, so that sending it twice adds it once."""

    model_config = ConfigDict(extra="ignore")

    id: UUID | None = None
    version: int | None = None
    name: Name
    strength: Line | None = None
    generic: Line | None = None
    brand: Line | None = None
    form: Form | None = None
    route: Route | None = None
    amount: Number | None = None
    unit: Annotated[str, Field(max_length=42)] = "{tablet}"
    rhythm: Rhythm
    time_1: time | None = None
    time_2: time | None = None
    time_3: time | None = None
    time_4: time | None = None
    time_5: time | None = None
    time_6: time | None = None
    days: list[Weekday] = list(WEEK)
    every: Annotated[int, Field(ge=1, le=3660)] | None = None
    on: Annotated[int, Field(ge=1, le=3660)] | None = None
    off: Annotated[int, Field(ge=1, le=3660)] | None = None
    hours: Annotated[Decimal, Field(gt=0, le=8784)] | None = None
    gap: Annotated[Decimal, Field(gt=0, le=8784)] | None = None
    most: Annotated[int, Field(ge=1, le=99)] | None = None
    start: date
    end: date | None = None
    critical: bool = False
    ingredients: Annotated[str, Field(max_length=2000)] | None = None
    purpose: Line | None = None
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
            condition_id=before.condition_id if before else None,
            ingredients=tuple(part.strip() for part in (self.ingredients or "").split(",") if part.strip()),
            status=self.status,
            status_reason=self.status_reason,
            schedule=self._schedule(before),
            critical=self.critical,
            stock=counted,
            counted_at=before.counted_at if before is not None and same else clock.now(),
        )

    def _schedule(self, before: Medicine | None) -> Schedule:
        if self.rhythm == "kept":
            if before is None:
                raise Incorrect("Choose how often.", field="rhythm")
            return Schedule(before.schedule.pattern, self.start, self.end, before.schedule.shifts)
        shifts = before.schedule.shifts if before else ()
        try:
            return Schedule(self._pattern(), self.start, self.end, shifts)
        except Incorrect as problem:
            fault = problem.fault
            field = _FIELDS.get(fault.field or "", fault.field)
            raise Incorrect(fault.message, faults=[Fault(fault.message, field, fault.params)]) from problem

    def _pattern(self) -> Pattern:
        if self.rhythm == "weekly":
            return Weekly(self._slots(), frozenset(self.days))
        if self.rhythm == "every_days":
            return EveryDays(_needed(self.every, "every"), self._slots())
        if self.rhythm == "cycle":
            return Cycle(_needed(self.on, "on"), _needed(self.off, "off"), self._slots())
        if self.rhythm == "interval":
            every = _span(_needed(self.hours, "hours"))
            return Interval(every, _needed(self.time_1, "time_1"), self._amount())
        most = Amount(Decimal(self.most), DOSE) if self.most else None
        return AsNeeded(self._amount(), _span(self.gap) if self.gap else None, most)

    def _slots(self) -> tuple[Slot, ...]:
        times = [self.time_1, self.time_2, self.time_3, self.time_4, self.time_5, self.time_6]
        return tuple(Slot(at, self._amount()) for at in times if at is not None)

    def _amount(self) -> Amount | None:
        return Amount(self.amount, self.unit) if self.amount else None

    def _stock(self, before: Medicine | None) -> Stock | None:
        if self.units is None:
            return None
        strength = before.stock.strength if before and before.stock else None
        return Stock(self.units, self.unit, self.refills, self.refill, strength)


class AnswerForm(BaseModel):
    """What became of a dose, as the buttons and the form say it. No field is called ``action``: that is a form's own name."""

    model_config = ConfigDict(extra="ignore")

    answer: Literal["take", "skip", "snooze", "undo"]
    minutes: Annotated[int, Field(ge=1, le=720)] = 30
    reason: Reason | None = None
    notes: Note | None = None
    side_effects: Note | None = None
    amount: Number | None = None
    unit: Annotated[str, Field(max_length=42)] = "{tablet}"
    then: Annotated[str, Field(max_length=300)] | None = None


class TakeForm(BaseModel):
    """Something taken as needed, now. ``id`` as above."""

    model_config = ConfigDict(extra="ignore")

    id: UUID | None = None
    confirmed: bool = False


_FIELDS = {"slots": "time_1", "first": "time_1", "at": "time_1", "value": "amount", "by": "start"}
"""Where the form has a field of the schedule's."""


def _needed(value: Any, field: str) -> Any:
    if value is None:
        raise Incorrect("This is missing.", field=field)
    return value


def _span(hours: Decimal) -> timedelta:
    return timedelta(minutes=round(hours * 60))


def values_of(medicine: Medicine, left: Decimal | None) -> dict[str, Any]:
    """A medicine as the form shows it. ``left`` of its stock, which is what somebody counts."""
    plain = medicine.model_dump(
        include={
            "name", "strength", "generic", "brand", "form", "route", "critical", "purpose", "instructions", "side_effects",
            "prescriber", "pharmacy", "prescription_number", "status", "status_reason", "version",
        },
        mode="json",
    )  # fmt: skip
    schedule, stock = medicine.schedule, medicine.stock
    plain |= {"ingredients": ", ".join(medicine.ingredients), "start": schedule.start, "end": schedule.end}
    if stock is not None:
        plain |= {"units": left, "refills": stock.refills, "refill": stock.refill, "unit": stock.unit}
    return plain | _of_pattern(schedule.pattern)


def _of_pattern(pattern: Pattern) -> dict[str, Any]:
    found: dict[str, Any] = {"rhythm": pattern.kind}
    if isinstance(pattern, Taper):
        return {"rhythm": "kept"}
    if isinstance(pattern, Interval):
        found |= {"hours": _hours(pattern.every), "time_1": pattern.first} | _of_amount(pattern.amount)
    elif isinstance(pattern, AsNeeded):
        found |= {"gap": _hours(pattern.gap), "most": int(pattern.most.value) if pattern.most else None}
        found |= _of_amount(pattern.amount)
        if pattern.most and pattern.most.unit != DOSE:
            found["rhythm"] = "kept"
    else:
        found |= _of_amount(pattern.slots[0].amount)
        found |= {f"time_{n}": slot.at for n, slot in enumerate(pattern.slots[:TIMES], 1)}
        # Unlike amounts, or more times than there is room for: only REST may say those.
        if len({slot.amount for slot in pattern.slots}) > 1 or len(pattern.slots) > TIMES:
            found["rhythm"] = "kept"
    if isinstance(pattern, Weekly):
        found["days"] = [day.value for day in WEEK if day in pattern.days]
    elif isinstance(pattern, EveryDays):
        found["every"] = pattern.days
    elif isinstance(pattern, Cycle):
        found |= {"on": pattern.on, "off": pattern.off}
    return found


def _of_amount(amount: Amount | None) -> dict[str, Any]:
    return {"amount": amount.value, "unit": amount.unit} if amount else {}


def _hours(span: timedelta | None) -> Decimal | None:
    return Decimal(int(span.total_seconds())) / 3600 if span else None
