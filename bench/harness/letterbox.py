"""A mail server that takes whatever comes, and notes when: SMTP (RFC 5321, 2920) at next to no cost of its own.

Beside it aiosmtpd takes 1 ms of CPU a letter, which would be half of what there is to spend.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import cast

_END = b"\r\n.\r\n"


@dataclass
class Letterbox:
    """``at``: when the first letter to each address was taken, in seconds of the epoch. ``again``: how many came twice."""

    port: int = 0
    at: dict[str, float] = field(default_factory=dict)
    again: int = 0
    hang: set[str] = field(default_factory=set)

    @classmethod
    @asynccontextmanager
    async def opened(cls) -> "AsyncIterator[Letterbox]":
        box = cls()
        server = await asyncio.get_running_loop().create_server(lambda: _Talk(box), "127.0.0.1", 0)
        box.port = server.sockets[0].getsockname()[1]
        try:
            yield box
        finally:
            server.close()

    def empty(self) -> None:
        self.at.clear()
        self.again = 0

    def take(self, address: str) -> None:
        if address in self.at:
            self.again += 1
        else:
            self.at[address] = time.time()


class _Talk(asyncio.Protocol):
    """One connection."""

    def __init__(self, box: Letterbox) -> None:
        self.box, self.rest, self.content, self.to = box, b"", False, ""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's is none by name
        self.transport.write(b"220 letterbox\r\n")

    def data_received(self, data: bytes) -> None:
        self.rest += data
        said: list[bytes] = []
        while (found := self._piece()) is not None:
            said.append(self._answer(found))
        if said:
            self.transport.write(b"".join(said))

    def _piece(self) -> bytes | None:
        """The next line, or all of a letter's content."""
        mark = _END if self.content else b"\r\n"
        piece, found, rest = self.rest.partition(mark)
        if not found:
            return None
        self.rest = rest
        return piece

    def _answer(self, piece: bytes) -> bytes:
        if self.content:
            self.content = False
            self.box.take(self.to)
            return b"250 taken\r\n"
        verb = piece[:4].upper()
        if verb == b"EHLO":
            return b"250-letterbox\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n"
        if verb == b"RCPT":
            self.to = piece.partition(b"<")[2].partition(b">")[0].decode()
        if verb == b"DATA":
            self.content = True
            return b"354 go on\r\n"
        if verb == b"QUIT":
            self.transport.write(b"221 bye\r\n")
            self.transport.close()
            return b""
        return b"250 ok\r\n"
