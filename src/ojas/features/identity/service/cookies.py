"""The cookies of a browser that is signed in."""

from fastapi import Request, Response

from ojas.features.identity.rules import Kind
from ojas.features.identity.service.ground import origin
from ojas.features.identity.service.sessions import COOKIE, SECURE_COOKIE, Entered
from ojas.kit import clock

_DEVICE = "ojas-device"
_YEAR = 365 * 24 * 3600


def secure(request: Request) -> bool:
    """Whether users come by https: by what the request says, or, behind a proxy, by the public address."""
    return request.url.scheme == "https" or origin().startswith("https:")


def device_of(request: Request) -> str | None:
    """The token by which this browser is known to have signed in before."""
    token = request.cookies.get(f"__Host-{_DEVICE}" if secure(request) else _DEVICE)
    return token if token and len(token) < 100 else None


def enter(request: Request, response: Response, entered: Entered) -> None:
    """Give the browser its session. One that is not to be remembered ends with the browser at the latest."""
    renew(request, response, entered)
    if entered.device_token:
        know(request, response, entered.device_token)


def renew(request: Request, response: Response, entered: Entered) -> None:
    """Give the browser the present token of its session."""
    life = None
    if entered.session.kind == Kind.REMEMBERED:
        life = int((entered.session.expires_at - clock.now()).total_seconds())
    https = secure(request)
    name = SECURE_COOKIE if https else COOKIE
    # Lax, not strict: the link of a letter must find its reader signed in.
    response.set_cookie(
        name, entered.token, max_age=life, path="/", secure=https, httponly=True, samesite="lax"
    )


def know(request: Request, response: Response, device_token: str) -> None:
    """Let the browser be known as one that was here before."""
    https = secure(request)
    response.set_cookie(
        f"__Host-{_DEVICE}" if https else _DEVICE,
        device_token,
        max_age=_YEAR,
        path="/",
        secure=https,
        httponly=True,
        samesite="strict",
    )


def leave(request: Request, response: Response) -> None:
    for name in (COOKIE, SECURE_COOKIE):
        response.delete_cookie(name, path="/", secure=secure(request), httponly=True, samesite="lax")
