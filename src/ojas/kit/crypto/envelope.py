"""The envelope everything private lies in: AES-256-GCM, with what it belongs to bound in.

    format 1 byte | key version 4 | commitment 16 | nonce 12 | ciphertext | tag 16       (49 bytes more)

Bound in as associated data: the header, and the caller's context (person, table, row), so that a sealed value
moved to another row or person does not open. AES-GCM alone lets someone who knows two keys make one
ciphertext that opens under both; the commitment, derived from the key, rules that out and tells a wrong key
from damaged bytes.

Nonces are random. NIST SP 800-38D allows 2^32 seals a key so; with a key per person, changed every six
months, that is 271 seals each second, day and night, for one person.
"""

import hmac
import os
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ojas.kit.crypto.derivation import KEY_BYTES, derive

FORMAT = 1
_HEADER = struct.Struct(">BI16s12s")
_BOUND = struct.Struct(">BI")
_TAG_BYTES = 16
OVERHEAD = _HEADER.size + _TAG_BYTES


class Unreadable(Exception):  # a state of the bytes, like the refusals of kit.errors
    """Sealed bytes that do not open.

    ``reason``: ``format`` they are no envelope, ``key`` they were sealed with another key, ``content`` they
    were changed or are asked for in another place than they were sealed for.
    """

    def __init__(self, reason: Literal["format", "key", "content"]) -> None:
        self.reason = reason
        super().__init__(f"sealed bytes do not open: {reason}")


@dataclass(frozen=True, slots=True)
class DataKey:
    """One version of a key that seals. 32 random bytes, from which cipher and commitment are derived."""

    material: bytes = field(repr=False)
    version: int
    commitment: bytes = field(init=False, repr=False, compare=False)
    """16 bytes that name this key among all, and give nothing of it away."""
    _cipher: AESGCM = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if len(self.material) != KEY_BYTES:
            raise ValueError(f"a key has {KEY_BYTES} bytes")
        if not 0 <= self.version < 2**32:
            raise ValueError("a key's version is from 0 to 2^32 - 1")
        object.__setattr__(self, "_cipher", AESGCM(derive(self.material, "seal")))
        object.__setattr__(self, "commitment", derive(self.material, "commit", length=16))

    @classmethod
    def new(cls, version: int) -> "DataKey":
        return cls(os.urandom(KEY_BYTES), version)

    def derive(self, label: str, *, salt: bytes = b"") -> bytes:
        """A key for another use, 32 bytes."""
        return derive(self.material, label, salt=salt)


def seal(key: DataKey, plaintext: bytes, context: bytes) -> bytes:
    """Encrypt for one place, which ``context`` names without ambiguity (fixed lengths, then one text)."""
    nonce = os.urandom(12)
    header = _HEADER.pack(FORMAT, key.version, key.commitment, nonce)
    return header + key._cipher.encrypt(nonce, plaintext, _BOUND.pack(FORMAT, key.version) + context)


def unseal(key: DataKey, sealed: bytes, context: bytes) -> bytes:
    """Decrypt what ``seal`` made with the same key and context.

    Raises:
        Unreadable: any bit, the key or the context differs.
    """
    return open_with({key.version: key}, sealed, context)


def seal_with(keys: Mapping[int, DataKey], plaintext: bytes, context: bytes) -> bytes:
    """Encrypt with the newest of ``keys`` (version to key)."""
    return seal(keys[max(keys)], plaintext, context)


def open_with(keys: Mapping[int, DataKey], sealed: bytes, context: bytes) -> bytes:
    """Decrypt with the version that sealed it, so that what older keys sealed still opens after rotation.

    Raises:
        Unreadable: no such version is held, or any bit, the key or the context differs.
    """
    version, commitment, nonce = _parsed(sealed)
    key = keys.get(version)
    if key is None or not hmac.compare_digest(key.commitment, commitment):
        raise Unreadable("key")
    try:
        bound = _BOUND.pack(FORMAT, version) + context
        return key._cipher.decrypt(nonce, memoryview(sealed)[_HEADER.size :], bound)
    except InvalidTag:
        raise Unreadable("content") from None


def version_of(sealed: bytes) -> int:
    """The version of the key that sealed these bytes, as they claim.

    Raises:
        Unreadable: they are no envelope.
    """
    return _parsed(sealed)[0]


def _parsed(sealed: bytes) -> tuple[int, bytes, bytes]:
    if len(sealed) < OVERHEAD:
        raise Unreadable("format")
    form, version, commitment, nonce = _HEADER.unpack_from(sealed)
    if form != FORMAT:
        raise Unreadable("format")
    return version, commitment, nonce
