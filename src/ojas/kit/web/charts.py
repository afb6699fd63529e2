"""What a large chart shows, as plain values: the server says it in words, a table and a still picture, charts.js draws it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain, groupby
from typing import Any, Literal

import numpy as np
import orjson
from markupsafe import Markup

from ojas.kit.i18n import N_

Kind = Literal["heart", "sleep", "move", "glucose", "weight", "lab"]
"""The colour a kind of data has everywhere."""


@dataclass(frozen=True, slots=True)
class Series:
    """One line of a chart.

    ``points`` are (instant, value) by time; a None value opens a gap. ``low`` and ``high``, one a point, draw the spread
    around it (a day's least and most). ``sources`` name where each point came from, one a point, or one for all.
    """

    label: str
    points: Sequence[tuple[datetime, float | None]]
    style: Literal["line", "bar", "step", "dots"] = "line"
    low: Sequence[float | None] = ()
    high: Sequence[float | None] = ()
    sources: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Band:
    """Where values should be; None is open."""

    low: float | None
    high: float | None
    label: str = ""


@dataclass(frozen=True, slots=True)
class Flag:
    """An event that may explain what follows it: a medicine started."""

    at: datetime
    label: str


@dataclass(frozen=True, slots=True)
class Gap:
    """Where nothing is known, and why, if that is known."""

    start: datetime
    end: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Range:
    """A stretch of time that a chart may show: its name in the address, its words, its length."""

    name: str
    label: str
    length: timedelta | None


RANGES = (
    Range("1d", N_("1 day"), timedelta(days=1)),
    Range("1w", N_("1 week"), timedelta(days=7)),
    Range("1m", N_("1 month"), timedelta(days=30)),
    Range("3m", N_("3 months"), timedelta(days=91)),
    Range("1y", N_("1 year"), timedelta(days=365)),
    Range("all", N_("All"), None),
)


def range_of(name: str | None, otherwise: str = "1m") -> Range:
    """The range an address names, or another where it names none we have."""
    known = {item.name: item for item in RANGES}
    return known.get(name or "", known[otherwise])


@dataclass(frozen=True, slots=True)
class Figure:
    """A chart with all that must stand around it.

    Attributes:
        id: unique on the page. title: the finding ("Down 7 since October"). name: what is drawn ("Resting pulse").
        summary: the same in two or three sentences, for whoever cannot see it. unit: as shown to the reader.
        series, bands, flags, gaps: what is drawn. columns, rows: the table behind it, as text, newest first.
        start, end: the stretch of time shown. group: charts of one group share their cursor and zoom.
        digits: decimals that were measured.
    """

    id: str
    title: str
    name: str
    summary: str
    kind: Kind
    unit: str
    series: Sequence[Series]
    start: datetime
    end: datetime
    bands: Sequence[Band] = ()
    flags: Sequence[Flag] = ()
    gaps: Sequence[Gap] = ()
    columns: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()
    group: str = ""
    digits: int = 0
    href: str | None = None
    """Where more of it is shown."""
    notes: Sequence[str] = field(default_factory=tuple)
    """What else one should know: why data is missing, what was left out."""


def figure_json(figure: Figure) -> Markup:
    """The figure for charts.js, safe inside ``<script type="application/json">``."""
    text = orjson.dumps(_plain(figure)).decode()
    # A "</script>" in a label must not end the island.
    return Markup(text.replace("<", "\\u003c").replace("&", "\\u0026"))  # noqa: S704  # escaped on this line


def _plain(figure: Figure) -> dict[str, Any]:
    instants, *others = [[at for at, _ in series.points] for series in figure.series] or [[]]
    place = None
    if any(other != instants for other in others):
        instants = sorted({at for times in (instants, *others) for at in times})
        place = {at: i for i, at in enumerate(instants)}
    return {
        "name": figure.name,
        "unit": figure.unit,
        "kind": figure.kind,
        "digits": figure.digits,
        "group": figure.group,
        "start": figure.start.timestamp(),
        "end": figure.end.timestamp(),
        "x": _steps([round(at.timestamp()) for at in instants]),
        "series": [_column(series, place, figure.digits) for series in figure.series],
        "bands": [[band.low, band.high] for band in figure.bands],
        "flags": [[flag.at.timestamp(), flag.label] for flag in figure.flags],
        "gaps": [[gap.start.timestamp(), gap.end.timestamp(), gap.reason] for gap in figure.gaps],
    }


def _steps(seconds: Sequence[int]) -> dict[str, Any]:
    """Instants as the first of them and steps of one unit, [step, times] where one repeats: a year of days takes 30 bytes
    where its instants take 4,000."""
    if not seconds:
        return {"from": 0, "unit": 1, "steps": []}
    steps = np.diff(np.array(seconds, np.int64), prepend=seconds[0])
    unit = int(np.gcd.reduce(steps)) or 1
    runs = [(step, len(list(run))) for step, run in groupby((steps // unit).tolist())]
    told = [[run] if run[1] > _FEW else [run[0]] * run[1] for run in runs]
    return {"from": seconds[0], "unit": unit, "steps": [*chain.from_iterable(told)]}


_FEW = 2


def _column(series: Series, place: dict[datetime, int] | None, digits: int) -> dict[str, Any]:
    """One series on the instants of all; None: it has them all."""

    def spread(values: Sequence[Any], empty: Any = None) -> Sequence[Any]:
        if place is None:
            return values
        column = [empty] * len(place)
        for (at, _), value in zip(series.points, values, strict=True):
            column[place[at]] = value
        return column

    found: dict[str, Any] = {"label": series.label, "style": series.style}
    found["y"] = _numbers(spread([value for _, value in series.points]), digits)
    for name, values in (("low", series.low), ("high", series.high)):
        if values:
            found[name] = _numbers(spread(values), digits)
    if series.sources:
        names = list(dict.fromkeys(series.sources))
        found["sources"] = names
        if len(names) > 1:
            found["source"] = spread([names.index(name) for name in series.sources], 0)
    return found


def _numbers(values: Sequence[float | None], digits: int) -> orjson.Fragment:
    """Values as JSON, a decimal finer than they were measured. As columns: one by one they took a third of the page's time."""
    column = np.round(np.array(values, np.float64), digits + 1)
    text = orjson.dumps(column, option=orjson.OPT_SERIALIZE_NUMPY)  # no number becomes null
    return orjson.Fragment(text.replace(b".0,", b",").replace(b".0]", b"]"))


PICTURE_WIDTH, PICTURE_HEIGHT = 6400, 1800


@dataclass(frozen=True, slots=True)
class Picture:
    """The still picture of a figure in a box of 6400 × 1800, shown until, or where no, script runs.

    Whole numbers, a tenth of what is drawn wide: no decimal point, and a tenth of 640 is a sixth of a pixel on a phone.
    """

    lines: tuple[tuple[int, str], ...]
    """Path data, with the number of its series."""
    bands: tuple[tuple[int, int], ...]
    """y and height."""
    low: float
    high: float
    """What the bottom and the top stand for."""


def picture(figure: Figure) -> Picture | None:
    values = [value for series in figure.series for _, value in series.points if value is not None]
    if not values:
        return None
    low, high = scale(values, [edge for b in figure.bands for edge in (b.low, b.high) if edge is not None])
    start, span = figure.start.timestamp(), max((figure.end - figure.start).total_seconds(), 1.0)
    across, up = PICTURE_WIDTH / span, PICTURE_HEIGHT / (high - low)

    def x(at: datetime) -> int:
        return round((at.timestamp() - start) * across)

    def y(value: float) -> int:
        return round((high - value) * up)

    lines = tuple(
        (number, path)
        for number, series in enumerate(figure.series)
        if (path := _path([(x(at), None if v is None else y(v)) for at, v in _thin(series.points)]))
    )
    bands = []
    for band in figure.bands:
        top = min(max(y(band.high), 0), PICTURE_HEIGHT) if band.high is not None else 0
        bottom = min(y(band.low), PICTURE_HEIGHT) if band.low is not None else PICTURE_HEIGHT
        bands.append((top, max(bottom - top, 0)))
    return Picture(lines, tuple(bands), low, high)


_TINY = 1e-9  # nothing that is drawn differs by less


def _thin(points: Sequence[tuple[datetime, float | None]]) -> Sequence[tuple[datetime, float | None]]:
    """About 120 points, gaps kept: the still picture is small, and sixteen of them are one page."""
    every = max(len(points) // 120, 1)
    last = len(points) - 1
    return [point for n, point in enumerate(points) if not n % every or point[1] is None or n == last]


def scale(values: Sequence[float], edges: Sequence[float] = ()) -> tuple[float, float]:
    """Round ends for an axis that holds all values, and those edges of bands that do not flatten them."""
    low, high = min(values), max(values)
    slack = (high - low) or abs(high) * 0.1
    slack = slack if slack > _TINY else 1.0
    near = [edge for edge in edges if low - slack <= edge <= high + slack]
    low, high = min([low, *near]), max([high, *near])
    step = nice(max(high - low, slack) / 4)
    # A multiple of a tenth may miss what it stands for by a hair: 35 * 0.01 is above 0.35.
    below, above = min(low, math.floor(low / step) * step), max(high, math.ceil(high / step) * step)
    return below, above + (step if low == high else 0)


def nice(step: float) -> float:
    """The next of 1, 2, 5 times a power of ten: steps that one counts by, as on any ruler."""
    power = 10.0 ** math.floor(math.log10(step))
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor >= step * 0.999)


def _path(points: Sequence[tuple[int, int | None]]) -> str:
    """Each point as its way from the last: half as long as where it lies."""
    parts: list[str] = []
    pen: tuple[int, int] | None = None
    for x, y in points:
        if y is None:
            pen = None
        elif pen is None:
            parts.append(f"M{x} {y}h1")  # the tail makes a lone point a dot
            pen = x + 1, y
        else:
            parts.append(f"l{x - pen[0]} {y - pen[1]}")
            pen = x, y
    return "".join(parts)
