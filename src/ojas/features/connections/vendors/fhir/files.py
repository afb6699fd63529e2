"""The FHIR files in what was sent: the file itself, what a gzip holds, or each member of a zip."""

import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import BinaryIO

from ojas.features.connections.rules import Unreadable
from ojas.features.connections.vendors.archive import DAMAGED, RATIO, SMALL, SWOLLEN, Archive, is_zip
from ojas.features.connections.vendors.fhir.stream import Readable

ENDINGS = (".json", ".ndjson", ".jsonl")
GZIP = b"\x1f\x8b"


def _size_of(file: BinaryIO) -> int:
    return file.seek(0, io.SEEK_END)


def head_of(file: BinaryIO, size: int = 4096) -> bytes:
    file.seek(0)
    return file.read(size)


def members(file: BinaryIO) -> Iterator[tuple[str, AbstractContextManager[Readable]]]:
    """Name and content of each; the name is empty where there is but one."""
    head = head_of(file)
    if is_zip(head):
        archive = Archive(file)
        for entry in archive.entries:
            if is_fhir(entry.filename):
                yield entry.filename, archive.open(entry)
        return
    size = _size_of(file)
    file.seek(0)
    yield "", nullcontext(_Unpacked(file, size) if head.startswith(GZIP) else file)


def unpacked_size(file: BinaryIO) -> int:
    """Bytes there are to read; for a gzip a guess, since only the end of it would tell."""
    head = head_of(file)
    if is_zip(head):
        return sum(entry.file_size for entry in Archive(file).entries if is_fhir(entry.filename))
    return _size_of(file) * (10 if head.startswith(GZIP) else 1)


def is_fhir(name: str) -> bool:
    hidden = name.startswith("__MACOSX/") or name.rsplit("/", 1)[-1].startswith(".")
    return name.casefold().endswith(ENDINGS) and not hidden


class _Unpacked:
    """A gzip, unpacked while it is read and given up where it swells as a trap does."""

    def __init__(self, file: BinaryIO, packed: int):
        self._inner = gzip.GzipFile(fileobj=file)
        self._allowed = max(SMALL, RATIO * packed)

    def read(self, size: int, /) -> bytes:
        try:
            part = self._inner.read(size)
        except (EOFError, OSError, zlib.error) as error:
            raise Unreadable(DAMAGED) from error
        self._allowed -= len(part)
        if self._allowed < 0:
            raise Unreadable(SWOLLEN)
        return part
