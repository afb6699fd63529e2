"""Schedules as FHIR Dosages: what Ojas writes comes back equal, what others write is read or refused."""

import gzip
import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ojas.features.medications.rules.amount import DOSE, Amount
from ojas.features.medications.rules.dosage import SCHEDULE, Assumed, from_fhir, to_fhir
from ojas.features.medications.rules.due import put_off
from ojas.features.medications.rules.habits import Habits, spread, times_of
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
from ojas.kit.fhir import validation
from ojas.kit.i18n.zones import zone_of
from tests.features.medications import strategies

from .dosages import DAILY, H8, H13, H22, H1930, START, repeat, told

CORPORA = Path(__file__).parents[4] / "shared" / "corpora"
FOLDERS = [
    CORPORA / name
    for name in (
        "fhir_r4_examples_official",
        "fhir_us_core_examples",
        "fhir_synthea_r4",
        "fhir_abdm_india_examples",
    )
]


def request(dosages: object) -> dict[str, Any]:
    return {
        "resourceType": "MedicationRequest",
        "status": "active",
        "intent": "order",
        "subject": {"reference": "Patient/1"},
        "medicationCodeableConcept": {"text": "Something"},
        "dosageInstruction": json.loads(json.dumps(dosages)),
    }


def valid(dosages: list[dict[str, Any]]) -> None:
    assert validation.faults(request(dosages)) == []


@settings(max_examples=150, deadline=None)
@given(strategies.schedules(), st.data())
def test_a_schedule_comes_back_from_fhir_equal_in_whatever_order(
    schedule: Schedule, data: st.DataObject
) -> None:
    told = json.loads(json.dumps(to_fhir(schedule)))
    valid(told)
    found = from_fhir(data.draw(st.permutations(told)), start=date(1999, 1, 1))
    assert found.schedule == schedule
    assert not found.assumed


def test_what_was_put_off_is_told_too() -> None:
    schedule = Schedule(Weekly((Slot(H8), Slot(H22))), START)
    now = datetime(2026, 6, 3, 6, 30, 15, 123456, tzinfo=UTC)
    later = put_off(schedule, zone_of("Asia/Kolkata"), now, timedelta(minutes=45))
    assert from_fhir(to_fhir(later), start=START).schedule == later
    hours = put_off(
        Schedule(Interval(timedelta(hours=6), H8), START), zone_of("UTC"), now, timedelta(minutes=5), now
    )
    assert from_fhir(to_fhir(hours), start=START).schedule == hours


def test_others_can_read_what_ojas_writes_of_a_taper() -> None:
    def slots(mg: int) -> tuple[Slot, ...]:
        return (Slot(H8, Amount(Decimal(mg), "mg")),)

    taper = Taper((Step(5, slots(20)), Step(2), Step(None, slots(5), every=2)))
    first, second = told(Schedule(taper, START))
    assert (first["sequence"], second["sequence"]) == (1, 3)
    assert first["timing"]["repeat"]["boundsPeriod"] == {"start": "2026-06-01", "end": "2026-06-05"}
    assert second["timing"]["repeat"] == {
        "boundsPeriod": {"start": "2026-06-08"},
        "period": 2,
        "periodUnit": "d",
        "frequency": 1,
        "timeOfDay": ["08:00:00"],
    }
    assert from_fhir([first, second], start=START).schedule == Schedule(taper, START)


def test_two_amounts_a_day_are_two_dosages_and_one_schedule() -> None:
    two, one = Amount(Decimal(2), "{tablet}"), Amount(Decimal(1), "{tablet}")
    schedule = Schedule(Weekly((Slot(H8, two), Slot(H13, one), Slot(H22, two))), START)
    said = told(schedule)
    assert [each["timing"]["repeat"]["timeOfDay"] for each in said] == [
        ["08:00:00", "22:00:00"],
        ["13:00:00"],
    ]
    assert from_fhir(said, start=START).schedule == schedule


def code(text: str) -> dict[str, Any]:
    return {"timing": {"code": {"coding": [{"code": text}]}}}


def daily(*times: time) -> Weekly:
    return Weekly(tuple(map(Slot, times)))


def doses(n: int) -> Amount:
    return Amount(Decimal(n), DOSE)


MON_FRI = frozenset({Weekday.MON, Weekday.FRI})
PRN = {"asNeededBoolean": True}
MILLILITRES = {"low": {"value": 1, "unit": "mL"}, "high": {"value": 2, "unit": "mL"}}
COMMON: list[tuple[dict[str, Any], Pattern]] = [
    (code("QD"), daily(H8)),
    (code("BID"), daily(H8, H1930)),
    (code("TID"), daily(H8, H13, H1930)),
    (code("QID"), daily(H8, H13, H1930, H22)),
    (code("QOD"), EveryDays(2, (Slot(H8),))),
    (code("AM"), daily(H8)),
    (code("PM"), daily(time(15))),
    (code("BED"), daily(H22)),
    (code("QHS"), daily(H22)),
    (code("Q4H"), Interval(timedelta(hours=4), H8)),
    (code("Q12H"), Interval(timedelta(hours=12), H8)),
    (code("WK"), EveryDays(7, (Slot(H8),))),
    (code("PRN"), AsNeeded()),
    ({"timing": {"code": {"text": "b.i.d."}}}, daily(H8, H1930)),
    ({"timing": {"code": {"text": "TDS"}}}, daily(H8, H13, H1930)),
    ({"timing": {"code": {"text": "1-0-1"}}}, Weekly((Slot(H8, doses(1)), Slot(H1930, doses(1))))),
    ({"timing": {"code": {"text": "0-0-2-1"}}}, Weekly((Slot(H1930, doses(2)), Slot(H22, doses(1))))),
    (repeat(frequency=1, period=1, periodUnit="d"), daily(H8)),
    (repeat(frequency=3, period=1, periodUnit="d"), daily(H8, H13, H1930)),
    (repeat(frequency=1, period=1, periodUnit="d", when=["MORN"]), daily(H8)),
    (repeat(when=["HS"], period=1, periodUnit="d"), daily(H22)),
    (repeat(when=["HS"], offset=30, period=1, periodUnit="d"), daily(time(21, 30))),
    (repeat(when=["ACM"], period=1, periodUnit="d"), daily(time(7, 30))),
    (repeat(when=["PCM", "PCV"], offset=60, frequency=2, period=1, periodUnit="d"), daily(time(9), time(20, 30))),
    (repeat(when=["AC"], frequency=3, period=1, periodUnit="d"), daily(time(7, 30), time(12, 30), time(19))),
    (repeat(timeOfDay=["09:00:00"]), daily(time(9))),
    (repeat(frequency=1, period=1, periodUnit="d", dayOfWeek=["mon", "fri"]), Weekly((Slot(H8),), MON_FRI)),
    (repeat(frequency=2, period=1, periodUnit="wk", dayOfWeek=["mon", "fri"]), Weekly((Slot(H8),), MON_FRI)),
    (repeat(frequency=3, period=1, periodUnit="wk"), Weekly((Slot(H8),), MON_FRI | {Weekday.WED})),
    (repeat(frequency=1, period=4, periodUnit="h"), Interval(timedelta(hours=4), H8)),
    (repeat(frequency=1, period=24, periodUnit="h"), daily(H8)),
    (repeat(frequency=1, period=72, periodUnit="h"), Interval(timedelta(hours=72), H8)),
    (repeat(frequency=1, period=1.5, periodUnit="h"), Interval(timedelta(minutes=90), H8)),
    (repeat(frequency=2, period=14, periodUnit="d"), EveryDays(7, (Slot(H8),))),
    (PRN | repeat(frequency=1, period=4, periodMax=6, periodUnit="h"), AsNeeded(None, timedelta(hours=4))),
    (PRN | repeat(frequency=4, period=1, periodUnit="d"), AsNeeded(None, timedelta(hours=6))),
    (
        {
            "asNeededCodeableConcept": {"text": "pain"},
            "doseAndRate": [{"doseQuantity": {"value": 500, "unit": "mg"}}],
            "maxDosePerPeriod": {"numerator": {"value": 4, "unit": "g"}, "denominator": {"value": 1, "unit": "d"}},
        },
        AsNeeded(Amount(Decimal(500), "mg"), None, Amount(Decimal(4), "g")),
    ),
    (
        {"doseAndRate": [{"doseQuantity": {"value": 2, "unit": "tablets"}}], **code("QD")},
        Weekly((Slot(H8, Amount(Decimal(2), "{tablets}")),)),
    ),
    (
        {"doseAndRate": [{"doseRange": MILLILITRES}], **code("QD")},
        Weekly((Slot(H8, Amount(Decimal(1), "mL")),)),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("dosage", "pattern"), COMMON, ids=[json.dumps(each)[:60] for each, _ in COMMON])
def test_the_common_forms_of_others_are_read(dosage: dict[str, Any], pattern: Pattern) -> None:
    valid([dosage])
    found = from_fhir([dosage], start=START)
    assert found.schedule == Schedule(pattern, START)
    assert Assumed.START in found.assumed


def test_a_persons_own_habits_turn_words_into_times() -> None:
    night = Habits(wake=time(15), breakfast=time(16), lunch=time(21), dinner=time(3), bedtime=time(7))
    found = from_fhir([code("BID")], start=START, habits=night)
    assert found.schedule.pattern == daily(time(3), time(16))
    assert Assumed.TIMES in found.assumed
    assert spread(5, night) == (time(3), time(7), time(15), time(19), time(23))


@pytest.mark.parametrize("count", range(1, 25))
def test_so_many_times_a_day_are_as_many_times(count: int) -> None:
    assert len(spread(count, Habits())) == count


@given(st.integers(1, 24), st.builds(Habits, *[strategies.times] * 5))
def test_whatever_the_habits_no_time_is_lost(count: int, habits: Habits) -> None:
    assert 1 <= len(spread(count, habits)) <= count
    assert len(times_of(["C", "HS"], habits)) <= 4


@pytest.mark.parametrize(
    ("bounds", "end"),
    [
        ({"boundsPeriod": {"start": "2026-06-01", "end": "2026-06-10"}}, date(2026, 6, 10)),
        ({"boundsPeriod": {"start": "2026-06-01T10:00:00+05:30", "end": "2026-06"}}, date(2026, 6, 30)),
        ({"boundsPeriod": {"start": "2026-06-01", "end": "2027"}}, date(2027, 12, 31)),
        ({"boundsDuration": {"value": 10, "unit": "days", "code": "d"}}, date(2026, 6, 10)),
        ({"boundsDuration": {"value": 2, "code": "wk"}}, date(2026, 6, 14)),
        ({"boundsDuration": {"value": 3, "code": "mo"}}, date(2026, 8, 31)),
        ({"boundsDuration": {"value": 48, "code": "h"}}, date(2026, 6, 2)),
        ({"count": 10}, date(2026, 6, 5)),
        ({}, None),
    ],
)
def test_how_long_may_be_told_in_many_ways(bounds: dict[str, Any], end: date | None) -> None:
    dosage = repeat(frequency=2, period=1, periodUnit="d", **bounds)
    valid([dosage])
    assert from_fhir([dosage], start=START).schedule == Schedule(daily(H8, H1930), START, end)


def test_steps_told_by_their_length_make_a_taper() -> None:
    def step(number: int, mg: int, days: int | None) -> dict[str, Any]:
        bounds = {} if days is None else {"boundsDuration": {"value": days, "code": "d"}}
        amount = {"doseAndRate": [{"doseQuantity": {"value": mg, "unit": "mg", "code": "mg"}}]}
        return {"sequence": number, **amount, **repeat(frequency=1, period=1, periodUnit="d", **bounds)}

    found = from_fhir([step(2, 10, 5), step(1, 20, 3), step(3, 5, None)], start=START)
    assert isinstance(found.schedule.pattern, Taper)
    assert [each.days for each in found.schedule.pattern.steps] == [3, 5, None]
    assert [each.slots[0].amount for each in found.schedule.pattern.steps] == [
        Amount(Decimal(mg), "mg") for mg in (20, 10, 5)
    ]


@pytest.mark.parametrize(
    ("dosages", "field"),
    [
        ([], "dosage"),
        ([{"text": "as told"}], "dosage[0].timing"),
        ([repeat(count=3)], "dosage[0].timing"),
        ([repeat(frequency=2)], "dosage[0].timing"),
        ([code("MO")], "dosage[0].timing.code"),
        ([code("STAT")], "dosage[0].timing.code"),
        ([{"timing": {"event": ["2026-06-01T08:00:00Z"]}}], "dosage[0].timing.event"),
        ([repeat(frequency=1, period=1, periodUnit="mo")], "dosage[0].timing.repeat.periodUnit"),
        ([repeat(frequency=1, period=5, periodUnit="min")], "dosage[0].timing"),
        ([repeat(frequency=1, period=10**30, periodUnit="d")], "dosage[0].timing.repeat.period"),
        ([repeat(frequency=1, period=0, periodUnit="d")], "dosage[0].timing.repeat.period"),
        ([repeat(frequency=1, period=2, periodUnit="wk", dayOfWeek=["mon"])], "dosage[0].timing.repeat.period"),
        ([repeat(frequency=3, period=10, periodUnit="d")], "dosage[0].timing.repeat.frequency"),
        ([repeat(frequency=2**31 - 1, period=1, periodUnit="d")], "dosage[0].timing"),
        ([repeat(frequency=3, period=1, periodUnit="d", timeOfDay=["08:00:00", "20:00:00"])], "dosage[0].timing"),
        ([repeat(**DAILY, boundsRange={"low": {"value": 3, "code": "d"}})], "dosage[0].timing.repeat.boundsRange"),
        ([repeat(**DAILY, boundsDuration={"value": 1.5, "code": "d"})], "dosage[0].timing.repeat.boundsDuration"),
        ([repeat(frequency=2, period=1, periodUnit="d", count=3)], "dosage[0].timing.repeat.count"),
        ([repeat(frequency=1, period=8, periodUnit="h", count=3)], "dosage[0].timing.repeat.count"),
        ([repeat(**DAILY, boundsPeriod={"start": "2026-06-02", "end": "2026-06-01"})], "end"),
        ([repeat(**DAILY, boundsPeriod={"end": "9999-12"})], "dosage[0].timing.repeat.boundsPeriod"),
        ([repeat(**DAILY, boundsPeriod={"start": "0001-01-01"}, count=9)], "dosage[0].timing.repeat.boundsPeriod"),
        ([{"asNeededBoolean": True, **repeat(**DAILY, when=["HS"])}], "dosage[0].timing.repeat.when"),
        ([{"timing": {"code": {"text": "2-0-2"}}, "doseAndRate": [{"doseQuantity": {"value": 2}}]}], "dosage[0].timing"),
        ([repeat(**DAILY), {"asNeededBoolean": True}], "dosage"),
        ([repeat(**DAILY), repeat(frequency=1, period=2, periodUnit="d")], "dosage"),
        ([{"sequence": 1, **repeat(**DAILY)}, {"sequence": 2, **repeat(**DAILY)}], "dosage"),
        ([{**repeat(**DAILY), "extension": [{"url": SCHEDULE, "extension": []}]}], "dosage"),
    ],
)  # fmt: skip
def test_what_cannot_be_kept_is_refused_at_its_element(dosages: list[dict[str, Any]], field: str) -> None:
    with pytest.raises(Incorrect) as refused:
        from_fhir(dosages, start=START)
    assert refused.value.fault.field == field


_LEAVES = st.sampled_from(
    [0, 1, -1, 3, 2**31 - 1, 1e-9, 1e12, "", "x", "mon", "2026-13-45", "h", "wk", None, [], {}, True]
)


def _changed(of: Any, data: st.DataObject) -> Any:
    """The same with one leaf replaced or left out."""
    if isinstance(of, dict) and of:
        name = data.draw(st.sampled_from(sorted(of)))
        if data.draw(st.booleans()) or not isinstance(of[name], dict | list):
            return {k: v for k, v in of.items() if k != name} | data.draw(
                st.just({}) | _LEAVES.map(lambda leaf: {name: leaf})
            )
        return of | {name: _changed(of[name], data)}
    if isinstance(of, list) and of:
        place = data.draw(st.integers(0, len(of) - 1))
        return [*of[:place], _changed(of[place], data), *of[place + 1 :]]
    return data.draw(_LEAVES)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_whatever_is_valid_fhir_is_read_or_refused(data: st.DataObject) -> None:
    own = strategies.schedules().map(to_fhir)
    common = st.sampled_from(COMMON).map(lambda each: [each[0]])
    dosages = json.loads(json.dumps(data.draw(own | common)))
    for _ in range(data.draw(st.integers(1, 4))):
        dosages = _changed(dosages, data)
    if validation.faults(request(dosages)):
        return
    try:
        found = from_fhir(dosages, start=START)
    except Incorrect:
        return
    assert from_fhir(to_fhir(found.schedule), start=START).schedule == found.schedule


def _dosages(of: object) -> Iterator[list[dict[str, Any]]]:
    if isinstance(of, dict):
        for name, inner in of.items():
            if name in ("dosageInstruction", "dosage") and isinstance(inner, list):
                yield inner
            yield from _dosages(inner)
    elif isinstance(of, list):
        for inner in of:
            yield from _dosages(inner)


def test_every_dosage_of_the_corpora_is_read_or_refused() -> None:
    if not all(folder.exists() for folder in FOLDERS):
        pytest.skip("needs the corpora, which are not beside this checkout")
    outcomes: Counter[str] = Counter()
    for file in (file for folder in FOLDERS for file in folder.rglob("*.json*")):
        text = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
        if b'"dosage' not in text:
            continue
        for dosages in _dosages(json.loads(text)):
            try:
                found = from_fhir(dosages, start=START).schedule
            except Incorrect as refusal:
                outcomes[f"refused {refusal.fault.field}"] += 1
            else:
                outcomes[found.pattern.kind] += 1
                assert from_fhir(to_fhir(found), start=START).schedule == found
    read = sum(n for name, n in outcomes.items() if not name.startswith("refused"))
    # Refused are infusions, instructions without a time, and several that contradict each other.
    assert (read, outcomes.total()) == (80, 100), outcomes
