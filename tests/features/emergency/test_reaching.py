"""Reaching contacts over a real mail server and an SMS vendor on the loopback, which fail on purpose; and workers that die."""

import asyncio
import json
import os
import re
import secrets
import signal
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from ojas.features.emergency import service
from ojas.features.emergency.rules.terms import Answer, Kind
from ojas.features.emergency.schemas import Place
from ojas.kit import clock, crypto
from ojas.kit.db import Access, Database, embedded
from ojas.kit.jobs import TICKS, Context, catch_up
from tests.features.emergency.living import ended, named, pressed, seen, told
from tests.features.notifications.conftest import Keeper, context, keeper, mailbox
from tests.features.notifications.vendor import Vendor, vending
from tests.features.sharing.cast import Somebody, somebody

__all__ = ["context", "keeper", "mailbox"]


@pytest.fixture
def numbers() -> tuple[str, str]:
    """Two telephones that no other test writes to."""
    return f"+9198{secrets.randbelow(10**8):08d}", f"+9199{secrets.randbelow(10**8):08d}"


_OK = b'{"result": {"message_id": "1", "status": "ok"}}'


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    with vending() as opened:
        opened.status, opened.body = 200, _OK
        opened.headers = {"content-type": "application/json"}
        yield opened


@pytest.fixture
def house(context: Context, vendor: Vendor) -> Context:
    """A worker's in a house with a vendor of SMS."""
    settings = context.settings.model_copy(update={**vendor.addresses})
    return replace(context, settings=settings)


async def work(house: Context) -> None:
    await catch_up(house, [TICKS["emergency.call"], TICKS["notifications.deliver"]])


def texts(vendor: Vendor, number: str) -> list[str]:
    """What was written to a number by SMS, oldest first."""
    sent = [json.loads(one.body)["params"] for one in vendor.asked if b"send_sms" in one.body]
    return [one["message"] for one in sent if one["to"].lstrip("+") == number.lstrip("+")]


async def hurry(database: Database, who: Somebody) -> None:
    """Let what waits be due."""
    async with database.transaction(Access.of(who.person_id)) as tx:
        await tx.session.execute(
            text("UPDATE deliveries SET due_at = now() WHERE state = 'waiting' AND person_id = :p"),
            {"p": who.person_id},
        )


async def test_an_sms_says_what_happened_where_and_holds_one_link_for_both_answers(
    house: Context, vendor: Vendor, asha: Somebody, numbers: tuple[str, str]
) -> None:
    await named(asha, "Meera", phone=numbers[0], second_phone=numbers[1], methods=())
    place = Place(latitude=13.0827, longitude=80.2707, accuracy=20, address="Second floor")
    await pressed(asha, kind=Kind.FALL, message="I cannot get up", place=place)
    await work(house)
    (sms,) = texts(vendor, numbers[0])
    for there in (
        "Asha needs help",
        "A fall",
        "I cannot get up",
        "Second floor",
        "mlat=13.082700&mlon=80.270700",
        "112",
    ):
        assert there in sms, sms
    assert len(re.findall(r"/act/[\w-]{60,}", sms)) == 1
    assert len(sms) <= 620
    assert len(texts(vendor, numbers[1])) == 1, "the second telephone too"
    calls = [one for one in vendor.asked if "/call/" in one.path and any(n[1:] in one.path for n in numbers)]
    assert len(calls) == 2
    assert b"Asha needs help" in calls[0].body


async def test_a_vendor_that_fails_is_asked_again_and_mail_does_not_wait_for_it(
    database: Database,
    house: Context,
    vendor: Vendor,
    keeper: Keeper,
    asha: Somebody,
    numbers: tuple[str, str],
) -> None:
    address = f"{asha.person_id.hex}@example.org"
    await named(asha, "Meera", phone=numbers[0], email=address)
    vendor.status, vendor.body = 503, b"{}"
    alert = await pressed(asha)
    await work(house)
    assert len(keeper.to(address)) == 1
    ways = {way.channel: way for way in (await seen(asha, alert)).helpers[0].deliveries}
    assert (ways["email"].state, ways["sms"].state, ways["call"].state) == ("handed", "waiting", "waiting")
    assert ways["sms"].attempts == 1
    assert ways["sms"].last_at is not None
    vendor.status, vendor.body = 200, _OK
    await hurry(database, asha)
    await work(house)
    ways = {way.channel: way for way in (await seen(asha, alert)).helpers[0].deliveries}
    assert (ways["sms"].state, ways["sms"].attempts) == ("handed", 2)
    assert len(keeper.to(address)) == 1, "what arrived is not said again"


async def test_an_answer_stops_what_still_waits_and_everybody_learns_that_it_was_a_false_alarm(
    database: Database,
    house: Context,
    vendor: Vendor,
    keeper: Keeper,
    asha: Somebody,
    numbers: tuple[str, str],
) -> None:
    mail = {name: f"{name}.{asha.person_id.hex}@example.org" for name in ("Meera", "Ravi")}
    await named(asha, "Meera", email=mail["Meera"])
    await named(asha, "Ravi", email=mail["Ravi"], phone=numbers[0])
    vendor.status, vendor.body = 503, b"{}"
    alert = await pressed(asha)
    await work(house)
    helper = next(one for one in (await seen(asha, alert)).helpers if one.name == "Meera")
    async with asha.transaction() as tx:
        await service.answer(tx, asha.person_id, alert.id, helper.id, Answer.COMING)
    vendor.status, vendor.body = 200, _OK
    vendor.asked.clear()
    await hurry(database, asha)
    await work(house)
    assert [sms.split("\n")[0] for sms in texts(vendor, numbers[0])] == ["Meera is helping Asha"]
    await ended(asha, alert, outcome="false_alarm")
    await work(house)
    assert texts(vendor, numbers[0])[-1].startswith("False alarm: Asha is all right")
    for name in mail:
        assert keeper.to(mail[name])[-1]["Subject"] == "False alarm: Asha is all right"
        assert "/p/" not in keeper.to(mail[name])[-1].get_content(), "no page they could not open"


async def test_a_test_says_test_in_letter_and_sms(
    house: Context, vendor: Vendor, keeper: Keeper, asha: Somebody, numbers: tuple[str, str]
) -> None:
    address = f"{asha.person_id.hex}@example.org"
    meera = await named(asha, "Meera", phone=numbers[0], email=address, language="hi")
    alert = await pressed(asha, test=True, contacts=(meera.id,))
    await work(house)
    await ended(asha, alert)
    await work(house)
    for sms in texts(vendor, numbers[0]):
        title, words = sms.split("\n")[:2]
        assert "TEST" in title
        assert words.startswith("जाँच (TEST)")
    assert len(keeper.to(address)) == 2
    for letter in keeper.to(address):
        assert "TEST" in letter["Subject"]
        assert "TEST" in letter.get_content()


WORKER = """
import asyncio, os, sys
from contextlib import asynccontextmanager
from pathlib import Path
from ojas.house import features
from ojas.kit import crypto
from ojas.kit.db import Database
from ojas.kit.jobs import TICKS, Context
from ojas.kit.settings import Settings

class Watched(Database):
    @asynccontextmanager
    async def transaction(self, *args, **more):
        async with super().transaction(*args, **more) as tx:
            yield tx
            print("before", flush=True)  # the work is done, and nothing of it stands yet
            await asyncio.sleep(0.01)

async def main(dsn, home, smtp):
    settings = Settings(home=Path(home), master_key=os.environ["MASTER"], smtp_url=smtp)
    database = Watched(dsn, crypto.load(settings))
    context = Context(database, settings, features())
    while True:
        for name in ("emergency.call", "notifications.deliver"):
            await TICKS[name].look(context)
        await asyncio.sleep(0.01)

asyncio.run(main(*sys.argv[1:]))
"""


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_whoever_dies_in_the_middle_each_contact_is_told(
    database: Database,
    cluster: embedded.Cluster,
    master: crypto.MasterKeys,
    mailbox: tuple[Keeper, int],
    house: Context,
    tmp_path: Path,
) -> None:
    """Workers killed with SIGKILL at whatever they do, while six people call for help; then one that lives."""
    script = tmp_path / "worker.py"
    script.write_text(WORKER)
    callers = [await somebody(database, f"Caller {n}") for n in range(6)]
    addresses = {}
    for caller in callers:
        for name in ("a", "b", "c"):
            addresses[caller, name] = f"{name}.{caller.person_id.hex}@example.org"
            await named(caller, name, email=addresses[caller, name])
    alerts = {caller: await pressed(caller) for caller in callers}
    deaths = 0
    for turn in range(4):
        worker = await asyncio.create_subprocess_exec(
            *(
                sys.executable,
                str(script),
                cluster.dsn(embedded.APP),
                str(tmp_path),
                f"smtp://127.0.0.1:{mailbox[1]}",
            ),
            stdout=asyncio.subprocess.PIPE,
            env={
                "MASTER": master.dump(),
                "PATH": os.environ["PATH"],
                "PYTHONPATH": os.pathsep.join(sys.path),
            },
        )
        assert worker.stdout
        for _ in range(1 + turn * 4):
            assert await worker.stdout.readline()
        worker.send_signal(signal.SIGKILL)
        await worker.wait()
        deaths += 1
    async with database.transaction(Access.of(callers[0].person_id)) as tx:
        for caller in callers:
            await tx.become(Access.of(caller.person_id))
            await tx.session.execute(
                text("UPDATE deliveries SET due_at = now() WHERE state = 'waiting' AND person_id = :p"),
                {"p": caller.person_id},
            )
    await work(house)
    letters = {key: len(mailbox[0].to(address)) for key, address in addresses.items()}
    assert min(letters.values()) >= 1, "each contact was told at least once"
    twice = sum(count - 1 for count in letters.values())
    print(f"{deaths} deaths, {len(letters)} contacts told, {twice} letters twice")  # noqa: T201  # what a crash costs
    for caller, alert in alerts.items():
        assert told(await seen(caller, alert)) == {"a": 1, "b": 1, "c": 1}
        found = await seen(caller, alert)
        assert found.next_call_at is not None
        assert found.next_call_at - clock.now() <= timedelta(minutes=10)
