"""Workers that are killed without warning while alarms are raised and climb: nobody's danger is lost, every step is said."""

import asyncio
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from ojas.kit import crypto
from ojas.kit.db import Access, Database, embedded
from tests.features.sharing.cast import Somebody, somebody

from .living import enter, look, messages, open_alarms, pressure, whole

PERSONS = 40
KILLS = 8
WORKERS = """
import asyncio, os, random, signal, sys, time
from ojas.features.alarms.service import CALL, LOOK
from ojas.house import features
from ojas.kit import crypto
from ojas.kit.db import Database
from ojas.kit.jobs import Context, beat

async def work(dsn):
    await beat(Context(Database(dsn, crypto.MasterKeys.parse(os.environ["MASTER"]))), [LOOK, CALL])

features()
for _ in range(int(sys.argv[2])):
    child = os.fork()
    if not child:
        asyncio.run(work(sys.argv[1]))
    time.sleep(random.uniform(0.1, 0.7))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
"""


@pytest.mark.slow
async def test_a_worker_killed_while_alarms_climb_loses_no_alarm_and_no_step(
    database: Database, cluster: embedded.Cluster, master: crypto.MasterKeys, tmp_path: Path
) -> None:
    cast = [await somebody(database, f"Asha {n}") for n in range(PERSONS)]
    for who in cast[: PERSONS // 2]:
        await enter(who, pressure(192, ago=timedelta(seconds=5)))
    await look(database)
    await _climb(database, cast[: PERSONS // 2])
    killing = asyncio.create_task(_killed(cluster, master, tmp_path))
    for who in cast[PERSONS // 2 :]:
        await enter(who, pressure(193, ago=timedelta(seconds=5)))
        await asyncio.sleep(0.05)
    await killing
    await look(database)
    doubled = 0
    for n, who in enumerate(cast):
        [alarm] = await open_alarms(who)
        became = Counter(one.change.value for one in (await whole(who, alarm.id)).changes)
        steps = 2 if n < PERSONS // 2 else 1
        told = len(await messages(who))
        assert became["raised"] == 1
        assert became["told"] >= steps
        assert told >= steps
        doubled += told - steps
    assert not doubled, "what is said, and that it was said, are one transaction"


async def _climb(database: Database, cast: list[Somebody]) -> None:
    """The next step of each comes due within the next seconds, one after the other."""
    async with database.transaction(Access.system("alarms")) as tx:
        await tx.session.execute(
            text(
                "UPDATE alarms a SET begun_at = a.begun_at - interval '10 minutes' + n.n * interval '0.15 s',"
                " call_at = now() + n.n * interval '0.15 s' FROM (SELECT person_id, row_number() OVER () AS n FROM alarms"
                " WHERE person_id = ANY(:persons)) n WHERE n.person_id = a.person_id"
            ),
            {"persons": [who.person_id for who in cast]},
        )


async def _killed(cluster: embedded.Cluster, master: crypto.MasterKeys, folder: Path) -> None:
    script = folder / "workers.py"
    script.write_text(WORKERS)
    workers = await asyncio.create_subprocess_exec(
        *(sys.executable, str(script), cluster.dsn(embedded.APP), str(KILLS)),
        env={"MASTER": master.dump(), "PATH": "/usr/bin:/bin"},
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert await workers.wait() == 0
