"""JSON as it was written."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ojas.kit.errors import Incorrect
from ojas.kit.fhir import text

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0")),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0")), inner)
    ),
)


@pytest.mark.parametrize(
    "digits", ["1.0", "1.00", "0.10", "-0.0", "100", "12345678901234567890.123456789", "1E+2"]
)
def test_a_decimal_keeps_its_digits(digits):
    assert text.write(text.read(f'{{"value":{digits}}}')) == f'{{"value":{digits}}}'.encode()


@given(JSON)
def test_what_is_written_reads_as_it_was(value):
    assert text.read(text.write(value)) == value


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"{",
        b'{"a":}',
        b'{"a":1,}',
        b"[NaN]",
        b"[Infinity]",
        b'["\xff"]',
        b'["\\u0000"]',
        b"[" * 100_000,
        b"[1] [2]",
        b"01",
    ],
)
def test_what_is_not_json_is_refused(broken):
    with pytest.raises(Incorrect):
        text.read(broken)


def test_a_backslash_before_u0000_is_not_a_nul():
    assert text.read(b'["\\\\u0000"]') == ["\\u0000"]


def test_duplicate_members_mean_the_last_as_in_json():
    assert json.loads('{"a":1,"a":2}') == text.read('{"a":1,"a":2}') == {"a": 2}
    assert text.read("0.5") == Decimal("0.5")


@pytest.mark.parametrize("number", ["1E+999999999", "1e-999999999", "9" * 2000, "0." + "1" * 2000])
def test_a_number_of_a_billion_digits_is_refused_unreckoned(number: str) -> None:
    with pytest.raises(Incorrect):
        text.read(f'{{"value": {number}}}')
