"""What became of a delivery."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class State(StrEnum):
    """``REFUSED``: it never will arrive. ``DEAD``: tried until it was past use. ``HUSHED``: no longer needed, so not sent."""

    WAITING = "waiting"
    HANDED = "handed"
    REFUSED = "refused"
    DEAD = "dead"
    HUSHED = "hushed"


@dataclass(frozen=True, slots=True)
class Handed:
    """The provider took it; ``answer`` is its name for it, if it gave one."""

    answer: str | None = None


@dataclass(frozen=True, slots=True)
class NotNow:
    """It did not work this time; ``after``: how long the provider asks us to wait."""

    reason: str
    after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Never:
    """It will not work however often it is tried: the address is gone, or was never one."""

    reason: str


Outcome = Handed | NotNow | Never
