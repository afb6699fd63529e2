"""Into which spans a stream is cut, and which chunks a batch makes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ojas.features.signals.rules.kinds import Kind, Rule, Span
from ojas.features.signals.rules.samples import DAY, HOUR, Ints, Samples, split


@dataclass(frozen=True, slots=True)
class Place:
    """Where samples go: the span [start, until) of a chunk, in milliseconds, and the new samples that begin within."""

    start: int
    until: int
    samples: Samples


def edges(kind: Kind, first: int, last: int) -> Ints:
    """Edges of the spans of a kind that hold the instants ``first`` to ``last``."""
    if kind.span is Span.DAY:
        return np.arange(first // DAY, last // DAY + 2, dtype=np.int64) * DAY
    months = np.array([first, last]).astype("datetime64[ms]").astype("datetime64[M]")
    return np.arange(months[0], months[1] + np.timedelta64(2, "M")).astype("datetime64[ms]").astype(np.int64)


def spans(kind: Kind, samples: Samples) -> list[Place]:
    """The spans that samples begin in, each with its samples."""
    cuts = edges(kind, samples.first, int(samples.start[-1]))
    return _places(cuts, samples)


def places(span: Place, chunks: Sequence[tuple[int, int]], now: int) -> list[Place]:
    """The chunks that a span's new samples go to, given those that are there (start, until).

    An hour while the day goes on, so that a minute that comes in rewrites an hour and not a day; the whole span once it is
    over, or where a chunk of the whole is there already.
    """
    whole = span.until <= now or span.until - span.start > DAY
    if whole or any(until - start > HOUR for start, until in chunks):
        return [span]
    return _places(np.arange(span.start, span.until + HOUR, HOUR, dtype=np.int64), span.samples)


def touched(kind: Kind, samples: Samples) -> Ints:
    """Local dates (days since 1970) that samples may count for, wherever on earth the person is: clocks are 12 hours behind
    UTC to 14 ahead. Sleep counts for the day of waking, and may join the night before or after."""
    early, late = 12 * HOUR, 14 * HOUR
    if kind.rule is Rule.DURATION:
        early, late = early + DAY, late + DAY
    first, last = (samples.start - early) // DAY, (samples.ends + late) // DAY
    if kind.span is Span.DAY and len(samples) > 1:
        return np.arange(first[0], last.max() + 1)
    reach = np.arange(int((last - first).max()) + 1)
    found = np.unique(first[:, None] + reach)
    within: Ints = found[found <= last.max()]
    return within


def _places(cuts: Ints, samples: Samples) -> list[Place]:
    parts = split(samples, cuts)
    return [
        Place(int(low), int(high), part)
        for low, high, part in zip(cuts[:-1], cuts[1:], parts, strict=True)
        if len(part)
    ]
