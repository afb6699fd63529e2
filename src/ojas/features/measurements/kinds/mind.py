"""Pain and mood, as people score them."""

from ojas.features.measurements.rules.bands import Guideline, below, ladder, rest, upto
from ojas.features.measurements.rules.kind import VALUE, Category, Family, Kind, single
from ojas.features.measurements.rules.level import Level
from ojas.kit.i18n import N_

PAIN = Guideline(
    "nrs-pain",
    "NRS",
    2005,
    "https://doi.org/10.1016/j.pain.2004.09.032",
    {
        VALUE: ladder(
            # The scale knows whole numbers; 0.3, as some systems send it, is shown as 0 and judged as 0.
            below("0.5", Level.OK, N_("No pain")),
            below("3.5", Level.HIGH, N_("Mild pain")),
            below("6.5", Level.HIGH, N_("Moderate pain")),
            rest(Level.VERY_HIGH, N_("Severe pain")),
        )
    },
)

PHQ9 = Guideline(
    "phq9-2001",
    "Kroenke, Spitzer and Williams",
    2001,
    "https://doi.org/10.1046/j.1525-1497.2001.016009606.x",
    {
        VALUE: ladder(
            upto("4", Level.OK, N_("Minimal")),
            upto("9", Level.HIGH, N_("Mild")),
            upto("14", Level.HIGH, N_("Moderate")),
            upto("19", Level.VERY_HIGH, N_("Moderately severe")),
            rest(Level.VERY_HIGH, N_("Severe")),
        )
    },
)

GAD7 = Guideline(
    "gad7-2006",
    "Spitzer et al.",
    2006,
    "https://doi.org/10.1001/archinte.166.10.1092",
    {
        VALUE: ladder(
            upto("4", Level.OK, N_("Minimal")),
            upto("9", Level.HIGH, N_("Mild")),
            upto("14", Level.HIGH, N_("Moderate")),
            rest(Level.VERY_HIGH, N_("Severe")),
        )
    },
)

_POINTS = N_("points")

KINDS = (
    Kind(
        "pain",
        N_("Pain, 0 to 10"),
        Family.MIND,
        single("{score}", "0", "10", loinc=("72514-3",), also=("1",)),
        category=Category.SURVEY,
        unit_word=_POINTS,
        guidelines=(PAIN,),
    ),
    Kind(
        "phq9",
        N_("Mood questionnaire (PHQ-9)"),
        Family.MIND,
        single("{score}", "0", "27", loinc=("44261-6",), also=("1",)),
        category=Category.SURVEY,
        unit_word=_POINTS,
        guidelines=(PHQ9,),
    ),
    Kind(
        "gad7",
        N_("Worry questionnaire (GAD-7)"),
        Family.MIND,
        single("{score}", "0", "21", loinc=("70274-6",), also=("1",)),
        category=Category.SURVEY,
        unit_word=_POINTS,
        guidelines=(GAD7,),
    ),
)
