"""What became of a delivery. Reasons are message ids: they are kept as they are and read in the reader's language."""

import re
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from ojas.kit.i18n import N_

NO_WAY = N_("This channel is not set up here.")
"""The house has no such channel: nothing is wrong with whoever is to be told."""


class State(StrEnum):
    """``REFUSED``: it never will arrive. ``DEAD``: tried until it was past use. ``HUSHED``: no longer needed, so not sent."""

    WAITING = "waiting"
    HANDED = "handed"
    REFUSED = "refused"
    DEAD = "dead"
    HUSHED = "hushed"


def told(reason: str, code: object) -> str:
    """A reason (a message id) with what the provider itself said, as it is kept."""
    return f"{reason} [{code}]"


def parted(answer: str) -> tuple[str, str | None]:
    """What ``told`` put together: the reason, and the provider's own word."""
    found = re.fullmatch(r"(.*) \[([^\]]*)\]", answer, re.DOTALL)
    return (found[1], found[2]) if found else (answer, None)


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
    """It will not work however often it is tried. ``gone``: nor will anything else to this address, so it is forgotten."""

    reason: str
    gone: bool = False


Outcome = Handed | NotNow | Never
