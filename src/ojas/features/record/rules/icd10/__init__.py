"""ICD-10-CM 2021: 95,358 codes and headings, found by code or by words, in any order, each by its beginning.

``codes.tsv.zst`` is made by ``scripts/icd10.py`` from the order file and the tabular list of CMS and NCHS (US government,
public domain): 642 kB, unpacked at the first search (60 ms, 16 MB) and searched as the text it is. An index would answer
in a tenth of the time and take ten times the memory.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import islice

import zstandard

from ojas.features.record.rules.icd10.common import COMMON, LANGUAGES

SYSTEM = "http://hl7.org/fhir/sid/icd-10-cm"
RELEASE = "2021"

_CODE = re.compile(r"[a-z]\d([\da-z]?|[\da-z]\.?[\da-z]{0,4})")
_LONGEST_QUERY = 80
_MOST_WORDS = 6
_MOST_LOOKED_AT = 8000
"""Lines with the rarest word of a query; who asks for "unspecified" is not helped by more, and waits 30 ms at most."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One line of the classification.

    Attributes:
        code: with its dot, I25.10. description: in the words of the classification.
        billable: False for a heading, which still says what somebody has. everyday: what people call it, or None.
    """

    code: str
    description: str
    billable: bool
    everyday: str | None = None


@dataclass(frozen=True, slots=True)
class _Text:
    plain: bytes
    lower: bytes


@cache
def _text() -> _Text:
    packed = files(__package__).joinpath("codes.tsv.zst").read_bytes()
    plain = b"\n" + zstandard.ZstdDecompressor().decompress(packed) + b"\n"
    return _Text(plain, plain.lower())


def find(query: str, *, limit: int = 20, language: str = "en") -> list[Diagnosis]:
    """The best answers to what somebody typed so far: a code, or words in the classification's or everyday language.

    What people commonly have comes first, then descriptions that begin with the words, then shorter ones. An empty
    query answers with the common ones. 2–20 ms.
    """
    words = _words(query)
    found = [_named(code, language) for code in islice(_everyday(words), limit)]
    if words and len(found) < limit:
        known = {one.code for one in found}
        rest = (_diagnosis(line, language) for line in [*_by_code(query, limit), *_by_words(words)])
        found.extend(one for one in _unique(rest) if one.code not in known)
    return found[:limit]


def read(code: str, *, language: str = "en") -> Diagnosis | None:
    """What a code means, with or without its dot; None if the release does not have it."""
    bare = code.replace(".", "").strip()
    if not re.fullmatch(r"[A-Za-z]\w{2,6}", bare, re.ASCII):
        return None
    start = _text().plain.find(f"\n{bare.upper()}\t".encode())
    return _diagnosis(_line(start + 1), language) if start >= 0 else None


def _words(query: str) -> list[str]:
    folded = unicodedata.normalize("NFKC", query[:_LONGEST_QUERY]).casefold()
    # Python's \w cuts Indic words at their vowel signs.
    return [word for word in re.split(r"[\s,;:/()\[\]\"-]+", folded) if word][:_MOST_WORDS]


def _everyday(words: list[str]) -> Iterator[str]:
    for code, names in COMMON.items():
        spoken = _words_of_names(names)
        if all(any(name.startswith(word) for name in spoken) for word in words):
            yield code


@cache
def _words_of_names(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(word for name in names for part in name.split(",") for word in _words(part))


def _by_code(query: str, limit: int) -> Iterator[bytes]:
    bare = query.strip().casefold()
    if not _CODE.fullmatch(bare):
        return
    sought = f"\n{bare.replace('.', '')}".encode()
    at = _text().lower.find(sought)
    for _ in range(limit):
        if at < 0:
            return
        yield _line(at + 1)
        at = _text().lower.find(sought, at + 1)


def _by_words(words: list[str]) -> list[bytes]:
    """Lines with every word, best first."""
    sought = [word.encode() for word in words if len(word) > 1]
    if not sought:
        return []
    rarest = min(sought, key=_text().lower.count)
    ranked = []
    for start in _starts(rarest):
        line = _lower_line(start)
        if (rank := _rank(line, sought)) is not None:
            ranked.append((rank, start))
    return [_line(start) for _, start in sorted(ranked)]


def _starts(word: bytes) -> Iterator[int]:
    """Where lines begin that hold a word that begins so; each once."""
    lower, at, last = _text().lower, -1, -1
    for _ in range(_MOST_LOOKED_AT):
        at = lower.find(word, at + 1)
        if at < 0:
            return
        start = lower.rfind(b"\n", 0, at) + 1
        if start != last:
            last = start
            yield start


def _rank(line: bytes, words: list[bytes]) -> tuple[bool, int, int] | None:
    """Lower is better: in the description itself, the first word near its start, the description short. None: no match."""
    _code, _billable, description, others = line.split(b"\t")
    places = [_place(description, word) for word in words]
    if -1 not in places:
        return False, places[0], len(description)
    if all(place >= 0 or _place(others, word) >= 0 for place, word in zip(places, words, strict=True)):
        return True, 0, len(description)
    return None


def _place(text: bytes, word: bytes) -> int:
    """Where a word that begins with ``word`` stands, or -1."""
    at = text.find(word)
    while at > 0 and (text[at - 1 : at].isalnum()):
        at = text.find(word, at + 1)
    return at


def _line(start: int) -> bytes:
    return _text().plain[start : _text().plain.index(b"\n", start)]


def _lower_line(start: int) -> bytes:
    return _text().lower[start : _text().lower.index(b"\n", start)]


def _named(code: str, language: str) -> Diagnosis:
    found = read(code, language=language)
    assert found, code
    return found


def _diagnosis(line: bytes, language: str) -> Diagnosis:
    code, billable, description, _others = line.decode().split("\t")
    everyday = None
    if names := COMMON.get(code):
        everyday = names[LANGUAGES.index(language) if language in LANGUAGES else 0].split(",")[0]
    return Diagnosis(dotted(code), description, billable == "1", everyday)


def dotted(code: str) -> str:
    """E119 → E11.9"""
    return f"{code[:3]}.{code[3:]}" if len(code) > 3 else code


def _unique(some: Iterator[Diagnosis]) -> Iterator[Diagnosis]:
    seen: set[str] = set()
    for one in some:
        if one.code not in seen:
            seen.add(one.code)
            yield one
