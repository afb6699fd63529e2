"""How many reminders a second reach a mail server, how soon after they are due, and does it grow with the schedules there are?

A letter leaves by SMTP, over a loopback socket, to a server that takes whatever comes (``bench/harness/letterbox.py``, in this
process); on the page the message stands besides. Two job processes (``ojas work``), the database and the mail server share the
machine. Each dose that falls due is another person's, so that nothing is grouped: one dose, one letter.

*Steady*: doses counted from the last one taken, for those are due at any moment, ``RATE`` of them a second.
*At one minute*: all of them at eight o'clock, as people's medicines are. *Three each*: the same, of a third of the persons.
The schedules that are not due lie beside them, five a person, made by COPY under real keys: 1 M in about a minute.
"""

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import psutil
import psycopg

from bench.harness import Bench, Stage, Times, stage
from bench.harness.letterbox import Letterbox
from bench.harness.patients import Patients
from ojas.kit.db import embedded

SIZES = (10_000, 100_000, 1_000_000)
RATE, SECONDS = 1000, 10
BURST = 20_000
WORKERS = 2
PATIENCE_S = 90.0


@dataclass(frozen=True)
class Run:
    """What one run came to: seconds from due to handed over, by letter; seconds of CPU; how long it took in all."""

    late: Times
    lasted: float
    workers: float
    database: float
    here: float

    @property
    def rate(self) -> float:
        return len(self.late.seconds) / self.lasted

    @property
    def cpu_ms(self) -> float:
        return 1e3 * (self.workers + self.database) / len(self.late.seconds)


async def run(bench: Bench) -> None:
    async with stage() as s, Letterbox.opened() as box:
        patients = Patients(s.cluster.dsn(embedded.KEEPER), s.database.keyring.master)
        before: Run | None = None
        for size in SIZES:
            patients.fill(size - RATE * SECONDS)
            async with working(s, box) as workers:
                found = await steady(patients, box, workers)
            tell(bench, f"steady, of {size:,} schedules", found, before)
            before = before or found
            looking(bench, s, size)
        async with working(s, box) as workers:
            await at_one_minute(bench, patients, box, workers)


async def steady(patients: Patients, box: Letterbox, workers: list[psutil.Process]) -> Run:
    begin = datetime.now(UTC) + timedelta(seconds=RATE * SECONDS / 2000 + 2)
    moments = [begin + timedelta(seconds=n / RATE) for n in range(RATE * SECONDS)]
    return await handed(patients, box, workers, patients.due_at(moments))


async def at_one_minute(
    bench: Bench, patients: Patients, box: Letterbox, workers: list[psutil.Process]
) -> None:
    for each, name in ((1, f"{BURST:,} at one minute"), (3, f"{BURST:,} at one minute, three each")):
        soon = datetime.now(UTC) + timedelta(seconds=BURST / 1500 + 5)
        minute = soon.replace(second=0, microsecond=0) + timedelta(minutes=1)
        found = await handed(patients, box, workers, patients.due_together(BURST // each, each, minute))
        doses = BURST // each * each
        bench.figure(f"{name}, doses handed over", doses / found.lasted, "1/s", at_least=1000)
        bench.figure(f"{name}, the last", found.late.quantile(1), "s")
        bench.figure(
            f"{name}, CPU of a dose, workers and database", found.cpu_ms * BURST // each / doses, "ms"
        )


async def handed(
    patients: Patients, box: Letterbox, workers: list[psutil.Process], due: dict[str, datetime]
) -> Run:
    """Wait until every letter is in the box."""
    box.empty()
    first = min(due.values()).timestamp()
    await asyncio.sleep(max(0, first - time.time() - 0.2))
    cpu, mine = spent(workers), time.process_time()
    database = patients.cpu()
    deadline = time.time() + PATIENCE_S + (max(due.values()).timestamp() - first)
    while len(box.at) < len(due):
        if time.time() > deadline:
            raise TimeoutError(f"{len(due) - len(box.at)} of {len(due)} letters did not come")
        await asyncio.sleep(0.05)
    late = [box.at[address] - moment.timestamp() for address, moment in due.items()]
    return Run(
        Times(late),
        max(box.at[address] for address in due) - first,
        spent(workers) - cpu,
        patients.cpu() - database,
        time.process_time() - mine,
    )


def tell(bench: Bench, name: str, found: Run, before: Run | None) -> None:
    bench.figure(f"{name}, handed over", found.rate, "1/s", at_least=0.95 * RATE)
    bench.figure(f"{name}, due to handed over, median", found.late.median, "s")
    bench.figure(f"{name}, due to handed over, 99 of 100 within", found.late.quantile(0.99), "s", at_most=2)
    reference = before.cpu_ms if before else None
    bench.figure(
        f"{name}, CPU of a reminder, workers and database",
        found.cpu_ms,
        "ms",
        reference=reference,
        ratio_at_most=1.25 if before else None,
    )
    bench.figure(f"{name}, of it the database", 1e3 * found.database / len(found.late.seconds), "ms")
    bench.figure(f"{name}, CPU of the mail server", 1e3 * found.here / len(found.late.seconds), "ms")


def looking(bench: Bench, s: Stage, size: int) -> None:
    """What a look costs the database that finds nothing."""
    query = "SELECT person_id, id FROM medicines WHERE next_due_at <= now() - interval '1 day' ORDER BY next_due_at LIMIT 100"
    with psycopg.connect(s.cluster.dsn(embedded.APP)) as connection:
        connection.execute("SET ojas.area = 'medications'")
        taken = []
        for _ in range(50):
            start = time.perf_counter()
            connection.execute(query, prepare=True).fetchall()
            taken.append(time.perf_counter() - start)
    bench.figure(
        f"a look that finds nothing, of {size:,} schedules", Times(taken).median * 1e3, "ms", at_most=5
    )


@asynccontextmanager
async def working(s: Stage, box: Letterbox) -> AsyncIterator[list[psutil.Process]]:
    """Job processes, as the command line starts them."""
    key = s.settings.master_key
    assert key is not None
    environment = os.environ | {
        "OJAS_HOME": str(s.settings.home),
        "OJAS_DATABASE_URL": s.cluster.dsn(embedded.APP),
        "OJAS_MASTER_KEY": key.get_secret_value(),
        "OJAS_SMTP_URL": f"smtp://127.0.0.1:{box.port}",
        "OJAS_LOG_LEVEL": "warning",
    }
    command = [sys.executable, "-m", "ojas.cli", "work"]
    started = [await asyncio.create_subprocess_exec(*command, env=environment) for _ in range(WORKERS)]
    try:
        await asyncio.sleep(3)  # they load
        yield [psutil.Process(one.pid) for one in started]
    finally:
        for one in started:
            one.terminate()
        for one in started:
            await one.wait()


def spent(processes: list[psutil.Process]) -> float:
    return sum(sum(process.cpu_times()[:2]) for process in processes)
