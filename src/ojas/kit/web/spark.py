"""The small picture of a series, drawn as SVG on the server: a band behind, a line or bars before, gaps open."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

WIDTH, HEIGHT = 160.0, 36.0
_PAD = 3.0  # so that a line of 2 px is not cut at its extremes

Style = Literal["line", "bar", "step"]


@dataclass(frozen=True, slots=True)
class Spark:
    """What to draw in a box of 160 × 36.

    Attributes:
        lines: path data, one a stretch without gaps. bars: x, y, width, height of each bar.
        band: y and height of the band, clipped to the box. last: where the last value stands.
    """

    lines: tuple[str, ...] = ()
    bars: tuple[tuple[float, float, float, float], ...] = ()
    band: tuple[float, float] | None = None
    last: tuple[float, float] | None = None


def spark(
    values: Sequence[float | None],
    *,
    band: tuple[float | None, float | None] | None = None,
    style: Style = "line",
) -> Spark:
    """The picture of values at equal steps of time; None is a gap. Bars stand on nought, lines float.

    ``band`` is low and high; None is open. It widens the scale by at most half the range of the values, so that a goal far
    away does not flatten the line.
    """
    known = [value for value in values if value is not None]
    if not known:
        return Spark()
    low, high = _scale(known, band, style)
    height = (high - low) or 1.0

    def y(value: float) -> float:
        return round(HEIGHT - _PAD - (value - low) / height * (HEIGHT - 2 * _PAD), 1)

    drawn_band = _band(band, y) if band else None
    if style == "bar":
        return Spark(bars=_bars(values, y), band=drawn_band)
    step = WIDTH / max(len(values) - 1, 1)
    points = [(round(i * step, 1), y(v)) if v is not None else None for i, v in enumerate(values)]
    last = next((point for point in reversed(points) if point), None)
    return Spark(lines=tuple(_line(part, style) for part in _stretches(points)), band=drawn_band, last=last)


def _scale(
    known: Sequence[float], band: tuple[float | None, float | None] | None, style: Style
) -> tuple[float, float]:
    low, high = min(known), max(known)
    if style == "bar":
        low = min(0.0, low)
    slack = (high - low) / 2 or abs(high) * 0.1 or 1.0
    for edge in band or ():
        if edge is not None:
            low, high = max(min(low, edge), low - slack), min(max(high, edge), high + slack)
    return (low, high) if high > low else (low - slack, high + slack)


def _band(band: tuple[float | None, float | None], y: Callable[[float], float]) -> tuple[float, float]:
    low, high = band
    top = min(max(0.0, y(high)), HEIGHT) if high is not None else 0.0
    bottom = min(HEIGHT, y(low)) if low is not None else HEIGHT
    return round(top, 1), round(max(bottom - top, 0.0), 1)


def _bars(
    values: Sequence[float | None], y: Callable[[float], float]
) -> tuple[tuple[float, float, float, float], ...]:
    step = WIDTH / len(values)
    width = round(max(step * 0.7, 1.0), 1)
    floor = y(0.0)
    return tuple(
        (round(i * step + (step - width) / 2, 1), y(v), width, round(max(floor - y(v), 1.0), 1))
        for i, v in enumerate(values)
        if v is not None
    )


def _stretches(points: Sequence[tuple[float, float] | None]) -> list[list[tuple[float, float]]]:
    found: list[list[tuple[float, float]]] = [[]]
    for point in points:
        if point is None:
            found.append([])
        else:
            found[-1].append(point)
    return [part for part in found if part]


def _line(part: Sequence[tuple[float, float]], style: Style) -> str:
    if len(part) == 1:
        (x, y) = part[0]
        return f"M{x - 1:g} {y:g}h2"  # a lone value is a dot, not nothing
    path = f"M{part[0][0]:g} {part[0][1]:g}"
    for (_, y0), (x1, y1) in pairwise(part):
        path += f"H{x1:g}V{y1:g}" if style == "step" and y0 != y1 else f"L{x1:g} {y1:g}"
    return path
