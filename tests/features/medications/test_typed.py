"""What is typed into the form of a medicine: every schedule can be, and stays as it is when it is shown and sent again."""

import re
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest
from hypothesis import given, settings

from ojas.features.medications import service
from ojas.features.medications.pages import showing
from ojas.features.medications.pages.rhythm import RhythmForm, fits, values_of
from ojas.features.medications.rules.amount import DOSE, Amount
from ojas.features.medications.rules.patterns import (
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
from ojas.kit.errors import Incorrect
from tests.features.medications import strategies
from tests.features.sharing.cast import Somebody

from .test_pages import FORM, seen, sent

START = date(2027, 3, 1)


def mg(value: int | str) -> Amount:
    return Amount(Decimal(value), "mg")


def as_sent(values: dict[str, Any]) -> dict[str, Any]:
    """The fields of a form as a browser sends them: text, and empty ones not at all."""
    plain: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, time):
            plain[name] = f"{value:%H:%M}"
        elif isinstance(value, list):
            plain[name] = value
        elif value is not None and value != "":
            plain[name] = str(value)
    return plain


@settings(max_examples=200, deadline=None)
@given(strategies.schedules())
def test_every_schedule_comes_back_from_the_form_as_it_was(schedule: Schedule) -> None:
    if fits(schedule):
        form = RhythmForm.model_validate(as_sent(values_of(schedule)))
        assert form.schedule() == schedule


def typed(rhythm: str, **fields: Any) -> Schedule:
    sent = {"rhythm": rhythm, "start": "2027-03-01", "amount": "10", "unit": "mg", **fields}
    return RhythmForm.model_validate(sent).schedule()


@pytest.mark.parametrize(
    ("rhythm", "fields", "pattern"),
    [
        ("weekly", {"time_1": "08:00", "time_2": "20:00", "amount_2": "20"},
         Weekly((Slot(time(8), mg(10)), Slot(time(20), mg(20))))),
        ("weekly", {"times": "6:30, 9.15 5; २१:०० 2.5"},
         Weekly((Slot(time(6, 30), mg(10)), Slot(time(9, 15), mg(5)), Slot(time(21), mg("2.5"))))),
        ("every_days", {"every": "3", "time_1": "08:00"}, EveryDays(3, (Slot(time(8), mg(10)),))),
        ("cycle", {"on": "21", "off": "7", "time_1": "08:00"}, Cycle(21, 7, (Slot(time(8), mg(10)),))),
        ("interval", {"hours": "1.6667", "first": "06:00"},
         Interval(timedelta(minutes=100), time(6), mg(10))),
        ("as_needed", {"gap": "4", "most": "4", "most_unit": DOSE},
         AsNeeded(mg(10), timedelta(hours=4), Amount(Decimal(4), DOSE))),
        ("as_needed", {"most": "4", "most_unit": "g"}, AsNeeded(mg(10), None, Amount(Decimal(4), "g"))),
        ("taper",
         {"step_1_days": "5", "step_1_times": "08:00 40", "step_3_days": "2", "step_4_times": "08:00",
          "step_4_every": "2"},
         Taper((Step(5, (Slot(time(8), mg(40)),)), Step(2), Step(None, (Slot(time(8), mg(10)),), 2)))),
    ],
)  # fmt: skip
def test_every_pattern_can_be_typed(rhythm: str, fields: dict[str, Any], pattern: Pattern) -> None:
    assert typed(rhythm, **fields) == Schedule(pattern, START)


@pytest.mark.parametrize(
    ("rhythm", "fields", "field"),
    [
        ("weekly", {}, "time_1"),
        ("weekly", {"time_1": "08:00", "days": []}, "days"),
        ("weekly", {"times": "25:00"}, "times"),
        ("weekly", {"times": "8 9 10"}, "times"),
        ("weekly", {"times": "08:00 1e400"}, "times"),
        ("weekly", {"time_1": "08:00", "time_2": "08:00"}, "time_1"),
        ("every_days", {"time_1": "08:00"}, "every"),
        ("interval", {"hours": "0.1", "first": "06:00"}, "hours"),
        ("interval", {"hours": "8"}, "first"),
        ("as_needed", {"most": "5", "most_unit": "mg"}, "most"),
        ("taper", {}, "step_1_days"),
        ("taper", {"step_1_days": "5", "step_1_times": "noon"}, "step_1_times"),
        ("taper", {"step_1_days": "x", "step_1_times": "8:00"}, "step_1_days"),
        ("taper", {"step_1_days": "9" * 9, "step_1_times": "8:00"}, "step_1_days"),
        ("taper", {"step_1_times": "8:00", "step_2_times": "9:00"}, "step_1_days"),
        ("taper", {"step_2_times": "8:00", "step_4_times": "9:00"}, "step_2_days"),
        ("taper", {"step_1_days": "5", "step_1_times": "8:00", "step_2_days": "3"}, "step_1_days"),
        ("taper", {"step_1_days": "5", "step_1_times": "8:00", "step_1_every": "0"}, "step_1_every"),
        ("weekly", {"time_1": "08:00", "end": "2027-02-01"}, "end"),
        ("kept", {}, "rhythm"),
    ],
)
def test_what_can_never_be_due_or_read_is_said_at_its_field(
    rhythm: str, fields: dict[str, Any], field: str
) -> None:
    with pytest.raises(Incorrect) as refused:
        typed(rhythm, **fields)
    assert refused.value.fault.field == field


STEPS = {"rhythm": "taper", "step_1_days": "5", "step_1_times": "08:00 4", "step_2_times": "08:00"}


def rows(page: str) -> int:
    return len(re.findall(r'name="step_\d+_days"', page))


async def test_a_taper_is_typed_with_as_many_steps_as_it_has(
    browser: httpx.AsyncClient, asha: Somebody
) -> None:
    root = f"/p/{asha.person_id}/medicines"
    page = await seen(browser, f"{root}/new")
    assert rows(page) == 2
    more = await sent(browser, page, f"{root}/new", **FORM | STEPS | {"add_step": "1"})
    assert rows(more.text) == 3
    assert 'value="08:00 4"' in more.text, "what was typed stays"
    assert re.search(r'id="f-step_3_times"[^>]* autofocus', more.text)
    less = await sent(browser, page, f"{root}/new", **FORM | STEPS | {"remove_step": "1"})
    assert rows(less.text) == 1
    assert 'value="08:00 4"' not in less.text
    assert re.search(r'id="f-step_1_times"[^>]* value="08:00"', less.text), "the second is the first now"
    assert 'name="remove_step"' not in less.text
    done = await sent(browser, page, f"{root}/new", **FORM | STEPS)
    one = done.headers["location"]
    async with asha.transaction() as tx:
        (kept,) = (await service.MEDICINES.page(tx, asha.person_id)).items
    assert isinstance(kept.schedule.pattern, Taper)
    assert [step.days for step in kept.schedule.pattern.steps] == [5, None]
    assert 'value="08:00 4"' in await seen(browser, f"{one}/edit")


async def test_a_schedule_that_says_nothing_is_shown_again_and_nothing_is_kept(
    browser: httpx.AsyncClient, asha: Somebody
) -> None:
    root = f"/p/{asha.person_id}/medicines"
    page = await seen(browser, f"{root}/new")
    bad = await sent(browser, page, f"{root}/new", **FORM | {"rhythm": "taper"})
    assert bad.status_code == 422
    assert 'id="f-step_1_days-error"' in bad.text
    endless = await sent(browser, page, f"{root}/new", **FORM | {"amount": "9" * 5000, "units": "1e999999"})
    assert endless.status_code == 422
    async with asha.transaction() as tx:
        assert not (await service.MEDICINES.page(tx, asha.person_id)).items


def test_a_taper_is_shown_step_by_step() -> None:
    four, one = mg(4), mg(1)
    taper = Taper(
        (Step(5, (Slot(time(8), four), Slot(time(20), one))), Step(1), Step(None, (Slot(time(8)),), 2))
    )
    assert showing.taper(taper) == [
        "5 days: 4 mg at 08:00, 1 mg at 20:00",
        "1 day: nothing",
        "From then on: 08:00, every 2 days",
    ]
