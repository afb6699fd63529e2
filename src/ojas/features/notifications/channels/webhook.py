"""To an address of one's own, signed: the Standard Webhooks form, which many programs can check."""

import base64
import hmac
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import orjson

from ojas.features.notifications.channels.way import Parcel, Piece
from ojas.features.notifications.rules import Handed, Never, NotNow, Outcome, told
from ojas.kit import clock
from ojas.kit.errors import Incorrect, Unavailable
from ojas.kit.i18n import N_
from ojas.kit.outward import Outward

PREFIX = "whsec_"


@dataclass(frozen=True, slots=True)
class Webhook:
    outward: Outward

    async def hand(self, parcel: Parcel) -> Outcome:
        body = orjson.dumps(content(parcel))
        at = int(clock.now().timestamp())
        headers = {
            "Content-Type": "application/json",
            "webhook-id": str(parcel.id),
            "webhook-timestamp": str(at),
            "webhook-signature": signature(parcel.address.keys["secret"], str(parcel.id), at, body),
        }
        try:
            answer = await self.outward.post(parcel.address.to, body, headers)
        except Incorrect:
            return Never(N_("This leads into our own network, and is not allowed."))
        except Unavailable:
            return NotNow(N_("The other server does not answer."))
        if 200 <= answer.status < 300:
            return Handed(str(answer.status))
        if answer.status == 410:
            return Never(told(N_("The other server wants no more."), 410), gone=True)
        return NotNow(told(N_("The other server did not take it."), answer.status), answer.retry_after)


def content(parcel: Parcel) -> dict[str, Any]:
    return {"type": "messages", "messages": [_message(piece, parcel.origin) for piece in parcel.pieces]}


def signature(secret: str, id: str, at: int, body: bytes) -> str:
    """HMAC-SHA-256 over the id, the time in seconds and the body, so that neither can be changed nor said again later."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    made = hmac.digest(key, f"{id}.{at}.".encode() + body, sha256)
    return f"v1,{base64.b64encode(made).decode()}"


def _message(piece: Piece, origin: str) -> dict[str, Any]:
    return {
        "id": str(piece.id),
        "kind": piece.kind,
        "urgency": piece.urgency.name.lower(),
        "title": piece.said.title,
        "text": piece.said.text,
        "url": f"{origin}{piece.said.path}",
        "actions": [{"label": link.words, "url": link.url} for link in piece.said.links],
    }
