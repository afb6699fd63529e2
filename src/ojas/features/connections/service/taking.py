"""Where each thing of a file goes: dense series to signals, single values to measurements, resources to the record."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from ojas.features.connections.rules import (
    Categories,
    Day,
    Electrocardiogram,
    Item,
    Owner,
    Pressure,
    Refused,
    Resource,
    Samples,
    Source,
    Workout,
)
from ojas.features.connections.service import resources, trail
from ojas.features.connections.service.shaping import (
    converted,
    instant,
    points_of,
    pressure_of,
    readings_of,
    recording_of,
    session_of,
    source_of,
    where,
    zones_of,
)
from ojas.features.connections.service.tally import Tally, keep_readings
from ojas.features.measurements import service as measurements
from ojas.features.measurements.service import Incoming
from ojas.features.signals import rules as signal
from ojas.features.signals import service as signals
from ojas.features.signals.schemas import SessionDraft
from ojas.kit import units
from ojas.kit.db import Tx
from ojas.kit.errors import Fault, Forbidden, Incorrect, NotFound
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
        rings: list[str] = []
        for item in items:
            tally.places += zones_of(item)
            match item:
                case Refused():
                    tally.refused.append(item)
                case Samples():
                    await self._samples(tx, item, readings, tally)
                case Categories():
                    await self._categories(tx, item, tally)
                case Pressure():
                    readings.append(pressure_of(item))
                case Workout():
                    await self._workout(tx, item, tally)
                case Electrocardiogram():
                    await self._recording(tx, item, tally)
                case Resource():
                    found.append(item)
                case Day():
                    rings.append(item.date)
                case Owner():
                    # Whose file it is, is no part of the record; that it is another's must be said.
                    told = {"birthDate": item.birth_date, "gender": item.sex}
                    tally.warnings += await resources.doubts(tx, self.person_id, told)
        if rings:
            tally.refused.append(Refused(RINGS, f"ActivitySummary · {min(rings)} – {max(rings)}", len(rings)))
        if readings:
            await keep_readings(tx, self.person_id, readings, self._source, tally)
        if found:
            await resources.keep(tx, self.person_id, found, self._source, tally)
        return tally

    async def _samples(self, tx: Tx, item: Samples, readings: list[Incoming], tally: Tally) -> None:
        if (kind := signal.HEALTHKIT.get(item.type)) is not None:
            await self._signal(tx, item, kind, tally)
        elif (reading := measurements.kind_of_healthkit(item.type)) is not None:
            readings += readings_of(item, reading.name)
        else:
            tally.refused.append(_not_kept(item.type, item.start, len(item)))

    async def _signal(self, tx: Tx, item: Samples, kind: signal.Kind, tally: Tally) -> None:
        value = converted(item.value, item.unit, kind.unit)
        if value is None:
            fault = Fault(UNFIT, params={"unit": units.symbol(item.unit) or item.unit})
            tally.refused.append(Refused(fault, where(item.type, item.start[0]), len(item)))
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
            Refused(Fault(signal.REASONS[reason]), where(item.type, item.start[row]))
            for row, reason in outcome.refused
        ]

    async def _meet(self, tx: Tx, source: Source, tally: Tally) -> UUID:
        source_id = await signals.meet(tx, self.person_id, source_of(source, self.vendor))
        tally.told["source", source_id] = None
        return source_id

    async def _workout(self, tx: Tx, item: Workout, tally: Tally) -> None:
        place = f"{item.activity} · {item.start:%Y-%m-%d %H:%M:%S %z}"
        try:
            draft = session_of(item, await self._meet(tx, item.source, tally))
        except (ValidationError, Incorrect):
            tally.refused.append(Refused(UNTRUE, place))
            return
        session_id = await self._session(tx, draft, tally)
        if item.route is not None:
            try:
                await signals.put_route(tx, self.person_id, session_id, points_of(item.route))
            except Forbidden as refusal:  # the person has not agreed that places are kept; the workout stays
                tally.refused.append(Refused(refusal.fault, place))
        tally.taken["workout"] += 1

    async def _session(self, tx: Tx, draft: SessionDraft, tally: Tally) -> UUID:
        session_id = signals.session_id(self.person_id, draft)
        try:
            known = await signals.SESSIONS.read(tx, self.person_id, session_id)
        except NotFound:
            known = None
        if known is None or not await trail.is_own(tx, self.person_id, known):
            await signals.keep_session(tx, self.person_id, draft)
        tally.told["session", session_id] = draft.model_dump_json().encode()
        return session_id

    async def _recording(self, tx: Tx, item: Electrocardiogram, tally: Tally) -> None:
        trace = signal.Trace(item.rate, item.microvolts)
        try:
            trace.check()
            draft = recording_of(item, await self._meet(tx, item.source, tally))
        except (ValidationError, Incorrect):
            tally.refused.append(Refused(NO_HEART, f"ECG · {item.at:%Y-%m-%d %H:%M:%S %z}"))
            return
        await signals.put_trace(tx, self.person_id, await self._session(tx, draft, tally), trace)
        tally.taken["ecg"] += 1

    async def _mindful(self, tx: Tx, item: Categories, tally: Tally) -> None:
        source_id = await self._meet(tx, item.source, tally)
        for start, end in zip(item.start, item.end, strict=True):
            draft = SessionDraft(
                kind="mindful", started_at=instant(start), ended_at=instant(end), source_id=source_id
            )
            await self._session(tx, draft, tally)
            tally.taken["mindful"] += 1


def _not_kept(type_: str, start: NDArray[np.int64], count: int) -> Refused:
    why = EATEN if type_.startswith("Dietary") else NOT_KEPT
    return Refused(Fault(why, params={"type": type_}), where(type_, start[0]), count)
