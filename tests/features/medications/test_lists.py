"""A list of interactions, as somebody who may use one loads it."""

import pytest

from ojas.features.medications.rules import interactions
from ojas.features.medications.rules.safety import Severity
from ojas.kit.errors import Incorrect

LIST = """ingredient,other,severity,effect,cite
Warfarin,ibuprofen,major,Bleeding is more likely.,a label
acetaminophen,warfarin,minor,Watch the INR.,
"""


def test_a_list_of_interactions_is_read_whole_or_refused_at_its_line() -> None:
    one, other = interactions.read(LIST.splitlines())
    assert (one.one, one.other, one.severity, one.cite) == (
        "ibuprofen",
        "warfarin",
        Severity.MAJOR,
        "a label",
    )
    assert (other.one, other.effect) == ("acetaminophen", "Watch the INR.")


@pytest.mark.parametrize(
    ("lines", "field"),
    [
        ("", "line 1"),
        ("ingredient,other,severity,effect\n", "file"),
        ("ingredient,other,effect\na,b,c", "line 1"),
        (LIST + "IBUPROFEN,warfarin,minor,Again,", "line 4"),
        (LIST + "aspirin,Aspirin,minor,Same,", "line 4"),
        (LIST + "aspirin,,minor,None,", "line 4"),
        (LIST + f"aspirin,{'a' * 121},minor,Long,", "line 4"),
        (LIST + "aspirin,heparin,awful,Bleeding,", "line 4"),
        (LIST + "aspirin,heparin,major,,", "line 4"),
        (LIST + f"aspirin,heparin,major,{'a' * 2001},", "line 4"),
        (LIST + "aspirin", "line 4"),
        (LIST + 'aspirin,"heparin,major,x,', "file"),
    ],
)
def test_what_is_wrong_with_a_list_is_said_with_its_line(lines: str, field: str) -> None:
    with pytest.raises(Incorrect) as refused:
        list(interactions.read(lines.splitlines()))
    assert refused.value.fault.field == field


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("ingredient,severity\n", "The first line must name the column other."),
        (LIST + "IBUPROFEN,warfarin,minor,Again,", "Line 4: this pair stands on line 2 already."),
        (LIST + "aspirin,heparin,awful,x,", "Line 4: severity is one of minor, moderate, major, forbidden."),
        (LIST + "aspirin,heparin,major,,", "Line 4: say what the two do together, in at most 2000 letters."),
        (LIST + "aspirin,,major,x,", "Line 4: two different ingredients are needed."),
    ],
)
def test_who_made_a_list_is_told_what_to_mend_and_where(lines: str, said: str) -> None:
    with pytest.raises(Incorrect) as refused:
        list(interactions.read(lines.splitlines()))
    assert str(refused.value) == said


@pytest.mark.parametrize(
    "line",
    [
        f"{'a' * 120},{'b' * 120},minor,x,",
        f"a,b,minor,{'x' * 2000},{'y' * 2000}",
        "a,b, Minor ,x,",
        "a,b,forbidden,x",
    ],
)
def test_exactly_at_a_limit_is_within_it(line: str) -> None:
    (one,) = interactions.read(["ingredient,other,severity,effect,cite", line])
    assert one.one < one.other


def test_a_list_has_at_most_so_many_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interactions, "MOST", 2)
    assert len(list(interactions.read(LIST.splitlines()))) == 2
    with pytest.raises(Incorrect) as refused:
        list(interactions.read([*LIST.splitlines(), "a,b,minor,x,"]))
    assert refused.value.fault.field == "line 4"
