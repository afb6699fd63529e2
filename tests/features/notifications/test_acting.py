"""A link from a message does its one thing, once, with its reader's rights; every other link does nothing and says nothing."""

import asyncio
import html
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import httpx
import pytest
import time_machine
from fastapi import FastAPI
from sqlalchemy import text
from tests.browsing import token_of
from tests.conftest import client_of
from tests.features.sharing.cast import Scattered, Somebody, shared, signed_in, somebody

from ojas.features.identity.service import erasing
from ojas.features.notifications import service
from ojas.features.notifications.rules import Channel, Topic, Urgency
from ojas.features.notifications.schemas import Outsider, Params, Said
from ojas.features.sharing import service as sharing
from ojas.house import features
from ojas.kit import clock
from ojas.kit.db import Access, Database, Tx
from ojas.kit.errors import Conflict
from ojas.kit.i18n import _
from ojas.kit.ids import new_id
from ojas.kit.jobs import Context

from .conftest import Keeper
from .test_notifying import deliver

DONE: list[tuple[UUID, UUID | None, str]] = []
"""What was done: of whom, by which account, with which value."""


@service.action("tests.do", label="Taken")
async def DO(tx: Tx, person_id: UUID, by: UUID | None, params: Params) -> str:  # noqa: N802
    tx.access.require("measurements", person_id, write=True)
    if params.get("refuse"):
        raise Conflict("This was answered already.")
    DONE.append((person_id, by, params["name"]))
    return f"{params['name']} " + _("Saved.")


@service.action("tests.leave", label="Skip it")
async def LEAVE(tx: Tx, person_id: UUID, by: UUID | None, params: Params) -> str:  # noqa: N802
    return _("Saved.")


@service.kind(
    "tests.asking", topic=Topic.MEDICATION, scope="measurements", actions=("tests.do", "tests.leave")
)
def ASKING(params: Params) -> Said:  # noqa: N802
    return Said(_("Messages"), str(params["name"]), "/notifications")


async def ask(database: Database, person_id: UUID, to: UUID | Outsider, **more: object) -> UUID:
    params = {"name": "Metoprolol", **more.pop("params", {})}  # type: ignore[dict-item]
    async with database.transaction(Access.of(person_id)) as tx:
        return await service.notify(
            tx,
            person_id,
            ASKING,
            to=to,
            urgency=Urgency.HIGH,
            key=str(more.pop("key", new_id())),
            params=params,
            **more,  # type: ignore[arg-type]
        )


@pytest.fixture
async def passer_by(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """Anybody's browser, in which nobody is signed in."""
    transport = Scattered(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as opened:
        yield opened


async def links(database: Database, context: Context, keeper: Keeper, who: Somebody) -> list[str]:
    """The links of the one letter somebody got, in order: do, leave."""
    async with database.transaction(Access.system("sign_in")) as tx:
        await tx.session.execute(
            text("UPDATE accounts SET verified_at = now() WHERE id = :a"), {"a": who.account_id}
        )
    await deliver(context)
    return links_in(keeper, who.email)


def links_in(keeper: Keeper, address: str) -> list[str]:
    (letter,) = keeper.to(address)
    return re.findall(r"(/act/[\w-]+)", letter.get_content())


def words(answer: httpx.Response) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


async def test_looking_changes_nothing_pressing_does_it_once(
    database: Database, context: Context, keeper: Keeper, asha: Somebody, passer_by: httpx.AsyncClient
) -> None:
    message = await ask(database, asha.person_id, asha.account_id)
    take, _leave = await links(database, context, keeper, asha)
    for _again in range(3):  # as a program does that looks at every link of a letter
        looked = await passer_by.get(take)
    assert looked.status_code == 200
    assert "Metoprolol" in words(looked)
    assert "About Asha" in words(looked)
    assert "<title>Answer a message · Ojas</title>" in looked.text
    assert not [one for one in DONE if one[0] == asha.person_id]
    async with passer_by.stream("HEAD", take):
        assert not [one for one in DONE if one[0] == asha.person_id]
    pressed = await passer_by.post(take)
    assert "Metoprolol Saved." in words(pressed)
    assert [one for one in DONE if one[0] == asha.person_id] == [
        (asha.person_id, asha.account_id, "Metoprolol")
    ]
    for again in (await passer_by.post(take), await passer_by.get(take)):
        assert again.status_code == 409
        assert "Metoprolol" not in again.text, "a link that is used tells nothing"
    async with database.transaction(Access.of(asha.person_id, account_id=asha.account_id)) as tx:
        row = await tx.session.execute(
            text("SELECT account_id, action FROM audit_events WHERE subject_id = :m"), {"m": message}
        )
        assert [tuple(one) for one in row] == [(asha.account_id, "change")]
        assert await service.unread(tx, asha.account_id) == 0


async def test_two_who_press_at_once_do_it_once(
    database: Database, context: Context, keeper: Keeper, asha: Somebody, passer_by: httpx.AsyncClient
) -> None:
    await ask(database, asha.person_id, asha.account_id)
    take, leave = await links(database, context, keeper, asha)
    answers = await asyncio.gather(*(passer_by.post(link) for link in (take, take, leave)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409]


async def test_a_script_is_answered_in_json_and_one_that_chooses_nothing_is_asked_to(
    database: Database, asha: Somebody, passer_by: httpx.AsyncClient
) -> None:
    from ojas.features.notifications import queries
    from ojas.features.notifications.service.links import token_of

    id = await ask(database, asha.person_id, asha.account_id)
    async with database.transaction(Access.of(asha.person_id)) as tx:
        message = await queries.message(tx, asha.person_id, id)
        assert message is not None
        door = f"/act/{token_of(tx, message)}"
    shown = await passer_by.get(door)
    assert re.findall(r"do=(tests\.\w+)", shown.text) == ["tests.do", "tests.leave"]
    plain = {"accept": "application/json"}
    assert (await passer_by.post(door, headers=plain)).json() == {"says": "Choose what to do."}
    assert (await passer_by.post(door + "?do=medications.take", headers=plain)).status_code == 409
    assert (await passer_by.post(door + "?do=tests.do", headers=plain)).json() == {
        "says": "Metoprolol Saved."
    }


async def test_a_link_that_is_wrong_or_not_whole_says_so_and_nothing_else(
    database: Database, context: Context, keeper: Keeper, asha: Somebody, passer_by: httpx.AsyncClient
) -> None:
    await ask(database, asha.person_id, asha.account_id)
    take, leave = await links(database, context, keeper, asha)
    mixed = take[:50] + leave[50:]
    for wrong in (
        take[:-1],
        take + "A",
        mixed,
        "/act/x",
        "/act/" + "A" * 70,
        "/act/%00%ff",
        "/act/" + "é" * 70,
    ):
        for answer in (await passer_by.get(wrong), await passer_by.post(wrong)):
            assert answer.status_code == 404, wrong
            assert "not one of ours" in words(answer)
            assert "Asha" not in answer.text
    assert (await passer_by.post(take)).status_code == 200


async def test_whoever_tries_links_is_soon_told_to_wait(app: FastAPI) -> None:
    async with client_of(app, **{"user-agent": "guesser"}) as guesser:
        guesser._transport.client = ("203.0.113.77", 1)  # type: ignore[attr-defined]
        codes = [(await guesser.get(f"/act/{n}")).status_code for n in range(22)]
    assert codes == [404] * 20 + [429] * 2


async def test_a_link_ends_with_its_message_and_after_a_week(
    database: Database, context: Context, keeper: Keeper, asha: Somebody, passer_by: httpx.AsyncClient
) -> None:
    await ask(database, asha.person_id, asha.account_id, expires_at=clock.now() + timedelta(hours=1))
    take, _leave = await links(database, context, keeper, asha)
    with time_machine.travel(clock.now() + timedelta(hours=1, minutes=1)):
        late = await passer_by.post(take)
    assert late.status_code == 409
    assert "The time for this has passed" in words(late)
    keeper.letters.clear()
    await ask(database, asha.person_id, asha.account_id)
    take, _leave = await links(database, context, keeper, asha)
    with time_machine.travel(clock.now() + timedelta(days=7, minutes=1)):
        assert (await passer_by.get(take)).status_code == 409


async def test_it_acts_with_the_rights_its_reader_has_at_that_moment(
    database: Database, context: Context, keeper: Keeper, asha: Somebody, passer_by: httpx.AsyncClient
) -> None:
    devi = await somebody(database, "Devi")
    grant = await shared(asha, devi, "measurements", may_write=True)
    await ask(database, asha.person_id, devi.account_id)
    take, _leave = await links(database, context, keeper, devi)
    assert (await passer_by.get(take)).status_code == 200
    async with asha.transaction() as tx:
        await sharing.take_back(tx, asha.person_id, grant.id)
    refused = await passer_by.post(take)
    assert refused.status_code == 403
    assert "Metoprolol" not in refused.text
    assert not [one for one in DONE if one[0] == asha.person_id]


async def test_what_the_action_refuses_leaves_the_link_good(
    database: Database, context: Context, keeper: Keeper, asha: Somebody, passer_by: httpx.AsyncClient
) -> None:
    await ask(database, asha.person_id, asha.account_id, params={"refuse": True})
    take, leave = await links(database, context, keeper, asha)
    assert (await passer_by.post(take)).status_code == 409
    assert (await passer_by.post(leave)).status_code == 200


async def test_somebody_without_an_account_is_told_in_their_language_and_may_answer(
    database: Database, context: Context, keeper: Keeper, asha: Somebody, passer_by: httpx.AsyncClient
) -> None:
    contact = Outsider(name="Ravi", email=f"ravi.{new_id().hex}@example.org", language="ta")
    first = await ask(database, asha.person_id, contact, key="fall")
    assert await ask(database, asha.person_id, contact, key="fall") == first
    await deliver(context)
    (letter,) = keeper.to(contact.email or "")
    assert letter["Content-Language"] == "ta"
    take = links_in(keeper, contact.email or "")[0]
    assert 'lang="ta"' in (await passer_by.get(take)).text
    done = await passer_by.post(take)
    assert done.status_code == 200
    assert "<p><a href" not in done.text, "who has no account is led nowhere"
    assert [one for one in DONE if one[0] == asha.person_id] == [(asha.person_id, None, "Metoprolol")]
    async with database.transaction(Access.of(asha.person_id)) as tx:
        found = await service.deliveries(tx, asha.person_id, [first])
        assert [(d.channel, d.state, d.attempts) for d in found[first]] == [(Channel.EMAIL, "handed", 1)]
        assert found[first][0].last_at is not None
        lines = [line async for line in service.export(tx, asha.person_id)]
        assert "Ravi" in str(lines)
        await service.erase(tx, asha.person_id)
        assert await tx.session.scalar(text("SELECT count(*) FROM outsiders")) == 0


async def test_only_the_channels_asked_for_are_used_and_what_is_hushed_is_not_sent(
    database: Database, context: Context, keeper: Keeper, asha: Somebody
) -> None:
    contact = Outsider(name="Ravi", email=f"ravi.{new_id().hex}@example.org", phone="+919840012345")
    by_mail = await ask(database, asha.person_id, contact, only={Channel.EMAIL})
    by_all = await ask(database, asha.person_id, contact)
    async with database.transaction(Access.of(asha.person_id)) as tx:
        found = await service.deliveries(tx, asha.person_id, [by_mail, by_all])
        assert [d.channel for d in found[by_mail]] == [Channel.EMAIL]
        assert {d.channel for d in found[by_all]} == {Channel.EMAIL, Channel.SMS, Channel.CALL}
        await service.hush(tx, asha.person_id, [by_all])
    await deliver(context)
    assert len(keeper.to(contact.email or "")) == 1
    async with database.transaction(Access.of(asha.person_id)) as tx:
        found = await service.deliveries(tx, asha.person_id, [by_all])
        assert {d.state for d in found[by_all]} == {"hushed"}


async def test_signed_in_the_same_is_done_from_the_page(
    app: FastAPI, database: Database, asha: Somebody
) -> None:
    id = await ask(database, asha.person_id, asha.account_id)
    async with await signed_in(app, asha) as browser:
        page = await browser.get("/notifications")
        token = token_of(page.text)
        assert f'action="/notifications/{id}/do/tests.do"' in page.text
        form = {"form_token": token}
        assert (await browser.post(f"/notifications/{id}/do/medications.take", data=form)).status_code == 404
        assert (await browser.post(f"/notifications/{id}/do/tests.do", data=form)).status_code == 303
        assert (await browser.post(f"/notifications/{id}/do/tests.do", data=form)).status_code == 409
        for where in ("/notifications", f"/notifications/{id}"):
            text = (await browser.get(where)).text
            assert f'action="/notifications/{id}/do/' not in text
            assert "Answered: " in text


async def test_a_record_that_waits_to_be_erased_is_shut_to_links_of_outsiders_too(
    database: Database, context: Context, keeper: Keeper, asha: Somebody, passer_by: httpx.AsyncClient
) -> None:
    contact = Outsider(name="Ravi", email=f"ravi.{new_id().hex}@example.org")
    await ask(database, asha.person_id, contact)
    await deliver(context)
    take = links_in(keeper, contact.email or "")[0]
    async with asha.transaction() as tx:
        await erasing.ask_for(tx, features(), asha.person_id)
    for answer in (await passer_by.get(take), await passer_by.post(take)):
        assert answer.status_code == 403
        assert "Metoprolol" not in answer.text
    assert not [one for one in DONE if one[0] == asha.person_id]
    keeper.letters.clear()
    await ask(database, asha.person_id, contact)
    await deliver(context)
    since = links_in(keeper, contact.email or "")[0]
    assert (await passer_by.post(since)).status_code == 200, "what she says since then is answered"
    async with asha.transaction() as tx:
        await erasing.undo_for(tx, features(), asha.person_id)
    assert (await passer_by.post(take)).status_code == 200
