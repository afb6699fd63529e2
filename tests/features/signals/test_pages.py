"""The pages of devices, workouts and nights, without script."""

import html
import re
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from fastapi import FastAPI
from tests.browsing import token_of
from tests.features.sharing.cast import Somebody, signed_in, somebody
from tests.features.signals.test_service import T0, WATCH, beats, send, walked

from ojas.features.identity.models import Account
from ojas.features.signals import service
from ojas.features.signals.rules import HOUR, activity_title
from ojas.features.signals.schemas import SessionDraft, SourceClass, SourceDraft
from ojas.kit.db import Access, Database

PHONE = SourceDraft(name="Phone", sort=SourceClass.PHONE)


def said(answer: httpx.Response) -> str:
    assert answer.status_code == 200, answer.text[:400]
    text = re.sub(r"<(script|style)\b.*?</\1>", " ", answer.text, flags=re.S)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


async def post(
    browser: httpx.AsyncClient, page: str, data: dict[str, str], to: str | None = None
) -> httpx.Response:
    token = token_of((await browser.get(page)).text)
    return await browser.post(to or page, data={"form_token": token, **data})


async def test_an_empty_page_tells_the_first_step(browser: httpx.AsyncClient, asha: Somebody) -> None:
    told = said(await browser.get(f"/p/{asha.person_id}/devices"))
    assert "No device has sent anything yet" in told
    assert "Import a file" in told


async def test_devices_are_ranked_named_and_deleted(
    browser: httpx.AsyncClient, asha: Somebody, database: Database
) -> None:
    await send(database, asha.person_id, walked((0, 100)), "steps")
    await send(database, asha.person_id, walked((0, 90)), "steps", PHONE)
    here = f"/p/{asha.person_id}/devices"
    listed = said(await browser.get(here))
    assert listed.index("Watch") < listed.index("Phone")
    phone = f"{here}/{service.source_id(asha.person_id, PHONE)}"
    assert "Steps 1" in said(await browser.get(phone))
    ranked = await post(browser, phone, {"name": "My phone", "sort": "phone", "priority": "1"})
    assert ranked.headers["location"] == here
    listed = said(await browser.get(here))
    assert listed.index("My phone") < listed.index("Watch")
    wrong = await post(browser, phone, {"name": "", "sort": "phone", "priority": "1"})
    assert wrong.status_code == 422
    assert "This cannot be undone" in said(await browser.get(f"{phone}/delete"))
    await post(browser, f"{phone}/delete", {})
    assert "My phone" not in said(await browser.get(here)).replace("Deleted", "")


@pytest.mark.parametrize(("language", "words"), [("hi", "उपकरण और ऐप"), ("ta", "கருவிகளும் செயலிகளும்")])
async def test_the_page_speaks_the_readers_language(
    browser: httpx.AsyncClient, asha: Somebody, database: Database, language: str, words: str
) -> None:
    await send(database, asha.person_id, walked((0, 100)), "steps")
    async with database.transaction(Access.system("sign_in")) as tx:
        account = await tx.session.get(Account, asha.account_id)
        assert account
        account.preferences = {**account.preferences, "language": language}
    assert words in said(await browser.get(f"/p/{asha.person_id}/devices"))


async def test_a_stranger_finds_no_devices(app: FastAPI, database: Database, asha: Somebody) -> None:
    await send(database, asha.person_id, walked((0, 100)), "steps")
    stranger = await signed_in(app, await somebody(database, "Stranger"))
    source = service.source_id(asha.person_id, WATCH)
    for path in ("devices", f"devices/{source}", f"devices/{source}/delete"):
        assert (await stranger.get(f"/p/{asha.person_id}/{path}")).status_code == 404


async def test_a_workout_is_entered_corrected_deleted_and_brought_back(
    browser: httpx.AsyncClient, asha: Somebody
) -> None:
    here = f"/p/{asha.person_id}/sessions"
    assert "No workouts yet" in said(await browser.get(here))
    typed = {
        "kind": "workout",
        "activity": "yoga",
        "started_at": "2026-03-01T06:30",
        "ended_at": "2026-03-01T07:15",
        "distance_km": "1.5",
    }
    assert (await post(browser, f"{here}/new", typed)).headers["location"].startswith(f"{here}#r-")
    assert "Yoga 45 minutes · 1.5 km" in said(await browser.get(here))
    one = re.search(rf'href="{here}/([0-9a-f-]{{36}})"', (await browser.get(here)).text)
    assert one
    page = f"{here}/{one[1]}"
    await post(browser, f"{page}/change", typed | {"activity": "walking", "note": "By the lake"})
    told = said(await browser.get(page))
    assert "Walking" in told
    assert "By the lake" in told
    await post(browser, page, {}, f"{page}/delete")
    assert (await browser.get(page)).status_code == 404
    token = token_of((await browser.get(f"{here}/new")).text)
    assert (await browser.post(f"{page}/restore", data={"form_token": token})).status_code == 303
    assert "Walking" in said(await browser.get(page))


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"ended_at": "2026-03-01T06:00"}, "The end lies before the beginning."),
        ({"ended_at": "2999-03-01T06:00"}, "This lies in the future."),
        ({"heart_rate_mean": "9000"}, "300"),
        ({"kind": "party"}, "one of"),
    ],
)
async def test_what_cannot_be_is_said_beside_its_field(
    browser: httpx.AsyncClient, asha: Somebody, wrong: dict[str, str], says: str
) -> None:
    typed = {"kind": "workout", "started_at": "2026-03-01T06:30", "ended_at": "2026-03-01T07:15"}
    answer = await post(browser, f"/p/{asha.person_id}/sessions/new", typed | wrong)
    assert answer.status_code == 422
    assert says in html.unescape(answer.text)


async def test_a_workout_shows_the_hearts_course(
    browser: httpx.AsyncClient, asha: Somebody, database: Database
) -> None:
    start = datetime(2026, 3, 1, 6, tzinfo=UTC)
    await send(database, asha.person_id, beats(T0 + 6 * HOUR, 1800, value=120))
    draft = SessionDraft(
        kind="workout", started_at=start, ended_at=start + timedelta(minutes=30), activity="rowing"
    )
    async with database.transaction(Access.of(asha.person_id)) as tx:
        made = await service.keep_session(tx, asha.person_id, draft)
    told = said(await browser.get(f"/p/{asha.person_id}/sessions/{made}"))
    assert "Rowing" in told
    assert "120 beats a minute on average" in told


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ("TraditionalStrengthTraining", "Traditional strength training"),
        ("soccer", "Football"),
        ("swim_bike_run", "Swim bike run"),
    ],
)
def test_a_vendors_name_for_an_exercise_is_put_into_words(told: str, shown: str) -> None:
    assert activity_title(told) == shown
