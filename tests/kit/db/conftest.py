import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.kit.db.clusters import postmasters


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that the server's account may enter: pytest's own is closed to it when root runs the tests."""
    folder = Path(tempfile.mkdtemp(prefix="ojas-embedded-", dir="/tmp"))
    folder.chmod(0o711)
    yield folder / "postgres"
    for pid in postmasters(folder / "postgres"):
        os.kill(pid, signal.SIGKILL)
    shutil.rmtree(folder, ignore_errors=True)
