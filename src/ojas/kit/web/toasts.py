"""A sentence for the next page: what was done, and how to undo it. It travels in a signed cookie that lives a minute."""

import base64
import hmac
import json
from dataclasses import dataclass

from fastapi import Request, Response

from ojas.kit.web import csrf

_COOKIE = "ojas_toast"


@dataclass(frozen=True, slots=True)
class Toast:
    text: str
    undo: str | None = None
    """Where a form is posted to take it back."""


def leave(request: Request, response: Response, text: str, undo: str | None) -> None:
    content = json.dumps([text, undo]).encode()
    value = base64.urlsafe_b64encode(csrf.signed(request, "toast", content) + content).decode()
    secure = csrf.by_https(request)
    name = csrf.named(request, _COOKIE)
    response.set_cookie(name, value, max_age=60, httponly=True, samesite="lax", secure=secure, path="/")


def take(request: Request, response: Response) -> Toast | None:
    """The toast that was left for this browser, once."""
    name = csrf.named(request, _COOKIE)
    value = request.cookies.get(name)
    if not value:
        return None
    response.delete_cookie(name, path="/", secure=csrf.by_https(request), httponly=True, samesite="lax")
    try:
        raw = base64.urlsafe_b64decode(value)
        if not hmac.compare_digest(raw[:20], csrf.signed(request, "toast", raw[20:])):
            return None
        text, undo = json.loads(raw[20:])
    except ValueError:
        return None
    return Toast(str(text), str(undo) if undo else None)
