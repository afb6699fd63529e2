"""Blood pressure: Apple writes two records and a correlation that repeats them; it is one reading."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

from ojas.features.connections.rules import Pressure, Refused, Samples, Source
from ojas.features.connections.vendors.apple_health import columns
from ojas.kit.errors import Fault

SYSTOLIC, DIASTOLIC = "BloodPressureSystolic", "BloodPressureDiastolic"
HALF = Fault("A blood pressure needs both of its numbers; the other one is missing.")

Half = tuple[float, int, str | None, bool]
"""mm[Hg], offset in minutes, IANA zone, typed in by the person."""
Key = tuple[int, Source]


class Pairs:
    """Halves wait here for the other. Their number follows the readings of a life, some tens of thousands."""

    def __init__(self) -> None:
        self._waiting: dict[str, dict[Key, list[Half]]] = {
            SYSTOLIC: defaultdict(list),
            DIASTOLIC: defaultdict(list),
        }
        self._seen: set[tuple[Key, float, float]] = set()

    def take(self, samples: Samples) -> Iterator[Pressure]:
        """Those readings that are complete with these halves."""
        other = DIASTOLIC if samples.type == SYSTOLIC else SYSTOLIC
        for row in range(len(samples)):
            key = (int(samples.start[row]), samples.source)
            half = (
                _mmhg(samples, row),
                int(samples.offset[row]),
                samples.zones.get(row),
                row in samples.entered,
            )
            waiting = self._waiting[other].get(key)
            if not waiting:
                self._waiting[samples.type][key].append(half)
                continue
            found = waiting.pop(0)
            if not waiting:
                del self._waiting[other][key]
            pair = (half, found) if samples.type == SYSTOLIC else (found, half)
            # The correlation brings the same pair again, and so does a copy of the export inside the export.
            if (key, pair[0][0], pair[1][0]) not in self._seen:
                self._seen.add((key, pair[0][0], pair[1][0]))
                yield _pressure(key, *pair)

    def rest(self) -> Iterator[Refused]:
        for name, waiting in self._waiting.items():
            for (start, _), halves in waiting.items():
                at = datetime.fromtimestamp(start / 1000, UTC)
                yield from (
                    Refused(HALF, columns.where(name, f"{at:%Y-%m-%d %H:%M:%S} +0000")) for _ in halves
                )
            waiting.clear()


def _mmhg(samples: Samples, row: int) -> float:
    # 1 mm[Hg] = 0.133322387415 kPa, so 16 kPa = 120.01 mm[Hg].
    value = float(samples.value[row])
    return value / 0.133322387415 if samples.unit == "kPa" else value


def _pressure(key: Key, systolic: Half, diastolic: Half) -> Pressure:
    start, source = key
    local = timezone(timedelta(minutes=systolic[1]))
    return Pressure(
        systolic=systolic[0],
        diastolic=diastolic[0],
        at=datetime.fromtimestamp(start / 1000, local),
        source=source,
        zone=systolic[2] or diastolic[2],
        entered=systolic[3] or diastolic[3],
    )
