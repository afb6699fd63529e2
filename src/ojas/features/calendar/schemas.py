"""What crosses the border of the calendar."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    PlainValidator,
    WithJsonSchema,
    model_validator,
)

from ojas.features.calendar.rules.local import Start
from ojas.features.calendar.rules.reminding import LONGEST_NOTICE, MOST_REMINDERS
from ojas.features.calendar.rules.rule import Rule, parse
from ojas.features.calendar.rules.series import Override, Series
from ojas.features.calendar.rules.terms import CareType, Detail, Privacy, Reach, Status, Visit
from ojas.kit import i18n
from ojas.kit.collection import Kept, Strict
from ojas.kit.errors import Incorrect

MOST_A_DAY = 24
"""Once an hour: what comes more often is an attack or a slip."""


def _start(value: object) -> Start:
    """A date, or a local wall time of whole seconds that says no zone."""
    if isinstance(value, str):
        try:
            value = date.fromisoformat(value) if len(value) <= 10 else datetime.fromisoformat(value)
        except ValueError as problem:
            raise Incorrect("This is neither a day nor a time, such as 2026-03-01T09:30.") from problem
    if not isinstance(value, date):  # a datetime is one too
        raise Incorrect("This is neither a day nor a time, such as 2026-03-01T09:30.")
    if isinstance(value, datetime):
        if value.tzinfo is not None:
            raise Incorrect("Give the time that the clock there shows, and its zone by itself.")
        value = value.replace(microsecond=0)
    if not 1900 <= value.year <= 2199:
        raise Incorrect("Between the years 1900 and 2199.")
    return value


def _rule(text: str) -> str:
    """
    Raises:
        Incorrect: with the field ``rule``, and after a point the part of it.
    """
    try:
        rule = parse(text)
    except Incorrect as refusal:
        fault = refusal.fault
        part = "rule" if fault.field in (None, "RRULE") else f"rule.{fault.field}"
        raise Incorrect(fault.message, field=part, **fault.params) from refusal  # type: ignore[arg-type]  # none is called faults
    if (
        len(rule.by_minute or (0,)) * (24 if rule.freq == "HOURLY" else len(rule.by_hour or (0,)))
        > MOST_A_DAY
    ):
        raise Incorrect("Nothing here may come more often than once an hour.")
    return str(rule)


def _colour(text: str) -> str:
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", text):
        raise Incorrect("A colour is written like this: #0e6a55.")
    return text


def _link(text: str) -> str:
    if not re.fullmatch(r"https?://[^\s<>\"]{3,490}", text):
        raise Incorrect("An address of a meeting begins with https://.")
    return text


Line = Annotated[str, Field(max_length=300)]
Name = Annotated[str, Field(min_length=1, max_length=300, pattern=r"\S")]
Note = Annotated[str, Field(max_length=8000)]
When = Annotated[
    date | datetime,
    PlainValidator(_start),
    PlainSerializer(lambda start: start.isoformat(), return_type=str, when_used="json"),
    WithJsonSchema(
        {
            "type": "string",
            "maxLength": 25,
            "description": "A day for all of it, or a local time without a zone.",
        }
    ),
]
Rrule = Annotated[str, Field(max_length=1000), AfterValidator(_rule)]
Colour = Annotated[str, Field(max_length=20, description="Such as #0e6a55."), AfterValidator(_colour)]
Address = Annotated[str, Field(max_length=500), AfterValidator(_link)]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$", description="ISO 4217, such as INR.")]
Notices = Annotated[
    tuple[Annotated[int, Field(ge=0, le=LONGEST_NOTICE)], ...],
    Field(max_length=MOST_REMINDERS, strict=False, description="Minutes before, of each reminder."),
]

APPOINTMENT: dict[str, Any] = {
    "title": "Check-up after surgery",
    "start": "2030-03-04T10:30:00",
    "duration": "PT30M",
    "zone": "Asia/Kolkata",
    "place": "City Hospital, 12 Lake Road, Chennai",
    "coordinates": {"latitude": 13.0418, "longitude": 80.2341},
    "reminders": [1440, 60],
    "care": {
        "type": "follow_up",
        "visit": "in_person",
        "provider": "Dr Vikram Rao",
        "specialty": "Cardiology",
        "clinic": "City Hospital",
        "cost": "1200.00",
        "currency": "INR",
        "insured": True,
        "preparation": "Bring the list of medicines.",
    },
    "privacy": "clinical",
}
EVENT: dict[str, Any] = {
    "title": "Walk in the park",
    "start": "2030-03-01T07:00:00",
    "duration": "PT45M",
    "zone": "Asia/Kolkata",
    "rule": "FREQ=WEEKLY;BYDAY=MO,WE,FR",
    "category": "exercise",
}


class Point(Strict):
    """A place on earth, WGS 84."""

    latitude: float = Field(ge=-90, le=90)
    longitude: float = Field(ge=-180, le=180)


class Care(Strict):
    """What makes an event an appointment: who gives care, and how."""

    type: CareType = CareType.CONSULTATION
    visit: Visit = Visit.IN_PERSON
    provider: Line | None = Field(None, description="Who: their name.")
    member_id: UUID | None = Field(None, description="Who, of the person's care team.")
    specialty: Line | None = None
    clinic: Line | None = None
    link: Address | None = Field(None, description="Where one meets by video.")
    cost: Decimal | None = Field(None, ge=0, max_digits=10, decimal_places=2)
    currency: Currency | None = None
    insured: bool = Field(False, description="Whether an insurance pays.")
    preparation: Note | None = Field(None, description="What to do or bring before.")

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.cost is not None and self.currency is None:
            raise Incorrect("Say in which currency.", field="care.currency")
        return self


class Change(Strict):
    """One occurrence that is otherwise: moved, in other words, or called off. What is absent is as in the series."""

    original: When = Field(description="The start the rule gave it.")
    start: When | None = None
    duration: timedelta | None = None
    cancelled: bool = False
    title: Name | None = None
    text: Note | None = None
    place: Line | None = None

    @property
    def override(self) -> Override:
        return Override(**{name: getattr(self, name) for name in type(self).model_fields})

    @classmethod
    def of(cls, override: Override) -> Self:
        return cls(**{name: getattr(override, name) for name in cls.model_fields})


class Plan(Strict):
    """What is planned, whenever it comes."""

    title: Name
    text: Note | None = Field(None, description="Notes.")
    place: Line | None = None
    coordinates: Point | None = None
    category: Line | None = None
    colour: Colour | None = Field(None, description="Absent: its calendar's.")
    reminders: Notices = ()
    privacy: Privacy = Privacy.SHARED
    care: Care | None = Field(None, description="Makes it an appointment.")


def _clocks(known: dict[str, Any]) -> str | None:
    return i18n.current().zone if isinstance(known.get("start"), datetime) else None


class EventDraft(Plan):
    """An event. With a rule it recurs; with ``care`` it is an appointment.

    Raises:
        Incorrect: with the field, as in rules.series.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [EVENT, APPOINTMENT]})

    calendar_id: UUID | None = Field(None, description="Absent: the default one.")
    start: When
    duration: timedelta = Field(
        timedelta(hours=1), description="ISO 8601, such as PT30M; whole days for a day."
    )
    zone: Annotated[str, Field(max_length=64)] | None = Field(
        default_factory=_clocks,
        description="By whose clocks. Absent: the caller's. Null: those of whoever looks, as for whole days.",
    )
    rule: Rrule | None = Field(None, description="RRULE of RFC 5545.")
    extra: Annotated[tuple[When, ...], Field(strict=False)] = Field((), description="RDATE.")
    without: Annotated[tuple[When, ...], Field(strict=False)] = Field((), description="EXDATE.")
    changes: Annotated[tuple[Change, ...], Field(strict=False)] = Field((), description="RECURRENCE-ID.")
    uid: Annotated[str, Field(max_length=255)] | None = Field(
        None, description="What another calendar calls it."
    )

    @model_validator(mode="after")
    def _whole(self) -> Self:
        series = self.series
        if series.overrides and not series.rule and not series.extra:
            raise Incorrect("Only what recurs has occurrences that are otherwise.", field="changes")
        if self.care and not (self.care.provider or self.care.member_id or self.care.clinic):
            raise Incorrect("Say with whom, or where.", field="care.provider")
        if len(set(self.reminders)) < len(self.reminders):
            raise Incorrect("One reminder stands there twice.", field="reminders")
        return self

    @property
    def series(self) -> Series:
        return Series(
            self.start,
            self.duration,
            self.zone,
            self.parsed,
            frozenset(self.extra),
            frozenset(self.without),
            tuple(change.override for change in self.changes),
        )

    @property
    def parsed(self) -> Rule | None:
        return None if self.rule is None else parse(self.rule)

    def timed(self, series: Series) -> Self:
        """The same, at other times."""
        return self.model_copy(
            update={
                "start": series.start,
                "duration": series.duration,
                "zone": series.zone,
                "rule": str(series.rule) if series.rule else None,
                "extra": tuple(sorted(series.extra, key=str)),
                "without": tuple(sorted(series.without, key=str)),
                "changes": tuple(Change.of(each) for each in series.overrides),
            }
        )


class Event(EventDraft, Kept):
    @property
    def draft(self) -> EventDraft:
        return EventDraft.model_construct(**{name: getattr(self, name) for name in EventDraft.model_fields})


class OccurrenceDraft(Plan):
    """One occurrence as it is to be, and how far that reaches.

    ``this`` changes it alone; ``following`` it and all after; ``all`` the whole series, moved by as much as this one is.
    """

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"reach": "this", "title": "Walk", "start": "2030-03-04T08:00:00"}]}
    )

    reach: Reach
    start: When
    duration: timedelta | None = Field(None, description="Absent: as it was.")
    zone: Annotated[str, Field(max_length=64)] | None = Field(None, description="Absent: as it was.")
    rule: Rrule | None = Field(None, description="For following and all. Absent: as it was.")
    once: bool = Field(False, description="For following and all: it recurs no more.")
    calendar_id: UUID | None = Field(None, description="Absent: as it was.")


class Mark(Strict):
    """What became of an occurrence."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"status": "completed"}]})

    status: Status


class Occurrence(BaseModel):
    """One thing in a view: an occurrence of an event, or what another feature plans.

    ``key`` names it within its event for good. ``start`` is by the clocks of its zone, ``begins`` and ``ends`` are instants.
    """

    model_config = ConfigDict(frozen=True)

    source: str = Field("calendar", description="Who plans it: calendar, or the feature that was asked.")
    event_id: UUID
    key: str
    title: str
    text: str | None = None
    place: str | None = None
    start: When
    begins: datetime
    ends: datetime
    all_day: bool = False
    recurs: bool = False
    status: Status = Status.PENDING
    category: str | None = None
    colour: str | None = None
    calendar_id: UUID | None = None
    privacy: Privacy = Privacy.SHARED
    care: Care | None = None
    said_at: datetime | None = Field(None, description="When it was reminded of.")
    path: str = Field("", description="Its page, under the person's.")


@dataclass(frozen=True, slots=True)
class View:
    """What lies in a time. ``more``: there is more than anybody could look at, and it was left out."""

    items: tuple[Occurrence, ...]
    more: bool = False


class CalendarDraft(Strict):
    """A calendar. The first is the default; making another the default ends that of the one before."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "Health", "colour": "#0e6a55"}]})

    name: Name
    description: Note | None = None
    colour: Colour = "#0e6a55"
    visible: bool = True
    is_default: bool = False


class Calendar(CalendarDraft, Kept):
    pass


class TemplateDraft(Plan):
    """An event to begin from."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "Physiotherapy",
                    "title": "Physiotherapy",
                    "duration": "PT45M",
                    "category": "exercise",
                }
            ]
        }
    )

    name: Name
    duration: timedelta = Field(timedelta(hours=1), ge=timedelta(0), le=timedelta(days=366))
    rule: Rrule | None = None
    is_active: bool = True


class Template(TemplateDraft, Kept):
    pass


class SystemTemplate(TemplateDraft):
    """A template that Ojas brings, in the reader's language."""

    key: str


class LinkDraft(Strict):
    """A secret address for another calendar: whose it is, and how much it tells."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "My phone", "detail": "busy"}]})

    name: Name
    detail: Detail = Detail.BUSY
    calendars: Annotated[tuple[UUID, ...], Field(max_length=50, strict=False)] = Field(
        (), description="Only these calendars. None: all."
    )


class LinkView(BaseModel):
    model_config = ConfigDict(frozen=True)

    id: UUID
    person_id: UUID
    name: str
    detail: Detail
    calendars: tuple[UUID, ...]
    created_at: datetime
    read_at: datetime | None = Field(description="When it was last fetched.")
    path: str | None = Field(None, description="The secret address, told once.")


class RefusedEvent(BaseModel):
    """An event of a file that was left out: what it is called, when it begins where that could be read, and why."""

    uid: str
    title: str
    day: date | None
    field: str | None
    message: str


class Brought(BaseModel):
    """What came of a calendar file."""

    added: int
    changed: int
    same: int
    refused: list[RefusedEvent]


class Upcoming(BaseModel):
    """Appointments to come: how many in the next year, and the first of them."""

    count: int
    next: Occurrence | None
    items: list[Occurrence]
