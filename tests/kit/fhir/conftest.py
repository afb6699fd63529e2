"""Real resources, where they lie."""

import gzip
from collections.abc import Callable, Iterator

import pytest
from tests.conftest import corpus

Real = Callable[[str], Iterator[tuple[str, bytes]]]


@pytest.fixture(scope="session")
def real() -> Real:
    """(file name, content) of every resource in a folder of the corpora; skips where it is absent."""

    def walk(name: str) -> Iterator[tuple[str, bytes]]:
        for path in sorted(corpus(name).rglob("*.json*")):
            if path.name in ("package.json", ".index.json"):
                continue
            data = path.read_bytes()
            yield path.name, gzip.decompress(data) if path.suffix == ".gz" else data

    return walk
