"""Sorts of exercise by the names vendors give them, in words."""

import re

from ojas.kit.i18n import N_, gettext

ACTIVITIES = {
    "walking": N_("Walking"),
    "running": N_("Running"),
    "cycling": N_("Cycling"),
    "indoor_cycling": N_("Indoor cycling"),
    "swimming": N_("Swimming"),
    "yoga": N_("Yoga"),
    "hiking": N_("Hiking"),
    "stair_climbing": N_("Climbing stairs"),
    "strength_training": N_("Strength training"),
    "core_training": N_("Core training"),
    "interval_training": N_("Interval training"),
    "mixed_cardio": N_("Mixed cardio"),
    "elliptical": N_("Elliptical trainer"),
    "rowing": N_("Rowing"),
    "dance": N_("Dancing"),
    "pilates": N_("Pilates"),
    "stretching": N_("Stretching"),
    "breathing": N_("Breathing exercise"),
    "badminton": N_("Badminton"),
    "cricket": N_("Cricket"),
    "football": N_("Football"),
    "table_tennis": N_("Table tennis"),
    "tennis": N_("Tennis"),
    "volleyball": N_("Volleyball"),
    "gardening": N_("Gardening"),
    "other": N_("Something else"),
}

_SAME = {
    "traditional_strength_training": "strength_training",
    "functional_strength_training": "strength_training",
    "high_intensity_interval_training": "interval_training",
    "social_dance": "dance",
    "cardio_dance": "dance",
    "soccer": "football",
    "flexibility": "stretching",
    "mind_and_body": "breathing",
    "stairs": "stair_climbing",
    "biking": "cycling",
    "lap_swimming": "swimming",
}
"""What vendors call the same."""


def activity_title(name: str) -> str:
    """In the reader's language where we know it, else the vendor's name as words."""
    known = _SAME.get(name.casefold(), name.casefold())
    if known in ACTIVITIES:
        return gettext(ACTIVITIES[known])
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).replace("_", " ").strip()
    return words[:1].upper() + words[1:].lower()
