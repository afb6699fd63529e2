"""The words of the pages."""

from ojas.features.measurements import service
from ojas.features.measurements.service import Meal, Position
from ojas.kit.i18n import N_

GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        N_("Heart"),
        ("blood_pressure", "heart_rate", "resting_heart_rate", "oxygen_saturation", "respiratory_rate"),
    ),
    (N_("Body"), ("weight", "temperature", "height", "waist", "body_fat", "lean_mass")),
    (N_("Sugar"), ("blood_glucose", "hba1c")),
    (N_("How you feel"), ("pain", "phq9", "gad7")),
    (
        N_("Day by day"),
        ("steps", "distance", "exercise_duration", "active_energy", "floors", "hydration", "sleep_duration"),
    ),
    (
        N_("Laboratory"),
        ("cholesterol", "ldl", "hdl", "triglycerides", "non_hdl", "creatinine", "inr", "nt_probnp", "bnp"),
    ),
    (N_("Clinic"), ("lvef", "six_minute_walk", "vo2max")),
)
MEALS = {
    Meal.FASTING: N_("Fasting"),
    Meal.BEFORE_MEAL: N_("Before a meal"),
    Meal.AFTER_MEAL: N_("Two hours after a meal"),
    Meal.BEDTIME: N_("At bedtime"),
    Meal.RANDOM: N_("Any time"),
}
POSITIONS = {
    Position.SITTING: N_("Sitting"),
    Position.STANDING: N_("Standing"),
    Position.LYING: N_("Lying down"),
}
METHODS = {
    service.Method.DEVICE: N_("By a device"),
    service.Method.MANUAL: N_("Entered by hand"),
    service.Method.SELF_REPORT: N_("As you told it"),
    service.Method.LABORATORY: N_("Laboratory"),
}
ACTIONS = {
    "create": N_("Added"),
    "change": N_("Corrected"),
    "delete": N_("Deleted"),
    "import": N_("Imported"),
}
