"""Access tokens as a forger would make them, at the door of the running house; and what a wrong try tells."""

import asyncio
import base64
import hmac
import json
from datetime import timedelta
from typing import Any

import httpx
import pytest
import time_machine
from fastapi import FastAPI
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey
from sqlalchemy import text

from ojas.features.identity import service
from ojas.features.identity.service import signing
from ojas.features.identity.service.ground import passwords
from ojas.kit import clock
from ojas.kit.auth import Signers, SigningKey
from ojas.kit.auth.tokens import LIFE, NOTICE, TERM
from ojas.kit.db import Access, Database
from ojas.kit.settings import Settings
from tests.features.identity.cast import Person, arrived, browser
from tests.features.identity.test_sessions import refreshed


def part(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def opened(token: str, place: int) -> dict[str, Any]:
    text = token.split(".")[place]
    found = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    assert isinstance(found, dict)
    return found


async def signers(app: FastAPI) -> Signers:
    """The house's own keys: what follows is wrong in one thing alone, and right in all others."""
    async with app.state.house.database.transaction(Access.system("sign_in")) as tx:
        return await signing.signers(tx)


async def answered(person: Person, token: str) -> int:
    headers = {"authorization": f"Bearer {token}"}
    return (await person.client.get("/api/v1/account", headers=headers)).status_code


async def forged(
    app: FastAPI, person: Person, header: dict[str, Any], claims: dict[str, Any], key: Any = None
) -> str:
    """A token signed with the house's true key, but for what is said otherwise."""
    head, body = opened(person.tokens["access_token"], 0), opened(person.tokens["access_token"], 1)
    known = {one.kid: one for one in (await signers(app)).keys}
    key = key or known[head["kid"]].key
    head = {name: value for name, value in (head | header).items() if value is not None}
    body |= claims
    return jwt.encode(head, body, key, algorithms=[head["alg"]], default_type=None)


async def test_the_forgers_own_copy_of_a_true_token_is_believed(app: FastAPI, settings: Settings) -> None:
    """Else the tests below could pass for want of anything that is believed."""
    person = await arrived(app, settings)
    assert await answered(person, await forged(app, person, {}, {})) == 200


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://evil.example"},
        {"iss": "http://localhost:8000/"},
        {"aud": "https://evil.example/api"},
        {"aud": ["https://evil.example/api"]},
        {"aud": "http://localhost:8000"},
        {"exp": 0},
        {"sub": "00000000-0000-7000-8000-000000000000"},
        {"sid": "00000000-0000-7000-8000-000000000000"},
        {"iat": 4102444800, "exp": 4102445400},
        {"nbf": 4102444800},
    ],
    ids=lambda claims: ",".join(f"{name}={value}" for name, value in claims.items()),
)
async def test_a_truly_signed_token_for_another_place_time_or_person_is_nobody(
    app: FastAPI, settings: Settings, claims: dict[str, Any]
) -> None:
    person = await arrived(app, settings)
    assert await answered(person, await forged(app, person, {}, claims)) == 401


async def test_a_token_cannot_live_longer_than_tokens_do(app: FastAPI, settings: Settings) -> None:
    person = await arrived(app, settings)
    now = int(clock.now().timestamp())
    longer = await forged(app, person, {}, {"exp": now + int(LIFE.total_seconds()) + 60, "iat": now})
    assert await answered(person, longer) == 401


async def test_no_signature_and_no_confusion_of_algorithms_is_believed(
    app: FastAPI, settings: Settings
) -> None:
    person = await arrived(app, settings)
    _, body, signature = person.tokens["access_token"].split(".")
    kid = opened(person.tokens["access_token"], 0)["kid"]
    for name in ("none", "None", "NONE", ""):
        unsigned = part({"alg": name, "kid": kid, "typ": "at+jwt"})
        assert await answered(person, f"{unsigned}.{body}.") == 401
        assert await answered(person, f"{unsigned}.{body}.{signature}") == 401
    (public,) = [
        key for key in (await person.client.get("/.well-known/jwks.json")).json()["keys"] if key["kid"] == kid
    ]
    pem = ECKey.import_key(public).as_pem(private=False)
    raw = base64.urlsafe_b64decode(public["x"] + "=" * (-len(public["x"]) % 4))
    confused = f"{part({'alg': 'HS256', 'kid': kid, 'typ': 'at+jwt'})}.{body}"
    for secret in (pem, json.dumps(public).encode(), kid.encode(), raw, b""):
        # By hand: no library signs with a public key.
        made = base64.urlsafe_b64encode(hmac.digest(secret, confused.encode(), "sha256")).decode().rstrip("=")
        assert await answered(person, f"{confused}.{made}") == 401


async def test_a_key_the_token_names_or_brings_is_not_asked(app: FastAPI, settings: Settings) -> None:
    person = await arrived(app, settings)
    own = ECKey.generate_key("P-256")
    for header in (
        {"jwk": own.as_dict(private=False)},
        {"jku": "https://evil.example/keys"},
        {"x5u": "https://evil.example/chain"},
        {"kid": own.thumbprint()},
        {"kid": "../../../dev/null"},
        {"kid": "' OR 1=1 --"},
    ):
        assert await answered(person, await forged(app, person, header, {}, own)) == 401
    rsa = RSAKey.generate_key(2048)
    assert await answered(person, await forged(app, person, {"alg": "RS256"}, {}, rsa)) == 401


async def test_another_kind_of_token_is_no_access_token(app: FastAPI, settings: Settings) -> None:
    person = await arrived(app, settings)
    for kind in ("JWT", "id+jwt", "logout+jwt", None):
        assert await answered(person, await forged(app, person, {"typ": kind}, {})) == 401
    for other in (person.tokens["refresh_token"], person.tokens["device_token"]):
        assert await answered(person, other) == 401


async def test_a_token_of_a_dropped_key_ends_and_one_of_the_overlap_does_not(
    app: FastAPI, settings: Settings, database: Database
) -> None:
    """A key that has had an heir for long enough is dropped; until then both are in the set and both are believed."""
    person = await arrived(app, settings)
    async with database.transaction(Access.system("sign_in")) as tx:
        await service.rotate(tx, now_due=True)
    async with app.state.house.database.transaction(Access.system("sign_in")) as tx:
        await service.rotate(tx)
    kids = [key["kid"] for key in (await person.client.get("/.well-known/jwks.json")).json()["keys"]]
    assert opened(person.tokens["access_token"], 0)["kid"] in kids[:-1]
    assert await answered(person, person.tokens["access_token"]) == 200
    with time_machine.travel(clock.now() + NOTICE, tick=False):
        fresh = (await refreshed(person)).json()
        assert opened(fresh["access_token"], 0)["kid"] == kids[-1]
        assert await answered(person, fresh["access_token"]) == 200


def test_a_dropped_key_believes_nothing() -> None:
    at = clock.now()
    old, heir = SigningKey.new("ES256", at - TERM), SigningKey.new("ES256", at)
    both = Signers([old, heir], issuer="i", audience="a")
    late = at + NOTICE + LIFE + timedelta(hours=1)
    assert both.spent(late) == [old]
    assert both.signing(late) == heir


async def test_neither_words_nor_work_of_a_refusal_tell_whether_an_account_exists(
    app: FastAPI, settings: Settings
) -> None:
    """The same status, the same words, the same headers; and one hash each, counted rather than timed."""
    person = await arrived(app, settings)
    hashes: list[int] = []
    told: list[tuple[int, Any, list[str]]] = []
    verdict = passwords()._verdict
    for email in (person.email, f"nobody.{person.email}"):
        done = 0

        def counted(*sent: Any) -> Any:
            nonlocal done
            done += 1
            return verdict(*sent)

        passwords()._verdict = counted  # type: ignore[method-assign]  # counted, and done all the same
        try:
            async with browser(app) as client:
                sent = {"email": email, "password": "a strangers guess"}
                answer: httpx.Response = await client.post("/api/v1/auth/sign-in", json=sent)
        finally:
            passwords()._verdict = verdict  # type: ignore[method-assign]
        hashes.append(done)
        body = {name: value for name, value in answer.json().items() if name != "request"}
        told.append((answer.status_code, body, sorted(answer.headers)))
    assert hashes == [1, 1]
    assert told[0] == told[1]


async def test_one_guesser_at_one_account_does_not_slow_another_account(
    app: FastAPI, settings: Settings
) -> None:
    victim, other = await arrived(app, settings), await arrived(app, settings, "Other")
    with time_machine.travel(clock.now(), tick=False):
        async with browser(app) as guesser:
            for _ in range(8):
                sent = {"email": victim.email, "password": "a strangers guess"}
                await guesser.post("/api/v1/auth/sign-in", json=sent)
        assert (await victim.sign_in()).status_code == 429
        assert (await other.sign_in()).status_code == 200


async def test_guesses_at_the_proof_are_slowed_and_end_nobodys_session(
    app: FastAPI, settings: Settings
) -> None:
    person = await arrived(app, settings)
    with time_machine.travel(clock.now(), tick=False):
        tries = [
            (await person.ask("POST", "/account/proof", json={"password": "a wrong one"})).status_code
            for _ in range(7)
        ]
    assert tries == [403] * 5 + [429] * 2
    assert (await person.ask("GET", "/account")).status_code == 200


async def test_of_many_guesses_at_once_no_more_are_looked_at_than_one_after_the_other(
    app: FastAPI, settings: Settings
) -> None:
    person = await arrived(app, settings)
    looked_at = 0
    with time_machine.travel(clock.now(), tick=False):
        for _ in range(8):
            answers = await asyncio.gather(*(person.sign_in(password=f"guess number {n}") for n in range(6)))
            looked_at += sum(answer.status_code == 401 for answer in answers)
        assert looked_at == 5
        assert (await person.sign_in()).status_code == 429


async def test_who_came_in_and_who_was_refused_is_in_the_trail(
    app: FastAPI, settings: Settings, database: Database
) -> None:
    person = await arrived(app, settings)
    await person.sign_in(password="a strangers guess")
    await person.sign_in()
    async with database.transaction(Access.of(person.id)) as tx:
        found = await tx.session.execute(
            text("SELECT subjects FROM audit_events WHERE action = 'sign-in' ORDER BY id")
        )
        assert [row.subjects for row in found] == [["account"], ["refused"], ["account"]]
