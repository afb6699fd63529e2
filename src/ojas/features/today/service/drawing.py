"""A kind of signal as a chart: by the minute or hour for a day, by the day for longer, by the week for years."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from statistics import fmean
from typing import Any
from uuid import UUID

from ojas.features.signals import service as signals
from ojas.features.signals.schemas import Overview
from ojas.features.today.rules import COARSE, Daily, by_week, change, gaps
from ojas.features.today.service.amounts import Device, noon
from ojas.kit import i18n
from ojas.kit.db import Tx
from ojas.kit.i18n import _, format_date, format_number, format_time, ngettext
from ojas.kit.i18n.weeks import week_of
from ojas.kit.web import Figure, Gap, Range, Series

_STALE = timedelta(days=2)
_POINTS = 288  # one each five minutes of a day


GROUP = "trends"
"""Charts of one group share cursor and zoom."""


@dataclass(frozen=True, slots=True)
class Span:
    """The stretch of time that was asked for, and from when to when it is."""

    stretch: Range
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Subject:
    """What a chart is of: a kind, what was sent of it, and where there is more."""

    device: Device
    overview: Overview
    href: str | None

    @property
    def source(self) -> str:
        return self.overview.streams[0].source

    def figure(self, span: Span, *, weekly: bool = False, **drawn: Any) -> Figure:
        device = self.device
        return Figure(
            id=f"chart-{device.name.replace('_', '-')}",
            name=device.title,
            kind=device.colour,
            unit=_(device.unit),
            start=span.start,
            end=span.end,
            group=GROUP,
            digits=device.digits,
            href=self.href,
            notes=_notes(self.overview, span.end, weekly),
            **drawn,
        )


def is_close(device: Device, span: Span) -> bool:
    """Whether a kind is drawn from its samples; else its days are."""
    return span.stretch.name == "1d" and device.name != "sleep"


async def figure_of(
    tx: Tx, person_id: UUID, subject: Subject, span: Span, days: Sequence[Daily] = (), rows: int = 62
) -> Figure | None:
    """The chart of ``days``, with so many lines in its table; None where nothing was sent in that time."""
    device = subject.device
    if is_close(device, span):
        return await _of_a_day(tx, person_id, subject, span)
    if not days:
        return None
    weekly = len(days) > COARSE
    points = by_week(days, week_of) if weekly else days
    step = timedelta(days=7 if weekly else 1)
    missing = gaps([one.day for one in points], step)
    return subject.figure(
        span,
        weekly=weekly,
        title=_finding(device, days),
        summary=_summary(device, days),
        series=[_line(device, points, missing, subject.source)],
        gaps=[Gap(_midnight(a), _midnight(b + timedelta(days=1)), _("no data was sent")) for a, b in missing],
        columns=_columns(device),
        rows=[_row(device, one) for one in reversed(days[-rows:])],
    )


def _line(
    device: Device, points: Sequence[Daily], missing: Sequence[tuple[date, date]], source: str
) -> Series:
    """Daily points with a hole in each gap, so that the line opens there."""
    told: list[tuple[datetime, Daily | None]] = [(noon(one.day), one) for one in points]
    told = sorted([*told, *((noon(a), None) for a, _b in missing)], key=lambda pair: pair[0])
    spread = not device.sums and any(one.low is not None for one in points)

    per = device.per

    def column(of: str) -> list[float | None]:
        values = [getattr(one, of) if one else None for _at, one in told]
        return [None if value is None else value / per for value in values]

    return Series(
        device.title,
        list(zip((at for at, _one in told), column("value"), strict=True)),
        style="bar" if device.sums else "line",
        low=column("low") if spread else (),
        high=column("high") if spread else (),
        sources=[source] * len(told),
    )


async def _of_a_day(tx: Tx, person_id: UUID, subject: Subject, span: Span) -> Figure | None:
    device = subject.device
    count = 24 if device.sums else _POINTS
    found = await signals.series(tx, person_id, device.name, _ms(span.start), _ms(span.end), count)
    if not len(found.start) or not found.n.sum():
        return None
    at = [datetime.fromtimestamp((ms + found.width / 2) / 1000, UTC) for ms in found.start.tolist()]
    values, low, high = (
        [None if math.isnan(value) else device.shown(value) for value in column.tolist()]
        for column in (found.value, found.low, found.high)
    )
    title, summary = _total(device, at, values) if device.sums else _average(device, values, low, high)
    line = Series(
        device.title,
        list(zip(at, values, strict=True)),
        style="bar" if device.sums else "line",
        low=() if device.sums else low,
        high=() if device.sums else high,
        sources=[subject.source] * len(at),
    )
    return subject.figure(
        span,
        title=title,
        summary=summary,
        series=[line],
        columns=[_("When"), device.title, _("Samples")],
        rows=_hours(device, at, values, found.n.tolist()),
    )


def _total(device: Device, at: Sequence[datetime], values: Sequence[float | None]) -> tuple[str, str]:
    """A day's sum, and when most of it came."""
    known = [value for value in values if value is not None]
    title = device.text(sum(known) * device.per)
    time = format_time(at[values.index(max(known))])
    return title, _("{amount} in the last 24 hours, most of it {time}.", amount=title, time=time)


def _average(
    device: Device,
    values: Sequence[float | None],
    lows: Sequence[float | None],
    highs: Sequence[float | None],
) -> tuple[str, str]:
    """A day's mean, and between what it lay."""

    def told(value: float) -> str:
        return format_number(value, device.digits)

    unit = _(device.unit)
    mean = told(fmean(value for value in values if value is not None))
    low, high = (told(min(v for v in lows if v is not None)), told(max(v for v in highs if v is not None)))
    return (
        _("{mean} {unit} on average", mean=mean, unit=unit),
        _("Between {low} and {high} {unit} in the last 24 hours.", low=low, high=high, unit=unit),
    )


def _hours(
    device: Device, at: Sequence[datetime], values: Sequence[float | None], counts: Sequence[int]
) -> list[list[str]]:
    """The table of a day, by the hour, newest first."""
    by_hour: dict[datetime, list[tuple[float, int]]] = {}
    for when, value, count in zip(at, values, counts, strict=True):
        if value is not None:
            by_hour.setdefault(i18n.local(when).replace(minute=0, second=0, microsecond=0), []).append(
                (value, count)
            )
    return [
        [
            format_time(hour),
            format_number((sum if device.sums else fmean)(value for value, _n in inside), device.digits),
            format_number(sum(n for _value, n in inside)),
        ]
        for hour, inside in sorted(by_hour.items(), reverse=True)
    ]


def _finding(device: Device, days: Sequence[Daily]) -> str:
    """What the stretch shows, in a few words."""
    found = change([one.value for one in days])
    mean = fmean(one.value for one in days)
    if found is None:
        return device.text(mean)
    if device.name == "sleep":
        return _("{amount} a night", amount=device.text(mean))
    if device.sums:
        return _("{amount} a day", amount=device.text(mean))
    since = format_date(days[0].day)
    if found.steady or not round(device.shown(abs(found.by)), device.digits):
        return _("Steady since {when}", when=since)
    amount = device.number(abs(found.by))
    return (
        _("Up {amount} since {when}", amount=amount, when=since)
        if found.by > 0
        else _("Down {amount} since {when}", amount=amount, when=since)
    )


def _summary(device: Device, days: Sequence[Daily]) -> str:
    values = [one.value for one in days]
    text = ngettext(
        "One day with data, {first}: {mean}.",
        "{n} days with data from {first} to {last}: {mean} on average, least {low}, most {high}.",
        len(days),
        first=format_date(days[0].day),
        last=format_date(days[-1].day),
        mean=device.text(fmean(values)),
        low=device.text(min(values)),
        high=device.text(max(values)),
    )
    found = change(values)
    if found is None or found.steady or not device.sums:
        return text
    more = _("Lately {amount} more than at first.", amount=device.text(found.by)) if found.by > 0 else _(
        "Lately {amount} less than at first.", amount=device.text(-found.by)
    )  # fmt: skip
    return f"{text} {more}"


def _columns(device: Device) -> list[str]:
    if device.sums:
        return [_("Day"), device.title, ""]
    return [_("Day"), device.title, _("Lowest and highest")]


def _row(device: Device, one: Daily) -> list[str]:
    spread = ""
    if not device.sums and one.low is not None and one.high is not None:
        spread = f"{device.number(one.low)} – {device.number(one.high)}"
    return [format_date(one.day), device.text(one.value), spread]


def _notes(overview: Overview, end: datetime, weekly: bool) -> list[str]:
    found = []
    if weekly:
        found.append(_("Each point is the mean of a week."))
    if end - overview.last > _STALE:
        found.append(
            _("Nothing new since {day}. Import again, or check that {source} still sends.",
              day=format_date(overview.last), source=overview.streams[0].source)
        )  # fmt: skip
    if len(overview.streams) > 1:
        names = ", ".join(stream.source for stream in overview.streams)
        found.append(_("From several devices, each minute from the best there was: {names}.", names=names))
    return found


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), i18n.current().tz).astimezone(UTC)


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)
