"""Whom to call: what is refused, who is told that they were named, and who says that it is not them."""

import asyncio
import re

import httpx
import pytest
from fastapi import FastAPI

from ojas.features.emergency import service
from ojas.features.emergency.rules.terms import Answer, Method
from ojas.features.emergency.schemas import ContactDraft, EndDraft
from ojas.features.notifications import service as notifications
from ojas.kit.db import Access, Database
from ojas.kit.errors import Incorrect
from ojas.kit.jobs import JOBS, TICKS, Context, catch_up, run
from tests.browsing import token_of
from tests.conftest import client_of
from tests.features.emergency.living import look, named, pressed, seen, told
from tests.features.notifications.conftest import Keeper, context, keeper, mailbox
from tests.features.sharing.cast import Somebody

__all__ = ["context", "keeper", "mailbox"]


async def work(context: Context, *, jobs: bool = False) -> None:
    """Whatever is due, to the end."""
    if jobs:
        await asyncio.wait_for(run(context, [JOBS["emergency.introduce"]], wait=False), 60)
    await catch_up(context, [TICKS["emergency.call"], TICKS["notifications.deliver"]])


async def added(browser: httpx.AsyncClient, asha: Somebody, **fields: object) -> httpx.Response:
    page = f"/p/{asha.person_id}/emergency/contacts/new"
    drawn = await browser.get(page)
    token = token_of(drawn.text)
    sent = {"name": "Meera", "active": "true", "can_receive_alerts": "true", "language": "en", **fields}
    return await browser.post(page, data={"form_token": token, **sent})


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"phone": "12345"}, "phone"),
        ({"phone": "+91 98400 1234"}, "phone"),
        ({"phone": "098400 12345", "second_phone": "0"}, "second_phone"),
        ({"email": "meera at home"}, "email"),
        ({}, "phone"),
        ({"phone": "098400 12345", "methods": "email"}, "email"),
        ({"email": "m@example.org", "methods": "sms"}, "phone"),
        ({"phone": "098400 12345", "priority": "0"}, "priority"),
        ({"phone": "098400 12345", "name": " "}, "name"),
    ],
)
async def test_what_cannot_be_reached_is_refused_naming_the_field(
    browser: httpx.AsyncClient, asha: Somebody, fields: dict[str, object], field: str
) -> None:
    answer = await added(browser, asha, **fields)
    assert answer.status_code == 422
    assert f'id="f-{field}-error"' in answer.text
    async with asha.transaction() as tx:
        assert await service.contacts(tx, asha.person_id) == []


async def test_a_number_is_typed_as_it_is_dialled_at_home(browser: httpx.AsyncClient, asha: Somebody) -> None:
    answer = await added(browser, asha, phone="०९८४०० १२३४५")
    assert answer.status_code == 303
    async with asha.transaction() as tx:
        (contact,) = await service.contacts(tx, asha.person_id)
    assert contact.phone == "+919840012345"


async def test_a_house_that_cannot_ring_says_so_before_and_after_the_call(
    app: FastAPI, database: Database, context: Context, browser: httpx.AsyncClient, asha: Somebody
) -> None:
    here = f"/p/{asha.person_id}/emergency"
    await named(asha, "Ravi", phone="+919840012345")
    listed = (await browser.get(f"{here}/contacts")).text
    assert "cannot tell anybody here by: Phone call, Text message (SMS)" in listed
    assert "Cannot be told from here" in listed
    assert "Ojas can tell none of them from here" in (await browser.get(here)).text
    assert "Phone call, not set up here" in (await browser.get(f"{here}/contacts/new")).text
    await named(asha, "Meera")
    assert "can tell none of them" not in (await browser.get(here)).text
    alert = await pressed(asha)
    await look(database)
    await work(context)
    shown = (await browser.get(f"{here}/alerts/{alert.id}")).text
    assert "SMS: not set up here" in shown
    assert "cannot be reached" not in shown
    assert "Could not be told: ring them yourself" in shown
    assert "1 person has been told so far" in shown, "of two, for one has an e-mail address"
    async with asha.transaction() as tx:
        meera = next(one for one in (await seen(asha, alert)).helpers if one.name == "Meera")
        await service.answer(tx, asha.person_id, alert.id, meera.id, Answer.CANNOT)
        own = [one.kind for one in (await notifications.inbox(tx, asha.account_id))[0]]
    shown = (await browser.get(f"{here}/alerts/{alert.id}")).text
    assert "Everybody who could be told has said that they cannot come." in shown
    assert own == ["emergency.nobody"], "she learns at once that nobody comes of whom she could think so"


async def test_nobody_waits_for_a_turn_to_which_no_way_leads(
    database: Database, context: Context, asha: Somebody
) -> None:
    await named(asha, "Ravi", phone="+919840012345", priority=1)
    for priority, name in ((2, "Meera"), (3, "Kavya")):
        await named(asha, name, priority=priority)
    alert = await pressed(asha)
    await work(context)
    assert told(await seen(asha, alert)) == {"Ravi": 1, "Meera": 1, "Kavya": 0}
    for name in ("Meera", "Kavya"):
        async with asha.transaction() as tx:
            await service.CONTACTS.delete(
                tx,
                asha.person_id,
                next(c.id for c in await service.contacts(tx, asha.person_id) if c.name == name),
            )
    async with asha.transaction() as tx:
        await service.end(tx, asha.person_id, alert.id, EndDraft())
    alone = await pressed(asha)
    await work(context)
    assert told(await seen(asha, alone)) == {"Ravi": 1}, "nor is he asked again and again at once"


async def test_over_rest_a_number_names_its_country_and_twenty_are_enough(
    browser: httpx.AsyncClient, asha: Somebody
) -> None:
    path = f"/api/v1/people/{asha.person_id}/emergency-contacts"
    refused = await browser.post(path, json={"name": "Meera", "phone": "09840012345"})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == "phone"
    for n in range(20):
        assert (await browser.post(path, json={"name": f"N{n}", "email": "n@example.org"})).status_code == 201
    full = await browser.post(path, json={"name": "Ravi", "email": "n@example.org"})
    assert full.status_code == 422


async def test_who_is_named_is_told_once_in_their_language_and_may_say_it_is_not_them(
    app: FastAPI, context: Context, keeper: Keeper, browser: httpx.AsyncClient, asha: Somebody
) -> None:
    path = f"/api/v1/people/{asha.person_id}/emergency-contacts"
    address = f"{asha.person_id.hex}@example.org"
    sent = {"name": "Meera", "email": address, "language": "ta"}
    made = (await browser.post(path, json=sent)).json()
    await work(context, jobs=True)
    await browser.put(f"{path}/{made['id']}", json=sent | {"relationship": "Friend"})
    await work(context, jobs=True)
    (letter,) = keeper.to(address)
    assert "அவசரத் தொடர்பு" in letter["Subject"]
    link = re.search(r"http://\S+(/act/\S+)", letter.get_content())
    assert link
    async with client_of(app) as stranger:
        looked = await stranger.get(link[1])
        assert looked.status_code == 200
        assert "இது நான் அல்ல" in looked.text
        done = await stranger.post(f"{link[1]}?do=emergency.not_me")
        assert done.status_code == 200, done.text
    async with asha.transaction() as tx:
        standing = (await service.standings(tx, asha.person_id))[_id(made)]
    assert standing.named_at
    assert standing.refused_at
    alert = await pressed(asha)
    assert alert.helpers == (), "who says that it is not them is not called"
    page = await browser.get(f"/p/{asha.person_id}/emergency/contacts")
    assert "Says it is not them" in page.text
    await browser.put(f"{path}/{made['id']}", json=sent | {"email": f"new.{address}"})
    await work(context, jobs=True)
    assert len(keeper.to(f"new.{address}")) == 1, "another address is another chance"
    for gone in (made["id"], (await browser.post(path, json=sent | {"name": "M."})).json()["id"]):
        await browser.delete(f"{path}/{gone}")
    again = (await browser.post(path, json=sent | {"email": address.upper(), "name": "Amma"})).json()
    await work(context, jobs=True)
    assert len(keeper.to(address)) + len(keeper.to(address.upper())) == 1, "nor is a contact made anew"
    async with asha.transaction() as tx:
        assert (await service.standings(tx, asha.person_id))[_id(again)].refused_at


async def test_who_said_by_mistake_that_it_is_not_them_takes_it_back_where_they_pressed_and_nobody_else_can(
    app: FastAPI, context: Context, keeper: Keeper, browser: httpx.AsyncClient, asha: Somebody
) -> None:
    path, address = f"/api/v1/people/{asha.person_id}/emergency-contacts", f"{asha.person_id.hex}@example.org"
    links = []
    for name in ("Meera", "M."):  # one address, named twice: two letters
        made = (await browser.post(path, json={"name": name, "email": address})).json()
        await work(context, jobs=True)
        links.append(re.findall(r"http://\S+(/act/\S+)", keeper.to(address)[-1].get_content())[0])
        if name == "Meera":
            await browser.delete(f"{path}/{made['id']}")

    async def refused() -> bool:
        async with asha.transaction() as tx:
            return (await service.standings(tx, asha.person_id))[_id(made)].refused_at is not None

    async with client_of(app) as somebody_else:
        pressed_it = await somebody_else.post(links[1])
        proof = re.findall(r'href="(/act/back/[^"]+)"', pressed_it.text)[0]
        assert await refused()
        assert "back" not in (await somebody_else.post(links[1])).text, "the link alone takes nothing back"
        forged = proof[:-4] + ("AAAA" if proof[-4:] != "AAAA" else "BBBB")
        assert (await somebody_else.post(forged)).status_code == 404
        assert "This is not me" in (await somebody_else.get(proof)).text
        assert await refused(), "looking takes nothing back"
        assert "it is you" in (await somebody_else.post(proof)).text
        assert not await refused()
        assert [one.name for one in (await pressed(asha)).helpers] == ["M."]
        assert (await somebody_else.post(proof)).status_code == 409
        proof = re.findall(r'href="(/act/back/[^"]+)"', (await somebody_else.post(links[1])).text)[0]
        assert "/act/back" not in (await somebody_else.post(links[0])).text, "it was known already"
        assert (await somebody_else.post(proof)).status_code == 409, "whoever said the same since is heard"
        assert await refused()
    async with asha.transaction() as tx:
        told = [one.kind for one in (await notifications.inbox(tx, asha.account_id))[0]]
    assert told[:3] == ["emergency.refused", "emergency.known", "emergency.refused"]


async def test_a_stranger_who_answers_late_speaks_of_their_own_address_alone(
    app: FastAPI, context: Context, keeper: Keeper, browser: httpx.AsyncClient, asha: Somebody
) -> None:
    path = f"/api/v1/people/{asha.person_id}/emergency-contacts"
    wrong, right = f"wrong.{asha.person_id.hex}@example.org", f"right.{asha.person_id.hex}@example.org"
    made = (await browser.post(path, json={"name": "Meera", "email": wrong})).json()
    await work(context, jobs=True)
    await browser.put(f"{path}/{made['id']}", json={"name": "Meera", "email": right})
    link = re.search(r"http://\S+(/act/\S+)", keeper.to(wrong)[0].get_content())
    assert link
    async with client_of(app) as stranger:
        assert (await stranger.post(f"{link[1]}?do=emergency.not_me")).status_code == 200
    async with asha.transaction() as tx:
        assert (await service.standings(tx, asha.person_id))[_id(made)].refused_at is None
    assert [one.name for one in (await pressed(asha)).helpers] == ["Meera"]
    again = (await browser.post(path, json={"name": "M.", "email": wrong})).json()
    async with asha.transaction() as tx:
        assert (await service.standings(tx, asha.person_id))[_id(again)].refused_at


def _id(made: dict[str, str]) -> object:
    from uuid import UUID

    return UUID(made["id"])


async def test_naming_others_is_no_way_to_send_letters_without_end(
    context: Context, keeper: Keeper, asha: Somebody
) -> None:
    for turn in range(23):
        contact = await named(
            asha, f"N{turn}", email=f"n{turn}.{asha.person_id.hex}@example.org", introduce=True
        )
        await JOBS["emergency.introduce"].work(context, person_id=asha.person_id, id=contact.id)
        async with asha.transaction() as tx:
            await service.CONTACTS.delete(tx, asha.person_id, contact.id)
    await work(context)
    assert len([letter for letter in keeper.letters if asha.person_id.hex in letter["To"]]) == 20
    async with asha.transaction() as tx:
        for turn in range(17):  # as many as one account may, whoever's contacts they are
            draft = ContactDraft(name="N", email=f"m{turn}@example.org", introduce=True)
            made = await service.CONTACTS.create(tx, asha.person_id, draft)
            await service.CONTACTS.delete(tx, asha.person_id, made.id)
    with pytest.raises(Incorrect) as refusal:
        await named(asha, "Ravi", introduce=True)
    assert refusal.value.fault.field == "introduce"
    assert (await named(asha, "Ravi")).name == "Ravi"


async def test_a_helper_without_an_account_says_by_link_that_they_are_on_it(
    app: FastAPI, database: Database, context: Context, keeper: Keeper, asha: Somebody
) -> None:
    mail = {name: f"{name}.{asha.person_id.hex}@example.org" for name in ("meera", "ravi")}
    await named(asha, "Meera", email=mail["meera"], language="hi")
    await named(asha, "Ravi", email=mail["ravi"])
    alert = await pressed(asha, message="Chest pain")
    await look(database)
    await work(context)
    (first,) = keeper.to(mail["meera"])
    assert "मदद चाहिए" in first["Subject"]
    assert "Chest pain" in first.get_content()
    assert "112" in first.get_content()
    links = re.findall(r"http://\S+(/act/\S+)", first.get_content())
    assert len(links) == 2
    async with client_of(app) as stranger:
        await stranger.get(links[0])
        assert told(await seen(asha, alert)) == {"Meera": 1, "Ravi": 1}
        assert (await seen(asha, alert)).state == "calling", "looking at a link answers nothing"
        done = await stranger.post(links[0])
        assert done.status_code == 200
        assert "लिख लिया" in done.text
        again = await stranger.post(links[0])
        assert again.status_code == 409
    await work(context)
    found = await seen(asha, alert)
    assert [(one.name, one.answer) for one in found.helpers] == [("Meera", "coming"), ("Ravi", None)]
    assert "Meera is helping Asha" in keeper.to(mail["ravi"])[-1]["Subject"]
    thanks = keeper.to(mail["meera"])[-1]
    link = re.search(r"http://\S+(/act/\S+)", thanks.get_content())
    assert link
    async with client_of(app) as stranger:
        assert (await stranger.post(link[1])).status_code == 200
    await work(context)
    assert (
        "still needs help" in keeper.to(mail["ravi"])[-2]["Subject"]
        or "still needs help" in keeper.to(mail["ravi"])[-1]["Subject"]
    )


async def test_a_mail_server_that_fails_is_asked_again_and_an_answer_stops_it(
    app: FastAPI, database: Database, context: Context, keeper: Keeper, asha: Somebody
) -> None:
    mail = {name: f"{name}.{asha.person_id.hex}@example.org" for name in ("meera", "ravi")}
    await named(asha, "Meera", email=mail["meera"])
    await named(asha, "Ravi", email=mail["ravi"], phone="+919840012345", methods=(Method.EMAIL,))
    alert = await pressed(asha)
    keeper.answer = "451 busy"
    await work(context)
    ways = [way for one in (await seen(asha, alert)).helpers for way in one.deliveries]
    assert {(way.state, way.attempts) for way in ways} == {("waiting", 1)}
    async with asha.transaction() as tx:
        (helper, _other) = (await service.alert(tx, asha.person_id, alert.id)).helpers
        await service.answer(tx, asha.person_id, alert.id, helper.id, Answer.COMING)
    keeper.answer = None
    async with database.transaction(Access.of(asha.person_id)) as tx:
        from sqlalchemy import text

        await tx.session.execute(text("UPDATE deliveries SET due_at = now() WHERE state = 'waiting'"))
    await work(context)
    assert ["needs help" in letter["Subject"] for letter in keeper.to(mail["ravi"])] == [False]
