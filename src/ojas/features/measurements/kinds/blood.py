"""Glucose, blood fats and the laboratory values a person follows."""

from fractions import Fraction

from ojas.features.measurements.rules.bands import For, Guideline, Meal, below, ladder, rest
from ojas.features.measurements.rules.kind import VALUE, Category, Family, Kind, Linear, Names, single
from ojas.features.measurements.rules.level import Level
from ojas.kit.i18n import N_

GLUCOSE_MMOL = Linear(Fraction("18.0156"))  # molar mass 180.156 g/mol
CHOLESTEROL_MMOL = Linear(Fraction("38.67"))
TRIGLYCERIDES_MMOL = Linear(Fraction("88.57"))  # not cholesterol's: fats weigh more than twice as much
HBA1C_IFCC = Linear(
    Fraction("0.09148"), Fraction("2.152")
)  # NGSP % = 0.09148 x IFCC mmol/mol + 2.152 (ngsp.org)
CREATININE_UMOL = Linear(1 / Fraction("88.42"))

_ADA = "https://doi.org/10.2337/dc25-S002"
_ADA_GOALS = "https://doi.org/10.2337/dc25-S006"
_ADA_PREGNANCY = "https://doi.org/10.2337/dc25-S015"

_FASTING = frozenset({Meal.FASTING})
_BEFORE = frozenset({Meal.FASTING, Meal.BEFORE_MEAL})
_AFTER = frozenset({Meal.AFTER_MEAL})

# Hypoglycaemia level 1 below 70, level 2 below 54 (ADA); 250 and 300 are the house's own steps of caution.
_LOWS = (
    below("54", Level.DANGER_LOW, N_("Dangerously low sugar: eat or drink sugar now")),
    below("70", Level.LOW, N_("Low sugar")),
)
_HIGHS = (
    below("300", Level.VERY_HIGH, N_("Very high")),
    rest(Level.DANGER_HIGH, N_("Dangerously high sugar")),
)

GLUCOSE_PREGNANT_FASTING = Guideline(
    "ada-2025-pregnancy-fasting",
    "ADA",
    2025,
    _ADA_PREGNANCY,
    {
        VALUE: ladder(
            *_LOWS,
            below("95", Level.OK, N_("In the goal before a meal")),
            below("250", Level.HIGH, N_("Above the goal before a meal")),
            *_HIGHS,
        )
    },
    For(pregnant=True, meals=_BEFORE),
    variant=N_("in pregnancy, before a meal"),
)
GLUCOSE_PREGNANT = Guideline(
    "ada-2025-pregnancy",
    "ADA",
    2025,
    _ADA_PREGNANCY,
    {
        VALUE: ladder(
            *_LOWS,
            below("140", Level.OK, N_("In the goal an hour after a meal")),
            below("250", Level.HIGH, N_("Above the goal an hour after a meal")),
            *_HIGHS,
        )
    },
    For(pregnant=True),
    variant=N_("in pregnancy"),
)
GLUCOSE_FASTING = Guideline(
    "ada-2025-fasting",
    "ADA",
    2025,
    _ADA,
    {
        VALUE: ladder(
            *_LOWS,
            below("100", Level.OK, N_("Normal, fasting")),
            below("126", Level.HIGH, N_("Raised, fasting (prediabetes range)")),
            below("250", Level.VERY_HIGH, N_("High, fasting (diabetes range)")),
            *_HIGHS,
        )
    },
    For(meals=_FASTING),
    variant=N_("fasting"),
)
GLUCOSE_AFTER = Guideline(
    "ada-2025-after-meal",
    "ADA",
    2025,
    _ADA,
    {
        VALUE: ladder(
            *_LOWS,
            below("140", Level.OK, N_("Normal after a meal")),
            below("200", Level.HIGH, N_("Raised after a meal (prediabetes range)")),
            below("250", Level.VERY_HIGH, N_("High after a meal (diabetes range)")),
            *_HIGHS,
        )
    },
    For(meals=_AFTER),
    variant=N_("two hours after eating"),
)
GLUCOSE_ANY = Guideline(
    "ada-2025",
    "ADA",
    2025,
    _ADA,
    {
        # 70 to 180 is the range in which a sensor's readings are wished to lie; 200 at any time suggests diabetes.
        VALUE: ladder(
            *_LOWS,
            below("180", Level.OK, N_("In the usual range")),
            below("250", Level.HIGH, N_("Above the usual range")),
            *_HIGHS,
        )
    },
)
GLUCOSE_GOALS_BEFORE = Guideline(
    "ada-2025-goals-before",
    "ADA",
    2025,
    _ADA_GOALS,
    {
        VALUE: ladder(
            *_LOWS,
            below("80", Level.LOW, N_("A little below your goal")),
            below("130", Level.OK, N_("In the goal before a meal")),
            below("250", Level.HIGH, N_("Above the goal before a meal")),
            *_HIGHS,
        )
    },
    For(chosen=True),
    variant=N_("goals with diabetes, before a meal"),
)

HBA1C = Guideline(
    "ada-2025-hba1c",
    "ADA",
    2025,
    _ADA,
    {
        VALUE: ladder(
            below("5.7", Level.OK, N_("Normal")),
            below("6.5", Level.HIGH, N_("Prediabetes range")),
            rest(Level.VERY_HIGH, N_("Diabetes range")),
        )
    },
)
HBA1C_GOAL = Guideline(
    "ada-2025-hba1c-goal",
    "ADA",
    2025,
    _ADA_GOALS,
    {
        VALUE: ladder(
            below("7", Level.OK, N_("In the goal for most adults")),
            below("9", Level.HIGH, N_("Above the goal")),
            rest(Level.VERY_HIGH, N_("Far above the goal")),
        )
    },
    For(chosen=True),
    variant=N_("goal with diabetes"),
)


def _atp(
    key: str, *steps: tuple[str | None, Level, str], people: For | None = None, variant: str = ""
) -> Guideline:
    """One of the tables of NCEP ATP III (2002), adults, mg/dL."""
    bands = [below(limit, level, name) if limit else rest(level, name) for limit, level, name in steps]
    who = people or For(min_age=18)
    source = "https://doi.org/10.1161/circ.106.25.3143"
    return Guideline(f"atp3-{key}", "NCEP ATP III", 2002, source, {VALUE: ladder(*bands)}, who, variant)


TOTAL = _atp(
    "total",
    ("200", Level.OK, N_("Desirable")),
    ("240", Level.HIGH, N_("Borderline high")),
    (None, Level.VERY_HIGH, N_("High")),
)
LDL = _atp(
    "ldl",
    ("100", Level.OK, N_("Optimal")),
    ("130", Level.OK, N_("Near optimal")),
    ("160", Level.HIGH, N_("Borderline high")),
    ("190", Level.VERY_HIGH, N_("High")),
    (None, Level.VERY_HIGH, N_("Very high")),
)
LDL_HEART = Guideline(
    "esc-2019-ldl",
    "ESC",
    2019,
    "https://doi.org/10.1093/eurheartj/ehz455",
    {
        VALUE: ladder(
            below("55", Level.OK, N_("In the goal with heart disease")),
            below("70", Level.HIGH, N_("A little above the goal with heart disease")),
            rest(Level.VERY_HIGH, N_("Above the goal with heart disease")),
        )
    },
    For(chosen=True),
    variant=N_("goal with heart disease"),
)
HDL_WOMEN = _atp(
    "hdl-women",
    ("50", Level.LOW, N_("Low for a woman")),
    ("60", Level.OK, N_("Usual")),
    (None, Level.OK, N_("Protective")),
    people=For(min_age=18, sex="female"),
    variant=N_("women"),
)
HDL = _atp(
    "hdl",
    ("40", Level.LOW, N_("Low")),
    ("60", Level.OK, N_("Usual")),
    (None, Level.OK, N_("Protective")),
)
TRIGLYCERIDES = _atp(
    "triglycerides",
    ("150", Level.OK, N_("Normal")),
    ("200", Level.HIGH, N_("Borderline high")),
    ("500", Level.VERY_HIGH, N_("High")),
    (None, Level.VERY_HIGH, N_("Very high")),
)
NON_HDL = _atp(
    # ATP III sets the goals for non-HDL 30 mg/dL above those for LDL.
    "non-hdl",
    ("130", Level.OK, N_("Optimal")),
    ("160", Level.OK, N_("Near optimal")),
    ("190", Level.HIGH, N_("Borderline high")),
    ("220", Level.VERY_HIGH, N_("High")),
    (None, Level.VERY_HIGH, N_("Very high")),
)

_FATS = {"mg/dL": 0, "mmol/L": 1}

KINDS = (
    Kind(
        "blood_glucose",
        N_("Blood sugar"),
        Family.GLUCOSE,
        single(
            "mg/dL",
            "10",
            "1500",
            loinc=(
                *("41653-7", "14743-9", "2339-0", "15074-8", "2345-7", "14749-6"),
                *("1558-6", "14771-0", "99504-3", "105272-9"),
            ),
            units=("mg/dL", "mmol/L"),
            factors={"mmol/L": GLUCOSE_MMOL},
            decimals=_FATS,
            quantity="glucose",
        ),
        category=Category.LABORATORY,
        names=Names(
            healthkit=("BloodGlucose",),
            health_connect=("BloodGlucoseRecord",),
            google=("blood-glucose",),
            samsung=("blood_glucose.glucose",),
            fit=("com.google.blood_glucose",),
        ),
        guidelines=(
            GLUCOSE_PREGNANT_FASTING,
            GLUCOSE_PREGNANT,
            GLUCOSE_FASTING,
            GLUCOSE_AFTER,
            GLUCOSE_ANY,
            GLUCOSE_GOALS_BEFORE,
        ),
    ),
    Kind(
        "hba1c",
        N_("Long-term sugar (HbA1c)"),
        Family.GLUCOSE,
        single(
            "%",
            "2.5",
            "20",
            loinc=("4548-4", "59261-8", "17856-6"),
            units=("%", "mmol/mol"),
            factors={"mmol/mol": HBA1C_IFCC},
            decimals={"%": 1, "mmol/mol": 0},
        ),
        category=Category.LABORATORY,
        guidelines=(HBA1C, HBA1C_GOAL),
    ),
    Kind(
        "cholesterol",
        N_("Total cholesterol"),
        Family.BLOOD,
        single(
            "mg/dL",
            "20",
            "2000",
            loinc=("2093-3", "14647-2", "35200-5"),
            units=("mg/dL", "mmol/L"),
            factors={"mmol/L": CHOLESTEROL_MMOL},
            decimals=_FATS,
            quantity="cholesterol",
        ),
        category=Category.LABORATORY,
        guidelines=(TOTAL,),
    ),
    Kind(
        "ldl",
        N_("LDL cholesterol"),
        Family.BLOOD,
        single(
            "mg/dL",
            "0",
            "1000",
            loinc=("13457-7", "18262-6", "2089-1", "39469-2"),
            units=("mg/dL", "mmol/L"),
            factors={"mmol/L": CHOLESTEROL_MMOL},
            decimals=_FATS,
            quantity="cholesterol",
        ),
        category=Category.LABORATORY,
        guidelines=(LDL, LDL_HEART),
    ),
    Kind(
        "hdl",
        N_("HDL cholesterol"),
        Family.BLOOD,
        single(
            "mg/dL",
            "1",
            "250",
            loinc=("2085-9", "14646-4"),
            units=("mg/dL", "mmol/L"),
            factors={"mmol/L": CHOLESTEROL_MMOL},
            decimals=_FATS,
            quantity="cholesterol",
        ),
        category=Category.LABORATORY,
        guidelines=(HDL_WOMEN, HDL),
    ),
    Kind(
        "triglycerides",
        N_("Triglycerides"),
        Family.BLOOD,
        single(
            "mg/dL",
            "5",
            "15000",
            loinc=("2571-8", "14927-8", "35217-9"),
            units=("mg/dL", "mmol/L"),
            factors={"mmol/L": TRIGLYCERIDES_MMOL},
            decimals=_FATS,
            quantity="cholesterol",
        ),
        category=Category.LABORATORY,
        guidelines=(TRIGLYCERIDES,),
    ),
    Kind(
        "non_hdl",
        N_("Non-HDL cholesterol"),
        Family.BLOOD,
        single(
            "mg/dL",
            "0",
            "1900",
            loinc=("43396-1",),
            units=("mg/dL", "mmol/L"),
            factors={"mmol/L": CHOLESTEROL_MMOL},
            decimals=_FATS,
            quantity="cholesterol",
        ),
        category=Category.LABORATORY,
        guidelines=(NON_HDL,),
    ),
    Kind(
        "inr",
        N_("Clotting time (INR)"),
        Family.BLOOD,
        single("{INR}", "0.5", "20", loinc=("34714-6", "6301-6"), also=("1",), decimals=1),
        category=Category.LABORATORY,
        unit_word=N_("INR"),
    ),
    Kind(
        "nt_probnp",
        N_("NT-proBNP"),
        Family.BLOOD,
        single("pg/mL", "0", "70000", loinc=("33762-6",), units=("pg/mL", "ng/L")),
        category=Category.LABORATORY,
    ),
    Kind(
        "bnp",
        N_("BNP"),
        Family.BLOOD,
        single("pg/mL", "0", "70000", loinc=("30934-4",), units=("pg/mL", "ng/L")),
        category=Category.LABORATORY,
    ),
    Kind(
        "creatinine",
        N_("Creatinine (kidneys)"),
        Family.BLOOD,
        single(
            "mg/dL",
            "0.05",
            "40",
            loinc=("2160-0", "14682-9", "38483-4"),
            units=("mg/dL", "umol/L"),
            factors={"umol/L": CREATININE_UMOL},
            decimals={"mg/dL": 2, "umol/L": 0},
        ),
        category=Category.LABORATORY,
    ),
)
