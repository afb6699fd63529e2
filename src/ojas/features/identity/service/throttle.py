"""Slowing guessers down without locking anybody out.

Wrong tries are counted by account (by the digest of the address typed, so that one that has no account is slowed just the
same) and by where they come from. A browser that has signed in to the account before is counted by itself: whatever strangers
do, its owner gets in. Letters (reset) and passkeys are no guesses and stay open.
"""

import ipaddress
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from ojas.features.identity import queries
from ojas.features.identity.rules import FORGOTTEN, delay_after
from ojas.kit import auth
from ojas.kit.db import Tx
from ojas.kit.errors import TooMany
from ojas.kit.http import limits

_ADDRESS_TRIES = 30  # more than for one account: a clinic or a village may share an address
_ADDRESS_FORGOTTEN = timedelta(hours=1)
_LETTERS = ((1, timedelta(minutes=1)), (3, timedelta(minutes=15)))


class Door:
    """One try at one account from one place: asked before, told the outcome after."""

    def __init__(self, keys: dict[bytes, tuple[int, timedelta]]) -> None:
        self._keys = keys

    @classmethod
    async def of(cls, tx: Tx, name: bytes, account_id: UUID | None, device_token: str | None) -> "Door":
        """The door to the account of ``name`` (a digest), for a browser that may have been here before."""
        device = auth.digest(device_token) if device_token else None
        if device and account_id and await queries.sessions.knows_device(tx, account_id, device):
            return cls({_key("device", name + device): (0, FORGOTTEN)})
        place = _place(tx.origin.address)
        return cls(
            {
                _key("account", name): (0, FORGOTTEN),
                _key("place", place): (_ADDRESS_TRIES, _ADDRESS_FORGOTTEN),
            }
        )

    async def ask(self, tx: Tx) -> TooMany | None:
        """None: try. Tries at one account come one at a time, so that many at once do not slip past the count."""
        waits = [0.0]
        for key, (free, _) in self._keys.items():
            if not free and not await limits.claim(tx, key):
                waits.append(1)
            waits.append(await limits.wait_of(tx, key))
        return limits.too_many(max(waits)) if max(waits) > 0 else None

    async def wrong(self, tx: Tx) -> None:
        for key, (free, forgotten) in self._keys.items():
            await limits.wrong(tx, key, forgotten=forgotten, delay=_after(free))

    async def right(self, tx: Tx) -> None:
        """Forget what was wrong before; but not of the place, where one right guess would buy thirty wrong ones."""
        for key, (free, _) in self._keys.items():
            if not free:
                await limits.forgive(tx, key)


async def too_often(tx: Tx, what: str) -> TooMany | None:
    """Count something anybody may do, by where it comes from: thirty an hour, then ever more slowly."""
    door = Door({_key(what, _place(tx.origin.address)): (_ADDRESS_TRIES, _ADDRESS_FORGOTTEN)})
    refusal = await door.ask(tx)
    if refusal is None:
        await door.wrong(tx)
    return refusal


async def letter_box_full(tx: Tx, kind: str, name: bytes) -> TooMany | None:
    """Count a letter that anybody may cause to an address (by its digest, so that one without an account counts alike).

    One a minute and three in a quarter of an hour: whoever causes letters to spite a reader leaves them, always, one whose
    link is still good (a reset's is for half an hour).
    """
    for allowed, within in _LETTERS:
        key = f"letter {kind} {name.hex()} {within}"
        if refusal := await limits.counted(tx, key, allowed=allowed, within=within):
            return refusal
    return None


def _after(free: int) -> Callable[[int], timedelta]:
    return lambda count: delay_after(count - free)


def _place(address: str | None) -> bytes:
    """An IPv4 address, or the network of an IPv6 one: a home has 2^64 of those."""
    if address is None:
        return b"?"
    parsed = ipaddress.ip_address(address)
    return parsed.packed[:8] if parsed.version == 6 else parsed.packed


def _key(kind: str, of: bytes) -> bytes:
    return limits.hashed(kind.encode() + b"\0" + of)
