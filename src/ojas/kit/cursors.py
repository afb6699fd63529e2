"""A place in a list, as a text that a caller comes back with to go on from there."""

import base64
from functools import cache
from typing import Any

import orjson
from pydantic import TypeAdapter

from ojas.kit.errors import Incorrect


def cursor_of(*place: Any) -> str:
    """Values that say where one is in the order of a list."""
    return base64.urlsafe_b64encode(orjson.dumps(place)).decode().rstrip("=")


def place_of(cursor: str, *kinds: Any) -> Any:
    """The values that ``cursor_of`` was given, of these kinds, as a tuple.

    Raises:
        Incorrect: it is not one of ours.
    """
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        text = base64.b64decode(padded.encode("ascii"), altchars=b"-_", validate=True)
        return _reader(kinds).validate_json(text)
    except ValueError as problem:
        raise Incorrect("This is not a place in the list. Begin at its start.", field="cursor") from problem


@cache
def _reader(kinds: tuple[Any, ...]) -> TypeAdapter[Any]:
    return TypeAdapter(tuple[kinds])  # type: ignore[valid-type]  # as many as there are
