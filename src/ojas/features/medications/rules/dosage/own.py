"""Reading what ``writing`` wrote."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from ojas.features.medications.rules.dosage.elements import Element, amount_of, time_of
from ojas.features.medications.rules.patterns import (
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
from ojas.kit.errors import Incorrect


def schedule_of(dosages: Sequence[Element], extensions: Sequence[Element]) -> Schedule:
    """
    Raises:
        Incorrect: somebody changed it, so that it no longer says a schedule.
    """
    try:
        both = sorted(zip(dosages, extensions, strict=True), key=lambda pair: int(pair[0]["sequence"]))
        first, told = both[0][0], _told(extensions)
        start = date.fromisoformat(first["timing"]["repeat"]["boundsPeriod"]["start"])
        end = date.fromisoformat(told["end"]) if "end" in told else None
        shifts = tuple(
            _shift(part) for each in extensions for part in each["extension"] if part["url"] == "shift"
        )
        return Schedule(_pattern(told, both), start, end, shifts)
    except Incorrect:
        raise
    except (LookupError, TypeError, ValueError, ArithmeticError, AttributeError) as problem:
        # An extension may hold anything; that somebody changed it is their fault, not ours.
        raise Incorrect("This is not a schedule as Ojas writes it.", field="dosage") from problem


def _told(extensions: Iterable[Element]) -> Element:
    """What the extensions say in all; only the steps of a taper differ in it."""
    return {
        part["url"]: _value(part)
        for each in extensions
        for part in each["extension"]
        if part["url"] != "shift"
    }


def _pattern(told: Element, both: Sequence[tuple[Element, Element]]) -> Pattern:
    dosages = [dosage for dosage, _extension in both]
    repeat, amount = dosages[0]["timing"]["repeat"], _amount(dosages[0])
    match told["kind"]:
        case "weekly":
            days = repeat.get("dayOfWeek", [day.value for day in WEEK])
            return Weekly(_slots(dosages), frozenset(Weekday(day) for day in days))
        case "every_days":
            return EveryDays(int(repeat["period"]), _slots(dosages))
        case "cycle":
            return Cycle(told["on"], told["off"], _slots(dosages))
        case "taper":
            return Taper(tuple(_steps(both)))
        case "interval":
            return Interval(_span(repeat), time_of(told["first"]), amount)
        case "as_needed":
            most = dosages[0].get("maxDosePerPeriod")
            gap = _span(repeat) if "period" in repeat else None
            return AsNeeded(amount, gap, amount_of(most["numerator"]) if most else None)
    raise KeyError("kind")


def _slots(dosages: Iterable[Element]) -> Slots:
    return tuple(
        Slot(time_of(at), _amount(dosage))
        for dosage in dosages
        for at in dosage["timing"]["repeat"]["timeOfDay"]
    )


def _steps(both: Iterable[tuple[Element, Element]]) -> Iterable[Step]:
    over: date | None = None
    for _sequence, group in groupby(both, key=lambda pair: pair[0]["sequence"]):
        same = list(group)
        repeat = same[0][0]["timing"]["repeat"]
        told = _told([same[0][1]])
        begin = date.fromisoformat(repeat["boundsPeriod"]["start"])
        if over is not None and begin > over:
            yield Step((begin - over).days)
        yield Step(told.get("days"), _slots(each for each, _extension in same), int(repeat["period"]))
        over = begin + timedelta(told.get("days", 0))


def _shift(part: Element) -> Shift:
    told = {inner["url"]: _value(inner) for inner in part["extension"]}
    since = datetime.fromisoformat(told["since"])
    return Shift(date.fromisoformat(told["day"]), since, timedelta(minutes=told["minutes"]))


def _span(repeat: Element) -> timedelta:
    return (
        int(repeat["period"]) * {"h": timedelta(hours=1), "min": timedelta(minutes=1)}[repeat["periodUnit"]]
    )


def _amount(dosage: Element) -> Any:
    rates = dosage.get("doseAndRate")
    return amount_of(rates[0]["doseQuantity"]) if rates else None


def _value(part: Element) -> Any:
    return next((value for name, value in part.items() if name.startswith("value")), None)
