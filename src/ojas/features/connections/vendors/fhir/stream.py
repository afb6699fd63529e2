"""JSON in pieces: one value after another out of a file of any size, at the speed of the C scanner."""

import codecs
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from ojas.features.connections.rules import Unreadable
from ojas.features.connections.vendors.fhir.resources import DECODER, DEEP
from ojas.kit.errors import Fault

PIECE = 256 * 1024
LARGEST = 64 * 2**20
"""Characters one value may have: documents travel inside resources, as base64."""

BROKEN = Fault("The file is no complete JSON: it breaks off or is damaged at character {place}.")
HUGE = Fault("One entry of the file is larger than any resource may be.")

_SPACE = re.compile(r"[ \t\r\n]*")


class Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


class Broken(Unreadable):
    """The text ends or is not JSON from here on."""


class Text:
    """A window over a file. ``at`` moves forward; what lies before it is forgotten."""

    def __init__(self, file: Readable):
        self._file = file
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")(errors="replace")
        self._window, self._at = "", 0
        self._gone = 0
        self._ended = self._held = False
        self.done = 0
        """Bytes read."""

    def peek(self) -> str:
        """The next character that is no space, empty at the end."""
        while True:
            self._at = _SPACE.match(self._window, self._at).end()  # type: ignore[union-attr]  # matches always
            if self._at < len(self._window) or not self._fill():
                return self._window[self._at : self._at + 1]

    def take(self, mark: str) -> None:
        if self.peek() != mark:
            raise self._broken()
        self._at += 1

    def value(self) -> tuple[Any, str]:
        """The next value, and its own text."""
        self.peek()
        while True:
            try:
                found, end = DECODER.raw_decode(self._window, self._at)
            except RecursionError as error:
                raise Unreadable(DEEP) from error
            except ValueError as error:
                if not self._more():
                    raise self._broken() from error
                continue
            # A number at the end of the window may go on.
            if end == len(self._window) and not self._ended and self._fill():
                continue
            text = self._window[self._at : end]
            self._at = end
            return found, text

    def members(self) -> Iterator[str]:
        """The names in an object; the caller takes each value before the next name."""
        self.take("{")
        if self.peek() == "}":
            self.take("}")
            return
        while True:
            if self.peek() != '"':
                raise self._broken()
            name, _ = self.value()
            self.take(":")
            yield name
            if self.peek() == "}":
                self.take("}")
                return
            self.take(",")

    def elements(self) -> Iterator[None]:
        """Once for each element of an array; the caller takes its value."""
        self.take("[")
        if self.peek() == "]":
            self.take("]")
            return
        while True:
            yield
            if self.peek() == "]":
                self.take("]")
                return
            self.take(",")

    def line(self) -> str | None:
        """The next line, none at the end."""
        while (end := self._window.find("\n", self._at)) < 0:
            if len(self._window) - self._at > LARGEST:
                raise Unreadable(HUGE)
            if not self._fill():
                rest, self._at = self._window[self._at :], len(self._window)
                return rest or None
        line, self._at = self._window[self._at : end], end + 1
        return line

    def first_line(self) -> str | None:
        """The first line, if it ends within four pieces; stays where it is."""
        while (end := self._window.find("\n", self._at)) < 0 and len(self._window) < 4 * PIECE:
            if not self._fill():
                return None
        return self._window[self._at : end] if end >= 0 else None

    @contextmanager
    def look(self) -> Iterator[None]:
        """Read ahead, and be back afterwards."""
        start, self._held = self._at, True
        try:
            yield
        finally:
            self._at, self._held = start, False

    def _more(self) -> bool:
        """Read on, twice as far each time, so that a long value is scanned at most twice over."""
        waiting = len(self._window) - self._at
        if waiting > LARGEST:
            raise Unreadable(HUGE)
        return self._fill(max(PIECE, waiting))

    def _fill(self, size: int = PIECE) -> bool:
        if self._ended:
            return False
        raw = self._file.read(size)
        self.done += len(raw)
        self._ended = not raw
        if self._at > PIECE and not self._held:
            self._gone += self._at
            self._window, self._at = self._window[self._at :], 0
        self._window += self._decoder.decode(raw, final=self._ended)
        return bool(raw)

    def _broken(self) -> Broken:
        return Broken(Fault(BROKEN.message, params={"place": self._gone + self._at}))
