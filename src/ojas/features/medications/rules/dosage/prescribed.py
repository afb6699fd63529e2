"""Reading what others write: the common forms of R4, and the abbreviations of prescriptions.

Nothing is bent to fit: what cannot be kept is refused with its element, and what was not said is listed as assumed, to be
asked of the person.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, time, timedelta
from decimal import Decimal
from enum import StrEnum
from itertools import groupby
from typing import Any

from ojas.features.medications.rules.amount import Amount
from ojas.features.medications.rules.dosage import abbreviations
from ojas.features.medications.rules.dosage.bounds import NOT_KEPT, bounds_of, span_of, whole_minutes
from ojas.features.medications.rules.dosage.elements import Element, amount_of, time_of
from ojas.features.medications.rules.habits import Habits, spread, times_of
from ojas.features.medications.rules.patterns import (
    WEEK,
    AsNeeded,
    Daywise,
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
from ojas.features.medications.rules.schedule import Schedule
from ojas.kit.errors import Fault, Incorrect
from ojas.kit.i18n import N_

SEVERAL = N_("These instructions do not make one schedule. Keep them as several.")


class Assumed(StrEnum):
    """What an instruction did not say, and was filled in."""

    TIMES = "times"
    """The times of day: from the person's habits."""
    DAYS = "days"
    """Which days of the week."""
    START = "start"
    RANGE = "range"
    """Of a range, the smaller amount, the fewer times and the shorter gap."""


@dataclass(frozen=True, slots=True)
class Read:
    schedule: Schedule
    assumed: frozenset[Assumed] = frozenset()


@dataclass(frozen=True, slots=True)
class _Part:
    """One instruction; ``length`` in days where it says how long instead of until when."""

    pattern: Pattern
    begin: date | None
    end: date | None
    length: int | None
    sequence: int | None
    assumed: frozenset[Assumed] = field(default_factory=frozenset)


def schedule_of(dosages: Sequence[Element], start: date, habits: Habits) -> Read:
    """
    Raises:
        Incorrect: they cannot be kept as one schedule, with the element as field.
    """
    parts = [_part(dosage, start, habits, f"dosage[{n}]") for n, dosage in enumerate(dosages)]
    assumed = frozenset().union(*(part.assumed for part in parts))
    merged = _merged(parts)
    if merged[0].begin is None:
        assumed |= {Assumed.START}
        merged[0] = replace(merged[0], begin=start)
    if len(merged) > 1:
        return Read(_taper(merged), assumed)
    (one,) = merged
    begin = one.begin or start
    end = begin + timedelta(one.length - 1) if one.length else one.end
    return Read(Schedule(one.pattern, begin, end), assumed)


def _part(dosage: Mapping[str, Any], start: date, habits: Habits, path: str) -> _Part:
    repeat, assumed = _repeat(dosage.get("timing", {}), path), set[Assumed]()
    amount = _amount(dosage, assumed)
    prn = dosage.get("asNeededBoolean") or dosage.get("asNeededCodeableConcept") or repeat.get("asNeeded")
    try:
        if prn:
            pattern: Pattern = _as_needed(dosage, repeat, amount, path, assumed)
        else:
            pattern = _pattern(repeat, amount, habits, path, assumed)
    except Incorrect as refusal:
        raise _within(path, refusal) from refusal
    begin, end, length = bounds_of(repeat, pattern, start, path)
    return _Part(pattern, begin, end, length, dosage.get("sequence"), frozenset(assumed))


def _within(path: str, refusal: Incorrect) -> Incorrect:
    """A refusal of a value that was read, at the instruction it was read from."""
    fault = refusal.fault
    field = fault.field if str(fault.field).startswith(path) else f"{path}.timing"
    told = Fault(fault.message, field, fault.params)
    return Incorrect(told.message, field=field, faults=[told], **fault.params)


def _repeat(timing: Mapping[str, Any], path: str) -> Element:
    """The elements of ``repeat``, where need be those that the code stands for."""
    repeat = dict(timing.get("repeat", {}))
    if "code" in timing and not _SAYS_WHEN & repeat.keys():
        meant = abbreviations.meant_by(timing["code"])
        if meant is None:
            raise Incorrect(NOT_KEPT, field=f"{path}.timing.code")
        repeat |= meant
    if "event" in timing:
        raise Incorrect(NOT_KEPT, field=f"{path}.timing.event")
    return repeat


_SAYS_WHEN = {"period", "when", "timeOfDay", "dayOfWeek"}


def _amount(dosage: Mapping[str, Any], assumed: set[Assumed]) -> Amount | None:
    rate: Element = next(iter(dosage.get("doseAndRate", ())), {})
    if "doseQuantity" in rate:
        return amount_of(rate["doseQuantity"])
    if "low" in rate.get("doseRange", {}):
        assumed.add(Assumed.RANGE)
        return amount_of(rate["doseRange"]["low"])
    return None


def _as_needed(
    dosage: Mapping[str, Any], repeat: Element, amount: Amount | None, path: str, assumed: set[Assumed]
) -> AsNeeded:
    """So many times in so long is a gap of their quotient: it never allows more than was said."""
    if said := {"when", "timeOfDay", "dayOfWeek"} & repeat.keys():
        raise Incorrect(NOT_KEPT, field=f"{path}.timing.repeat.{min(said)}")
    gap = None
    if "period" in repeat:
        gap = whole_minutes(span_of(repeat, path) / _count(repeat, assumed))
        if "periodMax" in repeat:
            assumed.add(Assumed.RANGE)
    most = dosage.get("maxDosePerPeriod")
    if most and not _is_day(most.get("denominator", {})):
        raise Incorrect(NOT_KEPT, field=f"{path}.maxDosePerPeriod")
    return AsNeeded(amount, gap, amount_of(most.get("numerator", {})) if most else None)


def _pattern(
    repeat: Element, amount: Amount | None, habits: Habits, path: str, assumed: set[Assumed]
) -> Daywise | Interval:
    if not _SAYS_WHEN & repeat.keys():
        raise Incorrect(NOT_KEPT, field=f"{path}.timing")
    unit, days = repeat.get("periodUnit", "d"), repeat.get("dayOfWeek")
    fixed = "timeOfDay" in repeat or "when" in repeat
    span = span_of(repeat | {"period": repeat.get("period", 1), "periodUnit": unit}, path)
    if unit in ("h", "min", "s") and not fixed and (span != timedelta(days=1) or "frequency" not in repeat):
        assumed.add(Assumed.TIMES)
        if "periodMax" in repeat:
            assumed.add(Assumed.RANGE)
        return Interval(whole_minutes(span / _count(repeat, assumed)), habits.breakfast, amount)
    if span % timedelta(days=1):
        raise Incorrect(NOT_KEPT, field=f"{path}.timing.repeat.period")
    if days:
        every_week = span in (timedelta(days=1), timedelta(days=7))
        if not every_week:
            raise Incorrect(NOT_KEPT, field=f"{path}.timing.repeat.period")
        count = _count(repeat, assumed)
        # So many times a week on so many days is once on each of them.
        once = span.days == 7 and (count in (1, len(days)))
        return Weekly(_slots(repeat, 1 if once else count, amount, habits, assumed), _week(days))
    return _on_days(repeat, span.days, amount, habits, path, assumed)


def _on_days(
    repeat: Element, span: int, amount: Amount | None, habits: Habits, path: str, assumed: set[Assumed]
) -> Weekly | EveryDays:
    count = _count(repeat, assumed)
    if span == 1:
        return Weekly(_slots(repeat, count, amount, habits, assumed))
    if "timeOfDay" in repeat or "when" in repeat or count == 1:
        return EveryDays(span, _slots(repeat, 1, amount, habits, assumed))
    if span == 7 and count <= 7:
        assumed.add(Assumed.DAYS)
        days = frozenset(WEEK[number * 7 // count] for number in range(count))
        return Weekly(_slots(repeat, 1, amount, habits, assumed), days)
    if span % count == 0:
        return EveryDays(span // count, _slots(repeat, 1, amount, habits, assumed))
    raise Incorrect(NOT_KEPT, field=f"{path}.timing.repeat.frequency")


def _slots(
    repeat: Element, count: int, amount: Amount | None, habits: Habits, assumed: set[Assumed]
) -> Slots:
    """At the times that are told, else so many over the day."""
    if "timeOfDay" in repeat:
        times: Sequence[time] = sorted({time_of(text).replace(second=0) for text in repeat["timeOfDay"]})
    else:
        assumed.add(Assumed.TIMES)
        if "parts" in repeat:
            return _by_meals(repeat, amount, habits)
        when = repeat.get("when")
        times = times_of(when, habits, repeat.get("offset")) if when else spread(count, habits)
    if count not in (1, len(times)):
        raise Incorrect(NOT_KEPT, field="frequency")
    return tuple(Slot(at, amount) for at in times)


def _by_meals(repeat: Element, amount: Amount | None, habits: Habits) -> Slots:
    """1-0-2: how much at which meal. Where the amount is told too, nobody can say which of them counts."""
    parts = repeat["parts"]
    if amount and set(parts) != {1}:
        raise Incorrect(NOT_KEPT, field="doseAndRate")
    return tuple(
        Slot(times_of([code], habits)[0], amount or Amount(Decimal(part), "{dose}"))
        for code, part in zip(repeat["when"], parts, strict=True)
    )


def _count(repeat: Element, assumed: set[Assumed]) -> int:
    if "frequencyMax" in repeat:
        assumed.add(Assumed.RANGE)
    return int(repeat.get("frequency", 1))


def _week(days: Sequence[str]) -> frozenset[Weekday]:
    return frozenset(Weekday(day) for day in days)


def _is_day(found: Mapping[str, Any]) -> bool:
    unit = found.get("code") or found.get("unit")
    return (found.get("value"), unit) in ((24, "h"), (1, "d"), (1, "day"))


def _merged(parts: Sequence[_Part]) -> list[_Part]:
    """Instructions that hold at once as one: 2 in the morning and 1 at night. Those after one another stay apart."""
    order = sorted(parts, key=lambda part: part.sequence or 0)
    return [
        _together(list(same)) for _key, same in groupby(order, key=lambda part: (part.sequence, _when(part)))
    ]


def _when(part: _Part) -> tuple[object, ...]:
    return part.begin, part.end, part.length


def _together(parts: list[_Part]) -> _Part:
    first, *others = parts
    for other in others:
        mine, theirs = first.pattern, other.pattern
        if _hours(mine) & _hours(theirs):  # most often both assumed: to move one of them would be to guess
            raise Incorrect(SEVERAL, field="dosage")
        if isinstance(mine, Weekly) and isinstance(theirs, Weekly) and mine.days == theirs.days:
            first = replace(first, pattern=Weekly(mine.slots + theirs.slots, mine.days))
        elif isinstance(mine, EveryDays) and isinstance(theirs, EveryDays) and mine.days == theirs.days:
            first = replace(first, pattern=EveryDays(mine.days, mine.slots + theirs.slots))
        else:
            raise Incorrect(SEVERAL, field="dosage")
    return first


def _hours(pattern: Pattern) -> set[time]:
    return {slot.at for slot in pattern.slots} if isinstance(pattern, Weekly | EveryDays) else set()


def _taper(parts: list[_Part]) -> Schedule:
    """Parts one after another, each with how long it lasts; only the last may go on."""
    start = day = parts[0].begin
    steps: list[Step] = []
    for number, part in enumerate(parts):
        begin = part.begin or day
        length = part.length or (part.end and begin and (part.end - begin).days + 1)
        pattern = part.pattern
        every = pattern.days if isinstance(pattern, EveryDays) else 1
        daily = isinstance(pattern, EveryDays) or (isinstance(pattern, Weekly) and len(pattern.days) == 7)
        if (
            not daily
            or begin is None
            or day is None
            or begin < day
            or (not length and number < len(parts) - 1)
        ):
            raise Incorrect(SEVERAL, field="dosage")
        if begin > day:
            steps.append(Step((begin - day).days))
        assert isinstance(pattern, Weekly | EveryDays)
        steps.append(Step(length or None, pattern.slots, every))
        day = begin + timedelta(length or 0)
    assert start is not None
    return Schedule(Taper(tuple(steps)), start)
