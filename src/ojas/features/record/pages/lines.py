"""Medicines named with a condition, typed one a line: name, dose, how often, from when – until when."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date

from ojas.features.record.schemas import ConditionMedication
from ojas.kit.errors import Incorrect

_DAY = r"(\d{4}-\d{1,2}-\d{1,2})?"
_SPAN = re.compile(rf"{_DAY}\s*(?:(?:[–—]|--?)\s*{_DAY})?$")


def read(text: str, kept: Sequence[ConditionMedication], today: date) -> tuple[ConditionMedication, ...]:
    """A line that was not touched is what it was: not everything that is kept was typed, and a name may have a comma.

    Of others ``kept`` lends, by name, what a line has no place for. What ended before ``today`` is not taken any more.

    Raises:
        Incorrect: a date that is none, or an end before its beginning.
    """
    untouched = {written(one).strip(): one for one in kept}
    named = {one.name: one for one in kept}
    lines = [line.strip() for line in text.splitlines() if line.strip(" ,")]
    return tuple(
        _as_of(untouched[line], today) if line in untouched else _medicine(line, named, today)
        for line in lines
    )


def _as_of(one: ConditionMedication, today: date) -> ConditionMedication:
    over = one.end_date is not None and one.end_date < today
    return one.model_copy(update={"is_active": False}) if over else one


def _medicine(line: str, kept: Mapping[str, ConditionMedication], today: date) -> ConditionMedication:
    parts = [part.strip() for part in line.split(",")]
    span = _span(parts[-1]) if len(parts) > 1 else None
    name, dosage, *often = [*(parts[:-1] if span else parts), ""]
    start, end = span or (None, None)
    known = kept.get(name) or ConditionMedication(name=(name or line.strip(" ,"))[:300])
    given = {
        "dosage": dosage[:300] or None,
        "frequency": ", ".join(often).strip(", ")[:300] or None,
        "start_date": start,
        "end_date": end,
        "is_active": (end is None or end >= today) if end or known.end_date else known.is_active,
    }
    return known.model_copy(update=given)


def _span(text: str) -> tuple[date | None, date | None] | None:
    """From when and until when, either of them perhaps not said; None: it says something else."""
    plain = "".join(str(unicodedata.digit(letter, letter)) for letter in text)
    found = _SPAN.match(plain)
    if not found or not any(found.groups()):
        return None
    start, end = (_day(part) for part in found.groups())
    if start and end and end < start:
        raise Incorrect("This ends before it begins.")
    return start, end


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date(*(int(part) for part in text.split("-")))
    except ValueError as problem:
        raise Incorrect("Write from when – until when like 2026-09-20 – 2026-12-01.") from problem


def written(one: ConditionMedication) -> str:
    """The line that is read as this again."""
    parts = [one.name, one.dosage or "", one.frequency or ""]
    if one.start_date or one.end_date:
        while len(parts) > 1 and not parts[-1]:
            parts.pop()
        return ", ".join([*parts, f"{one.start_date or ''} – {one.end_date or ''}".strip()])
    return ", ".join(parts).rstrip(", ")


__all__ = ["read", "written"]
