"""Links that do a thing: ``/act/{token}`` names a message and one of its actions, signed by the house.

70 letters: the person's and the message's ids, four bytes of the action's name (zeros: to be chosen there), and a tag. Nothing
of it is stored: what has been done, and until when it may be, stands with the message.
"""

import base64
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from ojas.features.identity import service as identity
from ojas.features.notifications.models import Message
from ojas.features.notifications.schemas import Link
from ojas.features.notifications.service.kinds import ACTIONS, KINDS
from ojas.kit.db import Tx
from ojas.kit.i18n import say

LASTS = timedelta(days=7)
"""How long a link works where its message says nothing of it."""
_ANY = bytes(4)
_TAG = 16


@dataclass(frozen=True, slots=True)
class Named:
    """What a token names. ``action``: one by name, or None: any of the message's."""

    person_id: UUID
    message_id: UUID
    mark: bytes

    def allows(self, action: str) -> bool:
        return self.mark in (_ANY, _mark(action))


def token_of(tx: Tx, message: Message, action: str | None = None) -> str:
    body = message.person_id.bytes + message.id.bytes + (_mark(action) if action else _ANY)
    return base64.urlsafe_b64encode(body + _tag(tx, body)).decode().rstrip("=")


def named_by(tx: Tx, token: str) -> Named | None:
    """What a token names; None: we never made it."""
    raw = _raw(token)
    body, tag = raw[:36], raw[36:]
    if len(raw) != 36 + _TAG or not hmac.compare_digest(tag, _tag(tx, body)):
        return None
    return Named(UUID(bytes=body[:16]), UUID(bytes=body[16:32]), body[32:])


def back_of(tx: Tx, message: Message, mark: str) -> str:
    """What proves who did the thing with this mark: whoever was shown it, and nobody who has the message alone."""
    body = message.person_id.bytes + message.id.bytes + mark.encode()
    return base64.urlsafe_b64encode(body + _tag(tx, b"back" + body)).decode().rstrip("=")


def done_by(tx: Tx, token: str) -> tuple[UUID, UUID, str] | None:
    """Person, message and mark of such a proof; None: we never made it."""
    raw = _raw(token)
    body, tag = raw[:-_TAG], raw[-_TAG:]
    if len(body) <= 32 or not hmac.compare_digest(tag, _tag(tx, b"back" + body)):
        return None
    return UUID(bytes=body[:16]), UUID(bytes=body[16:32]), body[32:].decode()


def links_of(tx: Tx, message: Message) -> tuple[Link, ...]:
    """One for each thing that can be done from a message, in the language in use."""
    if message.acted_at is not None:
        return ()
    return tuple(
        Link(say(ACTIONS[name].label, {}), f"{identity.origin()}/act/{token_of(tx, message, name)}")
        for name in KINDS[message.kind].actions
    )


def door_of(tx: Tx, message: Message) -> str | None:
    """One address where all of it can be done: for a channel where room is dear."""
    doable = KINDS[message.kind].actions and message.acted_at is None
    return f"{identity.origin()}/act/{token_of(tx, message)}" if doable else None


def ends_at(message: Message) -> datetime:
    return message.expires_at or message.created_at + LASTS


def _raw(token: str) -> bytes:
    try:
        return base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except ValueError:
        return b""


def _mark(action: str) -> bytes:
    return sha256(action.encode()).digest()[:4]


def _tag(tx: Tx, body: bytes) -> bytes:
    return hmac.digest(tx.database.keyring.master.derive("notifications:act"), body, sha256)[:_TAG]
