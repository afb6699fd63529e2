"""What signals plug in."""

from collections.abc import AsyncIterator
from uuid import UUID

from ojas.features.signals import jobs, pages, service
from ojas.features.signals.api import ROUTERS
from ojas.kit.db import Tx
from ojas.kit.feature import ExportFile, Feature, NavItem
from ojas.kit.i18n import N_


async def _export(tx: Tx, person_id: UUID) -> AsyncIterator[ExportFile]:
    for stream, source, kind in await service.streams_to_export(tx, person_id):
        yield ExportFile(f"signals/{kind.name}-{source}.csv", service.lines(tx, person_id, stream, kind))
    yield ExportFile("signals/routes.ndjson", service.routes(tx, person_id))
    yield ExportFile("signals/traces.ndjson", service.traces(tx, person_id))
    yield ExportFile("signals/stays.ndjson", service.stays(tx, person_id))


FEATURE = Feature(
    name="signals",
    scopes={"signals": N_("What your devices measure: heart rate, steps, sleep and the like")},
    routers=ROUTERS,
    pages=pages.routers,
    handlers={
        "identity.zone.chosen": jobs.move,
        "sharing.consent.withdrawn": jobs.forget_places,
        "signals.day.began": jobs.compact,
        "signals.days.forgotten": jobs.refresh,
        "signals.many.appended": jobs.refresh,
    },
    collections=(service.SOURCES, service.SESSIONS),
    navigation=(
        NavItem(N_("Workouts and sleep"), "/sessions", "footprints", 115, scope="signals"),
        NavItem(N_("Devices and apps"), "/devices", "smartphone", 117, scope="signals"),
    ),
    export=_export,
    erase=service.erase,
)
