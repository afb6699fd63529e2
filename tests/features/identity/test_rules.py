"""The arithmetic of sign-in."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ojas.features.identity import rules
from ojas.features.identity.rules import Kind, Life, Purpose, Role

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SHORT = Life(timedelta(hours=1), timedelta(hours=12))
LONG = Life(timedelta(days=14), timedelta(days=90))


@pytest.mark.parametrize(
    ("kind", "roles", "life"),
    [
        (Kind.BROWSER, (), SHORT),
        (Kind.BROWSER, (Role.DOCTOR,), SHORT),
        (Kind.REMEMBERED, (), LONG),
        (Kind.REMEMBERED, (Role.PATIENT,), LONG),
        (Kind.REMEMBERED, (Role.DOCTOR,), SHORT),
        (Kind.REMEMBERED, (Role.THERAPIST, Role.PATIENT), SHORT),
        (Kind.REMEMBERED, (Role.ADMIN,), SHORT),
        (Kind.TOKEN, (), LONG),
    ],
)
def test_only_a_device_of_ones_own_stays_signed_in_for_weeks(
    kind: Kind, roles: tuple[Role, ...], life: Life
) -> None:
    assert rules.life_of(kind, frozenset(roles)) == life


def test_a_proof_is_fresh_for_ten_minutes_to_the_second() -> None:
    assert rules.fresh(NOON, NOON)
    assert rules.fresh(NOON, NOON + timedelta(minutes=10))
    assert not rules.fresh(NOON, NOON + timedelta(minutes=10, microseconds=1))


@given(st.integers(0, 10_000))
def test_a_wait_never_grows_shorter_nor_beyond_a_quarter_of_an_hour(failures: int) -> None:
    assert rules.delay_after(failures) <= rules.delay_after(failures + 1) <= timedelta(minutes=15)


def test_the_first_five_tries_wait_for_nothing_and_the_sixth_two_seconds() -> None:
    assert [rules.delay_after(n).total_seconds() for n in range(8)] == [0, 0, 0, 0, 0, 2, 4, 8]


def test_a_ticket_lives_as_long_as_the_guide_says() -> None:
    minutes = {str(purpose): life.total_seconds() / 60 for purpose, life in rules.TICKET_LIFE.items()}
    assert minutes == {
        "verify": 2 * 24 * 60,
        "reset": 30,
        "change-email": 120,
        "second-factor": 5,
        "passkey": 5,
        "passkey-proof": 5,
        "passkey-enrolment": 5,
    }


def test_what_the_database_keeps_by_name_has_those_names() -> None:
    """The words of columns and checks: another word here would orphan every row there is."""
    assert [str(role) for role in Role] == ["patient", "doctor", "therapist", "admin"]
    assert [str(kind) for kind in Kind] == ["browser", "remembered", "token"]
    assert {str(purpose) for purpose in Purpose} == {str(purpose) for purpose in rules.TICKET_LIFE}


def test_an_answer_may_be_lost_for_ten_seconds_to_the_instant() -> None:
    assert rules.lost_answer(NOON, NOON)
    assert rules.lost_answer(NOON, NOON + timedelta(seconds=10))
    assert not rules.lost_answer(NOON, NOON + timedelta(seconds=10, microseconds=1))


def test_wrong_tries_are_forgotten_after_a_day() -> None:
    assert timedelta(days=1) == rules.FORGOTTEN


def test_a_life_once_said_stays_as_it_is() -> None:
    with pytest.raises(AttributeError):
        SHORT.idle = LONG.idle  # type: ignore[misc]  # what is tried
    assert not hasattr(SHORT, "__dict__")


@pytest.mark.parametrize(
    ("agent", "device"),
    [
        (
            "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/143.0 Mobile Safari/537.36",
            "Chrome, Android",
        ),
        (
            "Mozilla/5.0 (Linux; Android 15) SamsungBrowser/28.0 Chrome/130.0 Safari/537.36",
            "Samsung Internet, Android",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Safari/604.1",
            "Safari, iPhone",
        ),
        ("Mozilla/5.0 (iPad; CPU OS 19_0 like Mac OS X) CriOS/143.0 Safari/604.1", "Chrome, iPad"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 15_0) Version/19.0 Safari/605.1", "Safari, Mac"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/143.0 Safari/537.36 Edg/143.0", "Edge, Windows"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/143.0 Safari/537.36 OPR/120.0", "Opera, Windows"),
        ("Mozilla/5.0 (X11; CrOS x86_64) Chrome/143.0 Safari/537.36", "Chrome, ChromeOS"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0", "Firefox, Linux"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0) FxiOS/150.0 Safari/604.1", "Firefox, iPhone"),
        ("okhttp/5.0", "okhttp"),
        ("<script>alert(1)</script>", ""),
        ("", ""),
        (None, ""),
    ],
)
def test_devices_have_names_people_know(agent: str | None, device: str) -> None:
    assert rules.device_of(agent) == device


@given(st.text(max_size=400))
def test_any_agent_gives_a_short_plain_name(agent: str) -> None:
    found = rules.device_of(agent)
    assert len(found) <= 40
    assert not set(found) & set("<>&\"'\n")
