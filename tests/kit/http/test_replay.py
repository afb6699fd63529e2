"""What is kept to answer a repeated request: never a secret, and no way back to what was sent."""

import hashlib
import re
from typing import Any, get_args

import pytest
from fastapi import FastAPI
from pydantic import BaseModel
from sqlalchemy import text
from tests.features.identity.cast import Person, arrived, with_app
from tests.features.identity.test_pages import form_token, signed_in
from tests.routes import changing, forms

from ojas.kit import clock
from ojas.kit.auth import codes
from ojas.kit.db import Access, Database
from ojas.kit.ids import new_id
from ojas.kit.settings import Settings

SECRET = re.compile(r"(^|_)(token|secret|ticket)$")


async def kept(database: Database, person: Person, key: str) -> Any:
    async with database.transaction(Access(account_id=person.account_id)) as tx:
        found = await tx.session.execute(
            text("SELECT request_hash, sealed FROM answers WHERE key = :key"), {"key": key}
        )
        return found.one()


async def twice(person: Person, method: str, path: str, **more: Any) -> tuple[Any, Any, str]:
    key = str(new_id())
    headers = {"idempotency-key": key}
    first = await person.ask(method, path, headers=headers, **more)
    again = await person.ask(method, path, headers=headers, **more)
    return first, again, key


async def test_a_secret_is_shown_once_whatever_key_the_request_had(
    app: FastAPI, settings: Settings, database: Database
) -> None:
    person = await arrived(app, settings)
    first, again, key = await twice(person, "POST", "/account/totp")
    assert (first.status_code, again.status_code) == (200, 409)
    assert "shown once" in again.json()["title"]
    assert (await kept(database, person, key)).sealed is None
    code = codes.code_at(first.json()["secret"], clock.now())
    first, again, key = await twice(person, "POST", "/account/totp/confirm", json={"code": code})
    assert (first.status_code, again.status_code) == (200, 409)
    assert (await kept(database, person, key)).sealed is None
    first, again, key = await twice(person, "POST", "/account/recovery-codes")
    assert (first.status_code, again.status_code) == (200, 409)
    assert (await kept(database, person, key)).sealed is None


async def test_a_secret_is_not_made_again_by_a_repeated_request(app: FastAPI, settings: Settings) -> None:
    person = await arrived(app, settings)
    await with_app(person)
    first, _, _ = await twice(person, "POST", "/account/recovery-codes")
    ticket = (await person.sign_in()).json()["ticket"]
    sent = {"ticket": ticket, "code": first.json()["codes"][0]}
    assert (await person.client.post("/api/v1/auth/second-factor", json=sent)).status_code == 200


async def test_a_page_with_recovery_codes_is_not_kept_either(
    app: FastAPI, settings: Settings, database: Database
) -> None:
    person = await arrived(app, settings)
    async with signed_in(app, person) as client:
        await with_app(person)
        shown = await client.get("/settings/security")
        sent, headers = {"form_token": form_token(shown)}, {"idempotency-key": "page-codes"}
        assert (await client.post("/settings/codes", data=sent, headers=headers)).status_code == 200
        assert (await client.post("/settings/codes", data=sent, headers=headers)).status_code == 409
    assert (await kept(database, person, "page-codes")).sealed is None


async def test_what_was_sent_cannot_be_guessed_from_what_is_kept(
    app: FastAPI, settings: Settings, database: Database
) -> None:
    """A plain digest of a request with a password would tell a thief of the database when a guess is right."""
    person = await arrived(app, settings)
    content = b'{"password":"my own new tree"}'
    headers = {"idempotency-key": str(new_id()), "content-type": "application/json"}
    answer = await person.ask("PUT", "/account/password", content=content, headers=headers)
    assert answer.status_code == 204, answer.text
    plain = hashlib.sha256(b"PUT /api/v1/account/password\n" + content).digest()
    found = await kept(database, person, headers["idempotency-key"])
    assert len(found.request_hash) == len(plain)
    assert found.request_hash != plain


def tells(model: Any) -> bool:
    """Whether an answer of this type may hold a secret: by the name of a field, or bare codes (a diagnosis has them coded)."""
    parts = [
        part for part in (model, *get_args(model)) if isinstance(part, type) and issubclass(part, BaseModel)
    ]
    fields = [(name, info.annotation) for part in parts for name, info in part.model_fields.items()]
    return any(SECRET.search(name) or (name == "codes" and kind == list[str]) for name, kind in fields)


def test_every_answer_that_holds_a_secret_says_so() -> None:
    telling = [route for route in changing() if tells(route.response_model)]
    assert len(telling) >= 8
    unmarked = [route.path for route in telling if not getattr(route.endpoint, "tells_secrets", False)]
    assert unmarked == []


@pytest.mark.parametrize(
    "path",
    ["/settings/codes", "/settings/app", "/settings/confirm", "/sign-in", "/second-factor", "/verify"],
)
def test_the_pages_that_show_secrets_say_so(path: str) -> None:
    (route,) = [route for route in forms() if route.path == path]
    assert getattr(route.endpoint, "tells_secrets", False)
