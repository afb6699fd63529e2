"""What alarms plug in."""

from collections.abc import AsyncIterator
from uuid import UUID

import orjson

from ojas.features.alarms import api, fhir, pages, service
from ojas.kit.db import Tx
from ojas.kit.feature import ExportFile, Feature, NavItem
from ojas.kit.fhir import text
from ojas.kit.i18n import N_


async def export(tx: Tx, person_id: UUID) -> AsyncIterator[ExportFile]:
    """Every alarm with its facts, a line each; the rules that were set leave as their list."""

    async def lines() -> AsyncIterator[bytes]:
        async for alarm in service.export(tx, person_id):
            yield orjson.dumps(alarm) + b"\n"

    async def resources() -> AsyncIterator[bytes]:
        async for alarm in service.every(tx, person_id):
            yield text.write(fhir.flag(alarm)) + b"\n"
            yield text.write(fhir.detected_issue(alarm)) + b"\n"

    yield ExportFile("alarms/alarms.ndjson", lines())
    yield ExportFile("alarms/fhir.ndjson", resources())


_HEEDS = {
    "readings": (
        "readings.created",
        "readings.changed",
        "readings.deleted",
        "readings.imported",
        "readings.taken_back",
        "band-overrides.created",
        "band-overrides.changed",
        "band-overrides.deleted",
        "conditions.created",
        "conditions.changed",
        "conditions.deleted",
    ),
    "signals": (
        "signals.appended",
        "signals.removed",
        "signals.days.forgotten",
        "connections.import.taken_back",
    ),
    "doses": ("doses.answered", "medicines.created", "medicines.changed", "medicines.deleted"),
    "time": ("alarm-rules.created", "alarm-rules.changed", "alarm-rules.deleted"),
}

FEATURE = Feature(
    name="alarms",
    scopes={"alarms": N_("Alarms: what was dangerous, who was told, and when to tell whom")},
    routers=(api.router,),
    pages=(pages.router,),
    navigation=(NavItem(N_("Alarms"), "/alarms", "triangle-alert", 107, scope="alarms"),),
    heeds={event: service.heed(sort) for sort, events in _HEEDS.items() for event in events},
    collections=(service.SET,),
    export=export,
    erase=service.erase,
)
