"""Refusals as problem+json (RFC 9457), in the caller's language. A bug is a 500 that says nothing of itself."""

from collections.abc import Callable, Sequence
from typing import Any

import psycopg
import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic_core import ErrorDetails
from sqlalchemy.exc import DataError, DBAPIError, PendingRollbackError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException

from ojas.kit import i18n
from ojas.kit.errors import Fault, Incorrect, NotFound, Refusal, Unavailable
from ojas.kit.http.edge import manner_of
from ojas.kit.i18n import N_, say

_LOG = structlog.get_logger("ojas.http")

Rendering = Callable[[Request, Refusal], Response]

_SAYS = {
    "missing": N_("This is missing."),
    "extra_forbidden": N_("There is no such field."),
    "string_too_short": N_("This needs at least {min_length} characters."),
    "string_too_long": N_("This may have at most {max_length} characters."),
    "greater_than_equal": N_("This must be at least {ge}."),
    "greater_than": N_("This must be more than {gt}."),
    "less_than_equal": N_("This must be at most {le}."),
    "less_than": N_("This must be less than {lt}."),
    "enum": N_("This must be one of {expected}."),
    "literal_error": N_("This must be one of {expected}."),
    "json_invalid": N_("This is not valid JSON."),
    "uuid_parsing": N_("This is not an id."),
    "datetime_parsing": N_("This is not a date and time, such as 2026-03-01T08:00:00+05:30."),
    "datetime_from_date_parsing": N_("This is not a date and time, such as 2026-03-01T08:00:00+05:30."),
    "timezone_aware": N_("This time needs a zone, such as +05:30 or Z."),
    "date_from_datetime_parsing": N_("This is not a date, such as 2026-03-01."),
    "date_parsing": N_("This is not a date, such as 2026-03-01."),
    "decimal_parsing": N_("This is not a number."),
    "decimal_type": N_("This is not a number."),
    "float_parsing": N_("This is not a number."),
    "int_parsing": N_("This is not a whole number."),
    "int_type": N_("This is not a whole number."),
    "finite_number": N_("This is not a number."),
    "string_type": N_("This must be text."),
    "bool_parsing": N_("This must be true or false."),
    "too_long": N_("There may be at most {max_length} of these."),
    "too_short": N_("There must be at least {min_length} of these."),
}
_ELSE = N_("This is not right.")


def install(app: FastAPI, rendering: Rendering) -> None:
    """Show every refusal by ``rendering``, in the language of whoever asked."""

    def render(request: Request, refusal: Refusal) -> Response:
        with i18n.use(getattr(request.state, "manner", None) or manner_of(request)):
            return rendering(request, refusal)

    async def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, Refusal)
        return render(request, error)

    async def invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return render(request, incorrect(error.errors()))

    async def routed(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        refusal = _of_status(error)
        response = render(request, refusal)
        response.headers.update(error.headers or {})
        return response

    async def database(request: Request, error: Exception) -> Response:
        if isinstance(error, DataError | psycopg.DataError):
            # A value no column can hold, such as text with a NUL. Checked sooner wherever we think of it; noted, so we do.
            _LOG.warning("unfit", error=type(error).__name__, exc_info=error)
            return render(request, Incorrect(_ELSE))
        return await bug(request, error)

    async def bug(request: Request, error: Exception) -> Response:
        return render(request, unforeseen(error))

    app.add_exception_handler(Refusal, refused)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, routed)
    app.add_exception_handler(DBAPIError, database)
    app.add_exception_handler(psycopg.Error, database)
    app.add_exception_handler(Exception, bug)


def problem(request: Request, refusal: Refusal) -> Response:
    """The refusal as problem+json: type, title, status, detail, and one entry a fault that names its field."""
    body = {
        "type": f"/problems/{refusal.code}",
        "title": say(refusal.fault.message, refusal.fault.params),
        "status": refusal.status,
        "request": str(getattr(request.state, "request_id", "")),
        "errors": [
            {"field": f.field, "message": say(f.message, f.params)} for f in refusal.faults if f.field
        ],
    }
    headers = {"content-language": i18n.current().language}
    if refusal.retry_after is not None:
        headers["retry-after"] = str(refusal.retry_after)
    if refusal.status == 401:
        headers["www-authenticate"] = "Bearer"
    return JSONResponse(body, refusal.status, headers, "application/problem+json")


def incorrect(errors: Sequence[ErrorDetails | Any]) -> Incorrect:
    """Pydantic's findings as a refusal: one fault a finding, in our words, naming the field."""
    return Incorrect("Something here is not right yet.", faults=[fault_of(error) for error in errors])


def fault_of(error: ErrorDetails | dict[str, Any]) -> Fault:
    """One finding of pydantic as a fault. A validator of ours may have raised a Refusal: then its own words."""
    where = [str(part) for part in error["loc"] if part not in ("body", "query", "path", "header", "form")]
    context: dict[str, Any] = dict(error.get("ctx") or {})
    cause = context.get("error")
    field = ".".join(where) or str(error["loc"][0] if error["loc"] else "body")
    if isinstance(cause, Refusal):
        return Fault(cause.fault.message, cause.fault.field or field, cause.fault.params)
    if "expected" in context:  # 'a', 'b' or 'c': the library's English
        context["expected"] = str(context["expected"]).replace(" or ", ", ")
    return Fault(_SAYS.get(error["type"], _ELSE), field, context)


def unforeseen(error: Exception) -> Refusal:
    """What is said of something raised that is no refusal: the database went away, else it is a mistake of ours."""
    if lost(error):
        _LOG.error("database", error=type(error).__name__)
        return Unavailable("The database does not answer. Nothing was changed; try again soon.")
    _LOG.error("bug", error=type(error).__name__, exc_info=error)
    return Bug()


def lost(error: BaseException | None) -> bool:
    """Whether this came of a database that does not answer, through whichever library it was asked."""
    while error is not None:
        if isinstance(error, psycopg.OperationalError | PoolTimeout):
            return True
        if isinstance(error, PendingRollbackError) and error.code == _GONE:
            return True
        error = getattr(error, "orig", None) or error.__cause__
    return False


_GONE = "8s2b"
"""What SQLAlchemy calls going on with a transaction whose connection died."""


class Bug(Refusal):
    """Our own mistake, of which the caller learns no more than that."""

    status, code = 500, "bug"

    def __init__(self) -> None:
        super().__init__(_BUG)


class _Other(Refusal):
    code = "http"


def _of_status(error: HTTPException) -> Refusal:
    if error.status_code == 404:
        return NotFound("There is nothing at this address.")
    refusal = _Other(_METHOD if error.status_code == 405 else _ELSE)
    refusal.status = error.status_code  # type: ignore[misc]  # of this one alone
    return refusal


_BUG = N_("Something went wrong here. It is noted, and nothing was changed.")
_METHOD = N_("This address does not do that.")
