"""A number that hears nothing before its code came back, and what an SMS vendor may say."""

import asyncio
import io
import json
import logging
import re
import urllib.parse
from datetime import timedelta

import pytest
import time_machine
from tests.features.sharing.cast import Somebody

from ojas.features.notifications import service
from ojas.features.notifications.channels.way import Parcel
from ojas.features.notifications.rules import Channel, Handed, Never, NotNow, Topic
from ojas.features.notifications.schemas import Outsider, Wishes
from ojas.kit import clock
from ojas.kit.db import Database
from ojas.kit.errors import Conflict, Incorrect, TooMany
from ojas.kit.jobs import Context
from ojas.kit.settings import Settings

from .browser import handed
from .test_acting import ask
from .test_notifying import deliver, states
from .vendor import Vendor


@pytest.fixture
def context(reaching: Context) -> Context:
    return reaching


async def test_nothing_is_written_to_a_number_before_its_code_came_back(
    database: Database, context: Context, asha: Somebody, vendor: Vendor
) -> None:
    settings = context.settings
    vendor.status, vendor.body = 200, b'{"result": {"message_id": "1", "status": "ok"}}'
    async with asha.transaction() as tx:
        phone = await service.add_phone(tx, asha.actor, "098400 12345", "IN", settings)
        assert (phone.label, phone.confirmed) == ("+91 98400 12345", False)
        await service.wish(
            tx, asha.account_id, Wishes(channels={Topic.MEDICATION: frozenset({Channel.SMS, Channel.CALL})})
        )
    await ask(database, asha.person_id, asha.account_id)
    await deliver(context)
    (asked,) = vendor.asked
    sent = json.loads(asked.body)["params"]
    assert sent["to"].lstrip("+") == "919840012345"
    code = re.search(r"\b(\d{6})\b", sent["message"])
    assert code
    async with asha.transaction() as tx:
        wrong = await service.confirm_phone(tx, asha.actor, phone.id, "000000x")
        assert isinstance(wrong, Incorrect)
        assert not isinstance(await service.confirm_phone(tx, asha.actor, phone.id, code[1]), Incorrect)
    vendor.asked.clear()
    vendor.headers = {"content-type": "application/json"}
    await ask(database, asha.person_id, asha.account_id)
    await deliver(context)
    found = await states(database, asha.person_id)
    assert (found["sms"], found["call"]) == (("handed", 1), ("handed", 1))
    sms = next(json.loads(one.body)["params"] for one in vendor.asked if b"send_sms" in one.body)
    assert sms["message"].startswith("Messages\n")
    assert "Metoprolol" not in sms["message"]
    assert re.search(r"/act/[\w-]{60,}$", sms["message"])
    (called,) = [one for one in vendor.asked if urllib.parse.unquote(one.path).startswith("/call/+91")]
    assert json.loads(called.body)["message"] == "Messages. Messages."


async def test_a_code_tried_too_often_or_too_late_is_none_and_codes_are_few(
    context: Context, asha: Somebody
) -> None:
    settings = context.settings
    async with asha.transaction() as tx:
        phone = await service.add_phone(tx, asha.actor, "+919840012346", None, settings)
    for _again in range(6):
        async with asha.transaction() as tx:
            refused = await service.confirm_phone(tx, asha.actor, phone.id, "nonsense")
            assert isinstance(refused, Incorrect)
    assert "too often" in str(refused)
    async with asha.transaction() as tx:
        again = await service.add_phone(tx, asha.actor, "+919840012346", None, settings)
        assert again.id == phone.id
    with time_machine.travel(clock.now() + timedelta(minutes=11)):
        async with asha.transaction() as tx:
            late = await service.confirm_phone(tx, asha.actor, phone.id, "123456")
            assert "too old" in str(late)
    with pytest.raises(TooMany):
        for _again in range(5):
            async with asha.transaction() as tx:
                await service.add_phone(tx, asha.actor, "+919840012346", None, settings)
    async with asha.transaction() as tx:
        with pytest.raises(Conflict):
            await service.add_phone(tx, asha.actor, "+919840012345", None, Settings())  # type: ignore[call-arg]


async def test_who_guesses_a_code_from_many_places_at_once_has_five_tries_too(
    context: Context, asha: Somebody
) -> None:
    async with asha.transaction() as tx:
        phone = await service.add_phone(tx, asha.actor, "+919840012399", None, context.settings)

    async def guess() -> str:
        async with asha.transaction() as tx:
            return str(await service.confirm_phone(tx, asha.actor, phone.id, "nonsense"))

    answers = await asyncio.gather(*(guess() for _n in range(8)))
    assert sum("too often" in answer for answer in answers) == 3


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (200, b'{"result": {"message_id": "1", "status": "ok"}}', Handed),
        (429, b"slow down", NotNow),
        (500, b"{}", NotNow),
        (401, b"{}", NotNow),
        (400, b'{"result": "no such number"}', Never),
        (200, b"\x00 not json", NotNow),
    ],
)
async def test_what_an_sms_vendor_may_say(
    context: Context, vendor: Vendor, parcel: Parcel, status: int, body: bytes, kind: type
) -> None:
    vendor.status, vendor.body = status, body
    heard = io.StringIO()
    handler = logging.StreamHandler(heard)
    logging.getLogger().addHandler(handler)
    found = await handed(context, Channel.SMS, parcel, "+919840012345")
    logging.getLogger().removeHandler(handler)
    assert isinstance(found, kind), found
    assert "9840012345" not in heard.getvalue(), "a number is nobody's business in a log"
    assert "9840012345" not in str(found)


async def test_an_emergency_says_all_of_it_to_somebody_without_an_account(
    database: Database, context: Context, asha: Somebody, vendor: Vendor
) -> None:
    vendor.status, vendor.body = 200, b'{"result": {"message_id": "1", "status": "ok"}}'
    contact = Outsider(name="Ravi", phone="+919840012347")
    await ask(database, asha.person_id, contact, only={Channel.SMS})
    await deliver(context)
    sent = [json.loads(one.body)["params"] for one in vendor.asked]
    assert ["Metoprolol" in one["message"] for one in sent if "12347" in one["to"]] == [True]
