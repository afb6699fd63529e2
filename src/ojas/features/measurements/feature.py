"""Measurements, as it is plugged in."""

from collections.abc import AsyncIterator
from uuid import UUID

from ojas.features.measurements import api, pages, service
from ojas.kit.db import Tx
from ojas.kit.feature import ExportFile, Feature, NavItem
from ojas.kit.i18n import N_


async def export(tx: Tx, person_id: UUID) -> AsyncIterator[ExportFile]:
    """The readings once more, as other systems read them."""
    yield ExportFile("measurements/Observation.ndjson", service.observations(tx, person_id))


async def erase(tx: Tx, person_id: UUID) -> None:
    """What no collection lists: the keys of imported readings that were deleted."""
    await service.erase_keys(tx, person_id)


FEATURE = Feature(
    name="measurements",
    scopes={"measurements": N_("Readings: blood pressure, weight, sugar, laboratory values")},
    routers=(api.router, api.overrides),
    pages=pages.ROUTERS,
    navigation=(
        NavItem(N_("Add"), "/add", "plus", 30, scope="measurements", writes=True),
        NavItem(N_("Readings"), "/readings", "activity", 110, scope="measurements"),
    ),
    collections=(service.READINGS, service.OVERRIDES),
    erase=erase,
    export=export,
)
