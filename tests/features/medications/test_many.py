"""A hundred thousand random schedules over zones and changes of the clocks: no dose lost, none twice, local time kept."""

import random
import time as clock
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from ojas.features.medications.rules.due import due, next_due
from ojas.features.medications.rules.patterns import (
    WEEK,
    Cycle,
    EveryDays,
    Interval,
    Pattern,
    Slot,
    Slots,
    Step,
    Taper,
    Weekly,
)
from ojas.features.medications.rules.schedule import Schedule
from ojas.features.medications.rules.walltime import wall
from tests.features.medications import oracle
from tests.features.medications.strategies import CHANGES

CASES = 100_000
PLACES = [(ZoneInfo(name), day) for name, days in CHANGES.items() for day in days]


def slots(rng: random.Random) -> Slots:
    """Up to five times a day; every second one between midnight and four, when clocks change."""
    minutes = {rng.randrange(240 if rng.random() < 0.5 else 1440) for _ in range(rng.randint(1, 5))}
    return tuple(Slot(time(minute // 60, minute % 60)) for minute in minutes)


def taper(rng: random.Random) -> Taper:
    """Up to five steps, some with a pause after them; the last for good or for some days."""
    steps: list[Step] = []
    for _ in range(rng.randint(1, 5)):
        steps.append(Step(rng.randint(1, 30), slots(rng), rng.randint(1, 4)))
        steps += [Step(rng.randint(1, 9))] * (rng.random() < 0.3)
    last = None if rng.random() < 0.5 else rng.randint(1, 400)
    return Taper((*steps, Step(last, slots(rng), rng.randint(1, 4))))


PATTERNS: list[Callable[[random.Random], Pattern]] = [
    lambda rng: Weekly(slots(rng), frozenset(rng.sample(WEEK, rng.randint(1, 7)))),
    lambda rng: EveryDays(rng.randint(1, 30), slots(rng)),
    lambda rng: Cycle(rng.randint(1, 30), rng.randint(1, 14), slots(rng)),
    taper,
    lambda rng: Interval(timedelta(minutes=rng.randint(60, 6000)), time(rng.randrange(24))),
]


def one(rng: random.Random) -> tuple[Schedule, ZoneInfo, date]:
    zone, day = rng.choice(PLACES)
    start = day - timedelta(rng.randint(0, 40 if rng.random() < 0.5 else 4000))
    pattern = rng.choice(PATTERNS)(rng)
    first_end = start + timedelta(pattern.offsets[-1] if isinstance(pattern, Taper) else 30)
    end = max(first_end, day + timedelta(rng.randint(-3, 3))) if rng.random() < 0.3 else None
    return Schedule(pattern, start, end), zone, day


def agree(schedule: Schedule, zone: ZoneInfo, day: date) -> tuple[int, int]:
    """How many doses there are about a day, and how many of them the clocks moved."""
    first, last = day - timedelta(2), day + timedelta(2)
    begin = datetime.combine(first - timedelta(3), time(), UTC)
    found = list(due(schedule, zone, begin, begin + timedelta(days=11)))
    assert len({dose.key for dose in found}) == len(found), "none twice"
    assert all(one.at <= other.at for one, other in pairwise(found)), "in order"
    if isinstance(schedule.pattern, Interval):
        assert {b.at - a.at for a, b in pairwise(found)} <= {schedule.pattern.every}, "elapsed time kept"
    else:
        about = [dose for dose in found if first <= dose.day <= last]
        assert {dose.key: dose.at for dose in about} == oracle.planned(schedule, zone, first, last), (
            "none lost"
        )
    instant = begin + timedelta(days=4, hours=7, minutes=13)
    after = next((dose for dose in found if dose.at > instant), None)
    assert after is None or next_due(schedule, zone, instant) == after, "the next is the first to come"
    moved = [dose for dose in found if wall(dose.at, zone) != dose.planned]
    return len(found), len(moved)


def run(cases: int, seed: int) -> str:
    rng, before = random.Random(seed), clock.process_time()
    doses = moved = 0
    for _ in range(cases):
        counts = agree(*one(rng))
        doses, moved = doses + counts[0], moved + counts[1]
    assert moved > cases / 100, "the changes of the clocks were met"
    return f"{cases:,} schedules, {doses:,} doses, {moved:,} moved by a skipped hour, {clock.process_time() - before:.0f} s"


def test_a_thousand_schedules_lose_no_dose() -> None:
    run(1000, seed=1)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_hundred_thousand_schedules_lose_no_dose(capsys: pytest.CaptureFixture[str]) -> None:
    told = run(CASES, seed=2)
    with capsys.disabled():
        print(f"\n{told}")  # noqa: T201


def test_the_next_dose_costs_the_same_in_the_tenth_year() -> None:
    """CPU time of one run, old against new; five times as much would still be no walk of 3,650 days."""

    def cost(start: date) -> float:
        rng = random.Random(3)
        some = [Schedule(rng.choice(PATTERNS)(rng), start) for _ in range(300)]
        zone, now = ZoneInfo("Europe/Berlin"), datetime(2026, 7, 1, tzinfo=UTC)
        before = clock.process_time()
        for schedule in some:
            next_due(schedule, zone, now)
        return clock.process_time() - before

    cost(date(2026, 6, 1))
    assert cost(date(2016, 6, 1)) < 5 * cost(date(2026, 6, 1))
