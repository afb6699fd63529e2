"""By what a person knows an event of a file again, also one that cannot be kept: its title and its day, both made harmless."""

import re
from datetime import date
from typing import Any

LONGEST = 80
"""Letters of a title that is named: enough to know it by."""
_JOINERS = "\u200c\u200d"
"""Not printable by themselves, but letters of Hindi and Tamil are written with them."""
_DAY = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})")


def plain(text: str) -> str:
    """One line of what can be seen: nothing that breaks the line, hides, or turns its direction around."""
    seen = "".join(letter if letter.isprintable() or letter in _JOINERS else " " for letter in text[:2000])
    line = " ".join(seen.split())
    return line if len(line) <= LONGEST else line[:LONGEST].rstrip() + "…"


def title_of(parts: list[Any]) -> str:
    """Of the components of one event, the first title that says something; else nothing."""
    return next(filter(None, (plain(str(_first(part.get("SUMMARY", "")))) for part in parts)), "")


def day_of(parts: list[Any]) -> date | None:
    """The day on which it first begins, as far as the file says one; of a broken beginning what looks like a day."""
    return next(filter(None, (_day(_first(part.get("DTSTART"))) for part in parts)), None)


def _first(told: Any) -> Any:
    return told[0] if isinstance(told, list) and told else told


def _day(told: Any) -> date | None:
    """Of a broken property too, which the library gives as the text that it is."""
    found = _DAY.match(told.to_ical().decode(errors="replace")) if hasattr(told, "to_ical") else None
    try:
        return date(*map(int, found.groups())) if found else None
    except ValueError:
        return None
