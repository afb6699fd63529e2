"""What a log holds: where something broke, never what a person wrote."""

import logging
import os
import sys
from collections.abc import Iterator

import pytest
import structlog

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


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full, a disk that is always full")
def test_a_line_that_cannot_be_written_stops_no_work(monkeypatch: pytest.MonkeyPatch) -> None:
    logs.configure("warning")
    with open("/dev/full", "w") as full:
        monkeypatch.setattr(sys, "stderr", full)
        structlog.get_logger("tests").warning("failed", exc_info=ValueError("x"))
        logging.getLogger("tests").warning("failed")
        monkeypatch.undo()
        with pytest.raises(OSError, match="No space left"):
            full.close()


def test_what_is_said_goes_to_whatever_standard_error_is_by_then(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("warning")
    structlog.get_logger("tests").warning("before")
    assert "before" in capsys.readouterr().err
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stderr", sys.stdout)
        structlog.get_logger("tests").warning("after")
    assert "after" in capsys.readouterr().out
