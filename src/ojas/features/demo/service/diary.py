"""What she has planned: visits behind her and ahead, exercises, family."""

from datetime import date, datetime, time, timedelta
from uuid import UUID

from ojas.features.calendar import service as calendar
from ojas.features.calendar.rules.terms import CareType, Privacy, Status
from ojas.features.calendar.schemas import CalendarDraft, Care, EventDraft, Point
from ojas.features.demo.service import story
from ojas.kit.db import Tx

_HOSPITAL = "City Hospital, 12 Lake Road, Chennai"
_PLACE = Point(latitude=13.0418, longitude=80.2341)


def _visit(title: str, day: date, at: time, care: Care, minutes: int = 30) -> EventDraft:
    return EventDraft(
        title=title,
        start=datetime.combine(day, at),
        duration=timedelta(minutes=minutes),
        zone=story.ZONE.key,
        place=_HOSPITAL,
        coordinates=_PLACE,
        category="health",
        privacy=Privacy.CLINICAL,
        reminders=(1440, 60),
        care=care,
    )


def behind(today: date) -> EventDraft:
    """Where she has been."""
    care = Care(type=CareType.FOLLOW_UP, provider=story.DOCTOR.profile.name, specialty="Cardiology")
    return _visit("First check-up after surgery", today - timedelta(days=21), time(10, 30), care)


def ahead(today: date) -> list[EventDraft]:
    """Where she will be, and what comes again and again."""
    monday = today - timedelta(days=today.weekday())
    check = Care(
        type=CareType.FOLLOW_UP,
        provider=story.DOCTOR.profile.name,
        specialty="Cardiology",
        clinic="City Hospital",
        preparation="Bring the list of medicines and the readings of the last week.",
    )
    blood = Care(type=CareType.TEST, clinic="City Hospital laboratory", preparation="Come without breakfast.")
    physio = Care(type=CareType.PROCEDURE, provider="Ms Kavitha", specialty="Physiotherapy")
    return [
        _visit("Check-up with the cardiologist", today + timedelta(days=6), time(10, 30), check),
        _visit("Blood test", today + timedelta(days=4), time(8), blood, 20),
        _visit("Physiotherapy", monday, time(17, 30), physio, 45).model_copy(
            update={"rule": "FREQ=WEEKLY;BYDAY=MO,TH", "reminders": (120,)}
        ),
        EventDraft(
            title="Walk in the park",
            start=datetime.combine(monday, time(7)),
            duration=timedelta(minutes=30),
            zone=story.ZONE.key,
            rule="FREQ=DAILY",
            category="exercise",
            colour="#4f6372",
        ),
        EventDraft(
            title="Asha's birthday",
            start=date(today.year - 1, 9, 2),
            duration=timedelta(days=1),
            zone=None,
            rule="FREQ=YEARLY",
            category="family",
            colour="#8a3a6b",
            reminders=(1440,),
        ),
        EventDraft(
            title="A present for Asha",
            start=datetime.combine(today + timedelta(days=2), time(16)),
            zone=story.ZONE.key,
            category="family",
            colour="#8a3a6b",
            privacy=Privacy.PRIVATE,
        ),
    ]


async def write(tx: Tx, person_id: UUID, now: datetime) -> None:
    """Fill her calendar."""
    today = now.astimezone(story.ZONE).date()
    home = CalendarDraft(name="Meera's calendar", colour="#0e6a55", is_default=True)
    await calendar.CALENDARS.create(tx, person_id, home)
    past = await calendar.EVENTS.keep(tx, person_id, behind(today))
    await calendar.mark(tx, person_id, past.id, past.start.isoformat(), Status.COMPLETED)
    for event in ahead(today):
        await calendar.EVENTS.keep(tx, person_id, event)
