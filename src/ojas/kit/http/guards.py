"""What stands before every route: request ids, limits of size and rate, forged forms, the headers that bind a browser."""

import time
from collections import OrderedDict
from collections.abc import MutableMapping
from typing import Any
from uuid import UUID

import structlog
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ojas.kit.errors import Forbidden, Refusal, TooLarge, TooMany
from ojas.kit.http.problems import Rendering, unforeseen
from ojas.kit.ids import new_id

_LOG = structlog.get_logger("ojas.http")

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types ojas htmx"
)
_HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    # Health data must not lie in a browser's or a proxy's cache; static files say otherwise themselves.
    "cache-control": "no-store",
    "permissions-policy": "camera=(), microphone=(), geolocation=(self), payment=(), usb=()",
}

_STAY = "max-age=31536000; includeSubDomains"  # a name below ours could plant cookies on us

_SAFE = {"GET", "HEAD", "OPTIONS"}


class Guards:
    """Pure ASGI, so that bodies stream through it.

    Args:
        body_limit: largest body in bytes; a route may have another, in ``request.state.body_limit`` (see ``takes``).
        https: whether users come by https; then browsers are told to stay there.
        render: how a refusal made here is shown.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        body_limit: int,
        https: bool,
        render: Rendering,
        burst: int = 300,
        per_second: float = 60,
    ) -> None:
        self.app = app
        self.body_limit = body_limit
        headers = _HEADERS | ({"strict-transport-security": _STAY} if https else {})
        self.headers = [(name.encode(), value.encode()) for name, value in headers.items()]
        self.render = render
        self.buckets = _Buckets(burst, per_second)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = new_id()
        scope.setdefault("state", {})["request_id"] = request_id
        started = time.perf_counter()
        status = 500

        begun = False

        async def send_guarded(message: Message) -> None:
            nonlocal status, begun
            if message["type"] == "http.response.start":
                status, begun = message["status"], True
                self._bind(message, request_id)
            await send(message)

        try:
            await self._checked(scope, receive, send_guarded)
        except ClientDisconnect:
            status = 499  # nobody is there to be answered
        except Exception as error:  # the last one who can: further out, it would be printed with its words
            refusal = unforeseen(error)
            if not begun:
                await self._refuse(refusal, scope, receive, send_guarded)
        finally:
            _log(scope, request_id, status, time.perf_counter() - started)

    async def _checked(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        try:
            self.buckets.take(scope["client"][0] if scope.get("client") else "")
            _refuse_forgery(scope, headers)
            receive = self._bounded(scope, headers, receive)
            await self.app(scope, receive, send)
        except _Overflow:
            await self._refuse(_too_large(scope["state"]["body_limit"]), scope, receive, send)
        except Refusal as refusal:
            await self._refuse(refusal, scope, receive, send)

    async def _refuse(self, refusal: Refusal, scope: Scope, receive: Receive, send: Send) -> None:
        await self.render(Request(scope), refusal)(scope, receive, send)

    def _bounded(self, scope: Scope, headers: Headers, receive: Receive) -> Receive:
        """Count what arrives, whatever Content-Length claims or Content-Type says.

        The limit is asked for with the first byte: by then the route is known, and had its say.
        """
        scope["state"]["body_limit"] = self.body_limit
        claimed = headers.get("content-length", "0")
        seen = int(claimed) if claimed.isdecimal() and len(claimed) < 20 else 0
        arrived = 0

        async def bounded() -> Message:
            nonlocal seen, arrived
            if seen > scope["state"]["body_limit"]:
                raise _Overflow
            message = await receive()
            arrived += len(message.get("body", b""))
            seen = max(seen, arrived)
            if arrived > scope["state"]["body_limit"]:
                raise _Overflow
            return message

        return bounded

    def _bind(self, message: MutableMapping[str, Any], request_id: UUID) -> None:
        headers = message["headers"] = list(message.get("headers", ()))
        said = {name for name, _ in headers}
        headers += [header for header in self.headers if header[0] not in said]
        headers.append((b"x-request-id", str(request_id).encode()))


class _Overflow(Exception):
    """More arrived than Content-Length said, or than is allowed."""


class _Buckets:
    """A token bucket an address, in memory: a first, cheap fence. Doors worth guessing at have their own, in the database."""

    def __init__(self, burst: int, per_second: float, addresses: int = 10_000) -> None:
        self.burst, self.per_second, self.addresses = burst, per_second, addresses
        self._known: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, address: str) -> None:
        now = time.monotonic()
        tokens, at = self._known.pop(address, (float(self.burst), now))
        tokens = min(self.burst, tokens + (now - at) * self.per_second)
        self._known[address] = (max(tokens - 1, 0), now)
        if len(self._known) > self.addresses:
            self._known.popitem(last=False)
        if tokens < 1:
            raise TooMany("That was a lot at once. Try again in a moment.", retry_after=1)


def _refuse_forgery(scope: Scope, headers: Headers) -> None:
    """A browser that sends our cookie from another site's page is refused, by what it says of where the request began.

    Sec-Fetch-Site is sent by every browser since 2023, Origin by older ones. A form's token is checked besides, by kit.web.
    """
    if scope["method"] in _SAFE or "cookie" not in headers or headers.get("authorization"):
        return
    site = headers.get("sec-fetch-site")
    origin = headers.get("origin")
    same = site in (None, "same-origin", "none") and (
        origin is None or origin.partition("://")[2] == headers.get("host", "")
    )
    if not same:
        raise Forbidden("This came from another site and was not done.")


def _too_large(limit: int) -> TooLarge:
    return TooLarge("This is larger than {limit} bytes.", limit=limit)


def _log(scope: Scope, request_id: UUID, status: int, seconds: float) -> None:
    route = scope.get("route")
    path = getattr(route, "path", None) or "-"  # the pattern: an address may name a person
    _LOG.info(
        "request",
        id=str(request_id),
        method=scope["method"],
        path=path,
        status=status,
        ms=round(seconds * 1000, 1),
    )
