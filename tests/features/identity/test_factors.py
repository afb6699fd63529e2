"""Second factors and passkeys."""

import copy
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from fastapi import FastAPI

from ojas.kit import clock
from ojas.kit.auth import codes
from ojas.kit.settings import Settings
from tests.features.identity.cast import Person, arrived, browser, with_app
from tests.kit.auth.authenticator import Authenticator


async def halfway(person: Person) -> str:
    answer = (await person.sign_in()).json()
    assert answer["second_factor"] == "required"
    return str(answer["ticket"])


async def finished(person: Person, ticket: str, code: str) -> int:
    sent = {"ticket": ticket, "code": code}
    answer = await person.client.post("/api/v1/auth/second-factor", json=sent)
    if answer.status_code == 200:
        person.tokens = answer.json()
    return answer.status_code


async def test_with_an_app_the_password_alone_does_not_let_in(app: FastAPI, settings: Settings) -> None:
    person = await arrived(app, settings)
    secret, _ = await with_app(person)
    assert (await person.ask("GET", "/account")).json()["second_factor"] is True
    ticket = await halfway(person)
    assert await finished(person, ticket, "000000") == 401
    with time_machine.travel(clock.now() + timedelta(seconds=30)):
        assert await finished(person, ticket, codes.code_at(secret, clock.now())) == 200
    (session, *_) = (await person.ask("GET", "/account/sessions")).json()
    assert session["methods"] == ["password", "totp"]


async def test_a_code_lets_in_once(app: FastAPI, settings: Settings) -> None:
    person = await arrived(app, settings)
    secret, _ = await with_app(person)
    with time_machine.travel(clock.now() + timedelta(seconds=60), tick=False):
        code = codes.code_at(secret, clock.now())
        ticket = await halfway(person)
        assert await finished(person, ticket, code) == 200
        assert await finished(person, ticket, code) == 401  # the ticket is spent
        assert await finished(person, await halfway(person), code) == 401  # and so is the code


async def test_the_code_that_set_the_app_up_does_not_let_in(app: FastAPI, settings: Settings) -> None:
    person = await arrived(app, settings)
    with time_machine.travel(clock.now(), tick=False):
        secret, _ = await with_app(person)
        assert await finished(person, await halfway(person), codes.code_at(secret, clock.now())) == 401


async def test_the_wait_for_a_code_ends_after_five_minutes(app: FastAPI, settings: Settings) -> None:
    person = await arrived(app, settings)
    secret, _ = await with_app(person)
    ticket = await halfway(person)
    with time_machine.travel(clock.now() + timedelta(minutes=5, seconds=1)):
        assert await finished(person, ticket, codes.code_at(secret, clock.now())) == 401


async def test_guessing_codes_is_slowed(app: FastAPI, settings: Settings) -> None:
    person = await arrived(app, settings)
    await with_app(person)
    with time_machine.travel(clock.now(), tick=False):
        ticket = await halfway(person)
        answers = [await finished(person, ticket, f"{n:06}") for n in range(7)]
    assert answers.count(429) >= 1
    assert set(answers) <= {401, 429}


async def test_each_recovery_code_lets_in_once(app: FastAPI, settings: Settings) -> None:
    person = await arrived(app, settings)
    _, recovery = await with_app(person)
    assert await finished(person, await halfway(person), recovery[0].upper().replace("-", " ")) == 200
    assert await finished(person, await halfway(person), recovery[0]) == 401
    assert await finished(person, await halfway(person), recovery[1]) == 200
    assert (await person.ask("GET", "/account")).json()["recovery_codes_left"] == 8


async def test_fresh_recovery_codes_end_the_old_ones(app: FastAPI, settings: Settings) -> None:
    person = await arrived(app, settings)
    _, old = await with_app(person)
    new = (await person.ask("POST", "/account/recovery-codes")).json()["codes"]
    assert await finished(person, await halfway(person), old[0]) == 401
    assert await finished(person, await halfway(person), new[0]) == 200


async def test_an_app_that_is_taken_off_is_not_asked_for(app: FastAPI, settings: Settings) -> None:
    person = await arrived(app, settings)
    await with_app(person)
    assert (await person.ask("POST", "/account/totp")).status_code == 409
    assert (await person.ask("DELETE", "/account/totp")).status_code == 204
    assert "access_token" in (await person.sign_in()).json()
    assert (await person.ask("DELETE", "/account/totp")).status_code == 404
    assert (await person.ask("POST", "/account/recovery-codes")).status_code == 409
    assert (await person.letter())["Subject"] == "How you sign in was changed"


async def test_an_app_begun_but_not_confirmed_changes_nothing(app: FastAPI, settings: Settings) -> None:
    person = await arrived(app, settings)
    await person.ask("POST", "/account/totp")
    assert (await person.ask("POST", "/account/totp/confirm", json={"code": "000000"})).status_code == 422
    assert "access_token" in (await person.sign_in()).json()


async def test_a_code_of_the_app_proves_who_one_is(app: FastAPI, settings: Settings) -> None:
    person = await arrived(app, settings)
    secret, _ = await with_app(person)
    with time_machine.travel(clock.now() + timedelta(seconds=60)):
        sent = {"code": codes.code_at(secret, clock.now())}
        assert (await person.ask("POST", "/account/proof", json=sent)).status_code == 204
        assert (await person.ask("POST", "/account/proof", json=sent)).status_code == 403
    assert (await person.ask("POST", "/account/proof", json={})).status_code == 422


async def enrolled(person: Person) -> Authenticator:
    device = Authenticator()
    question = (await person.ask("POST", "/account/passkeys/question")).json()
    sent = {"credential": device.create(question), "label": "My phone"}
    answer = await person.ask("POST", "/account/passkeys", json=sent)
    assert answer.status_code == 201, answer.text
    return device


async def proof(person: Person, device: Authenticator) -> dict[str, Any]:
    question = (await person.client.post("/api/v1/auth/passkeys/question")).json()
    return {"credential": device.get(question)}


async def test_a_passkey_lets_in_without_a_password_even_where_an_app_is_set_up(
    app: FastAPI, settings: Settings
) -> None:
    person = await arrived(app, settings)
    await with_app(person)
    device = await enrolled(person)
    answer = await person.client.post("/api/v1/auth/passkeys", json=await proof(person, device))
    assert answer.status_code == 200
    person.tokens = answer.json()
    (session, *_) = (await person.ask("GET", "/account/sessions")).json()
    assert session["methods"] == ["passkey"]
    (listed,) = (await person.ask("GET", "/account/passkeys")).json()
    assert listed["label"] == "My phone"
    assert listed["used_at"] is not None


async def test_a_proof_by_passkey_is_taken_once(app: FastAPI, settings: Settings) -> None:
    person = await arrived(app, settings)
    sent = await proof(person, await enrolled(person))
    assert (await person.client.post("/api/v1/auth/passkeys", json=sent)).status_code == 200
    assert (await person.client.post("/api/v1/auth/passkeys", json=sent)).status_code == 422


async def test_a_proof_asked_for_five_minutes_ago_is_too_old(app: FastAPI, settings: Settings) -> None:
    person = await arrived(app, settings)
    sent = await proof(person, await enrolled(person))
    with time_machine.travel(clock.now() + timedelta(minutes=5, seconds=1)):
        assert (await person.client.post("/api/v1/auth/passkeys", json=sent)).status_code == 422


async def test_an_unknown_or_altered_passkey_lets_nobody_in(app: FastAPI, settings: Settings) -> None:
    person = await arrived(app, settings)
    device = await enrolled(person)
    assert (
        await person.client.post("/api/v1/auth/passkeys", json=await proof(person, Authenticator()))
    ).status_code == 422
    copied = copy.copy(device)
    copied.key = Authenticator().key
    assert (
        await person.client.post("/api/v1/auth/passkeys", json=await proof(person, copied))
    ).status_code == 422
    for junk in ({}, {"rawId": 1}, {"rawId": "AA", "response": []}, {"response": {"clientDataJSON": "e30"}}):
        assert (
            await person.client.post("/api/v1/auth/passkeys", json={"credential": junk})
        ).status_code == 422


async def test_a_question_asked_of_one_account_enrols_nothing_in_another(
    app: FastAPI, settings: Settings
) -> None:
    person, stranger = await arrived(app, settings), await arrived(app, settings, "Stranger")
    question = (await person.ask("POST", "/account/passkeys/question")).json()
    sent = {"credential": Authenticator().create(question)}
    assert (await stranger.ask("POST", "/account/passkeys", json=sent)).status_code == 422


async def test_one_passkey_is_not_registered_twice(app: FastAPI, settings: Settings) -> None:
    person, other = await arrived(app, settings), await arrived(app, settings, "Other")
    device = await enrolled(person)
    for again in (person, other):
        question = (await again.ask("POST", "/account/passkeys/question")).json()
        answer = await again.ask("POST", "/account/passkeys", json={"credential": device.create(question)})
        assert answer.status_code == 409


async def test_a_passkey_that_is_taken_off_opens_nothing(app: FastAPI, settings: Settings) -> None:
    person, stranger = await arrived(app, settings), await arrived(app, settings, "Stranger")
    device = await enrolled(person)
    (listed,) = (await person.ask("GET", "/account/passkeys")).json()
    assert (await stranger.ask("DELETE", f"/account/passkeys/{listed['id']}")).status_code == 404
    assert (await person.ask("DELETE", f"/account/passkeys/{listed['id']}")).status_code == 204
    assert (
        await person.client.post("/api/v1/auth/passkeys", json=await proof(person, device))
    ).status_code == 422


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/account/totp"),
        ("POST", "/account/totp/confirm"),
        ("DELETE", "/account/totp"),
        ("POST", "/account/recovery-codes"),
        ("POST", "/account/passkeys/question"),
        ("POST", "/account/passkeys"),
        ("PUT", "/account/password"),
        ("POST", "/account/email"),
    ],
)
async def test_how_one_signs_in_changes_only_after_a_fresh_proof(
    app: FastAPI, settings: Settings, method: str, path: str
) -> None:
    person = await arrived(app, settings)
    sent = {
        "/account/totp/confirm": {"code": "123456"},
        "/account/passkeys": {"credential": {}},
        "/account/password": {"password": "my new long password"},
        "/account/email": {"email": "else@example.org"},
    }.get(path)
    with time_machine.travel(clock.now() + timedelta(minutes=10, seconds=5)):
        refresh = {"refresh_token": person.tokens["refresh_token"]}
        person.tokens = (await person.client.post("/api/v1/auth/refresh", json=refresh)).json()
        answer = await person.ask(method, path, json=sent)
    assert answer.status_code == 403, answer.text


async def test_passkeys_are_refused_where_they_could_not_be_bound(app: FastAPI) -> None:
    async with browser(app) as client:
        answer = await client.post("/api/v1/auth/passkeys/question", headers={"host": "192.168.1.7:8000"})
    assert answer.status_code == 503
