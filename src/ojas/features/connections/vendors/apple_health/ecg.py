"""Electrocardiograms: a file each, some rows of words and then a voltage a line.

The words are in the language of the phone, the names of the rows too, and numbers may have a comma. So a row is known by
what it holds and where it stands, not by its name: after the time come what the watch made of it and what the person
felt, then the software, the device (``Watch6,7``), the pace (``512 Hertz``), the lead and the unit. Seen in exports in
English, German and Portuguese.
"""

import csv
import re
from datetime import datetime

import numpy as np

from ojas.features.connections.rules import Electrocardiogram, Refused, Source
from ojas.features.connections.vendors.apple_health import columns, times
from ojas.kit.errors import Fault

LIMIT = 2**20
"""Bytes: half a minute at 512 values a second is 140 kB."""
_HEAD = 40
"""Rows of words at most; Apple writes thirteen."""

STRANGE = Fault("This table is no electrocardiogram, and no other table is known here.")
NO_PACE = Fault("It does not say how many values a second it has.")
NO_VOLTS = Fault("It does not say what unit its values have.")
NO_TRACE = Fault("It holds no values.")
DAMAGED = Fault("Some of its values are no numbers.")

FINDINGS = {
    "sinus rhythm": "sinus_rhythm",
    "sinusrhythmus": "sinus_rhythm",
    "ritmo sinusal": "sinus_rhythm",
    "rythme sinusal": "sinus_rhythm",
    "atrial fibrillation": "atrial_fibrillation",
    "vorhofflimmern": "atrial_fibrillation",
    "fibrilación auricular": "atrial_fibrillation",
    "fibrilação auricular": "atrial_fibrillation",
    "fibrillation auriculaire": "atrial_fibrillation",
    "fibrillation atriale": "atrial_fibrillation",
    "fibrillazione atriale": "atrial_fibrillation",
    "high heart rate": "high_heart_rate",
    "low heart rate": "low_heart_rate",
    "inconclusive": "inconclusive",
    "poor recording": "poor_recording",
}
"""What is not here is kept as the phone wrote it."""

_NOTHING = {"", "none", "ohne", "keine", "nenhum", "ninguno", "aucun"}
_MICROVOLTS = {"µv": 1.0, "μv": 1.0, "uv": 1.0, "mv": 1000.0}
_NUMBER = re.compile(r"-?\d+(?:[.,]\d+)?")
_AMOUNT = re.compile(r"(\d+(?:[.,]\d+)?)\s*(\D.*)")
_SPLIT = re.compile(r"(?<=\d), (?=\d)")
_VERSION = re.compile(r"\d+(?:\.\d+)*")
_DEVICE = re.compile(r"[A-Za-z]+\d+,\d+")


def recording(content: bytes, where: str, now_ms: int) -> Electrocardiogram | Refused:
    """What a table of the archive holds."""
    lines = content.decode("utf-8-sig", errors="replace").splitlines()
    head = _head(lines)
    try:
        rows = [[cell.strip() for cell in row] for row in csv.reader(lines[:head]) if row]
    except csv.Error:  # a cell longer than any
        return Refused(STRANGE, where)
    # A comma between digits is part of a number or a model, also where nobody quoted it.
    values = [_SPLIT.sub(",", ", ".join(filter(None, row[1:]))) for row in rows]
    began = next((place for place, text in enumerate(values) if times.moment_of(text)), None)
    if began is None:
        return Refused(STRANGE, where)
    at = times.moment_of(values[began])
    assert at is not None
    if round(at.timestamp() * 1000) > now_ms + columns.AHEAD:
        return Refused(columns.FUTURE, where)
    return _recording(at, values[began + 1 :], lines[head:], where)


def _recording(at: datetime, told: list[str], lines: list[str], where: str) -> Electrocardiogram | Refused:
    amounts = [float(match[1].replace(",", ".")) for text in told if (match := _AMOUNT.fullmatch(text))]
    rate = next((amount for amount in amounts if amount >= 100), None)
    scale = next((_MICROVOLTS[text.casefold()] for text in told if text.casefold() in _MICROVOLTS), None)
    if rate is None or scale is None:
        return Refused(NO_VOLTS if scale is None else NO_PACE, where)
    trace = columns.numbers(
        [line.strip().strip('"').replace(",", ".").encode() for line in lines if line.strip()]
    )
    if not len(trace) or not np.isfinite(trace).all():
        return Refused(DAMAGED if len(trace) else NO_TRACE, where)
    words = _words(told)
    device = next((text for text in told if _DEVICE.fullmatch(text)), "")
    return Electrocardiogram(
        at=at,
        rate=rate,
        microvolts=trace * scale,
        source=Source(name=f"Apple Watch ({device})" if device else "Apple Watch", hardware=device),
        finding=FINDINGS.get(words[0].casefold(), words[0]),
        symptoms="" if words[1].casefold() in _NOTHING else words[1],
        heart_rate=next((amount for amount in amounts if 20 <= amount <= 300 and amount != rate), None),
    )


def _head(lines: list[str]) -> int:
    """Where the values begin: at the first line that is a number and nothing else."""
    for place, line in enumerate(lines[:_HEAD]):
        if _NUMBER.fullmatch(line.strip().strip('"')):
            return place
    return min(len(lines), _HEAD)


def _words(told: list[str]) -> tuple[str, str]:
    """The two rows that come before the software and the device: the finding, and what was felt."""
    place = next((n for n, text in enumerate(told) if _is_known(text)), len(told))
    words = [*told[:place], "", ""]
    return words[0][:200], words[1][:200]


def _is_known(text: str) -> bool:
    return any(form.fullmatch(text) for form in (_VERSION, _DEVICE, _AMOUNT))
