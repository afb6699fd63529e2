"""A schedule as Dosages."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import groupby

from ojas.features.medications.rules.amount import Amount
from ojas.features.medications.rules.dosage.elements import UCUM, Element, clock, quantity
from ojas.features.medications.rules.patterns import (
    WEEK,
    AsNeeded,
    Cycle,
    EveryDays,
    Interval,
    Slots,
    Taper,
    Weekly,
)
from ojas.features.medications.rules.schedule import Schedule, Shift

SCHEDULE = "https://ojas.example/fhir/StructureDefinition/medication-schedule"
"""The extension of a Dosage that says what R4 has no element for."""


def to_fhir(schedule: Schedule) -> list[Element]:
    """The schedule as Dosages: one for each amount, and for a taper each step, in ``sequence``."""
    dosages = [_told(element) for element in _dosages(schedule)]
    if schedule.end is not None:
        dosages[0]["extension"][0]["extension"].append({"url": "end", "valueDate": schedule.end.isoformat()})
    dosages[0]["extension"][0]["extension"] += [_shift(shift) for shift in schedule.shifts]
    return dosages


def _dosages(schedule: Schedule) -> Iterator[Element]:
    match schedule.pattern:
        case Weekly(slots, days):
            repeat: Element = {"period": 1, "periodUnit": "d"}
            if len(days) < len(WEEK):
                repeat["dayOfWeek"] = [day.value for day in WEEK if day in days]
            yield from _at_times(1, slots, _bounds(schedule) | repeat, {"kind": "weekly"})
        case EveryDays(days=days, slots=slots):
            repeat = {"period": days, "periodUnit": "d"}
            yield from _at_times(1, slots, _bounds(schedule) | repeat, {"kind": "every_days"})
        case Cycle(on, off, slots):
            # So many times in a whole cycle is true for everybody; on which days of it, only the extension says.
            repeat = {"period": on + off, "periodUnit": "d"}
            own = {"kind": "cycle", "on": on, "off": off}
            yield from _at_times(1, slots, _bounds(schedule) | repeat, own, times=on)
        case Taper():
            yield from _steps(schedule, schedule.pattern)
        case Interval(every, first, amount):
            repeat = _bounds(schedule) | {"frequency": 1} | _period(every)
            yield _one(1, repeat, amount, {"kind": "interval", "first": clock(first)})
        case AsNeeded():
            yield _as_needed(schedule, schedule.pattern)


def _steps(schedule: Schedule, taper: Taper) -> Iterator[Element]:
    for sequence, (step, offset) in enumerate(zip(taper.steps, taper.offsets, strict=True), 1):
        begin = schedule.start + timedelta(offset)
        over = None if step.days is None else begin + timedelta(step.days - 1)
        end = min((day for day in (over, schedule.end) if day), default=None)
        own = {"kind": "taper", **({} if step.days is None else {"days": step.days})}
        repeat = _period_of(begin, end) | {"period": step.every, "periodUnit": "d"}
        if step.slots:  # a pause is the gap between two
            yield from _at_times(sequence, step.slots, repeat, own)


def _at_times(
    sequence: int, slots: Slots, repeat: Element, own: Element, times: int = 1
) -> Iterator[Element]:
    """One Dosage for each amount, in the order of the day."""
    order = {amount: at for at, amount in reversed([(slot.at, slot.amount) for slot in slots])}
    for amount, same in groupby(
        sorted(slots, key=lambda slot: order[slot.amount]), key=lambda slot: slot.amount
    ):
        hours = [clock(slot.at) for slot in same]
        yield _one(sequence, repeat | {"frequency": len(hours) * times, "timeOfDay": hours}, amount, own)


def _one(sequence: int, repeat: Element, amount: Amount | None, own: Element) -> Element:
    found: Element = {"sequence": sequence, "timing": {"repeat": repeat}, "own": own}
    return found | ({"doseAndRate": [{"doseQuantity": quantity(amount)}]} if amount else {})


def _as_needed(schedule: Schedule, pattern: AsNeeded) -> Element:
    repeat = _bounds(schedule) | ({"frequency": 1} | _period(pattern.gap) if pattern.gap else {})
    found = _one(1, repeat, pattern.amount, {"kind": "as_needed"}) | {"asNeededBoolean": True}
    if pattern.most:
        day = {"value": 24, "unit": "h", "system": UCUM, "code": "h"}
        found["maxDosePerPeriod"] = {"numerator": quantity(pattern.most), "denominator": day}
    return found


def _told(dosage: Element) -> Element:
    own = dosage.pop("own")
    kinds = {"kind": "valueCode", "first": "valueTime"}
    parts = [{"url": name, kinds.get(name, "valuePositiveInt"): value} for name, value in own.items()]
    return {"extension": [{"url": SCHEDULE, "extension": parts}], **dosage}


def _shift(shift: Shift) -> Element:
    parts = [
        {"url": "day", "valueDate": shift.day.isoformat()},
        {"url": "since", "valueInstant": shift.since.isoformat().replace("+00:00", "Z")},
        {"url": "minutes", "valuePositiveInt": shift.by // timedelta(minutes=1)},
    ]
    return {"url": "shift", "extension": parts}


def _bounds(schedule: Schedule) -> Element:
    return _period_of(schedule.start, schedule.end)


def _period_of(start: date, end: date | None) -> Element:
    period = {"start": start.isoformat()} | ({} if end is None else {"end": end.isoformat()})
    return {"boundsPeriod": period}


def _period(every: timedelta) -> Element:
    """In hours where it is whole ones, else in minutes; in days it would mean times of day to others."""
    minutes = every // timedelta(minutes=1)
    if minutes % 60:
        return {"period": minutes, "periodUnit": "min"}
    return {"period": minutes // 60, "periodUnit": "h"}
