"""What emergency plugs in."""

import json
from collections.abc import AsyncIterator
from uuid import UUID

import orjson

from ojas.features.emergency import api, fhir, jobs, pages, service
from ojas.features.identity import service as identity
from ojas.kit.db import Tx
from ojas.kit.feature import ExportFile, Feature, NavItem
from ojas.kit.fhir import text
from ojas.kit.i18n import N_


async def export(tx: Tx, person_id: UUID) -> AsyncIterator[ExportFile]:
    """Every call for help, what is on the card, and all of it as FHIR; contacts leave as their list too."""

    async def alerts() -> AsyncIterator[bytes]:
        async for alert in service.export_alerts(tx, person_id):
            yield alert.model_dump_json().encode() + b"\n"

    async def card() -> AsyncIterator[bytes]:
        yield orjson.dumps(await service.export_card(tx, person_id)) + b"\n"

    async def resources() -> AsyncIterator[bytes]:
        contacts = await service.contacts(tx, person_id)
        async for line in identity.patient(tx, person_id):
            yield text.write(fhir.with_contacts(json.loads(line), contacts)) + b"\n"
        async for alert in service.export_alerts(tx, person_id):
            for resource in (fhir.flag(alert), *fhir.communications(alert)):
                yield text.write(resource) + b"\n"

    yield ExportFile("emergency/alerts.ndjson", alerts())
    yield ExportFile("emergency/card.ndjson", card())
    yield ExportFile("emergency/fhir.ndjson", resources())


FEATURE = Feature(
    name="emergency",
    scopes={
        "emergency": N_(
            "Emergency: who is called, calls for help with place and last vital signs, the emergency card"
        )
    },
    routers=(api.lists, api.router),
    pages=pages.routers,
    collections=(service.CONTACTS,),
    handlers={
        "emergency-contacts.created": jobs.introduce,
        "emergency-contacts.changed": jobs.introduce,
    },
    navigation=(NavItem(N_("Emergency"), "/emergency", "phone", 109, scope="emergency"),),
    export=export,
    erase=service.erase,
    close=service.close,
    reopen=service.reopen,
)
