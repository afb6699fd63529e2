from collections.abc import Iterator
from datetime import datetime
from typing import BinaryIO
from uuid import UUID

from ojas.features.connections.rules import Batch, Unreadable
from ojas.features.connections.vendors.archive import Archive, is_zip
from ojas.features.connections.vendors.fhir import files, reading
from ojas.kit.i18n import N_

NAME = "fhir"
LABEL = N_("Health record (FHIR)")
HINT = N_("A FHIR R4 file from a hospital, clinic or app: .json, .ndjson, or a .zip of them.")


def sniff(file: BinaryIO) -> bool:
    """Whether the file looks like FHIR, from its first bytes or the names in it."""
    head = files.head_of(file)
    if is_zip(head):
        try:
            return any(files.is_fhir(entry.filename) for entry in Archive(file).entries)
        except Unreadable:
            return False
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    return start[:1] in (b"{", b"[") or head.startswith(files.GZIP)


def shape() -> str:
    return f"1 {reading.THINGS}"


def read(file: BinaryIO, person_id: UUID, now: datetime) -> Iterator[Batch]:
    return reading.batches(file, person_id)
