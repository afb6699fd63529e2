"""The trace of an electrocardiogram: voltages at an even pace, and its picture as doctors read it."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ojas.features.signals.rules.columns import Malformed, pack, unpack
from ojas.kit.errors import Incorrect
from ojas.kit.i18n import N_, gettext

MOST = 1 << 20
"""Values a trace may have: half an hour at 512 a second."""
SLOWEST, FASTEST = 50.0, 4000.0
HIGHEST_UV = 50_000
"""Microvolts. Skin shows 3,000 at most; beyond fifty thousand is no heart."""

FINDINGS = {
    "sinus_rhythm": N_("Sinus rhythm"),
    "atrial_fibrillation": N_("Signs of atrial fibrillation"),
    "high_heart_rate": N_("High heart rate"),
    "low_heart_rate": N_("Low heart rate"),
    "inconclusive": N_("Inconclusive"),
    "poor_recording": N_("Poor recording"),
}
"""What a watch may make of it, by code; another is kept as it was written."""


def finding_title(finding: str) -> str:
    """What people call it."""
    return gettext(FINDINGS.get(finding, finding))


PX_MM = 10
"""Units of the picture a millimetre of paper."""
MM_S, MM_MV = 25, 10
"""A second is 25 mm wide and a millivolt 10 mm high, as on paper (AHA/ACC/HRS recommendations, 2007)."""
_STEP_MM = 0.25
"""At 25 mm/s a hundredth of a second: the least and the greatest in each are drawn, so no peak is lost."""
_FLOOR_MV, _CEILING_MV = -1.0, 1.5
_LOWEST_MV, _HIGHEST_MV = -2.5, 2.5


@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """``rate`` values a second, in microvolts, kept to a tenth of one."""

    rate: float
    microvolts: NDArray[np.float64]

    @property
    def seconds(self) -> float:
        return len(self.microvolts) / self.rate

    def check(self) -> None:
        """Refuse what no electrocardiogram is.

        Raises:
            Incorrect: its pace, its length or its voltages.
        """
        if not SLOWEST <= self.rate <= FASTEST:
            raise Incorrect("An electrocardiogram has 50 to 4,000 values a second.", field="rate_hz")
        if not 0 < len(self.microvolts) <= MOST:
            raise Incorrect("A trace has 1 to {most} values.", field="microvolts", most=MOST)
        if not (np.abs(self.microvolts) <= HIGHEST_UV).all():  # nor NaN
            raise Incorrect("These voltages are not those of a heart.", field="microvolts")

    def encode(self) -> bytes:
        tenths = np.rint(self.microvolts * 10).astype(np.int64)
        pace = np.full(len(tenths), round(self.rate * 1000), np.int64)
        return pack([tenths, pace])

    @classmethod
    def decode(cls, data: bytes) -> "Trace":
        """The trace that was encoded.

        Raises:
            Malformed: the bytes are cut, damaged or of a version to come.
        """
        tenths, pace = unpack(data)
        if not len(tenths):
            raise Malformed("a trace of nothing")
        return cls(float(pace[0]) / 1000, tenths / 10)


@dataclass(frozen=True, slots=True)
class Strip:
    """Some seconds of a trace as a path of SVG, and the frame it is drawn in; ``PX_MM`` units a millimetre."""

    begins: float
    width: int
    height: int
    zero: int
    path: str


def strips(trace: Trace, seconds: float = 5.0) -> list[Strip]:
    """The trace in strips of equal length, all in one frame; the last may end early."""
    bottom, top = _frame(trace)
    per = max(1, round(seconds * trace.rate))
    width, height = round(seconds * MM_S * PX_MM), round((top - bottom) * MM_MV * PX_MM)
    millivolts = np.clip(trace.microvolts / 1000, bottom, top)
    y = np.rint((top - millivolts) * MM_MV * PX_MM).astype(np.int64)
    return [
        Strip(at / trace.rate, width, height, round(top * MM_MV * PX_MM), _path(y[at : at + per], trace.rate))
        for at in range(0, len(y), per)
    ]


def _frame(trace: Trace) -> tuple[float, float]:
    """From and to which millivolt the paper reaches: half a millivolt a line, at least what a calm heart needs."""
    low = np.floor(trace.microvolts.min() / 500) / 2
    high = np.ceil(trace.microvolts.max() / 500) / 2
    return float(max(min(low, _FLOOR_MV), _LOWEST_MV)), float(min(max(high, _CEILING_MV), _HIGHEST_MV))


def _path(y: NDArray[np.int64], rate: float) -> str:
    return "M" + "L".join(f"{x} {at}" for x, at in _points(y, rate))


def _points(y: NDArray[np.int64], rate: float) -> Iterator[tuple[int, int]]:
    """Least and greatest of each step, in the order they came."""
    steps = (np.arange(len(y)) / rate * MM_S / _STEP_MM).astype(np.int64)
    edges = np.flatnonzero(np.diff(steps, prepend=-1))
    lows, highs = np.minimum.reduceat(y, edges), np.maximum.reduceat(y, edges)
    rising = y[edges] <= y[np.append(edges[1:], len(y)) - 1]
    wide = round(_STEP_MM * PX_MM * 10)
    for step, low, high, up in zip(
        steps[edges].tolist(), lows.tolist(), highs.tolist(), rising.tolist(), strict=True
    ):
        x = step * wide // 10
        yield x, low if up else high
        if low != high:
            yield x, high if up else low
