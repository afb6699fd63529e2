"""The vendors, one folder each and all alike: ``vendor.py`` says its name and label, knows its files and reads them."""

from collections.abc import Iterator
from datetime import datetime
from typing import BinaryIO, Protocol
from uuid import UUID

from ojas.features.connections.rules import Batch
from ojas.features.connections.vendors.apple_health import vendor as apple
from ojas.features.connections.vendors.archive import Archive, is_zip
from ojas.features.connections.vendors.fhir import vendor as fhir_r4


class Vendor(Protocol):
    NAME: str
    LABEL: str
    HINT: str
    """How a person gets the file."""

    def shape(self) -> str:
        """How its files fall into batches. Another shape than that of a checkpoint: the import begins anew."""
        ...

    def sniff(self, file: BinaryIO, /) -> bool:
        """Whether this is a file of the vendor's, without reading much of it. Never raises for a strange file."""
        ...

    def read(self, file: BinaryIO, person_id: UUID, now: datetime) -> Iterator[Batch]:
        """What is in it, in batches that are the same each time. Raises ``Unreadable`` where nothing can be read on.

        ``file`` can be sought in. Memory does not follow its size.
        """
        ...


VENDORS: tuple[Vendor, ...] = (apple, fhir_r4)


def recognise(file: BinaryIO) -> Vendor | None:
    """Whose file it is.

    Raises:
        Unreadable: it is an archive, but damaged.
    """
    found = next((vendor for vendor in VENDORS if vendor.sniff(file)), None)
    file.seek(0)
    if found is None and is_zip(file.read(4)):
        Archive(file)
    return found
