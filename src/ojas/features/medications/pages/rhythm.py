"""The part of the form that says when: every pattern of the rules can be typed there, and is shown in it again.

A line of times is "08:00, 20:00"; a number behind a time is how much is taken then, where that is not the usual:
"08:00 1, 20:00 2". So a step of a taper is one line, and so is what has more times than there are fields.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ojas.features.medications.rules.amount import DOSE, Amount
from ojas.features.medications.rules.patterns import (
    MOST_DAYS,
    MOST_STEPS,
    WEEK,
    AsNeeded,
    Cycle,
    EveryDays,
    Interval,
    Pattern,
    Slot,
    Slots,
    Step,
    Taper,
    Weekday,
    Weekly,
)
from ojas.features.medications.rules.schedule import Schedule, Shift
from ojas.kit.errors import Fault, Incorrect

Number = Annotated[Decimal, Field(gt=0, lt=10**7, max_digits=14)]
Rhythm = Literal["weekly", "every_days", "cycle", "taper", "interval", "as_needed", "kept"]
TIMES = 4
"""Times of day with a field each; the rest share a line."""
RARE = ("times", "time_3", "time_4", *(f"amount_{n}" for n in range(1, TIMES + 1)))
"""What most people never type: it is folded away until somebody did."""
STEPS = 2
"""Steps of a taper that are offered at first: fewer would be none."""
_TIME = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?$")
STEP = ("days", "times", "every")
_STEP = re.compile(rf"step_(\d{{1,3}})_({'|'.join(STEP)})$")


class RhythmForm(BaseModel):
    """When, as typed. ``rows`` are the fields of which there may be any number: those of steps."""

    model_config = ConfigDict(extra="ignore")

    rhythm: Rhythm
    amount: Number | None = None
    unit: Annotated[str, Field(max_length=42)] = "{tablet}"
    time_1: time | None = None
    time_2: time | None = None
    time_3: time | None = None
    time_4: time | None = None
    amount_1: Number | None = None
    amount_2: Number | None = None
    amount_3: Number | None = None
    amount_4: Number | None = None
    times: Annotated[str, Field(max_length=400)] | None = None
    days: list[Weekday] = list(WEEK)
    every: Annotated[int, Field(ge=1, le=MOST_DAYS)] | None = None
    on: Annotated[int, Field(ge=1, le=MOST_DAYS)] | None = None
    off: Annotated[int, Field(ge=1, le=MOST_DAYS)] | None = None
    hours: Annotated[Decimal, Field(gt=0, le=8784)] | None = None
    first: time | None = None
    gap: Annotated[Decimal, Field(gt=0, le=8784)] | None = None
    most: Number | None = None
    most_unit: Annotated[str, Field(max_length=42)] = DOSE
    start: date
    end: date | None = None
    rows: dict[str, str] = {}

    @model_validator(mode="before")
    @classmethod
    def _gather(cls, sent: Any) -> Any:
        if not isinstance(sent, dict):
            return sent
        rows = {name: text for name, text in sent.items() if _STEP.match(name) and isinstance(text, str)}
        return {**sent, "rows": dict(list(rows.items())[: 3 * MOST_STEPS])}

    def schedule(self, shifts: tuple[Shift, ...] = ()) -> Schedule:
        """
        Raises:
            Incorrect: naming the field of this form.
        """
        if self.rhythm == "kept":
            raise Incorrect("Choose how often.", field="rhythm")
        pattern = self._pattern()
        try:
            return Schedule(pattern, self.start, self.end, shifts)
        except Incorrect as problem:
            raise _at({"pattern.steps": "step_1_days"}, problem) from problem

    def _pattern(self) -> Pattern:
        try:
            return self._made()
        except Incorrect as problem:
            raise _at(_FIELDS[self.rhythm], problem, self._said()) from problem

    def _made(self) -> Pattern:
        match self.rhythm:
            case "weekly":
                return Weekly(self._slots(), frozenset(self.days))
            case "every_days":
                return EveryDays(_needed(self.every, "every"), self._slots())
            case "cycle":
                return Cycle(_needed(self.on, "on"), _needed(self.off, "off"), self._slots())
            case "taper":
                return Taper(tuple(self._steps()))
            case "interval":
                return Interval(
                    _span(_needed(self.hours, "hours")), _needed(self.first, "first"), self._usual()
                )
        most = Amount(self.most, self.most_unit) if self.most else None
        return AsNeeded(self._usual(), _span(self.gap) if self.gap else None, most)

    def _slots(self) -> Slots:
        pairs = ((self.time_1, self.amount_1), (self.time_2, self.amount_2),
                 (self.time_3, self.amount_3), (self.time_4, self.amount_4))  # fmt: skip
        found = [Slot(at, self._amount(own)) for at, own in pairs if at is not None]
        return (*found, *self._line(self.times or "", "times"))

    def _steps(self) -> list[Step]:
        """A row that says nothing is none. Without days only the last may be, without times it is a pause."""
        return [self._step(number) for number in self._said()]

    def _said(self) -> list[int]:
        """The rows that say something, by their numbers."""
        return [n for n in _numbers(self.rows) if self._row(n)["days"] or self._row(n)["times"]]

    def _row(self, number: int) -> dict[str, str]:
        return {part: self.rows.get(f"step_{number}_{part}", "").strip() for part in STEP}

    def _step(self, number: int) -> Step:
        here = self._row(number)
        days, every = (_whole(here[part], f"step_{number}_{part}") for part in ("days", "every"))
        slots = self._line(here["times"], f"step_{number}_times")
        try:
            return Step(days, slots, 1 if every is None else every)
        except Incorrect as problem:
            raise _at({name: f"step_{number}_{name}" for name in ("days", "every")}
                      | {"slots": f"step_{number}_times"}, problem) from problem  # fmt: skip

    def _line(self, text: str, field: str) -> Slots:
        parts = [part.split() for part in _plain(text).replace(";", ",").split(",") if part.strip()]
        return tuple(self._slot(part, field) for part in parts)

    def _slot(self, words: Sequence[str], field: str) -> Slot:
        found = _TIME.match(words[0])
        if not found or len(words) > 2 or int(found[1]) > 23 or int(found[2] or 0) > 59:
            raise Incorrect("Write times like 08:00, 20:00; with a number behind one for another amount: 20:00 2.",
                            field=field)  # fmt: skip
        own = _number(words[1], field) if len(words) == 2 else None
        try:
            return Slot(time(int(found[1]), int(found[2] or 0)), self._amount(own))
        except Incorrect as problem:
            raise _at({"value": field} if own else {}, problem) from problem

    def _usual(self) -> Amount | None:
        return self._amount(None)

    def _amount(self, own: Decimal | None) -> Amount | None:
        value = own if own is not None else self.amount
        return Amount(value, self.unit) if value is not None else None


_FIELDS: Mapping[str, Mapping[str, str]] = {
    "weekly": {"slots": "time_1", "at": "time_1", "value": "amount"},
    "every_days": {"slots": "time_1", "at": "time_1", "value": "amount", "days": "every"},
    "cycle": {"slots": "time_1", "at": "time_1", "value": "amount"},
    "taper": {"steps": "step_1_days", "value": "amount"},
    "interval": {"every": "hours", "value": "amount"},
    "as_needed": {"value": "amount"},
    "kept": {},
}
"""Which field of the form a field of the pattern is."""
_NTH = re.compile(r"steps\[(\d+)\]\.(\w+)$")


def _at(fields: Mapping[str, str], problem: Incorrect, rows: Sequence[int] = ()) -> Incorrect:
    """A refusal of a pattern, at the field of the form. ``rows``: which row of the form each step is."""
    fault = problem.fault
    field = fault.field or ""
    if nth := _NTH.match(field):
        field = f"step_{rows[int(nth[1])]}_{nth[2]}"
    field = fields.get(field, field)
    told = Fault(fault.message, field or None, fault.params)
    return Incorrect(told.message, field=told.field, faults=[told], **told.params)


def _needed(value: Any, field: str) -> Any:
    if value is None:
        raise Incorrect("This is missing.", field=field)
    return value


def _span(hours: Decimal) -> timedelta:
    return timedelta(minutes=round(hours * 60))


def _plain(text: str) -> str:
    """Digits of any script as 0 to 9."""
    return "".join(str(unicodedata.digit(letter, letter)) for letter in text)


def _number(text: str, field: str) -> Decimal:
    try:
        found = Decimal(text)
    except InvalidOperation as problem:
        raise Incorrect("This is not a number.", field=field) from problem
    if not found.is_finite() or len(text) > 14:
        raise Incorrect("This is not a number.", field=field)
    return found


def _whole(text: str, field: str) -> int | None:
    plain = _plain(text)
    if not plain:
        return None
    if not plain.isdecimal() or len(plain) > 9:
        raise Incorrect("This is not a whole number.", field=field)
    return int(plain)


# ------------------------------------------------------------------ rows of steps


def rows(values: Mapping[str, Any]) -> int:
    """How many rows of steps the form has: as many as were sent, at first as many as most begin with."""
    return min(max(_numbers(values), default=STEPS), MOST_STEPS)


def without(values: Mapping[str, Any], number: int) -> dict[str, Any]:
    """What was typed, with this row taken out and those behind it moved up."""
    kept = {name: text for name, text in values.items() if not _STEP.match(name)}
    others = [n for n in range(1, rows(values) + 1) if n != number]
    moved = {f"step_{to}_{part}": values.get(f"step_{n}_{part}", "")
             for to, n in enumerate(others, 1) for part in STEP}  # fmt: skip
    return kept | moved


def _numbers(values: Mapping[str, Any]) -> list[int]:
    found = {int(step[1]) for name in values if (step := _STEP.match(name))}
    return sorted(found - {0})


# ------------------------------------------------------------------ and back


def values_of(schedule: Schedule) -> dict[str, Any]:
    """A schedule as the form shows it."""
    pattern = schedule.pattern
    found: dict[str, Any] = {"rhythm": pattern.kind, "start": schedule.start, "end": schedule.end}
    if isinstance(pattern, Interval):
        return found | {"hours": _hours(pattern.every), "first": pattern.first} | _of_amount(pattern.amount)
    if isinstance(pattern, AsNeeded):
        return found | _of_amount(pattern.amount) | _of_limits(pattern)
    if isinstance(pattern, Taper):
        return found | _of_steps(pattern)
    found |= _of_slots(pattern.slots)
    if isinstance(pattern, Weekly):
        found["days"] = [day.value for day in WEEK if day in pattern.days]
    elif isinstance(pattern, EveryDays):
        found["every"] = pattern.days
    else:
        found |= {"on": pattern.on, "off": pattern.off}
    return found


def _of_limits(pattern: AsNeeded) -> dict[str, Any]:
    most = {"most": pattern.most.value, "most_unit": pattern.most.unit} if pattern.most else {}
    return {"gap": _hours(pattern.gap)} | most


def _of_slots(slots: Slots) -> dict[str, Any]:
    usual = _usual(slots)
    found = _of_amount(usual) | _unit(slots)
    for n, slot in enumerate(slots[:TIMES], 1):
        found[f"time_{n}"] = slot.at
        if slot.amount != usual and slot.amount:
            found[f"amount_{n}"] = slot.amount.value
    return found | {"times": _said(slots[TIMES:], usual)}


def _of_steps(taper: Taper) -> dict[str, Any]:
    slots = [slot for step in taper.steps for slot in step.slots]
    found = _unit(slots)  # each step says its own amounts: that they change is what it is for
    for n, step in enumerate(taper.steps, 1):
        found[f"step_{n}_days"] = step.days
        found[f"step_{n}_times"] = _said(step.slots, None)
        if step.every > 1:
            found[f"step_{n}_every"] = step.every
    return found


def _usual(slots: Sequence[Slot]) -> Amount | None:
    """Nobody's, where one of them says no amount: what is typed for all would be typed for that one too."""
    amounts = [slot.amount for slot in slots]
    return None if None in amounts else amounts[0]


def _said(slots: Sequence[Slot], usual: Amount | None) -> str:
    return ", ".join(
        f"{slot.at:%H:%M}" + (f" {slot.amount.value}" if slot.amount and slot.amount != usual else "")
        for slot in slots
    )


def _unit(slots: Sequence[Slot]) -> dict[str, Any]:
    return next(({"unit": slot.amount.unit} for slot in slots if slot.amount), {})


def _of_amount(amount: Amount | None) -> dict[str, Any]:
    return {"amount": amount.value, "unit": amount.unit} if amount else {}


def _hours(span: timedelta | None) -> Decimal | None:
    """To four decimals, which is more than a minute takes: 100 minutes are 1.6667."""
    if span is None:
        return None
    return Decimal(f"{(Decimal(int(span.total_seconds())) / 3600).quantize(Decimal('1e-4')).normalize():f}")


def fits(schedule: Schedule) -> bool:
    """Whether the form can show it without loss: it knows one unit for all amounts, and minutes."""
    pattern = schedule.pattern
    if isinstance(pattern, Interval | AsNeeded):
        return True
    steps = pattern.steps if isinstance(pattern, Taper) else (pattern,)
    slots = [slot for step in steps for slot in step.slots]
    units = {slot.amount.unit for slot in slots if slot.amount}
    return len(units) < 2


__all__ = ["MOST_STEPS", "RARE", "TIMES", "Number", "RhythmForm", "fits", "rows", "values_of", "without"]
