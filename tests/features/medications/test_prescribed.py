"""What a prescription says, element by element: R4's MedicationRequest and MedicationStatement, as others write them."""

from datetime import date, time, timedelta
from typing import Any
from uuid import UUID

import pytest

from ojas.features.medications.rules.patterns import Slot, Weekly
from ojas.features.medications.rules.prescription import (
    NEVER,
    TYPES,
    Course,
    Courses,
    Prescription,
    drug,
    goes_on,
    medication_of,
    read,
)
from ojas.features.medications.rules.schedule import Schedule
from ojas.features.medications.rules.words import Status

TODAY = date(2027, 3, 1)
ID = UUID("01a229b6-a3d0-7f3b-88a4-438edcbdd106")


def said(medication: dict[str, Any] | None = None, **elements: Any) -> Prescription:
    """What is read of a resource with just these elements, and a name."""
    found = read({"medicationCodeableConcept": {"text": "Brufen"}} | elements, medication, TODAY)
    assert found is not None
    return found


def named(text: str) -> Prescription:
    return said(medicationCodeableConcept={"text": text})


# R4, value sets medicationrequest-status and medication-statement-status.
@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("active", Status.ACTIVE),
        ("intended", Status.ACTIVE),
        ("draft", Status.ACTIVE),
        ("on-hold", Status.PAUSED),
        ("stopped", Status.DISCONTINUED),
        ("cancelled", Status.DISCONTINUED),
        ("not-taken", Status.DISCONTINUED),
        ("completed", Status.COMPLETED),
        ("something new", Status.ACTIVE),
    ],
)
def test_every_status_of_r4_has_one_of_ours(code: str, status: Status) -> None:
    assert said(status=code).status is status


def test_a_mistake_and_what_nobody_knows_is_no_medicine() -> None:
    assert {"entered-in-error", "unknown"} == NEVER
    assert set(TYPES) == {"MedicationRequest", "MedicationStatement"}
    off = {"doNotPerform": True, "medicationCodeableConcept": {"text": "Brufen"}}
    assert read(off, None, TODAY) is None
    for status in NEVER:
        assert read({"status": status, "medicationCodeableConcept": {"text": "Brufen"}}, None, TODAY) is None
    assert read({}, None, TODAY) is None


@pytest.mark.parametrize(
    ("text", "ingredients", "strength"),
    [
        ("Amoxicillin 250 MG / Clavulanate 125 MG Oral Tablet", ("Amoxicillin", "Clavulanate"), "250 MG / 125 MG"),
        ("24 HR Metformin hydrochloride 500 MG Extended Release Oral Tablet", ("Metformin hydrochloride",), "500 MG"),
        ("Salbutamol 0.1 MG/ACTUAT Inhaler", ("Salbutamol",), "0.1 MG/ACTUAT"),
        ("insulin glargine 100 UNT/ML Injection", ("insulin glargine",), "100 UNT/ML"),
        ("Levothyroxine 50  mcg tablet", ("Levothyroxine",), "50 mcg"),
        ("Potassium chloride 20 MEQ tablet", ("Potassium chloride",), "20 MEQ"),
        ("Timolol 0.5 % eye drops", ("Timolol",), "0.5 %"),
        ("Aspirin - 75 MG tablet", ("Aspirin",), "75 MG"),
        ("Brufen", (), None),
    ],
)  # fmt: skip
def test_ingredients_and_strengths_stand_in_a_name_as_rxnorm_writes_it(
    text: str, ingredients: tuple[str, ...], strength: str | None
) -> None:
    found = named(text)
    assert (found.name, found.ingredients, found.strength) == (" ".join(text.split()), ingredients, strength)


def test_a_name_with_nothing_but_its_strength_behind_it_is_kept_without() -> None:
    found = named("Metoprolol  50 mg")
    assert (found.name, found.ingredients, found.strength) == ("Metoprolol", ("Metoprolol",), "50 mg")


def test_what_a_medication_lists_goes_before_what_its_name_says() -> None:
    listed = {
        "code": {"text": "Other 5 MG"},
        "ingredient": [{"itemCodeableConcept": {"coding": [{"display": "ibuprofen"}]}}, {}],
    }
    found = said(listed, medicationCodeableConcept={"text": "Aspirin 75 MG"})
    assert (found.name, found.ingredients, found.strength) == ("Aspirin", ("ibuprofen",), "75 MG")
    without = read({"medicationReference": {"display": "Shown"}}, listed, TODAY)
    assert without is not None
    assert without.name == "Other", "its own name goes before what the reference shows"


def test_of_what_it_holds_itself_the_one_it_refers_to_is_meant() -> None:
    held = [{"id": "a", "code": {"text": "Not this"}}, {"id": "b", "code": {"text": "This"}}]
    found = read({"contained": held, "medicationReference": {"reference": "#b"}}, None, TODAY)
    assert found is not None
    assert found.name == "This"
    assert read({"contained": held, "medicationReference": {"reference": "#c"}}, None, TODAY) is None


def test_a_medication_is_found_by_its_id_alone_however_it_is_referred_to() -> None:
    for text in (f"Medication/{ID}", f"urn:uuid:{ID}", f"https://example.org/fhir/Medication/{ID}"):
        assert medication_of({"medicationReference": {"reference": text}}) == ID
    assert medication_of({"medicationReference": {"reference": f"#{ID}"}}) is None
    assert medication_of({"medicationReference": {"reference": "Medication/7"}}) is None


@pytest.mark.parametrize(
    ("elements", "start"),
    [
        ({"effectivePeriod": {"start": "2027-01-05"}, "authoredOn": "2026-12-01"}, date(2027, 1, 5)),
        ({"effectiveDateTime": "2027-01-06T08:00:00Z", "dateAsserted": "2026-12-01"}, date(2027, 1, 6)),
        ({"authoredOn": "2026-12-01", "dateAsserted": "2026-12-02"}, date(2026, 12, 1)),
        ({"dateAsserted": "2026-12-02"}, date(2026, 12, 2)),
        ({"authoredOn": "soon", "dateAsserted": "2026-12-02"}, date(2026, 12, 2)),
        ({"authoredOn": ""}, TODAY),
        ({}, TODAY),
    ],
)
def test_it_begins_when_it_says_else_when_it_was_written_else_today(
    elements: dict[str, Any], start: date
) -> None:
    once = {"timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}}}
    for where in ("dosageInstruction", "dosage"):
        found = said(**{where: [once]}, **elements)
        assert found.schedule is not None
        assert found.schedule.start == start


def test_how_it_is_taken_is_told_in_the_words_of_who_wrote_it_each_once() -> None:
    told = [
        {"text": " One at night ", "patientInstruction": "With water"},
        {"text": "One at night"},
        {"text": "  "},
        {"patientInstruction": "With water"},
    ]
    for where in ("dosageInstruction", "dosage"):
        assert said(**{where: told}).instructions == "One at night\nWith water"
        assert len(said(**{where: [{"text": "a" * 5000}]}).instructions or "") == 4000
    assert said().instructions is None


def test_who_prescribed_it_why_and_under_which_number() -> None:
    found = said(
        requester={"display": " Dr.  Rao "},
        reasonCode=[{}, {"coding": [{}, {"display": "Fever"}], "text": " "}],
        identifier=[{"system": "x"}, {"value": "Rx 7"}],
        dispenseRequest={"numberOfRepeatsAllowed": 2},
        reasonReference=[
            {"reference": f"Observation/{UUID(int=7)}"},
            {"reference": "Condition/none of ours"},
            {"reference": f"Condition/{ID}"},
        ],
    )
    assert (found.prescriber, found.purpose, found.number, found.refills) == ("Dr. Rao", "Fever", "Rx 7", 2)
    assert found.condition_id == ID
    assert said(informationSource={"display": "Asha"}).prescriber == "Asha"
    assert (
        said(requester={"display": "Dr. Rao"}, informationSource={"display": "Asha"}).prescriber == "Dr. Rao"
    )
    nothing = said()
    assert (nothing.prescriber, nothing.purpose, nothing.number, nothing.refills) == (None,) * 4
    assert nothing.condition_id is None


def test_a_name_is_one_line_of_at_most_three_hundred_letters_and_the_text_goes_before_the_codes() -> None:
    assert named("  Two \n words ").name == "Two words"
    assert len(named("a" * 999).name) == 300
    both = {"text": "Crocin", "coding": [{"display": "Paracetamol"}]}
    assert said(medicationCodeableConcept=both).name == "Crocin"
    assert said(medicationCodeableConcept=both | {"text": 7}).name == "Paracetamol"
    odd = read({"medicationCodeableConcept": "Crocin", "medicationReference": {"display": "x"}}, None, TODAY)
    assert odd is not None
    assert odd.name == "x", "what is no concept says nothing"


def test_what_nobody_foresaw_costs_the_times_alone() -> None:
    daily = {"timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d", "count": 10}}}
    found = said(dosageInstruction=[daily], authoredOn="9999-12-31")
    assert (found.name, found.schedule, found.why, found.assumed) == ("Brufen", None, "dosage", frozenset())


def test_a_package_has_one_name_whether_or_not_it_says_its_strength_apart() -> None:
    assert drug("Metoprolol 50 mg", None) == drug("Metoprolol", "50 MG") == drug("metoprolol 50 mg", "50 mg")
    assert drug("Metoprolol", "50 mg") != drug("Metoprolol", "100 mg")


def test_what_is_taken_the_same_way_is_the_same_course_and_where_no_times_are_known_the_words_tell() -> None:
    daily = [{"text": "One a day", "timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}}}]
    later = said(dosageInstruction=daily, authoredOn="2027-02-01")
    assert later.course == said(dosageInstruction=[daily[0] | {"text": "Once"}]).course
    assert later.course != said(dosageInstruction=[{"text": "One a day"}]).course
    assert said(dosageInstruction=[{"text": "As told"}]).course.told == "As told"


def test_a_refill_of_what_goes_on_is_known_and_what_begins_anew_after_its_end_is_not() -> None:
    course = Course(("brufen",), "One a day")
    going, over = Courses(), Courses()
    going.add(course, going=True)
    over.add(course, going=False)
    known = [(known.has(course, going=now)) for known in (going, over, Courses()) for now in (True, False)]
    assert known == [True, True, False, True, False, False]


@pytest.mark.parametrize(
    ("status", "end", "going"),
    [
        (Status.ACTIVE, None, True),
        (Status.PAUSED, None, True),
        (Status.ACTIVE, TODAY, True),
        (Status.ACTIVE, TODAY - timedelta(1), False),
        (Status.DISCONTINUED, None, False),
        (Status.COMPLETED, None, False),
        (Status.COMPLETED, TODAY, False),
    ],
)
def test_a_medicine_goes_on_until_after_its_last_day(status: Status, end: date | None, going: bool) -> None:
    schedule = Schedule(Weekly((Slot(time(8)),)), date(2027, 1, 1), end)
    assert goes_on(status, schedule, TODAY) is going
    if end is None:
        assert goes_on(status, None, TODAY) is going
