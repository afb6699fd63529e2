"""JSON as it was written; bundles taken apart without changing a byte."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ojas.kit.errors import Incorrect
from ojas.kit.fhir import bundles, text
from ojas.kit.fhir.text import Stream

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
BUNDLE = b"""\xef\xbb\xbf{"resourceType": "Bundle", "type": "transaction", "link": [{"relation": "self", "url": "x"}],
 "entry": [
  {"fullUrl": "urn:uuid:1", "resource":  {"resourceType": "Patient",  "id":"\xe0\xae\x86\xe0\xae\x9a\xe0\xae\xbe"} ,
   "request": {"method": "POST", "url": "Patient"}},
  {"request": {"method": "DELETE", "url": "Patient/2"}},
  {"resource": {"value": 1.00, "subject": {"reference": "urn:uuid:1"}}, "fullUrl": "urn:uuid:3"}
 ], "total": 3}"""


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


@pytest.mark.parametrize("size", [1, 2, 7, 64, 10_000])
def test_a_bundle_is_taken_apart_however_its_bytes_arrive(size):
    found = list(bundles.entries(BUNDLE[at : at + size] for at in range(0, len(BUNDLE), size)))
    assert [entry.full_url for entry in found] == ["urn:uuid:1", None, "urn:uuid:3"]
    assert found[0].raw == '{"resourceType": "Patient",  "id":"ஆசா"}'.encode()
    assert found[0].request == {"method": "POST", "url": "Patient"}
    assert found[1].resource is None
    assert found[2].raw == b'{"value": 1.00, "subject": {"reference": "urn:uuid:1"}}'
    assert str(found[2].resource["value"]) == "1.00"


def test_a_bundle_may_name_its_type_last():
    found = list(
        bundles.entries([b'{"entry":[{"resource":{"resourceType":"Patient"}}],"resourceType":"Bundle"}'])
    )
    assert [entry.raw for entry in found] == [b'{"resourceType":"Patient"}']


def test_a_list_is_no_bundle_though_it_has_entries():
    raw = b'{"entry": [{"item": {"display": "x"}}], "resourceType": "List"}'
    assert [entry.raw for entry in bundles.entries([raw])] == [raw]


def test_lines_and_single_resources_are_entries_too():
    lines = b'{"resourceType":"Patient"}\n{"resourceType": "Group"}\n\n'
    assert [entry.raw for entry in bundles.entries([lines])] == [
        b'{"resourceType":"Patient"}',
        b'{"resourceType": "Group"}',
    ]
    assert [entry.index for entry in bundles.entries([lines])] == [0, 1]
    assert list(bundles.entries([])) == []
    assert list(bundles.entries([b'{"resourceType":"Bundle","type":"searchset"}'])) == []


def test_what_came_before_a_break_is_good():
    found = []
    with pytest.raises(Incorrect):
        for entry in bundles.entries([BUNDLE[:350]]):
            found.append(entry.full_url)
    assert found == ["urn:uuid:1", None]


@pytest.mark.parametrize(
    "broken",
    [b"[]", b"7", b'{"resourceType":"Bundle","entry":{}}', b'{"resourceType":"Bundle","entry":[1]}', b"{}}"],
)
def test_what_is_no_bundle_is_refused(broken):
    with pytest.raises(Incorrect):
        list(bundles.entries([broken]))


def test_one_value_cannot_fill_the_memory():
    with pytest.raises(Incorrect):
        Stream([b'"', *[b"x" * 1000] * 1000], most=10_000).value()


def test_synthea_bundles_come_apart_byte_for_byte(real):
    for _name, data in real("fhir_synthea_r4"):
        found = list(bundles.entries(data[at : at + 65_536] for at in range(0, len(data), 65_536)))
        whole = text.read(data)
        assert [entry.resource for entry in found] == [entry["resource"] for entry in whole["entry"]]
        assert all(entry.raw in data for entry in found)


def test_references_are_led_to_where_things_are_now():
    resource = {
        "subject": {"reference": "urn:uuid:1", "display": "urn:uuid:1 is a name"},
        "note": [{"text": "see Patient/old"}],
        "instantiatesUri": ["urn:uuid:1"],
        "performer": [{"reference": "Practitioner/9"}],
    }
    moved = bundles.rewrite(resource, {"urn:uuid:1": "Patient/7"}.get)
    assert moved == {
        "subject": {"reference": "Patient/7", "display": "urn:uuid:1 is a name"},
        "note": [{"text": "see Patient/old"}],
        "instantiatesUri": ["Patient/7"],
        "performer": [{"reference": "Practitioner/9"}],
    }
    assert list(bundles.references(resource)) == ["urn:uuid:1", "Practitioner/9"]


def test_duplicate_members_mean_the_last_as_in_json():
    assert json.loads('{"a":1,"a":2}') == text.read('{"a":1,"a":2}') == {"a": 2}
    assert text.read("0.5") == Decimal("0.5")


@pytest.mark.parametrize("number", ["1E+999999999", "1e-999999999", "9" * 2000, "0." + "1" * 2000])
def test_a_number_of_a_billion_digits_is_refused_unreckoned(number: str) -> None:
    with pytest.raises(Incorrect):
        text.read(f'{{"value": {number}}}')
