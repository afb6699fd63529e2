"""What an Appointment of R4 says, in all the ways that clinics write it."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from ojas.features.calendar.rules.appointment import EVENT, UID, Told, actors, read
from ojas.features.calendar.rules.terms import CareType, Status, Visit

ME = UUID("01a229c2-1e53-7ee1-a166-3069c778c86b")
NINE = datetime(2027, 3, 3, 9, tzinfo=UTC)


def come(*others: dict[str, Any], me: str = "needs-action") -> list[dict[str, Any]]:
    return [{"actor": {"reference": f"Patient/{ME}"}, "status": me}, *({"actor": one} for one in others)]


def told(*others: dict[str, Any], named: dict[str, Any] | None = None, **more: Any) -> Told | None:
    resource = {"resourceType": "Appointment", "status": "booked", "start": "2027-03-03T09:00:00Z"}
    return read(resource | {"participant": come(*others)} | more, named or {}, ME)


def said(*others: dict[str, Any], **more: Any) -> Told:
    found = told(*others, **more)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("more", "minutes"),
    [
        ({}, 30),
        ({"end": "2027-03-03T09:45:00Z"}, 45),
        ({"end": "2027-03-03T15:15:00+05:30"}, 45),
        ({"minutesDuration": 20}, 20),
        ({"end": "2027-03-03T10:00:00Z", "minutesDuration": 20}, 60),
        ({"end": "2027-03-03T09:00:00Z"}, 30),
        ({"end": "2027-03-03T08:00:00Z"}, 30),
        ({"end": "2027-04-03T09:00:00Z"}, 31 * 1440),
        ({"end": "2027-04-03T09:00:01Z"}, 30),
    ],
)
def test_it_lasts_as_long_as_it_says_or_half_an_hour(more: dict[str, Any], minutes: int) -> None:
    found = said(**more)
    assert (found.begins, found.ends - found.begins) == (NINE, timedelta(minutes=minutes))


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"status": "fulfilled"}, Status.COMPLETED),
        ({"status": "cancelled"}, Status.CANCELLED),
        ({"status": "noshow"}, Status.NO_SHOW),
        ({"participant": come(me="accepted")}, Status.CONFIRMED),
        ({"participant": [{"actor": {"display": "Dr Rao"}, "status": "accepted"}]}, Status.PENDING),
        ({}, Status.PENDING),
    ],
)
def test_what_became_of_it(more: dict[str, Any], status: Status) -> None:
    assert said(**more).status is status


@pytest.mark.parametrize(
    "more",
    [
        {"status": "proposed"},
        {"status": "waitlist"},
        {"status": "entered-in-error"},
        {"start": None},
        {"start": "1900-03-03T09:00:00Z"},
        {"start": "2199-03-03T09:00:00Z"},
        {"start": "soon"},
        {"participant": [{"actor": {"reference": "Patient/another"}}]},
    ],
)
def test_what_plans_nothing_for_this_person(more: dict[str, Any]) -> None:
    assert told(**more) is None


def test_of_several_who_come_the_person_is_one() -> None:
    assert told({"reference": "Patient/another", "display": "Ravi"}) is not None
    assert list(actors({"participant": come({"display": "Dr Rao"}, {"reference": "Practitioner/d"})})) == [
        f"Patient/{ME}",
        "Practitioner/d",
    ]


def test_who_gives_care_and_where() -> None:
    named = {
        "Practitioner/a": {"resourceType": "Practitioner", "name": [{"prefix": ["Dr"], "given": ["Vikram"], "family": "Rao"}]},
        "Practitioner/b": {"resourceType": "Practitioner", "name": [{"text": "Dr  Sen", "family": "S"}]},
        "PractitionerRole/c": {"resourceType": "PractitionerRole", "practitioner": {"display": "Ms Kavitha"}},
        "HealthcareService/e": {"resourceType": "HealthcareService", "name": "Heart service"},
        "Location/f": {
            "resourceType": "Location", "name": "Ward 3", "address": {"line": ["12 Lake Road"], "city": "Chennai"},
            "position": {"latitude": 13.04, "longitude": 80.23},
        },
        "Location/g": {
            "resourceType": "Location", "address": {"text": "Far away"}, "position": {"latitude": 91, "longitude": 0},
        },
    }  # fmt: skip
    found = said(
        *({"reference": name} for name in named if name != "Location/g"),
        {"reference": "Location/g", "display": "Annex"},
        {"reference": "#in"},
        {"reference": "RelatedPerson/h", "display": "Asha"},
        {"type": "Device", "display": "Machine"},
        {"reference": "Practitioner/gone"},
        {"reference": "Practitioner/i", "display": "Dr Sen"},
        named=named,
        contained=[{"resourceType": "Practitioner", "id": "in", "name": [{"family": "Iyer"}]}],
    )
    assert found.care["provider"] == "Dr Vikram Rao, Dr Sen, Ms Kavitha, Heart service, Iyer"
    assert found.place == "Ward 3, 12 Lake Road, Chennai, Annex, Far away"
    assert found.coordinates == {"latitude": 13.04, "longitude": 80.23}
    bare = said()
    assert (bare.care["provider"], bare.place, bare.coordinates) == (None, None, None)


def test_what_it_is_about() -> None:
    words = {"serviceType": [{"text": "Cardiology visit"}], "reasonCode": [{"text": "Chest pain"}]}
    assert (said(**words).title, said(**words).text) == ("Cardiology visit", "Chest pain")
    found = said(
        description=" Check-up  now ", comment="Come early", cancelationReason={"text": "Ill"}, **words
    )
    assert (found.title, found.text) == ("Check-up now", "Chest pain\n\nCome early\n\nIll")
    only = said(reasonCode=[{"text": "Chest pain"}])
    assert (only.title, only.text) == ("Chest pain", None)
    assert (said().title, said().text) == (None, None)


@pytest.mark.parametrize(
    ("service", "visit"),
    [
        ("Video visit", Visit.VIRTUAL),
        ("Telehealth", Visit.VIRTUAL),
        ("Telephone call", Visit.PHONE),
        ("Phone", Visit.PHONE),
        ("General medicine", Visit.IN_PERSON),
    ],
)
def test_how_one_meets(service: str, visit: Visit) -> None:
    assert said(serviceType=[{"text": service}]).care["visit"] is visit


@pytest.mark.parametrize(
    ("code", "sort"),
    [
        ("FOLLOWUP", CareType.FOLLOW_UP),
        ("EMERGENCY", CareType.EMERGENCY),
        ("185389009", CareType.FOLLOW_UP),
        ("WALKIN", CareType.CONSULTATION),
    ],
)
def test_of_what_sort_it_is(code: str, sort: CareType) -> None:
    assert said(appointmentType={"coding": [{"code": code}]}).care["type"] is sort


def test_what_ojas_wrote_itself_is_known_again() -> None:
    parts = [
        {"url": "occurrence", "valueString": "2027-03-03T14:30:00"},
        {"url": "event", "valueString": "{}"},
    ]
    found = said(
        specialty=[{"text": "Heart"}, {"coding": [{"display": "Lung"}]}],
        patientInstruction="Bring it",
        identifier=[{"system": UID, "value": "other"}, {"system": UID, "value": f"{ME}@ojas"}],
        extension=[{"url": "other", "valueString": "x"}, {"url": EVENT, "extension": parts}],
    )
    assert (found.own, found.key, found.event) == (ME, "2027-03-03T14:30:00", "{}")
    assert (found.care["specialty"], found.care["preparation"]) == ("Heart, Lung", "Bring it")
    foreign = said(identifier=[{"system": "urn:x", "value": f"{ME}@ojas"}])
    assert (foreign.own, foreign.key, foreign.event) == (None, None, None)
