"""Taking a Bundle apart without changing a byte of what it holds, and joining its references again.

A transaction's entries refer to each other by urn:uuid names that mean something in that Bundle alone. What was received
is kept as it was; ``rewrite`` makes a copy whose references lead to where things are now.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from ojas.kit.errors import Incorrect
from ojas.kit.fhir.text import Stream


@dataclass(frozen=True, slots=True)
class Entry:
    """One resource as it was sent.

    Attributes:
        index: its place, from 0. full_url: the name other entries call it by.
        resource: as objects, decimals kept; None if the entry has none (a DELETE). raw: its own bytes, untouched.
        request: the method and url of a transaction's entry.
    """

    index: int
    full_url: str | None
    resource: Any
    raw: bytes
    request: Any = None


def entries(chunks: Iterable[bytes]) -> Iterator[Entry]:
    """Every resource of a text: of a Bundle its entries, of ndjson its lines, of a single resource itself.

    The text is read as it comes. What was handed out before a broken place stays good; there, this raises. A Bundle
    whose resourceType follows its entries is held in memory until it is known for one.

    Raises:
        Incorrect: not JSON, cut off, a single value beyond 64 MiB.
    """
    stream = Stream(chunks)
    count = 0
    while stream.peek():
        for entry in _one(stream, count):
            count = entry.index + 1
            yield entry


def _one(stream: Stream, first: int) -> Iterator[Entry]:
    if stream.peek() != "{":
        raise Incorrect("A FHIR resource is an object with a resourceType.")
    text = stream.since()
    resource: dict[str, Any] = {}
    for name in stream.members():
        if name == "entry" and resource.get("resourceType") == "Bundle":
            stream.forget()
            yield from _entries(stream, first)
            resource["entry"] = None
        else:
            resource[name], _ = stream.value()
    if resource.get("resourceType") != "Bundle":
        yield Entry(first, None, resource, text().encode())
    elif resource.get("entry") is not None:
        again = Stream([b'{"resourceType":"Bundle",' + text().encode()[1:]])
        yield from _one(again, first)
    elif "entry" not in resource:
        stream.forget()


def _entries(stream: Stream, first: int) -> Iterator[Entry]:
    for index in stream.items():
        if stream.peek() != "{":
            raise Incorrect("An entry of a Bundle is an object.")
        found: dict[str, Any] = {"resource": None}
        raw = ""
        for name in stream.members():
            found[name], text = stream.value()
            raw = text if name == "resource" else raw
        url = found.get("fullUrl")
        yield Entry(
            first + index,
            url if isinstance(url, str) else None,
            found["resource"],
            raw.encode(),
            found.get("request"),
        )


def rewrite(value: Any, name: Callable[[str], str | None]) -> Any:
    """A copy in which every reference, and every urn: that stands alone, is called what ``name`` says (None: as it is)."""
    if isinstance(value, dict):
        return {key: _renamed(key, one, name) for key, one in value.items()}
    if isinstance(value, list):
        return [_renamed("", one, name) for one in value]
    return value


def _renamed(key: str, value: Any, name: Callable[[str], str | None]) -> Any:
    if isinstance(value, str):
        return (name(value) or value) if key == "reference" or value.startswith("urn:") else value
    return rewrite(value, name)


def references(value: Any) -> Iterator[str]:
    """Every ``reference`` in a resource, in order, as it is written."""
    if isinstance(value, dict):
        for key, one in value.items():
            if key == "reference" and isinstance(one, str):
                yield one
            else:
                yield from references(one)
    elif isinstance(value, list):
        for one in value:
            yield from references(one)
