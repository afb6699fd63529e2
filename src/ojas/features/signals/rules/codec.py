"""Samples as bytes, and back: columns of small differences under zstd.

    version 1 byte | which columns 1 | count varint | start, value, end, confidence, context: one column each

A column of n integers is written in whichever of its forms is smallest:

    form 0   n varints would not be shorter: all are the same, one zigzag varint
    form 1   each less the smallest, in steps of their unit
    form 2   each less the one before (heart rate wanders: 71 72 72 71)
    form 3   each difference less the one before (a sample a second: 1000 1000 1000, so nothing but zeros)

The unit is the greatest common divisor of the differences, so that milliseconds of a watch that counts whole seconds cost
nothing, nor hundredths of a beat that is always whole. Numbers are kept in the narrowest of 1, 2, 4 or 8 bytes, by total size;
those that do not fit stand apart behind an escape, so that one night without the watch does not widen a day. Intervals
are kept as length and gap to the next. Measured on 1 Hz heart rate of a Polar watch: 0.3 bytes a sample.

The same samples give the same bytes (of one zstd version): every choice above depends on the samples alone.
"""

import threading
from collections.abc import Iterator, Sequence

import numpy as np
import zstandard
from numpy.typing import NDArray

from ojas.features.signals.rules.samples import Ints, Samples, joined

VERSION = 1
LEVEL = 3

_END, _CONFIDENCE, _CONTEXT = 1, 2, 4
_CONSTANT, _LEVEL, _SLOPE, _CURVE = 0, 1, 2, 3
_PACKED = 0x40
_WIDTHS = (1, 2, 4, 8)
_COLUMNS = 16
_DAMAGE = (zstandard.ZstdError, ValueError, IndexError, OverflowError)
_LARGEST = 1 << 25  # samples in one piece: what a damaged count may make us allocate


class Malformed(ValueError):  # names the state of the bytes
    """Bytes that no ``encode`` made."""


def encode(samples: Samples) -> bytes:
    """Bytes for tidy samples: equal for equal samples, however they came together."""
    samples = samples.plain()
    present = (
        _END * (samples.end is not None)
        + _CONFIDENCE * (samples.confidence is not None)
        + _CONTEXT * (samples.context is not None)
    )
    head = bytes((VERSION, present)) + _varint(len(samples))
    return b"".join(
        [head, *(_column(values, forms) for values, forms in _apart(samples))] if len(samples) else [head]
    )


def decode(data: bytes | memoryview) -> Samples:
    """The samples that ``encode`` was given.

    Raises:
        Malformed: the bytes are cut, damaged or of a version to come.
    """
    source = _Source(memoryview(data))
    if source.byte() != VERSION:
        raise Malformed("not a version of this")
    present, n = source.byte(), source.varint()
    if n > _LARGEST:
        raise Malformed("more samples than a piece may have")
    try:
        return _together(source, n, present)
    except _DAMAGE as problem:
        raise Malformed(str(problem)) from problem


def decode_all(pieces: Sequence[bytes | memoryview]) -> Samples:
    """Samples of pieces that follow each other, as one.

    Raises:
        Malformed: as ``decode``.
    """
    if any(len(piece) < 2 or piece[1] for piece in pieces):
        return joined([decode(piece) for piece in pieces])
    edges = np.cumsum([0, *map(count, pieces)]).tolist()
    if edges[-1] > _LARGEST:
        raise Malformed("more samples than a piece may have")
    start, value = np.empty(edges[-1], np.int64), np.empty(edges[-1], np.int64)
    for piece, low, high in zip(pieces, edges, edges[1:], strict=False):
        _decode_instants(piece, start[low:high], value[low:high])
    return Samples(start, value)


def _decode_instants(piece: bytes | memoryview, start: Ints, value: Ints) -> None:
    source = _Source(memoryview(piece))
    if source.byte() != VERSION:
        raise Malformed("not a version of this")
    source.byte()
    source.varint()
    try:
        _values(source, len(start), start)
        _values(source, len(value), value)
    except _DAMAGE as problem:
        raise Malformed(str(problem)) from problem
    source.finish()


def pack(columns: Sequence[Ints]) -> bytes:
    """Bytes for columns of equal length that are not samples."""
    n = len(columns[0])
    head = bytes((VERSION,)) + _varint(len(columns)) + _varint(n)
    return head + b"".join(_column(values, (_LEVEL, _SLOPE)) for values in columns)


def unpack(data: bytes | memoryview) -> list[Ints]:
    """The columns that ``pack`` was given.

    Raises:
        Malformed: as ``decode``.
    """
    source = _Source(memoryview(data))
    if source.byte() != VERSION:
        raise Malformed("not a version of this")
    columns, n = source.varint(), source.varint()
    if n > _LARGEST or columns > _COLUMNS:
        raise Malformed("more than a piece may have")
    try:
        found = [_values(source, n) for _ in range(columns)]
    except _DAMAGE as problem:
        raise Malformed(str(problem)) from problem
    source.finish()
    return found


def count(data: bytes | memoryview) -> int:
    """How many samples the bytes hold, without decoding them."""
    source = _Source(memoryview(data))
    source.byte()
    source.byte()
    return source.varint()


def _apart(samples: Samples) -> Iterator[tuple[Ints, Sequence[int]]]:
    """The columns as they are kept, each with the forms worth trying."""
    if samples.end is None:
        yield samples.start, (_SLOPE, _CURVE)
    else:
        yield samples.start[:1], ()
        yield samples.start[1:] - samples.end[:-1], (_LEVEL, _SLOPE)
        yield samples.end - samples.start, (_LEVEL, _SLOPE)
    yield samples.value, (_LEVEL, _SLOPE)
    if samples.confidence is not None:
        yield samples.confidence, (_LEVEL, _SLOPE)
    if samples.context is not None:
        yield samples.context, (_LEVEL,)


def _together(source: "_Source", n: int, present: int) -> Samples:
    if present & ~(_END | _CONFIDENCE | _CONTEXT):
        raise Malformed("columns of a version to come")
    if not n:
        return Samples.none(intervals=bool(present & _END))
    end = None
    if present & _END:
        first, gap, length = _values(source, 1), _values(source, n - 1), _values(source, n)
        start = np.empty(n, np.int64)
        start[0] = first[0]
        np.cumsum(gap + length[:-1], out=start[1:])
        start[1:] += first[0]
        end = start + length
    else:
        start = _values(source, n)
    value = _values(source, n)
    confidence = _values(source, n) if present & _CONFIDENCE else None
    context = _values(source, n) if present & _CONTEXT else None
    source.finish()
    return Samples(start, value, end, confidence, context)


def _column(values: Ints, forms: Sequence[int]) -> bytes:
    if not len(values):
        return b""
    first = int(values[0])
    if (values == first).all():
        return bytes((_CONSTANT,)) + _zigzag(first)
    low = int(values.min())
    unit = _unit(values, low)
    return min((_formed(form, values, low, unit) for form in forms), key=len)


def _formed(form: int, values: Ints, low: int, unit: int) -> bytes:
    steps = (values - low) // unit if unit > 1 else values - low
    lead = [low, unit]
    if form != _LEVEL:
        lead.append(int(steps[0]))
        steps = np.diff(steps)
    if form == _CURVE:
        lead.append(int(steps[0]))
        steps = np.diff(steps)
    return _body(form, lead, steps)


def _body(form: int, lead: list[int], steps: Ints) -> bytes:
    width, far = _narrowest(steps, signed=form != _LEVEL)
    kind = np.dtype(f"<{'u' if form == _LEVEL else 'i'}{width}")
    narrow = steps.astype(kind)
    narrow[far] = _escape(kind)
    apart = steps[far].astype("<i8")
    raw = _transposed(narrow) + apart.tobytes()
    packed = _tools().packer.compress(raw)
    small = len(packed) < len(raw)
    mark = bytes((form | _WIDTHS.index(width) << 2 | _PACKED * small,))
    kept = packed if small else raw
    return b"".join([mark, *map(_zigzag, lead), _varint(len(apart)), _varint(len(kept)), kept])


def _values(source: "_Source", n: int, out: Ints | None = None) -> Ints:
    """A column of ``n`` numbers, in ``out`` where given. Sums run in place: fresh memory costs as much as the sum."""
    found = np.empty(n, np.int64) if out is None else out
    if not n:
        return found
    mark = source.byte()
    form = mark & 3
    if form == _CONSTANT:
        found.fill(source.zigzag())
        return found
    low, unit = source.zigzag(), source.zigzag()
    lead = [source.zigzag() for _ in range(form - 1)]
    steps = _steps(source, mark, n - len(lead))
    if form == _CURVE and not steps.any():
        np.multiply(np.arange(n), lead[1] * unit, out=found)
        found += low + lead[0] * unit
        return found
    found[: len(lead)] = lead
    found[len(lead) :] = steps
    if unit != 1:
        found *= unit
    if form == _CURVE:
        np.cumsum(found[1:], out=found[1:])
    found[0] += low
    if form == _LEVEL:
        found[1:] += low
    else:
        np.cumsum(found, out=found)
    return found


def _steps(source: "_Source", mark: int, n: int) -> NDArray[np.integer]:
    width = _WIDTHS[mark >> 2 & 3]
    kind = np.dtype(f"<{'u' if mark & 3 == _LEVEL else 'i'}{width}")
    apart, size = source.varint(), n * width
    size += 8 * apart
    if n < 0 or apart > n:
        raise Malformed("fewer numbers than are told of")
    raw = source.take(source.varint())
    if mark & _PACKED:
        raw = memoryview(_tools().opener.decompress(raw, max_output_size=size))
    if len(raw) != size:
        raise Malformed("another length than is told of")
    narrow = _restored(raw[: n * width], kind)
    if not apart:
        return narrow
    steps = narrow.astype(np.int64)
    steps[narrow == _escape(kind)] = np.frombuffer(raw[n * width :], "<i8")
    return steps


def _narrowest(steps: Ints, *, signed: bool) -> tuple[int, NDArray[np.bool_]]:
    """The width in bytes that costs least, and which numbers do not fit it."""
    best: tuple[int, int, NDArray[np.bool_]] | None = None
    for width in _WIDTHS:
        far = _outside(steps, width, signed=signed)
        apart = int(far.sum())
        if best is None or len(steps) * width + 8 * apart < best[0]:
            best = (len(steps) * width + 8 * apart, width, far)
        if not apart:
            break
    assert best is not None
    return best[1], best[2]


def _outside(steps: Ints, width: int, *, signed: bool) -> NDArray[np.bool_]:
    if width == _WIDTHS[-1]:
        return np.zeros(len(steps), np.bool_)
    half = 1 << (8 * width - 1)
    return (steps <= -half) | (steps >= half) if signed else steps >= 2 * half - 1


def _escape(kind: np.dtype) -> int:
    return int(np.iinfo(kind).min if kind.kind == "i" else np.iinfo(kind).max)


def _unit(values: Ints, low: int) -> int:
    """The greatest common divisor of all differences: guessed from a few, checked against all."""
    guess = int(np.gcd.reduce(values[:64] - low))
    if guess == 1:
        return 1
    away = values - low
    if guess and not (away % guess).any():
        return guess
    return int(np.gcd.reduce(away))


def _transposed(narrow: NDArray[np.integer]) -> bytes:
    """All low bytes, then all the next: what repeats lies together."""
    if narrow.itemsize == 1:
        return narrow.tobytes()
    return narrow.view(np.uint8).reshape(-1, narrow.itemsize).T.tobytes()


def _restored(raw: memoryview, kind: np.dtype) -> NDArray[np.integer]:
    if kind.itemsize == 1:
        return np.frombuffer(raw, kind)
    columns = np.frombuffer(raw, np.uint8).reshape(kind.itemsize, -1)
    return np.ascontiguousarray(columns.T).view(kind).ravel()


class _Tools(threading.local):
    """zstd's contexts: costly to make, and for one thread at a time. Without magic number and checksum, 8 bytes a column;
    the seal tells damage."""

    def __init__(self) -> None:
        self.packer = zstandard.ZstdCompressor(
            compression_params=zstandard.ZstdCompressionParameters.from_level(
                LEVEL, format=zstandard.FORMAT_ZSTD1_MAGICLESS, write_content_size=False
            )
        )
        self.opener = zstandard.ZstdDecompressor(format=zstandard.FORMAT_ZSTD1_MAGICLESS)


_tools_of_thread = _Tools()


def _tools() -> _Tools:
    return _tools_of_thread


class _Source:
    """Bytes read from front to back."""

    def __init__(self, data: memoryview) -> None:
        self._data = data
        self._at = 0

    def byte(self) -> int:
        if self._at >= len(self._data):
            raise Malformed("cut short")
        self._at += 1
        return self._data[self._at - 1]

    def varint(self) -> int:
        value = shift = 0
        while True:
            byte = self.byte()
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7
            if shift > 63:
                raise Malformed("a number beyond 64 bits")

    def zigzag(self) -> int:
        value = self.varint()
        return (value >> 1) ^ -(value & 1)

    def take(self, size: int) -> memoryview:
        if self._at + size > len(self._data):
            raise Malformed("cut short")
        self._at += size
        return self._data[self._at - size : self._at]

    def finish(self) -> None:
        if self._at != len(self._data):
            raise Malformed("more than is told of")


def _varint(value: int) -> bytes:
    found = bytearray()
    while value >= 0x80:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    found.append(value)
    return bytes(found)


def _zigzag(value: int) -> bytes:
    return _varint(value << 1 if value >= 0 else (-value << 1) - 1)
