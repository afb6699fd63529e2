"""A form's token: proof that a form that is sent was drawn by us for this browser.

``nonce + HMAC(key, nonce + binding)``. Signed in, the binding is the session; before that, a random cookie of the browser.
The nonce is new in every page, so a compressed page gives the token away to nobody who watches its length.
"""

import base64
import hmac
import secrets
from functools import lru_cache
from hashlib import sha256

from fastapi import Request, Response

from ojas.kit import crypto
from ojas.kit.errors import Forbidden
from ojas.kit.http.edge import house_of

FIELD = "form_token"
HEADER = "x-form-token"
COOKIE = "ojas_form"
_NONCE = 12
_TAG = 20


def csrf_token(request: Request) -> str:
    """The token for forms of the page that answers this request."""
    nonce = secrets.token_bytes(_NONCE)
    return _text(nonce + _tag(request, nonce, _binding(request, make=True)))


def verify(request: Request, token: str) -> None:
    """
    Raises:
        Forbidden: the token is missing, or was made for another session.
    """
    raw = _bytes(token)
    nonce, tag = raw[:_NONCE], raw[_NONCE:]
    binding = _binding(request, make=False)
    if binding is None or not hmac.compare_digest(tag, _tag(request, nonce, binding)):
        raise Forbidden(
            "This form was open too long, or your session changed. Open it again and send it once more."
        )


def remember(request: Request, response: Response) -> None:
    """Give a browser that nobody is signed in with the cookie its form's token was bound to."""
    seed = getattr(request.state, "form_seed", None)
    name = named(request, COOKIE)
    if seed and request.cookies.get(name) != seed:
        response.set_cookie(name, seed, httponly=True, samesite="lax", secure=by_https(request), path="/")


def named(request: Request, cookie: str) -> str:
    """A cookie's name; by https one that no neighbouring site and no plain connection can plant (RFC 6265bis, 4.1.3)."""
    return f"__Host-{cookie}" if by_https(request) else cookie


def by_https(request: Request) -> bool:
    """Whether users come by https: by what the request says, or, behind a proxy that does not say, by the public address."""
    public = house_of(request).settings.public_url or ""
    return request.url.scheme == "https" or public.startswith("https:")


def signed(request: Request, use: str, content: bytes) -> bytes:
    """20 bytes that only this installation can make for ``content``."""
    return hmac.digest(
        _key(house_of(request).database.keyring.master), use.encode() + b"\0" + content, sha256
    )[:_TAG]


def keeper(request: Request) -> str:
    """A sign of the account that is signed in, which tells it from others on one device and tells nobody which it is."""
    return _text(signed(request, "keeper", request.state.actor.account_id.bytes))


def _tag(request: Request, nonce: bytes, binding: str | None) -> bytes:
    return signed(request, "form", nonce + (binding or "").encode())


def _binding(request: Request, *, make: bool) -> str | None:
    actor = getattr(request.state, "actor", None)
    if actor is not None:
        return f"session:{actor.session_id or actor.account_id}"
    seed = getattr(request.state, "form_seed", None) or request.cookies.get(named(request, COOKIE))
    if seed is None and make:
        seed = secrets.token_urlsafe(18)
    if make:
        request.state.form_seed = seed
    return f"browser:{seed}" if seed else None


@lru_cache(maxsize=8)
def _key(master: crypto.MasterKeys) -> bytes:
    return master.derive("web:forms")


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        return b""
