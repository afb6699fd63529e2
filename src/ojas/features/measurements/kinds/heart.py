"""Blood pressure, pulse and what the heart's doctors measure."""

from decimal import Decimal

from ojas.features.measurements.rules.bands import For, Guideline, below, ladder, rest, upto
from ojas.features.measurements.rules.kind import (
    VALUE,
    Category,
    Entry,
    Family,
    Kind,
    Names,
    Part,
    single,
)
from ojas.features.measurements.rules.level import Level
from ojas.kit.i18n import N_

ADULT = For(min_age=18)

# "Severe" begins strictly above 180/120; below 90/60 is low by common usage, 80 and less the house's own alarm line.
ACC_AHA = Guideline(
    "acc-aha-2025",
    "ACC/AHA",
    2025,
    "https://doi.org/10.1161/HYP.0000000000000065",
    {
        "systolic": ladder(
            upto("80", Level.DANGER_LOW, N_("Dangerously low")),
            below("90", Level.LOW, N_("Low")),
            below("120", Level.OK, N_("Normal")),
            below("130", Level.HIGH, N_("Elevated")),
            below("140", Level.HIGH, N_("High, stage 1")),
            upto("180", Level.VERY_HIGH, N_("High, stage 2")),
            rest(Level.DANGER_HIGH, N_("Severely high: rest, and measure again")),
        ),
        "diastolic": ladder(
            below("60", Level.LOW, N_("Low")),
            below("80", Level.OK, N_("Normal")),
            below("90", Level.HIGH, N_("High, stage 1")),
            upto("120", Level.VERY_HIGH, N_("High, stage 2")),
            rest(Level.DANGER_HIGH, N_("Severely high: rest, and measure again")),
        ),
    },
    For(min_age=18, pregnant=False),
)

ACOG = Guideline(
    "acog-2020",
    "ACOG",
    2020,
    "https://doi.org/10.1097/AOG.0000000000003891",
    {
        "systolic": ladder(
            below("90", Level.LOW, N_("Low")),
            below("140", Level.OK, N_("Usual in pregnancy")),
            below("160", Level.VERY_HIGH, N_("High in pregnancy: tell your doctor today")),
            rest(Level.DANGER_HIGH, N_("Severely high in pregnancy: get help now")),
        ),
        "diastolic": ladder(
            below("60", Level.LOW, N_("Low")),
            below("90", Level.OK, N_("Usual in pregnancy")),
            below("110", Level.VERY_HIGH, N_("High in pregnancy: tell your doctor today")),
            rest(Level.DANGER_HIGH, N_("Severely high in pregnancy: get help now")),
        ),
    },
    For(pregnant=True),
)

ESC_OFFICE = Guideline(
    "esc-2024",
    "ESC",
    2024,
    "https://doi.org/10.1093/eurheartj/ehae178",
    {
        "systolic": ladder(
            below("120", Level.OK, N_("Not elevated")),
            below("140", Level.HIGH, N_("Elevated")),
            upto("180", Level.VERY_HIGH, N_("Hypertension")),
            rest(Level.DANGER_HIGH, N_("Severely high: rest, and measure again")),
        ),
        "diastolic": ladder(
            below("70", Level.OK, N_("Not elevated")),
            below("90", Level.HIGH, N_("Elevated")),
            upto("110", Level.VERY_HIGH, N_("Hypertension")),
            rest(Level.DANGER_HIGH, N_("Severely high: rest, and measure again")),
        ),
    },
    For(chosen=True),
)

ESC_HOME = Guideline(
    "esc-2024-home",
    "ESC",
    2024,
    "https://doi.org/10.1093/eurheartj/ehae178",
    {
        "systolic": ladder(
            below("120", Level.OK, N_("Not elevated")),
            below("135", Level.HIGH, N_("Elevated")),
            upto("180", Level.VERY_HIGH, N_("Hypertension")),
            rest(Level.DANGER_HIGH, N_("Severely high: rest, and measure again")),
        ),
        "diastolic": ladder(
            below("70", Level.OK, N_("Not elevated")),
            below("85", Level.HIGH, N_("Elevated")),
            upto("110", Level.VERY_HIGH, N_("Hypertension")),
            rest(Level.DANGER_HIGH, N_("Severely high: rest, and measure again")),
        ),
    },
    For(chosen=True),
    variant=N_("measured at home"),
)

ESH = Guideline(
    "esh-2023",
    "ESH",
    2023,
    "https://doi.org/10.1097/HJH.0000000000003480",
    {
        "systolic": ladder(
            below("120", Level.OK, N_("Optimal")),
            below("130", Level.OK, N_("Normal")),
            below("140", Level.HIGH, N_("High normal")),
            below("160", Level.HIGH, N_("Hypertension, grade 1")),
            below("180", Level.VERY_HIGH, N_("Hypertension, grade 2")),
            rest(Level.DANGER_HIGH, N_("Hypertension, grade 3")),
        ),
        "diastolic": ladder(
            below("80", Level.OK, N_("Optimal")),
            below("85", Level.OK, N_("Normal")),
            below("90", Level.HIGH, N_("High normal")),
            below("100", Level.HIGH, N_("Hypertension, grade 1")),
            below("110", Level.VERY_HIGH, N_("Hypertension, grade 2")),
            rest(Level.DANGER_HIGH, N_("Hypertension, grade 3")),
        ),
    },
    For(chosen=True),
)

PULSE = Guideline(
    "aha-pulse",
    "AHA",
    2024,
    "https://www.heart.org/en/health-topics/high-blood-pressure/the-facts-about-high-blood-pressure/all-about-heart-rate-pulse",
    {
        # 60 to 100 is the usual adult rest; the outer steps are those of NEWS2 (RCP 2017): 40 and less, 131 and more.
        VALUE: ladder(
            upto("40", Level.VERY_LOW, N_("Very slow")),
            below("60", Level.LOW, N_("Slow; usual if you are very fit or take a beta-blocker")),
            upto("100", Level.OK, N_("Usual at rest")),
            upto("130", Level.HIGH, N_("Fast at rest")),
            rest(Level.VERY_HIGH, N_("Very fast at rest")),
        )
    },
    ADULT,
)

EJECTION = Guideline(
    "esc-hf-2021",
    "ESC",
    2021,
    "https://doi.org/10.1093/eurheartj/ehab368",
    {
        VALUE: ladder(
            upto("40", Level.VERY_LOW, N_("Reduced")),
            below("50", Level.LOW, N_("Mildly reduced")),
            rest(Level.OK, N_("Preserved")),
        )
    },
    ADULT,
)


def _pressure(name: str, label: str, low: str, high: str, loinc: str, *, required: bool = True) -> Part:
    return Part(
        "mm[Hg]",
        Decimal(low),
        Decimal(high),
        name=name,
        label=label,
        units=("mm[Hg]", "kPa"),
        loinc=(loinc,),
        decimals={"mm[Hg]": 0, "kPa": 1},
        required=required,
        quantity="pressure",
    )


KINDS = (
    Kind(
        "blood_pressure",
        N_("Blood pressure"),
        Family.HEART,
        (
            _pressure("systolic", N_("Upper (systolic)"), "40", "300", "8480-6"),
            _pressure("diastolic", N_("Lower (diastolic)"), "20", "200", "8462-4"),
            _pressure("mean", N_("Mean arterial"), "30", "250", "8478-0", required=False),
        ),
        panel=("85354-9", "55284-4"),
        names=Names(
            healthkit=("BloodPressureSystolic", "BloodPressureDiastolic"),
            health_connect=("BloodPressureRecord",),
            garmin=("bloodPressures",),
            samsung=("blood_pressure.systolic", "blood_pressure.diastolic"),
            fit=("com.google.blood_pressure",),
        ),
        guidelines=(ACOG, ACC_AHA, ESC_OFFICE, ESC_HOME, ESH),
    ),
    Kind(
        "heart_rate",
        N_("Pulse"),
        Family.HEART,
        single("/min", "20", "300", loinc=("8867-4",)),
        unit_word=N_("/min"),
        names=Names(
            healthkit=("HeartRate",),
            health_connect=("HeartRateRecord",),
            google=("heart-rate",),
            garmin=("timeOffsetHeartRateSamples",),
            polar=("heart_rate_samples",),
            samsung=("heart_rate.heart_rate",),
            strava=("average_heartrate",),
            fit=("com.google.heart_rate.bpm",),
        ),
        guidelines=(PULSE,),
    ),
    Kind(
        "resting_heart_rate",
        N_("Resting pulse"),
        Family.HEART,
        single("/min", "25", "150", loinc=("40443-4",)),
        unit_word=N_("/min"),
        names=Names(
            healthkit=("RestingHeartRate",),
            health_connect=("RestingHeartRateRecord",),
            google=("daily-resting-heart-rate",),
            garmin=("restingHeartRateInBeatsPerMinute",),
            polar=("resting_heart_rate",),
            fit=("restingHeartRate",),
        ),
        guidelines=(PULSE,),
    ),
    Kind(
        "hrv_sdnn",
        N_("Heart rate variability (SDNN)"),
        Family.HEART,
        single("ms", "0", "500", loinc=("80404-7",)),
        entry=Entry.DEVICE,
        names=Names(healthkit=("HeartRateVariabilitySDNN",), google=("heart-rate-variability.sdnn",)),
    ),
    Kind(
        # Another measure than SDNN: the two are never averaged, charted or scored together.
        "hrv_rmssd",
        N_("Heart rate variability (RMSSD)"),
        Family.HEART,
        single("ms", "0", "500"),
        entry=Entry.DEVICE,
        names=Names(
            health_connect=("HeartRateVariabilityRmssdRecord",),
            google=("heart-rate-variability.rmssd",),
            garmin=("hrv",),
            polar=("heart_rate_variability_avg",),
            fit=("dailyRmssd",),
        ),
    ),
    Kind(
        "lvef",
        N_("Pumping strength (ejection fraction)"),
        Family.HEART,
        single("%", "5", "90", loinc=("10230-1",), also=("1",)),
        category=Category.EXAM,
        guidelines=(EJECTION,),
    ),
    Kind(
        "workout_mean_heart_rate",
        N_("Mean pulse in exercise"),
        Family.HEART,
        single("/min", "20", "300", loinc=("55425-3",)),
        unit_word=N_("/min"),
        category=Category.ACTIVITY,
        names=Names(strava=("average_heartrate",)),
    ),
    Kind(
        "workout_peak_heart_rate",
        N_("Highest pulse in exercise"),
        Family.HEART,
        single("/min", "20", "300", loinc=("55426-1",)),
        unit_word=N_("/min"),
        category=Category.ACTIVITY,
    ),
)
