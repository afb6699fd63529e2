"""What a kind came to on each of the person's days."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from ojas.features.signals.rules.kinds import ASLEEP, STAGE_OF, STAGES, Kind, Rule, Stage
from ojas.features.signals.rules.samples import MINUTE, Ints, Samples
from ojas.features.signals.rules.sources import Blend, blend, nights
from ojas.features.signals.rules.zones import Timeline, date_of

Floats: TypeAlias = NDArray[np.float64]

AWAKENING = 5 * MINUTE
"""Wake shorter than this inside a night is turning over."""


@dataclass(frozen=True, slots=True)
class Night:
    """The longest sleep that ended on a day. Instants in milliseconds since 1970; efficiency is sleep over time in bed."""

    start: int
    end: int
    efficiency: float
    awakenings: int


@dataclass(frozen=True, slots=True)
class Day:
    """One local date of one kind.

    ``value`` is the total, or the mean of the minutes (not of the samples: a workout sends one a second and must not
    outweigh the day), or seconds asleep. ``minutes`` that have any sample say how well the day is covered: of 1440, 1380
    or 1500. ``stages``: seconds by stage, naps included. Amounts over midnight are parted by time; sleep belongs to the
    date of waking.
    """

    day: date
    n: int
    minutes: int
    value: float
    low: float | None = None
    high: float | None = None
    sd: float | None = None
    stages: dict[Stage, int] = field(default_factory=dict)
    night: Night | None = None


Amount: TypeAlias = tuple[date, float, float | None, float | None]
"""Of a day what a chart draws: the date, the value, the least, the greatest."""


@dataclass(frozen=True, slots=True)
class Statistics:
    """Of samples: how many, and their values in units. ``sd`` over n - 1, None below two."""

    n: int
    low: float
    high: float
    mean: float
    sd: float | None


def daily(kind: Kind, parts: Sequence[Samples], timeline: Timeline, first: date, last: date) -> list[Day]:
    """The days ``first`` to ``last`` that have data. ``parts``: samples of each source, best first."""
    blended = blend(kind, parts)
    if not len(blended.samples):
        return []
    if kind.rule is Rule.DURATION:
        days = _asleep(blended.samples, timeline)
    elif kind.rule is Rule.SUM:
        days = _totals(kind, blended, timeline)
    else:
        days = _means(kind, blended.samples, timeline)
    return [day for day in days if first <= day.day <= last]


def statistics(kind: Kind, samples: Samples) -> Statistics | None:
    """Of the samples as they are; None of no samples."""
    if not len(samples):
        return None
    values = samples.value / kind.scale
    sd = float(values.std(ddof=1)) if len(values) > 1 else None
    return Statistics(len(values), float(values.min()), float(values.max()), float(values.mean()), sd)


def gaps(samples: Samples, start: int, end: int, longer_than: int) -> list[tuple[int, int]]:
    """Stretches of [start, end) without any sample that last longer than ``longer_than`` milliseconds."""
    reached = (
        np.concatenate([[start], np.maximum.accumulate(samples.ends)]) if len(samples) else np.array([start])
    )
    following = np.concatenate([samples.start, [end]])
    wide = following - reached > longer_than
    return [(int(a), int(b)) for a, b in zip(reached[wide], following[wide], strict=True)]


def spread(start: Ints, end: Ints, amounts: Floats, edges: Ints) -> Floats:
    """Amounts over intervals, parted in proportion to time among the pieces between ``edges`` (k + 1, ascending).

    Each amount flows evenly from its start to its end; what has flowed by an edge is a sum over those begun, less one
    over those ended. Amounts at one instant fall whole into the piece that holds it. Returns k sums.
    """
    origin = int(edges[0])
    moment = start == end
    flow, inside = ~moment, np.searchsorted(edges, start[moment], side="right") - 1
    fits = (inside >= 0) & (inside < len(edges) - 1)
    counted = np.bincount(inside[fits], weights=amounts[moment][fits], minlength=len(edges) - 1)
    found = counted.astype(np.float64)
    if flow.any():
        rates = amounts[flow] / (end[flow] - start[flow])
        at = edges - origin
        flowed = _flowed(start[flow] - origin, rates, at) - _flowed(end[flow] - origin, rates, at)
        found = found + np.diff(flowed)
    return found


def _flowed(begin: Ints, rates: Floats, at: Ints) -> Floats:
    order = np.argsort(begin, kind="stable")
    begin, rates = begin[order], rates[order]
    # Times are taken less the first edge: at 10^12 ms a double would keep no fraction of a step.
    speed = np.concatenate([[0.0], np.cumsum(rates)])
    head = np.concatenate([[0.0], np.cumsum(rates * begin)])
    passed = np.searchsorted(begin, at, side="right")
    flowed: Floats = at * speed[passed] - head[passed]
    return flowed


def _totals(kind: Kind, blended: Blend, timeline: Timeline) -> list[Day]:
    samples = blended.samples
    edges, dates = timeline.days(samples.first, samples.last + 1)
    sums = spread(samples.start, samples.ends, blended.amounts, edges)
    counts = np.bincount(_piece(edges, samples.start), minlength=len(dates))
    minutes = _minutes_of(samples)
    covered = np.bincount(_piece(edges, minutes), minlength=len(dates))
    return [
        Day(
            date_of(day),
            int(counts[here].sum()),
            int(covered[here].sum()),
            round(float(sums[here].sum()) / kind.scale, 6),
        )
        for day in np.unique(dates)
        if (here := dates == day).any() and (counts[here].sum() or sums[here].sum() > 0)
    ]


def _minutes_of(samples: Samples) -> Ints:
    """The minutes any sample touches, as instants, each once, none before the first sample."""
    low = samples.first // MINUTE
    size = samples.last // MINUTE - low + 1
    steps = np.zeros(size + 1, np.int64)
    first = samples.start // MINUTE - low
    np.add.at(steps, first, 1)
    np.add.at(steps, np.maximum(-(-samples.ends // MINUTE) - low, first + 1).clip(max=size), -1)
    return np.maximum((np.flatnonzero(np.cumsum(steps)[:-1] > 0) + low) * MINUTE, samples.first)


def _piece(edges: Ints, at: Ints) -> Ints:
    return np.searchsorted(edges, at, side="right") - 1


def _means(kind: Kind, samples: Samples, timeline: Timeline) -> list[Day]:
    at = samples.ends
    if samples.end is not None:
        order = np.argsort(at, kind="stable")
        at, samples = at[order], samples.take(order)
    values = samples.value / kind.scale
    begins = np.flatnonzero(np.concatenate([[True], np.diff(at // MINUTE) > 0]))
    minutes = np.add.reduceat(values, begins) / np.diff([*begins, len(values)])
    edges, dates = timeline.days(int(at[0]), int(at[-1]) + 1)
    of_sample, of_minute = dates[_piece(edges, at)], dates[_piece(edges, at[begins])]
    return [
        _mean(int(day), values[of_sample == day], minutes[of_minute == day]) for day in np.unique(of_sample)
    ]


def _mean(day: int, values: Floats, minutes: Floats) -> Day:
    # A zone's change may part a minute: its samples then fall on two days, its mean on the first.
    means = minutes if len(minutes) else values
    sd = float(means.std(ddof=1)) if len(means) > 1 else None
    return Day(
        date_of(day),
        len(values),
        len(minutes),
        round(float(means.mean()), 6),
        float(values.min()),
        float(values.max()),
        None if sd is None else round(sd, 6),
    )


def _asleep(samples: Samples, timeline: Timeline) -> list[Day]:
    night = nights(samples)
    parts = [samples.take(night == i) for i in range(int(night[-1]) + 1)]
    by_day: dict[date, list[Samples]] = {}
    for part in parts:
        by_day.setdefault(_waking(part, timeline), []).append(part)
    return [_slept(day, parts) for day, parts in sorted(by_day.items())]


def _waking(part: Samples, timeline: Timeline) -> date:
    asleep = part.take(_is(part, ASLEEP))
    end = (asleep if len(asleep) else part).last
    _, dates = timeline.days(end - 1, end)
    return date_of(dates[0])


def _slept(day: date, parts: list[Samples]) -> Day:
    stages = {
        stage: seconds
        for code, stage in STAGE_OF.items()
        if (seconds := sum(_length(p.take(p.value == code)) for p in parts) // 1000)
    }
    asleep = [_length(part.take(_is(part, ASLEEP))) for part in parts]
    longest = max(range(len(parts)), key=asleep.__getitem__)
    return Day(
        day,
        sum(len(part) for part in parts),
        sum(_length(part) for part in parts) // MINUTE,
        sum(asleep) // 1000,
        stages=stages,
        night=_night(parts[longest], asleep[longest]) if asleep[longest] else None,
    )


def _night(part: Samples, slept: int) -> Night:
    asleep = part.take(_is(part, ASLEEP))
    start, end = asleep.first, asleep.last
    bed = part.take(_is(part, {Stage.IN_BED}))
    in_bed = max(_length(bed), _length(part))
    awake = part.take(_is(part, {Stage.AWAKE}))
    inside = (awake.start >= start) & (awake.ends <= end) & (awake.ends - awake.start >= AWAKENING)
    return Night(start, end, round(slept / in_bed, 4), int(inside.sum()))


def _is(samples: Samples, stages: frozenset[Stage] | set[Stage]) -> NDArray[np.bool_]:
    return np.isin(samples.value, [STAGES[stage] for stage in stages])


def _length(samples: Samples) -> int:
    """Milliseconds that any of the samples covers: what overlaps counts once."""
    if not len(samples):
        return 0
    reached = np.concatenate([[samples.start[0]], np.maximum.accumulate(samples.ends)[:-1]])
    return int(np.maximum(samples.ends - np.maximum(samples.start, reached), 0).sum())
