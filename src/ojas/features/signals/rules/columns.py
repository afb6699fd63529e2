"""Columns of integers as bytes, and back: small differences, narrow, under zstd.

A column is written in whichever of its forms is smallest:

    form 0   all are the same: one number
    form 1   each less the smallest, in steps of their unit
    form 2   each less the one before (heart rate wanders: 71 72 72 71)
    form 3   each difference less the one before (a sample a second: 1000 1000 1000, so nothing but zeros)

The unit is the greatest common divisor of the differences, so that milliseconds of a watch that counts whole seconds cost
nothing, nor hundredths of a beat that is always whole. Numbers are kept in the narrowest of 1, 2, 4 or 8 bytes, by total
size; those that do not fit stand apart behind an escape, so that one night without the watch does not widen a day. Every
choice depends on the numbers alone: equal columns give equal bytes (of one version of zstd).
"""

import threading
from collections.abc import Sequence

import numpy as np
import zstandard
from numpy.typing import NDArray

from ojas.features.signals.rules.samples import Ints

VERSION = 1
LARGEST = 1 << 25  # numbers in one column: what a damaged count may make us allocate
DAMAGE = (zstandard.ZstdError, ValueError, IndexError, OverflowError)
"""What reading damaged bytes may raise."""

CONSTANT, LEVEL, SLOPE, CURVE = 0, 1, 2, 3
"""The forms."""

_ZSTD = 3
_SIZED = 0xE0  # of a frame's first byte: it states the size of what it holds, which the writer never does and readers allocate
_WINDOW = 1 << 23  # level 3 uses 2 MiB; damage may ask for terabytes
_PACKED = 0x40
_WIDTHS = (1, 2, 4, 8)
_MOST = 16


class Malformed(ValueError):  # names the state of the bytes
    """Bytes that no ``encode`` made."""


def pack(columns: Sequence[Ints]) -> bytes:
    """Bytes for columns of equal length that are not samples."""
    n = len(columns[0])
    head = bytes((VERSION,)) + varint(len(columns)) + varint(n)
    return head + b"".join(column(values, (LEVEL, SLOPE)) for values in columns)


def unpack(data: bytes | memoryview) -> list[Ints]:
    """The columns that ``pack`` was given.

    Raises:
        Malformed: as ``decode``.
    """
    source = Source(memoryview(data))
    if source.byte() != VERSION:
        raise Malformed("not a version of this")
    columns, n = source.varint(), source.varint()
    if n > LARGEST or columns > _MOST:
        raise Malformed("more than a piece may have")
    try:
        found = [values_of(source, n) for _ in range(columns)]
    except DAMAGE as problem:
        raise Malformed(str(problem)) from problem
    source.finish()
    return found


def column(values: Ints, forms: Sequence[int]) -> bytes:
    if not len(values):
        return b""
    first = int(values[0])
    if (values == first).all():
        return bytes((CONSTANT,)) + _zigzag(first)
    low = int(values.min())
    unit = _unit(values, low)
    return min((_formed(form, values, low, unit) for form in forms), key=len)


def _formed(form: int, values: Ints, low: int, unit: int) -> bytes:
    steps = (values - low) // unit if unit > 1 else values - low
    lead = [low, unit]
    if form != LEVEL:
        lead.append(int(steps[0]))
        steps = np.diff(steps)
    if form == CURVE:
        lead.append(int(steps[0]))
        steps = np.diff(steps)
    return _body(form, lead, steps)


def _body(form: int, lead: list[int], steps: Ints) -> bytes:
    width, far = _narrowest(steps, signed=form != LEVEL)
    kind = np.dtype(f"<{'u' if form == LEVEL else 'i'}{width}")
    narrow = steps.astype(kind)
    narrow[far] = _escape(kind)
    apart = steps[far].astype("<i8")
    raw = _transposed(narrow) + apart.tobytes()
    packed = _tools().packer.compress(raw)
    small = len(packed) < len(raw)
    mark = bytes((form | _WIDTHS.index(width) << 2 | _PACKED * small,))
    kept = packed if small else raw
    return b"".join([mark, *map(_zigzag, lead), varint(len(apart)), varint(len(kept)), kept])


def values_of(source: "Source", n: int, out: Ints | None = None) -> Ints:
    """A column of ``n`` numbers, in ``out`` where given. Sums run in place: fresh memory costs as much as the sum."""
    found = np.empty(n, np.int64) if out is None else out
    if not n:
        return found
    mark = source.byte()
    form = mark & 3
    if form == CONSTANT:
        found.fill(source.zigzag())
        return found
    low, unit = source.zigzag(), source.zigzag()
    lead = [source.zigzag() for _ in range(form - 1)]
    steps = _steps(source, mark, n - len(lead))
    if form == CURVE and not steps.any():
        np.multiply(np.arange(n), lead[1] * unit, out=found)
        found += low + lead[0] * unit
        return found
    found[: len(lead)] = lead
    found[len(lead) :] = steps
    if unit != 1:
        found *= unit
    if form == CURVE:
        np.cumsum(found[1:], out=found[1:])
    found[0] += low
    if form == LEVEL:
        found[1:] += low
    else:
        np.cumsum(found, out=found)
    return found


def _steps(source: "Source", mark: int, n: int) -> NDArray[np.integer]:
    width = _WIDTHS[mark >> 2 & 3]
    kind = np.dtype(f"<{'u' if mark & 3 == LEVEL else 'i'}{width}")
    apart, size = source.varint(), n * width
    size += 8 * apart
    if n < 0 or apart > n:
        raise Malformed("fewer numbers than are told of")
    raw = source.take(source.varint())
    if mark & _PACKED:
        if raw and raw[0] & _SIZED:
            raise Malformed("a frame that claims a size of its own")
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
                _ZSTD, format=zstandard.FORMAT_ZSTD1_MAGICLESS, write_content_size=False
            )
        )
        self.opener = zstandard.ZstdDecompressor(
            format=zstandard.FORMAT_ZSTD1_MAGICLESS, max_window_size=_WINDOW
        )


_tools_of_thread = _Tools()


def _tools() -> _Tools:
    return _tools_of_thread


class Source:
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


def varint(value: int) -> bytes:
    found = bytearray()
    while value >= 0x80:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    found.append(value)
    return bytes(found)


def _zigzag(value: int) -> bytes:
    return varint(value << 1 if value >= 0 else (-value << 1) - 1)
