import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.kit.db.clusters import end_servers


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that the server's account may enter: pytest's own is closed to it when root runs the tests."""
    folder = Path(tempfile.mkdtemp(prefix="ojas-embedded-", dir="/tmp"))
    folder.chmod(0o711)
    yield folder / "postgres"
    end_servers(folder / "postgres")
    shutil.rmtree(folder, ignore_errors=True)
