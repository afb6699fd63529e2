"""Idempotency-Key: the same request sent again is answered as before, and not done again.

The answer is kept for a day, sealed under a key of the house, in the transaction that did the work: it exists if, and
only if, the work was done. Two that arrive at once meet on the primary key; the second waits, then gets the first's answer.
"""

import hashlib
from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from fastapi import Request, Response
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from ojas.kit import clock, crypto
from ojas.kit.db import Base, Tx
from ojas.kit.errors import Conflict, Incorrect
from ojas.kit.http.actor import Actor

_HEADER = "idempotency-key"
_LONGEST = 200
_KEPT_HEADERS = ("content-type", "location", "etag")


class Answer(Base):
    """What a request with a key was answered."""

    __tablename__ = "answers"

    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    request_hash: Mapped[bytes]
    at: Mapped[datetime] = mapped_column(default=clock.now)
    sealed: Mapped[bytes | None]


async def once(
    request: Request,
    tx: Tx,
    actor: Actor | None,
    handle: Callable[[Request], Coroutine[Any, Any, Response]],
) -> Response:
    """Handle the request, or answer as the first of its key was answered.

    Raises:
        Conflict: the key was used for another request.
    """
    key = request.headers.get(_HEADER)
    if key is None or actor is None or request.method not in ("POST", "PUT", "PATCH", "DELETE"):
        return await handle(request)
    if not 1 <= len(key) <= _LONGEST:
        raise Incorrect("An Idempotency-Key has 1 to 200 characters.", field="Idempotency-Key")
    asked = hashlib.sha256(f"{request.method} {request.url.path}\n".encode() + await request.body()).digest()
    claimed = await tx.session.scalar(
        insert(Answer)
        .values(account_id=actor.account_id, key=key, request_hash=asked, at=clock.now())
        .on_conflict_do_nothing()
        .returning(Answer.key)
    )
    if claimed is None:
        return await _again(tx, actor.account_id, key, asked)
    response = await handle(request)
    await tx.session.execute(
        update(Answer)
        .where(Answer.account_id == actor.account_id, Answer.key == key)
        .values(sealed=_sealed(tx, actor.account_id, key, response))
    )
    return response


async def _again(tx: Tx, account_id: UUID, key: str, asked: bytes) -> Response:
    kept = await tx.session.scalar(select(Answer).where(Answer.account_id == account_id, Answer.key == key))
    if kept is None or kept.sealed is None or kept.request_hash != asked:
        raise Conflict("This Idempotency-Key was used for another request.", field="Idempotency-Key")
    text = crypto.unseal(_house_key(tx), kept.sealed, _context(account_id, key))
    status, headers, body = orjson.loads(text)
    return Response(bytes.fromhex(body), status, {**headers, "idempotent-replayed": "true"})


def _sealed(tx: Tx, account_id: UUID, key: str, response: Response) -> bytes:
    headers = {name: value for name, value in response.headers.items() if name in _KEPT_HEADERS}
    text = orjson.dumps([response.status_code, headers, bytes(response.body).hex()])
    return crypto.seal(_house_key(tx), text, _context(account_id, key))


def _house_key(tx: Tx) -> crypto.DataKey:
    return crypto.DataKey(tx.database.keyring.master.derive("answers"), 1)


def _context(account_id: UUID, key: str) -> bytes:
    return account_id.bytes + key.encode()
