"""Workouts, in the form up to iOS 15 (totals on the element) and since (a statistic a kind)."""

import math
from dataclasses import dataclass, field
from datetime import datetime

from ojas.features.connections.rules import Amount, Refused, Route, Source, Statistic, Workout
from ojas.features.connections.vendors.apple_health import columns, times, words
from ojas.features.connections.vendors.apple_health.routes import Fix, fix, number, route
from ojas.kit.errors import Fault

_SECONDS = {"s": 1.0, "min": 60.0, "hr": 3600.0}
_ENERGY = ("ActiveEnergyBurned",)

TOO_LONG = Fault("It lasts longer than seven days.")
_LONGEST = 7 * 86_400
_FIXES = 500_000


@dataclass(slots=True)
class Draft:
    """A workout while its element is open."""

    attributes: dict[str, str]
    statistics: list[dict[str, str]] = field(default_factory=list)
    events: list[dict[str, str]] = field(default_factory=list)
    metadata: dict[str, str] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)
    fixes: list[Fix] = field(default_factory=list)

    def child(self, name: str, attributes: dict[str, str]) -> None:
        if name == "WorkoutStatistics":
            self.statistics.append(attributes)
        elif name == "WorkoutEvent":
            self.events.append(attributes)
        elif name == "MetadataEntry":
            self.metadata[attributes.get("key", "")] = attributes.get("value", "")
        elif name == "FileReference":
            self.files.append(attributes.get("path", ""))
        elif name == "Location":
            found = fix(times.moment_of(attributes.get("date")), attributes, "latitude", "longitude")
            if found and len(self.fixes) < _FIXES:
                self.fixes.append(found)

    def done(self, source: Source, track: Route | None, now: datetime) -> Workout | Refused:
        a = self.attributes
        place = columns.where(a.get("workoutActivityType", "–"), a.get("startDate", "–"))
        start, end = times.moment_of(a.get("startDate")), times.moment_of(a.get("endDate"))
        if start is None or end is None:
            return Refused(columns.NO_TIME, place)
        fault = _span_fault(start, end, now)
        if fault:
            return Refused(fault, place)
        statistics = tuple(filter(None, map(_statistic, self.statistics)))
        return Workout(
            activity=words.short(a.get("workoutActivityType", "Other")),
            start=start,
            end=end,
            seconds=_seconds(a, start, end),
            source=source,
            distance=_total(a, "totalDistance") or _summed(statistics, "Distance"),
            energy=_total(a, "totalEnergyBurned") or _summed(statistics, *_ENERGY),
            statistics=statistics,
            events=tuple(_events(self.events)),
            route=track if track is not None else route(self.fixes),
            zone=self.metadata.get("HKTimeZone"),
            entered=self.metadata.get("HKWasUserEntered") == "1",
        )


def _span_fault(start: datetime, end: datetime, now: datetime) -> Fault | None:
    if end < start:
        return columns.BACKWARDS
    if (end - now).total_seconds() * 1000 > columns.AHEAD:
        return columns.FUTURE
    if start.timestamp() * 1000 < columns.EARLIEST:
        return columns.ANCIENT
    return TOO_LONG if (end - start).total_seconds() > _LONGEST else None


def _seconds(attributes: dict[str, str], start: datetime, end: datetime) -> float:
    told = number(attributes.get("duration")) * _SECONDS.get(attributes.get("durationUnit", "min"), math.nan)
    span = (end - start).total_seconds()
    return told if 0 <= told <= span + 1 else span


def _total(attributes: dict[str, str], name: str) -> Amount | None:
    value, unit = number(attributes.get(name)), words.ucum(attributes.get(f"{name}Unit", ""))
    return Amount(value, unit) if unit and math.isfinite(value) and value >= 0 else None


def _statistic(attributes: dict[str, str]) -> Statistic | None:
    unit = words.ucum(attributes.get("unit", ""))
    figures = {name: number(attributes.get(name)) for name in ("sum", "average", "minimum", "maximum")}
    told = {name: value for name, value in figures.items() if math.isfinite(value)}
    return Statistic(words.short(attributes.get("type", "")), unit, **told) if unit and told else None


def _summed(statistics: tuple[Statistic, ...], *prefixes: str) -> Amount | None:
    for one in statistics:
        if one.type.startswith(prefixes) and one.sum is not None:
            return Amount(one.sum, one.unit)
    return None


def _events(events: list[dict[str, str]]) -> list[tuple[str, datetime]]:
    dated = ((event.get("type", ""), times.moment_of(event.get("date"))) for event in events)
    return [(name.removeprefix("HKWorkoutEventType"), at) for name, at in dated if at]
