"""The abbreviations of prescriptions, as they are written."""

import pytest

from ojas.features.medications.rules.dosage.abbreviations import meant_by

WORDS = {
    "QD OD daily once.daily OnceADay": {"frequency": 1, "period": 1, "periodUnit": "d"},
    "BID BD twicedaily b.d. TwiceADay": {"frequency": 2, "period": 1, "periodUnit": "d"},
    "TID TDS": {"frequency": 3, "period": 1, "periodUnit": "d"},
    "QID QDS": {"frequency": 4, "period": 1, "periodUnit": "d"},
    "QOD alternatedays": {"frequency": 1, "period": 2, "periodUnit": "d"},
    "AM QAM mane": {"frequency": 1, "period": 1, "periodUnit": "d", "when": ["MORN"]},
    "PM": {"frequency": 1, "period": 1, "periodUnit": "d", "when": ["AFT"]},
    "QPM QEVE": {"frequency": 1, "period": 1, "periodUnit": "d", "when": ["EVE"]},
    "BED HS QHS nocte": {"frequency": 1, "period": 1, "periodUnit": "d", "when": ["HS"]},
    "AC": {"frequency": 3, "period": 1, "periodUnit": "d", "when": ["AC"]},
    "PC": {"frequency": 3, "period": 1, "periodUnit": "d", "when": ["PC"]},
    "WK QW weekly onceweekly": {"frequency": 1, "period": 1, "periodUnit": "wk"},
    "PRN SOS": {"asNeeded": True},
    "Q6H q.6.h": {"frequency": 1, "period": 6, "periodUnit": "h"},
    "Q3D": {"frequency": 1, "period": 3, "periodUnit": "d"},
    "Q2W Q2WK": {"frequency": 1, "period": 2, "periodUnit": "wk"},
    "1-0-2 1–0–2": {"frequency": 2, "period": 1, "periodUnit": "d", "when": ["CM", "CV"], "parts": [1, 2]},
    "1-1-1-3": {"frequency": 4, "period": 1, "periodUnit": "d", "when": ["CM", "CD", "CV", "HS"], "parts": [1, 1, 1, 3]},
}  # fmt: skip


@pytest.mark.parametrize("words", WORDS)
def test_an_abbreviation_means_what_every_pharmacy_takes_it_for(words: str) -> None:
    for word in words.split():
        assert meant_by({"text": word}) == WORDS[words], word
        assert meant_by({"coding": [{"code": word}]}) == WORDS[words], word
        assert meant_by({"coding": [{"code": "?", "display": word}]}) == WORDS[words], word


@pytest.mark.parametrize("text", ["", "STAT", "0-0-0", "1-0", "1-0-1-0-1", "Q6", "Q1000H", "QMO", "BID!"])
def test_what_is_no_abbreviation_means_nothing(text: str) -> None:
    assert meant_by({"text": text}) is None
    assert meant_by({}) is None
