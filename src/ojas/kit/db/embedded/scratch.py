"""A cluster for a while: for tests and benchmarks."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from ojas.kit.db.embedded import server
from ojas.kit.db.embedded.folder import taken
from ojas.kit.db.embedded.lease import Lease, attach
from ojas.kit.db.embedded.programs import MAJOR

_PREFIX = "ojas-scratch-"


@contextmanager
def scratch(*, durable: bool = False) -> Iterator[Lease]:
    """A cluster in a folder that everybody may enter, gone at the end. About half a second to make.

    What earlier runs left because they were killed is swept first.
    """
    _sweep(Path(tempfile.gettempdir()))
    data = Path(tempfile.mkdtemp(prefix=_PREFIX))
    try:
        with attach(data, durable=durable) as lease:
            yield lease
    finally:
        shutil.rmtree(data, ignore_errors=True)


def _sweep(place: Path) -> None:
    for data in place.glob(f"{_PREFIX}*"):
        with suppress(FileNotFoundError), ExitStack() as held:  # another may be sweeping it
            if data.is_symlink() or data.stat().st_uid != os.geteuid():
                continue
            # Whoever makes it holds the first from before the second is there; whoever uses it, the second.
            if all(_taken(data / name, held) for name in ("lock", "users")):
                server.stop(data / str(MAJOR))
                shutil.rmtree(data, ignore_errors=True)


def _taken(file: Path, held: ExitStack) -> bool:
    descriptor = os.open(file, os.O_RDWR)
    held.callback(os.close, descriptor)
    return taken(descriptor, fcntl.LOCK_EX)
