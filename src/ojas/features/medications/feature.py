"""What medications plug in."""

from collections.abc import AsyncIterator
from uuid import UUID

import orjson

from ojas.features.medications import api, jobs, pages, service
from ojas.kit.db import Tx
from ojas.kit.feature import ExportFile, Feature, NavItem
from ojas.kit.i18n import N_


async def export(tx: Tx, person_id: UUID) -> AsyncIterator[ExportFile]:
    """Every dose, a line each; the medicines leave as their list."""

    async def lines() -> AsyncIterator[bytes]:
        async for dose in service.export(tx, person_id):
            yield orjson.dumps(dose) + b"\n"

    yield ExportFile("medications/doses.ndjson", lines())


FEATURE = Feature(
    name="medications",
    scopes={"medications": N_("Medicines: what is taken, when, and whether it was")},
    routers=(api.lists, api.router),
    pages=(pages.router,),
    collections=(service.MEDICINES,),
    handlers={"identity.zone.chosen": jobs.move},
    navigation=(NavItem(N_("Medicines"), "/medicines", "pill", 105, scope="medications"),),
    export=export,
    erase=service.erase,
)
