"""Why a database cannot be had, in one sentence that says what to do."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class CannotStart(Exception):
    """The embedded database cannot be used; the message is one sentence for the one who runs Ojas."""


_FULL = {errno.ENOSPC, errno.EDQUOT}
_CLOSED = {errno.EROFS, errno.EACCES, errno.EPERM}


def full(place: Path) -> CannotStart:
    return CannotStart(f"The disk that holds {place} is full; free some space and start again.")


def closed(place: Path) -> CannotStart:
    return CannotStart(
        f"{place} cannot be written to; make it writable or choose another folder with OJAS_HOME."
    )


@contextmanager
def explained(place: Path) -> Iterator[None]:
    """Turn what the system says about ``place`` into a sentence."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise full(place) from error
        if error.errno in _CLOSED:
            raise closed(place) from error
        if error.errno in {errno.ENOTDIR, errno.EEXIST}:
            raise CannotStart(
                f"{place} should be a folder, but a file is in the way; move it or set OJAS_HOME."
            ) from error
        raise


def from_output(place: Path, output: str, doing: str) -> CannotStart:
    """The sentence for what a program of PostgreSQL printed before it gave up."""
    if "No space left on device" in output or "Disk quota exceeded" in output:
        return full(place)
    if "Read-only file system" in output:
        return closed(place)
    said = [
        line for line in output.splitlines() if any(mark in line for mark in ("FATAL:", "PANIC:", "rror:"))
    ]
    last = (said or output.strip().splitlines() or ["it said nothing"])[-1].strip()
    return CannotStart(f"PostgreSQL could not {doing} in {place}: {last}")
