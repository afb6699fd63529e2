"""A page that is open hears of what is new at once, and of nothing that is not its reader's."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from tests.features.sharing.cast import Somebody, somebody
from tests.serving import serving

from ojas.features.identity import service as identity
from ojas.features.identity.models import Account
from ojas.features.identity.rules import Kind
from ojas.features.identity.service.sessions import open_session
from ojas.kit.db import Access, Database, embedded
from ojas.kit.settings import Settings

from .test_acting import ask

_LIVE = "/notifications/live"
module = import_module("ojas.features.notifications.service.live")


@pytest.fixture(scope="module")
async def site(settings: Settings, cluster: embedded.Cluster) -> AsyncIterator[str]:
    with serving(settings, cluster, worker=False) as url:
        yield url


async def entered(who: Somebody) -> str:
    async with who.database.transaction(Access.system("sign_in")) as tx:
        account = await tx.session.get(Account, who.account_id)
        assert account is not None
        return (await open_session(tx, account, Kind.BROWSER, ["password"])).token


class Ear:
    """A plain program that listens: the events as they come."""

    def __init__(self, answer: httpx.Response) -> None:
        self.answer = answer
        self._lines = answer.aiter_lines()

    async def hears(self, wait: float = 20) -> dict[str, Any] | None:
        """The next event; None: the stream has ended."""
        event: dict[str, Any] = {}
        async with asyncio.timeout(wait):
            async for line in self._lines:
                name, _colon, value = line.partition(": ")
                if line == "" and "data" in event:
                    return event | {"data": json.loads(event["data"])}
                if name:
                    event[name] = value
        return None


@asynccontextmanager
async def listening(site: str, token: str, **headers: str) -> AsyncIterator[Ear]:
    async with (
        httpx.AsyncClient(base_url=site, cookies={identity.COOKIE: token}, timeout=30) as client,
        client.stream("GET", _LIVE, headers=headers) as answer,
    ):
        yield Ear(answer)


async def test_news_comes_at_once_and_names_no_medicine(database: Database, site: str) -> None:
    asha, devi = await somebody(database, "Asha"), await somebody(database, "Devi")
    async with listening(site, await entered(asha)) as ear, listening(site, await entered(devi)) as other:
        assert ear.answer.headers["content-type"].startswith("text/event-stream")
        assert (await ear.hears())["data"]["unread"] == 0  # type: ignore[index]
        assert (await other.hears())["data"]["unread"] == 0  # type: ignore[index]
        await asyncio.sleep(0.3)  # until both listen at the database
        message = await ask(database, asha.person_id, asha.account_id)
        told = await ear.hears(5)
        assert told is not None
        assert (told["event"], told["id"]) == ("told", str(message))
        assert told["data"] == {"unread": 1, "words": "1 new notification", "title": "Messages"}
        with pytest.raises(TimeoutError):
            await other.hears(0.5)


async def test_who_comes_back_hears_what_came_meanwhile(database: Database, site: str) -> None:
    asha = await somebody(database, "Asha")
    first = await ask(database, asha.person_id, asha.account_id)
    await ask(database, asha.person_id, asha.account_id)
    token = await entered(asha)
    async with listening(site, token) as ear:
        told = await ear.hears()
        assert told is not None
        assert (told["data"]["unread"], told["data"]["title"]) == (2, None)
    async with listening(site, token, **{"last-event-id": str(first)}) as ear:
        told = await ear.hears()
        assert told is not None
        assert told["data"]["title"] == "Messages"
    async with listening(site, token, **{"last-event-id": "nonsense"}) as ear:
        assert await ear.hears() is not None


async def test_who_signs_out_hears_nothing_more(database: Database, site: str) -> None:
    asha = await somebody(database, "Asha")
    async with listening(site, await entered(asha)) as ear:
        await ear.hears()
        await asyncio.sleep(0.3)
        async with database.transaction(Access.system("sign_in")) as tx:
            await tx.session.execute(
                text("UPDATE sessions SET ended_at = now() WHERE account_id = :a"), {"a": asha.account_id}
            )
        await ask(database, asha.person_id, asha.account_id)
        assert await ear.hears(5) is None, "the stream ends"


async def test_nobody_listens_without_end_and_not_with_a_hundred_ears(
    database: Database, site: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_EACH", 2)
    monkeypatch.setattr(module, "_BEAT_S", 0.2)
    monkeypatch.setattr(module, "_LASTS_S", 1.0)
    asha = await somebody(database, "Asha")
    token = await entered(asha)
    async with listening(site, token) as one, listening(site, token) as two:
        for ear in (one, two):
            assert await ear.hears() is not None
        async with listening(site, token) as three:
            assert three.answer.status_code == 429
        rest = await one.hears(10)
        assert rest is not None
        assert rest["event"] == "rest"
        assert await one.hears(5) is None
    async with httpx.AsyncClient(base_url=site) as nobody:
        assert (await nobody.get(_LIVE)).status_code == 303
        assert (await nobody.get("/api/v1" + _LIVE)).status_code == 401


async def test_a_stream_ends_when_the_house_does(
    database: Database, settings: Settings, cluster: embedded.Cluster
) -> None:
    asha = await somebody(database, "Asha")
    token = await entered(asha)
    house = serving(settings, cluster, worker=False)
    site = await asyncio.to_thread(house.__enter__)
    async with listening(site, token) as ear:
        await ear.hears()
        started = asyncio.get_running_loop().time()
        ending = asyncio.create_task(asyncio.to_thread(house.__exit__, None, None, None))
        assert await ear.hears(10) is None
        await ending
    assert asyncio.get_running_loop().time() - started < 8
