"""The rules there are, with what is usual. From when a reading is dangerous, the measurements' bands say; not this."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from ojas.features.alarms.rules.severity import Severity
from ojas.features.measurements.rules import Level
from ojas.kit.i18n import N_

CRITICAL, HIGH, MEDIUM, LOW = Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM, Severity.LOW
REHAB = "AHA, AACVPR"


class Sort(StrEnum):
    """What a rule looks at."""

    VALUES = "values"
    GAIN = "gain"
    MISSED = "missed"
    SILENCE = "silence"
    DEVICE = "device"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule as it is for everybody.

    Attributes:
        key: stable; title: message id. source: whose default it is.
        kinds: of readings; streams: of signals, each with the kind of reading its values are judged as.
        levels: how bad a band is. twice: the levels that count only when a second value says the same.
        again: what a danger becomes when another value, five minutes on or more, says the same.
        margin: how far back within its limits a value must be to end an alarm, in the canonical unit.
        amount: kilograms, doses or days, by the sort; days: over which a gain counts.
        water: only for those who hold water, unless somebody switched it on.
    """

    key: str
    sort: Sort
    title: str
    source: str
    kinds: tuple[str, ...] = ()
    streams: Mapping[str, str] = field(default_factory=dict)
    levels: Mapping[Level, Severity] = field(default_factory=dict)
    twice: frozenset[Level] = frozenset()
    again: Severity | None = None
    margin: Decimal = Decimal(0)
    amount: Decimal | None = None
    days: int = 0
    severity: Severity = MEDIUM
    water: bool = False


_DANGER = {Level.DANGER_LOW: HIGH, Level.DANGER_HIGH: HIGH}
_FAR = {Level.VERY_LOW: MEDIUM, Level.VERY_HIGH: MEDIUM}
_BOTH = frozenset({Level.VERY_LOW, Level.VERY_HIGH})

RULES = {
    rule.key: rule
    for rule in (
        Rule(
            # 180 and more twice, five minutes apart, is the urgent one; 140 is told when two in a row say so.
            "blood_pressure",
            Sort.VALUES,
            N_("Blood pressure"),
            f"ACC/AHA 2025; {REHAB}",
            kinds=("blood_pressure",),
            levels=_DANGER | _FAR,
            twice=_BOTH,
            again=CRITICAL,
            margin=Decimal(5),
        ),
        Rule(
            # Resting pulse has no band of danger; 131 and more, 40 and less score three in NEWS2.
            "pulse",
            Sort.VALUES,
            N_("Pulse at rest"),
            "NEWS2, RCP 2017",
            kinds=("resting_heart_rate", "heart_rate"),
            streams={"heart_rate": "heart_rate"},
            levels=_DANGER | {Level.VERY_LOW: HIGH, Level.VERY_HIGH: HIGH},
            again=CRITICAL,
            margin=Decimal(5),
        ),
        Rule(
            "oxygen",
            Sort.VALUES,
            N_("Oxygen"),
            "WHO 2011",
            kinds=("oxygen_saturation",),
            streams={"oxygen_saturation": "oxygen_saturation"},
            levels=_DANGER | _FAR,
            twice=_BOTH,
            again=CRITICAL,
            margin=Decimal(1),
        ),
        Rule(
            "breathing",
            Sort.VALUES,
            N_("Breathing rate"),
            "NEWS2, RCP 2017",
            kinds=("respiratory_rate",),
            streams={"respiratory_rate": "respiratory_rate"},
            levels=_DANGER,
            again=CRITICAL,
            margin=Decimal(1),
        ),
        Rule(
            "temperature",
            Sort.VALUES,
            N_("Temperature"),
            "CDC; RCP 2017",
            kinds=("temperature",),
            levels=_DANGER | {Level.VERY_HIGH: MEDIUM},
            again=CRITICAL,
            margin=Decimal("0.3"),
        ),
        Rule(
            # Below 54 somebody may soon need another's help: the one danger that waits for no second value.
            "glucose",
            Sort.VALUES,
            N_("Blood glucose"),
            "ADA 2025",
            kinds=("blood_glucose",),
            streams={"interstitial_glucose": "blood_glucose"},
            levels={Level.DANGER_LOW: CRITICAL, Level.DANGER_HIGH: HIGH, Level.LOW: MEDIUM} | _FAR,
            twice=frozenset({Level.VERY_HIGH}),
            again=CRITICAL,
            margin=Decimal(8),
        ),
        Rule(
            "weight_day",
            Sort.GAIN,
            N_("Weight gain in a day"),
            REHAB,
            kinds=("weight",),
            amount=Decimal("1.4"),
            days=1,
            water=True,
        ),
        Rule(
            "weight_week",
            Sort.GAIN,
            N_("Weight gain in a week"),
            REHAB,
            kinds=("weight",),
            amount=Decimal("2.3"),
            days=7,
            severity=HIGH,
            water=True,
        ),
        Rule("missed_doses", Sort.MISSED, N_("Missed medicines"), REHAB, amount=Decimal(3)),
        Rule(
            "no_readings",
            Sort.SILENCE,
            N_("No readings"),
            REHAB,
            kinds=("blood_pressure", "weight", "blood_glucose"),
            amount=Decimal(3),
            severity=LOW,
        ),
        Rule("device_silent", Sort.DEVICE, N_("A device is silent"), REHAB, amount=Decimal(2), severity=LOW),
    )
}
MOST = {
    Sort.GAIN: (Decimal("0.3"), Decimal(20)),
    Sort.MISSED: (Decimal(1), Decimal(20)),
    Sort.SILENCE: (Decimal(1), Decimal(60)),
    Sort.DEVICE: (Decimal(1), Decimal(60)),
}
"""Least and most of what may be set."""
HABIT = 5
"""Days of the two weeks before the last reading that make a habit, whose end is worth a word."""
LIVELY = 3
"""Days a device must have sent for its silence to mean something."""
