"""A worker that is killed in the middle of an import."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar
from uuid import UUID

import pytest
from tests.cli.conftest import Run

from ojas.cli.ground import ground
from ojas.features.connections import service
from ojas.features.connections.schemas import ImportView
from ojas.features.identity import service as identity
from ojas.features.measurements import service as measurements
from ojas.features.record import service as records
from ojas.house import features, house
from ojas.kit.db import Access
from ojas.kit.http import House
from ojas.kit.ids import new_id
from ojas.kit.settings import Settings

T = TypeVar("T")


def inside(home: Path, work: Callable[[House], Awaitable[T]]) -> T:
    """Do something in a house, beside its own processes."""
    settings = Settings(home=home, log_level="warning")  # type: ignore[call-arg]

    async def open_and_work(conninfo: str) -> T:
        features()
        async with house(settings, conninfo) as opened:
            return await work(opened)

    with ground(settings) as found:
        return asyncio.run(open_and_work(found.app))


def newcomer(home: Path) -> UUID:
    async def create(opened: House) -> UUID:
        async with opened.database.transaction(Access.system("sign_in")) as tx:
            _, person_id = await identity.create_account(tx, email=f"{new_id().hex}@example.org", name="Asha")
        return person_id

    return inside(home, create)


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_a_worker_killed_in_the_middle_of_an_import_leaves_it_to_the_next(
    ojas: Run, home: Path, tmp_path: Path
) -> None:
    assert ojas("migrate").end()[0] == 0
    killed, spared = newcomer(home), newcomer(home)
    path = tmp_path / "record.ndjson"
    path.write_bytes(b"\n".join(_weights(8_000)))

    async def queue(opened: House) -> UUID:
        objects = opened.shared["objects"]
        return (await service.bring(opened.database, objects, Access.of(killed), killed, path)).id

    import_id = inside(home, queue)

    async def watch(opened: House) -> None:
        for _ in range(2):
            worker = ojas("work")
            begun = (await _shown(opened, killed, import_id)).taken
            while (shown := await _shown(opened, killed, import_id)).taken <= begun:
                assert shown.active
                assert worker.process.poll() is None, worker.end()
                await asyncio.sleep(0.05)
            worker.process.kill()
        assert (await _shown(opened, killed, import_id)).active, "it was too fast to be killed on the way"
        ojas("work")
        until = time.monotonic() + 120
        while (shown := await _shown(opened, killed, import_id)).active:
            assert time.monotonic() < until, shown
            await asyncio.sleep(0.2)

    inside(home, watch)
    assert ojas("import", str(path), "--person", str(spared)).end(120)[0] == 0
    ended, whole = (
        inside(home, lambda opened: _held(opened, killed)),
        inside(home, lambda o: _held(o, spared)),
    )
    assert ended == whole
    assert ended[0]["Observation"] == 8_000
    assert ended[1] == 8_000
    assert ended[2].taken == whole[2].taken == 16_000


def _weights(count: int) -> list[bytes]:
    def one(number: int) -> bytes:
        day = f"{2000 + number // 336}-{number // 28 % 12 + 1:02}-{number % 28 + 1:02}"
        coding = {"system": "http://loinc.org", "code": "29463-7"}
        quantity = {
            "value": 60 + number % 9,
            "unit": "kg",
            "system": "http://unitsofmeasure.org",
            "code": "kg",
        }
        return json.dumps(
            {
                "resourceType": "Observation",
                "id": f"w{number}",
                "status": "final",
                "code": {"coding": [coding]},
                "effectiveDateTime": f"{day}T08:00:00Z",
                "valueQuantity": quantity,
            }
        ).encode()

    return [one(number) for number in range(count)]


async def _shown(opened: House, person_id: UUID, import_id: UUID) -> ImportView:
    async with opened.database.transaction(Access.of(person_id)) as tx:
        return await service.read(tx, person_id, import_id)


async def _held(opened: House, person_id: UUID) -> tuple[dict[str, int], int, "Told"]:
    async with opened.database.transaction(Access.of(person_id)) as tx:
        readings = [one async for one in measurements.READINGS.export(tx, person_id)]
        [shown], _ = await service.page(tx, person_id)
        return await records.counts(tx, person_id), len(readings), Told(shown)


class Told:
    """What an import says of itself, but for when and of whom."""

    def __init__(self, shown: ImportView) -> None:
        self.state, self.taken, self.refused, self.counts = (
            shown.state,
            shown.taken,
            shown.refused,
            shown.counts,
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Told) and vars(self) == vars(other)

    def __hash__(self) -> int:
        return hash(self.taken)
