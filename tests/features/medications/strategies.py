"""Random schedules, in every zone, around the days when clocks change."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from ojas.features.medications.rules.amount import DOSE, Amount
from ojas.features.medications.rules.patterns import (
    WEEK,
    AsNeeded,
    Cycle,
    EveryDays,
    Interval,
    Pattern,
    Slot,
    Step,
    Taper,
    Weekly,
)
from ojas.features.medications.rules.schedule import Schedule
from ojas.features.medications.schemas import MedicineDraft

CHANGES = {
    "America/New_York": [date(2026, 3, 8), date(2026, 11, 1)],
    "America/Sao_Paulo": [date(2018, 11, 4), date(2018, 2, 18)],  # skipped midnight
    "Europe/Berlin": [date(2026, 3, 29), date(2026, 10, 25)],
    "Australia/Lord_Howe": [date(2026, 10, 4), date(2026, 4, 5)],  # by half an hour
    "Antarctica/Troll": [date(2026, 3, 29), date(2026, 10, 25)],  # by two hours
    "Africa/Casablanca": [date(2026, 2, 15), date(2026, 3, 22)],  # Ramadan
    "Asia/Beirut": [date(2026, 3, 29), date(2026, 10, 25)],
    "America/Scoresbysund": [date(2024, 3, 31), date(2025, 3, 30)],
    "America/Caracas": [date(2007, 12, 9), date(2016, 5, 1)],
    "Asia/Pyongyang": [date(2015, 8, 15), date(2018, 5, 5)],  # skipped half an hour before midnight
    "Pacific/Apia": [date(2011, 12, 30)],  # skipped whole
    "Asia/Kolkata": [date(2026, 3, 29)],  # never
    "UTC": [date(2026, 1, 1)],
}

_units = st.sampled_from(["mg", "mL", "{tablet}", "ug", "[iU]"])
amounts = st.builds(
    lambda n, places, unit: Amount(Decimal(n).scaleb(-places), unit),
    st.integers(1, 9_999_999),
    st.integers(0, 6),
    _units,
)
times = st.builds(time, st.integers(0, 23), st.integers(0, 59)) | st.builds(
    time, st.integers(0, 3), st.sampled_from([0, 15, 30, 45])
)
slots = st.lists(
    st.builds(Slot, times, st.none() | amounts), min_size=1, max_size=5, unique_by=lambda slot: slot.at
).map(tuple)
weekly = st.builds(Weekly, slots, st.frozensets(st.sampled_from(WEEK), min_size=1))
every_days = st.builds(EveryDays, st.integers(1, 90), slots)
cycles = st.builds(Cycle, st.integers(1, 30), st.integers(1, 14), slots)
_steps = st.builds(Step, st.integers(1, 20), slots, st.integers(1, 4))
_last = st.builds(Step, st.none() | st.integers(1, 30), slots, st.integers(1, 4))


@st.composite
def tapers(draw: st.DrawFn) -> Taper:
    steps: list[Step] = []
    for step in draw(st.lists(_steps, max_size=4)):
        steps.append(step)
        if draw(st.booleans()):
            steps.append(Step(draw(st.integers(1, 9))))
    return Taper((*steps, draw(_last)))


intervals = st.builds(
    Interval, st.integers(30, 10_000).map(lambda n: timedelta(minutes=n)), times, st.none() | amounts
)


@st.composite
def as_needed(draw: st.DrawFn) -> AsNeeded:
    amount = draw(st.none() | amounts)
    most = draw(st.none() | st.integers(1, 12))
    by_dose = amount is None or draw(st.booleans()) or amount.value * 12 >= 10**7
    return AsNeeded(
        amount,
        draw(st.none() | st.integers(1, 2000).map(lambda n: timedelta(minutes=n))),
        most and (Amount(Decimal(most), DOSE) if by_dose or amount is None else amount.times(most)),
    )


daywise: st.SearchStrategy[Pattern] = st.one_of(weekly, every_days, cycles, tapers())
patterns: st.SearchStrategy[Pattern] = st.one_of(daywise, intervals, as_needed())


@st.composite
def schedules(
    draw: st.DrawFn, some: st.SearchStrategy[Pattern] = patterns, near: date | None = None
) -> Schedule:
    pattern = draw(some)
    start = (near or date(2026, 3, 8)) - timedelta(draw(st.integers(0, 400)))
    length = draw(st.none() | st.integers(90, 900))
    if length is not None and isinstance(pattern, Taper):
        length += pattern.offsets[-1]
    return Schedule(pattern, start, None if length is None else start + timedelta(length))


@st.composite
def places(draw: st.DrawFn) -> tuple[ZoneInfo, date]:
    """A zone and a day near which its clocks change."""
    name = draw(st.sampled_from(sorted(CHANGES)))
    return ZoneInfo(name), draw(st.sampled_from(CHANGES[name]))


def naive(day: date, hour: int = 0, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute))


def kept(schedule: Schedule) -> Schedule:
    """As it comes back from the row of its medicine."""
    sealed = MedicineDraft(name="Metoprolol", schedule=schedule).model_dump_json()
    return MedicineDraft.model_validate_json(sealed).schedule
