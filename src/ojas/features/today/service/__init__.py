"""What one can ask: how things stand today, what happened, how it develops."""

from ojas.features.today.service.day import day
from ojas.features.today.service.others import MANY, others
from ojas.features.today.service.people import front, people
from ojas.features.today.service.timeline import days_of, sorts_open_to, timeline
from ojas.features.today.service.trends import THEMES, Trend, trend, trends

__all__ = [
    "MANY",
    "THEMES",
    "Trend",
    "day",
    "days_of",
    "front",
    "others",
    "people",
    "sorts_open_to",
    "timeline",
    "trend",
    "trends",
]
