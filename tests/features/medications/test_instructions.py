"""Instructions of others, element by element: how long, how often, what was assumed."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from ojas.features.medications.rules.amount import DOSE, Amount
from ojas.features.medications.rules.dosage import Assumed, from_fhir
from ojas.features.medications.rules.dosage.elements import amount_of, first_date, last_date, months_later
from ojas.features.medications.rules.patterns import (
    AsNeeded,
    EveryDays,
    Interval,
    Pattern,
    Slot,
    Step,
    Taper,
    Weekday,
    Weekly,
)
from ojas.features.medications.rules.schedule import Schedule
from ojas.kit.errors import Incorrect

from .dosages import DAILY, H8, H1930, HOUR, MINUTE, MORNING, START, UCUM, repeat


def read(*dosages: dict[str, Any]) -> Schedule:
    return from_fhir(dosages, start=START).schedule


def refused(*dosages: dict[str, Any]) -> str | None:
    with pytest.raises(Incorrect) as refusal:
        from_fhir(dosages, start=START)
    return refusal.value.fault.field


# ------------------------------------------------------------------ elements


@pytest.mark.parametrize(
    ("quantity", "value", "unit"),
    [
        ({"value": 5, "system": UCUM, "code": "mg", "unit": "milligram"}, "5", "mg"),
        ({"value": 2, "system": UCUM, "code": "{tablet}", "unit": "x"}, "2", "{tablet}"),
        ({"value": 2, "system": "http://snomed.info/sct", "code": "mg", "unit": "tablet"}, "2", "{tablet}"),
        ({"value": 2, "system": UCUM, "code": "tablet", "unit": "{tablet}"}, "2", "{tablet}"),
        ({"value": 0.5, "unit": "mL"}, "0.5", "mL"),
        ({"value": 0.1, "unit": "mg"}, "0.1", "mg"),
        ({"value": 1}, "1", DOSE),
    ],
)
def test_an_amount_is_read_by_its_ucum_code_else_by_its_unit(
    quantity: dict[str, Any], value: str, unit: str
) -> None:
    assert amount_of(quantity) == Amount(Decimal(value), unit)


def test_an_amount_without_a_number_is_refused() -> None:
    with pytest.raises(Incorrect):
        amount_of({"unit": "mg"})


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2026", date(2026, 1, 1), date(2026, 12, 31)),
        ("2026-02", date(2026, 2, 1), date(2026, 2, 28)),
        ("2028-02", date(2028, 2, 1), date(2028, 2, 29)),
        ("2026-02-03", date(2026, 2, 3), date(2026, 2, 3)),
        ("2026-02-03T23:30:00-11:00", date(2026, 2, 3), date(2026, 2, 3)),
        ("9999-12", date(9999, 12, 1), date(9999, 12, 31)),
    ],
)
def test_a_date_may_be_a_month_or_a_year(text: str, first: date, last: date) -> None:
    assert (first_date(text), last_date(text)) == (first, last)


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2026, 3, 31), 1, date(2026, 4, 30)),
        (date(2026, 11, 15), 2, date(2027, 1, 15)),
        (date(2026, 12, 1), 12, date(2027, 12, 1)),
    ],
)
def test_a_month_later_is_the_same_day_or_the_last_of_a_shorter_one(
    day: date, months: int, later: date
) -> None:
    assert months_later(day, months) == later


# ------------------------------------------------------------------ how long


@pytest.mark.parametrize(
    ("bounds", "days"),
    [
        ({"value": 1, "code": "d"}, 1),
        ({"value": 5, "unit": "day"}, 5),
        ({"value": 5, "unit": "days"}, 5),
        ({"value": 5.0, "unit": "days"}, 5),
        ({"value": 2, "code": "wk", "unit": "x"}, 14),
        ({"value": 522, "code": "wk"}, 3654),
        ({"value": 3660, "code": "d"}, 3660),
        ({"value": 24, "code": "h"}, 1),
        ({"value": 72, "code": "h"}, 3),
        ({"value": 1, "code": "mo"}, 30),
        ({"value": 2, "code": "mo"}, 61),
        ({"value": 118, "code": "mo"}, (date(2036, 4, 1) - START).days),
        ({"value": 1, "code": "a"}, 365),
        ({"value": 9, "code": "a"}, (date(2035, 6, 1) - START).days),
    ],
)
def test_a_length_is_so_many_days_from_the_first(bounds: dict[str, Any], days: int) -> None:
    assert read(repeat(**DAILY, boundsDuration=bounds)).end == START + timedelta(days - 1)


def test_a_schedule_may_lie_anywhere_between_the_years_1900_and_2200() -> None:
    for start, end in (("1900-01-01", "1900-01-02"), ("2200-12-30", "2200-12-31")):
        found = read(repeat(**DAILY, boundsPeriod={"start": start, "end": end}))
        assert (found.start.isoformat(), found.end and found.end.isoformat()) == (start, end)
    for beyond in ({"start": "1899-12-31"}, {"end": "2201-01-01"}):
        assert refused(repeat(**DAILY, boundsPeriod=beyond)) == "dosage[0].timing.repeat.boundsPeriod"


@pytest.mark.parametrize(
    "bounds",
    [
        {"value": 0, "code": "d"},
        {"value": -1, "code": "d"},
        {"value": 3661, "code": "d"},
        {"value": 523, "code": "wk"},
        {"value": 25, "code": "h"},
        {"value": 119, "code": "mo"},
        {"value": 10, "code": "a"},
        {"value": 1.5, "code": "mo"},
        {"value": 1, "code": "s"},
        {"value": 1},
        {"code": "d"},
    ],
)
def test_a_length_that_is_no_number_of_days_or_none_one_lives_is_refused(bounds: dict[str, Any]) -> None:
    assert refused(repeat(**DAILY, boundsDuration=bounds)) == "dosage[0].timing.repeat.boundsDuration"


@pytest.mark.parametrize(
    ("elements", "last"),
    [
        (DAILY | {"count": 1}, START),
        (DAILY | {"count": 3}, START + timedelta(2)),
        (DAILY | {"frequency": 2, "count": 4}, START + timedelta(1)),
        ({"frequency": 1, "period": 3, "periodUnit": "d", "count": 3}, START + timedelta(6)),
        (DAILY | {"dayOfWeek": ["mon", "fri"], "count": 3}, START + timedelta(7)),
        (DAILY | {"count": 2, "boundsPeriod": {"start": "2026-06-10"}}, date(2026, 6, 11)),
        (DAILY | {"count": 3660}, START + timedelta(3659)),
    ],
)
def test_so_many_doses_end_on_the_day_of_the_last(elements: dict[str, Any], last: date) -> None:
    assert read(repeat(**elements)).end == last


@pytest.mark.parametrize(
    "elements",
    [
        DAILY | {"count": 3661},
        DAILY | {"frequency": 2, "count": 5},
        DAILY | {"count": 3, "boundsPeriod": {"end": "2026-06-10"}},
        DAILY | {"count": 3, "boundsDuration": {"value": 3, "code": "d"}},
        {"frequency": 1, "period": 6, "periodUnit": "h", "count": 3},
    ],
)
def test_doses_that_end_in_the_middle_of_a_day_or_have_another_end_are_refused(
    elements: dict[str, Any],
) -> None:
    assert refused(repeat(**elements)) == "dosage[0].timing.repeat.count"
    assert refused({"asNeededBoolean": True, **repeat(**DAILY, count=3)}) == "dosage[0].timing.repeat.count"


# ------------------------------------------------------------------ how often


@pytest.mark.parametrize(
    ("elements", "pattern"),
    [
        ({"frequency": 1, "period": 2, "periodUnit": "wk"}, EveryDays(14, MORNING)),
        ({"frequency": 1, "period": 3660, "periodUnit": "d"}, EveryDays(3660, MORNING)),
        ({"frequency": 1, "period": 48, "periodUnit": "h"}, Interval(48 * HOUR, H8)),
        ({"frequency": 1, "period": 1440, "periodUnit": "min"}, Weekly(MORNING)),
        ({"frequency": 1, "period": 90, "periodUnit": "min"}, Interval(90 * MINUTE, H8)),
        ({"frequency": 1, "period": 2401, "periodUnit": "s"}, Interval(41 * MINUTE, H8)),
        ({"frequency": 7, "period": 24, "periodUnit": "h"}, None),
        ({"frequency": 2, "period": 12, "periodUnit": "h"}, Interval(6 * HOUR, H8)),
        ({"frequency": 7, "period": 12, "periodUnit": "h"}, Interval(103 * MINUTE, H8)),
        ({"period": 24, "periodUnit": "h"}, Interval(24 * HOUR, H8)),
        ({"period": 24, "periodUnit": "h", "timeOfDay": ["19:30:00"]}, Weekly((Slot(H1930),))),
        ({"timeOfDay": ["19:30:20", "08:00:00"]}, Weekly((Slot(H8), Slot(H1930)))),
        ({"period": 3, "periodUnit": "d", "timeOfDay": ["08:00:00", "19:30:00"], "frequency": 2},
         EveryDays(3, (Slot(H8), Slot(H1930)))),
        ({"frequency": 7, "period": 1, "periodUnit": "wk"}, Weekly(MORNING)),
        ({"frequency": 2, "period": 1, "periodUnit": "wk"},
         Weekly(MORNING, frozenset({Weekday.MON, Weekday.THU}))),
        ({"frequency": 4, "period": 8, "periodUnit": "d"}, EveryDays(2, MORNING)),
        ({"frequency": 1, "period": 1, "periodUnit": "wk", "dayOfWeek": ["tue"]},
         Weekly(MORNING, frozenset({Weekday.TUE}))),
        ({"dayOfWeek": ["tue"]}, Weekly(MORNING, frozenset({Weekday.TUE}))),
        ({"frequency": 2, "period": 1, "periodUnit": "d", "dayOfWeek": ["tue"]},
         Weekly((Slot(H8), Slot(H1930)), frozenset({Weekday.TUE}))),
        ({"frequency": 2, "period": 1, "periodUnit": "wk", "dayOfWeek": ["tue"]},
         Weekly((Slot(H8), Slot(H1930)), frozenset({Weekday.TUE}))),
    ],
)  # fmt: skip
def test_how_often_is_one_pattern(elements: dict[str, Any], pattern: Pattern | None) -> None:
    found = read(repeat(**elements)).pattern
    if pattern is None:
        assert isinstance(found, Weekly)
        assert len(found.slots) == 7
    else:
        assert found == pattern


@pytest.mark.parametrize(
    ("elements", "field"),
    [
        ({"frequency": 1, "period": 3661, "periodUnit": "d"}, "dosage[0].timing.repeat.period"),
        ({"frequency": 1, "period": 1.5, "periodUnit": "d"}, "dosage[0].timing.repeat.period"),
        ({"frequency": 1, "period": 1, "periodUnit": "a"}, "dosage[0].timing.repeat.periodUnit"),
        ({"frequency": 8, "period": 1, "periodUnit": "wk"}, "dosage[0].timing.repeat.frequency"),
        (
            {"frequency": 3, "period": 7.0, "periodUnit": "h", "when": ["HS"]},
            "dosage[0].timing.repeat.period",
        ),
        (
            {"frequency": 1, "period": 3, "periodUnit": "d", "dayOfWeek": ["mon"]},
            "dosage[0].timing.repeat.period",
        ),
    ],
)
def test_what_is_no_rhythm_of_days_or_hours_is_refused(elements: dict[str, Any], field: str) -> None:
    assert refused(repeat(**elements)) == field


@pytest.mark.parametrize(
    ("dosage", "pattern"),
    [
        ({"asNeededBoolean": True}, AsNeeded()),
        (repeat(frequency=1, period=6, periodUnit="h"), AsNeeded(gap=6 * HOUR)),
        (repeat(frequency=7, period=1, periodUnit="d"), AsNeeded(gap=206 * MINUTE)),
        ({"maxDosePerPeriod": {"numerator": {"value": 3}, "denominator": {"value": 24, "unit": "h"}}},
         AsNeeded(most=Amount(Decimal(3), DOSE))),
        ({"maxDosePerPeriod": {"numerator": {"value": 3}, "denominator": {"value": 1, "unit": "day"}}},
         AsNeeded(most=Amount(Decimal(3), DOSE))),
    ],
)  # fmt: skip
def test_as_needed_never_allows_more_than_was_said(dosage: dict[str, Any], pattern: Pattern) -> None:
    assert read({"asNeededBoolean": True} | dosage).pattern == pattern


def test_a_maximum_of_another_time_than_a_day_and_times_as_needed_are_refused() -> None:
    week = {"numerator": {"value": 3}, "denominator": {"value": 1, "unit": "wk"}}
    assert refused({"asNeededBoolean": True, "maxDosePerPeriod": week}) == "dosage[0].maxDosePerPeriod"
    for name, value in (("timeOfDay", ["08:00:00"]), ("dayOfWeek", ["mon"]), ("when", ["HS"])):
        field = f"dosage[0].timing.repeat.{name}"
        assert refused({"asNeededBoolean": True, **repeat(**DAILY, **{name: value})}) == field


# ------------------------------------------------------------------ what was assumed

RANGED = {"doseAndRate": [{"doseRange": {"low": {"value": 1, "unit": "mg"}}}]}
T, D, S, R = Assumed.TIMES, Assumed.DAYS, Assumed.START, Assumed.RANGE


@pytest.mark.parametrize(
    ("dosage", "assumed"),
    [
        (repeat(**DAILY), {T, S}),
        (repeat(timeOfDay=["08:00:00"]), {S}),
        (repeat(timeOfDay=["08:00:00"], boundsPeriod={"start": "2026-06-01"}), set()),
        (repeat(frequency=3, period=1, periodUnit="wk"), {T, D, S}),
        (repeat(frequency=7, period=24, periodUnit="h", frequencyMax=8), {T, R, S}),
        (repeat(frequency=1, period=6, periodUnit="h"), {T, S}),
        (repeat(frequency=1, period=6, periodMax=8, periodUnit="h"), {T, R, S}),
        (RANGED | repeat(timeOfDay=["08:00:00"]), {R, S}),
        ({"asNeededBoolean": True} | repeat(frequency=1, period=6, periodMax=8, periodUnit="h"), {R, S}),
        ({"asNeededBoolean": True} | repeat(frequency=1, frequencyMax=2, period=1, periodUnit="d"), {R, S}),
        ({"asNeededBoolean": True} | repeat(frequency=1, period=6, periodUnit="h"), {S}),
    ],
)
def test_what_was_not_said_is_listed_to_be_asked(dosage: dict[str, Any], assumed: set[Assumed]) -> None:
    assert from_fhir([dosage], start=START).assumed == assumed


# ------------------------------------------------------------------ several


def amount(mg: int) -> dict[str, Any]:
    return {"doseAndRate": [{"doseQuantity": {"value": mg, "unit": "mg"}}]}


def at(hour: str, mg: int, **more: Any) -> dict[str, Any]:
    return amount(mg) | repeat(timeOfDay=[hour], **{"period": 1, "periodUnit": "d"} | more)


def mg(value: int) -> Amount:
    return Amount(Decimal(value), "mg")


def test_instructions_that_hold_at_once_are_one() -> None:
    both = Slot(H8, mg(10)), Slot(H1930, mg(5))
    assert read(at("08:00:00", 10), at("19:30:00", 5)).pattern == Weekly(both)
    assert read(at("08:00:00", 10, period=2), at("19:30:00", 5, period=2)).pattern == EveryDays(2, both)
    assert refused(at("08:00:00", 10, period=2), at("19:30:00", 5, period=3)) == "dosage"
    assert refused(at("08:00:00", 10, period=2), at("19:30:00", 5)) == "dosage"
    assert refused(at("08:00:00", 10, dayOfWeek=["mon"]), at("19:30:00", 5)) == "dosage"
    assert refused(at("08:00:00", 10), at("08:00:00", 5)) == "dosage"


def between(
    first: str, last: str | None, hour: str = "08:00:00", dose: int = 10, **more: Any
) -> dict[str, Any]:
    return at(hour, dose, boundsPeriod={"start": first} | ({"end": last} if last else {}), **more)


def test_instructions_after_one_another_are_a_taper_with_the_gap_between_them() -> None:
    found = read(
        {"sequence": 1} | between("2026-06-01", "2026-06-05"),
        {"sequence": 2} | between("2026-06-06", "2026-06-07", dose=5),
        {"sequence": 3} | between("2026-06-10", None, dose=2, period=2),
    )
    slots = [(Slot(H8, mg(dose)),) for dose in (10, 5, 2)]
    steps = (Step(5, slots[0]), Step(2, slots[1]), Step(2), Step(None, slots[2], 2))
    assert found == Schedule(Taper(steps), START)


def test_dates_alone_tell_what_comes_after_what() -> None:
    found = read(between("2026-06-01", "2026-06-05"), between("2026-06-06", None, dose=5))
    assert found.pattern == Taper((Step(5, (Slot(H8, mg(10)),)), Step(None, (Slot(H8, mg(5)),))))


def test_steps_without_dates_follow_one_another_from_the_first_day() -> None:
    def step(number: int, days: int | None) -> dict[str, Any]:
        bounds = {"boundsDuration": {"value": days, "code": "d"}} if days else {}
        return {"sequence": number} | at("08:00:00", number, **bounds)

    found = from_fhir([step(1, 3), step(2, 4)], start=START)
    assert found.schedule == Schedule(
        Taper((Step(3, (Slot(H8, mg(1)),)), Step(4, (Slot(H8, mg(2)),)))), START
    )
    assert found.assumed == {Assumed.START}
    assert refused(step(1, None), step(2, 4)) == "dosage", "only the last may go on"


def test_steps_that_overlap_or_are_not_of_whole_days_are_refused() -> None:
    first = {"sequence": 1} | between("2026-06-01", "2026-06-05")
    assert refused(first, {"sequence": 2} | between("2026-06-05", None, dose=5)) == "dosage"
    assert (
        refused(first, {"sequence": 2} | between("2026-06-06", None, dose=5, dayOfWeek=["mon"])) == "dosage"
    )
    hours = amount(5) | repeat(frequency=1, period=6, periodUnit="h", boundsPeriod={"start": "2026-06-06"})
    assert refused(first, {"sequence": 2} | hours) == "dosage"


def test_two_hundred_instructions_are_looked_at_and_not_one_more() -> None:
    many = [at("08:00:00", 5) for _ in range(201)]
    few, all, more = (said_of(many[:count]) for count in (0, 200, 201))
    assert few == more == "Between 1 and 200 instructions."
    assert all == "These instructions do not make one schedule. Keep them as several."


def said_of(dosages: list[dict[str, Any]]) -> str:
    with pytest.raises(Incorrect) as refusal:
        from_fhir(dosages, start=START)
    return str(refusal.value)
