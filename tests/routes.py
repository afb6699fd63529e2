"""Every route there is, for tests that walk them all."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from fastapi.routing import APIRoute

from ojas.app import create_app
from ojas.house import features
from ojas.kit.settings import Settings


@cache
def document() -> dict[str, Any]:
    """The OpenAPI document; it takes a second to draw up."""
    return create_app(Settings(), "").openapi()  # type: ignore[call-arg]


def routes_of(router: Any) -> Iterator[APIRoute]:
    """The routes of a router, and of the routers in it."""
    for entry in router.routes:
        if isinstance(entry, APIRoute):
            yield entry
        elif inner := getattr(entry, "original_router", None):
            yield from routes_of(inner)


def changing() -> list[APIRoute]:
    """The REST routes that change something, without /api/v1."""
    found = [route for feature in features() for router in feature.routers for route in routes_of(router)]
    return [route for route in found if route.methods - {"GET", "HEAD"}]


def forms() -> list[APIRoute]:
    """The pages that take a form."""
    found = [route for feature in features() for router in feature.pages for route in routes_of(router)]
    return [route for route in found if "POST" in route.methods]
