"""A running house: web server and worker on a real port, as ``ojas serve`` has them, in threads of the test process."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from ojas.app import create_app
from ojas.cli.web import server_of
from ojas.kit.db import embedded
from ojas.kit.settings import Settings
from ojas.worker import work


@contextmanager
def serving(settings: Settings, cluster: embedded.Cluster, *, worker: bool = True) -> Iterator[str]:
    """The address of a server on a free port of the loopback; stopped on leaving."""
    conninfo = cluster.dsn(embedded.APP)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        app = create_app(settings, conninfo)
        server = server_of(uvicorn.Config(app, log_level="error", access_log=False, server_header=False))
        web = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[free])), daemon=True)
        web.start()
        with _working(settings, conninfo) if worker else _idle():
            while not server.started:
                assert web.is_alive(), "the server did not start"
                threading.Event().wait(0.02)
            yield f"http://localhost:{port}"
        server.should_exit = True
        web.join(20)


@contextmanager
def _working(settings: Settings, conninfo: str) -> Iterator[None]:
    loop = asyncio.new_event_loop()
    task = loop.create_task(work(settings, conninfo))

    def labour() -> None:
        asyncio.set_event_loop(loop)
        try:
            loop.run_until_complete(task)
        except asyncio.CancelledError:
            pass
        finally:
            loop.close()

    thread = threading.Thread(target=labour, daemon=True)
    thread.start()
    try:
        yield
    finally:
        loop.call_soon_threadsafe(task.cancel)
        thread.join(20)


@contextmanager
def _idle() -> Iterator[None]:
    yield
