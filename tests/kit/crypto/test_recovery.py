"""The recovery code: written on paper, typed by tired people."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ojas.kit.crypto import MasterKeys, RecoveryCode
from ojas.kit.crypto.recovery import ALPHABET
from ojas.kit.errors import Incorrect

CODES = st.builds(RecoveryCode, st.integers(0, 2**140 - 1))


def changed(code: RecoveryCode, place: int, letter: str) -> str:
    text = str(code).replace("-", "")
    return text[:place] + letter + text[place + 1 :]


@given(CODES)
def test_a_code_is_read_back_as_it_was_written(code: RecoveryCode) -> None:
    assert RecoveryCode.parse(str(code)) == code
    assert re.fullmatch(r"([0-9A-HJKMNP-TV-Z]{5}-){6}[0-9A-HJKMNP-TV-Z]{5}", str(code))


@given(CODES)
def test_case_spaces_and_letters_that_look_like_digits_do_not_matter(code: RecoveryCode) -> None:
    typed = str(code).lower().replace("-", "  ").replace("0", "o").replace("1", "l")
    assert RecoveryCode.parse(f"\n{typed} ") == code


@given(CODES, st.integers(0, 34), st.sampled_from(ALPHABET))
def test_every_single_slip_is_found_and_its_group_named(code: RecoveryCode, place: int, letter: str) -> None:
    typed = changed(code, place, letter)
    if typed == str(code).replace("-", ""):
        return
    with pytest.raises(Incorrect, match=f"group {place // 5 + 1} ") as refused:
        RecoveryCode.parse(typed)
    assert refused.value.faults[0].field == "code"


@given(CODES, st.integers(0, 34), st.integers(0, 34))
def test_two_letters_swapped_are_found(code: RecoveryCode, one: int, other: int) -> None:
    letters = list(str(code).replace("-", ""))
    if letters[one] == letters[other]:
        return
    letters[one], letters[other] = letters[other], letters[one]
    with pytest.raises(Incorrect, match="slip"):
        RecoveryCode.parse("".join(letters))


@given(CODES, st.permutations(range(7)))
def test_groups_in_another_order_are_found(code: RecoveryCode, order: list[int]) -> None:
    groups = str(code).split("-")
    if order == sorted(order):
        return
    with pytest.raises(Incorrect, match="slip"):
        RecoveryCode.parse("-".join(groups[n] for n in order))


@pytest.mark.parametrize("typed", ["", "4H7QX", "உதவி", "0" * 36])
def test_too_few_or_too_many_letters_are_counted(typed: str) -> None:
    with pytest.raises(Incorrect, match="35 letters"):
        RecoveryCode.parse(typed)


def test_a_letter_that_no_code_has_is_a_slip() -> None:
    with pytest.raises(Incorrect, match="group 2 "):
        RecoveryCode.parse(changed(RecoveryCode.new(), 6, "U"))


def test_a_lost_master_key_is_brought_back_by_the_code() -> None:
    master, code = MasterKeys.new().rotated(), RecoveryCode.new()
    kept = code.wrap(master.dump().encode(), b"master key")
    typed = RecoveryCode.parse(str(code).lower())
    assert MasterKeys.parse(typed.unwrap(kept, b"master key").decode()) == master
    assert master.dump().encode() not in kept


def test_another_code_or_another_use_opens_nothing() -> None:
    code = RecoveryCode.new()
    kept = code.wrap(b"secret", b"master key")
    for other, use in ((RecoveryCode.new(), b"master key"), (code, b"something else")):
        with pytest.raises(Incorrect, match="belongs to something else"):
            other.unwrap(kept, use)
    with pytest.raises(Incorrect):
        code.unwrap(b"", b"master key")


def test_a_code_does_not_show_itself() -> None:
    assert str(RecoveryCode(2**139)) not in repr(RecoveryCode(2**139))
    assert len({str(RecoveryCode.new()) for _ in range(100)}) == 100
