"""Samples as bytes, and back: columns of small differences under zstd.

    version 1 byte | which columns 1 | count varint | start, value, end, confidence, context: one column each

How a column is written: see ``columns``. Intervals are kept as length and gap to the next. Measured on the heart rate of a
Polar watch, mostly a sample a second: 0.25 bytes a sample. The same samples give the same bytes.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from ojas.features.signals.rules.columns import (
    CURVE,
    DAMAGE,
    LARGEST,
    LEVEL,
    SLOPE,
    VERSION,
    Malformed,
    Source,
    column,
    values_of,
    varint,
)
from ojas.features.signals.rules.samples import Ints, Samples, joined

_END, _CONFIDENCE, _CONTEXT = 1, 2, 4


def encode(samples: Samples) -> bytes:
    """Bytes for tidy samples: equal for equal samples, however they came together."""
    samples = samples.plain()
    present = (
        _END * (samples.end is not None)
        + _CONFIDENCE * (samples.confidence is not None)
        + _CONTEXT * (samples.context is not None)
    )
    head = bytes((VERSION, present)) + varint(len(samples))
    return b"".join(
        [head, *(column(values, forms) for values, forms in _apart(samples))] if len(samples) else [head]
    )


def decode(data: bytes | memoryview) -> Samples:
    """The samples that ``encode`` was given.

    Raises:
        Malformed: the bytes are cut, damaged or of a version to come.
    """
    source = Source(memoryview(data))
    if source.byte() != VERSION:
        raise Malformed("not a version of this")
    present, n = source.byte(), source.varint()
    if n > LARGEST:
        raise Malformed("more samples than a piece may have")
    try:
        return _together(source, n, present)
    except DAMAGE as problem:
        raise Malformed(str(problem)) from problem


def decode_all(pieces: Sequence[bytes | memoryview]) -> Samples:
    """Samples of pieces that follow each other, as one.

    Raises:
        Malformed: as ``decode``.
    """
    if any(len(piece) < 2 or piece[1] for piece in pieces):
        return joined([decode(piece) for piece in pieces])
    counts = [count(piece) for piece in pieces]
    if max(counts, default=0) > LARGEST:
        raise Malformed("more samples than a piece may have")
    edges = np.cumsum([0, *counts]).tolist()
    start, value = np.empty(edges[-1], np.int64), np.empty(edges[-1], np.int64)
    for piece, low, high in zip(pieces, edges, edges[1:], strict=False):
        _decode_instants(piece, start[low:high], value[low:high])
    return Samples(start, value)


def _decode_instants(piece: bytes | memoryview, start: Ints, value: Ints) -> None:
    source = Source(memoryview(piece))
    if source.byte() != VERSION:
        raise Malformed("not a version of this")
    source.byte()
    source.varint()
    try:
        values_of(source, len(start), start)
        values_of(source, len(value), value)
    except DAMAGE as problem:
        raise Malformed(str(problem)) from problem
    source.finish()


def count(data: bytes | memoryview) -> int:
    """How many samples the bytes hold, without decoding them."""
    source = Source(memoryview(data))
    source.byte()
    source.byte()
    return source.varint()


def _apart(samples: Samples) -> Iterator[tuple[Ints, Sequence[int]]]:
    """The columns as they are kept, each with the forms worth trying."""
    if samples.end is None:
        yield samples.start, (SLOPE, CURVE)
    else:
        yield samples.start[:1], ()
        yield samples.start[1:] - samples.end[:-1], (LEVEL, SLOPE)
        yield samples.end - samples.start, (LEVEL, SLOPE)
    yield samples.value, (LEVEL, SLOPE)
    if samples.confidence is not None:
        yield samples.confidence, (LEVEL, SLOPE)
    if samples.context is not None:
        yield samples.context, (LEVEL,)


def _together(source: "Source", n: int, present: int) -> Samples:
    if present & ~(_END | _CONFIDENCE | _CONTEXT):
        raise Malformed("columns of a version to come")
    if not n:
        return Samples.none(intervals=bool(present & _END))
    end = None
    if present & _END:
        first, gap, length = values_of(source, 1), values_of(source, n - 1), values_of(source, n)
        start = np.empty(n, np.int64)
        start[0] = first[0]
        np.cumsum(gap + length[:-1], out=start[1:])
        start[1:] += first[0]
        end = start + length
    else:
        start = values_of(source, n)
    value = values_of(source, n)
    confidence = values_of(source, n) if present & _CONFIDENCE else None
    context = values_of(source, n) if present & _CONTEXT else None
    source.finish()
    return Samples(start, value, end, confidence, context)
