"""Which host passkeys are bound to."""

from urllib.parse import urlsplit

from fastapi import Request

from ojas.kit.auth.passkeys import RelyingParty
from ojas.kit.errors import Unavailable
from ojas.kit.settings import settings

_NAME = "Ojas"
_HERE = ("localhost",)


def party_of(request: Request) -> RelyingParty:
    """The public address; without one, this machine by its name ``localhost``, which browsers trust without TLS.

    Raises:
        Unavailable: Ojas is reached by a name it was not told of, to which nothing may be bound.
    """
    public = settings().public_url
    if public:
        parts = urlsplit(public)
        return RelyingParty(parts.hostname or "", _NAME, (f"{parts.scheme}://{parts.netloc}",))
    host = request.url.hostname
    if host not in _HERE:
        raise Unavailable("Passkeys work once OJAS_PUBLIC_URL is set, or at the address localhost.")
    return RelyingParty("localhost", _NAME, (f"{request.url.scheme}://{request.url.netloc}",))
