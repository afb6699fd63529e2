"""What notifications plug in."""

from collections.abc import AsyncIterator
from uuid import UUID

import orjson

from ojas.features.notifications import api, fhir, pages, service
from ojas.kit.db import Tx
from ojas.kit.feature import ExportFile, Feature, NavItem
from ojas.kit.fhir import text
from ojas.kit.i18n import N_


async def export(tx: Tx, person_id: UUID) -> AsyncIterator[ExportFile]:
    """Every message about the person, to whomever it went; as it is kept, and in words as FHIR."""

    async def lines() -> AsyncIterator[bytes]:
        async for message in service.export(tx, person_id):
            yield orjson.dumps(message) + b"\n"

    async def resources() -> AsyncIterator[bytes]:
        async for message, to, language in service.whole(tx, person_id):
            yield text.write(fhir.communication(message, to, language)) + b"\n"

    yield ExportFile("notifications/messages.ndjson", lines())
    yield ExportFile("notifications/fhir.ndjson", resources())


FEATURE = Feature(
    name="notifications",
    scopes={"notifications": N_("Messages: what was said about them, and to whom")},
    routers=(api.router,),
    pages=pages.routers,
    navigation=(NavItem(N_("Messages"), "//notifications", "bell", 170),),
    heeds={
        "identity.session.ended": service.signed_out,
        "identity.sessions.ended": service.signed_out_elsewhere,
    },
    export=export,
    erase=service.erase,
)
