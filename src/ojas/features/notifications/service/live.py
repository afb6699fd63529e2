"""News for a page that is open, as server-sent events.

The database tells every process whose inbox changed (NOTIFY with the account's id, and nothing else); one connection a process
listens, however many pages are open. Each page then asks with the rights its session has at that moment, so one that was signed
out is told nothing.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Collection, Iterator
from dataclasses import dataclass
from uuid import UUID

import orjson
import psycopg
from fastapi import Request
from psycopg import sql

from ojas.features.notifications import queries
from ojas.features.notifications.service.delivering import said_of
from ojas.kit import i18n
from ojas.kit.db import Access, Tx
from ojas.kit.errors import TooMany, Unavailable
from ojas.kit.http import Actor, House
from ojas.kit.http.edge import house_of, origin_of
from ojas.kit.i18n import ngettext
from ojas.kit.ids import new_id

_CHANNEL = "ojas_told"
_EACH, _ALL = 6, 500
_BEAT_S = 25.0
_LASTS_S = 1200.0
"""A page is then told to rest, and comes back when somebody is there: a tab nobody looks at keeps no session alive."""
_PAUSE_S = 5.0
_LOOK_S = 2.0
"""How soon the ear notices that nobody is there any more."""


class Hub:
    """Who listens in this process, and its one ear at the database, which is there while anybody does."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._bells: dict[UUID, set[asyncio.Event]] = {}
        self._ear: asyncio.Task[None] | None = None

    def refuse_more(self, account_id: UUID) -> None:
        """
        Raises:
            TooMany: the account, or all together, listen often enough.
        """
        if len(self._bells.get(account_id, ())) >= _EACH or sum(map(len, self._bells.values())) >= _ALL:
            raise TooMany("That was a lot at once. Try again in a moment.", retry_after=60)

    @contextlib.contextmanager
    def bell(self, account_id: UUID) -> Iterator[asyncio.Event]:
        """What is set whenever something may have changed for an account."""
        bell = asyncio.Event()
        self._bells.setdefault(account_id, set()).add(bell)
        if self._ear is None or self._ear.done():
            self._ear = asyncio.get_running_loop().create_task(self._live())
        try:
            yield bell
        finally:
            self._bells[account_id].discard(bell)
            if not self._bells[account_id]:
                del self._bells[account_id]

    async def _live(self) -> None:
        end = asyncio.get_running_loop().create_task(self._await_the_end())
        try:
            while self._bells:
                with contextlib.suppress(psycopg.OperationalError):
                    await self._listen()
                await asyncio.sleep(_PAUSE_S if self._bells else 0)
        finally:
            end.cancel()

    async def _await_the_end(self) -> None:
        await self._house.closing.wait()
        self._ring()

    async def _listen(self) -> None:
        conninfo = self._house.database.conninfo
        async with await psycopg.AsyncConnection.connect(conninfo, autocommit=True) as connection:
            await connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(_CHANNEL)))
            self._ring()  # what was told while nobody listened
            while self._bells:
                async for heard in connection.notifies(timeout=_LOOK_S):
                    for bell in self._bells.get(UUID(heard.payload), ()):
                        bell.set()

    def _ring(self) -> None:
        for bells in self._bells.values():
            for bell in bells:
                bell.set()


@dataclass(frozen=True, slots=True)
class _News:
    unread: int
    words: str
    newest: UUID | None = None
    title: str | None = None

    def event(self) -> bytes:
        told = orjson.dumps({"unread": self.unread, "words": self.words, "title": self.title})
        name = f"id: {self.newest}\n" if self.newest else ""
        return f"{name}event: told\ndata: {told.decode()}\n\n".encode()


async def tell(tx: Tx, account_ids: Collection[UUID]) -> None:
    """Let the open pages of these accounts look, once this transaction has committed."""
    if account_ids:
        connection = await tx.connection()
        names = [str(account_id) for account_id in account_ids]
        await connection.execute("SELECT pg_notify(%s, name) FROM unnest(%s::text[]) name", (_CHANNEL, names))


def live(request: Request, actor: Actor) -> AsyncIterator[bytes]:
    """How many messages are unread, and the title of what is new, whenever that changes; for 20 minutes at most.

    Raises:
        TooMany: too many pages listen already.
    """
    house = house_of(request)
    hub: Hub = house.single.setdefault("notifications.hub", Hub(house))
    hub.refuse_more(actor.account_id)
    return _stream(hub, house, request, actor)


async def _stream(hub: Hub, house: House, request: Request, actor: Actor) -> AsyncIterator[bytes]:
    since, last = _since(request), -1
    ends = asyncio.get_running_loop().time() + _LASTS_S
    with hub.bell(actor.account_id) as bell:
        yield b"retry: 5000\n\n"
        bell.set()
        while asyncio.get_running_loop().time() < ends:
            if bell.is_set():
                bell.clear()
                news = None if house.closing.is_set() else await _news(house, request, since)
                if news is None:
                    return
                if news.title or news.unread != last:
                    since, last = news.newest or since, news.unread
                    yield news.event()
            else:
                yield b": here\n\n"
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_BEAT_S):
                    await bell.wait()
    yield b"event: rest\ndata: {}\n\n"


async def _news(house: House, request: Request, since: UUID) -> _News | None:
    """None: nobody is signed in any more, or the database does not answer; the page may ask again later."""
    try:
        async with house.database.transaction(Access.system("sign_in"), origin_of(request)) as tx:
            actor = await house.authenticate(tx, request)
            if actor is None:
                return None
            await tx.become(await house.authorise(tx, actor))
            unread = await queries.unread(tx, actor.account_id)
            newest = await queries.newest(tx, actor.account_id, since)
            with i18n.use(actor.manner):
                words = ngettext("{n} new notification", "{n} new notifications", unread)
                title = (await said_of(tx, newest)).title if newest else None
    except (psycopg.OperationalError, Unavailable):
        return None
    return _News(unread, words, newest.id if newest else None, title)


def _since(request: Request) -> UUID:
    """The last message a page heard of, where it comes back; else what comes from now on."""
    try:
        return UUID(request.headers.get("last-event-id", ""))
    except ValueError:
        return new_id()
