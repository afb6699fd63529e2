"""What is taken as needed: the gap, and the most in any 24 hours."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ojas.features.medications.rules.amount import DOSE, Amount
from ojas.features.medications.rules.as_needed import Permission, Taken, may_take, use
from ojas.features.medications.rules.patterns import AsNeeded

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
GRAM = Amount(Decimal(1), "g")
# Paracetamol for adults: at most 4 g in 24 hours (../rules/as_needed.py counts them rolling).
PARACETAMOL = AsNeeded(GRAM, timedelta(hours=4), Amount(Decimal(4), "g"))


def at(*hours: float) -> list[Taken]:
    return [Taken(NOON + timedelta(hours=h), GRAM) for h in hours]


def test_the_first_may_be_taken_now() -> None:
    assert may_take(PARACETAMOL, [], NOON) == Permission(NOON)


def test_the_next_waits_for_the_gap() -> None:
    assert may_take(PARACETAMOL, at(-1), NOON) == Permission(NOON + timedelta(hours=3), "gap")
    assert may_take(PARACETAMOL, at(-4), NOON).now


def test_the_maximum_rolls_and_does_not_begin_anew_at_midnight() -> None:
    four = at(-16, -12, -8, -4)
    assert may_take(PARACETAMOL, four, NOON) == Permission(NOON + timedelta(hours=8), "most")
    assert may_take(PARACETAMOL, four, NOON + timedelta(hours=8)).now


def test_half_the_amount_finds_room_sooner() -> None:
    past = [Taken(NOON - timedelta(hours=10), Amount(Decimal(3500), "mg"))]
    assert may_take(PARACETAMOL, past, NOON).why == "most"
    assert may_take(PARACETAMOL, past, NOON, Amount(Decimal(500), "mg")).now


def test_an_amount_beyond_the_maximum_never_may() -> None:
    assert may_take(PARACETAMOL, [], NOON, Amount(Decimal(5), "g")) == Permission(None, "most")


def test_a_maximum_may_count_doses() -> None:
    # Nitroglycerin under the tongue: at most three, five minutes apart.
    spray = AsNeeded(None, timedelta(minutes=5), Amount(Decimal(3), DOSE))
    past = [Taken(NOON - timedelta(minutes=m)) for m in (15, 10, 5)]
    assert may_take(spray, past[:2], NOON).now
    assert may_take(spray, past, NOON) == Permission(past[0].at + timedelta(hours=24), "most")


def test_the_later_of_both_rules_holds() -> None:
    patch = AsNeeded(None, timedelta(hours=30), Amount(Decimal(1), DOSE))
    assert may_take(patch, [Taken(NOON)], NOON) == Permission(NOON + timedelta(hours=30), "gap")


def test_use_counts_what_came_too_soon_and_went_over() -> None:
    found = use(PARACETAMOL, at(0, 1, 5, 9, 13, 40))
    assert (found.doses, found.too_soon, found.over) == (6, 1, 1)


@given(st.lists(st.integers(0, 4000), max_size=12), st.integers(0, 600), st.integers(1, 6))
def test_what_keeps_to_the_permission_breaks_no_rule(wishes: list[int], gap: int, most: int) -> None:
    pattern = AsNeeded(GRAM, timedelta(minutes=gap) if gap else None, Amount(Decimal(most), DOSE))
    taken: list[Taken] = []
    for wish in sorted(wishes):
        now = NOON + timedelta(minutes=wish)
        if taken:
            now = max(now, taken[-1].at)
        permission = may_take(pattern, taken, now)
        assert permission.since is not None
        assert may_take(pattern, taken, permission.since).now
        taken.append(Taken(permission.since, GRAM))
    found = use(pattern, taken)
    assert (found.too_soon, found.over) == (0, 0)


@pytest.mark.parametrize("minutes", [1, 239])
def test_a_permission_is_not_a_minute_too_early(minutes: int) -> None:
    assert not may_take(PARACETAMOL, at(0), NOON + timedelta(minutes=minutes)).now
