"""Times as Apple writes them: ``2024-03-12 08:15:00 +0530``."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone

import numpy as np
from numpy.typing import NDArray

from ojas.features.connections.rules import Milliseconds, Minutes

_FARTHEST = 16 * 60
"""Minutes from UTC that no clock is: the database keeps none beyond."""
_LENGTH = 25
_DIGITS = [0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, 17, 18, 21, 22, 23, 24]
_MARKS = {4: "-", 7: "-", 10: " ", 13: ":", 16: ":", 19: " "}

_LOOSE = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})[ T](\d{1,2}):(\d{2}):(\d{2})(?:\.\d+)?\s*([ap]\.?\s?m\.?)?\s*([+-]\d{2}:?\d{2}|Z)",
    re.IGNORECASE,
)


def column(texts: Sequence[bytes]) -> tuple[Milliseconds, Minutes, NDArray[np.bool_]]:
    """Instants, offsets and whether each could be read.

    A column is read as one array of characters (60 ns a time); what does not fit that form is read one by one.
    """
    joined = b"".join(texts)
    if set(map(len, texts)) == {_LENGTH}:
        instants, offsets, fit = _fixed(joined, len(texts))
    else:
        instants = np.zeros(len(texts), np.int64)
        offsets = np.zeros(len(texts), np.int16)
        fit = np.zeros(len(texts), np.bool_)
    for row in map(int, np.flatnonzero(~fit)):
        moment = moment_of(texts[row].decode(errors="replace"))
        if moment is not None:
            instants[row] = round(moment.timestamp() * 1000)
            offsets[row] = offset_of(moment)
            fit[row] = True
    return instants, offsets, fit


def moment_of(text: str | None) -> datetime | None:
    """One time, also in the forms some languages and clocks of 12 hours produce (``9:05:00 pm``, digits of any script)."""
    match = _LOOSE.fullmatch(text.strip()) if text else None
    if not match:
        return None
    *numbers, half, zone = match.groups()
    year, month, day, hour, minute, second = map(int, numbers)
    if half:
        hour = hour % 12 + (12 if half[0] in "pP" else 0)
    try:
        moment = datetime(year, month, day, hour, minute, second, tzinfo=_zone(zone))
        moment.astimezone(UTC)  # in the first and the last hours there are, it may have none
    except (ValueError, OverflowError):
        return None
    return moment if abs(offset_of(moment)) < _FARTHEST else None


def offset_of(moment: datetime) -> int:
    """Minutes east of UTC."""
    return int((moment.utcoffset() or timedelta()).total_seconds()) // 60


def _zone(text: str) -> timezone:
    if text in "Zz":
        return UTC
    digits = text[1:].replace(":", "")
    ahead = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-ahead if text[0] == "-" else ahead)


def _fixed(joined: bytes, count: int) -> tuple[Milliseconds, Minutes, NDArray[np.bool_]]:
    letters = np.frombuffer(joined, np.uint8).reshape(count, _LENGTH)
    digits = letters[:, _DIGITS].astype(np.int16) - ord("0")
    fit = ((digits >= 0) & (digits <= 9)).all(axis=1)
    for place, mark in _MARKS.items():
        fit &= letters[:, place] == ord(mark)
    sign = letters[:, 20]
    fit &= (sign == ord("+")) | (sign == ord("-"))
    year = digits[:, 0] * 1000 + digits[:, 1] * 100 + digits[:, 2] * 10 + digits[:, 3]
    month, day, hour, minute, second, ahead, beside = (
        digits[:, i] * 10 + digits[:, i + 1] for i in range(4, 18, 2)
    )
    days, known = _days(year, month, day)
    fit &= known & (hour < 24) & (minute < 60) & (second < 60) & (ahead < 24) & (beside < 60)
    fit &= ahead * 60 + beside < _FARTHEST
    offsets = np.where(sign == ord("-"), -1, 1).astype(np.int16) * (ahead * 60 + beside)
    seconds = days * 86_400 + hour.astype(np.int64) * 3_600 + minute.astype(np.int64) * 60 + second
    return (seconds - offsets.astype(np.int64) * 60) * 1000, offsets, fit


def _days(
    year: NDArray[np.int16], month: NDArray[np.int16], day: NDArray[np.int16]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Days since 1970-01-01, and whether the date is in the calendar."""
    fit = (month >= 1) & (month <= 12) & (day >= 1)
    months = np.where(fit, (year.astype(np.int64) - 1970) * 12 + month - 1, 0)
    first = months.astype("M8[M]").astype("M8[D]")
    length = ((months + 1).astype("M8[M]").astype("M8[D]") - first).astype(np.int64)
    return first.astype(np.int64) + day - 1, fit & (day <= length)
