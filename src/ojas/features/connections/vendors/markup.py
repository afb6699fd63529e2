"""XML from strangers, read as a stream in flat memory.

Differs from a plain parser in four ways. The document type before the root is cut away unread, since several
vendors write one that is not well formed; if it defines an entity the file is refused. Bytes that are no UTF-8 or no
XML become U+FFFD, so they spoil one value and not the file. After a breach of the grammar reading goes on at the next
element of a known name. And depth and the size of one element are bounded.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from xml.parsers import expat  # nosec: entities are refused below

from ojas.features.connections.rules import Refused, Unreadable
from ojas.kit.errors import Fault

PROLOG = 2**20
DEPTH = 32
ELEMENT = 8 * 2**20
"""Bytes without the start of an element, after which the file is given up."""
BREACHES = 1_000
CARRY = 64 * 1024
"""Bytes of an element that wait for the rest of it, before the parser gets them as they are."""
_NEXT = b"\n <"
"""Begins an element right below the root, as Apple lays it out. Elsewhere laid out, a file goes through the parser."""

_NO_XML = bytes(b for b in range(32) if b not in b"\t\n\r")
_MARKED = bytes(0xFF if b in _NO_XML else b for b in range(256))

ENTITIES = Fault(
    "The file defines entities, which a health export never does. It may be a trap, and was not opened."
)
FOREIGN = Fault("The file does not begin as a {root} file does.")
DEEP = Fault("The file nests its elements without end, as a trap does.")
ENDLESS = Fault("The file holds an element larger than any export has.")
HOPELESS = Fault(
    "The file is damaged in more than {limit} places. What was read before stays.", params={"limit": BREACHES}
)
GARBLED = Fault("A part of the file is damaged and cannot be read. What stands around it was taken in.")
CUT = Fault("The file ends too early, as when it was cut off on its way. What was there was taken in.")

Attributes = list[str]
"""Names and values in turn, as written: a dict of each element's would cost a third of the reading."""
Start = Callable[[str, Attributes], None]
End = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Lane:
    """A short way for what a file is full of: elements written just as ``pattern`` says, whole, right below the root.

    They are taken by one regular expression, at twice the speed of the parser, which never sees them; all else goes
    through the parser. ``free`` says whether the parser stands right below the root.
    """

    pattern: re.Pattern[bytes]
    take: Callable[[re.Match[bytes]], None]
    free: Callable[[], bool]


def named(attributes: Attributes) -> dict[str, str]:
    return dict(zip(attributes[::2], attributes[1::2], strict=True))


class Walk:
    """Calls ``start`` and ``end`` for each element of a stream. ``reset`` is called where the thread was lost.

    They are the parser's own handlers, with nothing between: a call more would be a tenth of the reading. So whoever is
    called counts the depth, and raises ``Unreadable(DEEP)`` beyond ``DEPTH``.
    """

    def __init__(
        self,
        root: str,
        siblings: Iterable[str],
        start: Start,
        end: End,
        reset: Callable[[], None],
        lane: Lane | None = None,
    ):
        self._root = root.encode()
        self._sibling = re.compile(rb"<(?:" + b"|".join(name.encode() for name in siblings) + rb")[\s/>]")
        self._start, self._end, self._reset = start, end, reset
        self.replaced = False
        """True from the first byte on that had to be replaced."""
        self._lane = lane
        self._carry = b""
        self._lines = 1
        self._breaches = 0

    def run(self, chunks: Iterable[bytes]) -> Iterator[int | Refused]:
        """Yields the count of bytes read, after each chunk, and what was refused on the way."""
        done = 0
        self._open()
        for raw, text in self._body(chunks):
            done += raw
            yield from self._sorted(self._carry + text) if self._lane else self._feed(text)
            yield done
        yield from self._feed(self._carry)
        try:
            self._parser.Parse(b"", True)
        except expat.ExpatError:
            self._lines += self._parser.ErrorLineNumber - 1
            yield Refused(CUT, self._place())

    def _body(self, chunks: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
        """Each chunk as its length and its text made safe; the first begins at the root."""
        head, seen, kept = b"", 0, b""
        rooted = False
        for chunk in chunks:
            seen += len(chunk)
            text, kept = self._sound(kept + chunk)
            if rooted:
                yield len(chunk), text
                continue
            head += text
            at = head.find(b"<" + self._root)
            if b"<!ENTITY" in (head if at < 0 else head[:at]):
                raise Unreadable(ENTITIES)
            if at >= 0:
                rooted = True
                self._lines += head[:at].count(b"\n")
                yield seen, head[at:]
            elif len(head) > PROLOG:
                break
        if not rooted:
            raise Unreadable(Fault(FOREIGN.message, params={"root": self._root.decode()}))

    def _sound(self, chunk: bytes) -> tuple[bytes, bytes]:
        """The chunk as clean UTF-8, and the bytes at its end that wait for the next."""
        clean = chunk.translate(_MARKED)
        if clean.isascii():
            return clean, b""
        cut = _whole(clean)
        body, rest = clean[:cut], chunk[cut:]
        try:
            body.decode()
        except UnicodeDecodeError:
            self.replaced = True
            body = body.decode(errors="replace").encode()
        return body, rest

    def _open(self) -> None:
        parser = expat.ParserCreate("utf-8")
        parser.ordered_attributes = True

        def refuse(*_: object) -> int:
            raise Unreadable(ENTITIES)

        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.EntityDeclHandler = refuse
        parser.ExternalEntityRefHandler = refuse
        self._parser, self._fed = parser, 0
        self._lost = False

    def _sorted(self, text: bytes) -> Iterator[Refused]:
        """What the lane takes, and the rest for the parser; an element cut by the end of the text waits for the next."""
        assert self._lane
        match, take, free = self._lane.pattern.match, self._lane.take, self._lane.free
        at, size = 0, len(text)
        while at < size:
            if free() and not self._lost:
                begun = at
                while found := match(text, at):
                    take(found)
                    at = found.end()
                self._lines += text.count(b"\n", begun, at)
            until = text.find(_NEXT, at + 1)
            if until < 0 and size - at <= CARRY:
                break
            until = size if until < 0 else until
            yield from self._feed(text[at:until])
            at = until
        self._carry = text[at:]

    def _feed(self, text: bytes) -> Iterator[Refused]:
        while text:
            if self._lost:
                found = self._sibling.search(text)
                if not found:
                    self._lines += text.count(b"\n")
                    return
                self._lines += text.count(b"\n", 0, found.start())
                text = text[found.start() :]
                self._open()
                self._parser.Parse(b"<" + self._root + b">", False)
                self._fed = len(self._root) + 2
            try:
                self._parser.Parse(text, False)
            except expat.ExpatError:
                text = self._breach(text)
                yield Refused(GARBLED, self._place())
                continue
            self._bound(text)
            return

    def _bound(self, text: bytes) -> None:
        """What the parser holds of an element that has not ended must not grow without end."""
        self._fed += len(text)
        if self._fed - self._parser.CurrentByteIndex > ELEMENT:
            raise Unreadable(ENDLESS)

    def _breach(self, text: bytes) -> bytes:
        """What remains after the place where the grammar broke."""
        self._breaches += 1
        if self._breaches > BREACHES:
            raise Unreadable(HOPELESS)
        at = min(max(self._parser.ErrorByteIndex - self._fed, 0) + 1, len(text))
        self._lines += self._parser.ErrorLineNumber - 1
        self._lost = True
        self._reset()
        return text[at:]

    def _place(self) -> str:
        return f"¶ {self._lines}"


def _whole(text: bytes) -> int:
    """The length up to the last complete UTF-8 sequence."""
    for back in range(1, min(4, len(text)) + 1):
        byte = text[-back]
        if byte < 0x80:
            return len(text)
        if byte >= 0xC0:
            needed = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
            return len(text) - back if needed > back else len(text)
    return len(text)
