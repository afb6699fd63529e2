"""The abbreviations of prescriptions: HL7's GTSAbbreviation, the Latin ones, and India's 1-0-1."""

import re
from collections.abc import Mapping
from typing import Any

from ojas.features.medications.rules.dosage.elements import Element


def _daily(times: int) -> Element:
    return {"frequency": times, "period": 1, "periodUnit": "d"}


def _at(*when: str) -> Element:
    return {**_daily(len(when)), "when": list(when)}


# OD is once a day here, as it is written in India and Britain; for the right eye (oculus dexter) it is no timing.
_WORDS: tuple[tuple[str, Element], ...] = (
    ("QD OD DAILY ONCEDAILY ONCEADAY", _daily(1)),
    ("BID BD TWICEDAILY TWICEADAY", _daily(2)),
    ("TID TDS", _daily(3)),
    ("QID QDS", _daily(4)),
    ("QOD ALTERNATEDAYS", {"frequency": 1, "period": 2, "periodUnit": "d"}),
    ("AM QAM MANE", _at("MORN")),
    ("PM", _at("AFT")),
    ("QPM QEVE", _at("EVE")),
    ("BED HS QHS NOCTE", _at("HS")),
    ("AC", {**_daily(3), "when": ["AC"]}),
    ("PC", {**_daily(3), "when": ["PC"]}),
    ("WK QW WEEKLY ONCEWEEKLY", {"frequency": 1, "period": 1, "periodUnit": "wk"}),
    ("PRN SOS", {"asNeeded": True}),
)
_KNOWN: Mapping[str, Element] = {word: meaning for words, meaning in _WORDS for word in words.split()}
_EVERY = re.compile(r"Q(\d{1,3})(H|D|W|WK)")
_MEALS = re.compile(r"([0-9])-([0-9])-([0-9])(?:-([0-9]))?")
_UNITS = {"H": "h", "D": "d", "W": "wk", "WK": "wk"}


def meant_by(code: Mapping[str, Any]) -> Element | None:
    """What a Timing.code says, as elements of ``repeat``; None: nothing that is known here.

    ``parts``, which FHIR does not have: how many at each time.
    """
    texts = [coding.get("code", "") for coding in code.get("coding", ())]
    texts += [coding.get("display", "") for coding in code.get("coding", ())] + [code.get("text", "")]
    return next((found for text in texts if (found := _one(str(text))) is not None), None)


def _one(text: str) -> Element | None:
    short = re.sub(r"[.\s]", "", text.upper()).replace("–", "-")
    if match := _MEALS.fullmatch(short):
        return _by_meals([int(part) for part in match.groups() if part is not None])
    if match := _EVERY.fullmatch(short):
        return {"frequency": 1, "period": int(match[1]), "periodUnit": _UNITS[match[2]]}
    return dict(_KNOWN[short]) if short in _KNOWN else None


def _by_meals(parts: list[int]) -> Element | None:
    """Morning, noon, evening, night: 1-0-2 is one with breakfast and two with dinner."""
    codes = [(code, part) for code, part in zip(("CM", "CD", "CV", "HS"), parts, strict=False) if part]
    if not codes:
        return None
    return {**_at(*(code for code, _ in codes)), "parts": [part for _, part in codes]}
