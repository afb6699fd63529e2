"""The pages of identity: the doors, one's own settings, a person's profile."""

from ojas.features.identity.pages import (
    administration,
    devices,
    doors,
    erasing,
    passkeys,
    preferences,
    profile,
    security,
)

routers = tuple(
    part.router
    for part in (doors, passkeys, preferences, security, devices, profile, erasing, administration)
)

__all__ = ["routers"]
