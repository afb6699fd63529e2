"""Signals over REST: samples in and out as columns, series for charts, days, sources, sessions."""

from ojas.features.signals import service
from ojas.features.signals.api.lists import router as lists
from ojas.features.signals.api.samples import router as samples
from ojas.kit.http import collection_router

ROUTERS = (samples, lists, collection_router(service.SESSIONS, tag="signals"))

__all__ = ["ROUTERS"]
