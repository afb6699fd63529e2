"""Letters as somebody would misuse them: to flood, to be used twice, to outlive what they were for, to lead astray."""

import asyncio
from datetime import timedelta

import pytest
import time_machine
from fastapi import FastAPI

from ojas.features.identity import rules
from ojas.features.identity.service import throttle
from ojas.kit import clock
from ojas.kit.settings import Settings
from tests.conftest import work_off
from tests.features.identity.cast import (
    PASSWORD,
    Person,
    arrived,
    browser,
    letters,
    registered,
    token_in,
)

EVIL = "evil.example"


async def subjects(person: Person) -> list[str]:
    await work_off(person.app)
    return [str(letter["Subject"]) for letter in letters(person.settings, person.email)]


async def register_again(person: Person, times: int) -> None:
    for _ in range(times):
        async with browser(
            person.app
        ) as stranger:  # each from another address: the place is not what slows them
            sent = {"email": person.email, "password": "another long one", "name": "Stranger"}
            assert (await stranger.post("/api/v1/auth/register", json=sent)).status_code == 202


async def test_strangers_who_register_somebody_again_and_again_write_them_one_letter_a_minute(
    app: FastAPI, settings: Settings
) -> None:
    person = await arrived(app, settings)
    with time_machine.travel(clock.now(), tick=False) as time:
        await register_again(person, 4)
        assert (await subjects(person)).count("You have an account already") == 1
        time.shift(timedelta(seconds=61))
        await register_again(person, 2)
        assert (await subjects(person)).count("You have an account already") == 2


async def test_no_more_than_three_letters_of_a_kind_come_in_a_quarter_of_an_hour(
    app: FastAPI, settings: Settings
) -> None:
    person = await arrived(app, settings)
    with time_machine.travel(clock.now(), tick=False) as time:
        for _ in range(10):
            async with browser(app) as stranger:
                await stranger.post("/api/v1/auth/reset", json={"email": person.email})
            time.shift(timedelta(seconds=61))
        assert (await subjects(person)).count("Choose a new password") == 3


def test_whoever_floods_leaves_the_reader_a_link_that_is_still_good() -> None:
    longest = max(within for _, within in throttle._LETTERS)
    assert longest < rules.TICKET_LIFE[rules.Purpose.RESET]


async def test_one_signed_in_cannot_flood_a_strangers_letter_box(app: FastAPI, settings: Settings) -> None:
    victim = f"victim.{clock.now().timestamp()}@example.org"
    answers = []
    for name in ("One", "Two"):
        person = await arrived(app, settings, name)
        answers += [
            (await person.ask("POST", "/account/email", json={"email": victim})).status_code for _ in range(3)
        ]
    await work_off(app)
    assert answers == [202] + [429] * 5
    assert len(letters(settings, victim)) == 1


async def test_a_reset_link_used_ten_times_at_once_sets_one_password(
    app: FastAPI, settings: Settings
) -> None:
    person = await arrived(app, settings)
    await person.client.post("/api/v1/auth/reset", json={"email": person.email})
    token = token_in(await person.letter())
    chosen = [f"a tree of {n} branches" for n in range(10)]
    answers = await asyncio.gather(
        *(
            person.client.post("/api/v1/auth/reset/confirm", json={"token": token, "password": password})
            for password in chosen
        )
    )
    won = [password for answer, password in zip(answers, chosen, strict=True) if answer.status_code == 200]
    assert len(won) == 1
    assert {answer.status_code for answer in answers} <= {200, 404, 503}
    assert (await person.sign_in(password=won[0])).status_code == 200


async def test_a_verification_link_used_at_once_lets_in_once(app: FastAPI, settings: Settings) -> None:
    person = await registered(app, settings)
    sent = {"token": token_in(await person.letter()), "password": PASSWORD}
    answers = await asyncio.gather(*(person.client.post("/api/v1/auth/verify", json=sent) for _ in range(6)))
    assert sorted(answer.status_code for answer in answers).count(200) == 1
    assert (await person.client.post("/api/v1/auth/verify", json=sent)).status_code == 404


async def test_a_link_is_good_for_its_own_purpose_alone(app: FastAPI, settings: Settings) -> None:
    person = await arrived(app, settings)
    await person.client.post("/api/v1/auth/reset", json={"email": person.email})
    token = token_in(await person.letter())
    for path, sent in (
        ("verify", {"token": token, "password": PASSWORD}),
        ("email/confirm", {"token": token}),
        ("refresh", {"refresh_token": token}),
        ("second-factor", {"ticket": token, "code": "123456"}),
    ):
        assert (await person.client.post(f"/api/v1/auth/{path}", json=sent)).status_code in (401, 404), path


async def test_a_new_password_ends_the_links_that_lie_about(app: FastAPI, settings: Settings) -> None:
    person = await arrived(app, settings)
    await person.client.post("/api/v1/auth/reset", json={"email": person.email})
    token = token_in(await person.letter())
    changed = await person.ask("PUT", "/account/password", json={"password": "my own new tree"})
    assert changed.status_code == 204
    sent = {"token": token, "password": "the finders new tree"}
    assert (await person.client.post("/api/v1/auth/reset/confirm", json=sent)).status_code == 404


async def test_a_letter_at_the_old_address_opens_nothing_once_the_address_changed(
    app: FastAPI, settings: Settings
) -> None:
    person = await arrived(app, settings)
    await person.client.post("/api/v1/auth/reset", json={"email": person.email})
    token = token_in(await person.letter())
    new = f"new.{person.email}"
    assert (await person.ask("POST", "/account/email", json={"email": new})).status_code == 202
    await work_off(app)
    moved = {"token": token_in(letters(settings, new)[-1])}
    assert (await person.client.post("/api/v1/auth/email/confirm", json=moved)).status_code == 204
    sent = {"token": token, "password": "the old address's tree"}
    assert (await person.client.post("/api/v1/auth/reset/confirm", json=sent)).status_code == 404


@pytest.mark.parametrize("name", ["host", "x-forwarded-host", "forwarded", "x-original-host"])
async def test_a_letters_link_never_follows_what_the_request_calls_us(
    app: FastAPI, settings: Settings, name: str
) -> None:
    person = await arrived(app, settings)
    said = f"host={EVIL}" if name == "forwarded" else EVIL
    await person.client.post("/api/v1/auth/reset", json={"email": person.email}, headers={name: said})
    assert EVIL not in (await person.letter()).get_content()


async def test_who_resets_a_password_gets_in_whatever_strangers_go_on_guessing(
    app: FastAPI, settings: Settings
) -> None:
    """A lock-out that could lock others out: guesses keep the account's door shut, but not to who held the letter."""
    person = await arrived(app, settings)
    with time_machine.travel(clock.now(), tick=False):
        await person.client.post("/api/v1/auth/reset", json={"email": person.email})
        person.password = "another tree in the sun"
        sent = {"token": token_in(await person.letter()), "password": person.password}
        known = (await person.client.post("/api/v1/auth/reset/confirm", json=sent)).json()
        async with browser(app) as stranger:
            for _ in range(7):
                guess = {"email": person.email, "password": "a strangers guess"}
                await stranger.post("/api/v1/auth/sign-in", json=guess)
        assert (await person.sign_in()).status_code == 429
        assert (await person.sign_in(device_token=known["device_token"])).status_code == 200
