"""The keys that sign access tokens: made when needed, announced before they sign, dropped when spent."""

import time
from typing import Any
from weakref import WeakKeyDictionary

from ojas.features.identity import models, queries
from ojas.features.identity.service.ground import at_the_door, house_key, origin
from ojas.kit import clock, crypto
from ojas.kit.auth import Signers, SigningKey
from ojas.kit.auth.tokens import Algorithm
from ojas.kit.db import Database, Tx

_REMEMBERED_S = 60
_known: WeakKeyDictionary[Database, tuple[float, Signers]] = WeakKeyDictionary()


async def signers(tx: Tx) -> Signers:
    """The keys there are; the first is made here."""
    remembered = _known.get(tx.database)
    if remembered and remembered[0] > time.monotonic():
        return remembered[1]
    async with tx.acting(at_the_door(tx)):
        keys = [_opened(tx, row) for row in await queries.signing.keys(tx)]
        if keys:
            found = _signers(keys)
            _known[tx.database] = (time.monotonic() + _REMEMBERED_S, found)
            return found
        # Not remembered: this transaction may yet be rolled back, and the key with it.
        return _signers([await _make(tx, "ES256")])


async def key_set(tx: Tx) -> dict[str, Any]:
    """The public halves (RFC 7517)."""
    return (await signers(tx)).key_set()


async def rotate(tx: Tx, algorithm: Algorithm = "ES256", *, now_due: bool = False) -> None:
    """Make the next key if it is time (or ``now_due``), drop those of which no valid token can be left."""
    async with tx.acting(at_the_door(tx)):
        house = _signers([_opened(tx, row) for row in await queries.signing.keys(tx)])
        if now_due or house.due(clock.now()):
            await _make(tx, algorithm)
        await queries.signing.drop(tx, [key.kid for key in house.spent(clock.now())])
    _known.pop(tx.database, None)


async def _make(tx: Tx, algorithm: Algorithm) -> SigningKey:
    key = SigningKey.new(algorithm, clock.now())
    sealed = crypto.seal(house_key(tx, "signing"), key.dump(), key.kid.encode())
    tx.session.add(
        models.SigningKeyRow(kid=key.kid, algorithm=algorithm, sealed=sealed, created_at=key.created_at)
    )
    await tx.session.flush()
    return key


def _opened(tx: Tx, row: models.SigningKeyRow) -> SigningKey:
    private = crypto.unseal(house_key(tx, "signing"), row.sealed, row.kid.encode())
    assert row.algorithm in ("ES256", "RS256")
    return SigningKey.load(row.algorithm, row.created_at, private)  # type: ignore[arg-type]


def _signers(keys: list[SigningKey]) -> Signers:
    return Signers(keys, issuer=origin(), audience=f"{origin()}/api")
