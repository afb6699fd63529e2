"""The card: what is on it, who can open it, who learns of it, and what a stranger with a wrong code sees."""

import re
from datetime import date, timedelta

import httpx
import pytest
import time_machine
from fastapi import FastAPI
from sqlalchemy import text

from ojas.features.emergency import service
from ojas.features.emergency.models import Card
from ojas.features.emergency.rules.card import USUAL, Part
from ojas.features.emergency.schemas import CardDraft, CardState
from ojas.features.identity import service as identity
from ojas.features.identity.schemas import ProfileDraft
from ojas.features.notifications import service as notifications
from ojas.features.record import service as record
from ojas.features.record.rules.terms import AllergyStatus
from ojas.features.record.schemas import AllergyDraft, ConditionDraft
from ojas.kit import audit, clock
from ojas.kit.db import Access, Database
from ojas.kit.errors import Incorrect, Stale
from ojas.kit.i18n import Manner, format_date, use
from ojas.kit.ids import new_id
from tests.features.emergency.living import named
from tests.features.identity.cast import browser
from tests.features.sharing.cast import Somebody, shared, somebody


@pytest.fixture
async def asha(database: Database) -> Somebody:
    who = await somebody(database, "Asha Rao")
    async with who.transaction() as tx:
        draft = ProfileDraft(name="Asha Rao", date_of_birth=date(1961, 4, 2), blood_group="O+")
        await identity.change_profile(tx, who.person_id, draft)
        for name, status in (("Penicillin", AllergyStatus.ACTIVE), ("Strawberries", AllergyStatus.RESOLVED)):
            await record.ALLERGIES.create(tx, who.person_id, AllergyDraft(name=name, status=status))
    await named(who, "Meera", phone="+919840012345")
    return who


async def carded(who: Somebody, **more: object) -> CardState:
    async with who.transaction() as tx:
        return await service.change_card(tx, who.person_id, CardDraft(**{"shown": True, **more}))  # type: ignore[arg-type]


def path_of(state: CardState) -> str:
    assert state.link
    return "/e/" + state.link.rpartition("/")[2]


async def inbox(who: Somebody) -> list[str]:
    async with who.transaction() as tx:
        found, _next = await notifications.inbox(tx, who.account_id)
    return [notice.title for notice in found if notice.kind == "emergency.card"]


async def test_one_tap_shows_a_stranger_what_is_on_it_in_their_language(app: FastAPI, asha: Somebody) -> None:
    link = path_of(await carded(asha, implants="Pacemaker, 2021"))
    async with browser(app) as stranger:
        first = await stranger.get(link, headers={"accept-language": "ta"})
        assert "இவருக்கு உதவுகிறீர்களா?" in first.text
        assert "Asha" not in first.text
        assert await inbox(asha) == []
        card = await stranger.get(f"{link}/card", headers={"accept-language": "ta"})
    assert card.status_code == 200
    for there in ("Asha Rao", "1961", "O+", "Penicillin", "Pacemaker, 2021", "tel:+919840012345", "ஒவ்வாமை"):
        assert there in card.text, there
    assert "Strawberries" not in card.text
    assert "(இந்தியா, கொல்கத்தா)" in card.text, "by the clock beside whoever reads it"
    with use(Manner(language="ta", zone="Asia/Kolkata")):
        assert format_date(clock.now()) in card.text
    assert await inbox(asha) == ["The emergency card of Asha Rao was opened"]


async def test_what_is_switched_off_is_not_there(app: FastAPI, asha: Somebody) -> None:
    link = path_of(await carded(asha, parts=USUAL - {Part.NAME, Part.ALLERGIES, Part.CONTACTS}))
    async with browser(app) as stranger:
        card = await stranger.get(f"{link}/card")
    assert "O+" in card.text
    assert not [there for there in ("Asha", "Penicillin", "9840012345") if there in card.text]


async def test_only_conditions_that_were_picked_are_on_it(app: FastAPI, asha: Somebody) -> None:
    async with asha.transaction() as tx:
        shown = await record.CONDITIONS.create(tx, asha.person_id, ConditionDraft(name="Epilepsy"))
        await record.CONDITIONS.create(tx, asha.person_id, ConditionDraft(name="Depression"))
    with pytest.raises(Incorrect) as refusal:
        await carded(asha, conditions=(new_id(),))
    assert refusal.value.fault.field == "conditions"
    link = path_of(await carded(asha, conditions=(shown.id,)))
    async with browser(app) as stranger:
        card = await stranger.get(f"{link}/card")
    assert "Epilepsy" in card.text
    assert "Depression" not in card.text


async def test_it_is_found_by_no_search_engine_kept_by_no_cache_and_leads_nowhere(
    app: FastAPI, asha: Somebody
) -> None:
    link = path_of(await carded(asha))
    async with browser(app) as stranger:
        for path in (link, f"{link}/card", "/e/nonsense", "/e/nonsense/card"):
            answer = await stranger.get(path)
            assert "noindex" in answer.headers["x-robots-tag"]
            assert answer.headers["cache-control"] == "no-store"
            assert answer.headers["referrer-policy"] == "no-referrer"
            assert not re.search(r"sign-in|/p/|<script|<form", answer.text)
            assert "Asha" not in re.search(r"<title>.*</title>", answer.text)[0]  # type: ignore[index]


async def test_every_opening_is_in_the_trail_and_told_to_those_who_look_after_them(
    app: FastAPI, database: Database, asha: Somebody
) -> None:
    meera = await somebody(database, "Meera")
    await shared(asha, meera, "emergency", kind="caregiver")
    link = path_of(await carded(asha))
    async with browser(app) as stranger:
        for _ in range(3):
            assert (await stranger.get(f"{link}/card")).status_code == 200
        assert len(await inbox(asha)) == len(await inbox(meera)) == 1, "the same helper, told once"
        with time_machine.travel(clock.now() + timedelta(hours=1)):
            await stranger.get(f"{link}/card")
    assert len(await inbox(asha)) == 2
    async with database.transaction(Access.of(asha.person_id)) as tx:
        trail = await audit.entries(tx, asha.person_id, limit=50)
    looks = [one for one in trail if one.purpose == "BTG" and "emergency-card" in one.subjects]
    assert len(looks) == 4
    assert {one.account_id for one in looks} == {None}
    assert all(one.address for one in looks)


@pytest.mark.parametrize("way", ["off", "anew", "closed", "erased"])
async def test_a_card_that_is_shut_says_only_that(
    app: FastAPI, database: Database, asha: Somebody, way: str
) -> None:
    link = path_of(await carded(asha))
    async with asha.transaction() as tx:
        if way == "off":
            await service.change_card(tx, asha.person_id, CardDraft())
        elif way == "anew":
            await service.issue(tx, asha.person_id)
        elif way == "closed":
            await service.close(tx, asha.person_id)
        else:
            await service.erase(tx, asha.person_id)
    async with browser(app) as stranger:
        for path in (link, f"{link}/card"):
            answer = await stranger.get(path)
            assert answer.status_code == 404
            assert "This card is switched off" in answer.text
            assert "tel:112" in answer.text
        never = await stranger.get("/e/never-was-a-code")
        shut = await stranger.get(link)
        assert never.text == shut.text, "nothing tells an old code from one that never was"
    if way == "closed":
        async with asha.transaction() as tx:
            await service.reopen(tx, asha.person_id)
        async with browser(app) as stranger:
            assert (await stranger.get(link)).status_code == 200


async def test_switching_it_off_and_on_keeps_the_code_and_a_new_one_is_another(asha: Somebody) -> None:
    first = await carded(asha)
    assert (await carded(asha, shown=False)).link == first.link
    assert (await carded(asha)).link == first.link
    async with asha.transaction() as tx:
        assert (await service.issue(tx, asha.person_id)).link != first.link


async def test_the_code_is_nowhere_in_the_database(database: Database, asha: Somebody) -> None:
    code = path_of(await carded(asha)).removeprefix("/e/")
    assert len(code) == 43
    async with database.transaction(Access.of(asha.person_id)) as tx:
        (row,) = (await tx.session.execute(text("SELECT emergency_cards::text FROM emergency_cards WHERE person_id = :p"),
                                           {"p": asha.person_id})).scalars().all()  # fmt: skip
    assert code not in row
    assert code.encode().hex() not in row


@pytest.mark.parametrize(
    "code", ["x", "x" * 5000, "%00", "..%2f..%2fp", "'; DROP TABLE emergency_cards", "%ff%fe", "🔑", "null"]
)
async def test_a_wrong_code_of_any_shape_is_a_shut_card(app: FastAPI, code: str) -> None:
    async with browser(app) as stranger:
        for path in (f"/e/{code}", f"/e/{code}/card"):
            assert (await stranger.get(path)).status_code == 404


async def test_whoever_guesses_is_slowed_down_and_is_told_whom_to_call(app: FastAPI) -> None:
    async with browser(app) as guesser:
        answers = [await guesser.get(f"/e/{new_id().hex}/card") for _ in range(32)]
    assert [answer.status_code for answer in answers[:30]] == [404] * 30
    assert answers[-1].status_code == 429
    assert "tel:112" in answers[-1].text
    assert int(answers[-1].headers["retry-after"]) > 0


async def test_a_browser_that_fetches_ahead_opens_nothing(app: FastAPI, asha: Somebody) -> None:
    link = path_of(await carded(asha))
    async with browser(app) as eager:
        answer = await eager.get(f"{link}/card", headers={"sec-purpose": "prefetch;prerender"})
    assert (answer.status_code, answer.text) == (204, "")
    assert await inbox(asha) == []


async def test_the_database_shows_a_card_by_its_code_alone_and_nothing_else(
    database: Database, asha: Somebody
) -> None:
    await carded(asha)
    async with database.transaction(Access.system("emergency_card")) as tx:
        for table in ("emergency_contacts", "emergency_alerts", "emergency_helpers"):
            assert await tx.session.scalar(text(f"SELECT count(*) FROM {table}")) == 0
        changed = await tx.session.execute(text("UPDATE emergency_cards SET shown = true"))
        assert changed.rowcount == 0  # type: ignore[attr-defined]
    async with database.transaction(Access()) as tx:
        assert await tx.session.scalar(text("SELECT count(*) FROM emergency_cards")) == 0


async def test_who_changes_an_old_version_is_told(asha: Somebody) -> None:
    state = await carded(asha)
    async with asha.transaction() as tx:
        await service.change_card(tx, asha.person_id, CardDraft(shown=True), if_version=state.version)
    with pytest.raises(Stale):
        async with asha.transaction() as tx:
            await service.change_card(tx, asha.person_id, CardDraft(), if_version=state.version)


async def test_a_signed_in_reader_opens_it_too_and_keeps_no_right(
    app: FastAPI, database: Database, asha: Somebody
) -> None:
    from tests.features.sharing.cast import signed_in

    link = path_of(await carded(asha))
    ravi = await somebody(database, "Ravi")
    reader: httpx.AsyncClient = await signed_in(app, ravi)
    assert "Asha Rao" in (await reader.get(f"{link}/card")).text
    assert (await reader.get(f"/p/{asha.person_id}/emergency")).status_code == 404
    async with database.transaction(Access.of(asha.person_id)) as tx:
        trail = await audit.entries(tx, asha.person_id, limit=5)
    assert ravi.account_id in {one.account_id for one in trail}


def test_the_card_belongs_to_its_scope() -> None:
    assert Card.__scope__ == "emergency"
