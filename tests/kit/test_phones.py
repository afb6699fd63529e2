"""A telephone number is what can be dialled from anywhere, however it was typed."""

import pytest

from ojas.kit.errors import Incorrect
from ojas.kit.phones import number, shown


@pytest.mark.parametrize(
    ("typed", "country", "dialled"),
    [
        ("098400 12345", "IN", "+919840012345"),
        (" +91 98400-12345 ", None, "+919840012345"),
        ("९८४०० १२३४५", "IN", "+919840012345"),
        ("௯௮௪௦௦ ௧௨௩௪௫", "IN", "+919840012345"),
        ("(650) 253-0000", "US", "+16502530000"),
        ("+49 171 2345678", "IN", "+491712345678"),
    ],
)
def test_however_it_was_typed(typed: str, country: str | None, dialled: str) -> None:
    assert number(typed, country) == dialled
    assert number(shown(dialled)) == dialled


@pytest.mark.parametrize(
    ("typed", "country"),
    [
        ("98400 12345", None),  # of which country?
        ("98400 12345", "XX"),
        ("12", "IN"),
        ("112", "IN"),  # dialled within a country alone
        ("+91 98400 1234", None),
        ("+999 123456", None),
        ("", "IN"),
        ("+", None),
        ("call me", "IN"),
        ("+919840012345;ext=5", None),
        ("9" * 10_000, "IN"),
        ("\x00", "IN"),
        ("+1 900 234 5678", None),  # costs whoever dials it
    ],
)
def test_what_cannot_be_dialled_is_refused_at_its_field(typed: str, country: str | None) -> None:
    with pytest.raises(Incorrect) as refused:
        number(typed, country, field="contact.phone")
    assert refused.value.fault.field == "contact.phone"


def test_of_what_is_typed_forty_signs_are_read_however_they_are_spread() -> None:
    spread = "+91" + "98400 12345".replace("", " ")
    assert number(spread.ljust(40) + "7") == "+919840012345", "what stands behind is cut off"
    assert number("+91 9840012345".rjust(60)) == "+919840012345"


def test_where_nobody_names_the_field_it_is_the_phone() -> None:
    with pytest.raises(Incorrect) as refused:
        number("12")
    assert refused.value.fault.field == "phone"
