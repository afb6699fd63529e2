"""A clinic's file brings appointments: they are planned, reminded of, and go again with their import."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from ojas.features.calendar import feature, fhir, service
from ojas.features.calendar.rules.appointment import EVENT, UID, read
from ojas.features.calendar.rules.terms import Privacy, Status
from ojas.features.calendar.schemas import Care, EventDraft, Occurrence
from ojas.features.connections import service as connections
from ojas.features.sharing import service as sharing
from ojas.features.sharing.schemas import CareTeamMemberDraft
from ojas.kit.db import Access, Database
from ojas.kit.fhir.validation import faults
from ojas.kit.objects import Objects
from ojas.kit.settings import Settings
from tests.features.connections.conftest import sent
from tests.features.morning import DAY, at
from tests.features.sharing.cast import Somebody, somebody

from .living import draft, edited, look, marked, messages, planned, seen, told, visit

PATIENT = {"resourceType": "Patient", "id": "p1", "gender": "female"}
DOCTOR = {
    "resourceType": "Practitioner",
    "id": "d1",
    "name": [{"prefix": ["Dr"], "given": ["Vikram"], "family": "Rao"}],
}
WARD = {
    "resourceType": "Location",
    "id": "l1",
    "name": "Heart clinic",
    "address": {"line": ["12 Lake Road"], "city": "Chennai"},
    "position": {"latitude": 13.0418, "longitude": 80.2341},
}


def appointment(id: str = "a1", **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Appointment",
        "id": id,
        "status": "booked",
        "appointmentType": {"coding": [{"system": "http://snomed.info/sct", "code": "185389009"}]},
        "specialty": [{"text": "Cardiology"}],
        "description": "Check-up after surgery",
        "start": "2027-03-03T05:00:00Z",
        "end": "2027-03-03T05:45:00Z",
        "patientInstruction": "Bring the list of medicines.",
        "participant": [
            {"actor": {"reference": "Patient/p1"}, "status": "needs-action"},
            {"actor": {"reference": "Practitioner/d1"}, "status": "accepted"},
            {"actor": {"reference": "Location/l1"}, "status": "accepted"},
        ],
        **more,
    }


class Clinic:
    """Sends files, and has them taken back; each time the worker has done what follows."""

    def __init__(self, database: Database, objects: Objects, folder: Path, who: Somebody) -> None:
        self.database, self.objects, self.folder, self.who = database, objects, folder, who

    async def sends(self, *some: dict[str, Any], raw: bytes = b"") -> UUID:
        file = (
            raw
            or json.dumps(
                {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one} for one in some]}
            ).encode()
        )
        person = self.who.person_id
        id = await sent(self.database, self.objects, person, file, self.folder)
        await connections.run_import(self.database, self.objects, person, id)
        await self.planned()
        return id

    async def takes_back(self, id: UUID) -> None:
        async with self.database.transaction(Access.of(self.who.person_id)) as tx:
            await connections.take_back(tx, self.who.person_id, id)
        await connections.run_taking_back(self.database, self.objects, self.who.person_id, id)
        await self.planned()

    async def planned(self) -> None:
        async with self.database.transaction(Access.of(self.who.person_id)) as tx:
            await service.take_over(tx, self.who.person_id)


@pytest.fixture
def clinic(database: Database, settings: Settings, tmp_path: Path, asha: Somebody) -> Clinic:
    return Clinic(database, Objects.at(None, settings.home), tmp_path, asha)


async def one(who: Somebody) -> Occurrence:
    (found,) = await seen(who)
    return found


async def test_an_appointment_of_a_clinic_is_planned_and_reminded_of(
    database: Database, asha: Somebody, clinic: Clinic, traveller: time_machine.Traveller
) -> None:
    async with asha.transaction() as tx:
        doctor = CareTeamMemberDraft.model_validate({"name": "Dr Vikram Rao", "role": "doctor"}, strict=False)
        member = await sharing.CARE_TEAM.create(tx, asha.person_id, doctor)
    await clinic.sends(PATIENT, DOCTOR, WARD, appointment())
    found = await one(asha)
    assert told([found]) == ["Check-up after surgery 03-03 10:30"]
    assert found.ends - found.begins == timedelta(minutes=45)
    assert found.care is not None
    assert (found.care.provider, found.care.member_id) == ("Dr Vikram Rao", member.id)
    assert found.care.specialty == "Cardiology"
    assert (found.care.type, found.care.preparation) == ("follow_up", "Bring the list of medicines.")
    assert (found.place, found.privacy) == ("Heart clinic, 12 Lake Road, Chennai", Privacy.CLINICAL)
    traveller.move_to(at(9, 30, DAY + timedelta(days=2)))
    await look(database)
    assert [notice.title for notice in await messages(asha)] == ["An appointment is coming"]


async def test_its_import_takes_it_along_and_brings_it_again(asha: Somebody, clinic: Clinic) -> None:
    first = await clinic.sends(PATIENT, DOCTOR, appointment(status="fulfilled"))
    before = await one(asha)
    await clinic.takes_back(first)
    assert await seen(asha) == []
    await clinic.sends(PATIENT, DOCTOR, appointment(status="fulfilled"))
    assert await one(asha) == before
    assert before.status is Status.COMPLETED


async def test_what_another_file_told_too_stays(asha: Somebody, clinic: Clinic) -> None:
    first = await clinic.sends(PATIENT, DOCTOR, appointment())
    await clinic.sends(PATIENT, DOCTOR, appointment(), appointment("a2", start="2027-03-04T05:00:00Z"))
    await clinic.takes_back(first)
    assert [each.start.day for each in await seen(asha)] == [3, 4]


async def test_a_later_file_moves_it_unless_a_hand_did(asha: Somebody, clinic: Clinic) -> None:
    await clinic.sends(PATIENT, DOCTOR, appointment())
    moved = appointment(start="2027-03-05T05:00:00Z", end="2027-03-05T05:45:00Z")
    await clinic.sends(PATIENT, DOCTOR, moved)
    found = await one(asha)
    assert (found.start.day, found.key) == (5, "2027-03-05T10:30:00")
    async with asha.transaction() as tx:
        event = await service.EVENTS.read(tx, asha.person_id, found.event_id)
    await edited(asha, event, found.key, "this", "2027-03-06T10:30:00")
    last = await clinic.sends(PATIENT, DOCTOR, appointment())
    assert (await one(asha)).start.day == 6
    await clinic.takes_back(last)
    assert (await one(asha)).start.day == 6


async def test_what_was_deleted_or_marked_here_stays_so(asha: Somebody, clinic: Clinic) -> None:
    await clinic.sends(PATIENT, DOCTOR, appointment(), appointment("a2", start="2027-03-04T05:00:00Z"))
    gone, kept = await seen(asha)
    async with asha.transaction() as tx:
        await service.EVENTS.delete(tx, asha.person_id, gone.event_id)
        await service.mark(tx, asha.person_id, kept.event_id, kept.key, Status.CONFIRMED)
    last = await clinic.sends(
        PATIENT, DOCTOR, appointment(description="Other"), appointment("a2", description="Other")
    )
    assert [(each.title, each.status) for each in await seen(asha)] == [(kept.title, "confirmed")]
    await clinic.takes_back(last)
    assert len(await seen(asha)) == 1


async def test_what_is_no_appointment_of_theirs_is_not_planned(asha: Somebody, clinic: Clinic) -> None:
    other = [{"actor": {"reference": "Patient/p2"}, "status": "accepted"}]
    timeless = appointment("a3", status="proposed")
    del timeless["start"], timeless["end"]
    await clinic.sends(
        PATIENT,
        DOCTOR,
        appointment("a1", status="proposed"),
        appointment("a2", participant=other),
        timeless,
        appointment("a4", status="entered-in-error"),
        appointment("a5", start="0031-03-03T05:00:00Z"),
    )
    assert await seen(asha, DAY, 31) == []


async def test_a_sparse_one_says_what_it_can(asha: Somebody, clinic: Clinic) -> None:
    bare = {
        "resourceType": "Appointment",
        "id": "b",
        "status": "booked",
        "start": "2027-03-03T10:30:00.5+05:30",
        "minutesDuration": 15,
        "participant": [{"actor": {"reference": "Patient/p1"}, "status": "accepted"}],
    }
    await clinic.sends(PATIENT, bare)
    found = await one(asha)
    assert (found.title, found.care and found.care.provider) == ("Appointment", "Who gives care was not told")
    assert (found.status, found.ends - found.begins) == (Status.CONFIRMED, timedelta(minutes=15))


def written(key: str, id: str) -> dict[str, Any]:
    """One that says it is an occurrence of an event of Ojas."""
    return appointment(
        id,
        status="cancelled",
        identifier=[{"system": UID, "value": f"00000000-0000-4000-8000-{id.zfill(12)}@ojas"}],
        extension=[{"url": EVENT, "extension": [{"url": "occurrence", "valueString": key}]}],
    )


async def test_what_nobody_could_have_written_costs_itself_alone(asha: Somebody, clinic: Clinic) -> None:
    keys = ("garbage", "x" * 60, "2027-03-03", "2027-03-03T10:30:00+05:30", "20270303T103000")
    unnamed = {
        "resourceType": "Practitioner",
        "id": "n",
        "name": [{"given": [None], "_given": [{"id": "g"}]}],
    }
    nobody = [{"actor": {"reference": "#n"}, "status": "accepted"}]
    await clinic.sends(
        PATIENT,
        *(written(key, str(n)) for n, key in enumerate(keys)),
        appointment("last", contained=[unnamed], participant=nobody),
    )
    assert sorted(one.status for one in await seen(asha)) == [*[Status.CANCELLED] * 5, Status.PENDING]
    assert await everything_left(asha)


words = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), min_size=1, max_size=40).filter(
    str.strip
)


@given(
    title=words,
    provider=st.none() | words,
    notes=st.none() | words,
    status=st.sampled_from(Status),
    minutes=st.integers(1, 40_000),
    id=st.uuids(version=4),
)
def test_an_appointment_that_leaves_says_what_it_was(
    title: str, provider: str | None, notes: str | None, status: Status, minutes: int, id: UUID
) -> None:
    event = EventDraft.model_validate(
        {
            "title": title,
            "start": "2027-03-03T10:30",
            "zone": "Asia/Kolkata",
            "text": notes,
            "duration": timedelta(minutes=minutes),
            "care": Care(provider=provider, clinic="North"),
        },
        strict=False,
    )
    begins = at(10, 30, DAY + timedelta(days=2))
    shown = Occurrence(
        event_id=id,
        key="2027-03-03T10:30:00",
        title=title,
        text=notes,
        start=event.start,
        begins=begins,
        ends=begins + event.duration,
        status=status,
        care=event.care,
    )
    leaves = fhir.appointment(id, shown, event)
    assert not faults(leaves)
    found = read(leaves, {}, id)
    assert found is not None
    assert (found.begins, found.ends) == (shown.begins, shown.ends)
    assert (found.status, found.own, found.key) == (status, id, shown.key)
    assert EventDraft.model_validate_json(found.event or "") == event


async def everything_left(who: Somebody) -> bytes:
    async with who.transaction() as tx:
        files = [file async for file in feature.export(tx, who.person_id)]
        return b"".join([part for file in files async for part in file.content])


async def left_as_fhir(who: Somebody) -> bytes:
    async with who.transaction() as tx:
        files = [file async for file in feature.export(tx, who.person_id)]
        (fhir,) = [file for file in files if file.name == "calendar/fhir.ndjson"]
        return b"".join([part async for part in fhir.content])


async def test_what_leaves_as_fhir_comes_to_another_as_it_was(
    asha: Somebody, clinic: Clinic, database: Database
) -> None:
    series = await planned(asha, visit("Physio", rule="FREQ=WEEKLY;COUNT=4", reminders=(30,), place="Ward 3"))
    await planned(
        asha, draft("Day clinic", "2027-03-20", care={"clinic": "North", "cost": "12.50", "currency": "INR"})
    )
    await marked(asha, series, "2027-03-10T10:30:00", Status.CANCELLED)
    await edited(asha, series, "2027-03-17T10:30:00", "this", "2027-03-18T11:00:00", title="Long physio")
    lines = await left_as_fhir(asha)
    for line in lines.splitlines():
        assert not faults(json.loads(line))
    other = await somebody(database, "Meena")
    there = Clinic(database, clinic.objects, clinic.folder, other)
    file = await there.sends(raw=lines.replace(str(asha.person_id).encode(), b"p1"))
    mine, theirs = await seen(asha), await seen(other)
    plain = [each.model_dump(exclude={"calendar_id"}) for each in mine]
    assert [each.model_dump(exclude={"calendar_id"}) for each in theirs] == plain
    assert len(theirs) == 5
    await clinic.sends(raw=lines)
    assert await seen(asha) == mine
    await there.takes_back(file)
    assert await seen(other) == []
