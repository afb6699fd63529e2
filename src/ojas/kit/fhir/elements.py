"""What elements of R4 say in words."""

from typing import Any

_NAME, _LINE = 500, 300


def words(concept: Any) -> str | None:
    """A CodeableConcept in words: its text, else what its first coding says, else the bare code."""
    if not isinstance(concept, dict):
        return None
    said = [concept.get("text")]
    said += [coding.get(key) for key in ("display", "code") for coding in concept.get("coding", ())]
    return next((" ".join(one.split())[:_NAME] for one in said if one and one.strip()), None)


def line(text: Any) -> str | None:
    """A text as one line of at most 300 characters; None if there is none."""
    return (" ".join(text.split())[:_LINE] or None) if isinstance(text, str) else None
