"""What a log holds: where something broke, never what a person wrote."""

import logging
from collections.abc import Iterator

import pytest

from ojas.kit import logs


@pytest.fixture(autouse=True)
def unchanged() -> Iterator[None]:
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    yield
    root.handlers[:] = before
    root.setLevel(level)


def test_an_exception_that_a_library_logs_says_where_and_not_what(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("warning")
    try:
        raise ValueError("my blood pressure is 181")
    except ValueError:
        logging.getLogger("uvicorn.error").exception("Exception in ASGI application")
    said = capsys.readouterr().err
    assert "ValueError at test_logs.py:" in said
    assert "181" not in said
    assert said.count("\n") == 1
