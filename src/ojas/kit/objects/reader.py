"""A sealed object as a file: for zipfile and all that wants ``read`` and ``seek``."""

import io
from collections.abc import Callable
from typing import TYPE_CHECKING

from ojas.kit.objects.chunks import Layout

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


class ObjectReader(io.RawIOBase):
    """Reads content at any place by opening the chunks that hold it; one request for each read.

    ``fetch(start, length)`` answers stored bytes. Raises ``Unreadable`` for a chunk that was changed.
    """

    def __init__(self, layout: Layout, fetch: Callable[[int, int], bytes]) -> None:
        self.size = layout.size
        self._layout = layout
        self._fetch = fetch
        self._at = 0
        self._opened(layout.chunks - 1, 1)  # the last chunk's flag says that the size is true

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self.size}[whence]
        if start + offset < 0:
            raise ValueError("a file has nothing before its beginning")
        self._at = start + offset
        return self._at

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        target = memoryview(buffer).cast("B")
        end = min(self._at + len(target), self.size)
        if self._at >= end:
            return 0
        step = self._layout.chunk_bytes
        first, after = self._at // step, -(-end // step)
        content = memoryview(self._opened(first, after - first))[self._at - first * step : end - first * step]
        target[: len(content)] = content
        self._at += len(content)
        return len(content)

    def _opened(self, first: int, count: int) -> bytes:
        return b"".join(self._layout.opened(first, self._fetch(*self._layout.span(first, count))))
