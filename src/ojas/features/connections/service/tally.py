"""What became of the things of a batch."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from ojas.features.connections.rules import Refused
from ojas.features.measurements import service as measurements
from ojas.features.measurements.service import Incoming
from ojas.features.signals.rules import Samples
from ojas.kit.db import Tx

Told = dict[tuple[str, UUID], bytes | None]
"""Things by sort and id; with what was told of them, where another import may tell it otherwise."""


@dataclass
class Tally:
    """What came in by kind, known things included, and what was refused; and what exactly was told, to be taken back."""

    taken: Counter[str] = field(default_factory=Counter)
    refused: list[Refused] = field(default_factory=list)
    told: Told = field(default_factory=dict)
    samples: list[tuple[UUID, str, Samples]] = field(default_factory=list)
    """With their source and kind."""
    places: list[tuple[datetime, str]] = field(default_factory=list)
    """In which zone the person was, when."""
    warnings: list[str] = field(default_factory=list)


async def keep_readings(
    tx: Tx, person_id: UUID, readings: Sequence[Incoming], source: str, tally: Tally
) -> None:
    """Hand readings to measurements, and count what they say."""
    outcome = await measurements.import_readings(tx, person_id, readings, source=source)
    tally.told.update((("reading", key), None) for key in outcome.keys)
    wrong = {place for place, _ in outcome.refused}
    tally.taken.update(reading.kind for place, reading in enumerate(readings) if place not in wrong)
    for place, fault in outcome.refused:
        reading = readings[place]
        tally.refused.append(Refused(fault, f"{reading.kind} · {reading.effective_at:%Y-%m-%d %H:%M:%S %z}"))
