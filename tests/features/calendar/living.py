"""Somebody with a calendar, and a worker that looks when a test says so."""

from datetime import date, datetime, timedelta
from typing import Any

from ojas.features.calendar import service
from ojas.features.calendar.rules.terms import Reach, Status
from ojas.features.calendar.schemas import Care, Event, EventDraft, Occurrence, OccurrenceDraft
from ojas.features.notifications import service as notifications
from ojas.features.notifications.schemas import Notice
from ojas.kit import i18n
from ojas.kit.db import Database
from ojas.kit.jobs import Context
from tests.features.morning import DAY, HOME, at
from tests.features.sharing.cast import Somebody


def draft(title: str = "Walk", start: str = "2027-03-01T09:00", **more: Any) -> EventDraft:
    given = {"title": title, "start": start, "zone": "Asia/Kolkata" if len(start) > 10 else None, **more}
    if len(start) == 10:
        given.setdefault("duration", timedelta(days=1))
    return EventDraft.model_validate(given, strict=False)


def visit(title: str = "Check-up", start: str = "2027-03-03T10:30", **more: Any) -> EventDraft:
    return draft(title, start, care=Care(provider="Dr Rao"), **more)


async def planned(who: Somebody, event: EventDraft | None = None, **more: Any) -> Event:
    async with who.transaction() as tx:
        return await service.EVENTS.create(tx, who.person_id, event or draft(**more))


async def seen(
    who: Somebody, first: date = DAY, days: int = 31, *, whose: Somebody | None = None
) -> list[Occurrence]:
    with i18n.use(i18n.Manner(zone=HOME.key)):
        async with who.transaction() as tx:
            since = at(0, day=first)
            person = (whose or who).person_id
            return list((await service.view(tx, person, since, since + timedelta(days=days))).items)


async def edited(who: Somebody, event: Event, key: str, reach: str, start: str, **more: Any) -> Event:
    plain = event.model_dump(
        include={
            "title",
            "text",
            "place",
            "coordinates",
            "category",
            "colour",
            "reminders",
            "privacy",
            "care",
        }
    )
    change = OccurrenceDraft.model_validate(
        plain | {"reach": Reach(reach), "start": start} | more, strict=False
    )
    async with who.transaction() as tx:
        return await service.edit(tx, who.person_id, event.id, key, change)


async def left_out(who: Somebody, event: Event, key: str, reach: str = "this") -> Event | None:
    async with who.transaction() as tx:
        return await service.leave_out(tx, who.person_id, event.id, key, Reach(reach))


async def marked(who: Somebody, event: Event, key: str, status: Status) -> Occurrence:
    async with who.transaction() as tx:
        return await service.mark(tx, who.person_id, event.id, key, status)


async def look(database: Database) -> None:
    """What a worker does until nothing is due any more."""
    while await service.REMIND.look(Context(database)):
        pass


async def messages(who: Somebody) -> list[Notice]:
    """What stands in somebody's inbox, oldest first."""
    async with who.transaction() as tx:
        found, _following = await notifications.inbox(tx, who.account_id)
    return list(reversed(found))


def told(found: list[Occurrence]) -> list[str]:
    return [
        f"{one.title} {one.start:%m-%d}" + (f" {one.start:%H:%M}" if isinstance(one.start, datetime) else "")
        for one in found
    ]
