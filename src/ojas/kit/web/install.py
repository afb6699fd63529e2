"""Mounting the shell on the application: static files, the page for when there is no network, the manifest."""

from collections.abc import Sequence

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse

from ojas.kit import i18n
from ojas.kit.http.edge import manner_of
from ojas.kit.web import static
from ojas.kit.web.environment import environment
from ojas.kit.web.navigation import Item

_SHELL = ("ojas.css", "ojas.js", "live.js", "vendor/htmx.js", "icons.svg", "fonts/inter-latin.woff2")


def install(app: FastAPI, navigation: Sequence[Item]) -> None:
    """Mount static files and remember the navigation (ojas.kit.feature.NavItem, all features together)."""
    app.state.navigation = sorted(navigation, key=lambda item: item.order)
    app.include_router(static.router)

    @app.get("/offline", include_in_schema=False)
    async def offline(request: Request) -> Response:
        """What the service worker shows when nothing can be reached. It names nobody, and may be kept."""
        with i18n.use(manner_of(request)):
            text = environment().get_template("offline.html").render(lang=i18n.current().language)
        return Response(text, media_type="text/html", headers={"cache-control": "no-cache"})

    @app.get("/service-worker.js", include_in_schema=False)
    async def worker() -> Response:
        """At the root, for a worker rules only what lies below it; with the addresses of the present files."""
        script = static.file("service-worker.js").content.decode()
        paths = ",".join(f'"{static.static(name)}"' for name in _SHELL)
        return Response(
            script.replace("/*SHELL*/", paths),
            media_type="text/javascript",
            headers={"cache-control": "no-cache"},
        )

    @app.get("/manifest.webmanifest", include_in_schema=False)
    async def manifest() -> Response:
        mark = {"src": static.static("mark.svg"), "sizes": "any", "type": "image/svg+xml", "purpose": "any"}
        content = {
            "name": "Ojas",
            "short_name": "Ojas",
            "start_url": "/",
            "display": "standalone",
            "background_color": "#faf8f3",
            "theme_color": "#faf8f3",
            "icons": [mark],
        }
        return JSONResponse(
            content, media_type="application/manifest+json", headers={"cache-control": "no-cache"}
        )

    @app.get("/favicon.ico", include_in_schema=False)
    async def favicon() -> Response:
        found = static.file("mark.svg")
        return Response(
            found.content, media_type=found.type, headers={"cache-control": "public, max-age=86400"}
        )
