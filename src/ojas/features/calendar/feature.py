"""What the calendar plugs in."""

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import orjson

from ojas.features.calendar import api, fhir, jobs, pages, service
from ojas.kit import clock
from ojas.kit.db import Tx
from ojas.kit.feature import ExportFile, Feature, NavItem
from ojas.kit.fhir import text
from ojas.kit.i18n import N_


async def export(tx: Tx, person_id: UUID) -> AsyncIterator[ExportFile]:
    """What became of occurrences, the open addresses, a calendar file, and appointments as FHIR."""

    async def occurrences() -> AsyncIterator[bytes]:
        async for one in service.export_occurrences(tx, person_id):
            yield orjson.dumps(one) + b"\n"

    async def links() -> AsyncIterator[bytes]:
        for one in await service.export_links(tx, person_id):
            yield one.model_dump_json().encode() + b"\n"

    async def file() -> AsyncIterator[bytes]:
        yield await service.take_out(tx, person_id)

    async def resources() -> AsyncIterator[bytes]:
        past, now = await service.past_appointments(tx, person_id, limit=5_000), clock.now()
        ahead = await service.view(
            tx,
            person_id,
            now,
            now + timedelta(days=366),
            sources=(),
            where=lambda event: event.care is not None,
        )
        events = {event.id: event.draft async for event in service.EVENTS.export(tx, person_id)}
        seen = {(one.event_id, one.key): one for one in (*reversed(past), *ahead.items)}
        for one in seen.values():
            whole = events.pop(one.event_id, None)  # of each event, once
            yield text.write(fhir.appointment(person_id, one, whole)) + b"\n"

    yield ExportFile("calendar/occurrences.ndjson", occurrences())
    yield ExportFile("calendar/links.ndjson", links())
    yield ExportFile("calendar/calendar.ics", file())
    yield ExportFile("calendar/fhir.ndjson", resources())


FEATURE = Feature(
    name="calendar",
    scopes={"calendar": N_("Calendar: what is planned, and appointments")},
    routers=(api.calendars, api.router, api.events, api.templates),
    pages=(*pages.ROUTERS, api.feed),
    collections=(service.CALENDARS, service.EVENTS, service.TEMPLATES),
    handlers={
        "identity.zone.chosen": jobs.move,
        "record.imported": jobs.take_over,
        "record.taken_back": jobs.take_over,
    },
    navigation=(NavItem(N_("Calendar"), "/calendar", "calendar", 102, scope="calendar"),),
    export=export,
    erase=service.erase,
)
