"""Reading a list of interactions: a CSV with a line a pair, as somebody who may use such a list has it.

ingredient,other,severity,effect,cite
warfarin,ibuprofen,major,"Bleeding is more likely.",label of warfarin 2024
"""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ojas.features.medications.rules.safety import Severity
from ojas.features.medications.rules.substances import name
from ojas.kit.errors import Incorrect

COLUMNS = ("ingredient", "other", "severity", "effect")
"""Those a list must have."""
MOST = 1_000_000
LONGEST_NAME, LONGEST_TEXT = 120, 2000


@dataclass(frozen=True, slots=True)
class Pair:
    """Two names as they are compared, the lesser first, and what they do together."""

    one: str
    other: str
    severity: Severity
    effect: str
    cite: str


def read(lines: Iterable[str]) -> Iterator[Pair]:
    """The pairs of a list, each once.

    Raises:
        Incorrect: with the line as field; the whole list is refused then.
    """
    try:
        yield from _pairs(csv.DictReader(lines, strict=True))
    except csv.Error as problem:
        raise Incorrect("This is not CSV: {why}.", field="file", why=problem) from problem


def _pairs(rows: "csv.DictReader[str]") -> Iterator[Pair]:
    if missing := [column for column in COLUMNS if column not in (rows.fieldnames or ())]:
        raise Incorrect("The first line must name the column {column}.", field="line 1", column=missing[0])
    seen: dict[tuple[str, str], int] = {}
    for row in rows:
        pair, line = _pair(row, rows.line_num), rows.line_num
        if first := seen.get((pair.one, pair.other)):
            raise Incorrect(
                "Line {line}: this pair stands on line {first} already.",
                field=f"line {line}",
                line=line,
                first=first,
            )
        if len(seen) >= MOST:
            raise Incorrect("At most {most} pairs.", field=f"line {line}", most=MOST)
        seen[pair.one, pair.other] = line
        yield pair
    if not seen:
        raise Incorrect("This list is empty.", field="file")


def _pair(row: dict[str, str], line: int) -> Pair:
    where = {"field": f"line {line}", "line": line}
    one, other = sorted((name(row["ingredient"] or ""), name(row["other"] or "")))
    if not one or one == other or max(len(one), len(other)) > LONGEST_NAME:
        raise Incorrect("Line {line}: two different ingredients are needed.", **where)  # type: ignore[arg-type]
    effect, cite = (row["effect"] or "").strip(), (row.get("cite") or "").strip()
    if not effect or len(effect) > LONGEST_TEXT or len(cite) > LONGEST_TEXT:
        raise Incorrect("Line {line}: say what the two do together, in at most {most} letters.",
                        most=LONGEST_TEXT, **where)  # type: ignore[arg-type]  # fmt: skip
    try:
        severity = Severity((row["severity"] or "").strip().casefold())
    except ValueError as problem:
        raise Incorrect("Line {line}: severity is one of {all}.",
                        all=", ".join(Severity), **where) from problem  # type: ignore[arg-type]  # fmt: skip
    return Pair(one, other, severity, effect, cite)
