"""Logs: one JSON object a line, on standard error. Never a name, an address, a value or a token: ids and kinds alone."""

import logging
import sys
from contextlib import suppress
from types import TracebackType
from typing import Any

import structlog


class _Error:
    """Standard error, whatever it is by now. A line that cannot be written, as on a full disk, is lost: work goes on."""

    def write(self, text: str) -> None:
        with suppress(OSError, ValueError):
            sys.stderr.write(text)

    def flush(self) -> None:
        with suppress(OSError, ValueError):
            sys.stderr.flush()


def configure(level: str = "info") -> None:
    """Set logs up for this process; a terminal gets coloured text, everything else JSON."""
    threshold = logging.getLevelNamesMapping()[level.upper()]
    final = structlog.dev.ConsoleRenderer() if sys.stderr.isatty() else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _shown,
            final,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.PrintLoggerFactory(_Error()),  # type: ignore[arg-type]
        cache_logger_on_first_use=True,
    )
    # Libraries print the exceptions they see whole (uvicorn, the queue); unless told otherwise Python would let them.
    others = logging.StreamHandler(_Error())
    others.setFormatter(_Placed("%(levelname)s %(name)s %(message)s"))
    logging.basicConfig(handlers=[others], level=logging.WARNING, force=True)
    for own in (
        "uvicorn",
        "uvicorn.error",
        "uvicorn.access",
    ):  # which else keep handlers of their own, once a server ran
        logging.getLogger(own).handlers.clear()
        logging.getLogger(own).propagate = True
    for noisy in ("procrastinate", "sqlalchemy", "alembic", "httpx", "uvicorn.access"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


class _Placed(logging.Formatter):
    """Renders an exception as its type and where it happened, without its words."""

    def format(self, record: logging.LogRecord) -> str:
        record.exc_text = record.stack_info = None
        return super().format(record).replace("\n", " ")

    def formatException(self, ei: Any) -> str:  # noqa: N802  # the name that logging calls
        return f"{ei[0].__name__ if ei[0] else ''} at {_places(ei[2])}"


def _shown(_logger: object, _name: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """An exception as where it happened; its message may quote what a person wrote, so that stays out."""
    problem = event.pop("exc_info", None)
    if isinstance(problem, BaseException):
        event["at"] = _places(problem.__traceback__)
    return event


def _places(trace: TracebackType | None) -> str:
    frames = []
    while trace:
        frames.append(f"{trace.tb_frame.f_code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}")
        trace = trace.tb_next
    return " > ".join(frames[-12:])
