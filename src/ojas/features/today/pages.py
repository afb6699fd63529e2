"""The first screen, the timeline, the trends; and the front door."""

from itertools import groupby
from uuid import UUID

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from ojas.features.identity import service as identity
from ojas.features.measurements.service import preferences_of
from ojas.features.today import service
from ojas.features.today.rules import Part, part_of_day
from ojas.kit import clock, i18n
from ojas.kit.http import ActorOf, OpenTx, TxOf
from ojas.kit.i18n import N_
from ojas.kit.web import Pages, page, people_by, range_of

router = Pages()
people_by(service.people)

_PER_PAGE = 50
_GREETINGS = {
    Part.MORNING: (N_("Good morning, {name}"), N_("Good morning")),
    Part.AFTERNOON: (N_("Good afternoon, {name}"), N_("Good afternoon")),
    Part.EVENING: (N_("Good evening, {name}"), N_("Good evening")),
}


@router.get("/")
async def front(request: Request, tx: OpenTx) -> Response:
    """To one's own first screen, to the first record that is shared, or to sign in."""
    actor = request.state.actor
    if actor is None:
        return RedirectResponse("/sign-in", 303)
    person_id = await service.front(tx, actor)
    return RedirectResponse(f"/p/{person_id}" if person_id else "/settings", 303)


@router.get("/p/{person_id}")
async def today(request: Request, tx: TxOf, actor: ActorOf, person_id: UUID) -> Response:
    """What matters now."""
    day = await service.day(tx, person_id, preferences_of(actor), actor)
    writes = {
        scope: tx.access.allows(scope, person_id, write=True)
        for scope in ("measurements", "connections", "medications")
    }
    return page(
        request,
        "today/day.html",
        day=day,
        writes=writes,
        leaving=await identity.standing(tx, person_id) if tx.access.allows("owner", person_id) else None,
        greetings=_GREETINGS[_part()],
        local_now=clock.now(),
    )


@router.get("/p/{person_id}/others")
async def others(request: Request, tx: TxOf, actor: ActorOf, person_id: UUID) -> Response:
    """All that is with those one looks after, where the first screen shows a few."""
    tx.access.require("owner", person_id)
    here = f"/p/{person_id}/others"
    found = await service.others(tx, actor, preferences_of(actor), here, most=service.MANY)
    return page(request, "today/others.html", found=found)


@router.get("/p/{person_id}/timeline")
async def timeline(
    request: Request,
    tx: TxOf,
    actor: ActorOf,
    person_id: UUID,
    sort: str | None = None,
    cursor: str | None = None,
) -> Response:
    """Everything, by day, newest first."""
    found = await service.timeline(
        tx, person_id, sort=sort or None, limit=_PER_PAGE, cursor=cursor, preferences=preferences_of(actor)
    )
    days = [
        (day, list(items)) for day, items in groupby(found.items, lambda entry: i18n.local(entry.at).date())
    ]
    said = await service.days_of(tx, person_id, days[-1][0], days[0][0]) if days and not sort else {}
    return page(
        request,
        "today/timeline.html",
        days=days,
        said=said,
        next=found.next,
        sort=sort,
        sorts=service.sorts_open_to(tx, person_id),
    )


@router.get("/p/{person_id}/trends")
async def trends(
    request: Request, tx: TxOf, actor: ActorOf, person_id: UUID, show: str | None = None
) -> Response:
    """Everything there is over one stretch of time."""
    stretch = range_of(request.query_params.get("range"), "1y")
    theme = show if show in service.THEMES else None
    found = await service.trends(tx, person_id, stretch, preferences_of(actor), theme)
    return page(
        request, "today/trends.html", found=found, stretch=stretch, theme=theme, themes=service.THEMES
    )


@router.get("/p/{person_id}/trends/{name}")
async def trend(request: Request, tx: TxOf, actor: ActorOf, person_id: UUID, name: str) -> Response:
    """One kind over one stretch of time."""
    stretch = range_of(request.query_params.get("range"), "1m")
    found = await service.trend(tx, person_id, name, stretch, preferences_of(actor))
    return page(request, "today/trend.html", found=found, stretch=stretch)


def _part() -> Part:
    return part_of_day(i18n.local(clock.now()).hour)
