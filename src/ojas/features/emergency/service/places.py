"""In which country somebody is, and what they last measured."""

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from ojas.features.emergency.rules import numbers
from ojas.features.emergency.schemas import Vital
from ojas.features.identity import service as identity
from ojas.features.measurements import service as measurements
from ojas.features.signals import service as signals
from ojas.kit import clock, i18n
from ojas.kit.db import Access, Tx

VITALS = (
    "blood_pressure",
    "heart_rate",
    "resting_heart_rate",
    "oxygen_saturation",
    "respiratory_rate",
    "temperature",
    "blood_glucose",
)
_DEVICE = ("heart_rate", "oxygen_saturation", "respiratory_rate")
_RECENT = timedelta(days=7)
"""What is older says nothing of now."""


async def country_of(tx: Tx, person_id: UUID) -> str | None:
    """The letters of the person's country: as their address says, else by their clock, else by the reader's."""
    async with tx.acting(tx.access.joined(Access(may_read={"profile": frozenset({person_id})}))):
        profile = await identity.PROFILES.read(tx, person_id, person_id)
    if profile.address and (found := numbers.country_named(profile.address.country)):
        return found
    return numbers.country_of_zone(await identity.clocks_of(tx, person_id) or i18n.current().zone)


async def vitals_of(tx: Tx, person_id: UUID) -> tuple[Vital, ...]:
    """Vital signs of the last week, of readings and of devices, the newer of the two where both have one."""
    persons = frozenset({person_id})
    seen = Access(may_read={"measurements": persons, "signals": persons})
    async with tx.acting(tx.access.joined(seen)):
        found = {vital.kind: vital for vital in await _readings(tx, person_id)}
        for vital in await _samples(tx, person_id):
            if vital.kind not in found or found[vital.kind].at < vital.at:
                found[vital.kind] = vital
    since = clock.now() - _RECENT
    return tuple(found[kind] for kind in VITALS if kind in found and found[kind].at >= since)


async def _readings(tx: Tx, person_id: UUID) -> list[Vital]:
    latest = await measurements.latest(tx, person_id, VITALS)
    return [Vital(kind=kind, numbers=dict(one.numbers), at=one.effective_at) for kind, one in latest.items()]


async def _samples(tx: Tx, person_id: UUID) -> list[Vital]:
    found = []
    for kind in _DEVICE:
        if (last := await signals.latest(tx, person_id, kind)) is not None:
            part = measurements.CATALOGUE[kind].main
            exact = {part.name: round(Decimal(str(last[1])), 1)}
            found.append(Vital(kind=kind, numbers=exact, at=last[0], source="device"))
    return found
