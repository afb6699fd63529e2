"""A month, a week, a day, or what comes next."""

from datetime import UTC, date, datetime, time
from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response

from ojas.features.calendar import service
from ojas.features.calendar.pages import showing
from ojas.features.calendar.pages.grid import grid
from ojas.features.calendar.rules.local import instant
from ojas.features.calendar.schemas import Calendar, Occurrence, View
from ojas.kit import clock, i18n
from ojas.kit.db import Tx
from ojas.kit.http import TxOf
from ojas.kit.web import Pages, page

router = Pages(prefix="/p/{person_id}", include_in_schema=False)
_FIRST, _LAST = date(1901, 1, 1), date(2199, 1, 1)


@router.get("/calendar")
async def calendar(
    request: Request,
    tx: TxOf,
    person_id: UUID,
    view: Annotated[str, Query(max_length=10)] = "month",
    on: Annotated[str, Query(max_length=10)] = "",
) -> Response:
    """The calendar. An address that says nonsense shows today."""
    view = view if view in showing.VIEWS else "month"
    day = _day(on)
    first, after = showing.span(view, day)
    calendars = await service.calendars(tx, person_id)
    found = await service.view(tx, person_id, _at(first), _at(after))
    shown = visible(found, calendars)
    month = day.month if view == "month" else None
    days = showing.days(shown, first, after, month)
    before, behind = showing.beside(view, day)
    week = grid(days) if view == "week" else None
    return page(
        request,
        "calendar/calendar.html",
        view=view,
        on=day,
        days=days,
        week=week,
        passed=week and week.passed(clock.now()),
        chosen=next((one for one in days if one.day == day), None),
        before=before,
        after=behind,
        more=found.more,
        empty=not found.items and not calendars,
        colours=colours_of(calendars),
        show=showing,
        may_write=tx.access.allows(service.SCOPE, person_id, write=True),
        may_open=tx.access.allows("owner", person_id, write=True),
    )


def _day(text: str) -> date:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return showing.today()
    return found if _FIRST <= found <= _LAST else showing.today()


def _at(day: date) -> datetime:
    return instant(datetime.combine(day, time()), i18n.current().tz).astimezone(UTC)


def visible(found: View, calendars: list[Calendar]) -> list[Occurrence]:
    """Without those of calendars that are switched off. What has none is of the default one."""
    known = {one.id: one.visible for one in calendars}
    default = next((one.visible for one in calendars if one.is_default), True)
    return [one for one in found.items if one.source != "calendar" or known.get(one.calendar_id, default)]  # type: ignore[arg-type]  # None is of the default


def colours_of(calendars: list[Calendar]) -> dict[UUID | None, str]:
    """The colour of each calendar; under None, the default's."""
    found: dict[UUID | None, str] = {one.id: one.colour for one in calendars}
    found[None] = next((one.colour for one in calendars if one.is_default), "#0e6a55")
    return found


async def lone(tx: Tx, person_id: UUID) -> dict[UUID | None, str]:
    """The colours of a person's calendars."""
    return colours_of(await service.calendars(tx, person_id))
