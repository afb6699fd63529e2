"""A code to write on paper, which opens the master key when its file is lost.

140 random bits as 28 letters of Crockford's base32 (no I, L, O, U), in seven groups of four, each followed by
a check letter: ``4H7QX-…``. The check is a weighted sum in GF(32) with a different weight at each place and a
different start for each group, so every single slip, every two letters swapped and every two groups swapped
are found, and the group they are in is named.

What the code wraps is sealed under HKDF of it, not under scrypt or Argon2. Those make each guess dear, which
a password needs; 2^140 guesses are out of reach at any price, and a rescue must also work on a machine with
little memory.
"""

import os
import secrets
from dataclasses import dataclass, field

from ojas.kit.crypto.derivation import derive
from ojas.kit.crypto.envelope import DataKey, Unreadable, seal, unseal
from ojas.kit.errors import Incorrect

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_READ_AS = {letter: n for n, letter in enumerate(ALPHABET)} | {"O": 0, "I": 1, "L": 1}
GROUPS, LETTERS = 7, 4
_BITS = 5 * GROUPS * LETTERS
_SALT_BYTES = 16


@dataclass(frozen=True, slots=True)
class RecoveryCode:
    """The secret a code stands for. ``str()`` writes it for people: show it once, store it never."""

    secret: int = field(repr=False)

    @classmethod
    def new(cls) -> "RecoveryCode":
        return cls(secrets.randbits(_BITS))

    @classmethod
    def parse(cls, text: str) -> "RecoveryCode":
        """Read a code as typed: any case, any spaces or hyphens, O for 0, I and L for 1.

        Raises:
            Incorrect: letters are missing or too many, or a group has a slip, which is named.
        """
        letters = [letter for letter in text.upper() if letter.isalnum()]
        if len(letters) != GROUPS * (LETTERS + 1):
            raise Incorrect(
                "The recovery code has {expected} letters and digits; {found} were typed.",
                field="code",
                expected=GROUPS * (LETTERS + 1),
                found=len(letters),
            )
        secret = 0
        for group in range(GROUPS):
            start = group * (LETTERS + 1)
            secret = secret << (5 * LETTERS) | _group(letters[start : start + LETTERS + 1], group)
        return cls(secret)

    def __str__(self) -> str:
        return "-".join(self._groups())

    def wrap(self, secret: bytes, context: bytes) -> bytes:
        """Seal ``secret`` so that the code opens it; ``context`` says what it is."""
        salt = os.urandom(_SALT_BYTES)
        return salt + seal(self._key(salt), secret, context)

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """
        Raises:
            Incorrect: this is not the code it was wrapped with.
        """
        try:
            return unseal(self._key(wrapped[:_SALT_BYTES]), wrapped[_SALT_BYTES:], context)
        except Unreadable as trouble:
            raise Incorrect("This recovery code belongs to something else.", field="code") from trouble

    def _key(self, salt: bytes) -> DataKey:
        return DataKey(derive(self.secret.to_bytes(-(-_BITS // 8), "big"), "recovery", salt=salt), 0)

    def _groups(self) -> list[str]:
        values = [self.secret >> 5 * n & 31 for n in range(GROUPS * LETTERS)][::-1]
        rows = [values[n : n + LETTERS] for n in range(0, len(values), LETTERS)]
        return ["".join(ALPHABET[v] for v in [*row, _check(row, n)]) for n, row in enumerate(rows)]


def _group(letters: list[str], group: int) -> int:
    values = [_READ_AS.get(letter, -1) for letter in letters]
    if -1 in values or _check(values[:-1], group) != values[-1]:
        raise Incorrect(
            "There is a slip in group {group} of the recovery code: {letters}.",
            field="code",
            group=group + 1,
            letters="".join(letters),
        )
    total = 0
    for value in values[:-1]:
        total = total << 5 | value
    return total


def _check(values: list[int], group: int) -> int:
    """Sum of value times 2^(place + 1) over GF(32), begun with the group's number."""
    total = group + 1
    for place, value in enumerate(values):
        for _ in range(place + 1):
            value = _doubled(value)
        total ^= value
    return total


def _doubled(value: int) -> int:
    return (value << 1) ^ (0b100101 if value & 0b10000 else 0)  # x^5 + x^2 + 1
