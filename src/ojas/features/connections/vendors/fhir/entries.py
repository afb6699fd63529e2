"""The resources in one file, one by one, whatever its form."""

import io
from collections.abc import Iterator

from ojas.features.connections.rules import Refused, Resource, Unreadable
from ojas.features.connections.vendors.fhir.resources import DECODER, DEEP, NO_JSON, resource
from ojas.features.connections.vendors.fhir.stream import Broken, Readable, Text
from ojas.kit.errors import Fault

DELETE = Fault("The bundle asks to delete it. An import only adds.")
EMPTY = Fault("The entry holds no resource.")

Found = tuple[Resource | Refused, int]
"""With the bytes of the file read so far."""


def entries(file: Readable, name: str) -> Iterator[Found]:
    """Each resource and refusal. A file that breaks off gives what came before, then one refusal."""
    text = Text(file)
    some = False
    try:
        if text.peek() not in ("{", "["):
            raise Unreadable(NO_JSON)
        for found in _lines(text, name) if _by_line(text) else _values(text, name):
            some = True
            yield found, text.done
    except Broken as error:
        if not some:
            raise
        yield Refused(error.fault, name), text.done


def _by_line(text: Text) -> bool:
    """True if the first line is a whole object and another follows: then a broken line breaks only itself."""
    line = text.first_line()
    if line is None or not line.rstrip().endswith("}"):
        return False
    with text.look():
        text.line()
        return text.peek() == "{"


def _lines(text: Text, name: str) -> Iterator[Resource | Refused]:
    number = 0
    while (line := text.line()) is not None:
        number += 1
        if not line.strip():
            continue
        where = f"{name}:{number}"
        try:
            content = DECODER.decode(line)
        except RecursionError:
            yield Refused(DEEP, where)
        except ValueError:
            yield Refused(NO_JSON, where)
        else:
            yield resource(content, line.strip(), "", where)


def _values(text: Text, name: str) -> Iterator[Resource | Refused]:
    while mark := text.peek():
        if mark == "[":
            for _ in text.elements():
                yield from _value(text, name)
        else:
            yield from _value(text, name)


def _value(text: Text, name: str) -> Iterator[Resource | Refused]:
    """A bundle's entries, or the one resource."""
    if text.peek() != "{":
        text.value()
        yield Refused(EMPTY, name)
    elif _is_bundle(text):
        yield from _bundle(text, name)
    else:
        content, raw = text.value()
        yield resource(content, raw, "", name)


def _is_bundle(text: Text) -> bool:
    with text.look():
        for member in text.members():
            if member == "entry":
                return True
            value, _ = text.value()
            if member == "resourceType":
                return bool(value == "Bundle")
    return False


def _bundle(text: Text, name: str) -> Iterator[Resource | Refused]:
    number = 0
    for member in text.members():
        if member != "entry" or text.peek() != "[":
            text.value()
            continue
        for _ in text.elements():
            number += 1
            yield from _entry(text, f"{name}[{number}]")


def _entry(text: Text, where: str) -> Iterator[Resource | Refused]:
    if text.peek() != "{":
        text.value()
        yield Refused(EMPTY, where)
        return
    url, method, held = "", "", None
    for member in text.members():
        value, raw = text.value()
        if member == "resource":
            held = (value, raw)
        elif member == "fullUrl" and isinstance(value, str):
            url = value
        elif member == "request" and isinstance(value, dict):
            method = str(value.get("method", ""))
    if method == "DELETE":
        yield Refused(DELETE, where)
    elif held is None:
        yield Refused(EMPTY, where)
    elif isinstance(held[0], dict) and held[0].get("resourceType") == "Bundle":
        yield from _inner(held[0], held[1], where)
    else:
        yield resource(held[0], held[1], url, where)


def _inner(content: dict[str, object], raw: str, where: str) -> Iterator[Resource | Refused]:
    """A bundle as an entry of a bundle, as a server's answer to a batch has it: one level, no deeper."""
    if not isinstance(content.get("entry"), list):
        yield resource(content, raw, "", where)
        return
    inner = Text(io.BytesIO(raw.encode()))
    for found in _bundle(inner, where):
        if isinstance(found, Resource) and found.content.get("resourceType") == "Bundle":
            yield Refused(DEEP, where)
        else:
            yield found
