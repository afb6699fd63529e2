"""Somebody with an account, and a mail server that keeps what it is given, or misbehaves."""

import asyncio
import base64
import email
import socket
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from email.message import EmailMessage
from email.policy import default
from uuid import UUID

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from pydantic import SecretStr

from ojas.features.identity import service as identity
from ojas.features.identity.schemas import Preferences
from ojas.features.notifications.channels.way import Address, Parcel, Piece
from ojas.features.notifications.rules import Urgency
from ojas.features.notifications.schemas import Said
from ojas.house import features
from ojas.kit.db import Access, Database
from ojas.kit.i18n import Manner
from ojas.kit.ids import new_id
from ojas.kit.jobs import Context
from ojas.kit.settings import Settings

from .browser import Browser
from .vendor import Vendor, vending


@dataclass
class Keeper:
    """The mail server's handler. ``answer``: what it says to a letter instead of taking it."""

    letters: list[EmailMessage] = field(default_factory=list)
    answer: str | None = None
    slow: set[str] = field(default_factory=set)
    """Addresses whose letters it thinks about for as long as they are here."""

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  # aiosmtpd's name
        if self.answer:
            return self.answer
        while self.slow & set(envelope.rcpt_tos):  # noqa: ASYNC110  # a test's loop changes it, this is the server's
            await asyncio.sleep(0.05)
        self.letters.append(email.message_from_bytes(envelope.content, policy=default))  # type: ignore[arg-type]
        return "250 taken"

    def to(self, address: str) -> list[EmailMessage]:
        return [letter for letter in self.letters if letter["To"] == address]


@pytest.fixture
def mailbox() -> Iterator[tuple[Keeper, int]]:
    keeper = Keeper()
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(keeper, hostname="127.0.0.1", port=port)
    controller.start()
    yield keeper, port
    controller.stop()


@pytest.fixture
def keeper(mailbox: tuple[Keeper, int]) -> Keeper:
    return mailbox[0]


@pytest.fixture
def context(database: Database, settings: Settings, mailbox: tuple[Keeper, int]) -> Context:
    """A worker's, whose letters go to the keeper."""
    posted = settings.model_copy(update={"smtp_url": SecretStr(f"smtp://127.0.0.1:{mailbox[1]}")})
    return Context(database, posted, features())


@dataclass(frozen=True)
class Reader:
    account_id: UUID
    person_id: UUID
    email: str


@pytest.fixture
async def reader(database: Database) -> Reader:
    return await a_reader(database)


async def a_reader(database: Database, language: str = "en") -> Reader:
    address = f"{new_id().hex}@example.org"
    async with database.transaction(Access.system("sign_in")) as tx:
        preferences = Preferences(language=language)  # type: ignore[arg-type]
        account_id, person_id = await identity.create_account(
            tx, email=address, name="Asha", password="plum tree in the rain", preferences=preferences
        )
    return Reader(account_id, person_id, address)


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    with vending() as opened:
        yield opened


@pytest.fixture
def reaching(context: Context, vendor: Vendor) -> Context:
    """A worker's in a house that may reach the loopback, and has an SMS vendor there."""
    settings = context.settings.model_copy(update={"reach_inside": True, **vendor.addresses})
    return replace(context, settings=settings)


@pytest.fixture
def parcel() -> Parcel:
    browser = Browser("")
    keys = browser.subscription.keys.model_dump()
    said = Said("A title", "A text", "/notifications", door="https://ojas.example/act/abc")
    piece = Piece(new_id(), "tests.asking", Urgency.HIGH, said)
    secret = "whsec_" + base64.b64encode(b"k" * 24).decode()
    return Parcel(
        new_id(), Address("", {**keys, "secret": secret}), (piece,), Manner(), "https://ojas.example"
    )
