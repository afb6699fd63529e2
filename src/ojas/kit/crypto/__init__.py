"""Sealing: envelopes under a person's key, the master key that wraps those keys, and what is derived from it.

No database here, and no clock: bytes in, bytes out. ``kit.db.keyring`` keeps the wrapped keys;
``docs/decisions/0005-keys.md`` says what was chosen and why.
"""

from ojas.kit.crypto.derivation import blind_index, derive, normalised
from ojas.kit.crypto.envelope import DataKey, Unreadable, open_with, seal, seal_with, unseal
from ojas.kit.crypto.master import MasterKeys
from ojas.kit.crypto.recovery import RecoveryCode
from ojas.kit.crypto.sources import EnvironmentSource, FileSource, KeySource, Kms, KmsSource, load

__all__ = [
    "DataKey",
    "EnvironmentSource",
    "FileSource",
    "KeySource",
    "Kms",
    "KmsSource",
    "MasterKeys",
    "RecoveryCode",
    "Unreadable",
    "blind_index",
    "derive",
    "load",
    "normalised",
    "open_with",
    "seal",
    "seal_with",
    "unseal",
]
