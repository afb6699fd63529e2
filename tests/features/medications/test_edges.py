"""The edges of the rules: exactly at a limit, and one beyond."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest

from ojas.features.medications.rules import doses, stock
from ojas.features.medications.rules.amount import DOSE, Amount
from ojas.features.medications.rules.as_needed import Permission, Taken, Use, may_take, use
from ojas.features.medications.rules.doses import Action, Answer, Reason, Window, answered, window
from ojas.features.medications.rules.habits import Habits, spread, times_of
from ojas.features.medications.rules.patterns import (
    AsNeeded,
    Cycle,
    EveryDays,
    Interval,
    Slot,
    Step,
    Taper,
    Weekly,
)
from ojas.features.medications.rules.schedule import Schedule, Shift
from ojas.features.medications.rules.stock import Stock
from ojas.kit.errors import Conflict, Incorrect
from tests.features.medications.strategies import kept

T = datetime(2026, 6, 1, 8, tzinfo=UTC)
HOUR, MINUTE, MOMENT = timedelta(hours=1), timedelta(minutes=1), timedelta(microseconds=1)
ONE = Amount(Decimal(1), "{tablet}")
SLOT = (Slot(time(8)),)


def test_a_pattern_is_stored_by_the_name_of_its_kind() -> None:
    kinds = (Weekly(SLOT), EveryDays(2, SLOT), Cycle(1, 1, SLOT), Taper((Step(1, SLOT),)),
             Interval(HOUR, time(8)), AsNeeded())  # fmt: skip
    assert [one.kind for one in kinds] == ["weekly", "every_days", "cycle", "taper", "interval", "as_needed"]


LATEST = date(2200, 12, 31)
ALLOWED: list[Callable[[], object]] = [
    lambda: Amount(Decimal(1), "{" + "a" * 40 + "}"),
    lambda: Amount(Decimal(1), "{a}"),
    lambda: Schedule(Weekly(SLOT), date(1900, 1, 1), date(1900, 1, 1)),
    lambda: Schedule(Weekly(SLOT), LATEST, LATEST),
    lambda: Schedule(Taper((Step(1, SLOT), Step(None, SLOT))), LATEST - timedelta(1)),
    lambda: Schedule(Taper((Step(2, SLOT), Step(None, SLOT))), date(2026, 6, 1), date(2026, 6, 3)),
    lambda: Shift(date(2026, 6, 1), T, timedelta(hours=12)),
    lambda: Shift(date(2026, 6, 1), T, MINUTE),
    lambda: Schedule(Weekly(SLOT), date(2026, 6, 1), shifts=(Shift(date(2026, 6, 1), T, HOUR),) * 16),
    lambda: Schedule(Weekly(SLOT), date(2026, 6, 1), shifts=(Shift(date(2026, 6, 1), T, 12 * HOUR),) * 2),
    lambda: Stock(Decimal(10**6), refills=999, refill=Decimal(10**6)),
    lambda: Stock(Decimal(0)),
    lambda: EveryDays(3660, SLOT),
    lambda: Cycle(3660, 3660, SLOT),
    lambda: Interval(timedelta(minutes=30), time(8)),
    lambda: Interval(timedelta(days=366), time(8)),
    lambda: AsNeeded(gap=MINUTE),
    lambda: AsNeeded(gap=timedelta(days=366)),
    lambda: AsNeeded(ONE, most=Amount(Decimal(1), DOSE)),
    lambda: AsNeeded(ONE, most=ONE),
    lambda: Taper(tuple(Step(1, SLOT) for _ in range(100))),
    lambda: Weekly(tuple(Slot(time(hour)) for hour in range(24))),
]
REFUSED: list[tuple[str, Callable[[], object]]] = [
    ("unit", lambda: Amount(Decimal(1), "{" + "a" * 41 + "}")),
    ("unit", lambda: Amount(Decimal(1), "{a{b}")),
    ("unit", lambda: Amount(Decimal(1), "m" * 43)),
    ("start", lambda: Schedule(Weekly(SLOT), date(1899, 12, 31))),
    ("start", lambda: Schedule(Weekly(SLOT), LATEST + timedelta(1))),
    ("end", lambda: Schedule(Weekly(SLOT), LATEST, LATEST + timedelta(1))),
    ("end", lambda: Schedule(Taper((Step(2, SLOT), Step(None, SLOT))), date(2026, 6, 1), date(2026, 6, 2))),
    ("pattern.steps", lambda: Schedule(Taper((Step(1, SLOT), Step(None, SLOT))), LATEST)),
    ("by", lambda: Shift(date(2026, 6, 1), T, timedelta(hours=12) + MINUTE)),
    ("shifts", lambda: Schedule(Weekly(SLOT), date(2026, 6, 1),
                                shifts=tuple(Shift(date(2026, 6, n + 1), T, HOUR) for n in range(17)))),
    ("shifts", lambda: Schedule(Weekly(SLOT), date(2026, 6, 1),
                                shifts=(Shift(date(2026, 6, 1), T, 12 * HOUR),) * 2 + (Shift(date(2026, 6, 1), T, MINUTE),))),
    ("units", lambda: Stock(Decimal(10**6 + 1))),
    ("units", lambda: Stock(Decimal(-1))),
    ("refill", lambda: Stock(Decimal(1), refill=Decimal(10**6 + 1))),
    ("refills", lambda: Stock(Decimal(1), refills=1000)),
    ("days", lambda: EveryDays(3661, SLOT)),
    ("gap", lambda: AsNeeded(gap=timedelta(days=366, minutes=1))),
    ("gap", lambda: AsNeeded(gap=MINUTE + timedelta(seconds=30))),
    ("most", lambda: AsNeeded(ONE, most=Amount(Decimal("0.5"), DOSE))),
    ("steps", lambda: Taper(tuple(Step(1, SLOT) for _ in range(101)))),
]  # fmt: skip


@pytest.mark.parametrize("value", ALLOWED)
def test_exactly_at_a_limit_is_within_it(value: Callable[[], object]) -> None:
    value()


@pytest.mark.parametrize(("field", "value"), REFUSED)
def test_one_beyond_a_limit_is_refused_at_its_field(field: str, value: Callable[[], object]) -> None:
    with pytest.raises(Incorrect) as refused:
        value()
    assert refused.value.fault.field == field


def test_an_amount_says_whether_it_is_counted_and_how_it_is_written() -> None:
    mg = Amount(Decimal(500), "mg")
    assert (ONE.counted, mg.counted) == (True, False)
    assert (ONE.word, mg.word) == ("tablet", "mg")
    assert mg.times(3) == Amount(Decimal(1500), "mg")
    assert (mg.of("g"), mg.of("{tablet}"), ONE.of("mg"), mg.of("mL")) == (Decimal("0.5"), None, None, None)


def test_a_taper_ends_with_its_last_step_or_sooner() -> None:
    start = date(2026, 6, 1)
    taper = Taper((Step(3, SLOT), Step(2), Step(5, SLOT)))
    assert Schedule(taper, start).last_day == date(2026, 6, 10)
    assert Schedule(taper, start, date(2026, 6, 8)).last_day == date(2026, 6, 8)
    assert Schedule(taper, start, date(2026, 7, 1)).last_day == date(2026, 6, 10)
    assert Schedule(Taper((Step(3, SLOT), Step(None, SLOT))), start).last_day is None
    assert Schedule(Weekly(SLOT), start, date(2026, 6, 3)).last_day == date(2026, 6, 3)
    assert Schedule(Weekly(SLOT), start, date(2026, 6, 3)).next_day(date(2026, 6, 3)) == date(2026, 6, 3)
    assert Schedule(Weekly(SLOT), LATEST).next_day(LATEST) == LATEST
    shorter = Schedule(taper, start, date(2026, 6, 8))
    assert kept(shorter) == shorter


def test_reminders_and_windows_are_those_of_the_guide() -> None:
    assert (timedelta(0), timedelta(minutes=15), timedelta(minutes=45)) == doses.REMINDERS
    assert timedelta(minutes=90) == doses.CAREGIVER
    assert window(T, timedelta(hours=22)).on_time == T + 2 * HOUR
    assert window(T, timedelta(hours=22) - MOMENT).on_time == T + HOUR
    assert window(T, timedelta(hours=4) - MOMENT).on_time == T + 30 * MINUTE


def test_an_answer_holds_at_the_very_edge_of_its_window() -> None:
    within = Window(T - HOUR, T, T + HOUR, T + 2 * HOUR)
    ahead = Answer(Action.TAKE, T + 5 * MINUTE, T)
    assert answered(None, ahead, within) is ahead
    with pytest.raises(Incorrect):
        answered(None, Answer(Action.TAKE, T + 5 * MINUTE + MOMENT, T), within)
    early = Answer(Action.TAKE, T - HOUR, T)
    assert answered(None, early, within) is early
    with pytest.raises(Incorrect):
        answered(None, Answer(Action.SNOOZE, T, T + 2 * HOUR, until=T + 3 * HOUR), within)
    with pytest.raises(Conflict):
        answered(early, Answer(Action.SKIP, T, T, reason=Reason.OTHER), within)


def test_what_is_as_needed_counts_the_last_24_hours_and_not_one_more() -> None:
    pattern = AsNeeded(ONE, most=Amount(Decimal(2), DOSE))
    day_ago = [Taken(T - timedelta(hours=24)), Taken(T - HOUR)]
    assert may_take(pattern, day_ago, T) == Permission(T)
    assert may_take(pattern, [Taken(T - 2 * HOUR), Taken(T - HOUR)], T) == Permission(T + 22 * HOUR, "most")
    assert may_take(AsNeeded(ONE, 4 * HOUR), [Taken(T - HOUR)], T) == Permission(T + 3 * HOUR, "gap")
    assert may_take(AsNeeded(ONE), [Taken(T)], T) == Permission(T)
    assert may_take(pattern, [], T).now
    assert use(pattern, [Taken(T - HOUR), Taken(T - HOUR), Taken(T)]) == Use(3, 0, 1)
    assert use(AsNeeded(), []) == Use(0, 0, 0)
    # What says no amount counts as the usual one, in the unit of the maximum.
    grams = AsNeeded(Amount(Decimal(500), "mg"), most=Amount(Decimal(1), "g"))
    taken = [Taken(T - 3 * HOUR), Taken(T - 2 * HOUR, Amount(Decimal(250), "mg"))]
    assert may_take(grams, taken, T).why == "most"
    assert may_take(grams, taken, T, Amount(Decimal(250), "mg")).now
    assert may_take(grams, [Taken(T - HOUR, ONE)], T).now, "tablets count as usual: 500 of 1000 mg"


def test_stock_counts_what_is_left_and_what_a_refill_adds() -> None:
    assert timedelta(days=7) == stock.REMIND
    assert timedelta(days=1095) < stock.HORIZON <= timedelta(days=1100)
    kept = Stock(Decimal(3), refills=1, refill=Decimal(30))
    assert kept.whole == 33
    assert Stock(Decimal(3)).whole == 3
    assert Stock(Decimal(3), refills=5).whole == 3
    assert kept.after([ONE, None, ONE, ONE]).units == 0
    assert kept.after([Amount(Decimal(5), "mL")]).units == 3, "what does not fit takes nothing"
    assert kept.refilled() == Stock(Decimal(33), refills=0, refill=Decimal(30))
    for none in (Stock(Decimal(3), refills=1), Stock(Decimal(3), refill=Decimal(30))):
        with pytest.raises(Incorrect) as refused:
            none.refilled()
        assert refused.value.fault.field == "refills"
    today = date(2026, 6, 1)
    assert stock.Lasts(today + timedelta(7), None).refill_due(today)
    assert not stock.Lasts(today + timedelta(8), None).refill_due(today)
    assert not stock.Lasts(None, None).refill_due(today)


EVENTS = {
    # HL7 event-timing and v3-TimingEvent, on a day of 7:00, 8:00, 13:00, 19:30 and 22:00; offsets by our own table.
    "MORN": ("08:00",), "MORN.early": ("07:00",), "MORN.late": ("11:00",), "NOON": ("13:00",), "AFT": ("15:00",),
    "AFT.early": ("14:00",), "AFT.late": ("17:00",), "EVE": ("19:30",), "EVE.early": ("18:00",), "EVE.late": ("21:00",),
    "NIGHT": ("22:00",), "PHS": ("22:30",), "HS": ("22:00",), "WAKE": ("07:00",),
    "C": ("08:00", "13:00", "19:30"), "CM": ("08:00",), "CD": ("13:00",), "CV": ("19:30",),
    "AC": ("07:30", "12:30", "19:00"), "ACM": ("07:30",), "ACD": ("12:30",), "ACV": ("19:00",),
    "PC": ("08:30", "13:30", "20:00"), "PCM": ("08:30",), "PCD": ("13:30",), "PCV": ("20:00",),
}  # fmt: skip
OFFSET = {
    "MORN": "08:20", "MORN.early": "07:20", "MORN.late": "08:20", "NOON": "13:20", "AFT": "13:20", "AFT.early": "13:20",
    "AFT.late": "13:20", "EVE": "19:50", "EVE.early": "19:10", "EVE.late": "19:50", "NIGHT": "22:20", "PHS": "22:20",
    "HS": "21:40", "WAKE": "07:20", "CM": "08:00", "ACD": "12:40", "PCV": "19:50",
}  # fmt: skip


@pytest.mark.parametrize("code", EVENTS)
def test_every_event_of_a_day_has_its_time(code: str) -> None:
    assert tuple(f"{at:%H:%M}" for at in times_of([code], Habits())) == EVENTS[code]
    if code in OFFSET:
        assert [f"{at:%H:%M}" for at in times_of([code], Habits(), 20)] == [OFFSET[code]]


def test_times_are_spread_over_the_waking_day() -> None:
    def said(count: int, habits: Habits | None = None) -> str:
        return " ".join(f"{at:%H:%M}" for at in spread(count, habits or Habits()))

    assert said(1) == "08:00"
    assert said(4) == "08:00 13:00 19:30 22:00"
    assert said(5) == "07:00 10:45 14:30 18:15 22:00"
    assert said(6) == "07:00 10:00 13:00 16:00 19:00 22:00"
    odd = Habits(wake=time(7, 20), bedtime=time(22, 35))
    assert said(5, odd) == "07:20 11:05 14:50 18:50 22:35"
    assert len(said(24, Habits(wake=time(8), bedtime=time(8))).split()) == 24, (
        "who wakes at bedtime is up all day"
    )
    with pytest.raises(Incorrect) as refused:
        spread(25, Habits())
    assert refused.value.fault.field == "frequency"
    with pytest.raises(Incorrect) as refused:
        times_of(["TEATIME"], Habits())
    assert refused.value.fault.field == "when"
