"""The pages of signals: devices, workouts and nights."""

from ojas.features.signals.pages.devices import router as devices
from ojas.features.signals.pages.sessions import router as sessions

routers = (devices, sessions)

__all__ = ["routers"]
