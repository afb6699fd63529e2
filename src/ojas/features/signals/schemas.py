"""What crosses the border of signals."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from ojas.features.signals.rules import (
    Batch,
    Blend,
    Context,
    Day,
    Kind,
    Night,
    Reason,
    Samples,
    Series,
    SourceClass,
    Stage,
    Statistics,
)
from ojas.kit.collection import Kept, Strict, example
from ojas.kit.errors import Incorrect

__all__ = [
    "Batch",
    "Blend",
    "Context",
    "Day",
    "DayView",
    "Kind",
    "KindView",
    "Night",
    "NightView",
    "Outcome",
    "Overview",
    "Point",
    "PointDraft",
    "Reason",
    "Samples",
    "Series",
    "SessionDraft",
    "SessionView",
    "SourceClass",
    "SourceDraft",
    "SourceView",
    "Stage",
    "Statistics",
    "StayDraft",
    "StayView",
    "StreamView",
    "TraceView",
]

Line = Annotated[str, Field(min_length=1, max_length=200)]
Note = Annotated[str, Field(max_length=2000)]
Amount = Annotated[float, Field(ge=0, le=1e7, allow_inf_nan=False)]


class SourceDraft(Strict):
    """A device or an app, as it names itself."""

    model_config = example(name="Asha's watch", maker="Apple Inc.", model="Watch6,7", sort="watch")

    name: Line = Field(description="What people call it.")
    maker: Line | None = None
    model: Line | None = None
    hardware: Line | None = Field(None, description="Hardware version.")
    software: Line | None = Field(None, description="Software version last heard of; no part of what it is.")
    identifier: Line | None = Field(
        None, description="Its own stable name, such as a serial number or a package name."
    )
    sort: SourceClass = Field(
        SourceClass.OTHER, description="What sort of thing it is; decides whom to believe."
    )
    priority: Annotated[int, Field(ge=1, le=1000)] | None = Field(
        None, description="The person's own order, least first; before all that have none."
    )


class SourceView(SourceDraft, Kept):
    """A device or an app that sends."""

    model_config = ConfigDict(frozen=True)


SessionKind = Literal["workout", "sleep", "mindful", "ecg", "other"]
Intensity = Literal["low", "moderate", "vigorous"]


class SessionDraft(Strict):
    """A workout, a night, a time of rest: from when to when, and what it came to."""

    model_config = example(
        kind="workout",
        started_at="2026-03-01T06:30:00Z",
        ended_at="2026-03-01T07:10:00Z",
        activity="walking",
        intensity="moderate",
        distance_m=3100,
        energy_kcal=142.5,
        heart_rate_mean=104,
    )

    kind: SessionKind
    started_at: AwareDatetime
    ended_at: AwareDatetime
    source_id: UUID | None = Field(None, description="Who sent it. Absent: the person entered it.")
    activity: Line | None = Field(None, description="Sort of exercise, such as walking.")
    intensity: Intensity | None = None
    active_s: Amount | None = Field(None, description="Seconds of it in motion; absent: all.")
    distance_m: Amount | None = None
    energy_kcal: Amount | None = Field(None, description="Active energy.")
    steps: Amount | None = None
    climb_m: Amount | None = None
    heart_rate_mean: Annotated[float, Field(ge=20, le=300)] | None = None
    heart_rate_max: Annotated[float, Field(ge=20, le=300)] | None = None
    score: Annotated[float, Field(ge=0, le=100)] | None = Field(
        None, description="Quality the device gave, 0 to 100."
    )
    finding: Line | None = Field(
        None,
        description="What the device made of an electrocardiogram, such as `sinus_rhythm`, or in its words.",
    )
    symptoms: Line | None = Field(None, description="What the person felt, as they told the device.")
    zone: Line | None = Field(None, description="Time zone it happened in.")
    kinds: list[Line] = Field(
        default_factory=list, max_length=40, description="Kinds of signal sent with it."
    )
    identifier: Line | None = Field(None, description="The sender's own name for it.")
    note: Note | None = None

    @model_validator(mode="after")
    def _in_order(self) -> "SessionDraft":
        if self.ended_at < self.started_at:
            raise Incorrect("The end lies before the beginning.", field="ended_at")
        return self


class SessionView(SessionDraft, Kept):
    """A session as kept."""

    model_config = ConfigDict(frozen=True)


@dataclass(frozen=True, slots=True)
class Point:
    """A place on a route: instant, degrees north and east, metres above the sea (None: not told)."""

    at: datetime
    latitude: float
    longitude: float
    altitude_m: float | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a batch: samples stored or changed, samples known already, and refusals by position in the batch;
    ``told``: what was not refused, known or not."""

    stored: int
    known: int
    refused: Sequence[tuple[int, Reason]] = field(default=())
    told: Samples = field(default_factory=Samples.none)


class StreamView(BaseModel):
    """One kind from one source: how much there is."""

    model_config = ConfigDict(frozen=True)

    source_id: UUID
    source: str
    sort: SourceClass
    samples: int
    first: datetime
    last: datetime


class Overview(BaseModel):
    """One kind, from all sources, the one to believe first."""

    model_config = ConfigDict(frozen=True)

    kind: str
    title: str
    unit: str
    samples: int
    first: datetime
    last: datetime
    streams: list[StreamView]


class StayDraft(Strict):
    """Where the person is, by time zone."""

    model_config = example(zone="Asia/Kolkata", since=None)

    zone: Line = Field(description="IANA name.")
    since: AwareDatetime | None = Field(
        None, description="From when on. Absent: it is where they live, and always did."
    )


class StayView(BaseModel):
    since: datetime
    zone: str


class PointDraft(Strict):
    """A place on a route."""

    at: AwareDatetime
    latitude: Annotated[float, Field(ge=-90, le=90)]
    longitude: Annotated[float, Field(ge=-180, le=180)]
    altitude_m: Annotated[float, Field(ge=-1000, le=20_000)] | None = None


class TraceView(BaseModel):
    """An electrocardiogram: voltages at an even pace."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"rate_hz": 512.0, "microvolts": [12.3, 15.8, 21.0]}]}
    )

    rate_hz: float = Field(description="Values a second.")
    microvolts: list[float]


class DayView(BaseModel):
    """What a kind came to on one of the person's days."""

    day: date
    n: int = Field(description="Samples.")
    minutes: int = Field(description="Minutes that have any: how well the day is covered.")
    value: float = Field(description="Total, or mean of the minutes, or seconds asleep.")
    low: float | None
    high: float | None
    sd: float | None
    stages: dict[str, int] = Field(description="Seconds by stage of sleep, naps included.")
    night: "NightView | None"


class NightView(BaseModel):
    """The longest sleep that ended on the day."""

    start: datetime
    end: datetime
    efficiency: float = Field(description="Time asleep over time in bed.")
    awakenings: int = Field(description="Times awake for five minutes and more.")


class KindView(BaseModel):
    """A kind there is."""

    name: str
    title: str
    unit: str
    shape: str
    rule: str
    loinc: str | None
