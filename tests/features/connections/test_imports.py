"""A file comes in: once, whole, in flat memory, whatever happens on the way."""

from pathlib import Path
from uuid import UUID

import pytest

from ojas.features.connections import service
from ojas.features.connections.service import running
from ojas.features.measurements import service as measurements
from ojas.features.signals import service as signals
from ojas.kit.db import Access, Database
from ojas.kit.objects import Objects
from tests.builders import apple_health as apple
from tests.builders.apple_health import BEGIN, Export, record
from tests.features.connections.conftest import Importer, looked_at, sent


async def test_an_apple_export_comes_in_whole(whole: Importer, database: Database, person_id: UUID) -> None:
    ended = await whole(apple.days(3).zip())
    assert (ended.state, ended.vendor, ended.refused, ended.problem) == ("done", "apple_health", 0, None)
    assert ended.counts["heart_rate"] == 3 * 288
    assert ended.counts["blood_pressure"] == 3
    assert ended.counts["sleep"] == 21
    assert ended.progress.percent == 100
    async with database.transaction(Access.of(person_id)) as tx:
        kinds = {one.kind: one for one in await signals.overview(tx, person_id)}
        readings = await measurements.READINGS.page(tx, person_id, where={"kind": "blood_pressure"})
    assert kinds["heart_rate"].samples == 3 * 288
    assert len(kinds["steps"].streams) == 2
    assert len(readings.items) == 3
