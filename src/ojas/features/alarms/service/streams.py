"""The last that devices sent, as values to be judged: few, and such that a moment of haste is no alarm."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from statistics import median
from uuid import NAMESPACE_OID, UUID, uuid5

from ojas.features.alarms.rules import RULES, Value
from ojas.features.alarms.service.grading import Told
from ojas.features.signals import service as signals
from ojas.kit.db import Tx

_DAY = timedelta(days=1)
_MINUTES = 10
"""A pulse counts by the ten minutes it was sustained for (reference: heart rehabilitation)."""
_REST = timedelta(minutes=20)
"""So long after a workout a pulse is still none of rest."""
_FEW = 50
_SPANS = {"heart_rate": timedelta(hours=1)}
_FRESH = timedelta(days=2)
_WATCHED = {stream: kind for rule in RULES.values() for stream, kind in rule.streams.items()}


async def sending(tx: Tx, persons: frozenset[UUID], now: datetime) -> dict[UUID, set[str]]:
    """Of whom devices sent what is watched, lately; by one statement, for most send nothing."""
    return await signals.sending(tx, list(persons), list(_WATCHED), now - _FRESH)


async def values_of(tx: Tx, person_id: UUID, streams: Iterable[str], now: datetime) -> dict[str, list[Value]]:
    """The last values of these kinds of signals."""
    since = now - _FRESH
    found: dict[str, list[Value]] = {}
    for stream in sorted(streams):
        told = await signals.tail(tx, person_id, stream, _SPANS.get(stream, _DAY), since)
        if stream == "heart_rate":
            told = _sustained(told, await signals.at_work(tx, person_id, since))
        found[stream] = [_value(stream, _WATCHED[stream], at, value) for at, value in told[-_FEW:]]
    return found


def _sustained(
    told: Sequence[tuple[datetime, float]], at_work: Sequence[tuple[datetime, datetime]]
) -> list[tuple[datetime, float]]:
    """A pulse for each ten minutes at rest: where it was high throughout its least, where low throughout its most."""
    parts: dict[int, list[tuple[datetime, float]]] = defaultdict(list)
    for at, value in told:
        if not any(start <= at < end + _REST for start, end in at_work):
            parts[int(at.timestamp()) // (60 * _MINUTES)].append((at, value))
    return [
        (part[-1][0], _steady([value for _at, value in part]))
        for _key, part in sorted(parts.items())
        if _whole(part)
    ]


def _whole(part: Sequence[tuple[datetime, float]]) -> bool:
    """Whether it tells of more than a moment: of half the time at least, or nobody sends more often."""
    return (part[-1][0] - part[0][0]).total_seconds() >= 30 * _MINUTES or len(part) == 1


def _steady(values: Sequence[float]) -> float:
    low, high, middle = min(values), max(values), median(values)
    return low if middle > 100 else high if middle < 60 else middle


def _value(stream: str, kind: str, at: datetime, value: float) -> Value:
    number = Decimal(str(round(value, 2)))
    id: UUID = uuid5(NAMESPACE_OID, f"{stream} {at.isoformat()}")
    return Value(id, at, Told(kind, at, {"value": number}, stream=True))
