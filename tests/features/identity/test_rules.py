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


def test_every_ticket_has_a_life_and_none_is_longer_than_two_days() -> None:
    assert set(rules.TICKET_LIFE) == set(Purpose)
    assert max(rules.TICKET_LIFE.values()) == timedelta(days=2)
    assert rules.TICKET_LIFE[Purpose.RESET] == timedelta(minutes=30)
    assert rules.TICKET_LIFE[Purpose.SECOND_FACTOR] == timedelta(minutes=5)


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
