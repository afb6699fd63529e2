"""The web process: features in order, one ASGI app."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import JSONResponse

import ojas
from ojas.house import features, house
from ojas.kit import web
from ojas.kit.db.migrate import head
from ojas.kit.errors import Refusal
from ojas.kit.http import Guards, House, install
from ojas.kit.http.edge import house_of
from ojas.kit.http.problems import problem
from ojas.kit.jobs import still_since
from ojas.kit.settings import Settings


def create_app(settings: Settings, conninfo: str) -> FastAPI:
    """The application on a database that is migrated already."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with house(settings, conninfo) as opened:
            app.state.house = opened
            yield

    app = FastAPI(
        title="Ojas",
        version=ojas.__version__,
        description="A person's whole health record. Every refusal is problem+json in the caller's language.",
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    app.openapi = _documented(app)  # type: ignore[method-assign]  # FastAPI's own way to add to the document
    install(app, rendered)
    app.include_router(_probes())
    for feature in features():
        for router in feature.routers:
            app.include_router(router, prefix="/api/v1")
        for pages in feature.pages:
            app.include_router(pages, include_in_schema=False)
    web.install(app, [item for feature in features() for item in feature.navigation])
    app.add_middleware(
        Guards,
        body_limit=settings.body_limit,
        https=(settings.public_url or "").startswith("https"),
        render=rendered,
    )
    return app


def _documented(app: FastAPI) -> Callable[[], dict[str, Any]]:
    """The OpenAPI document, which also says how one signs in."""
    plain = app.openapi

    def document() -> dict[str, Any]:
        found = plain()
        found["components"]["securitySchemes"] = {
            "bearer": {
                "type": "http",
                "scheme": "bearer",
                "bearerFormat": "JWT",
                "description": "The access token that POST /api/v1/auth/sign-in answers; it lasts ten minutes.",
            },
            "session": {
                "type": "apiKey",
                "in": "cookie",
                "name": "ojas",
                "description": "A browser's session.",
            },
        }
        found["security"] = [{"bearer": []}, {"session": []}]
        return found

    return document


def rendered(request: Request, refusal: Refusal) -> Response:
    """A refusal as problem+json to programs, as a page to people."""
    show = problem if request.url.path.startswith("/api/") else web.refusal_page
    return show(request, refusal)


_LOOKS = ["GET", "HEAD"]  # some monitors ask for the head alone


def _probes() -> APIRouter:
    router = APIRouter(tags=["operations"], include_in_schema=False)

    @router.api_route("/healthz", methods=_LOOKS)
    async def alive() -> dict[str, str]:
        return {"status": "alive", "version": ojas.__version__}

    @router.api_route("/readyz", methods=_LOOKS)
    async def ready(request: Request) -> Response:
        """Whether requests can be served: the database answers, with the schema this version expects."""
        from sqlalchemy import text

        opened: House = house_of(request)
        async with opened.database.transaction() as tx:
            found = await tx.session.scalar(text("SELECT version_num FROM alembic_version"))
        ok = found == head()
        return JSONResponse(
            {"status": "ready" if ok else "migrate first", "schema": found}, 200 if ok else 503
        )

    @router.api_route("/watchz", methods=_LOOKS)
    async def watched(request: Request) -> Response:
        """Whether somebody looks for what is due: for whoever is paged when reminders and alarms stand still."""
        opened: House = house_of(request)
        async with opened.database.transaction() as tx:
            since = await still_since(tx)
        if since is None:
            return JSONResponse({"status": "watching"})
        return JSONResponse({"status": "standing still", "since": since.isoformat()}, 503)

    return router
