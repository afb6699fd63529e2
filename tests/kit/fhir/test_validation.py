"""What R4 does not allow is refused, and told by element."""

import copy
import json
from decimal import Decimal

import pytest

from ojas.kit.errors import Incorrect
from ojas.kit.fhir import grammar, validation

PATIENT = {
    "resourceType": "Patient",
    "id": "asha",
    "name": [{"given": ["Asha", "Devi"], "family": "Rao"}],
    "gender": "female",
    "birthDate": "1958-02-28",
    "contact": [{"relationship": [{"text": "daughter"}], "gender": "female"}],
}
WEIGHT = {
    "resourceType": "Observation",
    "status": "final",
    "code": {"coding": [{"system": "http://loinc.org", "code": "29463-7"}]},
    "effectiveDateTime": "2026-03-01T08:00:00+05:30",
    "valueQuantity": {
        "value": Decimal("61.50"),
        "unit": "kg",
        "system": "http://unitsofmeasure.org",
        "code": "kg",
    },
}


def changed(resource, **fields):
    found = copy.deepcopy(resource)
    found.update(fields)
    return {name: value for name, value in found.items() if value is not ...}


def where(resource):
    return [fault.field for fault in validation.faults(resource)]


def test_a_patient_and_a_weight_are_valid():
    assert validation.faults(PATIENT) == []
    assert validation.faults(WEIGHT) == []


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"gender": "girl"}, "Patient.gender"),
        ({"nickname": "Ashu"}, "Patient.nickname"),
        ({"name": []}, "Patient.name"),
        ({"name": None}, "Patient.name"),
        ({"name": [{}]}, "Patient.name[0]"),
        ({"name": [{"family": ""}]}, "Patient.name[0].family"),
        ({"name": [{"given": ["Asha", None]}]}, "Patient.name[0].given"),
        ({"name": {"family": "Rao"}}, "Patient.name"),
        ({"birthDate": "28.2.1958"}, "Patient.birthDate"),
        ({"birthDate": "1958-02-29"}, "Patient.birthDate"),
        ({"birthDate": "1958-02-28T08:00:00Z"}, "Patient.birthDate"),
        ({"active": "true"}, "Patient.active"),
        ({"id": "a b"}, "Patient.id"),
        ({"multipleBirthBoolean": True, "multipleBirthInteger": 2}, "Patient.multipleBirth[x]"),
        ({"link": [{"type": "refer"}]}, "Patient.link[0].other"),
        ({"managingOrganization": {"reference": "Patient/1"}}, "Patient.managingOrganization.reference"),
        ({"contained": [{"resourceType": "Unicorn"}]}, "Patient.contained[0].resourceType"),
        ({"text": {"status": "generated", "div": "<div>no namespace</div>"}}, "Patient.text.div"),
    ],
)
def test_a_patient_that_is_wrong_is_told_where(fields, field):
    assert where(changed(PATIENT, **fields)) == [field]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"status": ...}, "Observation.status"),
        ({"status": "done"}, "Observation.status"),
        ({"code": ...}, "Observation.code"),
        ({"valueString": "sixty"}, "Observation.value[x]"),
        ({"_valueString": {"id": "x"}}, "Observation.value[x]"),
        ({"dataAbsentReason": {"text": "asleep"}}, "Observation.dataAbsentReason"),
        ({"effectiveDateTime": "2026-03-01T08:00:00"}, "Observation.effectiveDateTime"),
        ({"effectiveDateTime": "2026-03-01T08:00+05:30"}, "Observation.effectiveDateTime"),
        (
            {"effectiveDateTime": ..., "effectivePeriod": {"start": "2026-03-02", "end": "2026-02-27"}},
            "Observation.effectivePeriod",
        ),
    ],
)
def test_an_observation_that_is_wrong_is_told_where(fields, field):
    assert where(changed(WEIGHT, **fields)) == [field]


def test_a_required_value_may_be_absent_if_an_extension_says_why():
    why = {
        "extension": [
            {"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"}
        ]
    }
    assert where(changed(WEIGHT, status=..., _status=why)) == []
    names = [{"given": ["Asha", None], "_given": [None, why]}]
    assert where(changed(PATIENT, name=names)) == []


def test_an_extension_has_one_value():
    assert where(changed(PATIENT, extension=[{"url": "https://a", "valueCode": "x", "valueInteger": 1}])) == [
        "Patient.extension[0].value[x]"
    ]


@pytest.mark.parametrize("day", ["2024-02-29", "2000-02-29", "2026-12-31", "2026-04-30", "2026", "2026-11"])
def test_days_that_exist_are_valid(day):
    assert where(changed(PATIENT, birthDate=day)) == []


@pytest.mark.parametrize(
    "day", ["2023-02-29", "1900-02-29", "2026-04-31", "2026-13", "2026-00-10", "0000", "26-01-01"]
)
def test_days_that_do_not_exist_are_refused(day):
    assert where(changed(PATIENT, birthDate=day)) == ["Patient.birthDate"]


@pytest.mark.parametrize("number", [2**31, -(2**31) - 1, Decimal("1.5"), Decimal("NaN"), "2", True])
def test_an_integer_is_whole_and_fits_32_bits(number):
    assert where(changed(PATIENT, multipleBirthInteger=number)) == ["Patient.multipleBirthInteger"]


def test_a_condition_needs_a_clinical_status_of_the_right_system():
    def condition(system, code):
        return {
            "resourceType": "Condition",
            "subject": {"reference": "Patient/asha"},
            "clinicalStatus": {"coding": [{"system": system, "code": code}]},
        }

    right = "http://terminology.hl7.org/CodeSystem/condition-clinical"
    assert where(condition(right, "active")) == []
    assert where(condition(right, "chronic")) == ["Condition.clinicalStatus.coding"]
    assert where(condition("http://snomed.info/sct", "active")) == ["Condition.clinicalStatus.coding"]
    assert where(condition(right, "active") | {"abatementString": "last year"}) == [
        "Condition.clinicalStatus"
    ]


def test_what_is_inside_a_bundle_is_checked_and_told_by_its_place():
    bundle = {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"resource": PATIENT}, {"resource": changed(WEIGHT, status="done")}],
    }
    assert where(bundle) == ["Bundle.entry[1].resource.status"]


def test_a_contained_resource_contains_no_others():
    inner = {"resourceType": "Organization", "id": "o", "name": "Clinic", "contained": [PATIENT]}
    assert "Patient.contained[0].contained" in where(changed(PATIENT, contained=[inner]))


@pytest.mark.parametrize(
    "what", [None, 7, "Patient", [], {}, {"resourceType": "Unicorn"}, {"resourceType": ["Patient"]}]
)
def test_what_is_no_resource_is_refused(what):
    with pytest.raises(Incorrect):
        validation.check(what)


def test_a_fault_never_repeats_the_value():
    secret = "HIV-positive"
    found = validation.faults(
        {
            "resourceType": "Patient",
            "gender": secret,
            "birthDate": secret,
            secret: secret,
            "name": secret,
            "link": [{}],
        }
    )
    assert found
    assert secret not in json.dumps([[fault.message, fault.field, dict(fault.params)] for fault in found])


def test_a_file_of_the_wrong_kind_does_not_drown_its_reader():
    assert len(validation.faults(PATIENT | {"name": [{"x": 1}] * 1000})) == 20


@pytest.mark.parametrize("kind", sorted(grammar.resources()))
def test_every_resource_type_has_a_schema_that_compiles(kind):
    assert not validation.validator(kind).is_valid({"resourceType": kind, "noSuchElement": 1})


def test_a_base64_text_of_ten_megabytes_takes_no_detours():
    picture = {"resourceType": "Binary", "contentType": "image/png", "data": "QUJD" * 2_500_000}
    assert validation.faults(picture) == []
    assert where(picture | {"data": "QUJD" * 2_500_000 + "*"}) == ["Binary.data"]
