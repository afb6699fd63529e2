"""What record plugs in."""

from collections.abc import AsyncIterator
from uuid import UUID

from ojas.features.record import api, pages, service
from ojas.kit.db import Tx
from ojas.kit.feature import ExportFile, Feature, NavItem
from ojas.kit.fhir import text
from ojas.kit.i18n import N_


async def export(tx: Tx, person_id: UUID) -> AsyncIterator[ExportFile]:
    """The record as one FHIR bundle, and everything received, byte for byte inside a line of JSON."""

    async def bundle() -> AsyncIterator[bytes]:
        yield b'{"resourceType":"Bundle","type":"collection","entry":['
        comma = b""
        async for resource in service.export_bundle(tx, person_id):
            yield comma + text.write({"resource": resource})
            comma = b","
        yield b"]}"

    async def originals() -> AsyncIterator[bytes]:
        async for row, raw in service.originals(tx, person_id):
            about = {"type": row.type, "id": str(row.id), "version": row.version, "source": row.source}
            yield (
                text.write(about | {"recorded_at": row.recorded_at.isoformat(), "text": raw.decode()}) + b"\n"
            )

    yield ExportFile("record/bundle.json", bundle())
    yield ExportFile("record/originals.ndjson", originals())


FEATURE = Feature(
    name="record",
    scopes={"record": N_("Record: conditions, allergies, immunisations, procedures, results, visits")},
    routers=(*api.lists, api.router),
    pages=(pages.router,),
    collections=tuple(kind.LIST for kind in service.KINDS),
    navigation=(NavItem(N_("Record"), "/record", "file-text", 40, scope="record"),),
    export=export,
    erase=service.erase,
)
