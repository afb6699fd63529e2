"""Who signs in here, and from where. Each browser has an address of its own, since wrong tries are counted by address."""

import email
import email.policy
import itertools
import re
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx
from fastapi import FastAPI

from ojas.kit.ids import new_id
from ojas.kit.settings import Settings
from tests.conftest import work_off

PASSWORD = "plum tree in the rain"
_addresses = itertools.count(1)


def browser(app: FastAPI, address: str | None = None) -> httpx.AsyncClient:
    """A browser or an app at an address of its own."""
    address = address or "10.{}.{}.{}".format(
        *((number := next(_addresses)) >> shift & 255 for shift in (16, 8, 0))
    )
    del number
    transport = httpx.ASGITransport(app=app, client=(address, 40000), raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://localhost")


def letters(settings: Settings, to: str) -> list[Any]:
    """The letters that lie in the outbox for an address, oldest first."""
    paths = sorted((settings.home / "outbox").glob("*.eml"))
    found = [email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in paths]
    return [letter for letter in found if letter["To"] == to]


def token_in(letter: Any) -> str:
    found = re.search(r"token=([\w-]+)", letter.get_content())
    assert found, letter.get_content()
    return found[1]


@dataclass
class Person:
    """Somebody with an account, using an app."""

    app: FastAPI
    settings: Settings
    email: str
    password: str = PASSWORD
    tokens: dict[str, Any] = field(default_factory=dict)
    client: httpx.AsyncClient = field(init=False)

    def __post_init__(self) -> None:
        self.client = browser(self.app)

    @property
    def id(self) -> UUID:
        return UUID(self.tokens["person_id"])

    @property
    def account_id(self) -> UUID:
        return UUID(self.tokens["account_id"])

    @property
    def bearer(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.tokens['access_token']}"}

    async def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        """As the one who is signed in."""
        headers = self.bearer | more.pop("headers", {})
        return await self.client.request(method, f"/api/v1{path}", headers=headers, **more)

    async def sign_in(self, **more: Any) -> httpx.Response:
        sent = {"email": self.email, "password": self.password, **more}
        answer = await self.client.post("/api/v1/auth/sign-in", json=sent)
        if answer.status_code == 200 and "access_token" in answer.json():
            self.tokens = answer.json()
        return answer

    async def letter(self) -> Any:
        """The newest letter to this person, once every job is done."""
        await work_off(self.app)
        return letters(self.settings, self.email)[-1]


async def registered(app: FastAPI, settings: Settings, name: str = "Asha Rao", **more: str) -> Person:
    """Somebody who asked for an account and has not opened the letter yet."""
    person = Person(app, settings, f"{name.split()[0].lower()}.{new_id().hex[-12:]}@example.org")
    sent = {"email": person.email, "password": PASSWORD, "name": name, **more}
    answer = await person.client.post("/api/v1/auth/register", json=sent)
    assert answer.status_code == 202, answer.text
    return person


async def arrived(app: FastAPI, settings: Settings, name: str = "Asha Rao", **more: str) -> Person:
    """Somebody who registered, opened the letter, and is in."""
    person = await registered(app, settings, name, **more)
    sent = {"token": token_in(await person.letter()), "password": PASSWORD}
    answer = await person.client.post("/api/v1/auth/verify", json=sent)
    assert answer.status_code == 200, answer.text
    person.tokens = answer.json()
    return person


async def with_app(person: Person) -> tuple[str, list[str]]:
    """Set up an authenticator app. Answers its secret and the recovery codes."""
    from ojas.kit import clock
    from ojas.kit.auth import codes

    offered = (await person.ask("POST", "/account/totp")).json()
    code = codes.code_at(offered["secret"], clock.now())
    answer = await person.ask("POST", "/account/totp/confirm", json={"code": code})
    assert answer.status_code == 200, answer.text
    return offered["secret"], answer.json()["codes"]
