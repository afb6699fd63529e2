"""What is typed into the forms of the calendar, and how an event is shown in them again."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ojas.features.calendar.rules.local import DAY, instant, wall
from ojas.features.calendar.rules.recur import last_start
from ojas.features.calendar.rules.rule import Day, Freq, Rule, parse
from ojas.features.calendar.rules.terms import CareType, Detail, Privacy, Reach, Status, Visit
from ojas.features.calendar.schemas import (
    Care,
    Colour,
    Event,
    EventDraft,
    Line,
    Name,
    Note,
    Occurrence,
    OccurrenceDraft,
    Plan,
    Point,
    Template,
    TemplateDraft,
)
from ojas.kit import i18n
from ojas.kit.errors import Fault, Incorrect
from ojas.kit.http.problems import fault_of
from ojas.kit.i18n.zones import zone_of

MadeT = TypeVar("MadeT")
Rhythm = Literal["once", "daily", "weekly", "monthly", "yearly", "kept"]
_FREQ = {"daily": Freq.DAILY, "weekly": Freq.WEEKLY, "monthly": Freq.MONTHLY, "yearly": Freq.YEARLY}
_FIELDS = {
    "duration": "to", "rule": "rhythm", "care.provider": "provider", "care.link": "link", "RRULE": "rhythm", "BYDAY": "days",
    "COUNT": "count", "UNTIL": "last", "INTERVAL": "every", "original": "day",
    "care.currency": "currency", "coordinates.latitude": "latitude", "coordinates.longitude": "longitude",
}  # fmt: skip
"""Where the form has a field of the draft's."""


class Form(BaseModel):
    model_config = ConfigDict(extra="ignore")


class PlanForm(Form):
    """What an event and a template have in common, as typed."""

    version: int | None = None
    kind: Literal["event", "appointment"] = "event"
    title: Name
    place: Line | None = None
    text: Note | None = None
    category: Line | None = None
    colour: Annotated[str, Field(max_length=7)] | None = None
    privacy: Privacy = Privacy.SHARED
    reminders: list[Annotated[int, Field(ge=0, le=40_320)]] = []
    rhythm: Rhythm = "once"
    every: Annotated[int, Field(ge=1, le=999)] = 1
    days: list[Annotated[int, Field(ge=0, le=6)]] = []
    last: date | None = None
    count: Annotated[int, Field(ge=1, le=999)] | None = None
    provider: Line | None = None
    specialty: Line | None = None
    clinic: Line | None = None
    type: CareType = CareType.CONSULTATION
    visit: Visit = Visit.IN_PERSON
    link: Annotated[str, Field(max_length=500)] | None = None
    latitude: Annotated[float, Field(ge=-90, le=90)] | None = None
    longitude: Annotated[float, Field(ge=-180, le=180)] | None = None
    preparation: Note | None = None
    cost: Annotated[Decimal, Field(ge=0, max_digits=10, decimal_places=2)] | None = None
    currency: Annotated[str, Field(pattern=r"^[A-Za-z]{3}$")] | None = None
    insured: bool = False

    def _plan(self, team: Mapping[str, UUID]) -> dict[str, Any]:
        return {
            "title": self.title,
            "text": self.text,
            "place": self.place,
            "coordinates": self._point(),
            "category": self.category,
            "colour": self.colour,
            "reminders": tuple(sorted(set(self.reminders), reverse=True)),
            "privacy": self.privacy,
            "care": self._care(team) if self.kind == "appointment" else None,
        }

    def _rule(self, before: Event | Template | None) -> str | None:
        if self.rhythm == "once":
            return None
        if self.rhythm == "kept":
            return before.rule if before else None
        days = tuple(Day(day) for day in sorted(set(self.days))) if self.rhythm == "weekly" else ()
        return str(
            Rule(_FREQ[self.rhythm], self.every, self.count, None if self.count else self.last, by_day=days)
        )

    def _point(self) -> Point | None:
        if self.latitude is None and self.longitude is None:
            return None
        if self.latitude is None or self.longitude is None:
            raise Incorrect("A place has both, latitude and longitude.", field="longitude")
        return Point(latitude=self.latitude, longitude=self.longitude)

    def _care(self, team: Mapping[str, UUID]) -> Care:
        return Care(
            type=self.type,
            visit=self.visit,
            provider=self.provider,
            member_id=team.get((self.provider or "").casefold()),
            specialty=self.specialty,
            clinic=self.clinic,
            link=self.link,
            cost=self.cost,
            currency=(self.currency.upper() if self.currency else "INR") if self.cost is not None else None,
            insured=self.insured,
            preparation=self.preparation,
        )


class EventForm(PlanForm):
    """An event or an appointment as typed. ``id`` was given out with the form, so that sending it twice adds it once."""

    id: UUID | None = None
    day: date
    all_day: bool = False
    start: time | None = None
    to: time | None = None
    last_day: date | None = None
    zone: Annotated[str, Field(max_length=64)] | None = None
    calendar_id: UUID | None = None
    reach: Reach = Reach.THIS

    def draft(self, team: Mapping[str, UUID], before: Event | None = None) -> EventDraft:
        """A new event. ``team``: the care team, by name.

        Raises:
            Incorrect: naming the field of this form.
        """
        return _named(lambda: EventDraft(**self._plan(team), **self._times(), rule=self._rule(before)))

    def change(self, team: Mapping[str, UUID], before: Event) -> OccurrenceDraft:
        """An occurrence of ``before`` as it is to be, which lends what the form has no field for."""

        def make() -> OccurrenceDraft:
            times = self._times()
            if self.zone is None and not self.all_day and not before.series.all_day:
                times["zone"] = before.zone
            more: dict[str, Any] = {"once": True} if self.rhythm == "once" else {"rule": self._rule(before)}
            return OccurrenceDraft(**self._plan(team), **times, **more, reach=self.reach)

        return _named(make)

    def _plan(self, team: Mapping[str, UUID]) -> dict[str, Any]:
        return super()._plan(team) | {"calendar_id": self.calendar_id}

    def _times(self) -> dict[str, Any]:
        """Start, duration and zone.

        Raises:
            Incorrect: no time, or an end before the beginning.
        """
        last = self.last_day or self.day
        if self.all_day:
            return {"start": self.day, "duration": (last - self.day) + DAY, "zone": None}
        if self.start is None:
            raise Incorrect("Say at what time.", field="start")
        start = datetime.combine(self.day, self.start)
        zone = self.zone or i18n.current().zone
        if self.to is None:
            return {"start": start, "duration": timedelta(hours=1), "zone": zone}
        end = datetime.combine(last, self.to)
        there = zone_of(zone)
        if end < start:
            raise Incorrect("This ends before it begins.", field="last_day" if self.last_day else "to")
        return {"start": start, "duration": instant(end, there) - instant(start, there), "zone": zone}


def _named(make: Callable[[], MadeT]) -> MadeT:
    """What ``make`` answers.

    Raises:
        Incorrect: naming the fields of the form, not those of the draft.
    """
    try:
        return make()
    except ValidationError as problem:
        faults = [fault_of(error) for error in problem.errors()]
    except Incorrect as refusal:
        faults = list(refusal.faults)
    named = [Fault(one.message, _FIELDS.get(one.field or "", one.field), one.params) for one in faults]
    raise Incorrect(named[0].message, faults=named)


class StatusForm(Form):
    status: Status
    then: Annotated[str, Field(max_length=300)] | None = None


class ReachForm(Form):
    reach: Reach = Reach.ALL


class MoveForm(Form):
    """How far an occurrence was pulled, by the clocks of whoever looks, from where it stood: ``was``."""

    was: datetime
    days: Annotated[int, Field(ge=-366, le=366)] = 0
    minutes: Annotated[int, Field(ge=-1440, le=1440)] = 0
    reach: Reach = Reach.THIS
    then: Annotated[str, Field(max_length=300)] | None = None

    def change(self, event: Event, one: Occurrence) -> OccurrenceDraft:
        """The same, only at another time: of more than this one the words are those of all."""
        plan = {name: getattr(event, name) for name in Plan.model_fields}
        if self.reach is Reach.THIS:
            plan |= {name: getattr(one, name) for name in ("title", "text", "place")}
        return _named(lambda: OccurrenceDraft(**plan, start=self._start(event, one), reach=self.reach))

    def _start(self, event: Event, one: Occurrence) -> date | datetime:
        if not isinstance(one.start, datetime):
            return one.start + self.days * DAY
        here = i18n.current().tz
        there = wall(one.begins, here) + timedelta(days=self.days, minutes=self.minutes)
        return wall(instant(there, here), zone_of(event.zone)) if event.zone else there


class UndoForm(Form):
    version: int
    split_off: UUID | None = None
    key: Annotated[str, Field(max_length=40)] | None = None


class CalendarForm(Form):
    version: int | None = None
    name: Name
    description: Note | None = None
    colour: Colour = "#0e6a55"
    visible: bool = False
    is_default: bool = False


class TemplateForm(PlanForm):
    """A template as typed."""

    name: Name
    minutes: Annotated[int, Field(ge=0, le=527_040)] = 60

    def draft(self, team: Mapping[str, UUID], before: Template | None = None) -> TemplateDraft:
        """
        Raises:
            Incorrect: naming the field of this form.
        """
        length = timedelta(minutes=self.minutes)
        return _named(
            lambda: TemplateDraft(
                **self._plan(team), name=self.name, duration=length, rule=self._rule(before)
            )
        )


class LinkForm(Form):
    name: Name
    detail: Detail = Detail.BUSY
    calendars: list[UUID] = []


def values_of(event: Event, one: Occurrence) -> dict[str, Any]:
    """An occurrence as the form shows it: by the clocks of its own zone."""
    end = _end(event, one)
    found: dict[str, Any] = of_plan(event) | {
        "version": event.version,
        "title": one.title,
        "text": one.text,
        "place": one.place,
        "day": one.start
        if one.all_day
        else one.start.date()
        if isinstance(one.start, datetime)
        else one.start,
        "all_day": one.all_day,
        "start": one.start.time() if isinstance(one.start, datetime) else None,
        "to": end.time() if isinstance(end, datetime) else None,
        "last_day": end.date() if isinstance(end, datetime) else end,
        "zone": event.zone,
        "calendar_id": event.calendar_id,
    }
    if found["last_day"] == found["day"]:
        found["last_day"] = None
    return found | of_rule(event)


def _end(event: Event, one: Occurrence) -> date | datetime:
    if not isinstance(one.start, datetime):
        return one.start + (one.ends - one.begins + timedelta(hours=2)) // DAY * DAY - DAY
    there = zone_of(event.zone or i18n.current().zone)
    return one.ends.astimezone(there).replace(tzinfo=None)


def of_plan(plan: Plan) -> dict[str, Any]:
    """What a template, or an event, lends to a form."""
    found: dict[str, Any] = {
        "title": plan.title,
        "text": plan.text,
        "place": plan.place,
        "category": plan.category,
        "colour": plan.colour,
        "reminders": list(plan.reminders),
        "privacy": plan.privacy.value,
        "kind": "appointment" if plan.care else "event",
    }
    if plan.coordinates:
        found |= plan.coordinates.model_dump()
    if plan.care:
        found |= plan.care.model_dump(exclude={"member_id"})
        found |= {"type": plan.care.type.value, "visit": plan.care.visit.value}
    return found


def of_rule(plan: Event | TemplateDraft) -> dict[str, Any]:
    """How it recurs, as the form has it."""
    if plan.rule is None:
        return {"rhythm": "kept" if isinstance(plan, Event) and plan.extra else "once"}
    rule = parse(plan.rule)
    rhythm = {freq: name for name, freq in _FREQ.items()}.get(rule.freq, "kept")
    until = rule.until
    last = last_start(rule, plan.series.tz if isinstance(plan, Event) else None).date() if until else None
    told = Rule(rule.freq, rule.interval, rule.count, until, by_day=rule.by_day)
    alike = rule if rule.interval > 1 else replace(rule, week_start=0)
    plain = not any(day.nth for day in rule.by_day) and (rule.freq is Freq.WEEKLY or not rule.by_day)
    if alike != told or not plain or isinstance(until, datetime):
        # More than the form has fields for, or an hour at which it ends: it stays as it is unless another is chosen.
        return {"rhythm": "kept", "last": last}
    return {
        "rhythm": rhythm,
        "every": rule.interval,
        "days": [day.weekday for day in rule.by_day],
        "last": last,
        "count": rule.count,
    }


__all__ = [
    "CalendarForm",
    "EventForm",
    "LinkForm",
    "MoveForm",
    "ReachForm",
    "StatusForm",
    "TemplateForm",
    "UndoForm",
    "of_plan",
    "of_rule",
    "values_of",
]
