"""Push, SMS, calls and webhooks, against servers that answer, refuse, ask for time, hang, and talk nonsense."""

import base64
import hmac
import json
import re
from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime
from hashlib import sha256

import pytest
import time_machine
from cryptography.hazmat.primitives.asymmetric import ec
from joserfc import jwt
from joserfc.jwk import ECKey
from tests.features.sharing.cast import Somebody, somebody

from ojas.features.notifications import service
from ojas.features.notifications.channels.push import encrypted
from ojas.features.notifications.channels.way import Parcel
from ojas.features.notifications.rules import Channel, Handed, Never, NotNow, Outcome, Topic
from ojas.features.notifications.schemas import Wishes
from ojas.kit import clock, crypto
from ojas.kit.db import Access, Database
from ojas.kit.errors import NotFound
from ojas.kit.jobs import Context
from ojas.kit.settings import Settings

from .browser import handed, raw, subscribed, text
from .test_acting import ask
from .test_notifying import deliver, states
from .vendor import Vendor, nobody_listens


@pytest.fixture
def context(reaching: Context) -> Context:
    return reaching


def test_a_payload_is_encrypted_as_the_standards_own_example() -> None:
    """RFC 8291, appendix A."""
    ours = ec.derive_private_key(
        int.from_bytes(raw("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw")), ec.SECP256R1()
    )
    body = encrypted(
        b"When I grow up, I want to be a watermelon",
        "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
        "BTBZMqHH6r4Tts7J_aSIgg",
        salt=raw("DGv6ra1nlYgDCS1FRnbzlw"),
        key=ours,
    )
    assert text(body) == (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8w"
        "EqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )


async def test_what_is_pushed_only_its_browser_can_read_and_it_names_no_medicine(
    database: Database, context: Context, asha: Somebody, vendor: Vendor
) -> None:
    browser = await subscribed(asha, vendor)
    await ask(database, asha.person_id, asha.account_id)
    await deliver(context)
    (asked,) = vendor.at("/push/")
    told = browser.reads(asked.body)
    assert told["title"] == "Messages"
    assert "text" not in told
    assert "Metoprolol" not in str(told)
    assert [one["words"] for one in told["actions"]] == ["Taken", "Skip it"]
    assert all(re.fullmatch(r"/act/[\w-]+", one["url"]) for one in told["actions"])
    assert asked.headers["urgency"] == "high"
    token, key = re.fullmatch(r"vapid t=([\w.-]+), k=([\w-]+)", asked.headers["authorization"]).groups()  # type: ignore[union-attr]
    point = raw(key)
    public = ECKey.import_key({"kty": "EC", "crv": "P-256", "x": text(point[1:33]), "y": text(point[33:])})
    claims = jwt.decode(token, public, algorithms=["ES256"]).claims
    assert claims["aud"] == vendor.url
    assert 0 < claims["exp"] - clock.now().timestamp() <= 86_400
    assert (await states(database, asha.person_id))["push"] == ("handed", 1)
    async with asha.transaction() as tx:
        assert service.push_key(context.settings, tx) == key


async def test_who_wants_the_details_on_the_screen_gets_them(
    database: Database, context: Context, asha: Somebody, vendor: Vendor
) -> None:
    browser = await subscribed(asha, vendor)
    async with asha.transaction() as tx:
        await service.wish(tx, asha.account_id, Wishes(details=True))
    await ask(database, asha.person_id, asha.account_id)
    await deliver(context)
    assert browser.reads(vendor.at("/push/")[0].body)["text"] == "Metoprolol"


async def test_a_browser_that_unsubscribed_is_forgotten_and_the_others_stay(
    database: Database, context: Context, asha: Somebody, vendor: Vendor
) -> None:
    await subscribed(asha, vendor)
    vendor.status = 410
    await ask(database, asha.person_id, asha.account_id)
    await deliver(context)
    assert (await states(database, asha.person_id))["push"] == ("refused", 1)
    async with asha.transaction() as tx:
        assert await service.addresses(tx, asha.actor) == []
    vendor.status = 201
    await subscribed(asha, vendor)
    await subscribed(asha, vendor)
    vendor.asked.clear()
    await ask(database, asha.person_id, asha.account_id)
    await deliver(context)
    assert len(vendor.at("/push/")) == 2, "one to each browser"


async def test_a_service_that_asks_for_time_is_given_it(
    database: Database, context: Context, asha: Somebody, vendor: Vendor
) -> None:
    await subscribed(asha, vendor)
    vendor.status, vendor.headers = 429, {"Retry-After": "900"}
    now = clock.now()
    message = await ask(database, asha.person_id, asha.account_id)
    await deliver(context)
    async with asha.transaction() as tx:
        (push,) = [
            d
            for d in (await service.deliveries(tx, asha.person_id, [message]))[message]
            if d.channel == "push"
        ]
    assert (push.state, push.answer) == ("waiting", "The push service takes nothing just now. [429]")
    assert now + timedelta(minutes=15) <= push.due_at <= now + timedelta(minutes=16)
    vendor.status, vendor.headers = 201, {}
    with time_machine.travel(clock.now() + timedelta(minutes=16)):
        await deliver(context)
    assert (await states(database, asha.person_id))["push"] == ("handed", 2)


@pytest.mark.parametrize(
    ("status", "wanted"),
    [
        (201, Handed("201")),
        (301, Never("The push service refuses it. [301]")),
        (400, Never("The push service refuses it. [400]")),
        (404, Never("The browser has unsubscribed. [404]", gone=True)),
        (413, Never("The push service refuses it. [413]")),
        (500, NotNow("The push service takes nothing just now. [500]")),
        (503, NotNow("The push service takes nothing just now. [503]")),
    ],
)
async def test_what_a_push_service_may_say(
    context: Context, vendor: Vendor, parcel: Parcel, status: int, wanted: Outcome
) -> None:
    vendor.status, vendor.headers = status, {"Location": "http://127.0.0.1:1/elsewhere"}
    assert await handed(context, Channel.PUSH, parcel, f"{vendor.url}/push") == wanted
    assert len(vendor.asked) == 1, "no redirect is followed"


@pytest.mark.parametrize("channel", [Channel.PUSH, Channel.WEBHOOK])
@pytest.mark.parametrize("trouble", ["hang", "garbage", "nobody"])
async def test_a_server_that_hangs_talks_nonsense_or_is_not_there_is_tried_again(
    context: Context,
    vendor: Vendor,
    parcel: Parcel,
    channel: Channel,
    trouble: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("ojas.kit.outward.PATIENCE_S", 0.4)
    vendor.trouble = trouble
    url = nobody_listens() if trouble == "nobody" else vendor.url
    found = await handed(context, channel, parcel, url)
    assert isinstance(found, NotNow)
    assert "does not answer" in found.reason


async def test_of_a_flood_only_the_beginning_is_read(
    context: Context, vendor: Vendor, parcel: Parcel
) -> None:
    vendor.trouble = "flood"
    assert await handed(context, Channel.WEBHOOK, parcel, vendor.url) == Handed("200")


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/x",
        "https://localhost/x",
        "https://10.1.2.3/x",
        "https://192.168.0.1/x",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/x",
        "https://[::ffff:127.0.0.1]/x",
        "https://[64:ff9b::7f00:1]/x",
        "https://[2002:7f00:1::]/x",
        "https://[fe80::1]/x",
        "https://0x7f.1/x",
        "https://2130706433/x",
        "https://user:secret@example.org/x",
        "http://example.org/x",
        "file:///etc/passwd",
        "https://",
        "https://example.org:99999/",
        "https://exa mple.org/",
        "https://[bad/",
        "https://example.org/#part",
    ],
)
async def test_nothing_is_sent_into_our_own_network(
    context: Context, parcel: Parcel, settings: Settings, url: str
) -> None:
    """By what an address says, and by where its name leads."""
    careful = context.settings.model_copy(update={"reach_inside": False})
    closed = replace(context, settings=careful)
    for channel in (Channel.WEBHOOK, Channel.PUSH):
        assert isinstance(await handed(closed, channel, parcel, url), Never | NotNow)


async def test_a_name_is_looked_up_once_and_what_is_found_is_what_is_used(
    context: Context, vendor: Vendor, parcel: Parcel
) -> None:
    careful = context.settings.model_copy(update={"reach_inside": False})
    closed = replace(context, settings=careful)
    port = vendor.url.rpartition(":")[2]
    found = await handed(closed, Channel.WEBHOOK, parcel, f"https://localhost:{port}/")
    assert found == Never("This leads into our own network, and is not allowed.")
    assert vendor.asked == []


async def test_a_webhook_can_tell_that_it_was_we_who_spoke(
    database: Database, context: Context, asha: Somebody, vendor: Vendor
) -> None:
    async with asha.transaction() as tx:
        shown, secret = await service.add_webhook(tx, asha.actor, f"{vendor.url}/hook", inside=True)
        await service.wish(
            tx, asha.account_id, Wishes(channels={Topic.MEDICATION: frozenset({Channel.WEBHOOK})})
        )
    await ask(database, asha.person_id, asha.account_id)
    await deliver(context)
    (asked,) = vendor.at("/hook")
    signed = f"{asked.headers['webhook-id']}.{asked.headers['webhook-timestamp']}.".encode() + asked.body
    key = base64.b64decode(secret.removeprefix("whsec_"))
    assert (
        asked.headers["webhook-signature"]
        == "v1," + base64.b64encode(hmac.digest(key, signed, sha256)).decode()
    )
    (message,) = json.loads(asked.body)["messages"]
    assert (message["kind"], message["text"]) == ("tests.asking", "Metoprolol")
    assert [one["label"] for one in message["actions"]] == ["Taken", "Skip it"]
    async with asha.transaction() as tx:
        await service.forget(tx, asha.actor, shown.id)
        with pytest.raises(NotFound):
            await service.forget(tx, asha.actor, shown.id)


@pytest.mark.parametrize("channel", [Channel.SMS, Channel.CALL, Channel.WEBHOOK])
@pytest.mark.parametrize(
    ("asked", "least", "most"),
    [("120", 120, 120), ("a date", 80, 91), ("soon", None, None)],
)
async def test_whoever_asks_for_time_is_heard(
    context: Context, vendor: Vendor, parcel: Parcel, channel: Channel, asked: str, least: float, most: float
) -> None:
    date = format_datetime(clock.now() + timedelta(seconds=90), usegmt=True)
    vendor.status, vendor.headers = 503, {"Retry-After": date if asked == "a date" else asked}
    to = f"{vendor.url}/hook" if channel is Channel.WEBHOOK else "+919840012345"
    found = await handed(context, channel, parcel, to)
    assert isinstance(found, NotNow)
    waits = found.after.total_seconds() if found.after else None
    assert waits == least if waits is None or least is None else least <= waits <= most


async def test_the_houses_key_for_push_is_its_own_and_stays(settings: Settings) -> None:
    from ojas.features.notifications.channels import vapid_of

    one, other = crypto.MasterKeys.new(), crypto.MasterKeys.new()
    assert vapid_of(settings, one).public == vapid_of(settings, one.rotated()).public
    assert vapid_of(settings, one).public != vapid_of(settings, other).public
    assert len(raw(vapid_of(settings, one).public)) == 65


async def test_somebody_elses_addresses_are_not_there(
    database: Database, context: Context, asha: Somebody, vendor: Vendor
) -> None:
    await subscribed(asha, vendor)
    devi = await somebody(database, "Devi")
    async with asha.transaction() as tx:
        (mine,) = await service.addresses(tx, asha.actor)
    async with devi.transaction() as tx:
        assert await service.addresses(tx, devi.actor) == []
        with pytest.raises(NotFound):
            await service.forget(tx, devi.actor, mine.id)
        from sqlalchemy import text as sql

        assert await tx.session.scalar(sql("SELECT count(*) FROM addresses")) == 0
    async with database.transaction(Access.of(asha.person_id)) as tx:
        await service.erase(tx, asha.person_id)
    async with asha.transaction() as tx:
        assert await service.addresses(tx, asha.actor) == []


async def test_a_browser_is_theirs_who_sits_at_it_now(
    database: Database, context: Context, vendor: Vendor, asha: Somebody
) -> None:
    devi = await somebody(database, "Devi")
    browser = await subscribed(asha, vendor)
    async with devi.transaction() as tx:
        await service.subscribe(tx, devi.actor, browser.subscription, "Firefox on Linux", inside=True)
    async with asha.transaction() as tx:
        assert await service.addresses(tx, asha.actor) == []
    async with devi.transaction() as tx:
        assert len(await service.addresses(tx, devi.actor)) == 1
