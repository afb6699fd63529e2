"""FHIR as JSON text, with its decimals as they were written: 1.0 is not 1.00.

A float forgets the trailing zero, which in a laboratory value is the precision of the measurement. So numbers are read
as Decimal, and written back digit by digit. It costs 26 µs where orjson takes 18 (a Synthea resource of 3.7 kB).
"""

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from decimal import Decimal, InvalidOperation
from typing import Any

import orjson

from ojas.kit.errors import Incorrect

_LONGEST = 1000


def read(data: bytes | str) -> Any:
    """JSON to Python objects; numbers with a point or an exponent, and very long ones, become Decimal.

    Raises:
        Incorrect: not UTF-8, not JSON, NaN or Infinity, a NUL character, nested beyond reason.
    """
    with unreadable():
        text = data if isinstance(data, str) else data.decode("utf-8-sig")
        return _plain(_DECODER.decode(text), text)


def write(value: Any) -> bytes:
    """Python objects to compact JSON; a Decimal keeps its digits."""
    return orjson.dumps(value, default=_digits)


def pretty(value: Any) -> str:
    """The same, indented, for people."""
    return orjson.dumps(value, default=_digits, option=orjson.OPT_INDENT_2).decode()


@contextmanager
def unreadable() -> Iterator[None]:
    """Everything a JSON parser raises, as one refusal."""
    try:
        yield
    except (
        UnicodeDecodeError,
        json.JSONDecodeError,
        RecursionError,
        ValueError,
        InvalidOperation,
    ) as problem:
        # The parser's own words quote what was sent.
        raise Incorrect("This is not JSON text in UTF-8.") from problem


def _integer(digits: str) -> int | Decimal:
    # Beyond 64 bits orjson does not write it, and beyond 4,300 digits Python does not read it.
    return int(digits) if len(digits) < 19 else _decimal(digits)


def _decimal(digits: str) -> Decimal:
    # FHIR asks for 18 digits, its examples go to 10^245. 1E+999999999 is a billion digits to whoever writes it out.
    found = Decimal(digits)
    if len(digits) > _LONGEST or not -_LONGEST < found.adjusted() < _LONGEST:
        raise ValueError("a number out of reach")
    return found


def _refuse(word: str) -> None:
    raise ValueError("JSON has no " + word)


def _plain(value: Any, text: str) -> Any:
    # PostgreSQL cannot hold U+0000 in text, and no language needs it. A look at the text costs nothing.
    if "\\u0000" in text and _holds_nul(value):
        raise ValueError("NUL")
    return value


def _holds_nul(value: Any) -> bool:
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, dict):
        return any(_holds_nul(one) for pair in value.items() for one in pair)
    return isinstance(value, list) and any(_holds_nul(one) for one in value)


def _digits(value: Any) -> Any:
    if isinstance(value, Decimal) and value.is_finite():
        return orjson.Fragment(str(value))
    raise TypeError(f"{type(value).__name__} is not part of FHIR's JSON")


_DECODER = json.JSONDecoder(parse_float=_decimal, parse_int=_integer, parse_constant=_refuse)
_scan: Callable[[str, int], tuple[Any, int]] = _DECODER.scan_once  # type: ignore[attr-defined]  # typeshed leaves it out


class Stream:
    """JSON values out of chunks of bytes, one at a time, each with its own text; memory follows the largest value.

    A value that does not end in what has been read is tried again with twice as much, so the work stays linear.
    """

    def __init__(self, chunks: Iterable[bytes], *, most: int = 64 * 2**20):
        self._chunks: Iterator[bytes] = iter(chunks)
        self._most = most
        self._rest = b""  # the beginning of a character whose end has not come yet
        self._text = ""
        self._at = 0
        self._started = False
        self._ended = False
        self._mark: int | None = None

    def peek(self) -> str:
        """The next character that is not space; empty at the end."""
        while True:
            while self._at < len(self._text) and self._text[self._at] in " \t\r\n":
                self._at += 1
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                return ""

    def take(self, character: str) -> None:
        """Step over a character that must come next."""
        if self.peek() != character:
            raise Incorrect("This is not JSON text in UTF-8.")
        self._at += 1

    def value(self) -> tuple[Any, str]:
        """The next value and the text it is written in."""
        self.peek()
        with unreadable():
            while True:
                try:
                    found, end = _scan(self._text, self._at)
                except (StopIteration, json.JSONDecodeError) as problem:
                    if not self._more():
                        raise ValueError("ends too early") from problem
                    continue
                if end == len(self._text) and not isinstance(found, str | dict | list) and self._more():
                    continue  # the number may go on in the next chunk
                text = self._text[self._at : end]
                self._at = end
                return _plain(found, text), text

    def members(self) -> Iterator[str]:
        """The names of an object's members; whoever asks takes each value before the next name."""
        self.take("{")
        while self.peek() != "}":
            name, _ = self.value()
            if not isinstance(name, str):
                raise Incorrect("This is not JSON text in UTF-8.")
            self.take(":")
            yield name
            self._comma("}")
        self.take("}")

    def items(self) -> Iterator[int]:
        """The places of an array; whoever asks takes each value before the next place."""
        self.take("[")
        index = 0
        while self.peek() != "]":
            yield index
            index += 1
            self._comma("]")
        self.take("]")

    def since(self) -> Callable[[], str]:
        """Remember this place; the answer gives the text from here to where one is then, and forgets it."""
        self.peek()
        self._mark = self._at

        def text() -> str:
            assert self._mark is not None
            found = self._text[self._mark : self._at]
            self._mark = None
            return found

        return text

    def forget(self) -> None:
        """Let go of the place remembered, so that what was read can be dropped."""
        self._mark = None

    def _comma(self, end: str) -> None:
        if self.peek() != end:
            self.take(",")
            if self.peek() == end:
                raise Incorrect("This is not JSON text in UTF-8.")

    def _more(self) -> bool:
        """Read at least as much as is held; False if there was nothing left."""
        if self._ended:
            return False
        kept = self._at if self._mark is None else self._mark
        self._text, self._at = self._text[kept:], self._at - kept
        if self._mark is not None:
            self._mark = 0
        parts, size = [self._rest], 0
        while size <= len(self._text) and not self._ended:
            chunk = next(self._chunks, None)
            self._ended = chunk is None
            parts.append(chunk or b"")
            size += len(chunk or b"")
        if len(self._text) + size > self._most:
            raise Incorrect("One entry of this file is too large to read.")
        self._text += self._decoded(b"".join(parts))
        return size > 0

    def _decoded(self, data: bytes) -> str:
        with unreadable():
            cut = len(data) if self._ended else _whole(data)
            self._rest = data[cut:]
            text = data[:cut].decode()
        if self._started or not text:
            return text
        self._started = True
        return text.removeprefix("\ufeff")


def _whole(data: bytes) -> int:
    """Where the last whole UTF-8 character ends: at most three bytes before the end."""
    for back in range(1, min(4, len(data)) + 1):
        byte = data[-back]
        if byte < 0x80:
            return len(data) - back + 1
        if byte >= 0xC0:
            width = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
            return len(data) if width == back else len(data) - back
    return len(data)
