"""Trends: one kind over a stretch of time, or all of them at once, each with what it says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from ojas.features.measurements import service as measurements
from ojas.features.signals import service as signals
from ojas.features.signals.schemas import Overview
from ojas.features.today.rules import Daily
from ojas.features.today.service.amounts import DEVICES, daily
from ojas.features.today.service.drawing import GROUP, Span, Subject, figure_of, is_close
from ojas.kit import clock, i18n
from ojas.kit.db import Tx
from ojas.kit.errors import NotFound
from ojas.kit.i18n import N_, _, format_date, gettext
from ojas.kit.web import Figure, Range

ORDER = (
    "heart_rate", "resting_heart_rate", "blood_pressure", "steps", "sleep", "weight", "blood_glucose",
    "interstitial_glucose", "hba1c", "ldl", "cholesterol", "hdl", "triglycerides", "creatinine", "nt_probnp", "bnp", "inr",
    "oxygen_saturation", "hrv_sdnn", "hrv_rmssd", "respiratory_rate", "temperature",
)  # fmt: skip
"""What a heart patient looks at first; all others follow in the order of the catalogue."""

THEMES: dict[str, str] = {
    "heart": N_("Heart and breath"),
    "move": N_("Movement"),
    "sleep": N_("Sleep"),
    "weight": N_("Body"),
    "glucose": N_("Sugar"),
    "lab": N_("Laboratory"),
}
MOST = 16
"""Charts on one page; the rest is one tap away."""
_EVER = timedelta(days=365 * 15)
_BRIEF = 7
"""Lines of a table on the page of all; the rest stands on each kind's own. Fourteen of each made the page 106 kB in Tamil."""
_STEPS = 365


@dataclass(frozen=True, slots=True)
class Trend:
    """One chart, or, where there is nothing in the stretch asked for, the words why."""

    name: str
    label: str
    colour: str
    figure: Figure | None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Trends:
    """``shown`` are drawn; ``silent`` have data, but not in this stretch; ``more`` are left for their own pages."""

    start: datetime
    end: datetime
    shown: Sequence[Trend]
    silent: Sequence[Trend]
    more: Sequence[tuple[str, str]]
    themes: Sequence[str]
    empty: bool


@dataclass(frozen=True, slots=True)
class _Known:
    """A kind there is data of, from devices or from readings."""

    name: str
    label: str
    colour: str
    overview: Overview | None
    """None: it is a kind of reading."""


async def trends(
    tx: Tx, person_id: UUID, stretch: Range, preferences: measurements.Preferences, theme: str | None = None
) -> Trends:
    """Everything there is, over one stretch of time.

    Raises:
        NotFound: nothing of the person is shared with the reader.
    """
    known = await _known(tx, person_id)
    wanted = [one for one in known if theme in (None, one.colour)]
    span, shown = _span(stretch, wanted), wanted[:MOST]
    readings = await _readings(tx, person_id, shown, span, preferences)
    days = await _days(tx, person_id, shown, span)
    drawn = [await _trend(tx, person_id, one, span, readings, days, rows=_BRIEF) for one in shown]
    return Trends(
        span.start,
        span.end,
        [one for one in drawn if one.figure],
        [one for one in drawn if not one.figure],
        [(one.name, one.label) for one in wanted[MOST:]],
        [name for name in THEMES if any(one.colour == name for one in known)],
        empty=not known,
    )


async def trend(
    tx: Tx, person_id: UUID, name: str, stretch: Range, preferences: measurements.Preferences
) -> Trend:
    """One kind over one stretch.

    Raises:
        NotFound: there is nothing of it.
    """
    known = [one for one in await _known(tx, person_id) if one.name == name]
    if not known:
        raise NotFound("There is nothing of this here yet.")
    span = _span(stretch, known)
    readings = await _readings(tx, person_id, known, span, preferences)
    days = await _days(tx, person_id, known, span)
    found = await _trend(tx, person_id, known[0], span, readings, days)
    # Its own page is what more there is of a signal; of a reading there is the list as well.
    here = found.figure is not None and known[0].overview is not None
    return replace(found, figure=replace(found.figure, href=None)) if here and found.figure else found


async def _known(tx: Tx, person_id: UUID) -> list[_Known]:
    if person_id not in tx.access.persons:
        tx.access.require("profile", person_id)
    found: list[_Known] = []
    doubled: set[str] = set()
    if tx.access.allows("signals", person_id):
        for one in await signals.overview(tx, person_id):
            if device := DEVICES.get(one.kind):
                found.append(_Known(one.kind, device.title, device.colour, one))
                doubled.add(device.same_as)
    if tx.access.allows("measurements", person_id):
        for name in await measurements.kinds_of(tx, person_id):
            kind = measurements.CATALOGUE[name]
            if name not in doubled:
                found.append(_Known(name, gettext(kind.label), kind.family.colour, None))
    return sorted(found, key=_place)


def _place(one: _Known) -> int:
    if one.name in ORDER:
        return ORDER.index(one.name)
    return len(ORDER) + (0 if one.overview else 1 + list(measurements.CATALOGUE).index(one.name))


def _span(stretch: Range, known: Sequence[_Known]) -> Span:
    """Up to now; all of it from the first sample of any device, else fifteen years."""
    end = clock.now()
    if stretch.length:
        return Span(stretch, end - stretch.length, end)
    first = min((one.overview.first for one in known if one.overview), default=end - _EVER)
    return Span(stretch, max(min(first, end - timedelta(days=30)), end - _EVER), end)


async def _readings(
    tx: Tx,
    person_id: UUID,
    known: Sequence[_Known],
    span: Span,
    preferences: measurements.Preferences,
) -> dict[str, Figure]:
    """The charts of readings, all together: one by one they were half of the page's time."""
    names = [one.name for one in known if one.overview is None]
    if not names:
        return {}
    return await measurements.figures(
        tx,
        person_id,
        names,
        span.start,
        span.end,
        preferences=preferences,
        judge=await measurements.judge(tx, person_id),
        group=GROUP,
        steps=_STEPS,
        rows=_BRIEF,
    )


async def _days(tx: Tx, person_id: UUID, known: Sequence[_Known], span: Span) -> dict[str, list[Daily]]:
    """The days of all devices that are drawn by the day."""
    names = [one.name for one in known if one.overview and not is_close(DEVICES[one.name], span)]
    return await daily(tx, person_id, names, i18n.local(span.start).date(), i18n.local(span.end).date())


async def _trend(
    tx: Tx,
    person_id: UUID,
    one: _Known,
    span: Span,
    readings: Mapping[str, Figure],
    days: Mapping[str, Sequence[Daily]],
    rows: int = 62,
) -> Trend:
    if one.overview:
        href = f"/p/{person_id}/trends/{one.name}"
        device, told = DEVICES[one.name], days.get(one.name, ())
        figure = await figure_of(tx, person_id, Subject(device, one.overview, href), span, told, rows)
        return Trend(one.name, one.label, one.colour, figure, "" if figure else _silence(one.overview))
    if found := readings.get(one.name):
        figure = replace(found, href=f"/p/{person_id}/readings/{one.name}")
        return Trend(one.name, one.label, one.colour, figure)
    return Trend(one.name, one.label, one.colour, None, _("No reading in this time."))


def _silence(overview: Overview) -> str:
    return _(
        "Nothing in this time. The last came on {day} from {source}.",
        day=format_date(overview.last),
        source=overview.streams[0].source,
    )
