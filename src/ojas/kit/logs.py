"""Logs: one JSON object a line, on standard error. Never a name, an address, a value or a token: ids and kinds alone."""

import logging
import sys

import structlog


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
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    for noisy in ("procrastinate", "sqlalchemy", "alembic", "httpx", "uvicorn.access"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def _shown(_logger: object, _name: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """An exception as where it happened; its message may quote what a person wrote, so that stays out."""
    problem = event.pop("exc_info", None)
    if isinstance(problem, BaseException):
        frames = []
        trace = problem.__traceback__
        while trace:
            frames.append(f"{trace.tb_frame.f_code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}")
            trace = trace.tb_next
        event["at"] = " > ".join(frames[-12:])
    return event
