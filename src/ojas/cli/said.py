"""What commands say: results on standard output, everything else on standard error, and how they end.

0 done · 1 refused or failed · 2 used wrongly · 3 unwell (doctor) · 130 interrupted
"""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn, TextIO

import typer

REFUSED, USAGE, UNWELL, INTERRUPTED = 1, 2, 3, 130

_as_json = False


class Refused(Exception):
    """A command cannot do what it was asked; the message is one sentence for the one who runs Ojas."""


def speak_json(wanted: bool) -> None:
    """From here on results are JSON, one document a command."""
    global _as_json
    _as_json = wanted


def result(machine: Any, human: str) -> None:
    """The result, for whoever reads it."""
    _write(sys.stdout, json.dumps(machine, ensure_ascii=False, default=str) if _as_json else human)


def note(text: str) -> None:
    """Something on the way; not part of the result."""
    _write(sys.stderr, text)


def refuse(text: str, code: int = REFUSED) -> NoReturn:
    if _as_json:
        _write(sys.stdout, json.dumps({"error": text}, ensure_ascii=False))
    else:
        note(text)
    raise typer.Exit(code)


@contextmanager
def plainly() -> Iterator[None]:
    """Say in one sentence what is in the way; what has no sentence is a bug and shows where it is."""
    try:
        yield
    except (typer.Exit, typer.Abort):
        raise
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(REFUSED) from None
    except Exception as problem:
        if sentence := sentence_of(problem):
            refuse(sentence)
        raise


def sentence_of(problem: BaseException) -> str | None:
    """The sentence for what a person can mend, else None."""
    import psycopg
    from pydantic import ValidationError

    from ojas.kit.db.embedded import CannotStart
    from ojas.kit.errors import Refusal

    cause = getattr(problem, "orig", None) or problem  # SQLAlchemy wraps what the driver raised
    if isinstance(cause, CannotStart | Refusal | Refused):
        return str(cause)
    if isinstance(cause, psycopg.errors.DiskFull):
        return "The disk of the database is full; free some space and try again."
    if isinstance(cause, psycopg.OperationalError):
        return f"The database does not answer: {_first_line(cause)}"
    if isinstance(cause, ValidationError) and cause.title == "Settings":
        return "; ".join(f"OJAS_{str(e['loc'][0]).upper()}: {e['msg']}" for e in cause.errors()) + "."
    if isinstance(cause, OSError) and cause.strerror:
        return f"{cause.strerror}: {cause.filename}" if cause.filename else cause.strerror
    return None


def _first_line(problem: BaseException) -> str:
    return (str(problem).strip().splitlines() or [type(problem).__name__])[0]


def _write(stream: TextIO, text: str) -> None:
    stream.write(text + "\n")
    stream.flush()
