"""To FHIR and back: what a list says is valid R4, and means the same when read again."""

import json
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel
from tests.kit.fhir.conftest import real  # noqa: F401  # the corpora

from ojas.features.record import fhir, schemas
from ojas.features.record.kinds import BY_TYPE, KINDS
from ojas.features.record.rules.terms import Verification
from ojas.features.record.schemas import Coding
from ojas.kit.fhir import text, validation

ID = UUID("01890000-0000-7000-8000-000000000001")
AT = datetime(2026, 3, 1, 8, tzinfo=UTC)
SORTED = {"recorded_at", "given_on", "performed_on", "effective_on", "started_on"}
FOLDERS = [
    "fhir_r4_examples_official",
    "fhir_us_core_examples",
    "fhir_synthea_r4",
    "fhir_abdm_india_examples",
]


def view_of(kind, draft: BaseModel):
    kept = {
        "id": str(ID),
        "person_id": str(ID),
        "version": 1,
        "created_at": AT.isoformat(),
        "updated_at": AT.isoformat(),
    }
    return kind.LIST.view.model_validate_json(json.dumps(json.loads(draft.model_dump_json()) | kept))


def resources_in(whole):
    if whole["resourceType"] != "Bundle":
        return [whole]
    return [entry["resource"] for entry in whole.get("entry", []) if "resource" in entry]


@pytest.mark.parametrize("folder", FOLDERS)
def test_real_resources_are_listed_and_mean_the_same_when_they_leave(real, folder):  # noqa: F811
    seen = 0
    for _name, data in real(folder):
        for resource in resources_in(text.read(data)):
            kind = BY_TYPE.get(resource["resourceType"])
            if kind is None or validation.faults(resource):
                continue
            draft = kind.draft_of(resource)
            main, *_others = some = list(kind.resources_of(view_of(kind, draft)))
            assert [validation.faults(one) for one in some] == [[]] * len(some)
            again = kind.draft_of(text.read(text.write(main)))
            assert again.model_dump(exclude=SORTED) == draft.model_dump(exclude=SORTED)
            seen += 1
    assert seen > 10


WORDS = st.text(
    st.characters(min_codepoint=33, max_codepoint=0x0BFF, exclude_categories=("Cs", "Cc", "Z")),
    min_size=1,
    max_size=30,
)
WHEN = st.sampled_from(
    ["2019", "2019-05", "2019-05-31", "2019-05-31T08:00:00+05:30", "2020-02-29T23:59:59.5Z"]
)
CODES = st.lists(
    st.builds(Coding, system=st.just("http://loinc.org"), code=st.just("4548-4")), max_size=2
).map(tuple)
DRAFTS = [
    (schemas.ConditionDraft, {"onset", "diagnosed_by"}),
    (schemas.AllergyDraft, {"onset", "last_occurred"}),
    (schemas.ImmunisationDraft, {"given", "dose", "lot", "site", "performer", "place"}),
    (schemas.ProcedureDraft, {"performed", "performer", "place", "reason", "outcome"}),
    (schemas.ResultDraft, {"effective", "category", "performer", "conclusion"}),
    (schemas.EncounterDraft, {"started", "place", "reason"}),
]
DATED = {"onset", "last_occurred", "given", "performed", "effective", "started"}


@pytest.mark.parametrize(("draft", "optional"), DRAFTS, ids=lambda one: getattr(one, "__name__", ""))
@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_whatever_a_person_writes_is_valid_fhir_and_comes_back(draft, optional, data):
    fields = {"name": data.draw(WORDS), "codes": data.draw(CODES)}
    for name in sorted(optional):
        if (value := data.draw(st.none() | (WHEN if name in DATED else WORDS))) is not None:
            fields[name] = value
    for name in ("status", "severity", "setting", "kind", "criticality"):
        field = draft.model_fields.get(name)
        if field and (words := _members(field.annotation)):
            fields[name] = data.draw(st.sampled_from(words))
    written = draft(**fields)
    kind = next(one for one in KINDS if one.LIST.draft is draft)
    for one in fhir.to_fhir(kind.LIST.name, view_of(kind, written)):
        assert validation.faults(one) == []
        if one["resourceType"] == kind.TYPE:
            again = fhir.from_fhir(text.read(text.write(one)))
            kept = set(fields) - (
                {"status"} if kind.TYPE == "Encounter" else set()
            )  # FHIR has no visit that was stopped
            assert again.model_dump(include=kept) == written.model_dump(include=kept)


def _members(annotation) -> list:
    from enum import StrEnum
    from typing import get_args

    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return list(annotation)
    inside = get_args(annotation)
    if inside and all(isinstance(one, StrEnum) for one in inside):
        return list(inside)
    return next((found for one in inside if one is not type(None) and (found := _members(one))), [])


def test_medicines_named_with_a_condition_leave_as_statements():
    kind = BY_TYPE["Condition"]
    draft = schemas.ConditionDraft(
        name="Angina",
        medications=(
            schemas.ConditionMedication(
                name="Aspirin",
                dosage="75 mg",
                frequency="daily",
                start_date=datetime(2020, 1, 2, tzinfo=UTC).date(),
            ),
            schemas.ConditionMedication(name="Nitroglycerin", is_active=False),
        ),
    )
    _condition, aspirin, nitro = kind.resources_of(view_of(kind, draft))
    assert (aspirin["medicationCodeableConcept"]["text"], aspirin["dosage"][0]["text"]) == (
        "Aspirin",
        "75 mg, daily",
    )
    assert aspirin["effectiveDateTime"] == "2020-01-02"
    assert (nitro["status"], nitro["reasonReference"]) == ("completed", [{"reference": f"Condition/{ID}"}])
    assert validation.faults(aspirin) == validation.faults(nitro) == []


def test_what_was_entered_in_error_keeps_its_place_and_says_so():
    kind = BY_TYPE["AllergyIntolerance"]
    draft = schemas.AllergyDraft(name="Penicillin", verification=Verification.MISTAKE)
    [one] = kind.resources_of(view_of(kind, draft))
    assert "clinicalStatus" not in one
    assert validation.faults(one) == []
    assert kind.draft_of(one).verification == "entered-in-error"
