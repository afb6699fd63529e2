"""demo and serve: database, migrations, household, web and jobs, from first to last."""

import gc
import socket as sockets
import sys
from collections.abc import Callable
from typing import Any

import typer

from ojas.cli import demo, said, web
from ojas.cli.crew import FORKS, Child, Crew, aside
from ojas.cli.ground import Ground, ground
from ojas.cli.jobs import labour
from ojas.kit.settings import Settings


def run(settings: Settings, *, fixed: bool, household: bool, jobs: bool) -> None:
    """Start everything, say where it is, and look after it until told to stop."""
    with ground(settings) as found, web.bind(settings.host, settings.port, fixed=fixed) as listening:
        if listening.getsockname()[1] != settings.port:
            said.note(
                f"Port {settings.port} is taken by another program; using {listening.getsockname()[1]}."
            )
        if FORKS:
            _preload()
        accounts: list[dict[str, Any]] = aside(lambda: _prepared(settings, found, household))
        address = web.address_of(settings, listening)
        crew = Crew(_children(settings, found, listening, jobs), found.tend)
        status = crew.run(
            up=lambda: web.is_up(listening),
            announce=lambda: said.result(
                {"address": address, "accounts": accounts}, demo.words(address, accounts)
            ),
        )
    if status:
        raise typer.Exit(status)


def web_alone(settings: Settings, socket: int, lifeline: int | None) -> None:
    """The web process on a socket that its parent bound."""
    with ground(settings) as found, sockets.socket(fileno=socket) as listening:
        web.serve(settings, found.app, listening, lifeline)


def _prepared(settings: Settings, found: Ground, household: bool) -> list[dict[str, Any]]:
    from ojas.kit import logs
    from ojas.kit.db.migrate import migrate

    logs.configure("warning")
    if found.owner:
        migrate(found.owner)
    return demo.household(settings, found.app) if household else []


def _preload() -> None:
    """What children share: imported once, before they are forked.

    Meanwhile nothing is collected: there is no rubbish, and to look for it was 0.4 of 1.8 s.
    """
    gc.disable()
    import uvicorn.protocols.http.httptools_impl  # noqa: F401

    import ojas.app  # noqa: F401
    from ojas.house import features

    features()
    gc.enable()


def _children(settings: Settings, found: Ground, listening: sockets.socket, jobs: bool) -> list[Child]:
    own = [sys.executable, "-m", "ojas.cli"]
    where = ["--host", settings.host, "--port", str(listening.getsockname()[1])]
    children = [
        Child(
            "web",
            _alone(settings, found, lambda its, lifeline: web.serve(settings, its.app, listening, lifeline)),
            [*own, "serve", *where, "--socket", str(listening.fileno())],
            [listening.fileno()],
        )
    ]
    if jobs:
        children.append(
            Child(
                "job",
                _alone(settings, found, lambda its, lifeline: labour(settings, its, lifeline)),
                [*own, "work"],
            )
        )
    return children


def _alone(settings: Settings, found: Ground, work: Callable[[Ground, int], None]) -> Callable[[int], None]:
    """``work`` on a lease of the child's own: the parent's, inherited, would outlive the parent."""

    def do(lifeline: int) -> None:
        found.release()
        with ground(settings) as own:
            work(own, lifeline)

    return do
