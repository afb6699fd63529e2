"""Breathing, oxygen and how well the body uses it."""

from fractions import Fraction

from ojas.features.measurements.rules.bands import For, Guideline, below, ladder, rest, upto
from ojas.features.measurements.rules.kind import VALUE, Category, Family, Kind, Linear, Names, single
from ojas.features.measurements.rules.level import Level
from ojas.kit.i18n import N_

SATURATION = Guideline(
    "who-hypoxaemia-2011",
    "WHO",
    2011,
    "https://iris.who.int/handle/10665/44596",
    {
        # Below 90 is the WHO's hypoxaemia; 93 and 95 are common steps for home meters. Wrist sensors read too high on
        # darker skin (FDA communication of 2021): two readings, sitting still, before anybody is alarmed.
        VALUE: ladder(
            below("90", Level.DANGER_LOW, N_("Dangerously low oxygen: get help now")),
            below("93", Level.VERY_LOW, N_("Low oxygen: call your doctor")),
            below("95", Level.LOW, N_("A little low: sit still, and measure again")),
            rest(Level.OK, N_("Usual")),
        )
    },
)

BREATHING = Guideline(
    "news2-2017",
    "NEWS2 (RCP)",
    2017,
    "https://www.rcp.ac.uk/improving-care/resources/national-early-warning-score-news-2/",
    {
        VALUE: ladder(
            upto("8", Level.DANGER_LOW, N_("Dangerously slow breathing")),
            below("12", Level.LOW, N_("Slow breathing")),
            upto("20", Level.OK, N_("Usual at rest")),
            below("25", Level.HIGH, N_("Fast breathing")),
            rest(Level.DANGER_HIGH, N_("Dangerously fast breathing")),
        )
    },
    For(min_age=16, pregnant=False),
)

KINDS = (
    Kind(
        "oxygen_saturation",
        N_("Oxygen"),
        Family.BREATH,
        single("%", "40", "100", loinc=("2708-6", "59408-5"), also=("1",)),
        names=Names(
            healthkit=("OxygenSaturation",),
            health_connect=("OxygenSaturationRecord",),
            google=("oxygen-saturation",),
            garmin=("timeOffsetSpo2Values",),
            polar=("blood_oxygen_percent",),
            samsung=("oxygen_saturation.spo2",),
            fit=("com.google.oxygen_saturation",),
        ),
        guidelines=(SATURATION,),
    ),
    Kind(
        "respiratory_rate",
        N_("Breathing rate"),
        Family.BREATH,
        single("/min", "3", "80", loinc=("9279-1",)),
        unit_word=N_("/min"),
        names=Names(
            healthkit=("RespiratoryRate",),
            health_connect=("RespiratoryRateRecord",),
            google=("daily-respiratory-rate",),
            garmin=("timeOffsetRespirationValues",),
            polar=("breathing_rate_avg",),
            samsung=("respiratory_rate.average",),
            fit=("br",),
        ),
        guidelines=(BREATHING,),
    ),
    Kind(
        "vo2max",
        N_("Fitness (VO₂max)"),
        Family.MOVEMENT,
        # One metabolic equivalent is 3.5 mL of oxygen a minute and kilogram.
        single("mL/min/kg", "5", "100", factors={"[MET]": Linear(Fraction("3.5"))}, decimals=1),
        category=Category.ACTIVITY,
        names=Names(
            healthkit=("VO2Max",),
            health_connect=("Vo2MaxRecord",),
            google=("run-vo2-max",),
            garmin=("vo2Max",),
            polar=("vo2_max",),
            samsung=("exercise.vo2_max",),
            fit=("cardioscore",),
        ),
    ),
)
