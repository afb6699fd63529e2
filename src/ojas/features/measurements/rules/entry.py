"""Taking a value in: into the canonical unit, within what is possible, at a time that has been."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from ojas.features.measurements.rules.kind import Kind, Linear, Part
from ojas.kit import units
from ojas.kit.errors import Fault, Incorrect

CLOCK_SLACK = timedelta(minutes=5)
"""A clock may be this much ahead of ours."""

_PLACES = Decimal("1e-10")  # of the canonical value; what was entered is kept beside it, whole
_PULSE_PRESSURE = (Decimal(5), Decimal(200))


def rounded(value: Decimal) -> Decimal:
    """To ten decimals, without trailing noughts."""
    found = value.quantize(_PLACES).normalize()
    return found.quantize(Decimal(1)) if found == found.to_integral_value() else found


def canonical(part: Part, value: Decimal, unit: str) -> Decimal:
    """``value`` of ``unit`` in the canonical unit, to ten decimals.

    Worked: glucose 5.5 mmol/L x 18.0156 = 99.0858 mg/dL; HbA1c 48 mmol/mol x 0.09148 + 2.152 = 6.54304 %.

    Raises:
        Incorrect: not a number, or a unit that does not fit.
    """
    if not value.is_finite():
        raise Incorrect("This is not a number.", field=part.name)
    if abs(value) > 10**9:
        raise Incorrect("This number is too large.", field=part.name)
    if unit == part.unit:
        return rounded(value)
    if factor := part.factors.get(unit):
        return _applied(factor, value)
    if units.same_dimension(unit, part.unit) and _meant(part, unit):
        return rounded(units.convert(value, unit, part.unit))
    for between, factor in part.factors.items():
        if "mol/" in between and "mol/" in unit and units.same_dimension(unit, between):
            return _applied(factor, units.convert(value, unit, between))
    raise Incorrect(
        "The unit {unit} does not fit. Use {units}.",
        field="unit",
        unit=units.symbol(unit) or unit,
        units=", ".join(units.symbol(each) or each for each in part.units),
    )


def in_unit(part: Part, value: Decimal, unit: str) -> Decimal:
    """A canonical value in another unit the kind knows: the way back of ``canonical``, not rounded for display."""
    if unit == part.unit:
        return value
    if factor := part.factors.get(unit):
        found = (Fraction(value) - factor.shift) / factor.slope
        return Decimal(found.numerator) / Decimal(found.denominator)
    return units.convert(value, part.unit, unit)


def checked(
    kind: Kind, values: Mapping[str, Decimal | None], unit: str, *, daily_total: bool = False
) -> dict[str, Decimal]:
    """The parts in canonical units.

    Raises:
        Incorrect: with one fault for each field that cannot be.
    """
    found: dict[str, Decimal] = {}
    faults: list[Fault] = []
    for part in kind.parts:
        value = values.get(part.name)
        if value is None:
            if part.required:
                faults.append(Fault("This is missing.", part.name))
            continue
        try:
            found[part.name] = canonical(part, value, unit)
            _check_range(kind, part, value, unit, found[part.name], daily_total=daily_total)
        except Incorrect as refusal:
            faults.extend(refusal.faults)
    for name in values.keys() - {part.name for part in kind.parts}:
        if values[name] is not None:
            faults.append(Fault("This kind of reading has no such number.", name))
    if not faults and {"systolic", "diastolic"} <= found.keys():
        faults.extend(_pressure_faults(found["systolic"], found["diastolic"]))
    if faults:
        raise Incorrect(faults[0].message, field=faults[0].field, faults=faults, **faults[0].params)
    return found


def check_time(at: datetime, end: datetime | None, *, now: datetime, born: date | None = None) -> None:
    """Refuse what has not been yet, ends before it begins, or was before the person.

    Raises:
        Incorrect: with the field ``effective_at`` or ``effective_end``.
    """
    if at > now + CLOCK_SLACK:
        raise Incorrect("This time is still to come.", field="effective_at")
    if at.year < 1900:
        raise Incorrect("This is before the year 1900.", field="effective_at")
    if born and at.date() < born - timedelta(days=1):
        raise Incorrect("This is before the date of birth.", field="effective_at")
    if end is not None and end < at:
        raise Incorrect("This ends before it begins.", field="effective_end")
    if end is not None and end > now + CLOCK_SLACK:
        raise Incorrect("This time is still to come.", field="effective_end")


def _applied(factor: Linear, value: Decimal) -> Decimal:
    found = Fraction(value) * factor.slope + factor.shift
    return rounded(Decimal(found.numerator) / Decimal(found.denominator))


def _meant(part: Part, unit: str) -> bool:
    """In UCUM %, steps, scores and amounts of substance are all pure numbers and would pass for each other."""
    return not units.same_dimension(part.unit, "1") or unit in part.units or unit in part.also


def _check_range(
    kind: Kind, part: Part, value: Decimal, unit: str, found: Decimal, *, daily_total: bool
) -> None:
    high = kind.day_high if daily_total and kind.day_high is not None else part.high
    if part.low <= found <= high:
        return
    shown = units.symbol(unit)
    other = _fitting_unit(part, value, unit, high)
    low, top = (shortened(in_unit(part, limit, unit), part, unit) for limit in (part.low, high))
    if other:
        raise Incorrect(
            "{value} {unit} is outside {low} to {high} {unit}. As {other} it would fit: check the unit.",
            field=part.name,
            value=plain(value),
            unit=shown,
            low=low,
            high=top,
            other=units.symbol(other),
        )
    raise Incorrect(
        "{value} {unit} is outside {low} to {high} {unit}.",
        field=part.name,
        value=plain(value),
        unit=shown,
        low=low,
        high=top,
    )


def _fitting_unit(part: Part, value: Decimal, unit: str, high: Decimal) -> str | None:
    others = (each for each in part.units if each != unit)
    return next((each for each in others if part.low <= canonical(part, value, each) <= high), None)


def _pressure_faults(systolic: Decimal, diastolic: Decimal) -> list[Fault]:
    least, most = _PULSE_PRESSURE
    if systolic <= diastolic:
        return [Fault("The upper number must be larger than the lower one.", "systolic")]
    if not least <= systolic - diastolic <= most:
        return [
            Fault("The two numbers are too close together or too far apart to be one reading.", "systolic")
        ]
    return []


def shortened(value: Decimal, part: Part, unit: str) -> str:
    """With the decimals the kind is shown with, and none that say nothing."""
    return plain(round(value, part.shown_decimals(unit) or 0))


def plain(value: Decimal) -> str:
    """Without exponent or trailing noughts."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
