"""What comes out of a vendor's file, whatever the vendor: frozen values, dense series as columns."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ojas.kit.errors import Fault

Milliseconds = NDArray[np.int64]
"""Instants, counted from 1970-01-01T00:00Z."""
Minutes = NDArray[np.int16]
"""Offsets east of UTC."""
Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Source:
    """Who measured: the name the person gave the phone or app, and the make of the device where it is told."""

    name: str
    device: str = ""
    maker: str = ""
    model: str = ""
    hardware: str = ""
    software: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """Many numbers of one vendor type and unit from one source: columns of one length.

    ``unit`` is UCUM; percents run from 0 to 100. ``zones`` names the IANA zone of rows that tell theirs, ``entered``
    the rows a person typed in. ``offset`` is what the file wrote beside the time, often the zone of its export.
    """

    type: str
    unit: str
    source: Source
    start: Milliseconds
    end: Milliseconds
    offset: Minutes
    value: Numbers
    zones: Mapping[int, str] = field(default_factory=dict)
    entered: frozenset[int] = frozenset()
    motion: NDArray[np.int8] | None = None
    """0 not told, 1 at rest, 2 moving."""

    def __len__(self) -> int:
        return len(self.value)


@dataclass(frozen=True, slots=True, eq=False)
class Categories:
    """Many states of one vendor type from one source, such as stages of sleep: ``names[codes[i]]`` from start to end."""

    type: str
    source: Source
    start: Milliseconds
    end: Milliseconds
    offset: Minutes
    codes: NDArray[np.int16]
    names: tuple[str, ...]
    zones: Mapping[int, str] = field(default_factory=dict)
    entered: frozenset[int] = frozenset()

    def __len__(self) -> int:
        return len(self.codes)


@dataclass(frozen=True, slots=True)
class Pressure:
    """One blood pressure: both numbers, in mm[Hg], at one instant."""

    systolic: float
    diastolic: float
    at: datetime
    source: Source
    zone: str | None = None
    entered: bool = False


@dataclass(frozen=True, slots=True)
class Amount:
    value: float
    unit: str


@dataclass(frozen=True, slots=True, eq=False)
class Route:
    """Where a workout went: one row a fix. Degrees (WGS 84), metres, metres per second; NaN where not told."""

    at: Milliseconds
    latitude: Numbers
    longitude: Numbers
    altitude: Numbers
    speed: Numbers

    def __len__(self) -> int:
        return len(self.at)


@dataclass(frozen=True, slots=True)
class Statistic:
    """What a workout says of one kind: those of the four figures it gives."""

    type: str
    unit: str
    sum: float | None = None
    average: float | None = None
    minimum: float | None = None
    maximum: float | None = None


@dataclass(frozen=True, slots=True)
class Workout:
    """One bout of exercise. ``activity`` is the vendor's word without its prefix; ``seconds`` leaves out the pauses."""

    activity: str
    start: datetime
    end: datetime
    seconds: float
    source: Source
    distance: Amount | None = None
    energy: Amount | None = None
    statistics: tuple[Statistic, ...] = ()
    events: tuple[tuple[str, datetime], ...] = ()
    route: Route | None = None
    zone: str | None = None
    entered: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Electrocardiogram:
    """One recording of one lead: ``rate`` values a second, in microvolts.

    ``finding`` is the vendor's word for what it made of it, a code of ours where the word is known.
    """

    at: datetime
    rate: float
    microvolts: Numbers
    source: Source
    finding: str = ""
    symptoms: str = ""
    heart_rate: float | None = None

    @property
    def end(self) -> datetime:
        return self.at + timedelta(seconds=round(len(self.microvolts) / self.rate, 3))


@dataclass(frozen=True, slots=True)
class Day:
    """A day's totals as the vendor summed them. Never added to samples of the same kind."""

    date: str
    amounts: Mapping[str, Amount]


@dataclass(frozen=True, slots=True)
class Owner:
    """What the file says of the person it belongs to, as the vendor spells it; for checking, never written."""

    birth_date: str | None = None
    sex: str | None = None
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Resource:
    """One FHIR R4 resource as ``text`` writes it, digits and all; ``content`` is what that says.

    ``url`` is its address inside the file, by which the others refer to it.
    """

    content: Mapping[str, Any]
    text: str
    url: str = ""
    where: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """Something of the file that is not taken in: why, and where it stands, in words the person can look for."""

    fault: Fault
    where: str
    count: int = 1


Item = Samples | Categories | Pressure | Workout | Electrocardiogram | Day | Owner | Resource | Refused


@dataclass(frozen=True, slots=True)
class Batch:
    """A part of the file small enough for one transaction.

    The same file always falls into the same batches, so ``number`` is all a checkpoint needs. ``done`` and ``total``
    count bytes of what is read, for the progress.
    """

    number: int
    items: tuple[Item, ...]
    done: int
    total: int


class Unreadable(Exception):
    """The file as a whole cannot be taken in. Carries the reason."""

    def __init__(self, fault: Fault):
        super().__init__(fault.message)
        self.fault = fault
