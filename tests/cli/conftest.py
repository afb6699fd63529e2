import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.cli.running import Ojas
from tests.kit.db.clusters import end_servers

Run = Callable[..., Ojas]


@pytest.fixture
def home() -> Iterator[Path]:
    """An OJAS_HOME that the database's account may enter: pytest's own folder is closed to it under root."""
    folder = Path(tempfile.mkdtemp(prefix="ojas-cli-", dir="/tmp"))
    folder.chmod(0o711)
    yield folder / "home"
    end_servers(folder / "home" / "postgres")
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def ojas(home: Path) -> Iterator[Run]:
    """The command, on a home of its own; whatever still runs at the end is killed."""
    started: list[Ojas] = []

    def start(*words: str, **variables: str) -> Ojas:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("OJAS_")}
        started.append(Ojas(words, {**kept, "OJAS_HOME": str(home), **variables}))
        return started[-1]

    yield start
    for command in started:
        command.kill()
