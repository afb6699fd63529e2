"""How bad a value is for one person: by their own limits where they have any, else by the bands of the measurements."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from ojas.features.alarms.rules import Mark, Rule, Severity, Value, rank
from ojas.features.measurements import service as measurements

Own = Mapping[str, tuple[Decimal | None, Decimal | None]]


@dataclass(frozen=True, slots=True)
class Told:
    """A value as it was measured. ``stream``: a device sent it among many."""

    kind: str
    at: datetime
    numbers: Mapping[str, Decimal]
    meal: measurements.Meal | None = None
    stream: bool = False


@dataclass(frozen=True, slots=True)
class Grading:
    """Grades the values of one rule for one person."""

    rule: Rule
    judge: measurements.Judge
    own: Own

    def __call__(self, told: Told, shift: int) -> Mark:
        numbers = {part: number + shift * self.rule.margin for part, number in told.numbers.items()}
        found = [self._by_own(part, numbers[part]) for part in numbers if part in self.own]
        found += map(self._by_band, self._findings(told, numbers))
        return max(found, key=lambda mark: rank(mark.severity), default=Mark(None))

    def facts(self, value: Value) -> dict[str, Any]:
        """What an alarm keeps of the value that shows it."""
        told: Told = value.told
        facts: dict[str, Any] = {
            "kind": told.kind,
            "numbers": {part: str(number) for part, number in told.numbers.items()},
            "at": value.at.isoformat(),
        }
        if not told.stream:
            facts["reading"] = str(value.id)
        own = [
            part
            for part in told.numbers
            if part in self.own and self._by_own(part, told.numbers[part]).severity
        ]
        if own:
            facts["own"] = own[0]
        if findings := self._findings(told, told.numbers):
            worst = max(findings, key=lambda finding: rank(self._by_band(finding).severity))
            facts |= {"band": worst.band.name, "level": worst.level.value, "part": worst.part}
        return facts

    def _findings(self, told: Told, numbers: Mapping[str, Decimal]) -> list[measurements.Finding]:
        """What the bands say where no limit of their own stands in place of them; beyond one, for it may be even worse."""
        rest = {part: number for part, number in numbers.items() if part not in self.own}
        found = [self._finding(told, rest)] if rest else []
        for part in numbers.keys() & self.own.keys():
            finding, mine = self._finding(told, {part: numbers[part]}), self._by_own(part, numbers[part])
            high = finding is not None and self._by_band(finding).high
            set_there = self.own[part][1 if high else 0] is not None
            if not set_there or (mine.severity and mine.high is high):
                found.append(finding)
        return [one for one in found if one is not None]

    def _finding(self, told: Told, numbers: Mapping[str, Decimal]) -> measurements.Finding | None:
        return self.judge.find(measurements.CATALOGUE[told.kind], numbers, told.at, told.meal)

    def _by_own(self, part: str, number: Decimal) -> Mark:
        low, high = self.own[part]
        if high is not None and number >= high:
            return Mark(Severity.HIGH, high=True)
        if low is not None and number <= low:
            return Mark(Severity.HIGH, high=False)
        return Mark(None)

    def _by_band(self, finding: measurements.Finding) -> Mark:
        level = finding.level
        return Mark(self.rule.levels.get(level), level.shape != "▼", level in self.rule.twice)
