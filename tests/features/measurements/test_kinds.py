"""The catalogue: whole, and at one with itself."""

from collections import Counter
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ojas.features.measurements import kinds
from ojas.features.measurements.kinds import CATALOGUE, kind_of_healthkit, kind_of_loinc
from ojas.features.measurements.models import Reading
from ojas.features.measurements.rules import (
    Context,
    Guideline,
    Kind,
    Level,
    Meal,
    Override,
    band_of,
    canonical,
    chosen,
    in_unit,
)
from ojas.features.measurements.rules.bands import For, Ladder
from ojas.kit import units

KINDS = list(CATALOGUE.values())
GUIDELINES = [(kind, guideline) for kind in KINDS for guideline in kind.guidelines]


def test_no_code_or_name_means_two_kinds() -> None:
    loinc = Counter(
        code for kind in KINDS for codes in (kind.panel, *(p.loinc for p in kind.parts)) for code in codes
    )
    healthkit = Counter(name for kind in KINDS for name in kind.names.healthkit)
    assert [code for code, n in (loinc + healthkit).items() if n > 1] == []


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_unit_of_a_kind_is_ucum_and_leads_to_the_canonical_one_and_back(kind: Kind) -> None:
    for part in kind.parts:
        assert part.low < part.high
        assert part.unit in part.units
        for unit in (*part.units, *part.also, *part.factors):
            assert units.is_ucum(unit), unit
            there = in_unit(part, part.high, unit)
            assert abs(canonical(part, there, unit) - part.high) < Decimal("1e-8")


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_number_of_a_kind_has_its_column(kind: Kind) -> None:
    assert {part.name for part in kind.parts} <= set(Reading.__table__.columns.keys())


@pytest.mark.parametrize(
    ("kind", "guideline"), GUIDELINES, ids=[guideline.key for _kind, guideline in GUIDELINES]
)
def test_bands_rise_without_a_gap_and_name_their_source(kind: Kind, guideline: Guideline) -> None:
    assert guideline.year >= 2000
    assert guideline.source.startswith("https://")
    for name, ladder in guideline.ladders.items():
        assert kind.part(name)
        assert ladder[0].low is None
        assert ladder[-1].high is None
        for lower, upper in pairwise(ladder):
            assert lower.high is not None
            assert lower.high == upper.low
            assert upper.high is None or lower.high < upper.high


@given(st.sampled_from(GUIDELINES), st.decimals(-10, 5000, places=3))
def test_every_value_lies_in_exactly_one_band(pair: tuple[Kind, Guideline], value: Decimal) -> None:
    for ladder in pair[1].ladders.values():
        band = band_of(ladder, value)
        assert band.low is None or value >= band.low
        assert band.high is None or value <= band.high


@given(st.sampled_from([ladder for _k, g in GUIDELINES for ladder in g.ladders.values()]))
def test_further_out_is_never_milder(ladder: Ladder) -> None:
    severities = [band.level.severity for band in ladder]
    good = severities.index(0)
    assert severities[:good] == sorted(severities[:good], reverse=True)
    last = len(severities) - 1 - severities[::-1].index(0)
    assert severities[last:] == sorted(severities[last:])


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("85354-9", "blood_pressure"),
        ("8480-6", "blood_pressure"),
        ("8867-4", "heart_rate"),
        ("29463-7", "weight"),
        ("41653-7", "blood_glucose"),
        ("14749-6", "blood_glucose"),
        ("18262-6", "ldl"),
        ("59408-5", "oxygen_saturation"),
        ("59261-8", "hba1c"),
    ],
)
def test_a_loinc_code_leads_to_its_kind(code: str, kind: str) -> None:
    found = kind_of_loinc(code)
    assert found is not None
    assert found.name == kind


def test_a_healthkit_name_leads_to_its_kind_and_part() -> None:
    found = kind_of_healthkit("HKQuantityTypeIdentifierBloodPressureDiastolic")
    assert found is not None
    assert (found.name, kinds.part_of_healthkit("BloodPressureDiastolic")) == ("blood_pressure", "diastolic")
    assert kind_of_healthkit("HKQuantityTypeIdentifierBodyMass") is CATALOGUE["weight"]
    assert kinds.part_of_healthkit("DistanceCycling") == "value"
    assert kind_of_healthkit("HKQuantityTypeIdentifierAppleTasteInMusic") is None


def test_the_two_heart_rate_variabilities_are_two_kinds() -> None:
    sdnn = kind_of_healthkit("HeartRateVariabilitySDNN")
    assert sdnn is CATALOGUE["hrv_sdnn"]
    assert "HeartRateVariabilityRmssdRecord" in CATALOGUE["hrv_rmssd"].names.health_connect


@pytest.mark.parametrize(
    ("name", "context", "key"),
    [
        ("blood_pressure", Context(age=50), "acc-aha-2025"),
        ("blood_pressure", Context(), "acc-aha-2025"),
        ("blood_pressure", Context(age=9), None),
        ("blood_pressure", Context(age=30, pregnant=True), "acog-2020"),
        ("bmi", Context(age=50), "who-bmi-2000"),
        ("bmi", Context(age=50, asian_indian=True), "misra-2009"),
        ("bmi", Context(age=12), None),
        ("bmi", Context(age=30, pregnant=True), None),
        ("hdl", Context(age=50, sex="female"), "atp3-hdl-women"),
        ("hdl", Context(age=50, sex="male"), "atp3-hdl"),
        ("waist", Context(age=50), None),
        ("waist", Context(age=50, sex="male"), "who-waist-men"),
        ("waist", Context(age=50, sex="female", asian_indian=True), "south-asian-waist-women"),
        ("blood_glucose", Context(meal=Meal.FASTING), "ada-2025-fasting"),
        ("blood_glucose", Context(meal=Meal.FASTING, pregnant=True), "ada-2025-pregnancy-fasting"),
        ("respiratory_rate", Context(age=10), None),
        ("oxygen_saturation", Context(age=2), "who-hypoxaemia-2011"),
    ],
)
def test_bands_are_those_for_the_person(name: str, context: Context, key: str | None) -> None:
    found = chosen(CATALOGUE[name].guidelines, context)
    assert (found.key if found else None) == key


def test_levels_have_a_shape_and_a_word_and_only_danger_is_dangerous() -> None:
    assert [(level.shape, level.mark) for level in Level] == [
        ("▼", "danger-low"),
        ("▼", "low"),
        ("▼", "low"),
        ("●", "in"),
        ("▲", "high"),
        ("▲", "high"),
        ("▲", "danger-high"),
    ]
    assert all(level.word for level in Level)


def test_the_macros_of_pages_know_five_marks() -> None:
    assert [level.mark for level in Level] == [
        "danger-low",
        "low",
        "low",
        "in",
        "high",
        "high",
        "danger-high",
    ]
    assert [level.severity for level in Level] == [3, 2, 1, 0, 1, 2, 3]
    assert [level.interpretation for level in Level] == ["LL", "L", "L", "N", "H", "H", "HH"]
    assert len({level.word for level in Level}) == 7


def test_one_is_an_adult_on_the_birthday() -> None:
    bands = CATALOGUE["bmi"].guidelines
    assert chosen(bands, Context(age=17)) is None
    assert chosen(bands, Context(age=18)) is not None


def test_nobody_is_told_a_year_that_is_not_known() -> None:
    assert Override().year == 0
    assert For().fits(Context(age=0))


def test_bands_of_one_guideline_are_ordered_by_its_longest_ladder() -> None:
    found = next(g for g in CATALOGUE["blood_pressure"].guidelines if g.key == "acc-aha-2025")
    assert found.order("Elevated") < found.order("High, stage 1") < found.order("High, stage 2")
    assert found.order("no such band") == -1
