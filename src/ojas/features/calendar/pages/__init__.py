"""The pages: a time at a glance, one occurrence, the forms; calendars, templates, files and secret addresses."""

from ojas.features.calendar.pages import events, keeping, looking

ROUTERS = (looking.router, events.router, keeping.router)

__all__ = ["ROUTERS"]
