"""REST: calendars, events and templates as lists; occurrences by time; appointments to come; files; secret addresses."""

from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import Header, Path, Query, Request, Response
from pydantic import AwareDatetime

from ojas.features.calendar import service
from ojas.features.calendar.rules.ics import LARGEST
from ojas.features.calendar.rules.terms import Reach
from ojas.features.calendar.schemas import (
    Brought,
    Event,
    LinkDraft,
    LinkView,
    Mark,
    Occurrence,
    OccurrenceDraft,
    SystemTemplate,
    Upcoming,
)
from ojas.kit import clock
from ojas.kit.errors import Incorrect
from ojas.kit.http import OpenTx, Router, Sent, TxOf, collection_router, takes
from ojas.kit.http.collections import RESPONSES, WRITES, IfMatch, Limit, PersonId, tagged, version_of
from ojas.kit.http.replay import tells_secrets

calendars = collection_router(service.CALENDARS, tag="calendar")
events = collection_router(service.EVENTS, tag="calendar")
templates = collection_router(service.TEMPLATES, tag="calendar")
router = Router(prefix="/people/{person_id}", tags=["calendar"])
feed = Router(include_in_schema=False)

CALENDAR = "text/calendar; charset=utf-8"
FILE: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "text/calendar": {
                "schema": {"type": "string"},
                "example": "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//x//EN\nBEGIN:VEVENT\nUID:1\nDTSTART:20300301T090000Z\n"
                "SUMMARY:Walk\nEND:VEVENT\nEND:VCALENDAR\n",
            }
        },
    }
}
From = Annotated[AwareDatetime | None, Query(alias="from", description="From when on. By default now.")]
To = Annotated[
    AwareDatetime | None, Query(description="Up to when, exclusive. By default a week after the first.")
]
Key = Annotated[str, Path(max_length=40, description="The start its rule gave it: 2030-03-01T07:00:00.")]
Reaching = Annotated[Reach, Query(description="It alone, it and all that follow, or all.")]


@router.get("/occurrences", responses=RESPONSES, operation_id="list_occurrences")
async def occurrences(
    tx: TxOf,
    person_id: PersonId,
    since: From = None,
    to: To = None,
    calendar_id: Annotated[UUID | None, Query(description="Only of this calendar.")] = None,
    category: Annotated[str | None, Query(max_length=300, description="Only of this category.")] = None,
    appointments: Annotated[
        bool | None, Query(description="Only appointments, or only what is none.")
    ] = None,
    others: Annotated[bool, Query(description="Also what other features have: doses, workouts.")] = True,
) -> list[Occurrence]:
    """What lies in a time, in order.

    More than two thousand are refused: ask for less.
    """
    begin = since or clock.now()
    if not 1900 <= begin.year <= 2199 or (to is not None and not 1900 <= to.year <= 2199):
        raise Incorrect("Between the years 1900 and 2199.", field="from")

    def fits(event: Event) -> bool:
        return (
            calendar_id in (None, event.calendar_id)
            and category in (None, event.category)
            and appointments in (None, event.care is not None)
        )

    narrowed = calendar_id is not None or category is not None or appointments is not None
    sources = service.SOURCES if others and not narrowed else ()
    end = to or begin + timedelta(days=7)
    found = await service.view(tx, person_id, begin, end, sources=sources, where=fits)
    if found.more:
        raise Incorrect("This comes too often for so long a time. Ask for less.", field="to")
    return list(found.items)


@router.get("/events/{id}/occurrences/{key}", responses=RESPONSES, operation_id="read_occurrence")
async def occurrence(tx: TxOf, person_id: PersonId, id: UUID, key: Key) -> Occurrence:
    """One occurrence."""
    return (await service.occurrence(tx, person_id, id, key))[1]


@router.put("/events/{id}/occurrences/{key}", responses=WRITES, operation_id="change_occurrence")
async def change(
    tx: TxOf,
    person_id: PersonId,
    id: UUID,
    key: Key,
    draft: Sent[OccurrenceDraft],
    response: Response,
    if_match: IfMatch = None,
) -> Event:
    """Change one occurrence, it and all that follow, or all. Answers the event it belongs to then: it may be a new one."""
    return tagged(
        await service.edit(tx, person_id, id, key, draft, if_version=version_of(if_match)), response
    )


@router.delete(
    "/events/{id}/occurrences/{key}", status_code=204, responses=WRITES, operation_id="delete_occurrence"
)
async def delete(
    tx: TxOf, person_id: PersonId, id: UUID, key: Key, reach: Reaching = Reach.THIS, if_match: IfMatch = None
) -> Response:
    """Let one occurrence, it and all that follow, or all of them not come."""
    await service.leave_out(tx, person_id, id, key, reach, if_version=version_of(if_match))
    return Response(status_code=204)


@router.post("/events/{id}/occurrences/{key}/status", responses=WRITES, operation_id="mark_occurrence")
async def mark(tx: TxOf, person_id: PersonId, id: UUID, key: Key, draft: Sent[Mark]) -> Occurrence:
    """Say what became of an occurrence. Saying the same twice changes nothing; pending takes it back."""
    return await service.mark(tx, person_id, id, key, draft.status)


@router.get("/appointments", responses=RESPONSES, operation_id="list_appointments")
async def appointments(
    tx: TxOf,
    person_id: PersonId,
    limit: Limit = 10,
    member_id: Annotated[UUID | None, Query(description="Only with this member of the care team.")] = None,
) -> Upcoming:
    """Appointments of the year to come: how many, and the first of them."""
    return await service.upcoming(tx, person_id, most=limit, member_id=member_id)


@router.get("/system-templates", responses=RESPONSES, operation_id="list_system_templates")
async def system_templates(tx: TxOf, person_id: PersonId) -> list[SystemTemplate]:
    """Events to begin from that Ojas brings, in the caller's language."""
    tx.access.require(service.SCOPE, person_id)
    return service.system_templates()


@router.post(
    "/events/import",
    responses=WRITES,
    operation_id="import_events",
    openapi_extra=FILE,
    response_model=Brought,
)
@takes(LARGEST + 1)
async def bring(
    request: Request,
    tx: TxOf,
    person_id: PersonId,
    calendar_id: Annotated[UUID | None, Query(description="Into this calendar.")] = None,
) -> Brought:
    """Bring in a calendar file (.ics). What cannot be kept is named with its reason, the rest is kept; twice is once."""
    return await service.bring(tx, person_id, await request.body(), calendar_id)


@router.get(
    "/events.ics",
    responses={**RESPONSES, 200: {"content": {"text/calendar": {}}}},
    operation_id="export_events",
    response_class=Response,
)
async def take_out(tx: TxOf, person_id: PersonId) -> Response:
    """Every event as a calendar file."""
    return file_of(await service.take_out(tx, person_id))


def file_of(content: bytes) -> Response:
    """A calendar file to be kept."""
    return Response(
        content, media_type=CALENDAR, headers={"content-disposition": 'attachment; filename="calendar.ics"'}
    )


@router.get("/calendar-links", responses=RESPONSES, operation_id="list_calendar_links")
async def links(tx: TxOf, person_id: PersonId) -> list[LinkView]:
    """The secret addresses that are open, without what makes them secret."""
    return await service.links(tx, person_id)


@router.post("/calendar-links", status_code=201, responses=WRITES, operation_id="create_calendar_link")
@tells_secrets
async def open_link(tx: TxOf, person_id: PersonId, draft: Sent[LinkDraft]) -> LinkView:
    """Open a secret address for another calendar. ``path`` is told this once."""
    return await service.open_link(tx, person_id, draft)


@router.delete("/calendar-links/{id}", status_code=204, responses=WRITES, operation_id="delete_calendar_link")
async def close_link(tx: TxOf, person_id: PersonId, id: UUID) -> Response:
    """Close an address at once and for good."""
    await service.close_link(tx, person_id, id)
    return Response(status_code=204)


@feed.get("/calendar/{token}.ics")
async def subscribe(
    tx: OpenTx,
    token: Annotated[str, Path(max_length=100)],
    if_none_match: Annotated[str | None, Header(max_length=1000)] = None,
) -> Response:
    """What another calendar fetches."""
    content, tag = await service.feed(tx, token)
    headers = {"etag": tag, "cache-control": "private, no-cache"}
    asked = {each.strip().removeprefix("W/") for each in (if_none_match or "").split(",")}
    if asked & {tag, "*"}:
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=CALENDAR, headers=headers)
