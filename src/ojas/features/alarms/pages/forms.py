"""What is typed into the form of a rule, in the reader's units, and how a rule is shown in it again."""

from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from ojas.features.alarms.rules import RULES, Sort
from ojas.features.alarms.schemas import Limits, RuleDraft, RuleShown
from ojas.features.measurements import service as measurements
from ojas.features.measurements.rules import canonical, in_unit
from ojas.kit.errors import Fault, Incorrect

Number = Annotated[Decimal, Field(ge=0, le=10**6, max_digits=12)]
SIDES = ("low", "high")


class AnswerForm(BaseModel):
    """A button pressed below an alarm: for how long it is to be silent, and where to go on."""

    model_config = ConfigDict(extra="ignore")

    minutes: Annotated[int, Field(ge=1, le=7 * 24 * 60)] = 60
    note: Annotated[str | None, Field(max_length=1000)] = None
    then: Annotated[str | None, Field(max_length=300, pattern=r"^/p/[0-9a-f-]{36}(/[a-z/0-9-]*)?$")] = None


class Sides(BaseModel):
    """Two limits as typed."""

    model_config = ConfigDict(extra="ignore")

    low: Number | None = None
    high: Number | None = None


class Parts(BaseModel):
    """The numbers a reading may have."""

    model_config = ConfigDict(extra="ignore")

    value: Sides | None = None
    systolic: Sides | None = None
    diastolic: Sides | None = None


class RuleForm(BaseModel):
    """A rule as typed. ``limits``: by number and side, in the unit shown."""

    model_config = ConfigDict(extra="ignore")

    on: bool = False
    limits: Parts = Parts()
    amount: Number | None = None
    caregivers: bool = False
    care_team: bool = False
    silent_hours: Annotated[int, Field(ge=0, le=24)] = 0
    reason: Annotated[str | None, Field(max_length=300)] = None
    version: int | None = None

    def draft(self, key: str, units: measurements.Preferences) -> RuleDraft:
        """
        Raises:
            Incorrect: a number that does not fit its unit, with its field.
        """
        unit = unit_of(key, units)
        limits = {}
        for part, sides in self.limits.model_dump(exclude_none=True).items():
            kept = {side: _canonical(key, part, side, value, unit) for side, value in sides.items()}
            if kept:
                limits[part] = Limits(**kept)
        amount = self.amount
        if amount is not None and RULES[key].sort is Sort.GAIN:
            amount = canonical(measurements.CATALOGUE["weight"].main, amount, unit)
        return RuleDraft(
            rule=key,
            on=self.on,
            limits=limits,
            amount=amount,
            caregivers=self.caregivers,
            care_team=self.care_team,
            silent_hours=self.silent_hours,
            reason=self.reason,
        )


def _canonical(key: str, part: str, side: str, value: Decimal, unit: str) -> Decimal:
    found = measurements.CATALOGUE[RULES[key].kinds[0]].part(part)
    if found is None:
        raise Incorrect("This kind of reading has no such number.", field=f"limits.{part}.{side}")
    try:
        return canonical(found, value, unit)
    except Incorrect as problem:
        fault = problem.fault
        raise Incorrect(
            fault.message, faults=[Fault(fault.message, f"limits.{part}.{side}", fault.params)]
        ) from problem


def unit_of(key: str, units: measurements.Preferences) -> str:
    rule = RULES[key]
    return measurements.unit_for(measurements.CATALOGUE[rule.kinds[0]].main, units) if rule.kinds else ""


def values_of(rule: RuleShown, units: measurements.Preferences) -> dict[str, Any]:
    """As the fields are named: what was set, in the reader's unit."""
    unit, key = unit_of(rule.rule, units), rule.rule
    found: dict[str, Any] = {
        name: getattr(rule, name)
        for name in ("on", "caregivers", "care_team", "silent_hours", "reason", "version")
    }
    for part, limits in rule.limits.items():
        of = measurements.CATALOGUE[RULES[key].kinds[0]].part(part)
        for side in SIDES:
            value = getattr(limits, side)
            if value is not None and of is not None:
                found[f"limits.{part}.{side}"] = plain(in_unit(of, value, unit))
    if rule.own and rule.amount is not None:
        found["amount"] = amount_in(key, rule.amount, units)
    return found


def amount_in(key: str, amount: float, units: measurements.Preferences) -> str:
    """What a rule counts, as one would type it."""
    if RULES[key].sort is not Sort.GAIN:
        return str(int(amount))
    return plain(in_unit(measurements.CATALOGUE["weight"].main, Decimal(str(amount)), unit_of(key, units)))


def plain(value: Decimal) -> str:
    text = f"{round(value, 1):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
