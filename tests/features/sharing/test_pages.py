"""The pages of sharing, without script, as a patient and her doctor walk them."""

import html
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI

from ojas.features.sharing import service
from ojas.features.sharing.pages.report import visits
from ojas.features.sharing.rules import QUESTIONS, Processing
from ojas.features.sharing.schemas import Look
from ojas.kit import audit, i18n
from ojas.kit.ids import new_id
from tests.browsing import token_of
from tests.features.sharing.cast import Somebody, invited, shared, signed_in


async def opened(client: httpx.AsyncClient, url: str, *, status: int = 200) -> str:
    """What a page says, without its tags."""
    answer = await client.get(url)
    assert answer.status_code == status, f"{url}: {answer.status_code} {answer.text[:500]}"
    return said(answer)


def said(answer: httpx.Response) -> str:
    text = re.sub(r"<(script|style)\b.*?</\1>", " ", answer.text, flags=re.S)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


async def sent(
    client: httpx.AsyncClient, url: str, seen_at: str, data: dict[str, Any] | None = None
) -> httpx.Response:
    """Send a form as it stands on the page at ``seen_at``."""
    token = token_of((await client.get(seen_at)).text)
    return await client.post(url, data={"form_token": token, **(data or {})})


@pytest.fixture
async def patient(app: FastAPI, asha: Somebody) -> httpx.AsyncClient:
    return await signed_in(app, asha)


@pytest.fixture
async def doctor(app: FastAPI, rao: Somebody) -> httpx.AsyncClient:
    return await signed_in(app, rao)


async def test_sharing_from_the_first_page_to_taking_back_and_undoing(
    asha: Somebody, rao: Somebody, patient: httpx.AsyncClient, doctor: httpx.AsyncClient
) -> None:
    here = f"/p/{asha.person_id}/sharing"
    assert "Only you" in await opened(patient, here)
    assert "Readings" in await opened(patient, f"{here}/new")
    answer = await sent(
        patient, f"{here}/new", f"{here}/new",
        {"email": rao.email, "scopes": ["measurements"], "may": "read", "purpose": "TREAT", "lasts": "30"},
    )  # fmt: skip
    assert (answer.status_code, answer.headers["location"]) == (303, here)
    listed = await opened(patient, here)
    assert "The invitation is on its way." in listed
    assert rao.email in listed

    waiting = await opened(doctor, "/invitations")
    assert "Asha invites you" in waiting
    assert "Readings" in waiting
    async with rao.transaction() as tx:
        (offer,) = await service.invitations(tx, rao.actor)
    accept = f"/invitations/{asha.person_id}/{offer.id}/accept"
    assert (await sent(doctor, accept, "/invitations")).status_code == 303
    assert "Asha" in await opened(doctor, "/people")
    assert "What you may see here" in await opened(doctor, here)
    await opened(doctor, f"{here}/new", status=403)
    await opened(doctor, f"/p/{asha.person_id}/access", status=403)

    assert (await sent(patient, f"{here}/{offer.id}/end", here)).status_code == 303
    after = await opened(patient, here)
    assert "Taken back. They see nothing more." in after
    await opened(doctor, here, status=404)
    assert (await sent(patient, f"{here}/{offer.id}/restore", here)).status_code == 303
    assert "What you may see here" in await opened(doctor, here)
    assert (await sent(doctor, f"{here}/leave", here)).headers["location"] == "/people"
    await opened(doctor, here, status=404)


async def test_what_ended_with_its_giver_is_shown_and_shared_again_by_a_button(
    asha: Somebody, meera: Somebody, rao: Somebody, patient: httpx.AsyncClient
) -> None:
    right = await shared(asha, meera, "measurements", manage=True)
    given = await shared(meera, rao, whose=asha.person_id)
    here = f"/p/{asha.person_id}/sharing"
    assert "ends too" in await opened(patient, f"{here}/{right.id}")
    assert (await sent(patient, f"{here}/{right.id}/end", here)).status_code == 303
    assert "Ended with who gave it" in await opened(patient, here)
    assert (await sent(patient, f"{here}/{given.id}/restore", here)).status_code == 303
    assert "Ended with who gave it" not in await opened(patient, here)
    assert asha.person_id in (await rao.access()).persons


async def test_a_form_that_is_not_right_is_shown_again_as_it_was_typed(
    asha: Somebody, patient: httpx.AsyncClient
) -> None:
    new = f"/p/{asha.person_id}/sharing/new"
    answer = await sent(patient, new, new, {"email": asha.email, "scopes": ["measurements"], "note": "kept"})
    assert answer.status_code == 422
    assert "This is your own address." in said(answer)
    assert "kept" in answer.text
    answer = await sent(patient, new, new, {"email": "nobody@example.org"})
    assert answer.status_code == 422
    assert "Choose at least one thing to share." in said(answer)


async def test_a_form_without_its_token_does_nothing(
    asha: Somebody, rao: Somebody, patient: httpx.AsyncClient
) -> None:
    grant = await shared(asha, rao)
    answer = await patient.post(f"/p/{asha.person_id}/sharing/{grant.id}/end")
    assert answer.status_code == 403
    assert asha.person_id in (await rao.access()).persons


async def test_the_access_page_says_who_what_and_why(
    asha: Somebody, rao: Somebody, patient: httpx.AsyncClient
) -> None:
    await shared(asha, rao, "measurements")
    async with rao.transaction() as tx:
        audit.looked(tx, asha.person_id, "readings")
    page = await opened(patient, f"/p/{asha.person_id}/access")
    assert "Rao Looked at: readings · Treatment" in page
    everybody = await opened(patient, f"/p/{asha.person_id}/access?who=all&show=share")
    assert "You Sharing" in everybody


def look(at: datetime, by: UUID | None = None, *subjects: str, action: str = "read", **more: str) -> Look:
    return Look(
        id=new_id(), at=at, account_id=by, name=None, own=False, action=action,
        subjects=list(subjects or ["readings"]), purpose=more.get("purpose", "TREAT"), address=more.get("address"),
    )  # fmt: skip


NOON = datetime(2026, 3, 1, 6, 30, tzinfo=UTC)  # in India
RAO, MEERA = new_id(), new_id()


def together(*looks: Look) -> list[int]:
    """How many looks lie in each line; given oldest first."""
    return [len(visit.looks) for visit in visits(reversed(looks))]


def test_what_one_does_again_within_the_hour_is_one_line() -> None:
    minutes = [look(NOON + timedelta(minutes=n), RAO) for n in (0, 1, 59, 60)]
    assert together(*minutes) == [4]
    assert together(*minutes, look(NOON + timedelta(minutes=61), RAO)) == [4, 1]


def test_others_in_between_do_not_part_a_line() -> None:
    assert together(look(NOON, RAO), look(NOON, MEERA), look(NOON, RAO)) == [2, 1]


@pytest.mark.parametrize(
    "other",
    [look(NOON, MEERA), look(NOON), look(NOON, RAO, action="export"), look(NOON, RAO, purpose="BTG")],
    ids=["somebody", "ojas", "action", "purpose"],
)
def test_another_who_what_or_why_is_a_line_of_its_own(other: Look) -> None:
    assert together(look(NOON, RAO), other) == [1, 1]


def test_midnight_parts_a_line_so_that_each_day_has_its_own() -> None:
    with i18n.use(i18n.Manner(zone="Asia/Kolkata")):
        midnight = datetime(2026, 3, 1, 18, 30, tzinfo=UTC)
        assert together(look(midnight - timedelta(minutes=1), RAO), look(midnight, RAO)) == [1, 1]


@pytest.mark.parametrize("action", ["share", "sign-in"])
def test_each_share_and_each_sign_in_is_told_by_itself(action: str) -> None:
    assert together(look(NOON, RAO, action=action), look(NOON, RAO, action=action)) == [1, 1]


def test_a_line_names_all_that_was_seen_and_every_address_once() -> None:
    (visit,) = visits(
        [look(NOON, RAO, "readings", address="10.0.0.1"), look(NOON, RAO, "profiles", "readings", address="10.0.0.2"),
         look(NOON, RAO, address="10.0.0.1")]
    )  # fmt: skip
    assert (visit.subjects, visit.addresses) == (["readings", "profiles"], ["10.0.0.1", "10.0.0.2"])


async def test_the_access_page_counts_what_was_looked_at_again(
    asha: Somebody, rao: Somebody, patient: httpx.AsyncClient
) -> None:
    await shared(asha, rao, "measurements")
    for subject in ("readings", "bands", "readings"):
        async with rao.transaction() as tx:
            audit.looked(tx, asha.person_id, subject)
    page = await opened(patient, f"/p/{asha.person_id}/access?show=read")
    assert page.count("Rao Looked at") == 1
    assert "3 times within the hour" in page


async def test_the_access_page_is_turned_by_its_pager(asha: Somebody, patient: httpx.AsyncClient) -> None:
    async with asha.transaction() as tx:
        for _ in range(205):
            await audit.changed(tx, "share", asha.person_id, "grants")
    first = (await patient.get(f"/p/{asha.person_id}/access?who=all&show=share")).text
    link = re.search(r'rel="next" href="([^"]+)"', first)
    assert link
    rest = (await patient.get(f"/p/{asha.person_id}/access{html.unescape(link[1])}")).text
    lines = '<li class="look">'
    assert (first.count(lines), rest.count(lines)) == (200, 5)


async def test_the_shell_offers_the_records_one_may_open(
    asha: Somebody, rao: Somebody, doctor: httpx.AsyncClient
) -> None:
    await shared(asha, rao, "care_team")
    page = await opened(doctor, f"/p/{asha.person_id}/care-team")
    assert "You are looking at the record of Asha." in page
    assert f'href="/p/{rao.person_id}"' in (await doctor.get(f"/p/{asha.person_id}/care-team")).text


async def test_the_care_team_is_kept_by_hand(asha: Somebody, patient: httpx.AsyncClient) -> None:
    here = f"/p/{asha.person_id}/care-team"
    assert "Nobody yet" in await opened(patient, here)
    draft = {"name": "Meera", "role": "caregiver", "is_primary": "true", "phone": "+91 98400 12345"}
    assert (await sent(patient, f"{here}/new", f"{here}/new", draft)).status_code == 303
    listed = (await patient.get(here)).text
    assert "First to call" in listed
    assert 'href="tel:+919840012345"' in listed
    member = re.search(rf"{here}/([0-9a-f-]+)\"", listed)
    assert member
    changed = {"name": "Meera Rao", "role": "family"}
    assert (await sent(patient, f"{here}/{member[1]}", f"{here}/{member[1]}", changed)).status_code == 303
    assert "Meera Rao Family" in await opened(patient, here)
    assert (await sent(patient, f"{here}/{member[1]}/delete", f"{here}/{member[1]}")).status_code == 303
    assert (await sent(patient, f"{here}/{member[1]}/restore", f"{here}/new")).status_code == 303
    assert "Meera Rao Family" in await opened(patient, here)
    wrong = await sent(
        patient, f"{here}/new", f"{here}/new", {"name": "", "role": "caregiver", "phone": "none"}
    )
    assert wrong.status_code == 422


async def test_one_can_keep_the_record_of_somebody_without_an_account(meera: Somebody, app: FastAPI) -> None:
    client = await signed_in(app, meera)
    answer = await sent(client, "/people/new", "/people/new", {"name": "Kavi"})
    assert answer.status_code == 303
    child = answer.headers["location"]
    assert "Kavi" in await opened(client, "/people")
    assert "Only you" not in await opened(client, f"{child}/sharing")
    assert "Meera" in await opened(client, f"{child}/sharing")
    assert "This is missing." in said(await sent(client, "/people/new", "/people/new", {"name": ""}))
    assert "control characters" in said(
        await sent(client, "/people/new", "/people/new", {"name": "Ka\x00vi"})
    )


async def test_a_purpose_is_agreed_to_and_withdrawn_on_its_page(
    asha: Somebody, patient: httpx.AsyncClient
) -> None:
    here = f"/p/{asha.person_id}/privacy"
    first = await opened(patient, here)
    assert "the routes of walks" in first
    assert "Not agreed" in first
    assert "What was answered so far" not in first
    agree = f"{here}/location"
    assert (await sent(patient, agree, here, {"version": "1"})).headers["location"] == here
    assert "Agreed since" in await opened(patient, here)
    assert (await sent(patient, f"{agree}/withdraw", here)).status_code == 303
    after = await opened(patient, here)
    assert "Withdrawn since" in after
    assert after.count("words no. 1") == 1
    assert (await sent(patient, agree, here, {"version": "2"})).status_code == 412
    assert (await sent(patient, agree, here)).status_code == 422
    assert (await sent(patient, f"{here}/research", here, {"version": "1"})).status_code == 422


async def test_words_of_before_are_shown_beside_those_of_now(
    asha: Somebody, patient: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = f"/p/{asha.person_id}/privacy"
    await sent(patient, f"{here}/location", here, {"version": "1"})
    before = QUESTIONS[Processing.LOCATION]
    monkeypatch.setitem(QUESTIONS, Processing.LOCATION, replace(before, version=2, text="Quite other words."))  # type: ignore[arg-type]
    page = await opened(patient, here)
    assert "The words have changed since you agreed." in page
    assert "Quite other words." in page
    assert before.text in page


async def test_who_shares_on_somebodys_behalf_reads_their_choices_and_has_no_button(
    asha: Somebody, rao: Somebody, doctor: httpx.AsyncClient
) -> None:
    await shared(asha, rao, "signals", manage=True)
    sharing = await doctor.get(f"/p/{asha.person_id}/sharing")
    assert f'href="/p/{asha.person_id}/privacy"' in sharing.text, "the way there"
    page = await doctor.get(f"/p/{asha.person_id}/privacy")
    assert "Only the person themselves" in said(page)
    assert "/privacy/location" not in page.text


async def test_a_stranger_finds_no_page(asha: Somebody, stranger: Somebody, app: FastAPI) -> None:
    client = await signed_in(app, stranger)
    for page in ("sharing", "sharing/new", "access", "care-team", "care-team/new", "privacy"):
        await opened(client, f"/p/{asha.person_id}/{page}", status=404)


async def test_who_is_not_signed_in_is_led_to_the_door(asha: Somebody, app: FastAPI) -> None:
    client = await signed_in(app, None)
    for page in (f"/p/{asha.person_id}/sharing", "/people", "/invitations"):
        answer = await client.get(page)
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/sign-in?next=")


@pytest.mark.parametrize("language", ["hi", "ta"])
async def test_pages_speak_the_readers_language(
    asha: Somebody, rao: Somebody, patient: httpx.AsyncClient, language: str
) -> None:
    await invited(asha, rao, "measurements")
    for page in ("sharing", "sharing/new", "access", "care-team", "care-team/new"):
        with i18n.use(i18n.Manner(language=language)):
            assert i18n.gettext("Sharing") != "Sharing"
        await opened(patient, f"/p/{asha.person_id}/{page}")


async def test_no_title_or_toast_names_anybody(
    asha: Somebody, rao: Somebody, patient: httpx.AsyncClient
) -> None:
    grant = await shared(asha, rao)
    for page in ("sharing", f"sharing/{grant.id}", "access", "care-team"):
        found = re.search(
            r"<title>(.*?)</title>", (await patient.get(f"/p/{asha.person_id}/{page}")).text, re.S
        )
        assert found
        assert "Rao" not in found[1]
        assert "Asha" not in found[1]
