"""Second factors and passkeys as an attacker would use them: seen over a shoulder, relayed, copied, sent twice at once."""

import asyncio
import copy
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from fastapi import FastAPI
from sqlalchemy import text

from ojas.kit import clock
from ojas.kit.auth import codes
from ojas.kit.db import Access, Database
from ojas.kit.settings import Settings
from tests.features.identity.cast import Person, arrived, with_app
from tests.features.identity.test_factors import enrolled, finished, halfway, proof
from tests.features.identity.test_pages import form_token, signed_in
from tests.kit.auth.authenticator import Authenticator

LATER = timedelta(minutes=11)


async def asked(person: Person) -> Any:
    return await person.ask("POST", "/account/proof/passkey/question")


async def proved(person: Person, device: Authenticator, question: dict[str, Any] | None = None) -> int:
    question = question or (await asked(person)).json()
    sent = {"credential": device.get(question)}
    return (await person.ask("POST", "/account/proof/passkey", json=sent)).status_code


async def fresh(person: Person) -> bool:
    return (await person.ask("POST", "/account/passkeys/question")).status_code == 200


async def renewed(person: Person) -> None:
    sent = {"refresh_token": person.tokens["refresh_token"]}
    person.tokens = (await person.client.post("/api/v1/auth/refresh", json=sent)).json()


async def test_a_code_sent_many_times_at_once_is_taken_once(app: FastAPI, settings: Settings) -> None:
    person = await arrived(app, settings)
    secret, _ = await with_app(person)
    with time_machine.travel(clock.now() + timedelta(minutes=1), tick=False):
        tickets = [await halfway(person) for _ in range(6)]
        code = codes.code_at(secret, clock.now())
        answers = await asyncio.gather(*(finished(person, ticket, code) for ticket in tickets))
        assert answers.count(200) == 1
        assert set(answers) <= {200, 401, 429}


async def test_a_recovery_code_sent_many_times_at_once_is_taken_once(
    app: FastAPI, settings: Settings
) -> None:
    person = await arrived(app, settings)
    _, recovery = await with_app(person)
    tickets = [await halfway(person) for _ in range(6)]
    answers = await asyncio.gather(*(finished(person, ticket, recovery[0]) for ticket in tickets))
    assert answers.count(200) == 1


async def test_a_code_that_signed_in_is_no_proof_and_none_that_proved_signs_in(
    app: FastAPI, settings: Settings
) -> None:
    person = await arrived(app, settings)
    secret, _ = await with_app(person)
    with time_machine.travel(clock.now() + timedelta(minutes=1), tick=False) as time:
        code = codes.code_at(secret, clock.now())
        assert await finished(person, await halfway(person), code) == 200
        assert (await person.ask("POST", "/account/proof", json={"code": code})).status_code == 403
        time.shift(timedelta(seconds=60))
        code = codes.code_at(secret, clock.now())
        assert (await person.ask("POST", "/account/proof", json={"code": code})).status_code == 204
        assert await finished(person, await halfway(person), code) == 401


async def test_a_code_of_the_step_before_the_last_one_used_is_refused(
    app: FastAPI, settings: Settings
) -> None:
    """Within its window a code is good for three steps: but never one older than what was used."""
    person = await arrived(app, settings)
    secret, _ = await with_app(person)
    with time_machine.travel(clock.now() + timedelta(minutes=2), tick=False):
        older = codes.code_at(secret, clock.now() - timedelta(seconds=30))
        code = codes.code_at(secret, clock.now())
        assert await finished(person, await halfway(person), code) == 200
        assert await finished(person, await halfway(person), older) == 401


async def test_who_has_a_passkey_and_no_password_can_prove_who_they_are(
    app: FastAPI, settings: Settings, database: Database
) -> None:
    person = await arrived(app, settings)
    device = await enrolled(person)
    async with database.transaction(Access.system("sign_in")) as tx:
        await tx.session.execute(
            text("DELETE FROM credentials WHERE account_id = :id AND kind = 'password'"),
            {"id": person.account_id},
        )
    assert (await person.ask("GET", "/account")).json()["password"] is False
    with time_machine.travel(clock.now() + LATER, tick=False):
        await renewed(person)
        assert not await fresh(person)
        assert await proved(person, device) == 204
        assert await fresh(person)


async def test_the_page_that_asks_takes_a_passkey_and_renews_the_cookie(
    app: FastAPI, settings: Settings
) -> None:
    person = await arrived(app, settings)
    device = await enrolled(person)
    async with signed_in(app, person) as client:
        with time_machine.travel(clock.now() + LATER):
            shown = await client.get("/settings/confirm?next=/settings/password")
            assert "Before you go on, show once more that it is you." in shown.text
            assert 'data-passkey="prove"' in shown.text
            headers = {"x-form-token": form_token(shown)}
            bare = await client.post("/settings/confirm/passkey/question", json={})
            assert bare.status_code == 403
            question = await client.post("/settings/confirm/passkey/question", json={}, headers=headers)
            sent = {"credential": device.get(question.json()), "next": "//evil.example"}
            copied = client.cookies["ojas"]
            answer = await client.post("/settings/confirm/passkey/answer", json=sent, headers=headers)
            assert answer.json() == {"next": "/"}
            assert client.cookies["ojas"] != copied
            assert (await client.get("/settings/password")).status_code == 200


async def test_a_page_offers_no_passkey_to_who_has_none(app: FastAPI, settings: Settings) -> None:
    person = await arrived(app, settings)
    assert (await asked(person)).status_code == 404
    async with signed_in(app, person) as client:
        assert "data-passkey" not in (await client.get("/settings/confirm")).text


async def test_a_proof_is_good_for_its_own_question_its_own_account_and_once(
    app: FastAPI, settings: Settings
) -> None:
    person, stranger = await arrived(app, settings), await arrived(app, settings, "Stranger")
    device, theirs = await enrolled(person), await enrolled(stranger)
    question = (await asked(person)).json()
    assert [one["id"] for one in question["allowCredentials"]]
    assert await proved(stranger, device, question) == 422  # asked of another
    assert await proved(person, theirs) == 422  # answered by another
    question = (await asked(person)).json()
    reply = {"credential": device.get(question)}
    answers = [(await person.ask("POST", "/account/proof/passkey", json=reply)).status_code for _ in range(2)]
    assert answers == [204, 422]


async def test_a_proof_signs_nobody_in_and_a_sign_in_proves_nothing(app: FastAPI, settings: Settings) -> None:
    person = await arrived(app, settings)
    device = await enrolled(person)
    reply = {"credential": device.get((await asked(person)).json())}
    assert (await person.client.post("/api/v1/auth/passkeys", json=reply)).status_code == 422
    reply = await proof(person, device)
    assert (await person.ask("POST", "/account/proof/passkey", json=reply)).status_code == 422


async def test_a_proof_asked_for_five_minutes_ago_is_too_old(app: FastAPI, settings: Settings) -> None:
    person = await arrived(app, settings)
    device = await enrolled(person)
    question = (await asked(person)).json()
    with time_machine.travel(clock.now() + timedelta(minutes=5, seconds=1)):
        assert await proved(person, device, question) == 422


@pytest.mark.parametrize(
    "bent",
    [
        {"origin": "https://evil.example"},
        {"origin": "http://localhost:8001"},
        {"origin": "http://localhost.evil.example"},
        {"verified": False},
    ],
)
async def test_a_passkey_relayed_by_another_site_or_without_its_user_opens_nothing(
    app: FastAPI, settings: Settings, bent: dict[str, Any]
) -> None:
    person = await arrived(app, settings)
    device = await enrolled(person)
    for name, value in bent.items():
        setattr(device, name, value)
    assert (
        await person.client.post("/api/v1/auth/passkeys", json=await proof(person, device))
    ).status_code == 422
    assert await proved(person, device) == 422


async def test_a_passkey_made_for_another_relying_party_opens_nothing(
    app: FastAPI, settings: Settings
) -> None:
    person = await arrived(app, settings)
    device = await enrolled(person)
    question = (await person.client.post("/api/v1/auth/passkeys/question")).json()
    sent = {"credential": device.get({**question, "rpId": "evil.example"})}
    assert (await person.client.post("/api/v1/auth/passkeys", json=sent)).status_code == 422


async def test_a_copied_passkey_is_noticed_by_its_count(app: FastAPI, settings: Settings) -> None:
    person = await arrived(app, settings)
    device = await enrolled(person)
    copied = copy.copy(device)
    for _ in range(2):
        answer = await person.client.post("/api/v1/auth/passkeys", json=await proof(person, device))
        assert answer.status_code == 200
    answer = await person.client.post("/api/v1/auth/passkeys", json=await proof(person, copied))
    assert answer.status_code == 422


async def test_what_somebody_calls_a_passkey_lies_sealed(
    app: FastAPI, settings: Settings, database: Database
) -> None:
    person = await arrived(app, settings)
    await enrolled(person)
    (listed,) = (await person.ask("GET", "/account/passkeys")).json()
    assert listed["label"] == "My phone"
    async with database.transaction(Access.system("sign_in")) as tx:
        rows = await tx.session.scalars(
            text("SELECT c::text FROM credentials c WHERE account_id = :id"), {"id": person.account_id}
        )
        assert not [row for row in rows if "My phone" in row or b"My phone".hex() in row]


async def test_the_wait_for_a_code_ends_with_the_password_it_began_with(
    app: FastAPI, settings: Settings
) -> None:
    person = await arrived(app, settings)
    _, recovery = await with_app(person)
    thiefs = await halfway(person)
    changed = await person.ask("PUT", "/account/password", json={"password": "my own new tree"})
    assert changed.status_code == 204
    assert await finished(person, thiefs, recovery[0]) == 401
