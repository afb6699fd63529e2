"""What becomes of a dose: its windows, its answer, its state.

Sources of the windows: ISMP, Acute Care Guidelines for Timely Administration of Scheduled Medications (2011), as good
defaults at home; when a late dose counts as missed is our own proposal, for a clinician to replace.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from ojas.features.medications.rules.amount import Amount
from ojas.kit.errors import Conflict, Incorrect
from ojas.kit.i18n import N_

REMINDERS = (timedelta(0), timedelta(minutes=15), timedelta(minutes=45))
"""How long after a dose was due its reminders go out."""
CAREGIVER = timedelta(minutes=90)
"""When somebody else is told of a critical one, where the person agreed to it."""
CLOCK_SLACK = timedelta(minutes=5)
"""A clock may be this much ahead of ours."""


class State(StrEnum):
    UPCOMING = "upcoming"
    DUE = "due"
    SNOOZED = "snoozed"
    TAKEN = "taken"
    LATE = "late"
    SKIPPED = "skipped"
    MISSED = "missed"


STATES = {
    State.UPCOMING: N_("Still to come"),
    State.DUE: N_("Due now"),
    State.SNOOZED: N_("Put off for a while"),
    State.TAKEN: N_("Taken"),
    State.LATE: N_("Taken late"),
    State.SKIPPED: N_("Skipped"),
    State.MISSED: N_("Missed"),
}


class Action(StrEnum):
    TAKE = "take"
    SKIP = "skip"
    SNOOZE = "snooze"
    UNDO = "undo"


class Reason(StrEnum):
    """Why a dose was skipped."""

    SIDE_EFFECTS = "side_effects"
    UNWELL = "unwell"
    NOT_NEEDED = "not_needed"
    RUN_OUT = "run_out"
    NOT_AT_HAND = "not_at_hand"
    TOLD_TO = "told_to"
    IN_HOSPITAL = "in_hospital"
    OTHER = "other"


REASONS = {
    Reason.SIDE_EFFECTS: N_("Side effects"),
    Reason.UNWELL: N_("Felt too unwell to take it"),
    Reason.NOT_NEEDED: N_("Felt well without it"),
    Reason.RUN_OUT: N_("None left"),
    Reason.NOT_AT_HAND: N_("Did not have it at hand"),
    Reason.TOLD_TO: N_("A doctor or nurse said so"),
    Reason.IN_HOSPITAL: N_("In hospital"),
    Reason.OTHER: N_("Another reason"),
}
HELD = frozenset({Reason.TOLD_TO, Reason.IN_HOSPITAL})
"""Reasons that take a dose out of the reckoning: leaving it out was right, or in others' hands."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What was said of a dose: when it was taken or left out (``at``), and when that was told (``told_at``)."""

    action: Action
    at: datetime
    told_at: datetime
    amount: Amount | None = None
    reason: Reason | None = None
    until: datetime | None = None

    @property
    def final(self) -> bool:
        return self.action in (Action.TAKE, Action.SKIP)

    @property
    def held(self) -> bool:
        return self.action is Action.SKIP and self.reason in HELD


@dataclass(frozen=True, slots=True)
class Window:
    """The instants of one dose: from ``opens`` on it may be taken, until ``on_time`` it is on time, at ``closes`` missed."""

    opens: datetime
    due: datetime
    on_time: datetime
    closes: datetime


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far from its time a dose is on time, where doses are at least ``apart``."""

    apart: timedelta
    on_time: timedelta


CRITICAL = timedelta(minutes=30)
# A day of 22 hours is the shortest that any zone's clocks make (Antarctica/Troll).
TOLERANCES = (
    Tolerance(timedelta(hours=22), timedelta(hours=2)),
    Tolerance(timedelta(hours=4), timedelta(hours=1)),
    Tolerance(timedelta(0), timedelta(minutes=30)),
)
MOST_LATE = timedelta(hours=12)


def window(due: datetime, apart: timedelta | None, *, critical: bool = False) -> Window:
    """The window of a dose whose next one is ``apart`` later (None: it is the last).

    Worked: at 8:00 with the next at 20:00, on time until 9:00 and missed at 14:00; once a day, 10:00 and 20:00.
    """
    half = MOST_LATE if apart is None else min(apart / 2, MOST_LATE)
    usual = next(each.on_time for each in TOLERANCES if apart is None or apart >= each.apart)
    on_time = min(half, CRITICAL if critical else usual)
    return Window(due - half, due, due + on_time, due + half)


def state_of(window: Window, answer: Answer | None, now: datetime) -> State:
    """What a dose is at an instant. Missed is never said by anybody: it is what no answer comes to."""
    if answer is not None and answer.action is Action.TAKE:
        return State.TAKEN if answer.at <= window.on_time else State.LATE
    if answer is not None and answer.action is Action.SKIP:
        return State.SKIPPED
    if now >= window.closes:
        return State.MISSED
    if answer is not None and answer.until is not None and now < answer.until:
        return State.SNOOZED
    return State.DUE if now >= window.due else State.UPCOMING


def answered(standing: Answer | None, given: Answer, window: Window) -> Answer | None:
    """The answer that stands after ``given``; the very same object where nothing changes. ``given.told_at`` is now.

    Taking twice is taking once, also where the second tap gives another time; so are skipping and undoing. A dose that was
    missed may still be told: it was taken late.

    Raises:
        Incorrect: with the field ``at`` or ``until``.
        Conflict: taken and skipped contradict each other; undo first.
    """
    if given.action is Action.UNDO:
        return None
    if standing is not None and standing.final:
        if standing.action is given.action:
            return standing
        raise Conflict("This dose was answered already. Undo that first.")
    if given.at > given.told_at + CLOCK_SLACK:
        raise Incorrect("This time is still to come.", field="at")
    if given.action is Action.TAKE and given.at < window.opens:
        raise Incorrect("This is too early for this dose.", field="at")
    return _snoozed(given, window) if given.action is Action.SNOOZE else given


def _snoozed(given: Answer, window: Window) -> Answer:
    if given.until is None or given.until <= given.told_at:
        raise Incorrect("Choose a time to come.", field="until")
    if given.told_at >= window.closes:
        raise Incorrect("This dose was missed and cannot be put off any more.", field="until")
    # It must not sleep through its own end.
    until = min(given.until, window.closes)
    return Answer(Action.SNOOZE, given.at, given.told_at, until=until)
