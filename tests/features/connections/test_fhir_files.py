"""FHIR in every form it is sent in, and whose it is."""

import gzip
import io
import json
import zipfile
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ojas.features.connections.rules import Item, Refused, Resource, Unreadable
from ojas.features.connections.vendors import recognise
from ojas.features.connections.vendors.fhir import stream, vendor
from ojas.features.connections.vendors.fhir.stream import Text
from tests.conftest import corpus

PERSON = UUID(int=7)
NOW = datetime(2026, 11, 1, tzinfo=UTC)

PATIENT = {"resourceType": "Patient", "id": "p1", "identifier": [{"system": "urn:x", "value": "1"}]}
WEIGHT = {
    "resourceType": "Observation",
    "id": "w1",
    "subject": {"reference": "Patient/p1"},
    "valueDecimal": 1,
}


def read(content: bytes, person: UUID = PERSON) -> list[Item]:
    return [item for batch in vendor.read(io.BytesIO(content), person, NOW) for item in batch.items]


def resources(content: bytes, person: UUID = PERSON) -> list[Any]:
    return [item.content for item in read(content, person) if isinstance(item, Resource)]


def reasons(content: bytes) -> list[str]:
    return [item.fault.message for item in read(content) if isinstance(item, Refused)]


def bundle(*some: dict[str, Any], urls: bool = False, **more: Any) -> bytes:
    entries = [
        {"resource": one} | ({"fullUrl": f"https://h.example/{_name(one)}"} if urls else {}) for one in some
    ]
    return json.dumps({"resourceType": "Bundle", "type": "collection", **more, "entry": entries}).encode()


def _name(one: dict[str, Any]) -> str:
    return f"{one['resourceType']}/{one['id']}"


def zipped(**files: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/").replace("_", "."), content)
    return target.getvalue()


LINES = b"\n".join(json.dumps(one).encode() for one in (PATIENT, WEIGHT, {**WEIGHT, "id": "w2"}))
PLAIN = bundle(PATIENT, WEIGHT, {**WEIGHT, "id": "w2"})


@pytest.mark.parametrize(
    "content",
    [
        PLAIN,
        LINES,
        b"\xef\xbb\xbf" + PLAIN,
        gzip.compress(PLAIN),
        json.dumps(json.loads(PLAIN), indent=2).encode(),
        zipped(a_json=PLAIN),
        zipped(out__Patient_ndjson=LINES.split(b"\n")[0], out__Observation_ndjson=LINES.split(b"\n", 1)[1]),
        zipped(a_json=PLAIN, readme_txt=b"hello", __MACOSX__a_json=b"\0\0"),
        json.dumps([PATIENT, WEIGHT, {**WEIGHT, "id": "w2"}]).encode(),
        PLAIN.replace(b'"resourceType": "Bundle", ', b""),
    ],
)
def test_every_form_gives_the_same_resources(content: bytes) -> None:
    assert recognise(io.BytesIO(content)) is vendor
    found = resources(content)
    assert [one["resourceType"] for one in found] == ["Patient", "Observation", "Observation"]
    assert [one["subject"]["reference"] for one in found[1:]] == [f"Patient/{PERSON}"] * 2
    assert found[0]["id"] == str(PERSON)
    assert found == resources(PLAIN)


def test_numbers_keep_the_digits_they_were_written_with() -> None:
    content = b'{"resourceType": "Observation", "valueQuantity": {"value": 1.00, "unit": "kg"}, "id": "a"}'
    [found] = read(content)
    assert isinstance(found, Resource)
    assert '"value": 1.00,' in found.text
    assert f'"id": "{found.content["id"]}"' in found.text


def test_references_by_uuid_find_their_resource_under_its_new_name() -> None:
    visit = {"resourceType": "Encounter", "id": "e"}
    entries = [
        {
            "fullUrl": "urn:uuid:1",
            "resource": {**WEIGHT, "encounter": {"reference": "urn:uuid:2"}, "subject": None},
        },
        {"fullUrl": "urn:uuid:2", "resource": visit},
    ]
    weight, encounter = resources(json.dumps({"resourceType": "Bundle", "entry": entries}).encode())
    assert weight["encounter"]["reference"] == f"Encounter/{encounter['id']}"
    UUID(encounter["id"])


def test_a_conditional_reference_becomes_the_identifier_it_names() -> None:
    [found] = resources(
        json.dumps({**WEIGHT, "performer": [{"reference": "Practitioner?identifier=urn:npi|99"}]}).encode()
    )
    assert found["performer"] == [{"identifier": {"system": "urn:npi", "value": "99"}}]


def test_a_conditional_reference_inside_the_file_is_resolved() -> None:
    doctor = {"resourceType": "Practitioner", "id": "d", "identifier": [{"system": "urn:npi", "value": "99"}]}
    weight = {**WEIGHT, "performer": [{"reference": "Practitioner?identifier=urn:npi|99"}]}
    found = resources(bundle(doctor, weight))
    assert found[1]["performer"] == [{"reference": f"Practitioner/{found[0]['id']}"}]


def test_the_same_file_gives_the_same_ids_and_another_person_other_ones() -> None:
    def ids(person: UUID) -> list[str]:
        return [one["id"] for one in resources(PLAIN, person)]

    assert ids(PERSON) == ids(PERSON)
    assert not set(ids(PERSON)) & set(ids(UUID(int=8)))


def test_equal_short_ids_of_two_hospitals_do_not_meet() -> None:
    other = {**PATIENT, "identifier": [{"system": "urn:y", "value": "77"}]}
    [_, here] = resources(bundle(PATIENT, WEIGHT))
    [_, there] = resources(bundle(other, WEIGHT))
    assert here["id"] != there["id"]


def test_a_later_file_of_one_server_refers_to_what_an_earlier_brought() -> None:
    visit = {"resourceType": "Encounter", "id": "e", "subject": {"reference": "https://h.example/Patient/p1"}}
    weight = {**WEIGHT, "encounter": {"reference": "https://h.example/Encounter/e"}}
    [_, first] = resources(bundle(PATIENT, visit, urls=True))
    [_, second] = resources(bundle(PATIENT, weight, urls=True))
    assert second["encounter"]["reference"] == f"Encounter/{first['id']}"


def test_what_is_about_somebody_else_is_refused() -> None:
    stranger = {**PATIENT, "id": "p2", "identifier": [{"system": "urn:x", "value": "2"}]}
    theirs = {**WEIGHT, "id": "w9", "subject": {"reference": "Patient/p2"}}
    content = bundle(PATIENT, WEIGHT, {**WEIGHT, "id": "w2"}, stranger, theirs)
    assert reasons(content) == ["It belongs to another person than the one this file is mostly about."] * 2
    assert [one["resourceType"] for one in resources(content)] == ["Patient", "Observation", "Observation"]


def test_an_id_that_belongs_to_another_person_here_is_only_text() -> None:
    """A file may name any id; it ends in the record it is imported for all the same."""
    somebody = UUID(int=99)
    content = bundle(
        {**PATIENT, "id": str(somebody)}, {**WEIGHT, "subject": {"reference": f"Patient/{somebody}"}}
    )
    found = resources(content)
    assert found[0]["id"] == str(PERSON)
    assert str(somebody) not in json.dumps(found)


@pytest.mark.parametrize(
    ("one", "reason"),
    [
        ({"resourceType": "Foo"}, "FHIR R4 has no resource of the type {type}."),
        ({"hello": 1}, "It is no FHIR resource: it does not name its type."),
        ("text", "It is no FHIR resource: it does not name its type."),
        ({"resourceType": 5}, "It is no FHIR resource: it does not name its type."),
    ],
)
def test_one_entry_that_is_no_resource_is_refused_and_the_others_stay(one: Any, reason: str) -> None:
    content = bundle(PATIENT, one, WEIGHT)
    assert reasons(content) == [reason]
    assert len(resources(content)) == 2


def test_entries_without_content_and_deletions_are_refused() -> None:
    entries = [{"request": {"method": "DELETE", "url": "Observation/1"}}, {"fullUrl": "urn:uuid:1"}, 5]
    content = json.dumps({"resourceType": "Bundle", "entry": [*entries, {"resource": PATIENT}]}).encode()
    assert reasons(content) == [
        "The bundle asks to delete it. An import only adds.",
        "The entry holds no resource.",
        "The entry holds no resource.",
    ]


def test_a_broken_line_of_ndjson_breaks_only_itself() -> None:
    lines = LINES.split(b"\n")
    content = b"\n".join([lines[0], b'{"resourceType": "Observation", ', b"NaN", b"", lines[1]])
    assert reasons(content) == ["It is no JSON.", "It is no JSON."]
    assert len(resources(content)) == 2


def test_a_number_that_is_none_is_no_json() -> None:
    content = LINES.replace(b'"valueDecimal": 1', b'"valueDecimal": NaN', 1)
    assert reasons(content) == ["It is no JSON."]


def test_a_bundle_cut_off_keeps_what_came_before() -> None:
    content = PLAIN[:-80]
    assert len(resources(content)) == 2
    assert reasons(content) == [
        "The file is no complete JSON: it breaks off or is damaged at character {place}."
    ]


def test_letters_that_are_no_utf8_spoil_one_resource() -> None:
    content = bundle(PATIENT, WEIGHT, {**WEIGHT, "note": [{"text": "caf!"}]}).replace(b"caf!", b"caf\xe9")
    assert reasons(content) == ["Some of its letters are damaged."]
    assert len(resources(content)) == 2


def test_json_nested_without_end_is_refused() -> None:
    with pytest.raises(Unreadable, match="nested"):
        read(b'{"resourceType": "Patient", "x": ' + b"[" * 200_000)


@pytest.mark.parametrize(
    "content", [b"", b"   ", b"hello", b"{}", b"[]", b'{"resourceType": "Bundle"}', b"\0" * 500]
)
def test_a_file_without_anything_is_refused_whole(content: bytes) -> None:
    try:
        found = read(content)
    except Unreadable:
        return
    assert not [item for item in found if isinstance(item, Resource)]
    assert found


def test_a_gzip_that_swells_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ojas.features.connections.vendors.fhir.files.SMALL", 1 << 20)
    bomb = gzip.compress(b'{"resourceType": "Bundle", "x": "' + b" " * (64 << 20) + b'"}', 9)
    with pytest.raises(Unreadable, match="trap"):
        read(bomb)


def test_a_damaged_file_in_an_archive_breaks_only_itself() -> None:
    content = zipped(a_json=PLAIN, b_json=b"nonsense")
    assert len(resources(content)) == 3
    assert reasons(content) == ["It is no JSON."]


@given(
    st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner)),
    st.integers(1, 9),
)
def test_values_are_read_the_same_in_pieces_of_any_size(value: Any, size: int) -> None:
    class Slow(io.BytesIO):
        def read(self, _: int | None = -1, /) -> bytes:
            return super().read(size)

    text = json.dumps([value, value])
    found = Text(Slow(text.encode()))
    assert [found.value()[0] for _ in found.elements()] == [value, value]


def test_a_file_larger_than_its_window_is_read_in_flat_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "PIECE", 2_000)
    many = [{**WEIGHT, "id": f"w{n}", "note": [{"text": "x" * 500}]} for n in range(300)]
    assert len(resources(bundle(PATIENT, *many))) == 301


def test_whole_lives_are_read_without_a_loss() -> None:
    for path in sorted((corpus("fhir_synthea_r4") / "dev").glob("*.json.gz")):
        content = gzip.decompress(path.read_bytes())
        assert reasons(content) == [], path.name
        assert len(resources(content)) == len(json.loads(content)["entry"])
        assert "urn:uuid:" not in json.dumps([one.get("subject") for one in resources(content)])


def test_indian_examples_and_every_official_one_are_read() -> None:
    folders = (corpus("fhir_abdm_india_examples") / "example", corpus("fhir_r4_examples_official") / "dev")
    for path in [path for folder in folders for path in sorted(folder.rglob("*.json"))]:
        content = path.read_bytes()
        told = [
            item
            for item in read(content)
            if isinstance(item, Resource) or item.fault.message.startswith("The entry")
        ]  # type: ignore[union-attr]
        assert told, path.name
