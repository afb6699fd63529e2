"""A year of a life, from a seed: what a watch, a scale and a cuff at home would have shown around heart surgery.

Seven weeks ago she had a bypass. Before it her blood pressure crept up and she walked less and less; for nine days in
hospital the watch lay at home; since then pulse and pressure come down and the walks grow longer. Sizes and slopes are
plausible, not taken from anybody. Every series is a function of the seed and the last day, and of nothing else.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TypeAlias
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

Ints: TypeAlias = NDArray[np.int64]
Floats: TypeAlias = NDArray[np.float64]

DAYS = 365
SURGERY = 49  # days before the last one
IN_HOSPITAL = 9
_MINUTE = 60_000


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading: values by component ('' for a plain kind), in the kind's own unit."""

    kind: str
    at: datetime
    values: dict[str, float]


@dataclass(frozen=True, slots=True)
class Series:
    """One signal of one device: milliseconds since 1970 (UTC), and values in the kind's unit (or the stage's name)."""

    kind: str
    start: Ints
    end: Ints | None
    values: Floats
    stages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Life:
    """The generator, for one seed and one last day."""

    last: date
    zone: ZoneInfo
    seed: int = 20261121

    def readings(self) -> list[Reading]:
        """Everything she or her clinic measured, oldest first."""
        found = [*self._daily(), *self._pressures(), *self._laboratory(), *self._after_surgery()]
        return sorted(found, key=lambda reading: reading.at)

    def signals(self) -> list[Series]:
        """Everything her watch sent."""
        pulse = self._pulse()
        steps, distance, energy = self._movement()
        return [pulse, steps, distance, energy, self._sleep()]

    def _dice(self, what: str) -> np.random.Generator:
        return np.random.default_rng([self.seed, *what.encode()])

    def _day(self, back: int) -> date:
        return self.last - timedelta(days=back)

    def _at(self, back: int, hour: int, minute: int) -> datetime:
        return datetime.combine(self._day(back), time(hour, minute), self.zone).astimezone(UTC)

    def _daily(self) -> Iterator[Reading]:
        dice = self._dice("daily")
        weight = 66.8
        for back in range(DAYS - 1, -1, -1):
            weight += _weight_drift(back) + dice.normal(0, 0.06)
            if _at_home(back) and dice.random() < 0.82:
                shown = weight + dice.normal(0, 0.18)
                yield Reading(
                    "weight", self._at(back, 6, 40 + int(dice.integers(0, 15))), {"": round(shown, 1)}
                )
            if _at_home(back):
                pulse = _resting(back) + dice.normal(0, 1.6)
                yield Reading("resting_heart_rate", self._at(back, 6, 30), {"": round(pulse)})

    def _pressures(self) -> Iterator[Reading]:
        dice = self._dice("pressure")
        for back in range(DAYS - 1, -1, -1):
            often = 0.95 if back < SURGERY else 0.45
            for hour, shift in ((7, 4.0), (20, 0.0)):
                if _at_home(back) and dice.random() < often:
                    systolic = _systolic(back) + shift + dice.normal(0, 5)
                    diastolic = 0.52 * systolic + 14 + dice.normal(0, 3)
                    at = self._at(back, hour, 5 + int(dice.integers(0, 30)))
                    values = {"systolic": float(round(systolic)), "diastolic": float(round(diastolic))}
                    yield Reading("blood_pressure", at, values)

    def _laboratory(self) -> Iterator[Reading]:
        dice = self._dice("laboratory")
        courses = {
            "hba1c": (7.4, 6.9, 0.08),
            "cholesterol": (212, 151, 4),
            "ldl": (138, 74, 3),
            "hdl": (43, 47, 1.2),
            "triglycerides": (186, 142, 8),
            "nt_probnp": (410, 265, 20),
        }
        visits = (352, 261, 170, 58, 21)
        for back in visits:
            share = 1 - back / DAYS
            for kind, (first, now, noise) in courses.items():
                value = first + (now - first) * share + dice.normal(0, noise)
                yield Reading(kind, self._at(back, 9, 15), {"": round(value, 1 if kind == "hba1c" else 0)})

    def _after_surgery(self) -> Iterator[Reading]:
        dice = self._dice("after")
        for back in range(SURGERY - IN_HOSPITAL, -1, -1):
            if dice.random() < 0.5:
                value = min(99, round(95.5 + (SURGERY - back) * 0.035 + dice.normal(0, 0.7)))
                yield Reading("oxygen_saturation", self._at(back, 8, 2), {"": float(value)})
            if back > SURGERY - 24:
                yield Reading("temperature", self._at(back, 8, 4), {"": round(36.7 + dice.normal(0, 0.2), 1)})
            if dice.random() < 0.4:
                yield Reading(
                    "blood_glucose", self._at(back, 6, 50), {"": float(round(122 + dice.normal(0, 9)))}
                )

    def _pulse(self) -> Series:
        """Every five minutes awake, every ten asleep."""
        dice = self._dice("pulse")
        starts, values = [], []
        for back in self._worn():
            minutes = np.r_[np.arange(0, 360, 10), np.arange(360, 1380, 5), np.arange(1380, 1440, 10)]
            kept = minutes[dice.random(len(minutes)) > 0.06]
            rest = _resting(back)
            walking = _walks(back, dice)[kept // 15]
            asleep = (kept < 360) | (kept >= 1380)
            beat = np.where(asleep, rest - 4, rest + 11) + walking * 28 + dice.normal(0, 3.5, len(kept))
            starts.append(self._midnight(back) + kept * _MINUTE + dice.integers(0, 50_000, len(kept)))
            values.append(np.round(np.clip(beat, 44, 165)))
        return Series("heart_rate", np.concatenate(starts), None, np.concatenate(values))

    def _movement(self) -> tuple[Series, Series, Series]:
        """Quarters of an hour in which she walked: steps, metres, kilocalories."""
        dice = self._dice("movement")
        starts, steps = [], []
        for back in self._worn():
            walked = _walks(back, self._dice(f"walk{back}"))
            quarters = np.flatnonzero(walked > 0)
            starts.append(self._midnight(back) + quarters * 15 * _MINUTE)
            steps.append(np.round(walked[quarters] * 900 * dice.uniform(0.75, 1.15, len(quarters))))
        start = np.concatenate(starts)
        count = np.maximum(np.concatenate(steps), 8)
        end = start + 15 * _MINUTE
        metres = np.round(count * 0.64, 1)
        energy = np.round(count * 0.036, 1)
        return (
            Series("steps", start, end, count),
            Series("distance", start, end, metres),
            Series("active_energy", start, end, energy),
        )

    def _sleep(self) -> Series:
        """Nights in cycles of some ninety minutes: light, deep (less as the night goes on), light, REM (more)."""
        dice = self._dice("sleep")
        starts, ends, stages = [], [], []
        for back in self._worn():
            short = 40 if SURGERY > back > SURGERY - 25 else 0
            at = self._midnight(back + 1) + int(22.6 * 60 + dice.normal(0, 18)) * _MINUTE
            until = at + int(438 - short + dice.normal(0, 24)) * _MINUTE
            cycle = 0
            while at < until:
                for stage, minutes in (
                    ("light", 26),
                    ("deep", 30 - 6 * cycle),
                    ("light", 18),
                    ("rem", 8 + 6 * cycle),
                    ("awake", 3),
                ):
                    length = int(max(0, minutes + dice.normal(0, 4))) * _MINUTE
                    if length and at < until:
                        starts.append(at)
                        ends.append(min(at + length, until))
                        stages.append(stage)
                        at = ends[-1]
                cycle += 1
        return Series(
            "sleep",
            np.array(starts, np.int64),
            np.array(ends, np.int64),
            np.zeros(len(starts)),
            tuple(stages),
        )

    def _worn(self) -> list[int]:
        """Days (back from the last) on which the watch was on the wrist."""
        dice = self._dice("worn")
        return [back for back in range(DAYS - 1, -1, -1) if _at_home(back) and dice.random() > 0.02]

    def _midnight(self, back: int) -> int:
        return int(datetime.combine(self._day(back), time(), self.zone).timestamp() * 1000)


def _at_home(back: int) -> bool:
    return not SURGERY - IN_HOSPITAL < back <= SURGERY


def _resting(back: int) -> float:
    if back > SURGERY:
        return 76 + 4 * (1 - back / DAYS)
    return float(71 + 15 * (back / SURGERY) ** 1.4)


def _systolic(back: int) -> float:
    if back > SURGERY:
        return 141 + 9 * (1 - back / DAYS)
    return 128 + 12 * (back / SURGERY)


def _weight_drift(back: int) -> float:
    if SURGERY - IN_HOSPITAL < back <= SURGERY:
        return -0.36
    return 0.003 if back > SURGERY else 0.012


def _walks(back: int, dice: np.random.Generator) -> Floats:
    """How much of each quarter of an hour of a day she walked, 0 to 1."""
    fit = 0.75 - 0.35 * (1 - back / DAYS) if back > SURGERY else 0.25 + 0.6 * (1 - back / SURGERY)
    day = np.zeros(96)
    for hour, spread in ((7.5, 0.5), (11, 1.5), (17.5, 0.8)):
        centre = int((hour + dice.normal(0, spread)) * 4)
        for quarter in range(centre, centre + 1 + int(dice.integers(0, 3))):
            if 24 <= quarter < 92:
                day[quarter] = max(day[quarter], fit * dice.uniform(0.6, 1.1))
    errands = dice.random(96) < 0.22
    errands[:26] = errands[90:] = False
    day[errands] = np.maximum(day[errands], fit * dice.uniform(0.08, 0.35, int(errands.sum())))
    return day
