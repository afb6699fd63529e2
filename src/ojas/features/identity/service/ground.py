"""What the verbs of identity stand on: keys of the house, the area of sign-in, acting for one person."""

from dataclasses import replace
from functools import cache
from typing import Literal
from uuid import UUID

from ojas.features.identity import models
from ojas.kit import audit, crypto, events
from ojas.kit.auth import Passwords
from ojas.kit.db import Access, Tx
from ojas.kit.ids import new_id
from ojas.kit.settings import settings

AREA = "sign_in"

LetterKind = Literal[
    "verify",
    "already",
    "reset",
    "change-email",
    "password-changed",
    "email-changed",
    "factor-changed",
    "stolen",
]


@cache
def passwords() -> Passwords:
    """The process's one place to hash."""
    return Passwords()


def origin() -> str:
    """The address users see, without a slash at the end."""
    known = settings()
    return (known.public_url or f"http://localhost:{known.port}").rstrip("/")


def house_key(tx: Tx, use: str) -> crypto.DataKey:
    """A key for what belongs to no person, such as a secret needed before anybody is known."""
    return crypto.DataKey(tx.database.keyring.master.derive(use), 1)


def index_of(tx: Tx, email: str) -> bytes:
    """What finds an address without showing it."""
    return crypto.blind_index(tx.database.keyring.master.derive("index:email"), email)


def at_the_door(tx: Tx) -> Access:
    """The present access, with the tables of sign-in open."""
    return replace(tx.access, area=AREA)


def for_person(tx: Tx, person_id: UUID, account_id: UUID | None = None) -> Access:
    """The present access, and all of one person's data; for the verbs a person does on themselves."""
    joined = tx.access.joined(Access.of(person_id))
    return replace(joined, account_id=account_id) if account_id else joined


async def note(tx: Tx, account: models.Account, action: audit.Action, subject: str) -> None:
    """Write into the trail of the account's own person."""
    async with tx.acting(for_person(tx, account.person_id, account.id)):
        await audit.changed(tx, action, account.person_id, subject, account.id)
        await tx.session.flush()


async def letter(
    tx: Tx, kind: LetterKind, account: models.Account | None, ticket: UUID | None = None
) -> None:
    """Have a letter written once this transaction stands. For no account, the same work, and no letter."""
    await events.emit(
        tx,
        "identity.letter.due",
        person_id=account.person_id if account else new_id(),
        account_id=account.id if account else new_id(),
        kind=kind,
        ticket_id=ticket,
    )
