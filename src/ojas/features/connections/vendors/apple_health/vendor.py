from collections.abc import Iterator
from datetime import datetime
from typing import BinaryIO
from uuid import UUID
from zipfile import ZipInfo

from ojas.features.connections.rules import Batch, Unreadable
from ojas.features.connections.vendors.apple_health import reading
from ojas.features.connections.vendors.apple_health.reading import Reading
from ojas.features.connections.vendors.archive import CHUNK, Archive, chunks, is_zip
from ojas.kit.errors import Fault
from ojas.kit.i18n import N_

NAME = "apple_health"
LABEL = N_("Apple Health")
HINT = N_(
    "In the Health app on the iPhone: your picture, then Export All Health Data. Send the zip as it is."
)

CDA = Fault("This is the clinical copy of the export (CDA). Send export.zip, or export.xml out of it.")
NONE = Fault("The archive holds no Apple Health export.")

_HEAD = 1024 * 1024
_ROOT = b"<HealthData"


def sniff(file: BinaryIO) -> bool:
    file.seek(0)
    head = file.read(_HEAD)
    if not is_zip(head):
        return _is_export(head) or b"<ClinicalDocument" in head
    try:
        archive = Archive(file)
        return _main(archive) is not None or any(_is_xml(entry) for entry in archive.entries)
    except Unreadable:
        return False


def shape() -> str:
    return f"2 {reading.ROWS} {reading.THINGS} {reading.TRACES} {CHUNK}"


def read(file: BinaryIO, person_id: UUID, now: datetime) -> Iterator[Batch]:
    file.seek(0)
    head = file.read(_HEAD)
    if is_zip(head):
        archive = Archive(file)
        entry = _main(archive)
        if entry is None:
            raise Unreadable(NONE)
        with archive.open(entry) as stream:
            yield from Reading(archive, now, person_id).batches(chunks(stream), entry.file_size)
    elif not _is_export(head) and b"<ClinicalDocument" in head:
        raise Unreadable(CDA)
    else:
        total = file.seek(0, 2)
        file.seek(0)
        yield from Reading(None, now, person_id).batches(chunks(file), total)


def _main(archive: Archive) -> ZipInfo | None:
    """The export by what it holds: its name and its folder's follow the language of the phone."""
    for entry in sorted(filter(_is_xml, archive.entries), key=lambda entry: -entry.file_size):
        with archive.open(entry) as stream:
            if _is_export(stream.read(_HEAD)):
                return entry
    return None


def _is_xml(entry: ZipInfo) -> bool:
    return entry.filename.casefold().endswith(".xml") and not entry.filename.startswith("__MACOSX/")


def _is_export(head: bytes) -> bool:
    return _ROOT in head
