"""Sealing what a FHIR resource says, and opening it: compressed, since JSON repeats itself (a fifth of the size is left)."""

from typing import TYPE_CHECKING
from uuid import UUID

import zstandard

from ojas.features.record.models import FhirResource, FhirVersion

if TYPE_CHECKING:
    from ojas.kit.db.keyring import PersonKeys

LARGEST = 256 * 2**20
"""A resource that unfolds beyond is not one we stored."""

_TABLE = FhirResource.__tablename__
_PAST = FhirVersion.__tablename__


def seal(keys: "PersonKeys", id: UUID, raw: bytes) -> bytes:
    """``raw``, byte for byte, for the head of the resource ``id``."""
    # A compressor is bound to its thread's buffers; making one costs 2 µs, the buffers are kept by zstd.
    return keys.seal(zstandard.ZstdCompressor(level=3).compress(raw), _TABLE, id)


def open_head(keys: "PersonKeys", row: FhirResource) -> bytes:
    return _unpacked(keys.open(row.sealed, _TABLE, row.id))


def move(keys: "PersonKeys", row: FhirResource, id: UUID) -> bytes:
    """A head's content, sealed for the place ``id`` among past versions."""
    return keys.seal(keys.open(row.sealed, _TABLE, row.id), _PAST, id)


def open_past(keys: "PersonKeys", row: FhirVersion) -> bytes:
    return _unpacked(keys.open(row.sealed, _PAST, row.id))


def _unpacked(packed: bytes) -> bytes:
    return zstandard.ZstdDecompressor().decompress(packed, max_output_size=LARGEST)
