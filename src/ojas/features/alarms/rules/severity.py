"""How bad it is, how urgently that is said, and to whom it is said if nobody answers."""

from datetime import datetime, timedelta
from enum import StrEnum

from ojas.features.notifications.rules import Audience, Ladder, Step, Urgency, muted_until
from ojas.kit.i18n import N_


class Severity(StrEnum):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """1 to 4."""
        return _RANKS[self]

    @property
    def urgency(self) -> Urgency:
        """High and critical pass quiet hours; low waits for the digest."""
        return _URGENCIES[self]

    @property
    def danger(self) -> bool:
        return self.rank >= Severity.HIGH.rank


_RANKS = {severity: rank for rank, severity in enumerate(Severity, 1)}
_URGENCIES = {
    Severity.LOW: Urgency.LOW,
    Severity.MEDIUM: Urgency.HIGH,
    Severity.HIGH: Urgency.URGENT,
    Severity.CRITICAL: Urgency.EMERGENCY,
}
SEVERITIES = {
    Severity.LOW: N_("To know"),
    Severity.MEDIUM: N_("Today"),
    Severity.HIGH: N_("Danger"),
    Severity.CRITICAL: N_("Great danger"),
}


def rank(severity: Severity | None) -> int:
    """0 where there is none."""
    return severity.rank if severity else 0


def _ladder(severity: Severity, *steps: tuple[int, Audience], again: int, times: int) -> Ladder:
    told = tuple(Step(timedelta(minutes=after), to, severity.urgency) for after, to in steps)
    return Ladder(told, timedelta(minutes=again) if times else None, times)


_P, _C, _T = Audience.PERSON, Audience.CAREGIVERS, Audience.CARE_TEAM
LADDERS = {
    Severity.LOW: _ladder(Severity.LOW, (0, _P), (24 * 60, _C), again=0, times=0),
    Severity.MEDIUM: _ladder(Severity.MEDIUM, (0, _P), (12 * 60, _P), (24 * 60, _C), again=0, times=0),
    Severity.HIGH: _ladder(
        Severity.HIGH, (0, _P), (10, _P), (30, _C), (60, _T), (70, _P), (90, _C), again=60, times=12
    ),
    Severity.CRITICAL: _ladder(
        Severity.CRITICAL, (0, _P), (2, _P), (5, _C), (10, _T), (15, _P), (20, _C), again=15, times=48
    ),
}
"""Minutes after an alarm, and whom it tells then: the person, who looks after them, their care team; then again, until
somebody answers. The times are our own; that a call nobody answers goes on to somebody else is not."""


def silent_until(severity: Severity, now: datetime, asked: timedelta) -> datetime:
    """Until when an alarm may be silenced: fifteen minutes where it is critical, an hour where it is high, then longer.

    Raises:
        Incorrect: nothing to mute for, with the field ``minutes``.
    """
    return muted_until(severity.urgency, now, asked)
