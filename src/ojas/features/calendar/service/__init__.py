"""What one can do: the only door for other features."""

from ojas.features.calendar.schemas import Occurrence, View
from ojas.features.calendar.service.calendars import CALENDARS, SCOPE, calendars
from ojas.features.calendar.service.editing import edit, leave_out, undo
from ojas.features.calendar.service.events import EVENTS, live, may
from ojas.features.calendar.service.files import bring, take_out
from ojas.features.calendar.service.leaving import erase, export_links, export_occurrences
from ojas.features.calendar.service.links import close_link, feed, links, open_link
from ojas.features.calendar.service.looking import (
    SOURCES,
    nearest,
    occurrence,
    past_appointments,
    status_words,
    today,
    upcoming,
    view,
)
from ojas.features.calendar.service.marking import mark
from ojas.features.calendar.service.taking_over import take_over
from ojas.features.calendar.service.team import team_by_name
from ojas.features.calendar.service.templates import TEMPLATES, system_templates, templates
from ojas.features.calendar.service.ticks import REMIND

__all__ = [
    "CALENDARS",
    "EVENTS",
    "REMIND",
    "SCOPE",
    "SOURCES",
    "TEMPLATES",
    "Occurrence",
    "View",
    "bring",
    "calendars",
    "close_link",
    "edit",
    "erase",
    "export_links",
    "export_occurrences",
    "feed",
    "leave_out",
    "links",
    "live",
    "mark",
    "may",
    "nearest",
    "occurrence",
    "open_link",
    "past_appointments",
    "status_words",
    "system_templates",
    "take_out",
    "take_over",
    "team_by_name",
    "templates",
    "today",
    "undo",
    "upcoming",
    "view",
]
