"""Web Push: to a browser that subscribed, over the push service its maker runs, which can read none of it.

The payload is encrypted for the one browser (RFC 8291, content coding aes128gcm of RFC 8188), and we say who we are by VAPID
(RFC 8292). The house's key for that is derived from its master key: nothing of it is stored.
"""

import base64
import os
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import orjson

from ojas.features.notifications.channels.way import Parcel
from ojas.features.notifications.rules import Handed, Never, NotNow, Outcome, Urgency, told
from ojas.kit import clock
from ojas.kit.errors import Incorrect, Unavailable
from ojas.kit.i18n import N_, ngettext, use
from ojas.kit.outward import Answer, Outward

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

_TITLE, _TEXT = 150, 600
"""Letters, of up to three bytes: services must take a message of 4096 bytes (RFC 8030, 7.2), and no more."""
_URGENCIES = {Urgency.LOW: "low", Urgency.MEDIUM: "normal"}
_KEPT = {Urgency.LOW: 86_400, Urgency.MEDIUM: 86_400}
"""Seconds a service keeps it for a browser that is away; what is of higher urgency has a ladder that says it again."""


@dataclass(frozen=True, slots=True)
class Push:
    outward: Outward
    vapid: "Vapid"

    async def hand(self, parcel: Parcel) -> Outcome:
        try:
            body = encrypted(payload(parcel), parcel.address.keys["p256dh"], parcel.address.keys["auth"])
            headers = {
                "Content-Encoding": "aes128gcm",
                "Content-Type": "application/octet-stream",
                "TTL": str(_KEPT.get(parcel.urgency, 4 * 3600)),
                "Urgency": _URGENCIES.get(parcel.urgency, "high"),
                "Topic": _text(parcel.id.bytes),  # of a repeated parcel the service keeps one
                "Authorization": self.vapid.header(parcel.address.to),
            }
            answer = await self.outward.post(parcel.address.to, body, headers)
        except (Incorrect, ValueError, KeyError):
            return Never(N_("This is no browser that subscribed."), gone=True)
        except Unavailable:
            return NotNow(N_("The push service does not answer."))
        return _outcome_of(answer)


def _outcome_of(answer: Answer) -> Outcome:
    """What the service meant (RFC 8030, 7 and 8)."""
    if 200 <= answer.status < 300:
        return Handed(str(answer.status))
    if answer.status in (404, 410):
        return Never(told(N_("The browser has unsubscribed."), answer.status), gone=True)
    if answer.status in (401, 408, 425, 429) or answer.status >= 500:
        return NotNow(told(N_("The push service takes nothing just now."), answer.status), answer.retry_after)
    return Never(told(N_("The push service refuses it."), answer.status))


def payload(parcel: Parcel) -> bytes:
    """What the service worker shows: of one message its title, and its buttons; of several how many."""
    first = parcel.pieces[0]
    with use(parcel.manner):
        shown: dict[str, Any] = {
            "title": _title(parcel),
            "lang": parcel.manner.language,
            "tag": str(first.id),
        }
    if len(parcel.pieces) > 1:
        shown |= {"url": "/notifications"}
    else:
        shown |= {
            "url": first.said.path,
            "actions": [{"words": link.words, "url": urlsplit(link.url).path} for link in first.said.links],
            "stays": first.urgency.insists,
        }
        if parcel.open:
            shown["text"] = first.said.text[:_TEXT]
    return orjson.dumps(shown)


def _title(parcel: Parcel) -> str:
    n = len(parcel.pieces)
    if n == 1:
        return parcel.pieces[0].said.title[:_TITLE]
    return ngettext("{n} message from Ojas", "{n} messages from Ojas", n)


@dataclass(frozen=True, slots=True)
class Vapid:
    """How the house says to push services who it is. ``contact``: a mailto: or https: address of whoever runs it."""

    secret: bytes
    contact: str

    @property
    def public(self) -> str:
        """The key a browser subscribes with: an uncompressed point of P-256 in base64url."""
        return _text(_point(self._key()))

    def header(self, endpoint: str) -> str:
        """``Authorization`` for one push service, good for half a day."""
        from joserfc import jwt
        from joserfc.jwk import ECKey

        parts = urlsplit(endpoint)
        claims = {
            "aud": f"{parts.scheme}://{parts.netloc}",
            "exp": int((clock.now() + timedelta(hours=12)).timestamp()),
            "sub": self.contact,
        }
        token = jwt.encode({"typ": "JWT", "alg": "ES256"}, claims, ECKey.import_key(self._pem()))
        return f"vapid t={token}, k={self.public}"

    def _key(self) -> "EllipticCurvePrivateKey":
        from cryptography.hazmat.primitives.asymmetric import ec

        order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # of P-256 (SEC 2, 2.4.2)
        return ec.derive_private_key(1 + int.from_bytes(self.secret) % (order - 1), ec.SECP256R1())

    def _pem(self) -> bytes:
        from cryptography.hazmat.primitives import serialization

        return self._key().private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )


def encrypted(plain: bytes, p256dh: str, auth: str, *, salt: bytes | None = None, key: Any = None) -> bytes:
    """A payload for one subscription. ``salt`` and ``key`` are for a golden vector; else new each time.

    Raises:
        ValueError: the subscription's keys are none.
    """
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    theirs_raw, secret = _bytes(p256dh), _bytes(auth)
    theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), theirs_raw)
    ours = key or ec.generate_private_key(ec.SECP256R1())
    salt = salt or os.urandom(16)
    shared = ours.exchange(ec.ECDH(), theirs)
    whole = _hkdf(secret, shared, b"WebPush: info\x00" + theirs_raw + _point(ours), 32)
    content_key = _hkdf(salt, whole, b"Content-Encoding: aes128gcm\x00", 16)
    nonce = _hkdf(salt, whole, b"Content-Encoding: nonce\x00", 12)
    sealed = AESGCM(content_key).encrypt(nonce, plain + b"\x02", None)  # 2: the last record, and the only one
    point = _point(ours)
    return salt + (4096).to_bytes(4) + bytes([len(point)]) + point + sealed


def _hkdf(salt: bytes, secret: bytes, info: bytes, length: int) -> bytes:
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return HKDF(SHA256(), length, salt, info).derive(secret)


def _point(key: "EllipticCurvePrivateKey") -> bytes:
    from cryptography.hazmat.primitives import serialization

    return key.public_key().public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
