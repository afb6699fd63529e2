"""How fast does an Apple Health export of 200 MB come in, and in how much memory?"""

import asyncio
import tempfile
import threading
import time
import zipfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID
from xml.etree import ElementTree

import psutil
from tests.builders import apple_health as apple

from bench.harness import Bench, Stage, stage
from ojas.features.connections import jobs, service
from ojas.features.connections.rules import Categories, Samples
from ojas.features.connections.vendors.apple_health import vendor
from ojas.kit.db import Access

SIZE = 200_000_000


async def run(bench: Bench) -> None:
    """Reading alone, then the whole way into the sealed store, the same file again, and what else runs meanwhile."""
    with tempfile.TemporaryDirectory() as folder:
        path = _made(Path(folder) / "export.zip")
        records, reference = _reading(bench, path)
        async with stage() as house:
            await _whole(bench, house, path, records, reference)


def _made(path: Path) -> Path:
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("apple_health_export/export.xml", "w", force_zip64=True) as entry,
    ):
        for piece in apple.stream(SIZE):
            entry.write(piece)
    return path


def _reading(bench: Bench, path: Path) -> tuple[int, float]:
    """The parser alone, beside the plainest loop the standard library allows over the same elements."""
    started, plain = time.perf_counter(), 0
    with zipfile.ZipFile(path) as archive, archive.open("apple_health_export/export.xml") as file:
        for _, element in ElementTree.iterparse(_Sound(file)):  # noqa: S314  # made by us
            plain += element.tag == "Record"
            element.clear()
    reference = plain / (time.perf_counter() - started)
    started, records = time.perf_counter(), 0
    with path.open("rb") as file:
        for batch in vendor.read(file, UUID(int=1), datetime.now(UTC)):
            records += sum(len(one) if isinstance(one, Samples | Categories) else 1 for one in batch.items)
    seconds = time.perf_counter() - started
    bench.figure("read into columns", records / seconds, "records/s", reference=reference, at_least=100_000)
    return plain, reference


class _Sound:
    """The file without its document type, which a plain parser cannot read."""

    def __init__(self, file: object) -> None:
        self._file = file
        self._head = self._file.read(1 << 20)  # type: ignore[attr-defined]
        self._head = self._head[self._head.index(b"<HealthData") :]

    def read(self, size: int) -> bytes:
        if self._head:
            head, self._head = self._head, b""
            return head
        return self._file.read(size)  # type: ignore[attr-defined, no-any-return]


async def _whole(bench: Bench, house: Stage, path: Path, records: int, reference: float) -> None:
    person_id = await house.person()
    objects = house.app.state.house.objects
    context = house.app.state.house
    idle = await _idle()
    started = time.perf_counter()
    size_mb = (await asyncio.to_thread(path.stat)).st_size / 1e6
    brought = await service.bring(house.database, objects, Access.of(person_id), person_id, path)
    bench.figure("sealed away as it arrives", size_mb / (time.perf_counter() - started), "MB/s")
    for name, target in (
        ("imported, sealed and stored", 100_000),
        ("imported a second time, nothing new", None),
    ):
        if target is None:
            brought = await service.bring(house.database, objects, Access.of(person_id), person_id, path)
        before = psutil.Process().memory_info().rss
        with _peak() as peak:
            async with _pauses() as pauses:
                started = time.perf_counter()
                await jobs.run_import.work(context, person_id=person_id, import_id=brought.id)
                seconds = time.perf_counter() - started
        async with house.database.transaction(Access.of(person_id)) as tx:
            shown = await service.read(tx, person_id, brought.id)
        assert shown.state == "done", shown
        bench.figure(name, records / seconds, "records/s", reference=reference, at_least=target)
        if target:
            bench.figure(
                "memory beyond what the process held before", (peak[0] - before) / 1e6, "MB", at_most=300
            )
            bench.figure("resident memory of the process, most", peak[0] / 1e6, "MB")
            bench.figure("others on the loop wait, p99", _late(pauses), "ms", reference=idle, at_most=50)


async def _idle() -> float:
    """How late sleepers wake with nothing else to do: what the machine itself costs at this hour."""
    async with _pauses() as pauses:
        await asyncio.sleep(3)
    return _late(pauses)


def _late(pauses: list[float]) -> float:
    ordered = sorted(pauses)
    return ordered[int(len(ordered) * 0.99)] * 1000


@contextmanager
def _peak() -> Iterator[list[int]]:
    """The most resident memory while it runs, looked at every 20 ms."""
    process, found, over = psutil.Process(), [0], threading.Event()

    def watch() -> None:
        while not over.wait(0.02):
            found[0] = max(found[0], process.memory_info().rss)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield found
    finally:
        over.set()
        watcher.join()


@asynccontextmanager
async def _pauses() -> AsyncIterator[list[float]]:
    """How much later than asked a sleeper on the same loop is woken, again and again."""
    found: list[float] = []

    async def sleeper() -> None:
        while True:
            before = time.perf_counter()
            await asyncio.sleep(0.01)
            found.append(time.perf_counter() - before - 0.01)

    task = asyncio.create_task(sleeper())
    try:
        yield found
    finally:
        task.cancel()
