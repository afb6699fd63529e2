"""The pages of the calendar, by a browser without script."""

import json
import re
from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta

import httpx
import pytest
from fastapi import FastAPI

from ojas.features.calendar.schemas import Event
from ojas.kit import clock
from ojas.kit.db import Database
from tests.browsing import token_of
from tests.features.morning import HOME, at
from tests.features.sharing.cast import Somebody, shared, signed_in, somebody

from .living import draft, edited, planned, seen, told, visit

FORM = {
    "kind": "appointment", "title": "Check-up", "provider": "Dr Rao", "day": "2027-03-03", "start": "10:30", "to": "11:00",
    "reminders": ["1440", "60"], "privacy": "clinical", "type": "follow_up", "visit": "in_person", "rhythm": "once",
    "preparation": "Bring the list.", "zone": "Asia/Kolkata",
}  # fmt: skip


@pytest.fixture
async def browser(app: FastAPI, asha: Somebody) -> AsyncIterator[httpx.AsyncClient]:
    async with await signed_in(app, asha) as opened:
        opened.base_url = httpx.URL(f"http://localhost/p/{asha.person_id}/")
        yield opened


def whole(path: str) -> str:
    return f"http://localhost{path}" if path.startswith("/") else path


async def look(browser: httpx.AsyncClient, path: str) -> str:
    answer = await browser.get(whole(path))
    assert answer.status_code == 200, answer.text[-3000:]
    return answer.text


async def sent(browser: httpx.AsyncClient, page: str, to: str, /, **fields: object) -> httpx.Response:
    token = token_of(page)
    return await browser.post(whole(to), data={"form_token": token, **fields})


def undo_of(page: str) -> str:
    found = re.search(
        r'action="([^"]+(?:undo|restore|delete|unmark)[^"]*)"[^>]*>\s*<input[^>]*form_token', page
    )
    assert found, page[:3000]
    return found[1].replace("&amp;", "&")


async def test_an_appointment_is_made_seen_and_confirmed(browser: httpx.AsyncClient, asha: Somebody) -> None:
    assert "Nothing planned yet" in await look(browser, "calendar")
    form = await look(browser, "calendar/new?kind=appointment&on=2027-03-03")
    answer = await sent(browser, form, "calendar/new", **FORM)
    assert answer.status_code == 303, answer.text[-3000:]
    page = await look(browser, answer.headers["location"])
    for words in (
        "Check-up",
        "Dr Rao",
        "Bring the list.",
        "1 day before, 1 hour before",
        "For the care team",
    ):
        assert words in page
    answer = await sent(browser, page, answer.headers["location"] + "/status", status="confirmed")
    assert "Confirmed" in await look(browser, answer.headers["location"])
    for view in ("month", "week", "day", "agenda"):
        assert "Check-up" in await look(browser, f"calendar?view={view}&on=2027-03-03")
    assert "Check-up" not in await look(browser, "calendar?view=day&on=2027-03-04")
    week = await look(browser, "calendar?view=week&on=2027-03-03")
    free = re.search(r'href="([^"]+on=2027-03-03&amp;at=14:00)"', week)
    assert free
    page = await look(browser, free[1].replace("&amp;", "&"))
    assert re.search(r'name="start"[^>]*value="14:00"', page)
    for nonsense in ("view=x&on=2027-99-99", "on=0001-01-01", "view=week&on=9999-12-31"):
        await look(browser, f"calendar?{nonsense}")


async def test_what_is_not_right_is_said_beside_its_field(browser: httpx.AsyncClient) -> None:
    form = await look(browser, "calendar/new?kind=appointment")
    wrong = [
        ({"to": "09:00"}, "f-to"),
        ({"day": "2027-02-01"}, "f-start"),
        ({"provider": ""}, "f-provider"),
        ({"start": ""}, "f-start"),
        ({"latitude": "13"}, "f-longitude"),
        ({"link": "javascript:alert(1)"}, "f-link"),
    ]
    for more, field in wrong:
        answer = await sent(browser, form, "calendar/new", **(FORM | more))
        assert answer.status_code == 422, (field, answer.headers)
        assert f'href="#{field}"' in answer.text, (field, re.findall(r'href="#f-[^"]+"', answer.text))


async def test_one_of_a_series_is_changed_and_that_is_undone(
    browser: httpx.AsyncClient, asha: Somebody
) -> None:
    form = await look(browser, "calendar/new")
    weekly = {"kind": "event", "title": "Swim", "day": "2027-03-01", "start": "18:00", "to": "19:00", "privacy": "shared",
              "rhythm": "weekly", "every": "1", "days": ["0", "3"], "count": "6"}  # fmt: skip
    answer = await sent(browser, form, "calendar/new", **weekly)
    event = answer.headers["location"].rsplit("/", 1)[0]
    second = f"{event}/2027-03-04T18:00:00"
    form = await look(browser, f"{second}/edit")
    for reach, wanted in (
        ("this", ["03-01 18:00", "03-04 20:00", "03-08 18:00"]),
        ("following", ["03-01 18:00", "03-04 20:00", "03-08 20:00"]),
        ("all", ["03-01 20:00", "03-04 20:00", "03-08 20:00"]),
    ):
        form = await look(browser, f"{second}/edit")
        version = re.search(r'name="version" value="(\d+)"', form)
        assert version
        moved = weekly | {
            "day": "2027-03-04",
            "start": "20:00",
            "to": "21:00",
            "reach": reach,
            "version": version[1],
        }
        answer = await sent(browser, form, f"{second}/edit", **moved)
        assert answer.status_code == 303, (reach, answer.text[-2500:])
        page = await look(browser, answer.headers["location"])
        assert "8:00 pm" in page.lower() or "20:00" in page
        assert [one[5:] for one in told(await seen(asha))][:3] == wanted
        assert (await sent(browser, page, undo_of(page))).status_code == 303
        assert [one[5:] for one in told(await seen(asha))][:3] == [
            "03-01 18:00",
            "03-04 18:00",
            "03-08 18:00",
        ]
    page = await look(browser, second)
    answer = await sent(browser, page, f"{second}/delete", reach="following")
    assert len(await seen(asha)) == 1
    page = await look(browser, answer.headers["location"])
    await sent(browser, page, undo_of(page))
    assert len(await seen(asha)) == 6


async def pulled(
    browser: httpx.AsyncClient, event: Event, key: str, was: datetime, **far: object
) -> httpx.Response:
    page = await look(browser, "calendar?view=week&on=2027-03-01")
    at = f"calendar/events/{event.id}/{key}/move"
    return await sent(browser, page, at, was=was.isoformat(), then="/calendar?view=week", **far)


async def test_what_is_pulled_is_moved_by_the_clocks_of_whoever_pulls(
    browser: httpx.AsyncClient, asha: Somebody
) -> None:
    call = await planned(asha, draft("Call", "2027-03-01T08:00", zone="America/New_York"))  # 18:30 in India
    key, was = "2027-03-01T08:00:00", at(18, 30)
    answer = await pulled(browser, call, key, was, days=2, minutes=-45)
    assert (answer.status_code, answer.headers["location"]) == (303, "/calendar?view=week")
    assert told(await seen(asha)) == ["Call 03-03 07:15"]
    page = await look(browser, "calendar?view=week&on=2027-03-01")
    assert 'data-move="2027-03-03T12:15:00+00:00"' in page
    assert (await sent(browser, page, undo_of(page))).headers["location"] == "/calendar?view=week"
    assert told(await seen(asha)) == ["Call 03-01 08:00"]
    day = await planned(asha, draft("Feast", "2027-03-02", duration=timedelta(days=2)))
    assert (await pulled(browser, day, "2027-03-02", at(0, 0, date(2027, 3, 2)), days=-1)).status_code == 303
    assert told(await seen(asha)) == ["Feast 03-01", "Call 03-01 08:00"]


async def test_what_repeats_is_pulled_as_far_as_was_chosen_and_keeps_its_words(
    browser: httpx.AsyncClient, asha: Somebody
) -> None:
    walk = await planned(asha, rule="FREQ=DAILY;COUNT=3")
    await edited(asha, walk, "2027-03-02T09:00", "this", "2027-03-02T09:00", title="Long walk")
    second = date(2027, 3, 2)
    assert (
        await pulled(browser, walk, "2027-03-02T09:00:00", at(9, 0, second), minutes=60)
    ).status_code == 303
    assert told(await seen(asha)) == ["Walk 03-01 09:00", "Long walk 03-02 10:00", "Walk 03-03 09:00"]
    far = {"minutes": 30, "reach": "following"}
    assert (await pulled(browser, walk, "2027-03-02T09:00:00", at(10, 0, second), **far)).status_code == 303
    found = told(await seen(asha))
    assert [found[0], found[-1]] == ["Walk 03-01 09:00", "Walk 03-03 09:30"]


async def test_what_cannot_be_pulled_there_stays_and_the_reason_is_said(
    browser: httpx.AsyncClient, asha: Somebody
) -> None:
    day = clock.now().astimezone(HOME).date() + timedelta(days=2)
    was, key = at(10, 30, day), f"{day}T10:30:00"
    event = await planned(asha, visit(start=key))
    browser.headers["hx-request"] = "true"
    for far, status, words in (
        ({"days": -4}, 422, "An appointment is made for a time to come."),
        ({"days": 400}, 422, "It cannot be moved that far from here."),
        ({"days": 1, "was": (was + timedelta(hours=1)).isoformat()}, 412, "Somebody changed this in the meantime."),
    ):  # fmt: skip
        page = await look(browser, "calendar?view=week&on=2027-03-01")
        fields = {"was": was.isoformat()} | far
        answer = await sent(browser, page, f"calendar/events/{event.id}/{key}/move", **fields)
        assert answer.status_code == status
        assert words in json.loads(answer.headers["hx-trigger"])["toast"]["text"]
    assert [one.begins for one in await seen(asha, day, 1)] == [was]


async def test_nothing_is_pulled_out_of_the_years_there_are(
    browser: httpx.AsyncClient, asha: Somebody
) -> None:
    """Neither what is pulled, nor, with it, where its series begins."""
    old = await planned(asha, draft("Old", "1900-01-05T09:00", zone="UTC", rule="FREQ=YEARLY;COUNT=9"))
    for key, reach in (("1900-01-05", "this"), ("1900-01-05", "all"), ("1903-01-05", "all")):
        was = datetime.fromisoformat(f"{key}T09:00+00:00")
        answer = await pulled(browser, old, f"{key}T09:00:00", was, days=-9, reach=reach)
        assert (answer.status_code, "Between the years 1900 and 2199." in answer.text) == (422, True)


async def test_calendars_templates_files_and_addresses_have_their_pages(
    app: FastAPI, browser: httpx.AsyncClient, asha: Somebody
) -> None:
    await planned(asha)
    page = await look(browser, "calendar/calendars")
    assert "My calendar" in page
    form = await look(browser, "calendar/calendars/new")
    await sent(browser, form, "calendar/calendars/new", name="Work", colour="#4a58a5", visible="true")
    assert "Work" in await look(browser, "calendar/calendars")
    wrong = await sent(browser, form, "calendar/calendars/new", name="Wrong", colour="green")
    assert (wrong.status_code, "A colour is written like this" in wrong.text) == (422, True)
    form = await look(browser, "calendar/templates/new")
    await sent(
        browser, form, "calendar/templates/new", name="Yoga", title="Yoga hour", minutes="60", reminders="60"
    )
    page = await look(browser, "calendar/templates")
    key = re.search(r"template=([0-9a-f-]{36})", page)
    assert key
    assert 'value="Yoga hour"' in await look(browser, f"calendar/new?template={key[1]}")
    assert "your medicines" in await look(browser, "calendar/new?template=check-up&kind=appointment")
    form = await look(browser, "calendar/templates/new?kind=appointment")
    whole = {
        "name": "Knee", "kind": "appointment", "title": "Physio", "provider": "Ms Kavitha", "minutes": "45", "place": "Ward 3",
        "preparation": "Loose clothes", "reminders": ["120"], "rhythm": "weekly", "every": "2", "days": ["0", "3"],
        "count": "6", "privacy": "clinical", "clinic": "City Hospital", "type": "procedure", "visit": "virtual",
        "specialty": "Knees", "link": "https://meet.example/k", "cost": "500", "currency": "INR", "insured": "true",
        "text": "Notes", "category": "exercise", "colour": "#b3261e", "latitude": "13.04", "longitude": "80.23",
    }  # fmt: skip
    refused = await sent(browser, form, "calendar/templates/new", **whole | {"longitude": ""})
    assert "A place has both" in refused.text
    await sent(browser, form, "calendar/templates/new", **whole)
    page = await look(browser, "calendar/templates")
    key = re.search(r"calendar/templates/([0-9a-f-]{36})[^>]*>(?:(?!</a>).)*Knee", page, re.DOTALL)
    assert key
    again = await look(browser, f"calendar/templates/{key[1]}")
    lent = await look(browser, f"calendar/new?template={key[1]}&kind=appointment&on=2027-03-04")
    assert 'value="09:45"' in lent
    words = (
        "Physio",
        "Ms Kavitha",
        "Ward 3",
        "Loose clothes",
        "City Hospital",
        "Knees",
        "meet.example",
        "500",
        "13.04",
    )
    ticks = {
        "rhythm": "weekly",
        "type": "procedure",
        "visit": "virtual",
        "reminders": "120",
        "days": "3",
        "privacy": "clinical",
    }
    for part in (again, lent):
        for one in words:
            assert one in part
        for name, value in ticks.items():
            assert re.search(rf'name="{name}" value="{value}"[^>]*checked', part), name
    page = await look(browser, "calendar/files")
    opened = await sent(browser, page, "calendar/files/links", name="Phone", detail="busy")
    address = re.search(r"<code>https?://[^/<]+(/calendar/[^<]+\.ics)</code>", opened.text)
    assert address
    async with await signed_in(app, None) as stranger:
        assert "SUMMARY:Busy" in (await stranger.get(address[1])).text
    token = token_of(page)
    file = (await browser.get(f"http://localhost/api/v1/people/{asha.person_id}/events.ics")).content
    answer = await browser.post(
        "calendar/files/import",
        data={"form_token": token},
        files={"file": ("a.ics", file, "text/calendar")},
    )
    assert "1 as it was" in answer.text
    answer = await browser.post(
        "calendar/files/import",
        data={"form_token": token},
        files={"file": ("a.ics", b"hello", "text/calendar")},
    )
    assert answer.status_code == 422


async def test_who_may_only_look_sees_no_buttons_and_none_of_what_is_private(
    app: FastAPI, database: Database, asha: Somebody
) -> None:
    friend = await somebody(database, "Friend")
    await shared(asha, friend, "calendar")
    walk, hidden = await planned(asha), await planned(asha, draft("Therapy", privacy="private"))
    await planned(asha, visit(privacy="clinical"))
    async with await signed_in(app, friend) as browser:
        browser.base_url = httpx.URL(f"http://localhost/p/{asha.person_id}/")
        page = await look(browser, "calendar?view=month&on=2027-03-01")
        assert "Walk" in page
        assert "Therapy" not in page
        assert "Check-up" not in page
        assert "/calendar/new" not in page
        assert "data-move" not in page
        moved = f"calendar/events/{walk.id}/2027-03-01T09:00:00/move"
        assert (await sent(browser, page, moved, was=at(9).isoformat(), days=1)).status_code == 403
        assert "/edit" not in await look(browser, f"calendar/events/{walk.id}/2027-03-01T09:00:00")
        for path in (f"calendar/events/{hidden.id}", f"calendar/events/{hidden.id}/2027-03-01T09:00:00"):
            assert (await browser.get(path)).status_code == 404
        assert (await browser.get("calendar/new")).status_code == 403
        assert "Subscribe from another" not in await look(browser, "calendar/files")


async def test_what_is_wrong_is_said_once_at_the_form_that_was_sent(browser: httpx.AsyncClient) -> None:
    page = await look(browser, "calendar/files")
    token = re.findall(r'name="form_token" value="([^"]+)"', page)[-1]
    answer = await browser.post("calendar/files/links", data={"form_token": token, "name": ""})
    assert (answer.status_code, answer.text.count('class="trouble"')) == (422, 1)
    assert answer.text.index('class="trouble"') > answer.text.index("calendar/files/links")
    twice = {"form_token": token, "title": "", "category": ["a", "b"], "colour": ["a", "b"]}
    for path in ("calendar/new", "calendar/templates/new"):
        assert (await browser.post(path, data=twice)).status_code == 422
