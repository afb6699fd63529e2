"""The pages of measurements: add a reading, look at a kind, at one reading, correct and delete it, set its range."""

from ojas.features.measurements.pages import adding, looking, ranges

ROUTERS = (adding.router, ranges.router, looking.router)
"""In this order: a range's address would also do for a reading's."""

__all__ = ["ROUTERS"]
