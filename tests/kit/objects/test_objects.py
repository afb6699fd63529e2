"""Sealed files: whole or not there, opened by the right key in the right place, read anywhere."""

import asyncio
import hashlib
import io
import os
import stat
import subprocess
import sys
import time
import tracemalloc
import zipfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ojas.kit.crypto import DataKey, Unreadable
from ojas.kit.errors import Incorrect, NotFound, TooLarge, Unavailable
from ojas.kit.objects import Objects
from ojas.kit.objects.chunks import CHUNK_BYTES, HEADER_BYTES, Layout, Sealer

KEY = DataKey.new(2)
KEYS = {1: DataKey.new(1), 2: KEY}
SIZES = [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES, 3 * CHUNK_BYTES + 7]


@pytest.fixture
def objects(tmp_path: Path) -> Objects:
    return Objects.at(None, tmp_path)


def content(size: int) -> bytes:
    return hashlib.shake_256(b"ojas").digest(size)


async def slowly(whole: bytes, step: int = 10_000) -> AsyncIterator[bytes]:
    for start in range(0, len(whole), step):
        await asyncio.sleep(0)
        yield whole[start : start + step]


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def sealed(plaintext: bytes, context: bytes = b"place") -> bytes:
    sealer = Sealer(KEY, context)
    return sealer.header + sealer.add(plaintext) + sealer.close()


def opened(stored: bytes, context: bytes = b"place") -> bytes:
    layout = Layout.of(stored[:HEADER_BYTES], len(stored), KEYS, context)
    return b"".join(layout.opened(0, stored[HEADER_BYTES:]))


@pytest.mark.parametrize("size", SIZES)
async def test_what_is_put_is_read_again(objects: Objects, size: int) -> None:
    whole = content(size)
    stored = await objects.put("asha/1", slowly(whole), KEY, b"place")
    assert (stored.size, stored.sha256) == (size, hashlib.sha256(whole).digest())
    found = await objects.open("asha/1", KEYS, b"place")
    assert found.size == size
    assert b"".join([part async for part in found.parts()]) == whole == await found.read()


async def test_nothing_on_the_disk_can_be_read(objects: Objects, tmp_path: Path) -> None:
    await objects.put("asha/1", [b"amlodipine 5 mg " * 9000], KEY, b"place")
    (path,) = files(tmp_path)
    assert b"amlodipine" not in path.read_bytes()
    assert stat.S_IMODE((tmp_path / "objects").stat().st_mode) == 0o700


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(st.lists(st.binary(max_size=3 * CHUNK_BYTES), max_size=6))
def test_any_split_of_the_same_bytes_opens_to_the_same(parts: list[bytes]) -> None:
    sealer = Sealer(KEY, b"place")
    stored = sealer.header + b"".join(sealer.add(part) for part in parts) + sealer.close()
    assert opened(stored) == b"".join(parts)


@pytest.mark.parametrize("start", [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, 2 * CHUNK_BYTES + 5, 10**7])
@pytest.mark.parametrize("length", [None, 0, 1, CHUNK_BYTES, 10**7])
async def test_any_range_is_read(objects: Objects, start: int, length: int | None) -> None:
    whole = content(3 * CHUNK_BYTES + 11)
    await objects.put("asha/1", [whole], KEY, b"place")
    found = await objects.open("asha/1", KEYS, b"place")
    assert await found.read(start, length) == whole[start : None if length is None else start + length]


@settings(max_examples=60)
@given(st.integers(0, 2 * CHUNK_BYTES + 100), st.data())
def test_any_changed_bit_is_refused(size: int, data: st.DataObject) -> None:
    stored = bytearray(sealed(content(size)))
    bit = data.draw(st.integers(0, len(stored) * 8 - 1))
    stored[bit // 8] ^= 1 << bit % 8
    with pytest.raises(Unreadable):
        opened(bytes(stored))


@settings(max_examples=60)
@given(st.integers(1, 3 * CHUNK_BYTES), st.data())
def test_an_end_cut_off_is_refused(size: int, data: st.DataObject) -> None:
    stored = sealed(content(size))
    step = CHUNK_BYTES + 16
    at_a_chunk = st.sampled_from(range(HEADER_BYTES, len(stored), step))
    with pytest.raises(Unreadable):
        opened(stored[: data.draw(at_a_chunk | st.integers(0, len(stored) - 1))])


@pytest.mark.parametrize(
    "order", [(1, 0, 2, 3), (0, 0, 1, 2, 3), (0, 2, 3), (0, 1, 2, 3, 3), (3,), (0, 1, 3, 2)]
)
def test_chunks_moved_doubled_or_left_out_are_refused(order: tuple[int, ...]) -> None:
    stored, step = sealed(content(4 * CHUNK_BYTES)), CHUNK_BYTES + 16
    chunks = [stored[start : start + step] for start in range(HEADER_BYTES, len(stored), step)]
    assert len(chunks) == 4
    with pytest.raises(Unreadable):
        opened(stored[:HEADER_BYTES] + b"".join(chunks[n] for n in order))


async def test_an_object_cut_at_a_chunk_is_refused_before_anything_is_read(
    objects: Objects, tmp_path: Path
) -> None:
    await objects.put("asha/1", [content(3 * CHUNK_BYTES)], KEY, b"place")
    (path,) = files(tmp_path)
    os.truncate(path, HEADER_BYTES + 2 * (CHUNK_BYTES + 16))
    with pytest.raises(Unreadable):
        await objects.open("asha/1", KEYS, b"place")
    with pytest.raises(Unreadable):
        objects.reader("asha/1", KEYS, b"place")


async def test_another_place_or_key_opens_nothing(objects: Objects) -> None:
    await objects.put("asha/1", [b""], KEY, b"place")
    for keys, context in ((KEYS, b"elsewhere"), ({2: DataKey.new(2)}, b"place"), ({1: KEYS[1]}, b"place")):
        with pytest.raises(Unreadable):
            await objects.open("asha/1", keys, context)


async def test_two_objects_of_the_same_content_are_not_alike(objects: Objects, tmp_path: Path) -> None:
    for name in ("asha/1", "asha/2"):
        await objects.put(name, [content(100)], KEY, b"place")
    one, other = (path.read_bytes() for path in files(tmp_path))
    assert one[HEADER_BYTES:] != other[HEADER_BYTES:]


async def test_a_zip_is_read_in_place(objects: Objects) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("export.xml", content(300_000))
        archive.writestr("note.txt", "வணக்கம்")
    await objects.put("asha/1", slowly(made.getvalue()), KEY, b"place")

    def read() -> tuple[bytes, str]:
        with objects.reader("asha/1", KEYS, b"place") as file, zipfile.ZipFile(file) as archive:
            return archive.read("export.xml"), archive.read("note.txt").decode()

    assert await asyncio.to_thread(read) == (content(300_000), "வணக்கம்")


async def test_the_reader_behaves_as_a_file(objects: Objects) -> None:
    whole = content(2 * CHUNK_BYTES + 9)
    await objects.put("asha/1", [whole], KEY, b"place")
    with objects.reader("asha/1", KEYS, b"place") as file, io.BytesIO(whole) as expected:
        for offset, whence, length in ((0, 0, 5), (-9, 2, 100), (100, 0, 70_000), (-50, 1, 1), (9, 2, 4)):
            assert file.seek(offset, whence) == expected.seek(offset, whence)
            assert file.read(length) == expected.read(length)
        file.seek(0)
        assert file.read() == whole
        with pytest.raises((ValueError, OSError)):
            file.seek(-1)


async def test_a_source_that_fails_leaves_nothing(objects: Objects, tmp_path: Path) -> None:
    async def broken() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield content(2**20)
        raise ConnectionResetError("the sender went away")

    with pytest.raises(ConnectionResetError):
        await objects.put("asha/1", broken(), KEY, b"place")
    assert files(tmp_path) == []
    with pytest.raises(NotFound):
        await objects.open("asha/1", KEYS, b"place")


async def test_a_put_that_is_cancelled_leaves_nothing(objects: Objects, tmp_path: Path) -> None:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            await asyncio.sleep(0.001)
            yield content(2**20)

    task = asyncio.create_task(objects.put("asha/1", endless(), KEY, b"place"))
    await asyncio.sleep(0.2)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.sleep(0.2)
    assert files(tmp_path) == []


async def test_a_failed_put_leaves_what_was_there(objects: Objects) -> None:
    await objects.put("asha/1", [b"before"], KEY, b"place")
    with pytest.raises(TooLarge):
        await objects.put("asha/1", [content(2000)], KEY, b"place", limit=1000)
    assert await (await objects.open("asha/1", KEYS, b"place")).read() == b"before"


_FULL = """
import asyncio, resource, sys
from pathlib import Path
from ojas.kit.crypto import DataKey
from ojas.kit.errors import Unavailable
from ojas.kit.objects import Objects
objects = Objects.at(None, Path(sys.argv[1]))
resource.setrlimit(resource.RLIMIT_FSIZE, (2**20, 2**20))
try:
    asyncio.run(objects.put("asha/1", [bytes(2**20)] * 20, DataKey.new(1), b"place"))
except Unavailable as refused:
    print(refused)
"""


def test_a_full_disk_is_told_in_a_sentence_and_leaves_nothing(tmp_path: Path) -> None:
    """A limit on file size stands in for a full disk: the write fails in the same place."""
    command = [sys.executable, "-c", _FULL, str(tmp_path)]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert said.startswith("There is no room left for files.")
    assert files(tmp_path) == []


async def test_deleting_twice_is_as_good_as_once(objects: Objects, tmp_path: Path) -> None:
    await objects.put("asha/1", [b"x"], KEY, b"place")
    await objects.delete("asha/1")
    await objects.delete("asha/1")
    with pytest.raises(NotFound):
        await objects.open("asha/1", KEYS, b"place")
    assert list((tmp_path / "objects").iterdir()) == []


async def test_all_of_a_person_is_deleted_and_nobody_elses(objects: Objects) -> None:
    for name in ("asha/1", "asha/2", "ashalata/1"):
        await objects.put(name, [b"x"], KEY, b"place")
    assert await objects.delete_all("asha") == 2
    assert await objects.delete_all("asha") == 0
    await objects.open("ashalata/1", KEYS, b"place")


@pytest.mark.parametrize("name", ["", "/etc/passwd", "../x", "a/../b", "a//b", "a/.b", "a b", "a#1"])
async def test_a_name_that_leaves_the_folder_is_refused(objects: Objects, name: str) -> None:
    with pytest.raises(Incorrect):
        await objects.put(name, [b"x"], KEY, b"place")


async def test_a_store_that_does_not_answer_is_told_in_a_sentence() -> None:
    from obstore.store import S3Store

    nowhere = S3Store(
        "bucket", endpoint="http://127.0.0.1:9", region="x", access_key_id="x", secret_access_key="x",
        client_options={"allow_http": True}, retry_config={"max_retries": 0},
    )  # fmt: skip
    with pytest.raises(Unavailable, match="does not answer"):
        await Objects(nowhere).put("asha/1", [b"x"], KEY, b"place")


async def test_half_written_files_of_a_killed_process_are_swept_after_a_day(
    objects: Objects, tmp_path: Path
) -> None:
    await objects.put("asha/1", [b"x"], KEY, b"place")
    fresh, old = (tmp_path / "objects" / "asha" / name for name in ("2#1", "3#1"))
    fresh.write_bytes(b"x")
    old.write_bytes(b"x")
    os.utime(old, (time.time() - 90_000,) * 2)
    assert objects.sweep() == 1
    assert fresh.exists()
    await objects.open("asha/1", KEYS, b"place")


async def test_memory_stays_flat_however_large_the_file(objects: Objects) -> None:
    piece = content(2**20)

    def many() -> Iterator[bytes]:
        for _ in range(64):
            yield piece

    tracemalloc.start()
    try:
        await objects.put("asha/1", many(), KEY, b"place")
        found = await objects.open("asha/1", KEYS, b"place")
        assert sum([len(part) async for part in found.parts()]) == 64 * 2**20
        assert tracemalloc.get_traced_memory()[1] < 24 * 2**20
    finally:
        tracemalloc.stop()
