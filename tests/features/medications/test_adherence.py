"""Adherence, worked by hand from its definitions (Pharmacy Quality Alliance for PDC)."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ojas.features.medications.rules.adherence import (
    Days,
    Kept,
    Streak,
    Tally,
    by_day,
    by_hour,
    by_step,
    days,
    grouped,
    percent,
    streak,
    tally,
)
from ojas.features.medications.rules.doses import Action, Answer, Reason, State
from ojas.features.medications.rules.patterns import Slot, Step, Taper
from ojas.features.medications.rules.schedule import Schedule

JANUARY = date(2026, 1, 1)
LETTERS = {
    "t": State.TAKEN,
    "l": State.LATE,
    "s": State.SKIPPED,
    "m": State.MISSED,
    "u": State.UPCOMING,
    "d": State.DUE,
    "z": State.SNOOZED,
}


def kept(letter: str, day: int, hour: int = 8, medicine: str = "a", told_after: float = 0) -> Kept:
    """One dose: t(aken), l(ate), s(kipped), h(eld), m(issed), u(pcoming), d(ue), z: snoozed."""
    at = datetime(2026, 1, 1, hour, tzinfo=UTC) + timedelta(day - 1)
    told = at + timedelta(hours=told_after)
    answer = {
        "t": Answer(Action.TAKE, at, told),
        "l": Answer(Action.TAKE, at + timedelta(hours=3), told),
        "s": Answer(Action.SKIP, at, told, reason=Reason.UNWELL),
        "h": Answer(Action.SKIP, at, told, reason=Reason.TOLD_TO),
    }.get(letter)
    state = LETTERS.get(letter, State.SKIPPED)
    return Kept(medicine, at.date(), at.replace(tzinfo=None), at, state, answer)


def row(letters: str, hour: int = 8, medicine: str = "a") -> list[Kept]:
    """A letter a day from 1 January; a space is a day without a dose."""
    return [kept(letter, day, hour, medicine) for day, letter in enumerate(letters, 1) if letter != " "]


@pytest.mark.parametrize(
    ("letters", "taken", "due", "share"),
    [
        ("tttttttttt", 10, 10, "100.00"),
        ("ttlltm", 5, 6, "83.33"),
        ("tthhhs", 2, 3, "66.67"),  # held is out of the reckoning
        ("tmuuuuu", 1, 2, "50.00"),  # and so is what is still to come
        ("tdz", 1, 1, "100.00"),
        ("hhh", 0, 0, None),
        ("", 0, 0, None),
        ("mms", 0, 3, "0.00"),
    ],
)
def test_by_doses_it_is_taken_of_due(letters: str, taken: int, due: int, share: str | None) -> None:
    found = tally(row(letters))
    assert (found.taken, found.due) == (taken, due)
    assert percent(found.adherence) == (None if share is None else Decimal(share))


def test_late_counts_as_taken_and_not_as_on_time() -> None:
    found = tally(row("tlll"))
    assert found.adherence == 1


@pytest.mark.parametrize(
    ("share", "text"), [((2, 3), "66.67"), ((1, 8), "12.50"), ((1, 800), "0.13"), ((1, 1), "100.00")]
)
def test_percent_rounds_half_up_to_two_decimals(share: tuple[int, int], text: str) -> None:
    assert percent(Fraction(*share)) == Decimal(text)


@given(st.text("tlshmudz", max_size=30), st.integers(0, 30))
def test_parts_add_up_to_the_whole(letters: str, cut: int) -> None:
    doses = row(letters)
    assert tally(doses[:cut]) + tally(doses[cut:]) == tally(doses)
    assert sum(by_day(doses).values(), Tally()) == tally(doses)
    found = tally(doses)
    assert found.due + found.held + found.open == len(doses)
    assert found.adherence is None or 0 <= found.adherence <= 1


def test_of_several_medicines_all_doses_together_and_each_for_itself() -> None:
    doses = [*row("ttmm"), *row("tttttt", medicine="b")]
    assert tally(doses).adherence == Fraction(8, 10)
    assert {name: each.adherence for name, each in grouped(doses, lambda dose: dose.medicine).items()} == {
        "a": Fraction(1, 2),
        "b": 1,
    }


def test_by_hour_shows_when_doses_slip() -> None:
    doses = [*row("tttt", hour=8), *row("tmmt", hour=20)]
    assert {hour: each.missed for hour, each in by_hour(doses).items()} == {8: 0, 20: 2}


def test_a_day_is_covered_when_all_its_doses_were_taken() -> None:
    doses = [*row("ttth ", hour=8), *row("tmtu ", hour=20)]
    assert days(doses) == Days(2, 3)


@pytest.mark.parametrize(
    ("letters", "current", "longest"),
    [
        ("tttmtt", 2, 3),
        ("ttt  tt", 5, 5),  # a day with nothing due is neutral
        ("ttthtt", 5, 5),  # and one that was held
        ("tttd", 3, 3),  # today is not over
        ("tttl", 4, 4),
        ("ttts", 0, 3),
        ("", 0, 0),
        ("uu", 0, 0),
    ],
)
def test_days_in_a_row(letters: str, current: int, longest: int) -> None:
    assert streak(row(letters)) == Streak(current, longest)


def test_one_missed_dose_breaks_the_day_before_it_is_over() -> None:
    assert streak([*row("tttm", hour=8), *row("tttu", hour=20)]) == Streak(0, 3)


def test_a_day_that_is_not_over_does_not_add_yet() -> None:
    assert streak([*row("ttt", hour=8), *row("ttd", hour=20)]) == Streak(2, 2)


def test_what_is_told_after_two_days_does_not_add() -> None:
    assert streak([*row("tt"), kept("t", 3, told_after=48)]) == Streak(3, 3)
    assert streak([*row("tt"), kept("t", 3, told_after=49)]) == Streak(0, 2)


def test_a_taper_is_told_step_by_step() -> None:
    slot = (Slot(time(8)),)
    schedule = Schedule(Taper((Step(2, slot), Step(3, slot))), JANUARY)
    assert {n: each.taken for n, each in by_step(row("tmttm"), schedule).items()} == {0: 1, 1: 2}
