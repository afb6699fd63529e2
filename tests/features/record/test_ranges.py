"""A value outside the range its laboratory printed is marked, and nothing is guessed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ojas.features.record.rules.ranges import placed
from ojas.features.record.schemas import ResultValue


@pytest.mark.parametrize(
    ("value", "printed", "expected"),
    [
        ("18", "30–100", "low"),
        ("30", "30 - 100", None),
        ("100.1", "30 to 100", "high"),
        ("5.7", "< 5.7", "high"),
        ("5.7", "≤ 5.7", None),
        ("39", ">= 40 mg/dL", "low"),
        ("39", ">= 40 mmol/L", None),
        ("1:80", "30–100", None),
        ("not seen", "30–100", None),
        ("18", "see comment", None),
        ("18", None, None),
        (None, "30–100", None),
        ("-3", "-2 - 2", "low"),
    ],
)
def test_a_value_is_placed_in_a_printed_range(value: str, printed: str, expected: str | None) -> None:
    assert placed(value, "mg/dL", printed) == expected


@given(st.text(max_size=30), st.text(max_size=30))
def test_whatever_a_laboratory_prints_breaks_nothing(value: str, printed: str) -> None:
    placed(value, None, printed)


def test_what_the_laboratory_said_itself_goes_before_what_is_reckoned() -> None:
    assert ResultValue(name="x", value="50", range="30–100", flag="HH").place == "high"
    assert ResultValue(name="x", value="18", range="30–100", flag="N").place is None
    assert ResultValue(name="x", value="18", range="30–100").place == "low"
