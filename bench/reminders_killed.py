"""Is any of 20,000 reminders lost, and how many come twice, while the job processes are killed at random?

SIGKILL to one of two job processes, at a moment of chance within three seconds after letters come (again), twenty times or
until all have come; another is started in its place. A letter that was on its way when its process died is sent again when its
lease ends, a minute later: these are the doubles.
"""

import asyncio
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import psycopg

from bench.harness import Bench, stage
from bench.harness.crew import Crew
from bench.harness.letterbox import Letterbox
from bench.harness.patients import Patients
from ojas.kit.db import embedded

COUNT = 20_000
KILLS = 20
WITHIN_S = 3.0
PATIENCE_S = 600.0


class Box(Protocol):
    """What took letters: the first to each address, and how many came again."""

    at: dict[str, float]
    again: int


@dataclass(frozen=True)
class Outcome:
    lasted: float
    kills: int
    lost: int
    doubles: int
    unsaid: int
    """Doses without a message of their own, or with more than one."""


async def run(bench: Bench) -> None:
    async with stage() as s, Letterbox.opened() as box:
        patients = Patients(s.cluster.dsn(embedded.KEEPER), s.database.keyring.master)
        async with Crew.at_work(s.settings, s.cluster, box.port, 2) as crew:
            found = await killed(patients, box, crew, COUNT, random.Random(26))
    bench.figure("job processes killed", found.kills, "")
    bench.figure("reminders lost", found.lost, "", at_most=0)
    bench.figure("reminders said never, or twice, on the page", found.unsaid, "", at_most=0)
    bench.figure("letters that came twice", found.doubles, "")
    bench.figure("letters that came twice, of 1,000", 1e3 * found.doubles / COUNT, "")
    bench.figure("until the last had come", found.lasted, "s")


async def killed(
    patients: Patients,
    box: Box,
    crew: Crew,
    count: int,
    chance: random.Random,
    *,
    kills: int = KILLS,
    within: float = WITHIN_S,
    pass_lease: bool = False,
) -> Outcome:
    """Let ``count`` reminders fall due, and kill until all have come, or nothing comes any more.

    ``pass_lease``: do not wait for the minute after which what a dead process held is due again, but set its clock back.
    """
    due = patients.due_together(count, 1)
    began = time.monotonic()
    before = 0
    while len(box.at) < len(due) and time.monotonic() < began + PATIENCE_S:
        await asyncio.sleep(0.05)
        if len(box.at) > before and crew.killed < kills:
            await asyncio.sleep(chance.uniform(0, within))
            await crew.kill(chance)
            before = len(box.at)
        elif crew.killed == kills and pass_lease:
            _pass_leases(patients)
    lasted = time.monotonic() - began
    await _all_settled(patients, pass_lease=pass_lease)
    lost = len(due.keys() - box.at.keys())
    return Outcome(lasted, crew.killed, lost, box.again, count - _said_once(patients, due))


def _pass_leases(patients: Patients) -> None:
    with psycopg.connect(patients.dsn, autocommit=True) as connection:
        connection.execute(
            "UPDATE deliveries SET due_at = now() WHERE state = 'waiting' AND tried_at < now() - interval '5 s'"
        )


async def _all_settled(patients: Patients, *, pass_lease: bool) -> None:
    """Until nothing is under way any more: what comes twice may come last."""
    deadline = time.monotonic() + 90
    with psycopg.connect(patients.dsn, autocommit=True) as connection:
        while time.monotonic() < deadline:
            waiting = connection.execute("SELECT count(*) FROM deliveries WHERE state = 'waiting'").fetchone()
            if waiting == (0,):
                return
            if pass_lease:
                _pass_leases(patients)
            await asyncio.sleep(0.5)


def _said_once(patients: Patients, due: Mapping[str, datetime]) -> int:
    query = (
        "SELECT count(*) FROM (SELECT person_id FROM messages WHERE kind = 'medications.dose'"
        " AND key LIKE '%:0' GROUP BY person_id HAVING count(*) = 1) AS once"
    )
    with psycopg.connect(patients.dsn) as connection:
        row = connection.execute(query).fetchone()
    assert row is not None
    return min(int(row[0]), len(due))
