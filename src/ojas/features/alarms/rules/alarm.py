"""What becomes of an alarm: raised, worse, better, acknowledged, silenced, ended. Pure; every change is a fact to be kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from ojas.features.alarms.rules.severity import Severity, rank, silent_until
from ojas.kit.i18n import N_

REPEAT = timedelta(hours=12)
"""An alarm that was acknowledged is not said again sooner, unless it gets worse (reference: heart rehabilitation)."""


class Change(StrEnum):
    RAISED = "raised"
    RETURNED = "returned"
    """Raised again within a day of its end."""
    WORSENED = "worsened"
    EASED = "eased"
    CONFIRMED = "confirmed"
    """Still so, by a newer reading, long after somebody acknowledged it: it sounds again."""
    TOLD = "told"
    ACKNOWLEDGED = "acknowledged"
    SNOOZED = "snoozed"
    WOKE = "woke"
    """The silence is over, and it is still so."""
    RESOLVED = "resolved"


CHANGES = {
    Change.RAISED: N_("Raised"),
    Change.RETURNED: N_("Came back"),
    Change.WORSENED: N_("Got worse"),
    Change.EASED: N_("Got better"),
    Change.CONFIRMED: N_("Still so"),
    Change.TOLD: N_("Told"),
    Change.ACKNOWLEDGED: N_("Acknowledged"),
    Change.SNOOZED: N_("Silenced for a while"),
    Change.WOKE: N_("Sounds again"),
    Change.RESOLVED: N_("Ended"),
}


class Why(StrEnum):
    """Why an alarm ended."""

    BACK = "back"
    CORRECTED = "corrected"
    OLD = "old"
    BY_HAND = "by_hand"
    OFF = "off"


WHYS = {
    Why.BACK: N_("A newer value is in order."),
    Why.CORRECTED: N_("The value was corrected or deleted."),
    Why.OLD: N_("Nothing newer came for a week."),
    Why.BY_HAND: N_("Closed by hand."),
    Why.OFF: N_("The rule was changed."),
}


@dataclass(frozen=True, slots=True)
class Standing:
    """What a rule says now: how bad, known since when (``at``: the newest value that shows it), and with what.

    ``fresh``: whether that is new enough to call somebody; of what is older an open alarm stays, and none is raised.
    ``until``: when it is too old to count at all.
    """

    severity: Severity
    at: datetime
    until: datetime
    fresh: bool = True
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Alarm:
    """One alarm of one rule. ``begun_at``, ``said`` and ``call_at`` are its place on the ladder; a null ``call_at``: nobody is
    told any more."""

    severity: Severity
    evidence_at: datetime
    raised_at: datetime
    begun_at: datetime
    said: int = 0
    call_at: datetime | None = None
    acknowledged_at: datetime | None = None
    snoozed_until: datetime | None = None
    ended_at: datetime | None = None

    @property
    def open(self) -> bool:
        return self.ended_at is None


def judged(
    before: Alarm | None, standing: Standing | None, now: datetime, silent: timedelta = timedelta()
) -> tuple[Alarm | None, Change | None]:
    """The alarm after a judgement, and what changed.

    Args:
        before: the last alarm of the rule, open or ended; None: there never was one.
        silent: how long after its end the same, or less, is not said again: the alarm is there, and nobody is called yet.
    """
    if before is not None and before.open:
        return _goes_on(before, standing, now)
    if standing is None or not standing.fresh or _known(before, standing):
        return before, None
    call_at, change = now, Change.RAISED
    if before is not None and before.ended_at is not None:
        if now - before.ended_at < timedelta(days=1):
            change = Change.RETURNED
        if silent and rank(standing.severity) <= rank(before.severity):
            call_at = max(now, silent_until(standing.severity, before.ended_at, silent))
    return Alarm(standing.severity, standing.at, now, call_at, 0, call_at), change


def _known(before: Alarm | None, standing: Standing) -> bool:
    """Somebody ended an alarm over this very value: only a newer or a worse one is news."""
    return (
        before is not None
        and standing.at <= before.evidence_at
        and rank(standing.severity) <= rank(before.severity)
    )


def _goes_on(alarm: Alarm, standing: Standing | None, now: datetime) -> tuple[Alarm, Change | None]:
    if standing is None:
        return replace(alarm, ended_at=now, call_at=None, snoozed_until=None), Change.RESOLVED
    step = rank(standing.severity) - rank(alarm.severity)
    newer = standing.at > alarm.evidence_at
    told = replace(alarm, severity=standing.severity, evidence_at=standing.at)
    if step > 0:
        return _anew(told, now), Change.WORSENED
    if step < 0:
        return told, Change.EASED
    if newer and alarm.acknowledged_at and now - alarm.acknowledged_at >= REPEAT:
        return _anew(told, now), Change.CONFIRMED
    return told, None


def _anew(alarm: Alarm, now: datetime) -> Alarm:
    """At the foot of its ladder: what anybody said of it before no longer holds."""
    return replace(alarm, begun_at=now, said=0, call_at=now, acknowledged_at=None, snoozed_until=None)


def acknowledged(alarm: Alarm, now: datetime) -> Alarm:
    """Somebody knows: nobody else is called. Saying so twice changes nothing."""
    if not alarm.open or alarm.acknowledged_at:
        return alarm
    return replace(alarm, acknowledged_at=now, call_at=None, snoozed_until=None)


def snoozed(alarm: Alarm, now: datetime, asked: timedelta) -> Alarm:
    """Silent for as long as was asked, or as its severity bears; then its ladder begins anew."""
    if not alarm.open:
        return alarm
    until = silent_until(alarm.severity, now, asked)
    return replace(alarm, acknowledged_at=None, snoozed_until=until, begun_at=until, said=0, call_at=until)


def woken(alarm: Alarm, now: datetime) -> tuple[Alarm, Change | None]:
    """Past its silence, an alarm sounds again."""
    if alarm.snoozed_until is None or now < alarm.snoozed_until:
        return alarm, None
    return replace(alarm, snoozed_until=None), Change.WOKE


def resolved(alarm: Alarm, now: datetime) -> Alarm:
    """Ended by hand: of this value nothing more is said; a newer one may raise it again."""
    if not alarm.open:
        return alarm
    return replace(alarm, ended_at=now, call_at=None, snoozed_until=None)
