"""The things of a file in the words of the features that keep them."""

import re
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from ojas.features.connections.rules import (
    Amount,
    Categories,
    Electrocardiogram,
    Item,
    Pressure,
    Route,
    Samples,
    Source,
    Statistic,
    Workout,
)
from ojas.features.measurements import service as measurements
from ojas.features.measurements.service import Incoming, Method
from ojas.features.signals import rules as signal
from ojas.features.signals.schemas import Point, SessionDraft, SourceDraft
from ojas.kit import units
from ojas.kit.i18n.zones import zone_if_known


def zones_of(item: Item) -> list[tuple[datetime, str]]:
    if isinstance(item, Samples | Categories):
        return [(instant(item.start[row]), zone) for row, zone in item.zones.items()]
    return [(item.start.astimezone(UTC), item.zone)] if isinstance(item, Workout) and item.zone else []


def converted(value: NDArray[np.float64], unit: str, target: str) -> NDArray[np.float64] | None:
    """The column in another unit, none where the two do not measure the same. Every conversion here is a line."""
    if unit == target:
        return value
    try:
        shift = units.convert(Decimal(0), unit, target)
        slope = units.convert(Decimal(1), unit, target) - shift
    except units.UnitError:
        return None
    return value * float(slope) + float(shift)


def readings_of(item: Samples, kind: str) -> list[Incoming]:
    return [
        Incoming(
            kind=kind,
            numbers={measurements.part_of_healthkit(item.type) or "value": _decimal(item.value[row])},
            unit=item.unit,
            effective_at=_local(item.start[row], item.offset[row]),
            effective_end=_local(item.end[row], item.offset[row])
            if item.end[row] > item.start[row]
            else None,
            zone=item.zones.get(row),
            method=Method.MANUAL if row in item.entered else Method.DEVICE,
            device=item.source.name[:200] or None,
        )
        for row in range(len(item))
    ]


def pressure_of(item: Pressure) -> Incoming:
    return Incoming(
        kind="blood_pressure",
        numbers={"systolic": _decimal(item.systolic), "diastolic": _decimal(item.diastolic)},
        unit="mm[Hg]",
        effective_at=item.at,
        zone=item.zone,
        method=Method.MANUAL if item.entered else Method.DEVICE,
        device=item.source.name[:200] or None,
    )


def session_of(item: Workout, source_id: UUID) -> SessionDraft:
    pulse = next((one for one in item.statistics if one.type == "HeartRate"), Statistic("", ""))
    steps = next((one for one in item.statistics if one.type == "StepCount"), Statistic("", ""))
    return SessionDraft(
        kind="workout",
        started_at=item.start.astimezone(UTC),
        ended_at=item.end.astimezone(UTC),
        source_id=source_id,
        activity=re.sub(r"(?<=[a-z])(?=[A-Z])", "_", item.activity).lower()[:200] or None,
        active_s=item.seconds,
        distance_m=_in(item.distance, "m"),
        energy_kcal=_in(item.energy, "kcal"),
        steps=steps.sum,
        heart_rate_mean=pulse.average,
        heart_rate_max=pulse.maximum,
        zone=zone_if_known(item.zone),
        kinds=sorted({kind.name for one in item.statistics if (kind := signal.HEALTHKIT.get(one.type))}),
    )


def _in(amount: Amount | None, unit: str) -> float | None:
    if amount is None:
        return None
    found = converted(np.array([amount.value]), amount.unit, unit)
    return None if found is None else float(found[0])


def points_of(route: Route) -> list[Point]:
    return [
        Point(instant(at), float(north), float(east), None if np.isnan(up) else float(up))
        for at, north, east, up in zip(route.at, route.latitude, route.longitude, route.altitude, strict=True)
    ]


def where(type_: str, at: np.int64) -> str:
    """A thing of the file in words the person can look for."""
    return f"{type_} · {instant(at):%Y-%m-%d %H:%M:%S %z}"


def instant(at: np.int64) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(at))


def _local(at: np.int64, offset: np.int16) -> datetime:
    return instant(at).astimezone(timezone(timedelta(minutes=int(offset))))


def _decimal(value: float) -> Decimal:
    # A ratio made a percent is 30.400000000000002; nine decimals are finer than any device.
    return Decimal(repr(round(float(value), 9)))


def source_of(source: Source, vendor: str) -> SourceDraft:
    return SourceDraft(
        name=source.name[:200] or "–",
        maker=source.maker[:200] or None,
        model=source.model[:200] or None,
        hardware=source.hardware[:200] or None,
        software=source.software[:200] or None,
        # Not every record tells its device, and one watch must not become two.
        identifier=f"{vendor} {source.name}"[:200],
        sort=signal.classify(source.name, source.device, source.model),
    )


def recording_of(item: Electrocardiogram, source_id: UUID) -> SessionDraft:
    return SessionDraft(
        kind="ecg",
        started_at=item.at.astimezone(UTC),
        ended_at=item.end.astimezone(UTC),
        source_id=source_id,
        finding=item.finding or None,
        symptoms=item.symptoms or None,
        heart_rate_mean=item.heart_rate,
    )
