"""How a request travels: one transaction, who calls, for whom, the handler, the audit row, one commit."""

import asyncio
import contextlib
import re
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, TypeVar
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute, Match
from starlette.types import Scope

from ojas.kit import i18n
from ojas.kit.db import Access, Origin, Tx
from ojas.kit.errors import Unauthenticated
from ojas.kit.http import replay
from ojas.kit.http.actor import Actor
from ojas.kit.ids import new_id
from ojas.kit.jobs import Context

Authenticate = Callable[[Tx, Request], Awaitable[Actor | None]]
Authorise = Callable[[Tx, Actor], Awaitable[Access]]


@dataclass(kw_only=True, eq=False)
class House(Context):
    """What a running process stands on, and who may come in; one, under ``app.state.house``."""

    authenticate: Authenticate
    authorise: Authorise
    closing: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the process is to end: what would otherwise go on for ever, such as a stream of news, ends then."""


LANGUAGE = "lang"
"""The cookie of a language that was chosen."""

Handler = Callable[[Request], Coroutine[Any, Any, Response]]
EndpointT = TypeVar("EndpointT", bound=Callable[..., Any])


def takes(most: int) -> Callable[[EndpointT], EndpointT]:
    """Let a handler's requests have ``most`` bytes, where the limit of all others is too small. Held in memory."""

    def mark(endpoint: EndpointT) -> EndpointT:
        endpoint.body_limit = most  # type: ignore[attr-defined]  # read by Edge
        return endpoint

    return mark


class Edge(APIRoute):
    """A route whose handler runs inside the one transaction of its request."""

    def get_route_handler(self) -> Handler:
        handle = super().get_route_handler()

        async def at_the_edge(request: Request) -> Response:
            if most := getattr(self.endpoint, "body_limit", None):
                request.state.body_limit = most
            # Read what was sent before taking a connection: a slow sender must not hold one, whatever it says it sends.
            await request.body()
            house = house_of(request)
            async with house.database.transaction(Access.system("sign_in"), origin_of(request)) as tx:
                actor = await house.authenticate(tx, request)
                if actor:
                    await tx.become(_named(request, actor, await house.authorise(tx, actor)))
                else:
                    await tx.become(Access())
                request.state.tx, request.state.actor = tx, actor
                request.state.manner = actor.manner if actor else manner_of(request)
                with i18n.use(request.state.manner):
                    secret = getattr(self.endpoint, "tells_secrets", False)
                    return await replay.once(request, tx, actor, handle, secret=secret)

        return at_the_edge


class Router(APIRouter):
    """A router all of whose routes cross the edge.

    A request asks every router of the house, and each its every route: 300 of them took 2 ms. So a router first looks whether
    the path ends as any of its routes does, whatever it is included under, in one expression.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(route_class=Edge, **kwargs)
        self._endings: tuple[int, re.Pattern[str] | None] = (0, None)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        count, endings = self._endings
        if count != len(self.routes):
            endings = _endings(self.routes)
            self._endings = len(self.routes), endings
        if endings and scope["type"] == "http" and not endings.search(scope["path"]):
            return Match.NONE, {}
        return super().matches(scope)


def _endings(routes: Sequence[BaseRoute]) -> re.Pattern[str] | None:
    """What finds the end of a path that one of the routes may serve; None where one of them does not say its paths."""
    if not all(isinstance(route, APIRoute) for route in routes):
        return None
    paths = [route.path_regex.pattern.removeprefix("^") for route in routes if isinstance(route, APIRoute)]
    return re.compile("|".join(re.sub(r"\(\?P<\w+>", "(?:", path) for path in paths))


def house_of(request: Request) -> House:
    house = request.app.state.house
    assert isinstance(house, House)
    return house


def tx_of(request: Request) -> Tx:
    tx = request.state.tx
    assert isinstance(tx, Tx)
    return tx


def actor_of(request: Request) -> Actor:
    """Who calls.

    Raises:
        Unauthenticated: nobody is signed in.
    """
    actor = request.state.actor
    if actor is None:
        raise Unauthenticated("Please sign in first.")
    assert isinstance(actor, Actor)
    return actor


async def _tx(request: Request) -> Tx:
    return tx_of(request)


async def _actor(request: Request) -> Actor:
    return actor_of(request)


async def _signed_in_tx(request: Request) -> Tx:
    actor_of(request)
    return tx_of(request)


TxOf = Annotated[Tx, Depends(_signed_in_tx)]
"""The request's transaction, for handlers that only somebody signed in may reach."""

OpenTx = Annotated[Tx, Depends(_tx)]
"""The request's transaction, for the few doors that stand open: sign-in, registration, a public card."""

ActorOf = Annotated[Actor, Depends(_actor)]


def origin_of(request: Request) -> Origin:
    client = request.client.host if request.client else None
    return Origin(
        request_id=getattr(request.state, "request_id", None) or new_id(),
        address=client if client and client[0].isalnum() and client != "testclient" else None,
        agent=request.headers.get("user-agent", "")[:300] or None,
    )


def manner_of(request: Request) -> i18n.Manner:
    """How to speak to somebody unknown: by ``?lang=``, the language cookie, or the browser's wish."""
    cookies = request.cookies
    wishes = [request.query_params.get("lang"), cookies.get(f"__Host-{LANGUAGE}"), cookies.get(LANGUAGE)]
    wishes += [
        part.split(";")[0].strip()[:2] for part in request.headers.get("accept-language", "").split(",")
    ]
    language = next((wish for wish in wishes if wish in i18n.LANGUAGES), "en")
    return i18n.Manner(language=language or "en")


def _named(request: Request, actor: Actor, access: Access) -> Access:
    """Of all the actor may do, what a request that names a person needs: that person's data, and their own.

    A mistake in a handler then reaches nobody else, and a doctor of a thousand persons sets no lists of a thousand.
    """
    named = request.path_params.get("person_id")
    if named is None:
        return access
    with contextlib.suppress(ValueError):  # what is no id is refused by the route, in its words
        return access.narrowed(frozenset(person for person in (UUID(str(named)), actor.person_id) if person))
    return access.narrowed(frozenset())
