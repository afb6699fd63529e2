"""A request to somebody else's server: an address that a user typed must not lead into our own network, nor hold us up.

What a name means is asked once, every answer is checked, and the connection goes to the very address that was checked; so a
name that says one thing when it is checked and another when it is used gains nothing. No redirect is followed, no proxy of
the environment used, little is read of what comes back, and all of it has an end.
"""

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ojas.kit import clock
from ojas.kit.errors import Incorrect, Unavailable

if TYPE_CHECKING:
    import httpcore

PATIENCE_S = 15.0
"""A whole exchange may take this long."""
_READ = 2048
_LONGEST = 2000
_CONNECT_S = 5.0
_UNICAST = ipaddress.ip_network("2000::/3")
"""All of IPv6 that is given out (RFC 4291, 2.4). Python calls site-local and IPv4-compatible addresses global too."""
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said: its status, the beginning of its body, and how long it asks us to wait."""

    status: int
    text: str
    retry_after: timedelta | None = None


class Outward:
    """Connections out, for as long as some work lasts; made when first used.

    Args:
        inside: whether addresses of our own network, and plain http, are allowed: as the one who runs the house says.
    """

    def __init__(self, *, inside: bool = False) -> None:
        self.inside = inside
        self._pool: httpcore.AsyncConnectionPool | None = None

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """
        Raises:
            Incorrect: the address is none we would go to.
            Unavailable: nobody answered in time, or not in HTTP.
        """
        import httpcore

        checked(url, inside=self.inside)
        try:
            async with asyncio.timeout(PATIENCE_S):
                return await self._post(url, body, headers)
        except (httpcore.ProtocolError, httpcore.NetworkError, httpcore.TimeoutException) as problem:
            raise Unavailable("The other server does not answer.") from problem
        except (TimeoutError, OSError) as problem:
            raise Unavailable("The other server does not answer.") from problem

    async def _post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        pool = self._pool = self._pool or _pool(self.inside)
        async with pool.stream(
            "POST",
            url,
            headers=[("User-Agent", "Ojas"), *headers.items()],
            content=body,
            extensions={"timeout": {"connect": _CONNECT_S}},
        ) as response:
            text = b""
            async for part in response.aiter_stream():
                text += part
                if len(text) >= _READ:
                    break
        told = {name.lower(): value for name, value in response.headers}
        wait = asked_wait(told.get(b"retry-after", b"").decode("ascii", "replace"))
        return Answer(response.status, text[:_READ].decode("utf-8", "replace"), wait)

    async def close(self) -> None:
        if self._pool is not None:
            await self._pool.aclose()
            self._pool = None


def checked(url: str, *, inside: bool = False, field: str = "url") -> str:
    """An address that may be typed here; where its name leads is looked at when it is used.

    Raises:
        Incorrect: it is not https, names somebody to sign in as, or is one of our own network, with ``field``.
    """
    try:
        parts = urlsplit(url)
        port_fits = parts.port is None or parts.port > 0
    except ValueError:
        raise Incorrect("This is not an address, such as https://example.org/ojas.", field=field) from None
    plain = url.isascii() and url.isprintable() and " " not in url and len(url) <= _LONGEST
    if not (plain and parts.hostname and port_fits and parts.scheme in ("https", "http")):
        raise Incorrect("This is not an address, such as https://example.org/ojas.", field=field)
    if parts.username or parts.password or parts.fragment:
        raise Incorrect("Leave out the name before the @ and what follows the #.", field=field)
    if not inside:
        if parts.scheme != "https":
            raise Incorrect("This must begin with https://.", field=field)
        if _is_address(parts.hostname) and not is_public(parts.hostname):
            raise Incorrect("This leads into our own network, and is not allowed.", field=field)
    return url


def is_public(address: str) -> bool:
    """Whether an address is one of the open internet, also by any of the ways in which IPv6 hides an IPv4."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        hidden = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if found in _NAT64:
            hidden = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if hidden is not None:
            return is_public(str(hidden))
        return found.is_global and found in _UNICAST
    return found.is_global and not found.is_multicast


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _pool(inside: bool) -> "httpcore.AsyncConnectionPool":
    import httpcore

    class Careful(httpcore.AsyncNetworkBackend):
        """Connects to an address that was looked at, never to a name."""

        def __init__(self) -> None:
            self._plain = httpcore.AnyIOBackend()

        async def connect_tcp(
            self,
            host: str,
            port: int,
            timeout: float | None = None,  # noqa: ASYNC109  # as the library asks
            local_address: str | None = None,
            socket_options: Iterable[Any] | None = None,
        ) -> httpcore.AsyncNetworkStream:
            address = await _resolved(host, port, inside=inside)
            return await self._plain.connect_tcp(address, port, timeout, local_address, socket_options)

        async def connect_unix_socket(
            self,
            path: str,
            timeout: float | None = None,  # noqa: ASYNC109
            socket_options: Iterable[Any] | None = None,
        ) -> httpcore.AsyncNetworkStream:
            raise NotImplementedError

        async def sleep(self, seconds: float) -> None:
            await asyncio.sleep(seconds)

    return httpcore.AsyncConnectionPool(
        ssl.create_default_context(), max_connections=20, network_backend=Careful()
    )


async def _resolved(host: str, port: int, *, inside: bool) -> str:
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError as problem:  # a part of the name is empty, or too long
        raise Incorrect("This is not an address, such as https://example.org/ojas.") from problem
    addresses = [str(entry[4][0]) for entry in found]
    if not inside and not all(is_public(address) for address in addresses):
        raise Incorrect("This leads into our own network, and is not allowed.")
    return addresses[0]


def asked_wait(text: str) -> timedelta | None:
    """Retry-After (RFC 9110, 10.2.3): seconds, or a date; None where it is neither."""
    if text.isdecimal():
        return timedelta(seconds=min(int(text[:9]), 86_400))
    try:
        until = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return max(until - clock.now(), timedelta())
