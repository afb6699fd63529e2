"""Weight, height and what follows from them; temperature."""

from decimal import Decimal
from fractions import Fraction

from ojas.features.measurements.rules.bands import For, Guideline, below, ladder, rest
from ojas.features.measurements.rules.kind import VALUE, Category, Entry, Family, Kind, Linear, Names, single
from ojas.features.measurements.rules.level import Level
from ojas.kit.i18n import N_

BMI_ASIAN_INDIAN = Guideline(
    "misra-2009",
    "Misra et al.",
    2009,
    "https://pubmed.ncbi.nlm.nih.gov/19582986/",
    {
        VALUE: ladder(
            below("16", Level.VERY_LOW, N_("Severely underweight")),
            below("18", Level.LOW, N_("Underweight")),
            below("23", Level.OK, N_("Normal weight")),
            below("25", Level.HIGH, N_("Overweight")),
            rest(Level.VERY_HIGH, N_("Obesity")),
        )
    },
    For(min_age=18, pregnant=False, asian_indian=True),
    variant=N_("for Asian Indians"),
)

BMI_WHO = Guideline(
    "who-bmi-2000",
    "WHO",
    2000,
    "https://iris.who.int/handle/10665/42330",
    {
        VALUE: ladder(
            below("16", Level.VERY_LOW, N_("Severely underweight")),
            below("18.5", Level.LOW, N_("Underweight")),
            below("25", Level.OK, N_("Normal weight")),
            below("30", Level.HIGH, N_("Overweight")),
            below("35", Level.VERY_HIGH, N_("Obesity, class I")),
            below("40", Level.VERY_HIGH, N_("Obesity, class II")),
            rest(Level.VERY_HIGH, N_("Obesity, class III")),
        )
    },
    For(min_age=18, pregnant=False),
)


def _waist(
    key: str, variant: str, sex: str, increased: str, high: str | None, *, asian: bool | None
) -> Guideline:
    upper = (
        (
            below(high, Level.HIGH, N_("Increased risk")),
            rest(Level.VERY_HIGH, N_("High risk")),
        )
        if high
        else (rest(Level.HIGH, N_("Increased risk")),)
    )
    steps = ladder(below(increased, Level.OK, N_("Low risk")), *upper)
    people = For(min_age=18, sex=sex, pregnant=False, asian_indian=asian)
    return Guideline(
        key, "WHO", 2008, "https://iris.who.int/handle/10665/44583", {VALUE: steps}, people, variant
    )


WAIST = (
    _waist("south-asian-waist-men", N_("South Asian men"), "male", "90", None, asian=True),
    _waist("south-asian-waist-women", N_("South Asian women"), "female", "80", None, asian=True),
    _waist("who-waist-men", N_("men"), "male", "94", "102", asian=None),
    _waist("who-waist-women", N_("women"), "female", "80", "88", asian=None),
)

TEMPERATURE = Guideline(
    "cdc-fever",
    "CDC",
    2024,
    "https://www.cdc.gov/port-health/php/definitions-symptoms-reportable-illnesses/index.html",
    {
        # 38.0 °C is the CDC's fever, below 35.0 hypothermia; 39.4 and 41 are the house's own steps.
        VALUE: ladder(
            below("35", Level.DANGER_LOW, N_("Too cold (hypothermia)")),
            below("38", Level.OK, N_("No fever")),
            below("39.4", Level.HIGH, N_("Fever")),
            below("41", Level.VERY_HIGH, N_("High fever")),
            rest(Level.DANGER_HIGH, N_("Dangerously high fever")),
        )
    },
)

_LENGTHS = {"cm": 0, "m": 2, "[in_i]": 1, "[ft_i]": 2}

KINDS = (
    Kind(
        "weight",
        N_("Weight"),
        Family.BODY,
        single(
            "kg",
            "0.3",
            "650",
            loinc=("29463-7", "3141-9"),
            units=("kg", "[lb_av]", "[stone_av]"),
            also=("g",),
            decimals={"kg": 1, "[lb_av]": 1, "[stone_av]": 2},
            quantity="mass",
        ),
        steady=Decimal("0.12"),
        names=Names(
            healthkit=("BodyMass",),
            health_connect=("WeightRecord",),
            google=("weight",),
            garmin=("weightInGrams",),
            polar=("weight",),
            samsung=("weight.weight",),
            strava=("athlete.weight",),
            fit=("com.google.weight",),
        ),
    ),
    Kind(
        "height",
        N_("Height"),
        Family.BODY,
        single(
            "cm",
            "20",
            "275",
            loinc=("8302-2", "3137-7", "8306-3"),
            units=("cm", "m", "[in_i]", "[ft_i]"),
            decimals=_LENGTHS,
            quantity="height",
        ),
        steady=Decimal("0.03"),
        names=Names(
            healthkit=("Height",),
            health_connect=("HeightRecord",),
            google=("height",),
            polar=("height",),
            samsung=("height.height",),
            fit=("com.google.height",),
        ),
    ),
    Kind(
        # Worked out from weight and height; kept only where a device or another record reports its own.
        "bmi",
        N_("Body mass index"),
        Family.BODY,
        # HealthKit gives it the unit "count", a bare number.
        single("kg/m2", "7", "150", loinc=("39156-5",), factors={"1": Linear(Fraction(1))}, decimals=1),
        entry=Entry.DEVICE,
        names=Names(healthkit=("BodyMassIndex",), garmin=("bodyMassIndex",), fit=("body/bmi",)),
        guidelines=(BMI_ASIAN_INDIAN, BMI_WHO),
    ),
    Kind(
        "body_fat",
        N_("Body fat"),
        Family.BODY,
        single("%", "1", "75", loinc=("41982-0",), also=("1",), decimals=1),
        names=Names(
            healthkit=("BodyFatPercentage",),
            health_connect=("BodyFatRecord",),
            google=("body-fat",),
            garmin=("bodyFatInPercent",),
            samsung=("weight.body_fat",),
            fit=("com.google.body.fat.percentage",),
        ),
    ),
    Kind(
        "waist",
        N_("Waist"),
        Family.BODY,
        single(
            "cm", "30", "250", loinc=("8280-0",), units=("cm", "[in_i]"), decimals=_LENGTHS, quantity="length"
        ),
        steady=Decimal("0.2"),
        names=Names(healthkit=("WaistCircumference",)),
        guidelines=WAIST,
    ),
    Kind(
        "lean_mass",
        N_("Lean body mass"),
        Family.BODY,
        single(
            "kg",
            "5",
            "250",
            loinc=("91557-9",),
            units=("kg", "[lb_av]"),
            also=("g",),
            decimals={"kg": 1, "[lb_av]": 1},
            quantity="mass",
        ),
        steady=Decimal("0.2"),
        names=Names(healthkit=("LeanBodyMass",), health_connect=("LeanBodyMassRecord",)),
    ),
    Kind(
        "temperature",
        N_("Temperature"),
        Family.BODY,
        single(
            "Cel",
            "25",
            "45",
            loinc=("8310-5", "8331-1"),
            units=("Cel", "[degF]"),
            decimals={"Cel": 1, "[degF]": 1},
            quantity="temperature",
        ),
        names=Names(
            healthkit=("BodyTemperature",),
            health_connect=("BodyTemperatureRecord",),
            google=("core-body-temperature",),
            polar=("temperature_celsius",),
            samsung=("body_temperature.temperature",),
            fit=("com.google.body.temperature",),
        ),
        guidelines=(TEMPERATURE,),
    ),
    Kind(
        # A difference from the person's own baseline: the bands of fever never apply, and a difference has no zero
        # to be moved: one degree Fahrenheit is 5/9 of a degree Celsius.
        "skin_temperature_deviation",
        N_("Skin temperature, against your usual"),
        Family.BODY,
        single(
            "Cel",
            "-10",
            "10",
            factors={"[degF]": Linear(Fraction(5, 9)), "K": Linear(Fraction(1))},
            decimals=1,
        ),
        category=Category.EXAM,
        entry=Entry.DEVICE,
        names=Names(
            health_connect=("SkinTemperatureRecord",),
            garmin=("skinTemp",),
            polar=("deviation_from_baseline_celsius",),
            fit=("temp/skin",),
        ),
    ),
)
