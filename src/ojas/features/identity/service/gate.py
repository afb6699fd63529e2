"""Routes that hash a password: a few at a time, before they take a connection, and refused in the same time always."""

import time
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import APIRouter, Request, Response

from ojas.features.identity.service.ground import passwords
from ojas.kit.http.edge import Edge

Handler = Callable[[Request], Coroutine[Any, Any, Response]]

_REFUSED = 400


class Gated(Edge):
    """A route that waits for its turn to hash, then crosses the edge.

    A refusal, and a registration whatever came of it, is answered after 0.4 s at the soonest: how long the work took tells
    neither whether an account exists nor how its hash is kept. The wait comes last, when turn and connection are given back.
    """

    def get_route_handler(self) -> Handler:
        handle = super().get_route_handler()

        async def in_turn(request: Request) -> Response:
            if request.method == "GET":
                return await handle(request)
            started, answered = time.monotonic(), None
            try:
                async with passwords().turn():
                    answered = await handle(request)
                return answered
            finally:
                even = request.url.path.endswith(("/register", "/forgot", "/reset"))
                if even or answered is None or answered.status_code >= _REFUSED:
                    await passwords().settle(started)

        return in_turn


def gated(router: APIRouter) -> None:
    """Let every route that is added to ``router`` from here on wait for its turn."""
    router.route_class = Gated
