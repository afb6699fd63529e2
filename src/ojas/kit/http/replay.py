"""Idempotency-Key: the same request sent again is answered as before, and not done again.

The answer is kept for a day, sealed under a key of the house, in the transaction that did the work: it exists if, and
only if, the work was done. Two that arrive at once meet on the primary key; the second waits, then gets the first's answer.

An answer that holds a secret (a token, a code, a key) is not kept: what was shown once is nowhere to be found a second time.
Nor is the request: what a password was sent in is known again by a keyed digest alone.
"""

import hmac
from collections.abc import Callable, Coroutine
from datetime import datetime
from hashlib import sha256
from typing import Any, TypeVar
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

EndpointT = TypeVar("EndpointT", bound=Callable[..., Any])


def tells_secrets(endpoint: EndpointT) -> EndpointT:
    """Mark a handler whose answer nobody may keep: asked again under the same key, it is refused, and does nothing again."""
    endpoint.tells_secrets = True  # type: ignore[attr-defined]  # read by Edge
    return endpoint


class Answer(Base):
    """What a request with a key was answered."""

    __tablename__ = "answers"

    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    request_hash: Mapped[bytes]
    at: Mapped[datetime] = mapped_column(default=clock.now)
    sealed: Mapped[bytes | None]
    """None: it held a secret."""


async def once(
    request: Request,
    tx: Tx,
    actor: Actor | None,
    handle: Callable[[Request], Coroutine[Any, Any, Response]],
    *,
    secret: bool = False,
) -> Response:
    """Handle the request, or answer as the first of its key was answered.

    Args:
        secret: the answer is not kept (see ``tells_secrets``).

    Raises:
        Conflict: the key was used for another request, or for this one, whose answer was not kept.
    """
    key = request.headers.get(_HEADER)
    if key is None or actor is None or request.method not in ("POST", "PUT", "PATCH", "DELETE"):
        return await handle(request)
    if not 1 <= len(key) <= _LONGEST:
        raise Incorrect("An Idempotency-Key has 1 to 200 characters.", field="Idempotency-Key")
    said = f"{request.method} {request.url.path}\n".encode() + await request.body()
    asked = hmac.digest(_house_key(tx).material, said, sha256)
    claimed = await tx.session.scalar(
        insert(Answer)
        .values(account_id=actor.account_id, key=key, request_hash=asked, at=clock.now())
        .on_conflict_do_nothing()
        .returning(Answer.key)
    )
    if claimed is None:
        return await _again(tx, actor.account_id, key, asked)
    response = await handle(request)
    if secret:
        return response
    await tx.session.execute(
        update(Answer)
        .where(Answer.account_id == actor.account_id, Answer.key == key)
        .values(sealed=_sealed(tx, actor.account_id, key, response))
    )
    return response


async def _again(tx: Tx, account_id: UUID, key: str, asked: bytes) -> Response:
    kept = await tx.session.scalar(select(Answer).where(Answer.account_id == account_id, Answer.key == key))
    if kept is None or not hmac.compare_digest(kept.request_hash, asked):
        raise Conflict("This Idempotency-Key was used for another request.", field="Idempotency-Key")
    if kept.sealed is None:
        raise Conflict(
            "This was done already. Its answer held a secret, which is shown once.", field="Idempotency-Key"
        )
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
