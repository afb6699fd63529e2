"""Zip files from strangers: nothing is unpacked to disk, and nothing is believed that the header claims."""

import posixpath
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, BinaryIO

from ojas.features.connections.rules import Unreadable
from ojas.kit.errors import Fault

ENTRIES = 500_000
UNPACKED = 64 * 2**30
"""Bytes one entry may hold. Exports of ten years with a watch reach 5 GB."""
RATIO = 200
"""Deflate reaches 1,032; health exports reach 30. Only entries beyond ``SMALL`` are judged by it."""
SMALL = 32 * 2**20
CHUNK = 256 * 1024

DAMAGED = Fault("The archive is damaged or was cut off on its way. Export it again and send the whole file.")
LOCKED = Fault("The archive is protected by a password. Send it without one.")
SWOLLEN = Fault("The archive would unfold to far more than it holds, as a trap does. It was not opened.")
CROWDED = Fault("The archive holds more than {limit} files.", params={"limit": ENTRIES})

BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, RuntimeError, ValueError)
"""What the standard library raises on damaged or hostile archives."""


def is_zip(head: bytes) -> bool:
    return head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08"))


class Archive:
    """The files in a zip, by the last part of their path or the whole of it."""

    def __init__(self, file: BinaryIO):
        try:
            self._zip = zipfile.ZipFile(file)
        except BROKEN as error:
            raise Unreadable(DAMAGED) from error
        entries = self._zip.infolist()
        if len(entries) > ENTRIES:
            raise Unreadable(CROWDED)
        # Against the file, not against what entries say they take: they may all point at the same bytes.
        unpacked = sum(entry.file_size for entry in entries)
        if unpacked > 8 * SMALL and unpacked > RATIO * file.seek(0, 2):
            raise Unreadable(SWOLLEN)
        self.entries = [entry for entry in entries if not entry.is_dir() and inside(entry.filename)]
        self.outside = [entry.filename for entry in entries if not inside(entry.filename)]
        self._by_tail = {_tail(entry.filename): entry for entry in self.entries}

    def find(self, path: str) -> zipfile.ZipInfo | None:
        """The entry a path inside the file refers to; the folders above differ between exports and languages."""
        return self._by_tail.get(_tail(path)) if inside(path.lstrip("/")) else None

    @contextmanager
    def open(self, entry: zipfile.ZipInfo) -> Iterator["Stream"]:
        _judge(entry)
        try:
            stream = self._zip.open(entry)
        except BROKEN as error:
            raise Unreadable(DAMAGED) from error
        with stream:
            yield Stream(stream)

    def read(self, entry: zipfile.ZipInfo, limit: int) -> bytes:
        """The whole of a small entry, at most ``limit`` bytes."""
        with self.open(entry) as stream:
            content = stream.read(limit + 1)
        if len(content) > limit:
            raise Unreadable(
                Fault("The file {name} is larger than it may be.", params={"name": entry.filename})
            )
        return content


class Stream:
    """Reads an entry; what the decompressor raises becomes a refusal, what the caller raises stays what it is."""

    def __init__(self, inner: IO[bytes]):
        self._inner = inner

    def read(self, size: int) -> bytes:
        """Exactly ``size`` bytes, fewer only at the end."""
        parts: list[bytes] = []
        while size > 0:
            try:
                part = self._inner.read(size)
            except BROKEN as error:
                raise Unreadable(DAMAGED) from error
            if not part:
                break
            parts.append(part)
            size -= len(part)
        return b"".join(parts)


def chunks(stream: Stream | IO[bytes], size: int = CHUNK) -> Iterator[bytes]:
    while chunk := stream.read(size):
        yield chunk


def inside(name: str) -> bool:
    """False for a name that points out of the archive."""
    path = name.replace("\\", "/")
    drive = len(path) > 1 and path[1] == ":"
    return not (path.startswith("/") or drive or ".." in path.split("/") or "\0" in path)


def _tail(path: str) -> str:
    """The last folder and the name: ``workout-routes/route_1.gpx``."""
    return "/".join(posixpath.normpath(path.replace("\\", "/")).split("/")[-2:]).casefold()


def _judge(entry: zipfile.ZipInfo) -> None:
    if entry.flag_bits & 0x1:
        raise Unreadable(LOCKED)
    swollen = entry.file_size > SMALL and entry.file_size > RATIO * max(entry.compress_size, 1)
    if swollen or entry.file_size > UNPACKED:
        raise Unreadable(SWOLLEN)
