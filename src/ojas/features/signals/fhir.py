"""The FHIR face: a day of a kind is an Observation, a source a Device. Samples themselves are no resources: a night of heart
beats would be 28,800 of them."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, tzinfo
from typing import Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from ojas.features.signals import service
from ojas.features.signals.rules import KINDS, Kind, Rule, Shape, Timeline, instant
from ojas.features.signals.schemas import Day, SourceView, Stage
from ojas.kit import clock, units
from ojas.kit.db import Tx

_LOINC = "http://loinc.org"
_UCUM = "http://unitsofmeasure.org"
_CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
_STATISTICS = "http://terminology.hl7.org/CodeSystem/observation-statistics"
_OWN = "urn:ojas:kind"
_VITAL = {"heart_rate", "respiratory_rate", "oxygen_saturation"}
_STAGES = {Stage.LIGHT: "93830-8", Stage.DEEP: "93831-6", Stage.REM: "93829-0"}
"""LOINC for time in a stage. Awake and in bed have none that is certain."""


async def observations(
    tx: Tx, person_id: UUID, first: date, last: date, kind: str | None = None
) -> AsyncIterator[dict[str, Any]]:
    """Each day of each kind, or of one, that has data."""
    timeline = await service.timeline(tx, person_id)
    for name in [kind] if kind else list(KINDS):
        of = service.kind_of(name)
        for day in await service.days(tx, person_id, of, first, last):
            yield observation(person_id, of, day, timeline)


async def devices(tx: Tx, person_id: UUID) -> AsyncIterator[dict[str, Any]]:
    """Each source."""
    async for source in service.SOURCES.export(tx, person_id):
        yield device(source)


def device(source: SourceView) -> dict[str, Any]:
    """A source as a Device of R4."""
    found: dict[str, Any] = {
        "resourceType": "Device",
        "id": str(source.id),
        "meta": {"versionId": str(source.version), "lastUpdated": _instant(source.updated_at)},
        "status": "active",
        "deviceName": [{"name": source.name, "type": "user-friendly-name"}],
        "type": {"text": source.sort.value},
        "patient": {"reference": f"Patient/{source.person_id}"},
    }
    if source.identifier:
        found["identifier"] = [{"value": source.identifier}]
    told = {"manufacturer": source.maker, "modelNumber": source.model}
    versions = [{"value": version} for version in (source.hardware, source.software) if version]
    return (
        found
        | {name: value for name, value in told.items() if value}
        | ({"version": versions} if versions else {})
    )


def observation(person_id: UUID, kind: Kind, day: Day, timeline: Timeline) -> dict[str, Any]:
    """A day as an Observation of R4: the total or mean, with least, greatest and count as components."""
    start, end = timeline.bounds(day.day)
    zone = ZoneInfo(timeline.zone_at(start))
    name = uuid5(person_id, f"day {kind.name} {day.day}")
    over = instant(end) <= clock.now()
    return {
        "resourceType": "Observation",
        "id": str(name),
        "status": "final" if over else "preliminary",
        "category": [{"coding": [_category(kind)]}],
        "code": _code(kind),
        "subject": {"reference": f"Patient/{person_id}"},
        "effectivePeriod": {"start": _instant(instant(start), zone), "end": _instant(instant(end), zone)},
        "method": {"text": "mean of minutes" if kind.rule is Rule.MEAN else "sum, best source by the minute"},
        "valueQuantity": _value(kind, day.value),
        "component": _components(kind, day),
    }


def _components(kind: Kind, day: Day) -> list[dict[str, Any]]:
    found = [_component(_STATISTICS, "count", {"value": day.n, "system": _UCUM, "code": "1"})]
    for code, value in (("minimum", day.low), ("maximum", day.high), ("std-dev", day.sd)):
        if value is not None:
            found.append(_component(_STATISTICS, code, _value(kind, value)))
    for stage, seconds in day.stages.items():
        system, code = (_LOINC, _STAGES[stage]) if stage in _STAGES else (_OWN, stage.value)
        found.append(_component(system, code, _value(kind, seconds)))
    return found


def _component(system: str, code: str, value: dict[str, Any]) -> dict[str, Any]:
    return {"code": {"coding": [{"system": system, "code": code}]}, "valueQuantity": value}


def _value(kind: Kind, value: float) -> dict[str, Any]:
    if kind.shape is Shape.STAGE:
        value, unit = value / 60, "min"
    else:
        unit = kind.unit
    return {"value": round(value, 3), "unit": units.symbol(unit), "system": _UCUM, "code": unit}


def _code(kind: Kind) -> dict[str, Any]:
    loinc = kind.loinc_day or kind.loinc
    coding = [{"system": _LOINC, "code": loinc}] if loinc else []
    if kind.name == "oxygen_saturation":  # the vital-signs profile asks for this one beside the wrist's own
        coding.insert(0, {"system": _LOINC, "code": "2708-6"})
    return {
        "coding": [*coding, {"system": _OWN, "code": kind.name, "display": kind.title}],
        "text": kind.title,
    }


def _category(kind: Kind) -> dict[str, str]:
    return {"system": _CATEGORY, "code": "vital-signs" if kind.name in _VITAL else "activity"}


def _instant(at: datetime, zone: tzinfo = UTC) -> str:
    return at.astimezone(zone).isoformat(timespec="milliseconds")
