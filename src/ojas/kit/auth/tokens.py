"""Tokens: opaque ones that are looked up by their digest, and signed ones that say for ten minutes who calls.

A signed access token is a JWT of RFC 9068 (``typ`` at+jwt). The algorithm is the key's, never the token's word; keys a
token points at by itself (jku, x5u, jwk) are not looked at (OWASP ASVS 5.0, 9.1).
"""

import hmac
import json
import secrets
from base64 import urlsafe_b64encode
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Literal
from uuid import UUID

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, RSAKey
from joserfc.util import to_str, urlsafe_b64decode

Algorithm = Literal["ES256", "RS256"]

LIFE = timedelta(minutes=10)
"""An access token lives at most this long."""

NOTICE = timedelta(hours=1)
"""A new key stands in the key set this long before it signs, so that those who keep the set know it by then."""

TERM = timedelta(days=90)
"""A key signs this long; then the next does."""

_TYPE = "at+jwt"
_LONGEST = 4096
_REMEMBERED = 10_000
_LEEWAY_S = 30


class Invalid(Exception):  # a state of the token, like the refusals of kit.errors
    """A token that proves nothing: malformed, forged, expired, or for another audience."""


def new_token() -> str:
    """256 random bits as 43 letters, for an address, a cookie or a header."""
    return secrets.token_urlsafe(32)


def successor(key: bytes, token: str) -> str:
    """The one token that comes after ``token``, as long and as hard to guess for who lacks ``key``.

    Computed, not drawn: so that it can be said a second time although only digests are kept.
    """
    made = hmac.digest(key, token.encode("utf-8", "surrogatepass"), sha256)
    return urlsafe_b64encode(made).decode().rstrip("=")


def digest(token: str) -> bytes:
    """What is kept of an opaque token. Plain SHA-256 is enough: 256 random bits cannot be guessed through it."""
    return sha256(token.encode("utf-8", "surrogatepass")).digest()


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key with its name and the instant it was made."""

    kid: str
    algorithm: Algorithm
    created_at: datetime
    key: ECKey | RSAKey = field(repr=False)

    @classmethod
    def new(cls, algorithm: Algorithm, at: datetime) -> "SigningKey":
        key = ECKey.generate_key("P-256") if algorithm == "ES256" else RSAKey.generate_key(3072)
        return cls(key.thumbprint(), algorithm, at, key)

    @classmethod
    def load(cls, algorithm: Algorithm, created_at: datetime, private: bytes) -> "SigningKey":
        """From what ``dump`` wrote."""
        key = JWKRegistry.import_key(json.loads(private))
        assert isinstance(key, ECKey | RSAKey)
        return cls(key.thumbprint(), algorithm, created_at, key)

    def dump(self) -> bytes:
        """The private key as a JWK. Handle as the secret it is."""
        return json.dumps(self.key.as_dict(private=True)).encode()

    def public(self) -> dict[str, Any]:
        """The JWK that others check signatures with."""
        return {**self.key.as_dict(private=False), "kid": self.kid, "alg": self.algorithm, "use": "sig"}


@dataclass(frozen=True, slots=True)
class Claims:
    """What an access token says: an account, the session it belongs to, and until when."""

    account_id: UUID
    session_id: UUID
    expires_at: int


class Signers:
    """The keys of an installation in the order of their making, and what each is good for at an instant.

        made ──NOTICE──▶ signs ──TERM──▶ only checks ──NOTICE + LIFE──▶ gone

    The first key ever signs at once: nobody keeps an older set.
    """

    def __init__(self, keys: Iterable[SigningKey], *, issuer: str, audience: str) -> None:
        self.keys = sorted(keys, key=lambda key: key.created_at)
        self.issuer = issuer
        self.audience = audience
        self._checked: OrderedDict[bytes, Claims] = OrderedDict()

    def signing(self, at: datetime) -> SigningKey | None:
        """The newest key that has been announced long enough, else the oldest there is."""
        announced = [key for key in self.keys if key.created_at + NOTICE <= at]
        return announced[-1] if announced else next(iter(self.keys), None)

    def due(self, at: datetime) -> bool:
        """Whether it is time to make the next key."""
        return not self.keys or self.keys[-1].created_at + TERM <= at

    def spent(self, at: datetime) -> list[SigningKey]:
        """Keys of which no valid token can be left: their successor has signed for longer than a token lives."""
        pairs = zip(self.keys, self.keys[1:], strict=False)
        return [key for key, heir in pairs if heir.created_at + NOTICE + LIFE + timedelta(hours=1) <= at]

    def key_set(self) -> dict[str, Any]:
        """The JWKS (RFC 7517)."""
        return {"keys": [key.public() for key in self.keys]}

    def issue(
        self, account_id: UUID, session_id: UUID, at: datetime, life: timedelta = LIFE
    ) -> tuple[str, int]:
        """A token and the seconds it lives."""
        key = self.signing(at)
        if key is None:
            raise ValueError("there is no signing key")
        seconds = int(min(life, LIFE).total_seconds())
        now = int(at.timestamp())
        claims = {
            "iss": self.issuer,
            "aud": self.audience,
            "sub": str(account_id),
            "sid": str(session_id),
            "client_id": "ojas",
            "jti": secrets.token_urlsafe(12),
            "iat": now,
            "exp": now + seconds,
        }
        header = {"alg": key.algorithm, "kid": key.kid, "typ": _TYPE}
        return jwt.encode(header, claims, key.key, algorithms=[key.algorithm]), seconds

    def verify(self, token: str, at: datetime) -> Claims:
        """What a token says, once everything about it is right.

        A token comes with every request of its ten minutes and is checked in full with the first: 0.2 ms, then 2 µs. Only
        time can make it wrong later; whether its session lives is not said by a signature, and asked elsewhere.

        Raises:
            Invalid: anything is not.
        """
        if len(token) > _LONGEST or not token.isascii():
            raise Invalid
        name = digest(token)
        known = self._checked.get(name)
        if known is not None and known.expires_at + _LEEWAY_S > at.timestamp():
            return known
        claims = self._verified(token, at)
        self._checked[name] = claims
        if len(self._checked) > _REMEMBERED:
            self._checked.popitem(last=False)
        return claims

    def _verified(self, token: str, at: datetime) -> Claims:
        key = self._key_of(token)
        try:
            found = jwt.decode(token, key.key, algorithms=[key.algorithm])
            self._rules(at).validate(found.claims)
            if (
                found.header.get("typ") != _TYPE
                or found.claims["exp"] - found.claims["iat"] > LIFE.total_seconds()
            ):
                raise Invalid
            sub, sid = UUID(found.claims["sub"]), UUID(found.claims["sid"])
            return Claims(sub, sid, int(found.claims["exp"]))
        except (JoseError, ValueError, TypeError, OverflowError, RecursionError) as problem:
            raise Invalid from problem

    def _key_of(self, token: str) -> SigningKey:
        try:
            header = json.loads(to_str(urlsafe_b64decode(token.partition(".")[0].encode())))
            kid = header["kid"]
        except (ValueError, KeyError, TypeError, RecursionError) as problem:
            raise Invalid from problem
        for key in self.keys:
            if key.kid == kid:
                return key
        raise Invalid

    def _rules(self, at: datetime) -> jwt.JWTClaimsRegistry:
        return jwt.JWTClaimsRegistry(
            now=int(at.timestamp()),
            leeway=_LEEWAY_S,
            iss={"essential": True, "value": self.issuer},
            aud={"essential": True, "value": self.audience},
            sub={"essential": True},
            sid={"essential": True},
            jti={"essential": True},
            iat={"essential": True},
            exp={"essential": True},
        )
