"""What a device sent for one kind, as columns: sorted, each once, the same whatever order it came in."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Ints: TypeAlias = NDArray[np.int64]
Flags: TypeAlias = NDArray[np.bool_]

UNKNOWN = -1
"""A confidence nobody gave."""

PLAIN = 0
"""A context nobody gave."""

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """Columns of equal length, sorted by (start, end), which together name a sample.

    Times are milliseconds since 1970 in UTC. ``value`` counts the kind's smallest step (``Kind.digits``), or is the code
    of a category. ``end`` is None for samples of an instant; ``confidence`` (per cent, UNKNOWN = -1) and ``context``
    (a code, PLAIN = 0) are None where no sample has any: thirty days of one heart beat a second are 2.6 million samples,
    and each column that is there costs 20 MB.
    """

    start: Ints
    value: Ints
    end: Ints | None = None
    confidence: Ints | None = None
    context: Ints | None = None

    @classmethod
    def of(
        cls,
        start: ArrayLike,
        value: ArrayLike,
        end: ArrayLike | None = None,
        confidence: ArrayLike | None = None,
        context: ArrayLike | None = None,
    ) -> "Samples":
        """Tidy columns from whatever order and repetition. Two values for the same time: see ``merge``."""
        return _tidied(cls(_ints(start), _ints(value), _maybe(end), _maybe(confidence), _maybe(context)))

    @classmethod
    def none(cls, *, intervals: bool = False) -> "Samples":
        empty = np.empty(0, np.int64)
        return cls(empty, empty, empty if intervals else None)

    def __len__(self) -> int:
        return len(self.start)

    @property
    def ends(self) -> Ints:
        """When each sample ends: at its start, for an instant."""
        return self.start if self.end is None else self.end

    @property
    def first(self) -> int:
        return int(self.start[0])

    @property
    def last(self) -> int:
        """The latest instant any sample reaches."""
        return int(self.ends.max())

    def take(self, chosen: Flags | Ints | slice) -> "Samples":
        """The rows a mask, a slice or ascending positions choose."""
        return Samples(
            self.start[chosen],
            self.value[chosen],
            None if self.end is None else self.end[chosen],
            None if self.confidence is None else self.confidence[chosen],
            None if self.context is None else self.context[chosen],
        )

    def same(self, other: "Samples") -> bool:
        """Whether both hold exactly the same samples."""
        return (self.end is None) == (other.end is None) and all(
            np.array_equal(a, b) for a, b in zip(_full(self), _full(other), strict=True)
        )

    def plain(self) -> "Samples":
        """The same without columns that say nothing, so that equal samples are kept as equal bytes."""
        return Samples(
            self.start,
            self.value,
            self.end,
            _given(self.confidence, UNKNOWN),
            _given(self.context, PLAIN),
        )


def merge(parts: Iterable[Samples]) -> Samples:
    """All samples of ``parts``, each once.

    Two that begin and end alike are the same sample told twice. The greater of (confidence, value, context) stays: a rule
    that asks neither who came first nor who came last, so any order and any split give the same, and for counts (a
    minute of steps sent before it was over, and again after) also the right one. Whoever must lower a value deletes the
    span first.
    """
    some = [part for part in parts if len(part)]
    if not some:
        return Samples.none()
    if len(some) == 1:
        return some[0]
    return _tidied(_concatenated(some))


def window(samples: Samples, start: int, end: int) -> Samples:
    """Those that touch [start, end): instants within it, intervals that overlap it."""
    before = int(np.searchsorted(samples.start, end, side="left"))
    if samples.end is None:
        return samples.take(slice(int(np.searchsorted(samples.start, start, side="left")), before))
    near = samples.take(slice(0, before))
    assert near.end is not None
    return near.take((near.end > start) | (near.start >= start))


def split(samples: Samples, edges: Sequence[int] | Ints) -> list[Samples]:
    """Those that start in [edges[i], edges[i+1]), for each i."""
    cuts = np.searchsorted(samples.start, np.asarray(edges, np.int64), side="left")
    return [samples.take(slice(int(a), int(b))) for a, b in pairwise(cuts)]


def untold(known: Samples, told: Samples, others: Samples) -> tuple[Samples, Samples]:
    """``known`` as if ``told`` had never come in while ``others`` had; and what of it is no more or is otherwise.

    A sample that says all that ``told`` does gives way to that of ``others`` for the same time, if there is one. One that
    says something else came from elsewhere, or was told greater elsewhere: it stays.
    """
    theirs = _within(known, told, 5)
    dropped = known.take(theirs)
    instead = others.take(_within(others, dropped, 2))
    left = merge([known.take(~theirs), instead])
    return left, dropped.take(~_within(dropped, instead, 5))


def _within(some: Samples, others: Samples, columns: int) -> Flags:
    """Which rows of ``some`` are rows of ``others`` by their first columns: 2, their time; 5, all they say."""
    n = len(some)
    both = [np.concatenate(pair) for pair in zip(_full(some)[:columns], _full(others)[:columns], strict=True)]
    order = np.lexsort(both[::-1])
    same = np.ones(max(len(order) - 1, 0), np.bool_)
    for column in both:
        same &= column[order[1:]] == column[order[:-1]]
    found = np.zeros(len(order), np.bool_)
    # Each holds a row once and the sort is stable: of two alike the first is of ``some``.
    found[order[:-1][same]] = True
    return found[:n]


def added(known: Samples, merged: Samples) -> int:
    """How many samples ``merged``, which holds every (start, end) of ``known``, has new or changed."""
    if not len(known):
        return len(merged)
    places = np.searchsorted(merged.start, known.start, side="left")
    wrong = merged.ends[places] != known.ends
    while wrong.any():  # several intervals with one start: the next of them
        places = places + wrong
        wrong = merged.ends[places] != known.ends
    unchanged = np.ones(len(known), np.bool_)
    for before, after in zip(_full(known)[2:], _full(merged)[2:], strict=True):
        unchanged &= before == after[places]
    return len(merged) - int(unchanged.sum())


def _concatenated(parts: Sequence[Samples]) -> Samples:
    return Samples(
        np.concatenate([p.start for p in parts]),
        np.concatenate([p.value for p in parts]),
        _joined([p.end for p in parts], [p.start for p in parts]),
        _filled([p.confidence for p in parts], parts, UNKNOWN),
        _filled([p.context for p in parts], parts, PLAIN),
    )


def _full(samples: Samples) -> list[Ints]:
    n = len(samples)
    return [
        samples.start,
        samples.ends,
        samples.value,
        np.full(n, UNKNOWN) if samples.confidence is None else samples.confidence,
        np.full(n, PLAIN) if samples.context is None else samples.context,
    ]


def _tidied(samples: Samples) -> Samples:
    return (samples if _ascending(samples) else _sorted(samples)).plain()


def _ascending(samples: Samples) -> bool:
    """Whether every sample comes strictly after the one before: what a well-behaved device sends, checked in one pass."""
    steps = samples.start[1:] > samples.start[:-1]
    if samples.end is not None:
        steps |= (samples.start[1:] == samples.start[:-1]) & (samples.end[1:] > samples.end[:-1])
    return bool(steps.all())


def _sorted(samples: Samples) -> Samples:
    keys = [c for c in (samples.context, samples.value, samples.confidence, samples.end) if c is not None]
    chosen = samples.take(np.lexsort((*keys, samples.start)))
    last = np.ones(len(chosen), np.bool_)
    last[:-1] = chosen.start[1:] != chosen.start[:-1]
    if chosen.end is not None:
        last[:-1] |= chosen.end[1:] != chosen.end[:-1]
    return chosen.take(last)


def _ints(column: ArrayLike) -> Ints:
    return np.ascontiguousarray(column, np.int64)


def _maybe(column: ArrayLike | None) -> Ints | None:
    return None if column is None else _ints(column)


def _given(column: Ints | None, default: int) -> Ints | None:
    return None if column is None or (column == default).all() else column


def _joined(columns: list[Ints | None], instead: list[Ints]) -> Ints | None:
    if all(column is None for column in columns):
        return None
    return np.concatenate([b if a is None else a for a, b in zip(columns, instead, strict=True)])


def _filled(columns: list[Ints | None], parts: Sequence[Samples], default: int) -> Ints | None:
    if all(column is None for column in columns):
        return None
    return _joined(columns, [np.full(len(part), default) for part in parts])


def joined(parts: Sequence[Samples]) -> Samples:
    """Parts that follow each other, as one: each begins after the one before it began its last."""
    some = [part for part in parts if len(part)]
    if not some:
        return Samples.none()
    return some[0] if len(some) == 1 else _concatenated(some)


def stacked(parts: Iterable[Samples]) -> Samples:
    """All rows of ``parts`` by start, none dropped: for samples of several sources, where equal times are not the same."""
    some = [part for part in parts if len(part)]
    if len(some) < 2:
        return some[0] if some else Samples.none()
    together = _concatenated(some)
    return together.take(np.argsort(together.start, kind="stable"))
