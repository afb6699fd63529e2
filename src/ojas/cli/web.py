"""The web process: uvicorn on a socket that was bound before, so that it outlives the process."""

import asyncio
import contextlib
import errno
import http.client
import os
import signal
import socket
import sys
from typing import TYPE_CHECKING

from ojas.kit.db.embedded import CannotStart
from ojas.kit.settings import Settings

if TYPE_CHECKING:
    import uvicorn

_TRIED = 50


def bind(host: str, port: int, *, fixed: bool) -> socket.socket:
    """A listening socket; if the port is taken and not ``fixed``, on the next one that is free.

    It is held by the parent of the web process: while that one starts again, callers wait instead of being refused.
    """
    for candidate in range(port, port + 1 if fixed else min(port + _TRIED, 65536)):
        try:
            return _listening(host, candidate)
        except OSError as problem:
            if problem.errno == errno.EACCES:
                raise CannotStart(
                    f"Port {candidate} is for root alone; choose one above 1023 with --port."
                ) from None
            if problem.errno == errno.EADDRNOTAVAIL or isinstance(problem, socket.gaierror):
                raise CannotStart(
                    f"{host} is no address of this machine; choose another with --host."
                ) from None
            if problem.errno != errno.EADDRINUSE:
                raise
    other = "" if fixed else f", and so are the next {_TRIED - 1}"
    raise CannotStart(f"Port {port} is taken by another program{other}; choose another with --port.")


def _listening(host: str, port: int) -> socket.socket:
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    listening = socket.socket(family, kind, protocol)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(1024)
    except OSError:
        listening.close()
        raise
    return listening


def address_of(settings: Settings, listening: socket.socket) -> str:
    """What to type into a browser."""
    if settings.public_url:
        return settings.public_url
    host, port = listening.getsockname()[:2]
    if host in {"0.0.0.0", "::", "127.0.0.1", "::1"}:  # noqa: S104  # shown, not bound
        host = "localhost"  # passkeys need a name, and browsers trust this one without TLS
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def is_up(listening: socket.socket) -> bool:
    """Whether the web process serves: the database answers, with the right schema."""
    host, port = listening.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    connection = http.client.HTTPConnection(host, port, timeout=2)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def serve(settings: Settings, conninfo: str, listening: socket.socket, lifeline: int | None) -> None:
    """Serve until told to stop, or until the lifeline ends."""
    import uvicorn

    from ojas.app import create_app
    from ojas.house import settle
    from ojas.kit import logs

    logs.configure(settings.log_level)
    app = create_app(settings, conninfo)
    settle()
    config = uvicorn.Config(
        app,
        ws="none",
        lifespan="on",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=settings.public_url is not None,  # only then is there a proxy to be believed
        timeout_graceful_shutdown=8,
    )

    async def run() -> None:
        if lifeline is not None:
            watch(lifeline)
        await server_of(config).serve(sockets=[listening])

    # uvicorn raises the signal again once it has shut down; it must unwind, for there is a lease to give back.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
        runner.run(run())


def server_of(config: "uvicorn.Config") -> "uvicorn.Server":
    """A server that lets streams end when it is to stop: it waits for every request, and theirs never ends by itself."""
    import uvicorn

    class Server(uvicorn.Server):
        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            with contextlib.suppress(AttributeError):  # it never came to have a house
                self.config.app.state.house.closing.set()  # type: ignore[union-attr]
            await super().shutdown(sockets)

    return Server(config)


def watch(lifeline: int) -> None:
    """Stop this process, in good order, when the lifeline ends."""
    loop = asyncio.get_running_loop()

    def ended() -> None:
        loop.remove_reader(lifeline)
        os.kill(os.getpid(), signal.SIGTERM)

    loop.add_reader(lifeline, ended)
