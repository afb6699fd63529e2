"""What medications plug in."""

from collections.abc import AsyncIterator
from uuid import UUID

import orjson

from ojas.features.medications import api, fhir, jobs, pages, service
from ojas.kit.db import Tx
from ojas.kit.feature import ExportFile, Feature, NavItem
from ojas.kit.fhir import text
from ojas.kit.i18n import N_


async def export(tx: Tx, person_id: UUID) -> AsyncIterator[ExportFile]:
    """Every dose, a line each, and all of it as FHIR; the medicines leave as their list too."""

    async def lines() -> AsyncIterator[bytes]:
        async for dose in service.export(tx, person_id):
            yield orjson.dumps(dose) + b"\n"

    async def resources() -> AsyncIterator[bytes]:
        names: dict[str, str] = {}
        async for medicine in service.MEDICINES.export(tx, person_id):
            names[str(medicine.id)] = medicine.name
            yield text.write(fhir.request(medicine)) + b"\n"
            yield text.write(fhir.statement(medicine)) + b"\n"
        async for dose in service.export(tx, person_id):
            if dose["action"] in ("take", "skip") and dose["medicine_id"] in names:
                yield text.write(fhir.administration(person_id, names[dose["medicine_id"]], dose)) + b"\n"

    yield ExportFile("medications/doses.ndjson", lines())
    yield ExportFile("medications/fhir.ndjson", resources())


FEATURE = Feature(
    name="medications",
    scopes={"medications": N_("Medicines: what is taken, when, and whether it was")},
    routers=(api.lists, api.router),
    pages=pages.routers,
    collections=(service.MEDICINES,),
    handlers={
        "identity.zone.chosen": jobs.move,
        "allergies.created": jobs.allergy,
        "allergies.changed": jobs.allergy,
        "record.imported": jobs.allergy,
    },
    navigation=(NavItem(N_("Medicines"), "/medicines", "pill", 105, scope="medications"),),
    export=export,
    erase=service.erase,
)
