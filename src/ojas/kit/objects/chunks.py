"""The bytes of a sealed object: a header, then chunks that open one by one.

    "OJO1" | key version 4 | log2 of chunk size 1 | commitment 16 | salt 32 | chunk … | last chunk
    chunk = AES-256-GCM(object key, nonce = counter 11 bytes | 1 if last else 0, content)

This is the STREAM construction (Hoang, Reyhanitabar, Rogaway and Vizár 2015), as in age: the counter refuses
chunks that are moved, left out or doubled, the last flag refuses an end that was cut off. Each object has a
key of its own, derived from the person's key and the salt, so counters never repeat under one key and 2^32
seals are never near. Header and caller's context are bound to every chunk.

Chunks of 64 KiB: the table at the end of a zip is read by opening two or three of them, and the tags cost
0.02 %.
"""

import hmac
import os
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ojas.kit.crypto import DataKey, Unreadable

CHUNK_BYTES = 64 * 1024
TAG_BYTES = 16
_MAGIC = b"OJO1"
_HEADER = struct.Struct(">4sIB16s32s")
HEADER_BYTES = _HEADER.size


class Sealer:
    """Seals a stream of bytes of any split, in memory of about two chunks."""

    def __init__(self, key: DataKey, context: bytes) -> None:
        salt = os.urandom(32)
        exponent = CHUNK_BYTES.bit_length() - 1
        self.header = _HEADER.pack(_MAGIC, key.version, exponent, key.commitment, salt)
        self._cipher = AESGCM(key.derive("object", salt=salt))
        self._bound = self.header + context
        self._counter = 0
        self._held = bytearray()

    def add(self, part: bytes) -> bytes:
        """The chunks that ``part`` completes. At least one byte is held back: it may be the last chunk's."""
        self._held += part
        whole = max(0, (len(self._held) - 1) // CHUNK_BYTES)
        if not whole:
            return b""
        view = memoryview(self._held)
        sealed = [self._seal(view[n * CHUNK_BYTES : (n + 1) * CHUNK_BYTES], 0) for n in range(whole)]
        view.release()
        del self._held[: whole * CHUNK_BYTES]
        return b"".join(sealed)

    def close(self) -> bytes:
        """The last chunk; empty if nothing was ever added."""
        return self._seal(self._held, 1)

    def _seal(self, content: "bytearray | memoryview", last: int) -> bytes:
        sealed = self._cipher.encrypt(_nonce(self._counter, last), content, self._bound)
        self._counter += 1
        return sealed


@dataclass(frozen=True, slots=True)
class Layout:
    """What header and length say: where each byte of the content lies, and how to open it."""

    size: int
    """Bytes of content."""
    chunk_bytes: int
    chunks: int
    _bound: bytes = field(repr=False)
    _cipher: AESGCM = field(repr=False)

    @classmethod
    def of(cls, header: bytes, sealed_bytes: int, keys: Mapping[int, DataKey], context: bytes) -> "Layout":
        """
        Raises:
            ojas.kit.crypto.Unreadable: this is no sealed object, or was sealed with a key not held.
        """
        if len(header) != HEADER_BYTES or not header.startswith(_MAGIC):
            raise Unreadable("format")
        _, version, exponent, commitment, salt = _HEADER.unpack(header)
        body, chunk_bytes = sealed_bytes - HEADER_BYTES, 1 << exponent
        chunks = max(1, -(-body // (chunk_bytes + TAG_BYTES)))
        if not 10 <= exponent <= 24 or body < chunks * TAG_BYTES:
            raise Unreadable("format")
        key = keys.get(version)
        if key is None or not hmac.compare_digest(key.commitment, commitment):
            raise Unreadable("key")
        cipher = AESGCM(key.derive("object", salt=salt))
        return cls(body - chunks * TAG_BYTES, chunk_bytes, chunks, header + context, cipher)

    def span(self, first: int, count: int) -> tuple[int, int]:
        """Where chunks ``first`` to ``first + count`` lie in the stored bytes: start and length."""
        step = self.chunk_bytes + TAG_BYTES
        start = first * step
        end = min((first + count) * step, self.size + self.chunks * TAG_BYTES)
        return HEADER_BYTES + start, end - start

    def opened(self, first: int, sealed: bytes) -> Iterator[bytes]:
        """The content of consecutive chunks, of which ``first`` is the number of the first.

        Raises:
            ojas.kit.crypto.Unreadable: a chunk was changed, moved or cut, or is not the object's.
        """
        step, view = self.chunk_bytes + TAG_BYTES, memoryview(sealed)
        for number, start in enumerate(range(0, len(sealed), step), first):
            nonce = _nonce(number, int(number == self.chunks - 1))
            try:
                yield self._cipher.decrypt(nonce, view[start : start + step], self._bound)
            except InvalidTag:
                raise Unreadable("content") from None


def version_of(header: bytes) -> int:
    """The version of the key that sealed an object, as its header claims.

    Raises:
        ojas.kit.crypto.Unreadable: it is no sealed object.
    """
    if len(header) != HEADER_BYTES or not header.startswith(_MAGIC):
        raise Unreadable("format")
    version: int = _HEADER.unpack(header)[1]
    return version


def _nonce(counter: int, last: int) -> bytes:
    return counter.to_bytes(11, "big") + bytes([last])
