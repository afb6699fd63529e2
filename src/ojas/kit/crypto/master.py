"""The installation's master key, in versions: it wraps every person's keys, and seals nothing else itself."""

import base64
import binascii
import os
from collections.abc import Mapping
from types import MappingProxyType
from uuid import UUID

from ojas.kit.crypto.derivation import KEY_BYTES, derive
from ojas.kit.crypto.envelope import DataKey, open_with, seal_with, version_of
from ojas.kit.errors import Incorrect

_ROOT = "root:"


class MasterKeys:
    """All versions of the master key that are held; the highest wraps, every one still unwraps.

    To rotate: add a version (``rotated``), ``rewrap`` every stored key, then drop the old one (``retired``).
    Nothing a person's key sealed is touched.
    """

    def __init__(self, versions: Mapping[int, bytes], root: bytes | None = None) -> None:
        if not versions:
            raise ValueError("there is no master key")
        self._root = root
        self._keys = MappingProxyType({n: DataKey(material, n) for n, material in sorted(versions.items())})

    @classmethod
    def new(cls) -> "MasterKeys":
        return cls({1: DataKey.new(1).material}, os.urandom(KEY_BYTES))

    @classmethod
    def parse(cls, text: str) -> "MasterKeys":
        """Read what ``dump`` wrote, or a base64 key alone.

        Raises:
            Incorrect: it is neither.
        """
        lines = [line for line in text.splitlines() if not line.startswith("#")]
        entries = [entry.strip() for line in lines for entry in line.split(",") if entry.strip()]
        try:
            versions = [entry for entry in entries if not entry.startswith(_ROOT)]
            roots = [_decoded(entry.removeprefix(_ROOT)) for entry in entries if entry.startswith(_ROOT)]
            if len(roots) > 1:
                raise ValueError("there is one root")
            return cls(dict(_entry(line, of=len(versions)) for line in versions), *roots)
        except (ValueError, binascii.Error):
            raise Incorrect("This is not a master key: 32 bytes in base64 are expected.") from None

    def dump(self) -> str:
        """The keys themselves as text, a line each: ``version:base64``, and ``root:base64``. Handle as the secret it is."""
        lines = [(f"{n}:", key.material) for n, key in self._keys.items()]
        lines += [(_ROOT, self._root)] if self._root else []
        return "".join(f"{name}{base64.b64encode(material).decode()}\n" for name, material in lines)

    @property
    def version(self) -> int:
        """The version that wraps."""
        return max(self._keys)

    @property
    def versions(self) -> tuple[int, ...]:
        return tuple(self._keys)

    def wrap(self, person_id: UUID, version: int, key: DataKey) -> bytes:
        """A person's key as it may be stored: 81 bytes, bound to the person and the key's version."""
        return seal_with(self._keys, key.material, _context(person_id, version))

    def unwrap(self, person_id: UUID, version: int, wrapped: bytes) -> DataKey:
        """
        Raises:
            ojas.kit.crypto.Unreadable: wrapped by a master key not held here, for someone else, or damaged.
        """
        return DataKey(open_with(self._keys, wrapped, _context(person_id, version)), version)

    def rewrap(self, person_id: UUID, version: int, wrapped: bytes) -> bytes | None:
        """The same key wrapped by the newest master key; None if it is already."""
        if version_of(wrapped) == self.version:
            return None
        return self.wrap(person_id, version, self.unwrap(person_id, version, wrapped))

    def rotated(self) -> "MasterKeys":
        """These and a new one, which wraps from now on."""
        fresh = self.version + 1
        return MasterKeys({**self._materials(), fresh: DataKey.new(fresh).material}, self._root)

    def retired(self, version: int) -> "MasterKeys":
        """These without one that wraps nothing any more."""
        if version == self.version:
            raise ValueError("the newest master key is the one in use")
        if version not in self._keys:
            raise ValueError("there is no such version")
        left = {n: material for n, material in self._materials().items() if n != version}
        return MasterKeys(left, self._derived_from)

    def derive(self, label: str) -> bytes:
        """A key of the installation for one use: ``index:email``, ``cookies``, ``idempotency``. 32 bytes.

        From the root, which no rotation changes, so that indexes and sessions stay valid. A key from before there were roots
        (or set alone in the environment) is its own: then the oldest version is kept as the root when it is retired.
        """
        return derive(self._derived_from, label)

    @property
    def _derived_from(self) -> bytes:
        return self._root or self._keys[min(self._keys)].material

    @property
    def fingerprint(self) -> str:
        """16 letters that tell one installation's keys from another's; safe to store and to show."""
        return self.derive("fingerprint")[:8].hex()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, MasterKeys) and (self._keys, self._root) == (other._keys, other._root)

    def __hash__(self) -> int:
        return hash(self.fingerprint)

    def __repr__(self) -> str:
        return f"MasterKeys(versions={self.versions}, fingerprint={self.fingerprint!r})"

    def _materials(self) -> dict[int, bytes]:
        return {n: key.material for n, key in self._keys.items()}


def _entry(line: str, *, of: int) -> tuple[int, bytes]:
    version, colon, text = line.rpartition(":")
    if not colon and of > 1:
        raise ValueError("several keys need their versions")
    return int(version or 1), _decoded(text)


def _decoded(text: str) -> bytes:
    found = base64.b64decode(text, validate=True)
    if len(found) != KEY_BYTES:
        raise ValueError(f"a key has {KEY_BYTES} bytes")
    return found


def _context(person_id: UUID, version: int) -> bytes:
    return person_id.bytes + version.to_bytes(4, "big") + b"person key"
