"""Units: against UCUM's own definitions and published conversions, and as laws."""

import csv
import subprocess
import sys
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ojas.kit.units import UnitError, convert, grammar, is_ucum, recognise, same_dimension, symbol
from ojas.kit.units.common import COMMON

CORPUS = Path(__file__).parents[3] / "shared" / "corpora" / "vocab_ucum"

needs_corpus = pytest.mark.skipif(not CORPUS.exists(), reason="the UCUM corpus is not on this machine")

amounts = st.decimals(min_value=-(10**9), max_value=10**9, places=6, allow_nan=False)
linear = st.sampled_from(sorted(code for code, unit in COMMON.items() if not unit.zero))


@pytest.mark.parametrize(
    ("value", "from_", "to", "expected"),
    [
        # reference: NIST SP 811 (pounds, inches, miles), exact by definition
        ("1", "[lb_av]", "kg", "0.45359237"),
        ("1", "[stone_av]", "kg", "6.35029318"),
        ("1", "[in_i]", "cm", "2.54"),
        ("1", "[ft_i]", "cm", "30.48"),
        ("1", "[mi_i]", "m", "1609.344"),
        ("98.6", "[degF]", "Cel", "37"),
        ("-40", "Cel", "[degF]", "-40"),
        ("1", "kcal", "kJ", "4.184"),
        ("1", "[foz_us]", "mL", "29.5735295625"),
        ("1", "[foz_br]", "mL", "28.4130625"),
        ("0.97", "1", "%", "97"),
        ("1.2", "Hz", "/min", "72"),
        ("120", "{beats}/min", "/min", "120"),
        ("5", "mL/kg/min", "mL/min/kg", "5"),
        # reference: UCUM functional tests of 31 May 2010, 3-102 to 3-129, those not rounded
        ("6.3", "mm", "m", "0.0063"),
        ("6.3", "s.m-1", "s/m", "6.3"),
        ("6.3", "s.mm-2", "s.m-2", "6300000"),
        ("6.30", "4.s/m", "s/m", "25.2"),
        ("6.3", "ms/mm", "s/m", "6.3"),
        ("6.3", "g.m.s-2.A-2", "g.m.C-2", "6.3"),
        ("1", "10*-7.s", "s", "0.0000001"),
        ("1", "m[Hg]", "g.s-2.m-1", "133322000"),
        ("1", "S", "g-1.m-2.C2.s", "0.001"),
        ("1", "[ly]", "cm", "946073047258080000"),
        ("1.2", "g.m", "m.g", "1.2"),
    ],
)
def test_conversions_are_exact(value: str, from_: str, to: str, expected: str) -> None:
    assert convert(Decimal(value), from_, to) == Decimal(expected)


def test_the_number_pi_keeps_every_digit_there_is_room_for() -> None:
    found = convert(Decimal(1), "[mu_0]", "g.m.C-2")
    assert found == Decimal("0.001256637061435917295385057353311801")  # functional test 3-124


@pytest.mark.parametrize("code", sorted(COMMON))
def test_the_table_says_what_the_grammar_says(code: str) -> None:
    assert grammar.read(code) == COMMON[code]


@needs_corpus
def test_every_clinical_code_of_the_national_library_of_medicine_is_known() -> None:
    with (CORPUS / "lhc" / "data" / "ucum.csv").open() as file:
        codes = [row["case-sensitive code"].strip() for row in csv.DictReader(file)]
    assert len(codes) > 700
    assert [code for code in codes if not is_ucum(code)] == ["Torr"]  # a name it lists; UCUM has no such unit


@pytest.mark.parametrize(
    "code",
    [
        "",
        "bpm",
        "mmHg",
        "°C",
        "iU",
        "molv",
        "g/12h",
        "10+3/ul",
        "m/",
        "[BETH'U]",
        "mmol/kg[H20]",
        "kg m",
        "x" * 200,
    ],
)
def test_what_is_not_ucum_is_told_apart(code: str) -> None:
    assert not is_ucum(code)


@pytest.mark.parametrize(
    "code", ["/m", "10*3/ul", "rad2", "4.[pi].10*-7.N/A2", "/[HPF]", "umol/2.h", "{any}"]
)
def test_what_is_ucum_is_known(code: str) -> None:
    assert is_ucum(code)


def test_a_scale_that_is_no_multiple_converts_to_itself_alone() -> None:
    assert convert(Decimal("7.4"), "[pH]", "[pH]") == Decimal("7.4")
    assert not same_dimension("[pH]", "1")
    with pytest.raises(UnitError):
        convert(Decimal("7.4"), "[pH]", "mol/L")


def test_arbitrary_units_fit_nothing_but_themselves() -> None:
    assert same_dimension("[iU]/L", "m[IU]/mL")
    assert not same_dimension("[iU]", "[arb'U]")


@pytest.mark.parametrize(
    ("left", "right"), [("kg", "cm"), ("mg/dL", "mmol/L"), ("kg", "nonsense"), ("/min", "ms")]
)
def test_what_does_not_fit_is_refused(left: str, right: str) -> None:
    assert not same_dimension(left, right)
    with pytest.raises(UnitError):
        convert(Decimal(1), left, right)


@pytest.mark.parametrize("value", ["NaN", "sNaN", "Infinity", "-Infinity"])
def test_what_is_not_a_number_is_not_converted(value: str) -> None:
    with pytest.raises(UnitError):
        convert(Decimal(value), "kg", "g")


@given(amounts, linear, linear)
def test_there_and_back_is_where_one_was(value: Decimal, one: str, other: str) -> None:
    if same_dimension(one, other):
        back = convert(convert(value, one, other), other, one)
        assert abs(Fraction(back) - Fraction(value)) <= abs(Fraction(value)) * Fraction(1, 10**30)


@given(amounts)
def test_a_temperature_there_and_back_is_the_same(value: Decimal) -> None:
    back = convert(convert(value, "[degF]", "Cel"), "Cel", "[degF]")
    assert abs(back - value) < Decimal("1e-20")


@given(amounts, linear, linear, linear)
def test_a_detour_changes_nothing(value: Decimal, one: str, two: str, three: str) -> None:
    if same_dimension(one, two) and same_dimension(two, three):
        detour = convert(convert(value, one, two), two, three)
        assert abs(detour - convert(value, one, three)) <= abs(detour) * Decimal("1e-30")


@given(st.text(max_size=30))
def test_no_text_makes_it_fail(text: str) -> None:
    assert is_ucum(text) in (True, False)
    found = recognise(text)
    assert found is None or is_ucum(found)


@pytest.mark.parametrize(
    ("code", "printed"),
    [
        ("mm[Hg]", "mmHg"),
        ("Cel", "°C"),
        ("kg/m2", "kg/m²"),
        ("10*3/uL", "10³/µL"),
        ("umol/L", "µmol/L"),
        ("{steps}", "steps"),
        ("mL/min/kg", "mL/min/kg"),
        ("[lb_av]", "lb"),
        ("1", ""),
        ("[IU]/L", "IU/L"),
    ],
)
def test_a_code_is_printed_as_people_know_it(code: str, printed: str) -> None:
    assert symbol(code) == printed


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("mmHg", "mm[Hg]"),
        ("count/min", "/min"),
        ("bpm", "/min"),
        ("degF", "[degF]"),
        ("°C", "Cel"),
        ("mmol<180.1558800000541>/L", "mmol/L"),
        ("mL/min·kg", "mL/min/kg"),
        ("Cal", "kcal"),
        ("lbs", "[lb_av]"),
        ("ft", "[ft_i]"),
        ("MG/DL", "mg/dL"),
        ("kg", "kg"),
        ("m", "m"),
        ("furlongs", None),
    ],
)
def test_what_vendors_and_people_write_is_recognised(written: str, code: str | None) -> None:
    assert recognise(written) == code


def test_loading_units_loads_no_grammar() -> None:
    program = "import sys; import ojas.kit.units; print({'pint', 'lark'} & {*sys.modules})"
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "set()"


@pytest.mark.parametrize(
    "code", ["10*999999999", "10^999999999", "10*-999999999", "m100", "kg.10*" + "9" * 80]
)
def test_a_power_that_would_be_reckoned_for_hours_is_no_unit(code: str) -> None:
    assert not is_ucum(code)


@pytest.mark.parametrize("value", ["1E+999999999", "1E-999999999", "-7E+400"])
def test_a_number_of_a_billion_digits_is_refused_unreckoned(value: str) -> None:
    with pytest.raises(UnitError):
        convert(Decimal(value), "[lb_av]", "kg")
