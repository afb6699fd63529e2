"""Medicines named with a condition, as lines that somebody types."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ojas.features.record.pages.lines import read, written
from ojas.features.record.schemas import ConditionMedication
from ojas.kit.errors import Incorrect

TODAY = date(2026, 11, 30)


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("Metoprolol", {}),
        ("Metoprolol, 50 mg", {"dosage": "50 mg"}),
        ("Metoprolol, , at night", {"frequency": "at night"}),
        ("Metoprolol, 50 mg, at night, with food", {"dosage": "50 mg", "frequency": "at night, with food"}),
        ("Metoprolol, 2026-09-20 –", {"start_date": date(2026, 9, 20)}),
        ("Metoprolol, 50 mg, 2026-9-20", {"dosage": "50 mg", "start_date": date(2026, 9, 20)}),
        ("Metoprolol, – 2026-11-30", {"end_date": TODAY}),
        ("Metoprolol, - 2026-11-29", {"end_date": TODAY - timedelta(1), "is_active": False}),
        ("Metoprolol, २०२६-०९-२० -- 2027-01-01", {"start_date": date(2026, 9, 20), "end_date": date(2027, 1, 1)}),
        ("Metoprolol, 5-10 mg, –", {"dosage": "5-10 mg", "frequency": "–"}),
    ],
)  # fmt: skip
def test_a_line_is_read_by_its_commas(line: str, wanted: dict[str, object]) -> None:
    assert read(line, (), TODAY) == (ConditionMedication(name="Metoprolol", **wanted),)  # type: ignore[arg-type]


@pytest.mark.parametrize("span", ["2026-13-01 –", "2026-02-30 – 2026-03-01", "2026-03-01 – 2026-02-01"])
def test_a_date_that_is_none_is_refused(span: str) -> None:
    with pytest.raises(Incorrect):
        read(f"Metoprolol, {span}", (), TODAY)


WORDS = st.from_regex(r"[a-z][a-z0-9 ]{0,8}[a-z]", fullmatch=True)
DAYS = st.none() | st.dates(date(1950, 1, 1), date(2100, 1, 1))


@settings(max_examples=80)
@given(WORDS, st.none() | WORDS, st.none() | WORDS, DAYS, DAYS)
def test_what_the_form_shows_is_read_as_the_same(
    name: str, dosage: str | None, frequency: str | None, one: date | None, other: date | None
) -> None:
    start, end = sorted([one, other]) if one and other else (one, other)
    kept = ConditionMedication(
        name=name, dosage=dosage, frequency=frequency, start_date=start, end_date=end,
        is_active=end is None or end >= TODAY,
    )  # fmt: skip
    assert read(written(kept), (kept,), TODAY) == (kept,)


def test_a_line_that_nobody_touched_stays_what_it_was() -> None:
    """Names and doses with commas, and one that was taken twice, once no longer: so they come from elsewhere."""
    kept = (
        ConditionMedication(name="Insulin, human", dosage="10 units, after food"),
        ConditionMedication(name="Metoprolol", dosage="25 mg", is_active=False),
        ConditionMedication(
            name="Metoprolol", dosage="50 mg", end_date=TODAY + timedelta(9), is_active=False
        ),
    )
    assert read("\r\n".join(map(written, kept)), kept, TODAY) == kept
