"""Rows of one type, source and unit, gathered as text and turned into columns at once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from ojas.features.connections.rules import (
    Categories,
    Milliseconds,
    Minutes,
    Numbers,
    Refused,
    Samples,
    Source,
)
from ojas.features.connections.vendors.apple_health import times, words
from ojas.kit.errors import Fault
from ojas.kit.i18n import N_

EARLIEST = round(datetime(1900, 1, 1, tzinfo=UTC).timestamp() * 1000)
AHEAD = 24 * 3600 * 1000
"""A clock may run ahead by a day: zones are wide, and watches lag after a flight."""

NO_TIME = Fault("Its time cannot be read.")
FUTURE = Fault("It lies in the future. The clock of the device may have been wrong.")
ANCIENT = Fault("It lies before the year 1900.")
BACKWARDS = Fault("It ends before it begins.")
NO_NUMBER = Fault("Its value is not a number.")
NO_VALUE = Fault("It has no value.")
NO_UNIT = N_("Its unit {unit} is not known.")

Row = tuple[bytes, ...]
"""Start, end and value, as written."""


@dataclass(slots=True)
class Group:
    type: str
    unit: str
    source: Source
    rows: list[Row] = field(default_factory=list)
    zones: dict[int, str] = field(default_factory=dict)
    entered: set[int] = field(default_factory=set)
    motion: dict[int, int] = field(default_factory=dict)

    def clear(self) -> None:
        self.rows, self.zones, self.entered, self.motion = [], {}, set(), {}


@dataclass(frozen=True, slots=True)
class Spans:
    start: Milliseconds
    end: Milliseconds
    offset: Minutes
    faults: dict[int, Fault]
    """By row; what is named here is left out."""


def spans(starts: Sequence[bytes], ends: Sequence[bytes], now: Milliseconds | int) -> Spans:
    start, offset, read = times.column(starts)
    if ends == starts:
        end, also = start, read
    else:
        end, _, also = times.column(ends)
    tests = (
        (end < start, BACKWARDS),
        (start < EARLIEST, ANCIENT),
        (end > now + AHEAD, FUTURE),
        (~(read & also), NO_TIME),
    )
    faults = {int(row): fault for mask, fault in tests if mask.any() for row in np.flatnonzero(mask)}
    return Spans(start, end, offset, faults)


def samples(group: Group, now: int) -> Iterator[Samples | Refused]:
    starts, ends, texts = zip(*group.rows, strict=True)
    unit = words.ucum(group.unit, words.short(group.type))
    if unit is None:
        fault = Fault(NO_UNIT, params={"unit": group.unit or "–"})
        yield Refused(fault, where(group.type, starts[0]), len(starts))
        return
    known = spans(starts, ends, now)
    value = numbers(texts)
    faults = known.faults
    for row in np.flatnonzero(~np.isfinite(value)):
        faults.setdefault(int(row), NO_NUMBER if texts[row] else NO_VALUE)
    yield from _refusals(group, starts, faults)
    keep = _kept(len(starts), faults)
    if keep.size:
        yield Samples(
            type=words.short(group.type),
            unit=unit,
            source=group.source,
            start=known.start[keep],
            end=known.end[keep],
            offset=known.offset[keep],
            # HealthKit's percent is a ratio, whatever the kind and whoever wrote it.
            value=value[keep] * 100 if unit == "%" else value[keep],
            zones=_moved(group.zones, keep),
            entered=frozenset(_moved(dict.fromkeys(group.entered, ""), keep)),
            motion=_motion(group)[keep] if group.motion else None,
        )


def _motion(group: Group) -> NDArray[np.int8]:
    told = np.zeros(len(group.rows), np.int8)
    told[list(group.motion)] = list(group.motion.values())
    return told


def categories(group: Group, now: int) -> Iterator[Categories | Refused]:
    starts, ends, texts = zip(*group.rows, strict=True)
    known = spans(starts, ends, now)
    yield from _refusals(group, starts, known.faults)
    keep = _kept(len(starts), known.faults)
    if keep.size:
        names, codes = np.unique(np.array(texts)[keep], return_inverse=True)
        yield Categories(
            type=words.short(group.type),
            source=group.source,
            start=known.start[keep],
            end=known.end[keep],
            offset=known.offset[keep],
            codes=codes.astype(np.int16),
            names=tuple(_state(name.decode(errors="replace")) for name in names.tolist()),
            zones=_moved(group.zones, keep),
            entered=frozenset(_moved(dict.fromkeys(group.entered, ""), keep)),
        )


def numbers(texts: Sequence[bytes]) -> Numbers:
    """The numbers, NaN where a text is none. Decimals have a point in every language's export."""
    try:
        value = np.fromiter(map(float, texts), np.float64, len(texts))
    except ValueError:
        value = np.fromiter(map(_number, texts), np.float64, len(texts))
    # Python reads 1_000 as a number; no device means it.
    if b"_" in b" ".join(texts):
        value[[b"_" in text for text in texts]] = np.nan
    return value


def where(type_: str, start: str | bytes) -> str:
    """The item in words a person can look up in the Health app."""
    return f"{words.short(type_)} · {start if isinstance(start, str) else start.decode(errors='replace')}"


def _number(text: bytes) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")


def _state(name: str) -> str:
    """``HKCategoryValueSleepAnalysisAsleepCore`` → ``SleepAnalysisAsleepCore``."""
    return name.removeprefix("HKCategoryValue")


def _refusals(group: Group, starts: Sequence[bytes], faults: dict[int, Fault]) -> Iterator[Refused]:
    for row in sorted(faults):
        yield Refused(faults[row], where(group.type, starts[row]))


def _kept(count: int, faults: dict[int, Fault]) -> NDArray[np.intp]:
    keep = np.ones(count, np.bool_)
    keep[list(faults)] = False
    return np.flatnonzero(keep)


def _moved(marks: dict[int, str], keep: NDArray[np.intp]) -> dict[int, str]:
    """The marks at the places their rows have after others were left out."""
    if not marks:
        return {}
    places = {int(row): place for place, row in enumerate(keep)}
    return {places[row]: mark for row, mark in marks.items() if row in places}
