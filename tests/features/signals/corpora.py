"""Real data beside the project, as samples."""

import csv
import json
from datetime import UTC, datetime

import numpy as np
from tests.conftest import corpus

from ojas.features.signals.rules import Samples


def polar_days() -> list[Samples]:
    """Thirty days of a Polar watch: a sample a second in exercise, one in five minutes else."""
    files = sorted(corpus("polar_accesslink_hr").glob("*.json"))
    return [_polar_day(json.loads(path.read_text())) for path in files]


def _polar_day(told: dict) -> Samples:
    midnight = datetime.fromisoformat(told["date"]).replace(tzinfo=UTC).timestamp()
    seconds = [_seconds(sample["sample_time"]) for sample in told["heart_rate_samples"]]
    values = [sample["heart_rate"] * 100 for sample in told["heart_rate_samples"]]
    return Samples.of([int(midnight + second) * 1000 for second in seconds], values)


def _seconds(clock: str) -> int:
    hours, minutes, seconds = map(int, clock.split(":"))
    return hours * 3600 + minutes * 60 + seconds


def fitbit_minutes(limit: int = 3) -> dict[str, Samples]:
    """Steps by the minute of some Fitbit users, as if their clock were UTC."""
    rows: dict[str, list[tuple[int, int]]] = {}
    with (corpus("fitbit_fitabase") / "minuteStepsWide_merged.csv").open() as file:
        for row in csv.DictReader(file):
            if row["Id"] not in rows and len(rows) == limit:
                break
            hour = datetime.strptime(row["ActivityHour"], "%m/%d/%Y %I:%M:%S %p").replace(tzinfo=UTC)
            for minute in range(60):
                at = int(hour.timestamp() * 1000) + minute * 60_000
                rows.setdefault(row["Id"], []).append((at, int(row[f"Steps{minute:02}"]) * 100))
    return {who: _minutes(np.array(told)) for who, told in rows.items()}


def _minutes(told: np.ndarray) -> Samples:
    return Samples.of(told[:, 0], told[:, 1], told[:, 0] + 60_000)


def fitbit_days() -> dict[tuple[str, str], int]:
    """Fitbit's own totals of steps by user and date."""
    with (corpus("fitbit_fitabase") / "dailySteps_merged.csv").open() as file:
        rows = csv.DictReader(file)
        return {(row["Id"], _iso(row["ActivityDay"])): int(row["StepTotal"]) for row in rows}


def _iso(american: str) -> str:
    month, day, year = map(int, american.split("/"))
    return f"{year}-{month:02}-{day:02}"
