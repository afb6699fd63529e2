"""Files sent in a form, handed on as they arrive: neither memory nor a database connection waits for a slow sender."""

from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import Request
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import ClientDisconnect

from ojas.kit import i18n
from ojas.kit.db import Access, Tx
from ojas.kit.errors import Incorrect
from ojas.kit.http.edge import house_of, manner_of, origin_of

_FIELD_BYTES = 16 * 1024
_FIELDS = 20
_UNBOUNDED = 2**62

FORM: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary"}},
                }
            }
        },
    }
}
"""What a route says of its body in OpenAPI (``openapi_extra``)."""


@asynccontextmanager
async def crossing(request: Request) -> AsyncIterator[Tx]:
    """The edge, for handlers that need more than one transaction: each time asks anew who calls and what they may."""
    house = house_of(request)
    async with house.database.transaction(Access.system("sign_in"), origin_of(request)) as tx:
        actor = await house.authenticate(tx, request)
        await tx.become(await house.authorise(tx, actor) if actor else Access())
        request.state.tx, request.state.actor = tx, actor
        request.state.manner = actor.manner if actor else manner_of(request)
        with i18n.use(request.state.manner):
            yield tx


class Upload:
    """A form whose fields came before its one file. ``parts`` gives the file's bytes as they arrive."""

    def __init__(self, fields: dict[str, str], name: str, reader: "_Reader") -> None:
        self.fields = fields
        self.name = name
        """The file's name, as the sender calls it; no path."""
        self._reader = reader

    @classmethod
    async def begin(cls, request: Request, file: str = "file") -> "Upload":
        """Read up to the first byte of the file in the field ``file``.

        Raises:
            Incorrect: the body is no such form.
        """
        reader = _Reader(request)
        request.state.body_limit = _UNBOUNDED  # the fields are bounded here, the file by whoever keeps it
        fields: dict[str, str] = {}
        async for name, file_name in reader.headers():
            if name == file and file_name is not None:
                return cls(fields, _base(file_name), reader)
            if len(fields) >= _FIELDS:
                break
            fields[name] = await reader.text()
        raise Incorrect("There is no file in what was sent.", field=file)

    async def parts(self) -> AsyncIterator[bytes]:
        async for part in self._reader.content():
            yield part


class _Reader:
    """Events of the form, in order: ``(name, file name)`` at the head of a part, bytes, None at its end."""

    def __init__(self, request: Request) -> None:
        kind, options = parse_options_header(request.headers.get("content-type", ""))
        boundary = options.get(b"boundary")
        if kind != b"multipart/form-data" or not boundary:
            raise Incorrect("There is no file in what was sent.", field="file")
        self._body = request.stream()
        self._events: deque[tuple[str, str | None] | bytes | None] = deque()
        self._name, self._value, self._disposition = b"", b"", b""
        self._ended = False
        try:
            self._parser = MultipartParser(
                boundary,
                {
                    "on_part_begin": self._begin,
                    "on_header_field": self._field,
                    "on_header_value": self._header,
                    "on_header_end": self._header_end,
                    "on_headers_finished": self._head,
                    "on_part_data": self._data,
                    "on_part_end": lambda: self._events.append(None),
                },
            )
        except FormParserError as problem:  # a boundary of kilobytes
            raise Incorrect("There is no file in what was sent.", field="file") from problem

    async def headers(self) -> AsyncIterator[tuple[str, str | None]]:
        async for event in self._stream():
            if isinstance(event, tuple):
                yield event

    async def text(self) -> str:
        """The content of a small field."""
        content = b""
        async for part in self.content():
            content += part
            if len(content) > _FIELD_BYTES:
                raise Incorrect("A field of the form is too long.")
        return content.decode(errors="replace")

    async def content(self) -> AsyncIterator[bytes]:
        async for event in self._stream():
            if event is None:
                return
            if isinstance(event, bytes):
                yield event
        raise Incorrect("The file did not arrive whole. Send it again.", field="file")

    async def _stream(self) -> AsyncIterator[tuple[str, str | None] | bytes | None]:
        while True:
            while self._events:
                yield self._events.popleft()
            if self._ended:
                return
            try:
                chunk = await anext(self._body)
            except StopAsyncIteration:
                self._ended = True
                continue
            except ClientDisconnect as gone:
                raise Incorrect("The file did not arrive whole. Send it again.", field="file") from gone
            try:
                self._parser.write(chunk)
            except FormParserError as problem:
                raise Incorrect("There is no file in what was sent.", field="file") from problem

    def _begin(self) -> None:
        self._disposition = b""

    def _field(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def _header(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header_end(self) -> None:
        if self._name.lower() == b"content-disposition":
            self._disposition = self._value
        self._name, self._value = b"", b""

    def _head(self) -> None:
        _, options = parse_options_header(self._disposition)
        file_name = options.get(b"filename")
        name = options.get(b"name", b"").decode(errors="replace")
        self._events.append((name, None if file_name is None else file_name.decode(errors="replace")))

    def _data(self, data: bytes, start: int, end: int) -> None:
        self._events.append(bytes(data[start:end]))


def _base(name: str) -> str:
    return name.replace("\\", "/").rsplit("/", 1)[-1].replace("\0", "")[:200]
