"""A router is asked only for paths that end as one of its routes does; nothing that was served is lost by that."""

import pytest
from fastapi import FastAPI
from starlette.routing import Match

from ojas.kit.http import Router


def reached(app: FastAPI, method: str, path: str) -> Match:
    """The best that any router of ``app`` makes of a request."""
    scope = {"type": "http", "method": method, "path": path, "root_path": "", "headers": []}
    return max((route.matches(dict(scope))[0] for route in app.router.routes), key=lambda match: match.value)


@pytest.fixture
def app() -> FastAPI:
    made = FastAPI(openapi_url=None)
    lists, front, within = Router(prefix="/people/{person_id}"), Router(), Router(prefix="/deep")
    for router, path in (
        (lists, "/readings"),
        (lists, "/readings/{id}"),
        (front, "/"),
        (within, "/{rest:path}"),
    ):
        router.add_api_route(path, lambda: None, methods=["GET"])
    outer = Router()
    outer.include_router(within)
    made.include_router(lists, prefix="/api/v1")
    made.include_router(front)
    made.include_router(outer)
    return made


@pytest.mark.parametrize(
    "path", ["/api/v1/people/1/readings", "/api/v1/people/1/readings/2", "/", "/deep/a/b", "/deep/"]
)
def test_every_route_is_reached_under_whatever_it_is_included(app: FastAPI, path: str) -> None:
    assert reached(app, "GET", path) == Match.FULL


def test_another_method_is_told_from_another_path(app: FastAPI) -> None:
    assert reached(app, "PUT", "/api/v1/people/1/readings") == Match.PARTIAL
    assert reached(app, "GET", "/api/v1/people/1/readings/2/3") == Match.NONE
    assert reached(app, "GET", "/people/1/readings") == Match.NONE


def test_a_route_that_is_added_later_is_reached(app: FastAPI) -> None:
    late = Router()
    app.include_router(late)
    assert reached(app, "GET", "/late") == Match.NONE
    late.add_api_route("/late", lambda: None, methods=["GET"])
    assert reached(app, "GET", "/late") == Match.FULL
