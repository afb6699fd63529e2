"""The kinds of signal: what each is called, in which unit and how finely it is kept, how a day of it adds up.

One row a kind. LOINC codes, hard ranges and vendor names: HL7 US Core and Physical Activity IG, Apple's HealthKit and
Google's Health Connect references. Ranges reject what no living person and no device shows; they judge nobody's health.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

from ojas.features.signals.rules.samples import DAY, HOUR, MINUTE
from ojas.kit.i18n import N_


class Shape(StrEnum):
    """What a sample is: the state at an instant, an amount over an interval, a stage that lasts."""

    INSTANT = "instant"
    INTERVAL = "interval"
    STAGE = "stage"


class Rule(StrEnum):
    """What a day of a kind is: an average, a total, or time by stage."""

    MEAN = "mean"
    SUM = "sum"
    DURATION = "duration"


class Span(StrEnum):
    """How much one chunk holds: a day of what comes by the second or minute, a month of what comes a few times a night."""

    DAY = "day"
    MONTH = "month"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of signal.

    Attributes:
        title: what people call it (message id). unit: canonical UCUM code.
        digits: decimals kept. Values are integers of 10**-digits units inside.
        low, high: hard range of one value, in units. per_minute: most that a minute can bring, for amounts.
        longest: the longest interval that is still a sample and no total, in milliseconds.
        gap: silence after which a chart's line breaks, in milliseconds.
        loinc: code of a sample; loinc_day: of a day's total, where that is another.
        healthkit, health_connect: vendors' names. ratio: HealthKit writes 0.97 for 97 %.
        per_mmol: mg/dL that a mmol/L is, for what is told in either.
    """

    name: str
    title: str
    unit: str
    shape: Shape
    rule: Rule
    span: Span = Span.DAY
    digits: int = 0
    low: float = 0
    high: float = 1e6
    per_minute: float | None = None
    longest: int = 12 * HOUR
    gap: int = HOUR
    loinc: str | None = None
    loinc_day: str | None = None
    healthkit: tuple[str, ...] = ()
    health_connect: tuple[str, ...] = ()
    ratio: bool = False
    per_mmol: float | None = None

    @property
    def step(self) -> float:
        """The smallest difference kept, in units."""
        return float(Decimal(1).scaleb(-self.digits))

    @property
    def scale(self) -> int:
        return int(10**self.digits)


class Stage(StrEnum):
    """A stage of sleep, as wearables tell it: light is N1 and N2."""

    IN_BED = "in_bed"
    AWAKE = "awake"
    ASLEEP = "asleep"
    LIGHT = "light"
    REM = "rem"
    DEEP = "deep"


STAGES = {Stage.IN_BED: 1, Stage.AWAKE: 2, Stage.ASLEEP: 3, Stage.LIGHT: 4, Stage.REM: 5, Stage.DEEP: 6}
"""Codes by stage, the more telling the greater: of two for the same interval the greater stays."""

STAGE_OF = MappingProxyType({code: stage for stage, code in STAGES.items()})
ASLEEP = frozenset({Stage.ASLEEP, Stage.LIGHT, Stage.REM, Stage.DEEP})

HEALTHKIT_STAGES = {
    "HKCategoryValueSleepAnalysisInBed": Stage.IN_BED,
    "HKCategoryValueSleepAnalysisAsleep": Stage.ASLEEP,
    "HKCategoryValueSleepAnalysisAsleepUnspecified": Stage.ASLEEP,
    "HKCategoryValueSleepAnalysisAwake": Stage.AWAKE,
    "HKCategoryValueSleepAnalysisAsleepCore": Stage.LIGHT,
    "HKCategoryValueSleepAnalysisAsleepDeep": Stage.DEEP,
    "HKCategoryValueSleepAnalysisAsleepREM": Stage.REM,
}


class Context(StrEnum):
    """What the person was doing at an instant, where the device tells."""

    PLAIN = "plain"
    RESTING = "resting"
    ACTIVE = "active"
    WORKOUT = "workout"
    SLEEPING = "sleeping"


CONTEXTS = {c: code for code, c in enumerate(Context)}
CONTEXT_OF = MappingProxyType({code: c for c, code in CONTEXTS.items()})


SESSION_TITLES = {
    "workout": N_("Workout"),
    "sleep": N_("Night"),
    "mindful": N_("Mindful time"),
    "ecg": N_("Electrocardiogram"),
    "other": N_("Other session"),
}

_KINDS = (
    Kind(
        name="heart_rate",
        title=N_("Heart rate"),
        unit="/min",
        shape=Shape.INSTANT,
        rule=Rule.MEAN,
        digits=2,
        low=20,
        high=300,
        gap=20 * MINUTE,
        loinc="8867-4",
        healthkit=("HeartRate",),
        health_connect=("HeartRateRecord",),
    ),
    Kind(
        name="respiratory_rate",
        title=N_("Breathing rate"),
        unit="/min",
        shape=Shape.INSTANT,
        rule=Rule.MEAN,
        span=Span.MONTH,
        digits=2,
        low=3,
        high=80,
        gap=2 * HOUR,
        loinc="9279-1",
        healthkit=("RespiratoryRate",),
        health_connect=("RespiratoryRateRecord",),
    ),
    Kind(
        name="oxygen_saturation",
        title=N_("Blood oxygen"),
        unit="%",
        shape=Shape.INSTANT,
        rule=Rule.MEAN,
        span=Span.MONTH,
        digits=2,
        low=40,
        high=100,
        gap=3 * HOUR,
        loinc="59408-5",
        healthkit=("OxygenSaturation",),
        health_connect=("OxygenSaturationRecord",),
        ratio=True,
    ),
    Kind(
        name="hrv_sdnn",
        title=N_("Heart rate variability (SDNN)"),
        unit="ms",
        shape=Shape.INSTANT,
        rule=Rule.MEAN,
        span=Span.MONTH,
        digits=2,
        high=500,
        gap=DAY,
        loinc="80404-7",
        healthkit=("HeartRateVariabilitySDNN",),
    ),
    Kind(
        name="hrv_rmssd",
        title=N_("Heart rate variability (RMSSD)"),
        unit="ms",
        shape=Shape.INSTANT,
        rule=Rule.MEAN,
        span=Span.MONTH,
        digits=2,
        high=500,
        gap=DAY,
        health_connect=("HeartRateVariabilityRmssdRecord",),
    ),
    Kind(
        name="interstitial_glucose",
        title=N_("Sensor glucose"),
        unit="mg/dL",
        shape=Shape.INSTANT,
        rule=Rule.MEAN,
        digits=1,
        low=10,
        high=1500,
        gap=30 * MINUTE,
        loinc="99504-3",
        per_mmol=18.0156,
    ),
    Kind(
        name="wrist_temperature",
        title=N_("Wrist temperature"),
        unit="Cel",
        shape=Shape.INTERVAL,
        rule=Rule.MEAN,
        span=Span.MONTH,
        digits=2,
        low=15,
        high=45,
        longest=DAY,
        gap=2 * DAY,
        healthkit=("AppleSleepingWristTemperature",),
    ),
    Kind(
        name="skin_temperature_deviation",
        title=N_("Skin temperature deviation"),
        unit="Cel",
        shape=Shape.INSTANT,
        rule=Rule.MEAN,
        span=Span.MONTH,
        digits=2,
        low=-10,
        high=10,
        gap=2 * DAY,
        health_connect=("SkinTemperatureRecord",),
    ),
    Kind(
        name="steps",
        title=N_("Steps"),
        unit="{steps}",
        shape=Shape.INTERVAL,
        rule=Rule.SUM,
        digits=2,
        high=100_000,
        per_minute=300,
        loinc="55423-8",
        loinc_day="41950-7",
        healthkit=("StepCount",),
        health_connect=("StepsRecord",),
    ),
    Kind(
        name="distance",
        title=N_("Distance on foot"),
        unit="m",
        shape=Shape.INTERVAL,
        rule=Rule.SUM,
        digits=2,
        high=200_000,
        per_minute=750,
        loinc="55430-3",
        healthkit=("DistanceWalkingRunning",),
        health_connect=("DistanceRecord",),
    ),
    Kind(
        name="cycling_distance",
        title=N_("Distance by bicycle"),
        unit="m",
        shape=Shape.INTERVAL,
        rule=Rule.SUM,
        digits=2,
        high=400_000,
        per_minute=2500,
        healthkit=("DistanceCycling",),
    ),
    Kind(
        name="swimming_distance",
        title=N_("Distance swum"),
        unit="m",
        shape=Shape.INTERVAL,
        rule=Rule.SUM,
        span=Span.MONTH,
        digits=2,
        high=100_000,
        per_minute=180,
        loinc="93816-7",
        healthkit=("DistanceSwimming",),
    ),
    Kind(
        name="active_energy",
        title=N_("Active energy"),
        unit="kcal",
        shape=Shape.INTERVAL,
        rule=Rule.SUM,
        digits=3,
        high=20_000,
        per_minute=100,
        loinc="55424-6",
        loinc_day="41979-6",
        healthkit=("ActiveEnergyBurned",),
        health_connect=("ActiveCaloriesBurnedRecord",),
    ),
    Kind(
        name="basal_energy",
        title=N_("Resting energy"),
        unit="kcal",
        shape=Shape.INTERVAL,
        rule=Rule.SUM,
        digits=3,
        high=10_000,
        per_minute=20,
        healthkit=("BasalEnergyBurned",),
    ),
    Kind(
        name="floors",
        title=N_("Floors climbed"),
        unit="{flights}",
        shape=Shape.INTERVAL,
        rule=Rule.SUM,
        span=Span.MONTH,
        digits=1,
        high=2000,
        per_minute=60,
        loinc="100304-5",
        healthkit=("FlightsClimbed",),
        health_connect=("FloorsClimbedRecord",),
    ),
    Kind(
        name="exercise_time",
        title=N_("Exercise time"),
        unit="min",
        shape=Shape.INTERVAL,
        rule=Rule.SUM,
        span=Span.MONTH,
        digits=2,
        high=1440,
        per_minute=1.5,
        loinc="55411-3",
        healthkit=("AppleExerciseTime",),
    ),
    Kind(
        name="stand_time",
        title=N_("Standing time"),
        unit="min",
        shape=Shape.INTERVAL,
        rule=Rule.SUM,
        span=Span.MONTH,
        digits=2,
        high=1440,
        per_minute=1.5,
        healthkit=("AppleStandTime",),
    ),
    Kind(
        name="movement",
        title=N_("Movement counts"),
        unit="{counts}",
        shape=Shape.INTERVAL,
        rule=Rule.SUM,
        digits=2,
        high=1e6,
        longest=HOUR,
    ),
    Kind(
        name="sleep",
        title=N_("Sleep"),
        unit="s",
        shape=Shape.STAGE,
        rule=Rule.DURATION,
        span=Span.MONTH,
        low=min(STAGES.values()),
        high=max(STAGES.values()),
        longest=DAY,
        gap=HOUR,
        loinc="93832-4",
        healthkit=("SleepAnalysis",),
        health_connect=("SleepSessionRecord",),
    ),
)

KINDS = MappingProxyType({kind.name: kind for kind in _KINDS})

HEALTHKIT = MappingProxyType({name: kind for kind in _KINDS for name in kind.healthkit})
"""Kinds by HealthKit's name without ``HKQuantityTypeIdentifier`` or ``HKCategoryTypeIdentifier``."""
