"""The one tree of refusals.

A refusal says what is wrong and what to do, in words of the catalogue: ``message`` is an English message id with
``{named}`` holes, translated only where it is shown. Anything else that is raised is a bug, and is answered as one.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with one field of what was sent."""

    message: str
    field: str | None = None
    params: Mapping[str, object] = dataclasses.field(default_factory=dict)


class Refusal(Exception):
    """Something that was asked for and is not done. Carries one fault or several."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "refused"
    """The stable name of the category, for machines."""
    retry_after: int | None = None
    """Seconds from now after which the same may go through; None: it will not by itself."""

    def __init__(
        self, message: str, *, field: str | None = None, faults: Sequence[Fault] = (), **params: object
    ):
        self.fault = Fault(message, field, params)
        self.faults: tuple[Fault, ...] = tuple(faults) or (self.fault,)
        super().__init__(message)

    def __str__(self) -> str:
        return self.fault.message.format_map(_Holes(self.fault.params))


class _Holes(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return "{" + key + "}"


class Incorrect(Refusal, ValueError):
    """What was sent cannot be understood or cannot be true.

    A ValueError too, so that a pydantic validator may raise it and the finding keeps its place.
    """

    status, code = 422, "incorrect"


class Unauthenticated(Refusal):
    """Nobody, or nobody any more, is signed in."""

    status, code = 401, "unauthenticated"


class Forbidden(Refusal):
    """The caller is known and may not."""

    status, code = 403, "forbidden"


class NotFound(Refusal):
    """There is no such thing, or none the caller may know of."""

    status, code = 404, "not-found"


class Conflict(Refusal):
    """It was true when the caller looked, and no longer is; or it is there already."""

    status, code = 409, "conflict"


class Stale(Refusal):
    """``If-Match`` names a version that is no longer the last one."""

    status, code = 412, "stale"


class TooLarge(Refusal):
    status, code = 413, "too-large"


class TooMany(Refusal):
    """Asked too often; ``retry_after`` seconds from now it may go through."""

    status, code = 429, "too-many"

    def __init__(self, message: str, *, retry_after: int = 1, field: str | None = None, **params: object):
        super().__init__(message, field=field, faults=(), **params)
        self.retry_after = retry_after


class Unavailable(Refusal):
    """A part Ojas depends on does not answer. Nothing was changed, unless the words say otherwise."""

    status, code = 503, "unavailable"
    retry_after = 5  # a restart of the embedded database takes two
