"""How many reminders a second reach a mail server, how soon after they are due, and does it grow with the schedules there are?

A letter leaves by SMTP, over a loopback socket, to a server in this process that takes what comes (``harness/letterbox.py``);
on the page the message stands besides. Two job processes (``ojas work``), the database and the mail server share the machine.
Each dose that falls due is another person's, unless it says otherwise: one dose, one letter.

*Steady*: doses counted from the last one taken, for those are due at any moment. *At one minute*: all at the same, as people's
medicines are at eight. The schedules that are not due lie beside them, five a person: real rows under real keys, made by COPY.
"""

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bench.harness import Bench, Stage, Times, stage
from bench.harness.crew import Crew
from bench.harness.letterbox import Letterbox
from bench.harness.patients import Patients
from ojas.features.medications import queries
from ojas.features.medications.service.medicines import AREA
from ojas.kit.db import Access, embedded

WORKERS = 2
PATIENCE_S = 120.0


@dataclass(frozen=True)
class Plan:
    """Schedules in the database; doses a second, and for how many; doses at one minute."""

    sizes: tuple[int, ...] = (10_000, 100_000, 1_000_000)
    rate: int = 1000
    seconds: int = 10
    burst: int = 20_000


@dataclass(frozen=True)
class Run:
    """What one run came to, in seconds: from due to handed over, by letter; in all; of CPU."""

    late: Times
    lasted: float
    workers: float
    database: float
    here: float

    @property
    def letters(self) -> int:
        return len(self.late.seconds)

    @property
    def cpu_ms(self) -> float:
        """Of one letter, workers and database."""
        return 1e3 * (self.workers + self.database) / self.letters


async def run(bench: Bench, plan: Plan | None = None) -> None:
    plan = plan or Plan()
    async with stage() as s, Letterbox.opened() as box:
        patients = Patients(s.cluster.dsn(embedded.KEEPER), s.database.keyring.master)
        before: Run | None = None
        for size in plan.sizes:
            patients.fill(size - plan.rate * plan.seconds)
            async with Crew.at_work(s.settings, s.cluster, box.port, WORKERS) as crew:
                await crew.ready(patients.dsn)
                found = await steady(patients, box, crew, plan)
            tell(bench, f"steady, {plan.rate} a second, of {size:,} schedules", found, before, plan)
            before = before or found
            await looking(bench, s, size)
        async with Crew.at_work(s.settings, s.cluster, box.port, WORKERS) as crew:
            await crew.ready(patients.dsn)
            for each in (1, 3):
                await at_one_minute(bench, patients, box, crew, plan.burst // each, each)


async def steady(patients: Patients, box: Letterbox, crew: Crew, plan: Plan) -> Run:
    many = plan.rate * plan.seconds
    begin = datetime.now(UTC) + timedelta(seconds=many / 500 + 2)  # until then they are being made
    moments = [begin + timedelta(seconds=n / plan.rate) for n in range(many)]
    due = patients.due_at(moments)
    await asyncio.sleep(max(0.0, begin.timestamp() - time.time()))
    return await handed(patients, box, crew, lambda: due)


async def at_one_minute(
    bench: Bench, patients: Patients, box: Letterbox, crew: Crew, persons: int, each: int
) -> None:
    doses = persons * each
    found = await handed(patients, box, crew, lambda: patients.due_together(persons, each))
    name = f"{doses:,} at one minute" + (f", {each} each" if each > 1 else "")
    bench.figure(f"{name}, doses handed over", doses / found.lasted, "1/s", at_least=1000)
    bench.figure(f"{name}, the last after", found.late.quantile(1), "s")
    bench.figure(
        f"{name}, CPU of a dose, workers and database", found.cpu_ms * found.letters / doses, "ms", at_most=2
    )


async def handed(
    patients: Patients, box: Letterbox, crew: Crew, make: Callable[[], dict[str, datetime]]
) -> Run:
    """Let them be due, and wait until every letter is in the box."""
    box.empty()
    cpu, database = crew.cpu(), patients.cpu()
    due = await asyncio.to_thread(make)  # the box takes letters all the while
    first, here = min(due.values()).timestamp(), time.process_time()
    deadline = time.time() + PATIENCE_S + (max(due.values()).timestamp() - first)
    while len(box.at) < len(due):
        if time.time() > deadline:
            raise TimeoutError(
                f"{len(due) - len(box.at)} of {len(due)} letters did not come; deliveries: {patients.deliveries()}"
            )
        await asyncio.sleep(0.05)
    return Run(
        Times([box.at[address] - moment.timestamp() for address, moment in due.items()]),
        max(box.at.values()) - first,
        crew.cpu() - cpu,
        patients.cpu() - database,
        time.process_time() - here,
    )


def tell(bench: Bench, name: str, found: Run, before: Run | None, plan: Plan) -> None:
    each = 1e3 / found.letters
    bench.figure(f"{name}, handed over", found.letters / found.lasted, "1/s", at_least=0.9 * plan.rate)
    bench.figure(f"{name}, after being due, median", found.late.median, "s")
    bench.figure(f"{name}, after being due, 99 of 100 within", found.late.quantile(0.99), "s", at_most=2)
    bench.figure(
        f"{name}, CPU of a reminder, workers and database",
        found.cpu_ms,
        "ms",
        reference=before.cpu_ms if before else None,
        ratio_at_most=1.25 if before else None,
    )
    bench.figure(f"{name}, of it the database", found.database * each, "ms")
    bench.figure(f"{name}, CPU of the mail server", found.here * each, "ms")


async def looking(bench: Bench, s: Stage, size: int) -> None:
    """What a look costs that finds nothing: the service's own statement, for a time when nothing was due."""
    past = datetime.now(UTC) - timedelta(days=1)

    async def look() -> None:
        async with s.database.transaction(Access.system(AREA)) as tx:
            assert not await queries.claim_due(tx, past, 64)

    taken = await bench.measure(look, times=50)
    async with s.database.transaction(Access.system(AREA)) as tx:
        plan = await queries.plan_of_look(tx, past, 64)
    assert "medicines_due_index" in json.dumps(plan), "it must not read what is not due"
    touched = plan["Plan"]["Shared Hit Blocks"] + plan["Plan"]["Shared Read Blocks"]
    bench.figure(f"a look that finds nothing, of {size:,} schedules", taken.median * 1e3, "ms", at_most=5)
    bench.figure(f"a look that finds nothing, of {size:,} schedules, blocks", touched, "", at_most=16)
