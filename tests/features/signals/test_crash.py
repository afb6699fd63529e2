"""A process that dies in the middle of writing: what it acknowledged is there, and nothing by halves."""

import asyncio
import signal
import sys
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest

from ojas.features.signals import service
from ojas.features.signals.rules import DAY, KINDS
from ojas.kit import crypto
from ojas.kit.db import Access, Database, embedded

from .strategies import T0

WRITER = """
import asyncio, os, sys
from uuid import UUID
import numpy as np
from ojas.features.signals import service
from ojas.features.signals.schemas import Batch, SourceDraft
from ojas.house import features
from ojas.kit import crypto
from ojas.kit.db import Access, Database

async def main(dsn, person, start):
    features()
    database = Database(dsn, crypto.MasterKeys.parse(os.environ["MASTER"]))
    turn = 0
    while True:
        at = start + np.arange(400) * 1000.0 + turn * 400_000
        async with database.transaction(Access.of(person)) as tx:
            source = await service.meet(tx, person, SourceDraft(name="Watch"))
            await service.append(tx, person, source, "heart_rate", Batch(at, np.full(400, 70.0)))
        turn += 1
        print(turn, flush=True)  # acknowledged: only after the commit

asyncio.run(main(sys.argv[1], UUID(sys.argv[2]), int(sys.argv[3])))
"""


@pytest.mark.slow
async def test_what_was_acknowledged_before_a_kill_is_there_and_nothing_by_halves(
    database: Database, cluster: embedded.Cluster, master: crypto.MasterKeys, person_id: UUID, tmp_path: Path
) -> None:
    script = tmp_path / "writer.py"
    script.write_text(WRITER)
    start = T0 // DAY * DAY
    acknowledged = 0
    for _ in range(3):
        acknowledged = max(acknowledged, await _killed(script, cluster, master, person_id, start))
    async with database.transaction(Access.of(person_id)) as tx:
        found = (await service.read(tx, person_id, KINDS["heart_rate"], start, start + 100 * DAY)).samples
    assert acknowledged > 0
    assert len(found) % 400 == 0
    assert len(found) >= 400 * acknowledged
    assert np.array_equal(found.start, start + np.arange(len(found)) * 1000)


async def _killed(
    script: Path, cluster: embedded.Cluster, master: crypto.MasterKeys, person: UUID, start: int
) -> int:
    """Start a writer, kill it without warning, answer how many batches it had acknowledged."""
    writer = await asyncio.create_subprocess_exec(
        *(sys.executable, str(script), cluster.dsn(embedded.APP), str(person), str(start)),
        stdout=asyncio.subprocess.PIPE,
        env={"MASTER": master.dump(), "PATH": "/usr/bin:/bin"},
    )
    assert writer.stdout
    told = 0
    for _ in range(int(np.random.default_rng().integers(3, 12))):
        told = int(await writer.stdout.readline())
    writer.send_signal(signal.SIGKILL)
    rest = (await writer.stdout.read()).split()
    await writer.wait()
    return int(rest[-1]) if rest else told
