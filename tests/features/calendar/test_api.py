"""The calendar over REST: lists, occurrences, files, secret addresses; and who sees what."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
import time_machine
from fastapi import FastAPI
from sqlalchemy import text as sql

from ojas.features.calendar.schemas import APPOINTMENT, EVENT
from ojas.features.sharing import service as sharing
from ojas.features.sharing.schemas import CareTeamMemberDraft
from ojas.kit.db import Access, Database
from ojas.kit.http import limits
from tests.features.sharing.cast import Somebody, shared, signed_in, somebody

SPAN = {"from": "2030-03-01T00:00:00+05:30", "to": "2030-03-08T00:00:00+05:30"}


async def reader(app: FastAPI, who: Somebody, whose: Somebody | None = None) -> httpx.AsyncClient:
    opened = await signed_in(app, who)
    opened.base_url = httpx.URL(f"http://localhost/api/v1/people/{(whose or who).person_id}/")
    return opened


@pytest.fixture
async def client(app: FastAPI, asha: Somebody) -> AsyncIterator[httpx.AsyncClient]:
    async with await reader(app, asha) as opened:
        yield opened


async def made(client: httpx.AsyncClient, example: dict[str, Any], **more: Any) -> dict[str, Any]:
    answer = await client.post("events", json=example | more)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_what_is_planned_comes_to_its_times(client: httpx.AsyncClient) -> None:
    walk = await made(client, EVENT)
    visit = await made(client, APPOINTMENT)
    found = (await client.get("occurrences", params=SPAN)).json()
    assert [(one["title"], one["start"]) for one in found] == [
        ("Walk in the park", "2030-03-01T07:00:00"),
        ("Walk in the park", "2030-03-04T07:00:00"),
        ("Check-up after surgery", "2030-03-04T10:30:00"),
        ("Walk in the park", "2030-03-06T07:00:00"),
    ]
    one = (await client.get(f"events/{visit['id']}/occurrences/2030-03-04T10:30:00")).json()
    assert one["care"]["cost"] == "1200.00"
    assert one["begins"] == "2030-03-04T05:00:00Z"
    only = (await client.get("occurrences", params=SPAN | {"appointments": "true"})).json()
    assert [each["title"] for each in only] == ["Check-up after surgery"]
    upcoming = (await client.get("appointments")).json()
    assert upcoming["count"] == 0  # a year ahead, and not three
    assert walk["version"] == 1


async def member(who: Somebody, name: str) -> str:
    async with who.transaction() as tx:
        draft = CareTeamMemberDraft.model_validate({"name": name, "role": "doctor"}, strict=False)
        return str((await sharing.CARE_TEAM.create(tx, who.person_id, draft)).id)


async def test_an_appointment_is_with_somebody_of_ones_own_care_team(
    client: httpx.AsyncClient, database: Database, asha: Somebody
) -> None:
    mine, theirs = await member(asha, "Dr Rao"), await member(await somebody(database, "Ravi"), "Dr Sen")
    own = {"start": "2027-03-04T10:30:00", "care": {"provider": "Dr Rao", "member_id": mine}}
    strange = {"care": {"provider": "Dr Rao", "member_id": theirs}}
    event = await made(client, APPOINTMENT, **own)
    times = {"reach": "this", "title": "Check-up", "start": "2027-03-04T10:30:00"}
    answers = [
        await client.post("events", json=APPOINTMENT | strange),
        await client.put(f"events/{event['id']}", json=APPOINTMENT | own | strange),
        await client.put(f"events/{event['id']}/occurrences/2027-03-04T10:30:00", json=times | strange),
        await client.post("event-templates", json={"name": "Dr Sen", "title": "Check-up"} | strange),
    ]
    for answer in answers:
        assert answer.status_code == 422, answer.text
        assert [one["field"] for one in answer.json()["errors"]] == ["care.member_id"]
    page = (await client.get(f"http://localhost/p/{asha.person_id}/care-team")).text
    assert "Next on 4 Mar 2027, 10:30" in page
    async with asha.transaction() as tx:  # who leaves the team stays where they were
        await sharing.CARE_TEAM.delete(tx, asha.person_id, UUID(mine))
    answer = await client.put(f"events/{event['id']}", json=APPOINTMENT | own | {"title": "Other"})
    assert answer.status_code == 200, answer.text


async def test_a_change_of_one_occurrence_builds_on_a_version(client: httpx.AsyncClient) -> None:
    walk = await made(client, EVENT)
    here = f"events/{walk['id']}/occurrences/2030-03-04T07:00:00"
    body = {"reach": "this", "title": "Long walk", "start": "2030-03-04T08:00:00", "category": "exercise"}
    assert (await client.put(here, json=body, headers={"if-match": '"9"'})).status_code == 412
    answer = await client.put(here, json=body, headers={"if-match": '"1"'})
    assert answer.status_code == 200, answer.text
    assert answer.headers["etag"] == '"2"'
    assert answer.json()["changes"][0]["title"] == "Long walk"
    done = await client.post(f"{here}/status", json={"status": "completed"})
    assert (done.json()["status"], done.json()["title"]) == ("completed", "Long walk")
    assert (await client.delete(here, params={"reach": "following"})).status_code == 204
    found = (await client.get("occurrences", params=SPAN)).json()
    assert [one["start"] for one in found] == ["2030-03-01T07:00:00"]
    assert (await client.get(here)).status_code == 404


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"rule": "FREQ=SECONDLY"}, "rule.FREQ"),
        ({"rule": "hourly"}, "rule"),
        ({"care": {"provider": "Dr Rao", "cost": "5.00"}}, "care.currency"),
        ({"duration": "-PT30M"}, "duration"),
        ({"zone": "Mars/Olympus"}, "zone"),
        ({"changes": [{"original": "2030-03-02"}]}, "start"),
        ({"calendar_id": "01a3fed0-e500-7e79-b52c-1be81955fb05"}, "calendar_id"),
        ({"colour": "blue"}, "colour"),
    ],
)
async def test_what_cannot_be_is_refused_by_its_field(
    client: httpx.AsyncClient, more: dict[str, Any], field: str
) -> None:
    answer = await client.post("events", json=EVENT | more)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["field"] == field


async def test_a_view_is_bounded(client: httpx.AsyncClient) -> None:
    await made(client, EVENT, rule="FREQ=HOURLY", title="Sip")
    answer = await client.get("occurrences", params={"from": SPAN["from"], "to": "2030-12-31T00:00:00Z"})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "to"
    answer = await client.get("occurrences", params={"from": SPAN["from"], "to": "2032-12-31T00:00:00Z"})
    assert answer.json()["errors"][0]["field"] == "to"
    answer = await client.get("occurrences", params={"from": SPAN["to"], "to": SPAN["from"]})
    assert answer.json()["errors"][0]["field"] == "to"


async def test_each_level_of_privacy_is_seen_by_whom_it_says(
    app: FastAPI, database: Database, asha: Somebody, client: httpx.AsyncClient
) -> None:
    friend, doctor, stranger = [await somebody(database, name) for name in ("Friend", "Doctor", "Stranger")]
    await shared(asha, friend, "calendar", may_write=True)
    await shared(asha, doctor, "calendar", "record")
    events = {
        level: await made(client, EVENT, title=level, privacy=level)
        for level in ("shared", "clinical", "private")
    }
    for who, wanted in ((friend, ["shared"]), (doctor, ["clinical", "shared"])):
        async with await reader(app, who, asha) as other:
            found = (await other.get("occurrences", params=SPAN)).json()
            assert sorted({one["title"] for one in found}) == wanted
            assert sorted(one["title"] for one in (await other.get("events")).json()["items"]) == wanted
            hidden = events["private"]["id"]
            assert (await other.get(f"events/{hidden}")).status_code == 404
            assert (await other.get(f"events/{hidden}/history")).status_code == 404
            assert "private" not in (await other.get("events.ics")).text.lower()
            assert (await other.get("calendar-links")).status_code == 403
            answer = await other.post("events", json=EVENT | {"privacy": "private"})
            assert answer.status_code == (422 if who is friend else 403)
    async with await reader(app, stranger, asha) as other:
        assert (await other.get("occurrences", params=SPAN)).status_code == 404
    # What becomes private later is hidden with its past, and nobody else brings it back.
    once = events["shared"]["id"]
    assert (await client.put(f"events/{once}", json=EVENT | {"privacy": "private"})).status_code == 200
    assert (await client.delete(f"events/{once}")).status_code == 204
    async with await reader(app, friend, asha) as other:
        assert (await other.post(f"events/{once}/restore")).status_code == 404
        assert (await other.get(f"events/{once}/history")).json() == []
    assert (await client.post(f"events/{once}/restore")).status_code == 200


async def test_a_calendar_file_is_brought_in_once_and_each_refusal_has_its_reason(
    client: httpx.AsyncClient,
) -> None:
    file = "\r\n".join(
        [
            "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:x",
            "BEGIN:VEVENT", "UID:good", "DTSTART;TZID=Asia/Kolkata:20260301T090000", "DURATION:PT30M",
            "RRULE:FREQ=DAILY;COUNT=3", "SUMMARY:Tea", "END:VEVENT",
            "BEGIN:VEVENT", "UID:good", "RECURRENCE-ID;TZID=Asia/Kolkata:20260302T090000",
            "DTSTART;TZID=Asia/Kolkata:20260302T100000", "DURATION:PT30M", "SUMMARY:Coffee", "END:VEVENT",
            "BEGIN:VEVENT", "UID:bad", "DTSTART:20260301T090000Z", "RRULE:FREQ=SECONDLY", "END:VEVENT",
            "BEGIN:VEVENT", "UID:worse", "DTSTART:20260301T090000Z", "DTEND:20260301T080000Z",
            "SUMMARY:Backwards", "END:VEVENT",
            "BEGIN:VEVENT", "UID:worst", "DTSTART:18000302T090000Z", "SUMMARY:Long ago", "END:VEVENT",
            "BEGIN:VEVENT", "UID:odd", "DTSTART:20260301T090000Z", "RRULE:FREQ=DAILY;COUNT=99999", "END:VEVENT",
            "END:VCALENDAR", "",
        ]
    )  # fmt: skip
    headers = {"content-type": "text/calendar"}
    first = (await client.post("events/import", content=file, headers=headers)).json()
    assert (first["added"], first["changed"], first["same"]) == (1, 0, 0)
    assert {(one["title"], one["day"], one["field"]) for one in first["refused"]} == {
        ("Without a title", "2026-03-01", "FREQ"),
        ("Backwards", "2026-03-01", "duration"),
        ("Long ago", "1800-03-02", "start"),
        ("Without a title", "2026-03-01", "COUNT"),
    }
    assert "It may come 1 to 10000 times." in [one["message"] for one in first["refused"]]
    again = (await client.post("events/import", content=file, headers=headers)).json()
    assert (again["added"], again["changed"], again["same"]) == (0, 0, 1)
    moved = file.replace("SUMMARY:Tea", "SUMMARY:Green tea")
    assert (await client.post("events/import", content=moved, headers=headers)).json()["changed"] == 1
    span = {"from": "2026-03-01T00:00:00Z", "to": "2026-03-09T00:00:00Z"}
    found = (await client.get("occurrences", params=span)).json()
    assert [(one["title"], one["start"][11:16]) for one in found] == [
        ("Green tea", "09:00"), ("Coffee", "10:00"), ("Green tea", "09:00"),
    ]  # fmt: skip
    out = await client.get("events.ics")
    assert out.headers["content-type"].startswith("text/calendar")
    back = (await client.post("events/import", content=out.content, headers=headers)).json()
    assert (back["added"], back["changed"], back["same"], back["refused"]) == (0, 0, 1, [])


async def test_our_own_events_come_back_as_themselves(client: httpx.AsyncClient) -> None:
    await made(client, APPOINTMENT)
    await made(client, EVENT)
    file = (await client.get("events.ics")).content
    headers = {"content-type": "text/calendar"}
    assert (await client.post("events/import", content=file, headers=headers)).json()["same"] == 2
    assert b"TRIGGER:-P1D" in file
    later = file.replace(b"TRIGGER:-P1D", b"TRIGGER:-P2D")
    assert (await client.post("events/import", content=later, headers=headers)).json()["changed"] == 1
    found = [one["reminders"] for one in (await client.get("events")).json()["items"]]
    assert sorted(found) == [[], [2880, 60]]


@pytest.mark.parametrize(
    ("file", "status"),
    [
        (b"", 422),
        (b"hello", 422),
        (b"BEGIN:VCALENDAR\r\n" + b"BEGIN:VEVENT\r\n" * 9_000, 422),
        (b"BEGIN:VCALENDAR\r\n" + b"X:1\r\n" * 70_000, 422),
        (b"x" * 10_000_000, 413),
    ],
    ids=["empty", "none", "deep", "long", "large"],
)
async def test_a_file_that_is_no_calendar_is_refused(
    client: httpx.AsyncClient, file: bytes, status: int
) -> None:
    answer = await client.post("events/import", content=file, headers={"content-type": "text/calendar"})
    assert answer.status_code == status, answer.text[:500]
    assert answer.headers["content-type"].startswith("application/problem+json")


async def test_another_calendar_reads_this_one_by_a_secret_address(
    app: FastAPI, asha: Somebody, client: httpx.AsyncClient, traveller: time_machine.Traveller
) -> None:
    await made(client, APPOINTMENT, start="2027-03-04T10:30:00")
    await made(client, EVENT, start="2027-03-01T07:00:00", privacy="private", title="Therapy")
    await made(client, EVENT, start="2026-01-01T07:00:00", rule=None, title="Long ago")
    full = (await client.post("calendar-links", json={"name": "Phone", "detail": "full"})).json()
    busy = (await client.post("calendar-links", json={"name": "Work", "detail": "busy"})).json()
    async with await signed_in(app, None) as stranger:
        read = await stranger.get(full["path"])
        assert read.status_code == 200
        assert {"Check-up after surgery", "Therapy"} <= set(read.text.replace("SUMMARY:", "").split("\r\n"))
        assert "Long ago" not in read.text
        again = await stranger.get(full["path"], headers={"if-none-match": read.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        hidden = (await stranger.get(busy["path"])).text
        assert "SUMMARY:Busy" in hidden
        for word in ("Check-up", "Therapy", "City Hospital", "medicines", "CONFIRMED", "exercise"):
            assert word not in hidden
        assert (await stranger.get("/calendar/nothing.ics")).status_code == 404
        listed = (await client.get("calendar-links")).json()
        assert all(one["read_at"] and one["path"] is None for one in listed)
        async with asha.transaction() as tx:
            query = sql(
                "SELECT count(*) FROM audit_events WHERE action = 'export' AND 'calendar-links' = ANY(subjects)"
            )
            assert await tx.session.scalar(query) == 3
            digests = await tx.session.execute(sql("SELECT digest FROM calendar_links"))
            assert all(full["path"].encode() not in bytes(digest) for (digest,) in digests)
        assert (await client.delete(f"calendar-links/{full['id']}")).status_code == 204
        assert (await stranger.get(full["path"])).status_code == 404
        async with asha.transaction() as tx:
            for _ in range(59):
                await limits.count(tx, f"calendar.feed:{busy['id']}", allowed=60, within=timedelta(hours=1))
        assert (await stranger.get(busy["path"])).status_code == 429


async def test_an_address_may_tell_of_some_calendars_only(app: FastAPI, client: httpx.AsyncClient) -> None:
    home = (await client.post("calendars", json={"name": "Home"})).json()
    work = (await client.post("calendars", json={"name": "Work"})).json()
    await made(client, EVENT, start="2027-03-01T07:00:00", title="Meeting", calendar_id=work["id"])
    await made(client, EVENT, start="2027-03-01T07:00:00", title="Garden")
    link = {"name": "Phone", "detail": "full", "calendars": [home["id"]]}
    path = (await client.post("calendar-links", json=link)).json()["path"]
    async with await signed_in(app, None) as stranger:
        assert "Meeting" not in (await stranger.get(path)).text
        # Its calendar deleted, an event is in the default one.
        assert (await client.delete(f"calendars/{work['id']}")).status_code == 204
        assert "Meeting" in (await stranger.get(path)).text


async def test_templates_of_ones_own_and_those_that_are_brought(client: httpx.AsyncClient) -> None:
    found = (await client.get("system-templates", params={"lang": "en"})).json()
    assert {"check-up", "walk"} <= {one["key"] for one in found}
    answer = await client.post("event-templates", json={"name": "Yoga", "title": "Yoga", "duration": "PT1H"})
    assert answer.status_code == 201, answer.text


async def test_doses_and_workouts_appear_by_asking(client: httpx.AsyncClient) -> None:
    from ojas.features.medications.schemas import EXAMPLE

    assert (await client.post("medicines", json=EXAMPLE)).status_code == 201
    span = {"from": "2027-03-02T00:00:00+05:30", "to": "2027-03-03T00:00:00+05:30"}
    found = (await client.get("occurrences", params=span)).json()
    assert [(one["source"], one["title"], one["start"][11:16]) for one in found] == [
        ("medications", "Metoprolol", "08:00"), ("medications", "Metoprolol", "20:00"),
    ]  # fmt: skip
    night = {"kind": "sleep", "started_at": "2026-11-02T18:00:00Z", "ended_at": "2026-11-02T23:00:00Z"}
    walk = {
        "kind": "workout",
        "activity": "walking",
        "started_at": "2026-11-02T18:15:00Z",
        "ended_at": "2026-11-02T19:00:00Z",
    }
    assert [(await client.post("sessions", json=one)).status_code for one in (night, walk)] == [201, 201]
    went = {"from": "2026-11-03T00:00:00+05:30", "to": "2026-11-04T00:00:00+05:30"}
    (one,) = (await client.get("occurrences", params=went)).json()  # it began before midnight in India
    assert (one["source"], one["title"], one["text"]) == ("signals", "Walking", "45 minutes")
    assert (await client.get("occurrences", params=span | {"others": "false"})).json() == []


async def test_a_workout_that_cannot_be_read_costs_no_more_than_itself(
    client: httpx.AsyncClient, database: Database, asha: Somebody
) -> None:
    walk = {
        "kind": "workout",
        "activity": "walking",
        "started_at": "2026-11-02T08:00:00Z",
        "ended_at": "2026-11-02T09:00:00Z",
    }
    spoilt = (await client.post("sessions", json=walk)).json()["id"]
    run = walk | {"activity": "running", "started_at": "2026-11-02T08:30:00Z"}
    assert (await client.post("sessions", json=run)).status_code == 201
    async with database.transaction(Access.of(asha.person_id)) as tx:
        await tx.session.execute(
            sql("UPDATE signal_sessions SET sealed = 'no seal' WHERE person_id = :p AND id = :id"),
            {"p": asha.person_id, "id": spoilt},
        )
    went = {"from": "2026-11-02T00:00:00+05:30", "to": "2026-11-03T00:00:00+05:30"}
    (one,) = (await client.get("occurrences", params=went)).json()
    assert one["title"] == "Running"
