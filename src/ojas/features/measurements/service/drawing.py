"""A kind as a chart: the finding as its title, the band behind, a summary in words, the numbers as a table."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from decimal import Decimal
from typing import Literal
from uuid import UUID

from ojas.features.measurements import schemas
from ojas.features.measurements.rules import Guideline, Kind, Level, Part, in_unit
from ojas.features.measurements.service.bands import Judge
from ojas.features.measurements.service.lists import kind_named
from ojas.features.measurements.service.looking import several_days, several_series, summed
from ojas.features.measurements.service.showing import (
    Preferences,
    number_text,
    source_text,
    unit_for,
    unit_text,
)
from ojas.kit import i18n
from ojas.kit.db import Tx
from ojas.kit.i18n import _, format_date, format_number, ngettext
from ojas.kit.web import Band, Figure, Series

_STEADY = 0.02  # a change of less than a fiftieth is none


@dataclass(frozen=True, slots=True)
class _Drawing:
    """What every part of a figure needs: the kind in one reader's unit."""

    kind: Kind
    unit: str
    parts: Sequence[Part]

    def scale(self, part: Part) -> Callable[[float], float]:
        """From the canonical unit to the reader's; every conversion here is a line."""
        shift = float(in_unit(part, Decimal(0), self.unit))
        slope = float(in_unit(part, Decimal(1), self.unit)) - shift
        if (slope, shift) == (1.0, 0.0):
            return float
        return lambda value: slope * value + shift

    def text(self, part: Part, value: float) -> str:
        return number_text(part, value, self.unit)

    def both(self, figures: Mapping[str, float]) -> str:
        """Of a pressure both numbers: 128/82."""
        return "/".join(self.text(part, figures[part.name]) for part in self.parts if part.name in figures)


async def figures(
    tx: Tx,
    person_id: UUID,
    names: Sequence[str],
    start: datetime,
    end: datetime,
    *,
    preferences: Preferences,
    judge: Judge,
    steps: int = 400,
    group: str = "",
    rows: int = 60,
) -> dict[str, Figure]:
    """The charts of several kinds, by two statements; kinds with nothing to draw are left out.

    ``rows`` of each chart's table are given, the newest.
    """
    kinds = [kind_named(name) for name in names]
    by_day = [kind.name for kind in kinds if kind.adds_up]
    by_time = [kind.name for kind in kinds if not kind.adds_up]
    totals = await several_days(tx, person_id, by_day, start, end, i18n.current().zone) if by_day else {}
    points = await several_series(tx, person_id, by_time, start, end, steps=steps) if by_time else {}
    span = _Span(start, end, group, rows)
    found: dict[str, Figure] = {}
    for kind in kinds:
        drawing = _Drawing(
            kind, unit_for(kind.main, preferences), [part for part in kind.parts if part.required]
        )
        if told := totals.get(kind.name):
            found[kind.name] = _of_days(drawing, told, span)
        elif seen := points.get(kind.name):
            found[kind.name] = _of_points(drawing, seen, judge, span)
    return found


@dataclass(frozen=True, slots=True)
class _Span:
    """What all charts of a page share."""

    start: datetime
    end: datetime
    group: str
    rows: int


def _of_points(drawing: _Drawing, points: Sequence[schemas.Point], judge: Judge, span: _Span) -> Figure:
    kind, found = drawing.kind, summed(points)
    guideline = judge.guideline(kind, span.end)
    return Figure(
        id=f"chart-{kind.name.replace('_', '-')}",
        title=_finding(drawing, found),
        name=_(kind.label),
        summary=_summary(drawing, found),
        kind=kind.family.colour,
        unit=unit_text(kind, drawing.unit),
        series=[_line(drawing, part, points) for part in drawing.parts],
        start=span.start,
        end=span.end,
        bands=_bands(drawing, guideline),
        columns=[_("When"), *(_(part.label or kind.label) for part in drawing.parts), _("Readings")],
        rows=[_row(drawing, point) for point in reversed(points[-span.rows :])],
        group=span.group,
        digits=kind.main.shown_decimals(drawing.unit),
        notes=_notes(guideline, judge.unfit(kind, span.end)),
    )


def _of_days(drawing: _Drawing, totals: Sequence[schemas.DayTotal], span: _Span) -> Figure:
    kind, part = drawing.kind, drawing.kind.main
    scale, zone = drawing.scale(part), i18n.current().tz
    points = [(datetime.combine(day.day, time(12), zone).astimezone(UTC), scale(day.total)) for day in totals]
    values = [day.total for day in totals]
    mean = sum(values) / len(values)
    return Figure(
        id=f"chart-{kind.name.replace('_', '-')}",
        title=_("{amount} {unit} a day", amount=drawing.text(part, mean), unit=unit_text(kind, drawing.unit)),
        name=_(kind.label),
        summary=_(
            "On {days} days between {first} and {last}: least {low}, most {high}.",
            days=format_number(len(totals)),
            first=format_date(totals[0].day),
            last=format_date(totals[-1].day),
            low=drawing.text(part, min(values)),
            high=drawing.text(part, max(values)),
        ),
        kind=kind.family.colour,
        unit=unit_text(kind, drawing.unit),
        series=[
            Series(_(kind.label), points, style="bar", sources=[source_text(day.source) for day in totals])
        ],
        start=span.start,
        end=span.end,
        columns=[_("Day"), _(kind.label), _("Source")],
        rows=[
            [format_date(day.day), drawing.text(part, day.total), source_text(day.source)]
            for day in reversed(totals[-span.rows :])
        ],
        group=span.group,
        digits=part.shown_decimals(drawing.unit),
    )


def _line(drawing: _Drawing, part: Part, points: Sequence[schemas.Point]) -> Series:
    scale, name = drawing.scale(part), part.name

    def column(told: Sequence[Mapping[str, float]]) -> list[float | None]:
        return [scale(figures[name]) if name in figures else None for figures in told]

    means = column([point.mean for point in points])
    spread = any(point.count > 1 for point in points)
    style: Literal["line", "dots"] = "line" if len(points) > 1 else "dots"
    return Series(
        _(part.label or drawing.kind.label),
        [(point.at, value) for point, value in zip(points, means, strict=True)],
        style=style,
        low=column([point.low for point in points]) if spread else (),
        high=column([point.high for point in points]) if spread else (),
    )


def _bands(drawing: _Drawing, guideline: Guideline | None) -> list[Band]:
    """Where values should be, a part."""
    found = []
    for part in drawing.parts:
        scale = drawing.scale(part)
        good = [
            band
            for band in (guideline.ladders.get(part.name, ()) if guideline else ())
            if band.level is Level.OK
        ]
        if good:
            low, high = good[0].low, good[-1].high
            found.append(
                Band(
                    None if low is None else scale(float(low)),
                    None if high is None else scale(float(high)),
                    _(good[0].name),
                )
            )
    return found


def _finding(drawing: _Drawing, found: schemas.Summary) -> str:
    """What the span shows, in a few words: the title of the chart."""
    part = drawing.parts[0]
    if found.count < 2 or found.first is None or part.name not in found.parts:
        means = {name: figures.mean for name, figures in found.parts.items()}
        return f"{drawing.both(means)} {unit_text(drawing.kind, drawing.unit)}".strip()
    figures = found.parts[part.name]
    scale = drawing.scale(part)
    change = scale(figures.change) - scale(0)
    digits = part.shown_decimals(drawing.unit)
    since = format_date(found.first)
    if abs(figures.change) <= abs(figures.mean) * _STEADY or not round(change, digits):
        return _("Steady since {when}", when=since)
    amount = format_number(abs(change), digits)
    return (
        _("Up {amount} since {when}", amount=amount, when=since)
        if change > 0
        else _("Down {amount} since {when}", amount=amount, when=since)
    )


def _summary(drawing: _Drawing, found: schemas.Summary) -> str:
    assert found.first
    assert found.last
    shown = {
        name: drawing.both({part: getattr(figures, name) for part, figures in found.parts.items()})
        for name in ("mean", "low", "high")
    }
    return ngettext(
        "One reading on {first}: {mean} {unit}.",
        "{n} readings from {first} to {last}. Mean {mean}, lowest {low}, highest {high} {unit}.",
        found.count,
        first=format_date(found.first),
        last=format_date(found.last),
        unit=unit_text(drawing.kind, drawing.unit),
        **shown,
    )


def _row(drawing: _Drawing, point: schemas.Point) -> list[str]:
    values = [
        drawing.text(part, point.mean[part.name]) if part.name in point.mean else "–"
        for part in drawing.parts
    ]
    return [i18n.format_datetime(point.at), *values, format_number(point.count)]


def _notes(guideline: Guideline | None, unfit: str) -> list[str]:
    if guideline is None:
        return [unfit] if unfit else []
    return [_("The band behind is after {guideline}.", guideline=cited(guideline))]


def cited(guideline: Guideline) -> str:
    """How a guideline is named: ACC/AHA 2025; ADA 2025, fasting."""
    year = f" {guideline.year}" if guideline.year else ""
    variant = f", {_(guideline.variant)}" if guideline.variant else ""
    return f"{_(guideline.name)}{year}{variant}"
