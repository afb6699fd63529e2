"""Codes that people type."""

import re
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import pytest

from ojas.kit.auth import codes

# RFC 6238, appendix B: the SHA-1 rows, whose codes have eight digits; an app shows the last six.
SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
VECTORS = [
    (59, "94287082"),
    (1111111109, "07081804"),
    (1111111111, "14050471"),
    (1234567890, "89005924"),
    (2000000000, "69279037"),
    (20000000000, "65353130"),
]


@pytest.mark.parametrize(("seconds", "code"), VECTORS)
def test_the_known_answers_of_the_standard_are_given(seconds: int, code: str) -> None:
    at = datetime.fromtimestamp(seconds, UTC)
    assert codes.code_at(SECRET, at) == code[2:]
    assert codes.step_of(SECRET, code[2:], at, after=0) == seconds // 30


def test_a_code_is_taken_a_step_early_or_late_but_not_two() -> None:
    at = datetime(2026, 3, 1, 12, tzinfo=UTC)
    code = codes.code_at(SECRET, at)
    for seconds, taken in ((-60, False), (-30, True), (0, True), (30, True), (60, False)):
        found = codes.step_of(SECRET, code, at + timedelta(seconds=seconds), after=0)
        assert (found is not None) is taken


def test_a_code_is_taken_once() -> None:
    at = datetime(2026, 3, 1, 12, tzinfo=UTC)
    step = codes.step_of(SECRET, codes.code_at(SECRET, at), at, after=0)
    assert step is not None
    assert codes.step_of(SECRET, codes.code_at(SECRET, at), at, after=step) is None
    assert codes.step_of(SECRET, codes.code_at(SECRET, at), at + timedelta(seconds=20), after=step) is None


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "１２３４５６", "12 34 5", "-12345"])
def test_what_is_not_six_digits_is_no_code(code: str) -> None:
    assert codes.step_of(SECRET, code, datetime(2026, 3, 1, tzinfo=UTC), after=0) is None


def test_spaces_between_digits_are_forgiven() -> None:
    at = datetime(2026, 3, 1, 12, tzinfo=UTC)
    code = codes.code_at(SECRET, at)
    assert codes.step_of(SECRET, f"{code[:3]} {code[3:]}", at, after=0)


def test_the_picture_is_one_square_of_svg_without_styles() -> None:
    svg = codes.qr_svg(codes.enrolment_uri(codes.new_secret(), account="a@example.org", issuer="Ojas"))
    root = ElementTree.fromstring(svg)  # noqa: S314  # our own text
    _, _, width, height = (root.get("viewBox") or "").split()
    assert width == height
    assert "style" not in svg


def test_there_are_ten_recovery_codes_and_each_is_its_own() -> None:
    made = codes.new_recovery_codes()
    assert len(set(made)) == 10
    assert all(re.fullmatch(r"([0-9a-z]{4}-){3}[0-9a-z]{4}", code) for code in made)


def test_a_recovery_code_is_known_however_it_is_typed_and_to_its_account_alone() -> None:
    key, account = b"k" * 32, b"a" * 16
    kept = codes.recovery_digest(key, account, "0k1p-9x7e-aaaa-bbbb")
    for typed in ("0k1p9x7eaaaabbbb", " OK1P-9X7E-AAAA-BBBB ", "okip 9x7e aaaa bbbb", "oklp_9x7e_aaaa_bbbb"):
        assert codes.recovery_digest(key, account, typed) == kept
    assert codes.recovery_digest(key, b"b" * 16, "0k1p-9x7e-aaaa-bbbb") != kept
    assert codes.recovery_digest(b"j" * 32, account, "0k1p-9x7e-aaaa-bbbb") != kept


def test_an_authenticator_is_told_secret_account_and_issuer() -> None:
    uri = codes.enrolment_uri(SECRET, account="asha@example.org", issuer="Ojas")
    assert uri == f"otpauth://totp/Ojas:asha%40example.org?secret={SECRET}&issuer=Ojas"


def test_the_picture_draws_each_dark_square_of_the_code_and_a_quiet_border() -> None:
    """Read back from its path: where it is dark, how large it is, and that four squares around are light (ISO/IEC 18004)."""
    drawn = codes.qr_svg("otpauth://totp/x")
    found = re.fullmatch(
        r'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 (\d+) \1" shape-rendering="crispEdges">'
        r'<path fill="#fff" d="M0 0h\1v\1H0z"/><path fill="#000" d="((?:M\d+ \d+h1v1h-1z)+)"/></svg>',
        drawn,
    )
    assert found
    size = int(found[1])
    dark = {(int(x), int(y)) for x, y in re.findall(r"M(\d+) (\d+)h", found[2])}
    assert min(x for x, _ in dark) == min(y for _, y in dark) == 4
    assert max(x for x, _ in dark) == max(y for _, y in dark) == size - 5
    finder = {(x, y) for x in range(4, 11) for y in range(4, 11) if (x, y) in dark}
    assert len(finder) == 33  # a ring of 24 around a square of 9
