"""Values taken in, judged and doubted: against published tables and as laws."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ojas.features.measurements.kinds import CATALOGUE
from ojas.features.measurements.rules import (
    Context,
    Kind,
    Level,
    Limits,
    Override,
    average_glucose,
    body_mass_index,
    canonical,
    check_time,
    checked,
    chosen,
    classify,
    doubt_about,
    in_unit,
    rounded,
)
from ojas.kit.errors import Incorrect

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def level(
    name: str, context: Context | None = None, override: Override | None = None, **numbers: float
) -> tuple[str, Level]:
    guideline = chosen(CATALOGUE[name].guidelines, context or Context(age=50), override)
    assert guideline is not None
    found = classify(guideline, {part: Decimal(str(number)) for part, number in numbers.items()})
    assert found is not None
    return found.band.name, found.level


@pytest.mark.parametrize(
    ("name", "value", "unit", "expected"),
    [
        ("blood_glucose", "5.5", "mmol/L", "99.0858"),  # x 18.0156
        ("cholesterol", "5.0", "mmol/L", "193.35"),  # x 38.67
        ("triglycerides", "1.7", "mmol/L", "150.569"),  # x 88.57, not cholesterol's factor
        ("hba1c", "48", "mmol/mol", "6.54304"),  # ngsp.org: 48 mmol/mol is 6.5 %
        ("creatinine", "88.42", "umol/L", "1"),
        ("temperature", "98.6", "[degF]", "37"),
        ("skin_temperature_deviation", "0.9", "[degF]", "0.5"),  # a difference: no 32 is taken off
        ("oxygen_saturation", "0.97", "1", "97"),
        ("body_fat", "0.304", "1", "30.4"),
        ("vo2max", "10", "[MET]", "35"),
        ("floors", "30", "m", "10"),
        ("weight", "11", "[stone_av]", "69.85322498"),
        ("sleep_duration", "7.5", "h", "450"),
        ("heart_rate", "1.2", "Hz", "72"),
        ("bmi", "24.2", "1", "24.2"),
        ("active_energy", "418.4", "kJ", "100"),
    ],
)
def test_values_come_to_the_canonical_unit(name: str, value: str, unit: str, expected: str) -> None:
    assert canonical(CATALOGUE[name].main, Decimal(value), unit) == Decimal(expected)


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("weight", "cm"),
        ("heart_rate", "ms"),
        ("oxygen_saturation", "{steps}"),
        ("steps", "%"),
        ("steps", "mol"),
        ("hba1c", "1"),
        ("blood_glucose", "/L"),
        ("phq9", "%"),
        ("inr", "{steps}"),
        ("temperature", "[pH]"),
    ],
)
def test_a_unit_that_does_not_fit_is_refused(name: str, unit: str) -> None:
    with pytest.raises(Incorrect, match="does not fit"):
        canonical(CATALOGUE[name].main, Decimal(5), unit)


@given(st.sampled_from(list(CATALOGUE.values())), st.data())
def test_what_is_shown_in_any_unit_is_what_was_entered(kind, data: st.DataObject) -> None:  # type: ignore[no-untyped-def]
    part = data.draw(st.sampled_from(kind.parts))
    unit = data.draw(st.sampled_from(part.units))
    value = data.draw(st.decimals(-500, 5000, places=3))
    back = in_unit(part, canonical(part, value, unit), unit)
    assert abs(back - value) < Decimal("1e-6")


@given(st.decimals(allow_nan=True, allow_infinity=True))
def test_no_number_makes_it_fail(value: Decimal) -> None:
    for kind in (CATALOGUE["weight"], CATALOGUE["blood_glucose"], CATALOGUE["temperature"]):
        try:
            numbers = checked(kind, {"value": value}, kind.main.units[-1])
        except Incorrect:
            continue
        assert kind.main.low <= numbers["value"] <= kind.main.high


def test_a_value_that_would_fit_in_another_unit_says_so() -> None:
    with pytest.raises(Incorrect, match="As mmol/L it would fit"):
        checked(CATALOGUE["blood_glucose"], {"value": Decimal("5.5")}, "mg/dL")


def test_every_fault_is_told_at_once() -> None:
    with pytest.raises(Incorrect) as refusal:
        checked(CATALOGUE["blood_pressure"], {"systolic": Decimal(900), "diastolic": Decimal(1)}, "mm[Hg]")
    assert [fault.field for fault in refusal.value.faults] == ["systolic", "diastolic"]


def test_the_water_of_a_day_may_be_more_than_one_glass_could_hold() -> None:
    with pytest.raises(Incorrect):
        checked(CATALOGUE["hydration"], {"value": Decimal(6)}, "L")
    assert checked(CATALOGUE["hydration"], {"value": Decimal(6)}, "L", daily_total=True) == {"value": 6000}


@pytest.mark.parametrize(
    ("systolic", "diastolic", "name", "expected"),
    [
        # ACC/AHA 2017, unchanged in 2025: the higher category of the two decides
        (118, 76, "Normal", Level.OK),
        (120, 79, "Elevated", Level.HIGH),
        (129, 79, "Elevated", Level.HIGH),
        (129, 80, "High, stage 1", Level.HIGH),
        (130, 79, "High, stage 1", Level.HIGH),
        (118, 89, "High, stage 1", Level.HIGH),
        (139, 90, "High, stage 2", Level.VERY_HIGH),
        (140, 60, "High, stage 2", Level.VERY_HIGH),
        (180, 120, "High, stage 2", Level.VERY_HIGH),
        (181, 90, "Severely high: rest, and measure again", Level.DANGER_HIGH),
        (150, 121, "Severely high: rest, and measure again", Level.DANGER_HIGH),
        (89, 65, "Low", Level.LOW),
        (118, 59, "Low", Level.LOW),
        (80, 55, "Dangerously low", Level.DANGER_LOW),
        (145, 55, "High, stage 2", Level.VERY_HIGH),
    ],
)
def test_a_blood_pressure_is_classed_by_its_higher_half(
    systolic: int, diastolic: int, name: str, expected: Level
) -> None:
    assert level("blood_pressure", systolic=systolic, diastolic=diastolic) == (name, expected)


@pytest.mark.parametrize(
    ("key", "systolic", "diastolic", "name"),
    [
        ("esc-2024", 139, 89, "Elevated"),
        ("esc-2024", 118, 70, "Elevated"),
        ("esc-2024-home", 135, 70, "Hypertension"),
        ("esh-2023", 119, 79, "Optimal"),
        ("esh-2023", 130, 84, "High normal"),
        ("esh-2023", 150, 105, "Hypertension, grade 2"),
        ("esh-2023", 180, 80, "Hypertension, grade 3"),
    ],
)
def test_another_guideline_can_be_chosen(key: str, systolic: int, diastolic: int, name: str) -> None:
    found = level("blood_pressure", None, Override(guideline=key), systolic=systolic, diastolic=diastolic)
    assert found[0] == name


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("oxygen_saturation", 95, Level.OK),
        ("oxygen_saturation", 94, Level.LOW),
        ("oxygen_saturation", 92, Level.VERY_LOW),
        ("oxygen_saturation", 89.9, Level.DANGER_LOW),
        ("respiratory_rate", 8, Level.DANGER_LOW),
        ("respiratory_rate", 9, Level.LOW),
        ("respiratory_rate", 20, Level.OK),
        ("respiratory_rate", 21, Level.HIGH),
        ("respiratory_rate", 25, Level.DANGER_HIGH),
        ("temperature", 37.9, Level.OK),
        ("temperature", 38.0, Level.HIGH),
        ("temperature", 41, Level.DANGER_HIGH),
        ("temperature", 34.9, Level.DANGER_LOW),
        ("heart_rate", 60, Level.OK),
        ("heart_rate", 100, Level.OK),
        ("heart_rate", 101, Level.HIGH),
        ("heart_rate", 131, Level.VERY_HIGH),
        ("heart_rate", 40, Level.VERY_LOW),
        ("hba1c", 5.6, Level.OK),
        ("hba1c", 5.7, Level.HIGH),
        ("hba1c", 6.5, Level.VERY_HIGH),
        ("blood_glucose", 53, Level.DANGER_LOW),
        ("blood_glucose", 54, Level.LOW),
        ("blood_glucose", 70, Level.OK),
        ("blood_glucose", 300, Level.DANGER_HIGH),
        ("bmi", 18.4, Level.LOW),
        ("bmi", 24.9, Level.OK),
        ("bmi", 25, Level.HIGH),
        ("bmi", 30, Level.VERY_HIGH),
        ("hdl", 39, Level.LOW),
        ("ldl", 190, Level.VERY_HIGH),
        ("triglycerides", 150, Level.HIGH),
        ("phq9", 4, Level.OK),
        ("phq9", 10, Level.HIGH),
        ("gad7", 15, Level.VERY_HIGH),
        ("pain", 0, Level.OK),
        ("lvef", 40, Level.VERY_LOW),
    ],
)
def test_values_lie_in_their_published_bands(name: str, value: float, expected: Level) -> None:
    assert level(name, value=value)[1] is expected


def test_an_asian_indian_is_overweight_from_23() -> None:
    assert level("bmi", Context(age=40, asian_indian=True), value=23) == ("Overweight", Level.HIGH)
    assert level("bmi", Context(age=40, asian_indian=True), value=25) == ("Obesity", Level.VERY_HIGH)


def test_limits_of_the_care_team_take_the_place_of_the_guideline_part_by_part() -> None:
    own = Override(limits={"systolic": Limits(Decimal(100), Decimal(140), Decimal(85), Decimal(170))})
    assert level("blood_pressure", None, own, systolic=138, diastolic=70) == ("In your range", Level.OK)
    assert level("blood_pressure", None, own, systolic=140, diastolic=70) == ("In your range", Level.OK)
    assert level("blood_pressure", None, own, systolic=141, diastolic=70) == ("Above your range", Level.HIGH)
    assert level("blood_pressure", None, own, systolic=170, diastolic=70)[1] is Level.DANGER_HIGH
    assert level("blood_pressure", None, own, systolic=99, diastolic=70)[1] is Level.LOW
    assert level("blood_pressure", None, own, systolic=84, diastolic=70)[1] is Level.DANGER_LOW
    assert level("blood_pressure", None, own, systolic=120, diastolic=95)[1] is Level.VERY_HIGH


def test_an_upper_danger_alone_is_enough() -> None:
    own = Override(limits={"value": Limits(danger_high=Decimal(120))})
    assert level("heart_rate", None, own, value=119)[1] is Level.OK
    assert level("heart_rate", None, own, value=120)[1] is Level.DANGER_HIGH


@pytest.mark.parametrize(
    ("name", "value", "unit", "recent", "meant"),
    [
        ("weight", "154", "kg", ["70"], "[lb_av]"),
        ("weight", "70", "[lb_av]", ["70"], "kg"),
        ("height", "69", "cm", ["175"], "[in_i]"),
        ("weight", "80", "kg", ["70", "70.5", "69"], None),
    ],
)
def test_a_likely_slip_is_asked_about(
    name: str, value: str, unit: str, recent: list[str], meant: str | None
) -> None:
    doubt = doubt_about(CATALOGUE[name], Decimal(value), unit, [Decimal(each) for each in recent])
    assert doubt is not None
    assert (doubt.suggestion.unit if doubt.suggestion else None) == meant
    assert value in str(doubt)


@pytest.mark.parametrize(
    ("name", "value", "recent"),
    [
        ("weight", "72", ["70"]),
        ("weight", "154", []),
        ("blood_glucose", "320", ["95"]),
        ("heart_rate", "150", ["60"]),
    ],
)
def test_what_swings_by_nature_is_not_asked_about(name: str, value: str, recent: list[str]) -> None:
    kind = CATALOGUE[name]
    assert doubt_about(kind, Decimal(value), kind.main.unit, [Decimal(each) for each in recent]) is None


@pytest.mark.parametrize(
    ("at", "end", "born", "says"),
    [
        (NOW + timedelta(minutes=6), None, None, "still to come"),
        (NOW, NOW + timedelta(hours=1), None, "still to come"),
        (NOW, NOW - timedelta(seconds=1), None, "ends before"),
        (NOW - timedelta(days=20_000), None, date(1990, 1, 1), "before the date of birth"),
        (datetime(1899, 12, 31, tzinfo=UTC), None, None, "1900"),
    ],
)
def test_a_time_that_cannot_be_is_refused(
    at: datetime, end: datetime | None, born: date | None, says: str
) -> None:
    with pytest.raises(Incorrect, match=says):
        check_time(at, end, now=NOW, born=born)


def test_a_time_in_a_persons_life_is_taken() -> None:
    check_time(NOW + timedelta(minutes=4), NOW + timedelta(minutes=5), now=NOW, born=date(1960, 5, 5))
    check_time(datetime(1960, 5, 5, 3, tzinfo=UTC), None, now=NOW, born=date(1960, 5, 5))


def test_a_body_mass_index_follows_from_weight_and_height() -> None:
    assert body_mass_index(Decimal(70), Decimal(175)) == Decimal("22.9")


def test_an_hba1c_of_seven_stands_for_154() -> None:
    assert round(average_glucose(Decimal(7))) == 154  # Nathan et al., Diabetes Care 2008


@pytest.mark.parametrize(
    "kind", [kind for kind in CATALOGUE.values() if not kind.is_panel], ids=lambda kind: kind.name
)
def test_the_ends_of_a_range_belong_to_it_and_nothing_beyond(kind: Kind) -> None:
    part, step = kind.main, Decimal("0.001")
    for value in (part.low, part.high):
        assert checked(kind, {"value": value}, part.unit) == {"value": value}
    for value in (part.low - step, part.high + step):
        with pytest.raises(Incorrect, match="is outside"):
            checked(kind, {"value": value}, part.unit)


@pytest.mark.parametrize(
    ("systolic", "diastolic", "says"),
    [
        (85, 80, None),
        (84, 80, "too close"),
        (80, 80, "must be larger"),
        (79, 80, "must be larger"),
        (240, 40, None),
        (241, 40, "too far"),
    ],
)
def test_the_two_numbers_of_a_pressure_lie_5_to_200_apart(
    systolic: int, diastolic: int, says: str | None
) -> None:
    told = {"systolic": Decimal(systolic), "diastolic": Decimal(diastolic)}
    if says is None:
        assert checked(CATALOGUE["blood_pressure"], told, "mm[Hg]") == told
    else:
        with pytest.raises(Incorrect, match=says):
            checked(CATALOGUE["blood_pressure"], told, "mm[Hg]")


def test_a_pressure_may_bring_its_mean() -> None:
    told = {"systolic": Decimal(120), "diastolic": Decimal(80), "mean": Decimal(93), "value": None}
    assert checked(CATALOGUE["blood_pressure"], told, "mm[Hg]") == {
        part: told[part] for part in ("systolic", "diastolic", "mean")
    }


def test_a_number_of_another_kind_is_refused() -> None:
    with pytest.raises(Incorrect, match="no such number"):
        checked(CATALOGUE["weight"], {"value": Decimal(70), "systolic": Decimal(120)}, "kg")


def test_a_number_beyond_a_thousand_million_is_no_measurement() -> None:
    assert canonical(CATALOGUE["steps"].main, Decimal(10**9), "{steps}") == 10**9
    with pytest.raises(Incorrect, match="too large"):
        canonical(CATALOGUE["steps"].main, Decimal(10**9 + 1), "{steps}")


@pytest.mark.parametrize(
    ("at", "end", "born"),
    [
        (NOW + timedelta(minutes=5), None, None),
        (NOW, NOW, None),
        (NOW, NOW + timedelta(minutes=5), None),
        (datetime(1900, 1, 1, tzinfo=UTC), None, None),
        # a day of grace: the zone of the birth is not known
        (datetime(1990, 5, 4, 12, tzinfo=UTC), None, date(1990, 5, 5)),
    ],
)
def test_the_ends_of_a_life_belong_to_it(at: datetime, end: datetime | None, born: date | None) -> None:
    check_time(at, end, now=NOW, born=born)


def test_two_days_before_birth_is_too_early() -> None:
    with pytest.raises(Incorrect, match="birth"):
        check_time(datetime(1990, 5, 3, 12, tzinfo=UTC), None, now=NOW, born=date(1990, 5, 5))


def test_a_refused_unit_is_named_as_people_write_it() -> None:
    with pytest.raises(Incorrect) as refusal:
        canonical(CATALOGUE["weight"].main, Decimal(70), "mm[Hg]")
    assert str(refusal.value) == "The unit mmHg does not fit. Use kg, lb, st."


def test_a_range_is_told_in_the_unit_of_whoever_typed() -> None:
    with pytest.raises(Incorrect) as refusal:
        checked(CATALOGUE["temperature"], {"value": Decimal(150)}, "[degF]")
    assert str(refusal.value) == "150 °F is outside 77 to 113 °F."


@pytest.mark.parametrize(("value", "hint"), [("1500.5", False), ("83.3", True), ("0.5", False)])
def test_another_unit_is_offered_only_where_the_value_would_fit(value: str, hint: bool) -> None:
    with pytest.raises(Incorrect) as refusal:
        checked(CATALOGUE["blood_glucose"], {"value": Decimal(value)}, "mmol/L")
    # 83.3 mmol/L is just over 1500 mg/dL; as mg/dL it fits
    assert ("it would fit" in str(refusal.value)) == hint


def test_rounding_keeps_ten_decimals_and_no_noughts() -> None:
    assert str(rounded(Decimal("1.23456789012345"))) == "1.2345678901"
    assert str(rounded(Decimal("120.000"))) == "120"
    assert str(rounded(Decimal("1E+3"))) == "1000"


def test_a_first_or_impossible_usual_value_raises_no_doubt() -> None:
    kind = CATALOGUE["pain"]
    assert doubt_about(kind, Decimal(0), "{score}", [Decimal(5)]) is None
    assert doubt_about(kind, Decimal(5), "{score}", [Decimal(0)]) is None


def test_a_steady_value_is_asked_about_beyond_an_eighth_and_not_before() -> None:
    weight = CATALOGUE["weight"]
    assert doubt_about(weight, Decimal(112), "kg", [Decimal(100)]) is None
    assert doubt_about(weight, Decimal("112.1"), "kg", [Decimal(100)]) is not None
    assert doubt_about(weight, Decimal("87.9"), "kg", [Decimal(100)]) is not None


def test_the_middle_of_the_last_five_is_what_is_usual() -> None:
    recent = [Decimal(each) for each in (154, 70, 70, 70, 70, 20, 20, 20, 20, 20, 20)]
    assert doubt_about(CATALOGUE["weight"], Decimal(71), "kg", recent) is None


def test_a_doubt_begins_well_beyond_what_is_usual() -> None:
    # 1.6 times the usual is still no question of units; a fifth beside the usual is still near it
    glucose = CATALOGUE["hydration"]
    assert doubt_about(glucose, Decimal(160), "mL", [Decimal(100)]) is None
    weight = CATALOGUE["weight"]
    swapped = doubt_about(weight, Decimal(154), "kg", [Decimal(80)])
    assert swapped is not None
    assert swapped.suggestion is not None
    far = doubt_about(weight, Decimal(300), "kg", [Decimal(80)])
    assert far is not None
    assert far.suggestion is None


def test_a_care_teams_own_band_speaks_before_a_guidelines_of_the_same_weight() -> None:
    own = Override(limits={"diastolic": Limits(high=Decimal(75))})
    assert level("blood_pressure", None, own, systolic=125, diastolic=78) == ("Above your range", Level.HIGH)
