"""How fast do whole lives in FHIR (Synthea bundles) come in, checked, sealed, listed and audited?"""

import asyncio
import gzip
import json
import tempfile
import time
from pathlib import Path
from uuid import UUID

import orjson
import psycopg

from bench.harness import Bench, Stage, stage
from ojas.features.connections import service
from ojas.kit.db import Access, embedded
from ojas.kit.ids import new_id

CORPUS = Path(__file__).parents[2] / "shared" / "corpora" / "fhir_synthea_r4" / "dev"

_HEAD = b'{"resourceType":"Bundle","type":"transaction","entry":['


async def run(bench: Bench) -> None:
    """Beside it, in the same run: the same resources as jsonb rows, one INSERT each, unchecked and in the clear."""
    lives = await asyncio.to_thread(_lives)
    if not lives:
        print("  needs the corpus fhir_synthea_r4 beside this checkout")
        return
    resources = [one for life in lives for one in life]
    async with stage() as house:
        plain = await asyncio.to_thread(_plain, house.cluster.dsn(embedded.OWNER), resources)
        rate = await _imported(house, lives)
        bench.figure("bundles imported", rate, "resources/s", reference=plain, at_least=1_000)
        again = await _imported(house, lives, twice=True)
        bench.figure("the same bundles again, nothing new", again, "resources/s")


def _lives() -> list[list[bytes]]:
    found = []
    for path in sorted(CORPUS.glob("*.json.gz")):
        bundle = json.loads(gzip.decompress(path.read_bytes()))
        found.append([orjson.dumps(entry) for entry in bundle["entry"]])
    return found


def _plain(dsn: str, resources: list[bytes]) -> float:
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("CREATE TEMP TABLE plain (id uuid PRIMARY KEY, body jsonb)")
        started = time.perf_counter()
        with connection.transaction():
            for one in resources:
                connection.execute("INSERT INTO plain VALUES (%s, %s)", (new_id(), one.decode()))
        return len(resources) / (time.perf_counter() - started)


async def _imported(house: Stage, lives: list[list[bytes]], *, twice: bool = False) -> float:
    """Each life into a person of its own; only the reading and storing is timed."""
    objects = house.app.state.house.objects
    seconds, count = 0.0, 0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bundle.json"
        for life in lives:
            await asyncio.to_thread(
                path.write_bytes,
                b'{"resourceType":"Bundle","type":"transaction","entry":[' + b",".join(life) + b"]}",
            )
            person_id = await house.person()
            for timed in (False, True) if twice else (True,):
                brought = await service.bring(house.database, objects, Access.of(person_id), person_id, path)
                started = time.perf_counter()
                await service.run_import(house.database, objects, person_id, brought.id)
                seconds += (time.perf_counter() - started) * timed
                await _whole(house, person_id, brought.id, len(life))
            count += len(life)
    return count / seconds


async def _whole(house: Stage, person_id: UUID, import_id: UUID, count: int) -> None:
    async with house.database.transaction(Access.of(person_id)) as tx:
        shown = await service.read(tx, person_id, import_id)
    kept = sum(n for name, n in shown.counts.items() if name[0].isupper())
    assert shown.state == "done", shown
    assert kept + shown.refused >= count, shown
