"""A series for so many pixels: the least, the greatest and the middle of each bucket, so that no peak is lost."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from ojas.features.signals.rules.columns import Malformed, pack, unpack
from ojas.features.signals.rules.days import spread
from ojas.features.signals.rules.kinds import ASLEEP, STAGES, Kind, Rule
from ojas.features.signals.rules.samples import HOUR, Ints, Samples
from ojas.features.signals.rules.sources import Blend

Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """Buckets that hold something: start (ms), samples, then in units the least, the greatest, and the mean or total."""

    start: Ints
    n: Ints
    low: Floats
    high: Floats
    value: Floats
    width: int

    def open(self, gap: int) -> "Series":
        """With an empty bucket (n 0, NaN) wherever silence lasts longer than ``gap`` ms, so that a line breaks there."""
        silent = np.flatnonzero(np.diff(self.start) > max(gap, self.width) + self.width)
        at = silent + 1
        return Series(
            np.insert(self.start, at, self.start[silent] + self.width),
            np.insert(self.n, at, 0),
            np.insert(self.low, at, np.nan),
            np.insert(self.high, at, np.nan),
            np.insert(self.value, at, np.nan),
            self.width,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Profile:
    """A chunk by the hour: start of the hour (ms), samples, sum, least and greatest in the kind's steps.

    For amounts ``total`` is what flowed in that hour, for sleep the milliseconds asleep; else the sum of values.
    """

    start: Ints
    n: Ints
    total: Ints
    low: Ints
    high: Ints

    @classmethod
    def none(cls) -> "Profile":
        return cls(*(np.empty(0, np.int64) for _ in range(5)))

    def encode(self) -> bytes:
        return pack([self.start, self.n, self.total, self.low, self.high])

    @classmethod
    def decode(cls, data: bytes) -> "Profile":
        columns = unpack(data)
        if len(columns) != 5:
            raise Malformed("not a profile")
        return cls(*columns)


def downsample(kind: Kind, blended: Blend, start: int, end: int, buckets: int) -> Series:
    """Samples within [start, end), in at most ``buckets`` buckets of equal width in whole milliseconds."""
    samples = blended.samples
    width = max(1, -(-(end - start) // buckets))
    edges = np.arange(start, end + width, width, dtype=np.int64)
    if not len(samples):
        return _nothing(width)
    if kind.rule is Rule.MEAN:
        return _states(kind, samples, edges)
    if kind.rule is Rule.SUM:
        return _amounts(kind, blended, edges)
    return _asleep(samples, edges)


def profile(kind: Kind, samples: Samples) -> Profile:
    """By the hour, in UTC."""
    if not len(samples):
        return Profile.none()
    low = samples.first // HOUR
    edges = np.arange(low, samples.last // HOUR + 2, dtype=np.int64) * HOUR
    hour = np.searchsorted(edges, samples.start, side="right") - 1
    n = np.bincount(hour, minlength=len(edges) - 1)
    least, greatest = _extremes(samples.value, hour, len(n))
    total: Floats
    if kind.rule is Rule.MEAN:
        total = np.bincount(hour, weights=samples.value, minlength=len(n)).astype(np.float64)
    elif kind.rule is Rule.SUM:
        total = spread(samples.start, samples.ends, samples.value.astype(np.float64), edges)
    else:
        total = _sleeping(samples, edges)
    whole = np.rint(total).astype(np.int64)
    some = (n > 0) | (whole > 0)
    return Profile(*(column[some] for column in (edges[:-1], n, whole, least, greatest)))


def outline(kind: Kind, parts: Sequence[Sequence[Profile]], start: int, end: int, width: int) -> Series:
    """A series from profiles alone, ``width`` a whole number of hours. ``parts``: of each source, best first; each hour is
    taken from the best source that has any of it."""
    hours = _hours([_joined(part) for part in parts], start, end)
    if not len(hours.start):
        return _nothing(width)
    bucket = (hours.start - start) // width
    first = np.flatnonzero(np.concatenate([[True], np.diff(bucket) > 0]))
    n = np.add.reduceat(hours.n, first)
    if kind.rule is Rule.MEAN:
        value = np.add.reduceat(hours.total / hours.n, first) / np.diff([*first, len(bucket)])
        low, high = np.minimum.reduceat(hours.low, first), np.maximum.reduceat(hours.high, first)
    else:
        low = high = value = np.add.reduceat(hours.total, first).astype(np.float64)
    scale = 1000 if kind.rule is Rule.DURATION else kind.scale
    return Series(start + bucket[first] * width, n, low / scale, high / scale, value / scale, width)


def _states(kind: Kind, samples: Samples, edges: Ints) -> Series:
    at, values = samples.start, samples.value
    cuts = np.searchsorted(at, edges, side="left")
    some = np.flatnonzero(np.diff(cuts))
    if not len(some):
        return _nothing(int(edges[1] - edges[0]))
    first, n = cuts[:-1][some], np.diff(cuts)[some]
    inside = values[: cuts[-1]]
    return Series(
        edges[:-1][some],
        n,
        np.minimum.reduceat(inside, first) / kind.scale,
        np.maximum.reduceat(inside, first) / kind.scale,
        np.add.reduceat(inside, first) / n / kind.scale,
        int(edges[1] - edges[0]),
    )


def _amounts(kind: Kind, blended: Blend, edges: Ints) -> Series:
    samples = blended.samples
    sums = spread(samples.start, samples.ends, blended.amounts, edges) / kind.scale
    return _counted(samples, sums, edges)


def _asleep(samples: Samples, edges: Ints) -> Series:
    return _counted(samples, _sleeping(samples, edges) / 1000, edges)


def _counted(samples: Samples, sums: Floats, edges: Ints) -> Series:
    n = np.diff(np.searchsorted(samples.start, edges, side="left"))
    some = (n > 0) | (sums > 1e-6)
    sums = sums[some].round(6)
    return Series(edges[:-1][some], n[some], sums, sums, sums, int(edges[1] - edges[0]))


def _sleeping(samples: Samples, edges: Ints) -> Floats:
    """Milliseconds asleep between the edges. What overlaps counts once."""
    asleep = samples.take(np.isin(samples.value, [STAGES[stage] for stage in ASLEEP]))
    if not len(asleep):
        return np.zeros(len(edges) - 1)
    reached = np.concatenate([[asleep.start[0]], np.maximum.accumulate(asleep.ends)[:-1]])
    begin = np.minimum(np.maximum(asleep.start, reached), asleep.ends)
    return spread(begin, asleep.ends, (asleep.ends - begin).astype(np.float64), edges)


def _extremes(values: Ints, hour: Ints, size: int) -> tuple[Ints, Ints]:
    low, high = np.zeros(size, np.int64), np.zeros(size, np.int64)
    first = np.flatnonzero(np.concatenate([[True], np.diff(hour) > 0]))
    low[hour[first]] = np.minimum.reduceat(values, first)
    high[hour[first]] = np.maximum.reduceat(values, first)
    return low, high


def _joined(profiles: Sequence[Profile]) -> Profile:
    """One profile of a stream's chunks. An hour may stand in two: an amount reaches over midnight."""
    some = [p for p in profiles if len(p.start)]
    if not some:
        return Profile.none()
    start = np.concatenate([p.start for p in some])
    order = np.argsort(start, kind="stable")
    start = start[order]
    n, total, low, high = (
        np.concatenate([getattr(p, c) for p in some])[order] for c in ("n", "total", "low", "high")
    )
    first = np.flatnonzero(np.concatenate([[True], np.diff(start) > 0]))
    return Profile(
        start[first],
        np.add.reduceat(n, first),
        np.add.reduceat(total, first),
        np.minimum.reduceat(low, first),
        np.maximum.reduceat(high, first),
    )


def _hours(parts: Sequence[Profile], start: int, end: int) -> Profile:
    kept: list[Profile] = []
    taken = np.empty(0, np.int64)
    for part in parts:
        free = (part.start >= start) & (part.start < end) & ~np.isin(part.start, taken)
        kept.append(Profile(*(getattr(part, c)[free] for c in ("start", "n", "total", "low", "high"))))
        taken = np.union1d(taken, part.start)
    return _joined(kept)


def _nothing(width: int) -> Series:
    empty = np.empty(0)
    whole = np.empty(0, np.int64)
    return Series(whole, whole, empty, empty, empty, width)
