"""A cluster for a while: for tests and benchmarks."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
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
        if data.is_symlink() or data.stat().st_uid != os.geteuid() or not (data / "users").exists():
            continue
        users = os.open(data / "users", os.O_RDWR)
        try:
            if taken(users, fcntl.LOCK_EX):
                server.stop(data / str(MAJOR))
                shutil.rmtree(data, ignore_errors=True)
        finally:
            os.close(users)
