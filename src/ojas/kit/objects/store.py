"""Put, read, delete: objects by name, each sealed for one place."""

import asyncio
import os
import re
import shutil
import time
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from io import BufferedReader
from pathlib import Path
from typing import Any

import obstore.store
from obstore.exceptions import BaseError

from ojas.kit.crypto import DataKey
from ojas.kit.errors import Incorrect, NotFound, TooLarge, Unavailable
from ojas.kit.objects.chunks import HEADER_BYTES, Layout, Sealer, version_of
from ojas.kit.objects.reader import ObjectReader

_NAME = re.compile(r"[A-Za-z0-9_-]+(/[A-Za-z0-9_-][A-Za-z0-9_.-]*)*")
_PART_BYTES = 8 * 2**20  # S3 takes at most 10,000 parts: objects up to 80 GB, in memory of three parts
_READ_BYTES = 2**20
_NO_ROOM = ("os error 28", "os error 122", "os error 27")  # ENOSPC, EDQUOT, EFBIG
_ABANDONED_S = 24 * 3600


@dataclass(frozen=True, slots=True)
class Stored:
    """What was put. The digest is of the content, and tells who has the same file: keep it sealed."""

    size: int
    sha256: bytes


class Object:
    """An object that was found, whose key opens it and whose end is whole."""

    def __init__(self, store: obstore.store.ObjectStore, name: str, layout: Layout) -> None:
        self._store = store
        self._name = name
        self._layout = layout
        self.size = layout.size

    async def read(self, start: int = 0, length: int | None = None) -> bytes:
        """Content from ``start``, at most ``length`` bytes; only the chunks that hold it are fetched."""
        end = self.size if length is None else min(start + length, self.size)
        if not 0 <= start < end:
            return b""
        step = self._layout.chunk_bytes
        first, after = start // step, -(-end // step)
        found = b"".join(self._layout.opened(first, await self._fetched(first, after - first)))
        return found[start - first * step : end - first * step]

    async def parts(self) -> AsyncIterator[bytes]:
        """All of the content, a chunk at a time, fetched about 1 MiB ahead."""
        ahead = max(1, _READ_BYTES // self._layout.chunk_bytes)
        for first in range(0, self._layout.chunks, ahead):
            for part in self._layout.opened(first, await self._fetched(first, ahead)):
                yield part

    async def check(self) -> None:
        """Open the last chunk: its flag says that the size is true."""
        last = self._layout.chunks - 1
        list(self._layout.opened(last, await self._fetched(last, 1)))

    async def _fetched(self, first: int, count: int) -> bytes:
        start, length = self._layout.span(first, count)
        with _told():
            return bytes(await self._store.get_range_async(self._name, start=start, length=length))


class Objects:
    """One store of objects. A name is letters, digits, hyphens and slashes: ``{person_id}/{object_id}``."""

    def __init__(self, store: obstore.store.ObjectStore, folder: Path | None = None) -> None:
        self._store = store
        self._folder = folder

    @classmethod
    def at(cls, url: str | None, home: Path) -> "Objects":
        """The store at ``url`` (s3://, gs://, az://, file://), or the folder ``objects`` of ``home``.

        Credentials of a cloud come from its usual environment variables.
        """
        if url is not None and not url.startswith("file://"):
            return cls(obstore.store.from_url(url))
        folder = home / "objects" if url is None else Path(url.removeprefix("file://"))
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as trouble:
            raise Unavailable(
                "The folder for files, {path}, cannot be made: {reason}.",
                path=folder,
                reason=trouble.strerror,
            ) from trouble
        return cls(obstore.store.LocalStore(folder, automatic_cleanup=True), folder)

    async def put(
        self,
        name: str,
        parts: AsyncIterable[bytes] | Iterable[bytes],
        key: DataKey,
        context: bytes,
        *,
        limit: int | None = None,
    ) -> Stored:
        """Seal and keep ``parts`` under ``name``: whole, or not at all if the source fails or is cancelled.

        Raises:
            TooLarge: there are more than ``limit`` bytes.
            Unavailable: the disk is full, or the store does not answer.
        """
        source = _Source(_checked(name), parts, limit)
        with _told():
            await self._store.put_async(
                name, source.sealed(Sealer(key, context)), chunk_size=_PART_BYTES, max_concurrency=2
            )
        if self._folder:
            await asyncio.to_thread(_sync, self._folder / name)
        return Stored(source.size, source.digest.digest())

    async def open(self, name: str, keys: Mapping[int, DataKey], context: bytes) -> Object:
        """
        Raises:
            NotFound: nothing has this name.
            ojas.kit.crypto.Unreadable: it was sealed for another place or with a key not held, or its end is
            gone.
        """
        with _told():
            found = await self._store.head_async(_checked(name))
            header = await self._store.get_range_async(name, start=0, end=min(HEADER_BYTES, found["size"]))
        layout = Layout.of(bytes(header), found["size"], keys, context)
        opened = Object(self._store, name, layout)
        await opened.check()
        return opened

    def reader(self, name: str, keys: Mapping[int, DataKey], context: bytes) -> BufferedReader:
        """The same as a file that seeks and reads, for libraries. Blocks: call it in a thread."""
        with _told():
            found = self._store.head(_checked(name))
            header = self._store.get_range(name, start=0, end=min(HEADER_BYTES, found["size"]))
        layout = Layout.of(bytes(header), found["size"], keys, context)
        return BufferedReader(ObjectReader(layout, self._fetch(name)), _READ_BYTES // 4)

    async def version(self, name: str) -> int:
        """Of the key that sealed it.

        Raises:
            NotFound: nothing has this name.
        """
        with _told():
            header = await self._store.get_range_async(_checked(name), start=0, end=HEADER_BYTES)
        return version_of(bytes(header))

    async def reseal(self, name: str, keys: Mapping[int, DataKey], context: bytes) -> None:
        """Put it under the newest of ``keys``, whole or not at all."""
        found = await self.open(name, keys, context)
        await self.put(name, found.parts(), keys[max(keys)], context)

    async def delete(self, name: str) -> None:
        """Delete; what is not there is as good as deleted."""
        try:
            await self._store.delete_async(_checked(name))
        except FileNotFoundError:
            return
        except BaseError as trouble:
            raise _refusal(trouble) from trouble

    async def names(self, prefix: str) -> list[str]:
        """Every object under ``prefix/``."""
        with _told():
            listed = self._store.list(_checked(prefix) + "/", chunk_size=1000)
            return [found["path"] async for some in listed for found in some]

    async def delete_all(self, prefix: str) -> int:
        """Delete every object under ``prefix/``, and what was left half-written. Answers how many there were."""
        names = await self.names(prefix)
        for name in names:
            await self.delete(name)
        if self._folder:
            await asyncio.to_thread(shutil.rmtree, self._folder / prefix, ignore_errors=True)
        return len(names)

    def sweep(self) -> int:
        """Delete what killed processes left half-written in the folder a day ago. Answers how many there
        were.

        Buckets do this themselves, by a rule for incomplete uploads.
        """
        before = time.time() - _ABANDONED_S
        drafts = self._folder.rglob("*#*") if self._folder else ()
        old = [draft for draft in drafts if draft.stat().st_mtime < before]
        for draft in old:
            draft.unlink(missing_ok=True)
        return len(old)

    def _fetch(self, name: str) -> Callable[[int, int], bytes]:
        def fetch(start: int, length: int) -> bytes:
            with _told():
                return bytes(self._store.get_range(name, start=start, length=length))

        return fetch


class _Source:
    """Counts, digests and seals what comes, and hands it on in pieces of about 1 MiB."""

    def __init__(self, name: str, parts: AsyncIterable[bytes] | Iterable[bytes], limit: int | None) -> None:
        self.name = name
        self.size = 0
        self.digest = sha256()
        self._parts = parts if isinstance(parts, AsyncIterable) else _in_thread(parts)
        self._limit = limit

    async def sealed(self, sealer: Sealer) -> AsyncIterator[bytes]:
        yield sealer.header
        ready = bytearray()
        async for part in self._parts:
            self._count(part)
            for start in range(0, len(part), _READ_BYTES):
                ready += sealer.add(part[start : start + _READ_BYTES])
                if len(ready) >= _READ_BYTES:
                    yield bytes(ready)
                    ready.clear()
        yield bytes(ready) + sealer.close()

    def _count(self, part: bytes) -> None:
        self.size += len(part)
        if self._limit is not None and self.size > self._limit:
            raise TooLarge("A file may have {limit} MB at most.", limit=self._limit // 10**6)
        self.digest.update(part)


async def _in_thread(parts: Iterable[bytes]) -> AsyncIterator[bytes]:
    source: Iterator[bytes] = iter(parts)
    while (part := await asyncio.to_thread(next, source, None)) is not None:
        yield part


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise Incorrect("This is not a name of a file kept here.")
    return name


def _sync(path: Path) -> None:
    for each in (path, path.parent):
        handle = os.open(each, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextmanager
def _told() -> Iterator[None]:
    """Turns what the store says into a refusal."""
    try:
        yield
    except FileNotFoundError as trouble:
        raise NotFound("This file is not kept here any more.") from trouble
    except BaseError as trouble:
        raise _refusal(trouble) from trouble


def _refusal(trouble: Any) -> Unavailable:
    if any(number in str(trouble) for number in _NO_ROOM):
        return Unavailable("There is no room left for files. Free some space, then try again.")
    return Unavailable("The store of files does not answer. Try again in a while.")
