"""What becomes of a dose."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ojas.features.medications.rules.doses import Action, Answer, Reason, State, answered, state_of, window
from ojas.kit.errors import Conflict, Incorrect

EIGHT = datetime(2026, 6, 1, 8, tzinfo=UTC)
TWICE_DAILY = window(EIGHT, timedelta(hours=12))


def minutes(n: float) -> timedelta:
    return timedelta(minutes=n)


def hours(n: float) -> timedelta:
    return timedelta(hours=n)


def told(
    action: Action, after: timedelta, reason: Reason | None = None, until: timedelta | None = None
) -> Answer:
    at = EIGHT + after
    return Answer(action, at, at, reason=reason, until=None if until is None else EIGHT + until)


@pytest.mark.parametrize(
    ("apart", "critical", "on_time", "late"),
    [
        # ISMP 2011: daily, weekly and monthly ±2 h; more often, but not than every 4 h, ±1 h; time-critical ±30 min, which
        # also holds for what comes more often than every 4 h. Late: half the distance, at most 12 h.
        (hours(168), False, minutes(120), hours(12)),
        (hours(24), False, minutes(120), hours(12)),
        (hours(23), False, minutes(120), hours(11.5)),
        (hours(12), False, minutes(60), hours(6)),
        (hours(4), False, minutes(60), hours(2)),
        (hours(3), False, minutes(30), hours(1.5)),
        (hours(24), True, minutes(30), hours(12)),
        (minutes(30), False, minutes(15), minutes(15)),
        (None, False, minutes(120), hours(12)),
    ],
)
def test_windows_follow_the_distance_of_doses(
    apart: timedelta | None, critical: bool, on_time: timedelta, late: timedelta
) -> None:
    found = window(EIGHT, apart, critical=critical)
    assert found.on_time - found.due == on_time
    assert found.closes - found.due == late
    assert found.due - found.opens == late


@given(st.lists(st.integers(30, 5000), min_size=2, max_size=6), st.booleans())
def test_a_dose_is_over_before_the_next_one_is_due(gaps: list[int], critical: bool) -> None:
    at = EIGHT
    windows = []
    for gap in gaps:
        windows.append(window(at, minutes(gap), critical=critical))
        at += minutes(gap)
    for one, other in pairwise(windows):
        assert one.due < one.on_time <= one.closes < other.due


@pytest.mark.parametrize(
    ("answer", "now", "state"),
    [
        (None, minutes(-1), State.UPCOMING),
        (None, minutes(0), State.DUE),
        (None, hours(6) - minutes(1), State.DUE),
        (None, hours(6), State.MISSED),
        (told(Action.TAKE, minutes(-20)), minutes(0), State.TAKEN),
        (told(Action.TAKE, minutes(60)), hours(2), State.TAKEN),
        (told(Action.TAKE, minutes(61)), hours(2), State.LATE),
        (told(Action.TAKE, hours(9)), hours(9), State.LATE),
        (told(Action.SKIP, minutes(5), Reason.SIDE_EFFECTS), hours(20), State.SKIPPED),
        (told(Action.SNOOZE, minutes(5), until=minutes(35)), minutes(34), State.SNOOZED),
        (told(Action.SNOOZE, minutes(5), until=minutes(35)), minutes(35), State.DUE),
        (told(Action.SNOOZE, minutes(5), until=minutes(35)), hours(6), State.MISSED),
    ],
)
def test_the_state_follows_from_the_answer_and_the_hour(
    answer: Answer | None, now: timedelta, state: State
) -> None:
    assert state_of(TWICE_DAILY, answer, EIGHT + now) is state


def test_answering_twice_changes_nothing() -> None:
    first = answered(None, told(Action.TAKE, minutes(5)), TWICE_DAILY)
    assert answered(first, told(Action.TAKE, minutes(45)), TWICE_DAILY) is first
    skipped = answered(None, told(Action.SKIP, minutes(5), Reason.UNWELL), TWICE_DAILY)
    assert answered(skipped, told(Action.SKIP, minutes(6)), TWICE_DAILY) is skipped


@pytest.mark.parametrize(
    ("one", "other"), [(Action.TAKE, Action.SKIP), (Action.SKIP, Action.TAKE), (Action.TAKE, Action.SNOOZE)]
)
def test_answers_that_contradict_are_refused_until_the_first_is_undone(one: Action, other: Action) -> None:
    first = answered(None, told(one, minutes(5)), TWICE_DAILY)
    second = told(other, minutes(9), until=minutes(30))
    with pytest.raises(Conflict):
        answered(first, second, TWICE_DAILY)
    undone = answered(first, told(Action.UNDO, minutes(8)), TWICE_DAILY)
    assert undone is None
    assert answered(undone, told(Action.UNDO, minutes(8)), TWICE_DAILY) is None
    assert answered(undone, second, TWICE_DAILY) == second


def test_a_missed_dose_may_still_be_told_as_taken_late() -> None:
    given = Answer(Action.TAKE, EIGHT + hours(8), EIGHT + hours(30))
    assert state_of(TWICE_DAILY, answered(None, given, TWICE_DAILY), EIGHT + hours(30)) is State.LATE


def test_a_snooze_ends_with_its_dose_and_can_be_repeated() -> None:
    first = answered(None, told(Action.SNOOZE, minutes(1), until=minutes(15)), TWICE_DAILY)
    second = answered(first, told(Action.SNOOZE, minutes(20), until=hours(40)), TWICE_DAILY)
    assert second is not None
    assert second.until == TWICE_DAILY.closes


@pytest.mark.parametrize(
    ("given", "field"),
    [
        (Answer(Action.TAKE, EIGHT + hours(1), EIGHT), "at"),
        (Answer(Action.TAKE, EIGHT - hours(7), EIGHT), "at"),
        (told(Action.SNOOZE, minutes(5)), "until"),
        (told(Action.SNOOZE, minutes(5), until=minutes(5)), "until"),
        (told(Action.SNOOZE, hours(7), until=hours(8)), "until"),
    ],
)
def test_an_answer_that_cannot_be_names_its_field(given: Answer, field: str) -> None:
    with pytest.raises(Incorrect) as refused:
        answered(None, given, TWICE_DAILY)
    assert refused.value.fault.field == field


def test_what_a_doctor_stopped_is_held_and_other_reasons_are_not() -> None:
    held = {reason for reason in Reason if told(Action.SKIP, minutes(0), reason).held}
    assert held == {Reason.TOLD_TO, Reason.IN_HOSPITAL}
    assert not told(Action.TAKE, minutes(0), Reason.TOLD_TO).held
