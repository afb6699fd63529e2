"""Every message the product says, and which language still lacks it. ``python -m tests.words`` lists what is missing."""

import string
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from babel.messages.extract import extract
from babel.messages.pofile import read_po
from jinja2.ext import babel_extract

from ojas.kit import errors

ROOT = Path(__file__).parents[1] / "src" / "ojas"
LANGUAGES = ("hi", "ta")
_REFUSALS = [name for name, kind in vars(errors).items() if isinstance(kind, type) and name[0].isupper()]
KEYWORDS: dict[str, Any] = {"_": None, "N_": None, "gettext": None, "ngettext": (1, 2)}
KEYWORDS |= dict.fromkeys([*_REFUSALS, "Refused"], (1,))


@dataclass(frozen=True)
class Message:
    """A message where it is said; ``folder`` is whose catalogue must hold it."""

    text: str
    file: Path
    line: int

    @property
    def folder(self) -> Path:
        """features/NAME, kit/NAME, or kit itself."""
        parts = self.file.relative_to(ROOT).parts
        deep = 2 if len(parts) > 2 else 1
        return ROOT.joinpath(*parts[:deep]) if len(parts) > 1 else ROOT

    def __str__(self) -> str:
        return f"{self.file.relative_to(ROOT)}:{self.line}: {self.text!r}"


def said() -> Iterator[Message]:
    """What code and templates say."""
    for file in sorted(ROOT.rglob("*.py")):
        if file.is_relative_to(
            ROOT / "cli"
        ):  # the command line speaks English, as its neighbours on a terminal do
            continue
        with file.open("rb") as source:
            for line, text, _comments, _context in extract("python", source, KEYWORDS):
                yield from _each(text, file, line)
    for file in sorted(ROOT.rglob("templates/**/*.html")):
        with file.open("rb") as source:
            for line, _function, text, _comments in babel_extract(source, KEYWORDS, [], {"trimmed": "true"}):
                yield from _each(text, file, line)


def _each(text: Any, file: Path, line: int) -> Iterator[Message]:
    first = text[0] if isinstance(text, tuple) else text
    if isinstance(first, str) and first.strip():
        yield Message(first, file, line)


@dataclass(frozen=True)
class Entry:
    """A message as the catalogue has it: its English forms (two where it counts), and those of the language."""

    english: tuple[str, ...]
    forms: tuple[str, ...]


def catalogue(folder: Path, language: str) -> dict[str, Entry]:
    """Message to entry, of one folder."""
    file = folder / "locale" / f"{language}.po"
    if not file.exists():
        return {}
    with file.open("rb") as source:
        entries = [
            Entry(_all(entry.id), _all(entry.string))
            for entry in read_po(source, locale=language, abort_invalid=True)
            if entry.id and not entry.fuzzy
        ]
    return {entry.english[0]: entry for entry in entries}


def everything(language: str) -> dict[str, Entry]:
    found: dict[str, Entry] = {}
    for file in sorted(ROOT.rglob(f"locale/{language}.po")):
        found |= catalogue(file.parents[1], language)
    return found


def missing(language: str) -> list[Message]:
    have = {name for name, entry in everything(language).items() if all(form.strip() for form in entry.forms)}
    seen: set[str] = set()
    return [m for m in said() if m.text not in have and not (m.text in seen or seen.add(m.text))]  # type: ignore[func-returns-value]


def _all(text: Any) -> tuple[str, ...]:
    return tuple(map(str, text)) if isinstance(text, list | tuple) else (str(text),)


def holes(text: str) -> set[str]:
    return {name for _literal, name, _spec, _conversion in string.Formatter().parse(text) if name}


if __name__ == "__main__":
    for language in LANGUAGES:
        lacking = missing(language)
        print(f"# {language}: {len(lacking)} missing")  # noqa: T201
        for message in lacking:
            print(message)  # noqa: T201
