"""What connections plug in."""

from collections.abc import AsyncIterator
from uuid import UUID

from ojas.features.connections import api, jobs, pages, service
from ojas.kit.db import Tx
from ojas.kit.feature import ExportFile, Feature, NavItem
from ojas.kit.i18n import N_


async def export(tx: Tx, person_id: UUID) -> AsyncIterator[ExportFile]:
    yield ExportFile("connections/imports.ndjson", service.export(tx, person_id))
    yield ExportFile("connections/import_refusals.ndjson", service.export_refusals(tx, person_id))


FEATURE = Feature(
    name="connections",
    scopes={"connections": N_("Imports: files and devices that data came from")},
    routers=(api.uploads, api.router),
    pages=(pages.uploads, pages.router),
    navigation=(NavItem(N_("Import and export"), "/imports", "file-up", 120, scope="connections"),),
    handlers={"connections.import.ended": jobs.tell_ended},
    export=export,
    erase=service.erase,
)
