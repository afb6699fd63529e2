"""Persons as FHIR: there and back."""

import gzip
import json
from datetime import date
from typing import Any
from unicodedata import normalize

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ojas.features.identity import fhir
from ojas.features.identity.schemas import Address, Identifier, Professional, ProfileDraft, Telephone
from ojas.kit.ids import new_id
from tests.conftest import corpus

LINE = st.text(st.characters(categories=["L", "Nd"]), min_size=1, max_size=30).map(
    lambda text: normalize("NFC", text)
)
PROFILES = st.builds(
    ProfileDraft,
    name=LINE,
    given_name=st.none() | LINE,
    family_name=st.none() | LINE,
    date_of_birth=st.none() | st.dates(date(1900, 1, 1), date(2026, 1, 1)),
    gender=st.sampled_from([None, "male", "female", "other", "unknown"]),
    sex_at_birth=st.sampled_from([None, "male", "female"]),
    email=st.sampled_from([None, "asha@example.org"]),
    phones=st.lists(
        st.builds(
            Telephone,
            number=st.from_regex(r"\+91 [0-9]{10}", fullmatch=True),
            type=st.sampled_from(["mobile", "home", "work"]),
        ),
        max_size=3,
        unique_by=lambda phone: phone.number,
    ),
    address=st.none()
    | st.builds(
        Address, lines=st.lists(LINE, max_size=3), city=LINE, state=st.none() | LINE, country=st.none() | LINE
    ),
    identifiers=st.lists(
        st.builds(Identifier, system=st.just("https://healthid.ndhm.gov.in"), value=LINE),
        max_size=2,
        unique_by=lambda one: one.value,
    ),
)


@settings(max_examples=80)
@given(PROFILES)
def test_a_person_comes_back_from_a_patient_as_they_went(profile: ProfileDraft) -> None:
    resource = json.loads(json.dumps(fhir.to_patient(new_id(), profile, languages=("hi", "en"))))
    assert fhir.from_patient(resource) == profile


@settings(max_examples=40)
@given(PROFILES, st.none() | LINE, LINE)
def test_a_doctor_comes_back_from_a_practitioner_as_they_went(
    profile: ProfileDraft, number: str | None, qualification: str
) -> None:
    work = Professional(qualification=qualification, specialty="Cardiology", registration_number=number)
    doctor = profile.model_copy(update={"professional": work, "address": None, "sex_at_birth": None})
    resource = json.loads(json.dumps(fhir.to_practitioner(new_id(), doctor)))
    assert fhir.from_practitioner(resource) == doctor


def test_what_a_patient_does_not_say_stays_as_it_was() -> None:
    known = ProfileDraft(name="Asha Rao", occupation="teacher", blood_group="O+", gender="female")
    found = fhir.from_patient({"resourceType": "Patient", "birthDate": "1961-04-02"}, known)
    assert (found.name, found.occupation, found.blood_group) == ("Asha Rao", "teacher", "O+")
    assert found.date_of_birth == date(1961, 4, 2)


@pytest.mark.parametrize("born", ["1961", "1961-04", "1961-02-30", "soon", 1961, None])
def test_half_a_birthday_is_none(born: Any) -> None:
    assert fhir.from_patient({"resourceType": "Patient", "birthDate": born}).date_of_birth is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=6,
)
KEYS = [
    "name",
    "telecom",
    "gender",
    "birthDate",
    "address",
    "identifier",
    "extension",
    "qualification",
    "type",
    "active",
]


PARTS = ["text", "given", "family", "system", "value", "line", "city", "url", "coding", "code", "use"]
RESOURCES = st.dictionaries(
    st.sampled_from(KEYS),
    JSON | st.lists(st.dictionaries(st.sampled_from(PARTS), JSON, max_size=4), max_size=3),
)


@settings(max_examples=300)
@given(RESOURCES)
def test_no_resource_however_broken_breaks_the_reader(resource: dict[str, Any]) -> None:
    for read in (fhir.from_patient, fhir.from_practitioner, fhir.from_organisation):
        read(resource)


def test_the_patients_of_synthea_are_read_whole() -> None:
    paths = sorted(corpus("fhir_synthea_r4").rglob("*.json.gz"))[:20]
    seen = 0
    for path in paths:
        bundle = json.loads(gzip.decompress(path.read_bytes()))
        for entry in bundle.get("entry", []):
            resource = entry["resource"]
            if resource["resourceType"] == "Patient":
                seen += 1
                found = fhir.from_patient(resource)
                assert found.name != "?"
                assert found.date_of_birth is not None
                assert found.gender in ("male", "female")
                assert found.address is not None
                assert found.phones
    assert seen > 0
