"""How long from a dangerous reading until its alarm is in the hands of a channel, while 200 readings a second arrive?

Readings come in at a fixed pace, whether the last one is answered or not, by the service's own REST interface, each of somebody
of the persons in turn; one in twenty is dangerous, of somebody who had no alarm yet. The worker is a process of its own, as in
earnest, and so is the mail server, which notes when a letter was handed to it. Beside it the same with a job for each write
(decision 2), in place of a look that is claimed (decision 26).
"""

import asyncio
import multiprocessing
import socket
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from datetime import timedelta
from itertools import cycle
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from bench.harness import Bench, Member, Stage, Times, call, stage
from ojas.features.alarms.service import CALL, LOOK, watching
from ojas.features.alarms.service.judging import judge, known
from ojas.features.identity import service as identity
from ojas.house import features, settle
from ojas.kit import clock, events, logs
from ojas.kit.db import Access, embedded
from ojas.kit.jobs import Context, catch_up, job, wake
from ojas.kit.jobs import run as run_jobs
from ojas.kit.settings import Settings
from ojas.worker import work

RATE = 200
SECONDS = 10
DANGEROUS = 20
"""One in so many."""
CLIENTS = 8
"""At once. What waits for one of them waits on our account: time counts from when a reading was to be sent."""
WAIT_S = 60


async def run(bench: Bench) -> None:
    await _costs(bench)
    for name, by_jobs in (("", False), (", by a job a write", True)):
        async with stage() as s:
            found, after, posted = await _measured(s, by_jobs=by_jobs)
        for share, label in ((0.5, "half"), (0.99, "99 of 100")):
            target = {"at_most": 500.0} if not by_jobs and share == 0.99 else {}
            figure = f"reading posted → letter handed over, {label} within{name}"
            bench.figure(figure, 1e3 * found.quantile(share), "ms", **target)
        # Where the machine is busy the first waits for the web process, which is not the alarms' doing; this does not.
        answered = f"reading answered → letter handed over, 99 of 100 within{name}"
        bench.figure(answered, 1e3 * after.quantile(0.99), "ms")
        bench.figure(f"alarms{name}", len(found.seconds), "")
        bench.figure(f"readings a second{name}", posted.rate, "/s")
        bench.figure(f"a reading answered, 99 of 100 within{name}", 1e3 * posted.times.quantile(0.99), "ms")


async def _costs(bench: Bench) -> None:
    """What judging a reading costs the worker's processor: the same at any hour, however busy the machine."""
    async with stage() as s:
        members = [await s.member(f"Asha {n}") for n in range(25)]
        await s.work_off()
        context = Context(s.database)
        worked: dict[bool, list[float]] = {False: [], True: []}
        for turn in range(4):
            for by_jobs in (False, True):
                with _by_jobs(on=by_jobs):
                    for member in members:
                        await _reading(s, member, 124 + turn)
                    start = time.process_time()
                    if by_jobs:
                        await run_jobs(context, [JUDGE], wait=False)
                    else:
                        await catch_up(context, [LOOK])
                    worked[by_jobs].append((time.process_time() - start) / len(members))
        look, job_s = (Times(worked[by_jobs][1:]).median * 1e3 for by_jobs in (False, True))
        bench.figure(
            "the worker's processor to judge a reading, against a job a write", look, "ms", reference=job_s
        )


class Posted:
    def __init__(self, times: Times, rate: float) -> None:
        self.times, self.rate = times, rate


async def _measured(s: Stage, *, by_jobs: bool) -> tuple[Times, Times, Posted]:
    """How long each alarm took to its letter, from when its reading was to be sent, and from its answer; and each answer."""
    with _mail() as (port, letters), _by_jobs(on=by_jobs):
        async with _worker(s, port, by_jobs=by_jobs):
            calm = [await _member(s, f"calm{n}") for n in range(50)]
            ill = [await _member(s, f"ill{n}") for n in range(RATE * SECONDS // DANGEROUS)]
            await _warm(s, calm, letters)
            begun, answered, posted = await _post(s, calm, [member for member, _address in ill])
            arrived = await _letters(letters, {address for _member, address in ill})
    taken = [arrived[address] - begun[member.person_id] for member, address in ill if address in arrived]
    missing = len(ill) - len(taken)
    assert not missing, f"{missing} alarms never arrived"
    after = [max(0.0, arrived[address] - answered[member.person_id]) for member, address in ill]
    return Times(taken), Times(after), posted


async def _member(s: Stage, name: str) -> tuple[Member, str]:
    """Somebody signed in, and the address their letters go to."""
    member = await s.member(name)
    async with s.database.transaction(Access.system("alarms")) as tx:
        found = await identity.recipients(tx, [member.account_id])
    address = found[member.account_id].email
    assert address
    return member, address


async def _warm(s: Stage, calm: list[tuple[Member, str]], letters: Any) -> None:
    """Everybody has measured before; and one alarm, so that the worker has done everything once."""
    for member, _address in calm:
        await _reading(s, member, 124)
    first, address = await _member(s, "first")
    await _reading(s, first, 200)
    await _letters(letters, {address})


async def _post(
    s: Stage, calm: list[tuple[Member, str]], ill: list[Member]
) -> tuple[dict[UUID, float], dict[UUID, float], Posted]:
    """At a fixed pace; when each dangerous reading was to be sent and was answered, and how long every one took."""
    begun: dict[UUID, float] = {}
    answered: dict[UUID, float] = {}
    times: list[float] = []
    sick, well = iter(ill), cycle(member for member, _address in calm)

    gate = asyncio.Semaphore(CLIENTS)

    async def one(member: Member, systolic: int) -> None:
        start = time.time()
        if systolic > 180:
            begun[member.person_id] = start
        async with gate:
            await _reading(s, member, systolic)
        answered[member.person_id] = time.time()
        times.append(time.time() - start)

    async with asyncio.TaskGroup() as group:
        start = time.perf_counter()
        for n in range(RATE * SECONDS):
            await asyncio.sleep(max(0.0, start + n / RATE - time.perf_counter()))
            dangerous = n % DANGEROUS == 0
            group.create_task(one(next(sick if dangerous else well), 192 if dangerous else 126))
    return begun, answered, Posted(Times(times), RATE * SECONDS / (time.perf_counter() - start))


async def _reading(s: Stage, member: Member, systolic: int) -> None:
    entry = {
        "kind": "blood_pressure",
        "effective_at": (clock.now() - timedelta(seconds=1)).isoformat(),
        "unit": "mm[Hg]",
        "systolic": systolic,
        "diastolic": 82,
        "confirmed": True,
    }
    status, body = await call(
        s.app,
        "POST",
        f"/api/v1/people/{member.person_id}/readings",
        headers={**member.headers, "content-type": "application/json"},
        body=orjson.dumps(entry),
    )
    assert status == 201, body


async def _letters(letters: Any, wanted: set[str]) -> dict[str, float]:
    """When the first letter to each address was handed over, by the clock on the wall."""
    found: dict[str, float] = {}
    until = time.monotonic() + WAIT_S
    while wanted - found.keys() and time.monotonic() < until:
        while letters.poll():
            address, at = letters.recv()
            found.setdefault(address, at)
        await asyncio.sleep(0.05)
    return found


# ------------------------------------------------------------------ the other processes


@contextmanager
def _mail() -> Iterator[tuple[int, Any]]:
    """A mail server that takes everything and notes when: its port, and a pipe that tells."""
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    ours, theirs = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("spawn").Process(
        target=_take_letters, args=(port, theirs), daemon=True
    )
    process.start()
    until = time.monotonic() + WAIT_S
    while time.monotonic() < until:
        with closing(socket.socket()) as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.1)
    yield port, ours
    process.terminate()
    process.join()


class _Keeper:
    def __init__(self, tell: Any) -> None:
        self.tell = tell

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  # aiosmtpd's name
        self.tell.send((envelope.rcpt_tos[0], time.time()))
        return "250 taken"


def _take_letters(port: int, tell: Any) -> None:
    Controller(_Keeper(tell), hostname="127.0.0.1", port=port).start()
    while True:
        time.sleep(60)


@asynccontextmanager
async def _worker(s: Stage, port: int, *, by_jobs: bool) -> AsyncIterator[None]:
    """The job process, as `ojas work` has it."""
    key = s.settings.master_key
    assert key is not None
    asked = (str(s.settings.home), key.get_secret_value(), s.cluster.dsn(embedded.APP), port, by_jobs)
    process = multiprocessing.get_context("spawn").Process(target=_work, args=asked, daemon=True)
    process.start()
    yield
    process.terminate()
    await asyncio.to_thread(process.join)


def _work(home: str, key: str, conninfo: str, port: int, by_jobs: bool) -> None:
    logs.configure("warning")
    settings = Settings(
        home=Path(home), master_key=key, smtp_url=f"smtp://127.0.0.1:{port}", log_level="warning"
    )  # type: ignore[arg-type, call-arg]
    features()
    settle()
    with _by_jobs(on=by_jobs):
        asyncio.run(work(settings, conninfo))


# ------------------------------------------------------------------ the other way


@job("bench.judge")
async def JUDGE(context: Context, person_id: UUID) -> None:  # noqa: N802  # a job, once it is declared
    """What a look does, for one write of one person."""
    now, persons = clock.now(), frozenset({person_id})
    async with context.database.transaction(Access.system("alarms")) as tx:
        await watching.see(tx, persons)
        await watching.queries.one_at_a_time(tx, persons)
        found = await judge(tx, await known(tx, persons, now), person_id, {"readings"}, now)
        if found.call:
            await wake(tx, CALL)


@contextmanager
def _by_jobs(*, on: bool) -> Iterator[None]:
    """Have a new reading defer a job, in place of asking for a look."""
    features()
    heeds = events._heeds["readings.created"]
    kept = list(heeds)
    if on:
        heeds.clear()
        events.listen("readings.created", JUDGE)
    yield
    if on:
        heeds.extend(kept)
        events._listeners["readings.created"].remove(JUDGE)
