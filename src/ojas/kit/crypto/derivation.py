"""Keys out of keys (HKDF, RFC 5869), and indexes that find a sealed value without showing it."""

import hmac
import unicodedata
from hashlib import sha256

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
INDEX_BYTES = 16  # 2^64 values of one kind before two are likely to meet: a unique constraint stays right


def derive(key: bytes, label: str, *, salt: bytes = b"", length: int = KEY_BYTES) -> bytes:
    """A key of ``length`` bytes for one use alone; whoever holds it learns nothing of ``key`` or of other
    labels.

    ``label`` names the use, such as ``index:email``, and goes into HKDF-SHA-256 as ``info``.
    """
    return HKDF(SHA256(), length, salt=salt or None, info=b"ojas:" + label.encode()).derive(key)


def normalised(value: str) -> str:
    """One spelling for what people write in several: NFKC, no case, no space around or doubled within."""
    folded = unicodedata.normalize("NFKC", value).casefold()
    return unicodedata.normalize("NFKC", " ".join(folded.split()))


def blind_index(key: bytes, value: str) -> bytes:
    """16 bytes that are equal when two values are equal once normalised, and tell nothing else without
    ``key``.

    HMAC-SHA-256, truncated. Use a key of its own for every column (``derive("index:email")``), else equal
    values of different columns could be matched. It answers equality alone, and shows how often a value
    occurs.
    """
    return hmac.digest(key, normalised(value).encode(), sha256)[:INDEX_BYTES]
