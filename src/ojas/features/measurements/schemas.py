"""What crosses the border of measurements: what a caller writes, what is kept, what is shown."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, PlainSerializer

from ojas.features.measurements.rules import Level, Meal, Method, Position, Specimen, Status
from ojas.kit.collection import Kept, Strict
from ojas.kit.errors import Fault

Number = Annotated[Decimal, PlainSerializer(float, return_type=float, when_used="json")]
"""A decimal inside, a plain JSON number outside: ten decimals fit a double."""

PARTS = ("value", "systolic", "diastolic", "mean")

_Amount = Annotated[Decimal, Field(ge=-(10**9), le=10**9, max_digits=20)]


class EntryDraft(Strict):
    """A reading as somebody gives it, in the unit they read it in. Of the numbers, those that the kind has."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "kind": "blood_pressure",
                    "effective_at": "2026-03-01T08:00:00+05:30",
                    "unit": "mm[Hg]",
                    "systolic": 128,
                    "diastolic": 82,
                    "position": "sitting",
                },
                {
                    "kind": "weight",
                    "effective_at": "2026-03-01T07:30:00+05:30",
                    "unit": "[lb_av]",
                    "value": 154.3,
                },
            ]
        },
    )

    kind: Annotated[
        str, Field(max_length=40, description="Name of a kind, as /measurement-kinds lists them.")
    ]
    effective_at: AwareDatetime
    effective_end: AwareDatetime | None = None
    zone: Annotated[
        str | None, Field(max_length=60, description="IANA zone it happened in, such as Asia/Kolkata.")
    ] = None
    unit: Annotated[
        str, Field(min_length=1, max_length=40, description="UCUM code, or as people write it: mmHg, lb.")
    ]
    value: _Amount | None = None
    systolic: _Amount | None = None
    diastolic: _Amount | None = None
    mean: _Amount | None = None
    status: Status = Status.FINAL
    method: Method = Method.MANUAL
    position: Position | None = None
    meal: Meal | None = None
    specimen: Specimen | None = None
    daily_total: bool = False
    device: Annotated[str | None, Field(max_length=200)] = None
    place: Annotated[str | None, Field(max_length=200, description="Where: at home, in which clinic.")] = None
    notes: Annotated[str | None, Field(max_length=4000)] = None
    confirmed: Annotated[bool, Field(description="Take it even if it looks like a slip.")] = False

    @property
    def numbers(self) -> dict[str, Decimal]:
        return {part: number for part in PARTS if (number := getattr(self, part)) is not None}


class Measured(Strict):
    """A reading as it is kept: canonical numbers, and beside them what was entered."""

    kind: str
    effective_at: AwareDatetime
    effective_end: AwareDatetime | None = None
    zone: str
    value: Number | None = None
    systolic: Number | None = None
    diastolic: Number | None = None
    mean: Number | None = None
    status: Status
    method: Method
    position: Position | None = None
    meal: Meal | None = None
    specimen: Specimen | None = None
    daily_total: bool = False
    source: str
    source_key: UUID | None = None
    unit: str
    entered: dict[str, str]
    device: str | None = None
    place: str | None = None
    notes: str | None = None

    @property
    def numbers(self) -> dict[str, Decimal]:
        """Canonical, by part."""
        return {part: number for part in PARTS if (number := getattr(self, part)) is not None}


class Reading(Measured, Kept):
    """One reading."""


class BandShown(BaseModel):
    """Where a value lies: the band in plain words, how far off that is, and after whom."""

    name: str
    level: Level
    word: str
    guideline: str
    year: int
    source: str
    part: str


class ReadingShown(Reading):
    """A reading with its unit and band."""

    canonical_unit: str
    band: BandShown | None


class LimitsDraft(Strict):
    """In the canonical unit; none of a side: no limit there."""

    low: _Amount | None = None
    high: _Amount | None = None
    danger_low: _Amount | None = None
    danger_high: _Amount | None = None


class OverrideDraft(Strict):
    """What is in range for this person: another guideline by its key, or limits for some or all parts of a kind."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "kind": "blood_pressure",
                    "limits": {"systolic": {"low": 100, "high": 130}, "diastolic": {"high": 80}},
                    "told_by": "Dr Rao",
                }
            ]
        },
    )

    kind: Annotated[str, Field(max_length=40)]
    guideline: Annotated[str | None, Field(max_length=60)] = None
    limits: Annotated[dict[str, LimitsDraft], Field(max_length=4)] = {}
    told_by: Annotated[str | None, Field(max_length=200)] = None
    reason: Annotated[str | None, Field(max_length=2000)] = None


class OverrideView(OverrideDraft, Kept):
    pass


@dataclass(frozen=True, slots=True)
class Incoming:
    """One reading of an import, in whatever unit it came.

    ``kind`` is a name of the catalogue; ``numbers`` by part: ``value``, or ``systolic`` and ``diastolic``. ``unit`` is
    UCUM or as the vendor writes it; for a ratio of 0 to 1 that means a percentage it is ``1``. ``key`` is what the
    source calls it; without one it is known by its kind, time, source and numbers.
    """

    kind: str
    numbers: Mapping[str, Decimal]
    unit: str
    effective_at: datetime
    effective_end: datetime | None = None
    zone: str | None = None
    status: Status = Status.FINAL
    method: Method = Method.DEVICE
    position: Position | None = None
    meal: Meal | None = None
    specimen: Specimen | None = None
    daily_total: bool = False
    device: str | None = None
    notes: str | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of an import: how many came new, were changed or known already; which were refused, by their place;
    ``keys`` name what was told, known or not."""

    added: int = 0
    changed: int = 0
    known: int = 0
    removed: int = 0
    refused: tuple[tuple[int, Fault], ...] = field(default=())
    keys: tuple[UUID, ...] = ()


@dataclass(slots=True)  # a page of charts makes a thousand; frozen, each takes three times as long
class Point:
    """One step of a chart: its first and last reading, how many, and per part their mean, least and most."""

    at: datetime
    until: datetime
    count: int
    mean: Mapping[str, float]
    low: Mapping[str, float]
    high: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class PartSummary:
    """Of one part over a span, canonical. ``change``: the mean of its last tenth of points less that of its first."""

    mean: float
    low: float
    high: float
    change: float


@dataclass(frozen=True, slots=True)
class Summary:
    """What a span of readings comes to."""

    count: int
    first: datetime | None
    last: datetime | None
    parts: Mapping[str, PartSummary]


@dataclass(frozen=True, slots=True)
class DayTotal:
    """A local day of a kind that adds up: its sum, and from which source it was taken."""

    day: date
    total: float
    source: str
