"""Movement, water and sleep, as totals; the samples behind them are signals."""

from decimal import Decimal
from fractions import Fraction

from ojas.features.measurements.rules.kind import Category, Entry, Family, Kind, Linear, Names, single
from ojas.kit.i18n import N_

_SLEEP = {"min": 0, "h": 1}


def _sleep(name: str, label: str, loinc: str, *, names: Names | None = None) -> Kind:
    return Kind(
        name,
        label,
        Family.SLEEP,
        single("min", "0", "1440", loinc=(loinc,), units=("h", "min"), also=("s",), decimals=_SLEEP),
        category=Category.ACTIVITY,
        entry=Entry.PERSON if name == "sleep_duration" else Entry.DEVICE,
        adds_up=True,
        names=names or Names(),
    )


KINDS = (
    Kind(
        "steps",
        N_("Steps"),
        Family.MOVEMENT,
        single("{steps}", "0", "150000", loinc=("55423-8", "41950-7"), also=("1", "{count}")),
        category=Category.ACTIVITY,
        adds_up=True,
        unit_word=N_("steps"),
        names=Names(
            healthkit=("StepCount",),
            health_connect=("StepsRecord",),
            google=("steps",),
            garmin=("dailies.steps", "epochs.steps"),
            polar=("steps",),
            samsung=("step_count.count", "pedometer_day_summary"),
            fit=("com.google.step_count.delta",),
        ),
    ),
    Kind(
        "distance",
        N_("Distance"),
        Family.MOVEMENT,
        single(
            "m",
            "0",
            "400000",
            loinc=("55430-3", "93816-7"),
            units=("km", "[mi_i]", "m"),
            decimals={"m": 0, "km": 2, "[mi_i]": 2},
            quantity="distance",
        ),
        category=Category.ACTIVITY,
        adds_up=True,
        names=Names(
            healthkit=(
                "DistanceWalkingRunning",
                "DistanceCycling",
                "DistanceSwimming",
                "DistanceWheelchair",
            ),
            health_connect=("DistanceRecord",),
            google=("distance",),
            garmin=("distanceInMeters",),
            polar=("distance_from_steps",),
            samsung=("step_count.distance",),
            strava=("distance",),
            fit=("com.google.distance.delta",),
        ),
    ),
    Kind(
        "active_energy",
        N_("Active energy"),
        Family.MOVEMENT,
        # Strava's "kilojoules" are the work at the pedals, about a quarter of what the body burns: not these kJ.
        single(
            "kcal",
            "0",
            "20000",
            loinc=("41981-2", "41979-6", "55424-6"),
            units=("kcal", "kJ"),
            quantity="energy",
        ),
        category=Category.ACTIVITY,
        adds_up=True,
        names=Names(
            healthkit=("ActiveEnergyBurned",),
            health_connect=("ActiveCaloriesBurnedRecord",),
            garmin=("activeKilocalories",),
            polar=("active_calories",),
            samsung=("exercise.calorie",),
            strava=("calories",),
        ),
    ),
    Kind(
        "floors",
        N_("Floors climbed"),
        Family.MOVEMENT,
        # Devices that give metres climbed: a floor is three.
        single(
            "{flights}",
            "0",
            "2000",
            loinc=("100304-5",),
            also=("1", "{count}"),
            factors={"m": Linear(Fraction(1, 3))},
        ),
        category=Category.ACTIVITY,
        adds_up=True,
        unit_word=N_("floors"),
        names=Names(
            healthkit=("FlightsClimbed",),
            health_connect=("FloorsClimbedRecord",),
            google=("floors",),
            garmin=("floorsClimbed",),
            samsung=("floors_climbed.floor",),
            strava=("total_elevation_gain",),
            fit=("floors",),
        ),
    ),
    Kind(
        "exercise_duration",
        N_("Exercise"),
        Family.MOVEMENT,
        single("min", "0", "1440", loinc=("55411-3",), units=("min", "h"), also=("s",), decimals=_SLEEP),
        category=Category.ACTIVITY,
        adds_up=True,
        names=Names(healthkit=("AppleExerciseTime",), health_connect=("ExerciseSessionRecord",)),
    ),
    Kind(
        "moderate_minutes",
        N_("Moderate exercise"),
        Family.MOVEMENT,
        single("min", "0", "1440", loinc=("77592-4",)),
        category=Category.ACTIVITY,
        adds_up=True,
    ),
    Kind(
        "vigorous_minutes",
        N_("Vigorous exercise"),
        Family.MOVEMENT,
        single("min", "0", "1440", loinc=("77593-2",)),
        category=Category.ACTIVITY,
        adds_up=True,
    ),
    Kind(
        "exercise_days",
        N_("Days with exercise, a week"),
        Family.MOVEMENT,
        single("d/wk", "0", "7", loinc=("89555-7",), also=("d",), factors={"d": Linear(Fraction(1))}),
        category=Category.SURVEY,
        unit_word=N_("days a week"),
    ),
    Kind(
        "exercise_minutes_day",
        N_("Minutes of exercise on those days"),
        Family.MOVEMENT,
        single("min/d", "0", "1440", loinc=("68516-4",), factors={"min": Linear(Fraction(1))}),
        category=Category.SURVEY,
    ),
    Kind(
        "exercise_minutes_week",
        N_("Minutes of exercise, a week"),
        Family.MOVEMENT,
        single("min/wk", "0", "10080", loinc=("82290-8",), factors={"min": Linear(Fraction(1))}),
        category=Category.SURVEY,
    ),
    Kind(
        "six_minute_walk",
        N_("Six-minute walk"),
        Family.MOVEMENT,
        single("m", "0", "1000", loinc=("64098-7",), units=("m", "[ft_i]"), decimals={"m": 0, "[ft_i]": 0}),
        category=Category.EXAM,
        entry=Entry.CLINICIAN,
        names=Names(healthkit=("SixMinuteWalkTestDistance",)),
    ),
    Kind(
        "hydration",
        N_("Water drunk"),
        Family.BODY,
        single(
            "mL",
            "1",
            "5000",
            loinc=("9108-2", "8999-5"),
            units=("mL", "L", "[foz_us]", "[cup_us]"),
            also=("[foz_br]",),
            decimals={"mL": 0, "L": 2, "[foz_us]": 0, "[cup_us]": 1},
            quantity="volume",
        ),
        category=Category.ACTIVITY,
        adds_up=True,
        day_high=Decimal(20_000),
        names=Names(
            healthkit=("DietaryWater",),
            health_connect=("HydrationRecord",),
            google=("hydration-log",),
            garmin=("hydrationInMilliliters",),
            samsung=("water_intake.amount",),
            fit=("com.google.hydration",),
        ),
    ),
    _sleep(
        "sleep_duration",
        N_("Sleep"),
        "93832-4",
        names=Names(
            health_connect=("SleepSessionRecord",),
            google=("sleep",),
            garmin=("durationInSeconds",),
            samsung=("sleep",),
            fit=("com.google.sleep.segment",),
        ),
    ),
    _sleep("sleep_light", N_("Light sleep"), "93830-8"),
    _sleep("sleep_deep", N_("Deep sleep"), "93831-6"),
    _sleep("sleep_rem", N_("Dream sleep (REM)"), "93829-0"),
)
