"""What one can do with signals."""

from ojas.features.signals.rules import activity_title, finding_title
from ojas.features.signals.service.days import (
    amounts_of,
    days,
    days_of,
    live_in,
    refresh,
    settle,
    timeline,
    unvisit,
    visit,
    zones,
)
from ojas.features.signals.service.ground import SCOPE, kind_of
from ojas.features.signals.service.judging import Sender, at_work, senders, sending, tail
from ojas.features.signals.service.leaving import erase, lines, routes, stays, streams_to_export, traces
from ojas.features.signals.service.reading import MOST, extent, latest, overview, parts, read, series
from ojas.features.signals.service.sessions import (
    SESSIONS,
    forget_routes,
    keep_session,
    put_route,
    route,
    session_id,
)
from ojas.features.signals.service.sources import (
    SOURCES,
    change_source,
    delete_source,
    forget_source,
    meet,
    source_id,
)
from ojas.features.signals.service.traces import put_trace, trace
from ojas.features.signals.service.writing import append, compact, remove, store, take_back

__all__ = [
    "MOST",
    "SCOPE",
    "SESSIONS",
    "SOURCES",
    "Sender",
    "activity_title",
    "amounts_of",
    "append",
    "at_work",
    "change_source",
    "compact",
    "days",
    "days_of",
    "delete_source",
    "erase",
    "extent",
    "finding_title",
    "forget_routes",
    "forget_source",
    "keep_session",
    "kind_of",
    "latest",
    "lines",
    "live_in",
    "meet",
    "overview",
    "parts",
    "put_route",
    "put_trace",
    "read",
    "refresh",
    "remove",
    "route",
    "routes",
    "senders",
    "sending",
    "series",
    "session_id",
    "settle",
    "source_id",
    "stays",
    "store",
    "streams_to_export",
    "tail",
    "take_back",
    "timeline",
    "trace",
    "traces",
    "unvisit",
    "visit",
    "zones",
]
