"""Where each thing of a file goes: dense series to signals, single values to measurements, resources to the record."""

import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from ojas.features.connections.rules import (
    Amount,
    Categories,
    Day,
    Electrocardiogram,
    Item,
    Owner,
    Pressure,
    Refused,
    Resource,
    Route,
    Samples,
    Source,
    Statistic,
    Workout,
)
from ojas.features.connections.service import resources
from ojas.features.connections.service.tally import Tally, keep_readings
from ojas.features.measurements import service as measurements
from ojas.features.measurements.service import Incoming, Method
from ojas.features.signals import rules as signal
from ojas.features.signals import service as signals
from ojas.features.signals.schemas import Point, SessionDraft, SourceDraft
from ojas.kit import units
from ojas.kit.db import Tx
from ojas.kit.errors import Fault, Forbidden, Incorrect
from ojas.kit.i18n import N_

NOT_KEPT = N_("Records of the type {type} are not kept in Ojas yet.")
EATEN = N_("{type}: what was eaten is not kept yet. Send the file again once Ojas has a place for meals.")
RINGS = Fault(
    "The rings of a day follow from the energy, exercise and standing that are kept. Their goals are not kept yet."
)
NO_HEART = Fault("Its figures are not those of an electrocardiogram.")
UNFIT = N_("Its unit {unit} does not fit what was measured.")
UNTRUE = Fault("Its figures cannot be true.")

_MOVED = np.array(
    [signal.CONTEXTS[c] for c in (signal.Context.PLAIN, signal.Context.RESTING, signal.Context.ACTIVE)]
)
_STAGE = {
    name.removeprefix("HKCategoryValue"): float(signal.STAGES[stage])
    for name, stage in signal.HEALTHKIT_STAGES.items()
}


@dataclass
class Taker:
    """Takes the items of one import in."""

    person_id: UUID
    vendor: str = "apple_health"

    @property
    def _source(self) -> str:
        return self.vendor.replace("_", "-")

    async def take(self, tx: Tx, items: Iterable[Item]) -> Tally:
        """Hand each item of a batch to the feature that keeps it. What they refuse is told, and stops nothing."""
        tally = Tally()
        readings: list[Incoming] = []
        found: list[Resource] = []
        moves: list[tuple[datetime, str]] = []
        rings: list[str] = []
        for item in items:
            moves += _zones(item)
            match item:
                case Refused():
                    tally.refused.append(item)
                case Samples():
                    await self._samples(tx, item, readings, tally)
                case Categories():
                    await self._categories(tx, item, tally)
                case Pressure():
                    readings.append(_pressure(item))
                case Workout():
                    await self._workout(tx, item, tally)
                case Electrocardiogram():
                    await self._recording(tx, item, tally)
                case Resource():
                    found.append(item)
                case Day():
                    rings.append(item.date)
                case Owner():
                    # Whose file it is, is no part of the record.
                    pass
        if rings:
            tally.refused.append(Refused(RINGS, f"ActivitySummary · {min(rings)} – {max(rings)}", len(rings)))
        await self._follow(tx, moves)
        if readings:
            await keep_readings(tx, self.person_id, readings, self._source, tally)
        if found:
            await resources.keep(tx, self.person_id, found, self._source, tally)
        return tally

    async def _follow(self, tx: Tx, moves: list[tuple[datetime, str]]) -> None:
        """Where the person was, as their devices say: a day abroad begins and ends with the clock there."""
        if moves and not await signals.zones(tx, self.person_id):
            await _live_in(tx, self.person_id, min(moves)[1], None)
        last = ""
        for since, zone in sorted(moves):
            if zone != last:
                await _live_in(tx, self.person_id, zone, since)
            last = zone

    async def _samples(self, tx: Tx, item: Samples, readings: list[Incoming], tally: Tally) -> None:
        if (kind := signal.HEALTHKIT.get(item.type)) is not None:
            await self._signal(tx, item, kind, tally)
        elif (reading := measurements.kind_of_healthkit(item.type)) is not None:
            readings += _readings_of(item, reading.name)
        else:
            tally.refused.append(_not_kept(item.type, item.start, len(item)))

    async def _signal(self, tx: Tx, item: Samples, kind: signal.Kind, tally: Tally) -> None:
        value = _converted(item.value, item.unit, kind.unit)
        if value is None:
            fault = Fault(UNFIT, params={"unit": units.symbol(item.unit) or item.unit})
            tally.refused.append(Refused(fault, _where(item.type, item.start[0]), len(item)))
            return
        context = None if item.motion is None else _MOVED[item.motion].astype(np.float64)
        await self._append(tx, item, kind, value, context, tally)

    async def _categories(self, tx: Tx, item: Categories, tally: Tally) -> None:
        if item.type == "MindfulSession":
            await self._mindful(tx, item, tally)
        elif (kind := signal.HEALTHKIT.get(item.type)) is None:
            tally.refused.append(_not_kept(item.type, item.start, len(item)))
        else:
            stages = np.array([_STAGE.get(name, 0.0) for name in item.names])
            await self._append(tx, item, kind, stages[item.codes], None, tally)

    async def _append(
        self,
        tx: Tx,
        item: Samples | Categories,
        kind: signal.Kind,
        value: NDArray[np.float64],
        context: NDArray[np.float64] | None,
        tally: Tally,
    ) -> None:
        source_id = await self._meet(tx, item.source, tally)
        start, end = item.start.astype(np.float64), item.end.astype(np.float64)
        batch = signal.Batch(start, value, end, None, context)
        outcome = await signals.append(tx, self.person_id, source_id, kind, batch)
        tally.taken[kind.name] += outcome.stored + outcome.known
        if len(outcome.told):
            tally.samples.append((source_id, kind.name, outcome.told))
        tally.refused += [
            Refused(Fault(signal.REASONS[reason]), _where(item.type, item.start[row]))
            for row, reason in outcome.refused
        ]

    async def _meet(self, tx: Tx, source: Source, tally: Tally) -> UUID:
        draft = SourceDraft(
            name=source.name[:200] or "–",
            maker=source.maker[:200] or None,
            model=source.model[:200] or None,
            hardware=source.hardware[:200] or None,
            software=source.software[:200] or None,
            # Not every record tells its device, and one watch must not become two.
            identifier=f"{self.vendor} {source.name}"[:200],
            sort=signal.classify(source.name, source.device, source.model),
        )
        source_id = await signals.meet(tx, self.person_id, draft)
        tally.told["source", source_id] = None
        return source_id

    async def _workout(self, tx: Tx, item: Workout, tally: Tally) -> None:
        where = f"{item.activity} · {item.start:%Y-%m-%d %H:%M:%S %z}"
        try:
            draft = _session(item, await self._meet(tx, item.source, tally))
        except (ValidationError, Incorrect):
            tally.refused.append(Refused(UNTRUE, where))
            return
        session_id = await self._session(tx, draft, tally)
        if item.route is not None:
            try:
                await signals.put_route(tx, self.person_id, session_id, _points(item.route))
            except Forbidden as refusal:  # the person has not agreed that places are kept; the workout stays
                tally.refused.append(Refused(refusal.fault, where))
        tally.taken["workout"] += 1

    async def _session(self, tx: Tx, draft: SessionDraft, tally: Tally) -> UUID:
        session_id = await signals.keep_session(tx, self.person_id, draft)
        tally.told["session", session_id] = draft.model_dump_json().encode()
        return session_id

    async def _recording(self, tx: Tx, item: Electrocardiogram, tally: Tally) -> None:
        trace = signal.Trace(item.rate, item.microvolts)
        try:
            trace.check()
            draft = SessionDraft(
                kind="ecg",
                started_at=item.at.astimezone(UTC),
                ended_at=item.end.astimezone(UTC),
                source_id=await self._meet(tx, item.source, tally),
                finding=item.finding or None,
                symptoms=item.symptoms or None,
                heart_rate_mean=item.heart_rate,
            )
        except (ValidationError, Incorrect):
            tally.refused.append(Refused(NO_HEART, f"ECG · {item.at:%Y-%m-%d %H:%M:%S %z}"))
            return
        await signals.put_trace(tx, self.person_id, await self._session(tx, draft, tally), trace)
        tally.taken["ecg"] += 1

    async def _mindful(self, tx: Tx, item: Categories, tally: Tally) -> None:
        source_id = await self._meet(tx, item.source, tally)
        for start, end in zip(item.start, item.end, strict=True):
            draft = SessionDraft(
                kind="mindful", started_at=_instant(start), ended_at=_instant(end), source_id=source_id
            )
            await self._session(tx, draft, tally)
            tally.taken["mindful"] += 1


def _zones(item: Item) -> list[tuple[datetime, str]]:
    if isinstance(item, Samples | Categories):
        return [(_instant(item.start[row]), zone) for row, zone in item.zones.items()]
    return [(item.start.astimezone(UTC), item.zone)] if isinstance(item, Workout) and item.zone else []


async def _live_in(tx: Tx, person_id: UUID, zone: str, since: datetime | None) -> None:
    # A zone of a name nobody knows says nothing; the sample it came with is as good as any.
    with suppress(Incorrect):
        await signals.live_in(tx, person_id, zone, since)


def _converted(value: NDArray[np.float64], unit: str, target: str) -> NDArray[np.float64] | None:
    """The column in another unit, none where the two do not measure the same. Every conversion here is a line."""
    if unit == target:
        return value
    try:
        shift = units.convert(Decimal(0), unit, target)
        slope = units.convert(Decimal(1), unit, target) - shift
    except units.UnitError:
        return None
    return value * float(slope) + float(shift)


def _readings_of(item: Samples, kind: str) -> list[Incoming]:
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


def _pressure(item: Pressure) -> Incoming:
    return Incoming(
        kind="blood_pressure",
        numbers={"systolic": _decimal(item.systolic), "diastolic": _decimal(item.diastolic)},
        unit="mm[Hg]",
        effective_at=item.at,
        zone=item.zone,
        method=Method.MANUAL if item.entered else Method.DEVICE,
        device=item.source.name[:200] or None,
    )


def _session(item: Workout, source_id: UUID) -> SessionDraft:
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
        zone=item.zone,
        kinds=sorted({kind.name for one in item.statistics if (kind := signal.HEALTHKIT.get(one.type))}),
    )


def _in(amount: Amount | None, unit: str) -> float | None:
    if amount is None:
        return None
    found = _converted(np.array([amount.value]), amount.unit, unit)
    return None if found is None else float(found[0])


def _points(route: Route) -> list[Point]:
    return [
        Point(_instant(at), float(north), float(east), None if np.isnan(up) else float(up))
        for at, north, east, up in zip(route.at, route.latitude, route.longitude, route.altitude, strict=True)
    ]


def _not_kept(type_: str, start: NDArray[np.int64], count: int) -> Refused:
    why = EATEN if type_.startswith("Dietary") else NOT_KEPT
    return Refused(Fault(why, params={"type": type_}), _where(type_, start[0]), count)


def _where(type_: str, at: np.int64) -> str:
    return f"{type_} · {_instant(at):%Y-%m-%d %H:%M:%S %z}"


def _instant(at: np.int64) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(at))


def _local(at: np.int64, offset: np.int16) -> datetime:
    return _instant(at).astimezone(timezone(timedelta(minutes=int(offset))))


def _decimal(value: float) -> Decimal:
    # A ratio made a percent is 30.400000000000002; nine decimals are finer than any device.
    return Decimal(repr(round(float(value), 9)))
