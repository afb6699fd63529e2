"""Accounts, their roles, their credentials, their tickets."""

from collections.abc import Collection as Several
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, select, update

from ojas.features.identity.models import Account, Credential, RoleGiven, Ticket
from ojas.kit import clock
from ojas.kit.db import Rows, Tx


async def by_index(tx: Tx, email_index: bytes) -> Account | None:
    return await tx.session.scalar(select(Account).where(Account.email_index == email_index))


async def by_id(tx: Tx, account_id: UUID) -> Account | None:
    return await tx.session.get(Account, account_id)


async def by_person(tx: Tx, person_id: UUID) -> Account | None:
    return await tx.session.scalar(select(Account).where(Account.person_id == person_id))


async def id_of(tx: Tx, person_id: UUID) -> UUID | None:
    found: UUID | None = await tx.session.scalar(select(Account.id).where(Account.person_id == person_id))
    return found


_IDS_OF = Rows(
    "SELECT person_id, accounts.id FROM {rows} JOIN accounts USING (person_id)", {"person_id": "uuid"}
)


async def ids_of(tx: Tx, person_ids: Several[UUID]) -> dict[UUID, UUID]:
    found = await _IDS_OF.run(tx, [{"person_id": person} for person in person_ids])
    return {row.person_id: row.id for row in found}


async def several(tx: Tx, account_ids: Several[UUID]) -> Sequence[Account]:
    return (await tx.session.scalars(select(Account).where(Account.id.in_(account_ids)))).all()


_TO_REACH = Rows(
    "SELECT accounts.id, person_id, sealed, preferences, verified_at FROM {rows} JOIN accounts USING (id)"
    " WHERE disabled_at IS NULL",
    {"id": "uuid"},
)


async def to_reach(tx: Tx, account_ids: Several[UUID]) -> Sequence[Any]:
    """Those that are open, with what it takes to write to them."""
    return await _TO_REACH.run(tx, [{"id": id} for id in account_ids])


async def page(tx: Tx, *, after: UUID | None, limit: int) -> Sequence[Account]:
    query = select(Account).order_by(Account.id).limit(limit)
    return (await tx.session.scalars(query.where(Account.id > after) if after else query)).all()


async def roles_of(tx: Tx, account_ids: Several[UUID]) -> dict[UUID, frozenset[str]]:
    """Roles by account, wherever they hold."""
    rows = await tx.session.execute(
        select(RoleGiven.account_id, RoleGiven.role).where(RoleGiven.account_id.in_(account_ids))
    )
    found: dict[UUID, set[str]] = {}
    for account_id, role in rows:
        found.setdefault(account_id, set()).add(role)
    return {account_id: frozenset(roles) for account_id, roles in found.items()}


async def credential(tx: Tx, account_id: UUID, kind: str) -> Credential | None:
    """The one credential of a kind of which there is but one."""
    return await tx.session.scalar(
        select(Credential).where(Credential.account_id == account_id, Credential.kind == kind)
    )


async def credentials(tx: Tx, account_id: UUID, kind: str) -> Sequence[Credential]:
    return (
        await tx.session.scalars(
            select(Credential)
            .where(Credential.account_id == account_id, Credential.kind == kind)
            .order_by(Credential.id)
        )
    ).all()


async def credential_by_digest(tx: Tx, kind: str, digest: bytes) -> Credential | None:
    return await tx.session.scalar(
        select(Credential).where(Credential.kind == kind, Credential.digest == digest).with_for_update()
    )


@dataclass(frozen=True, slots=True)
class Held:
    """What an account can prove itself with."""

    password: bool
    totp: bool
    passkeys: int
    recovery: int


async def held(tx: Tx, account_id: UUID) -> Held:
    rows = (
        await tx.session.execute(
            select(Credential.kind, func.count())
            .where(
                Credential.account_id == account_id,
                (Credential.kind != "totp") | Credential.confirmed_at.is_not(None),
                (Credential.kind != "recovery") | Credential.used_at.is_(None),
            )
            .group_by(Credential.kind)
        )
    ).all()
    counts: dict[str, int] = {row[0]: row[1] for row in rows}
    return Held(
        "password" in counts, bool(counts.get("totp")), counts.get("passkey", 0), counts.get("recovery", 0)
    )


async def drop_credentials(tx: Tx, account_id: UUID, kind: str) -> None:
    await tx.session.execute(
        delete(Credential).where(Credential.account_id == account_id, Credential.kind == kind)
    )


async def spend_recovery(tx: Tx, account_id: UUID, digest: bytes) -> bool:
    """Use a recovery code up. Answers whether there was one; two at once: one of them gets it."""
    spent = await tx.session.execute(
        update(Credential)
        .where(
            Credential.account_id == account_id,
            Credential.kind == "recovery",
            Credential.digest == digest,
            Credential.used_at.is_(None),
        )
        .values(used_at=clock.now())
        .returning(Credential.id)
    )
    return spent.first() is not None


async def advance_counter(tx: Tx, account_id: UUID, id: UUID, counter: int, at: datetime) -> bool:
    """Move a credential's counter forward. Answers False where somebody else moved it as far meanwhile."""
    moved = await tx.session.execute(
        update(Credential)
        .where(Credential.account_id == account_id, Credential.id == id, Credential.counter < counter)
        .values(counter=counter, used_at=at)
        .returning(Credential.id)
    )
    return moved.first() is not None


async def spend_ticket(tx: Tx, purpose: str, digest: bytes) -> Ticket | None:
    """Use a ticket up: it is answered once, and only while it lives."""
    return await tx.session.scalar(
        update(Ticket).where(*_good(purpose, digest)).values(used_at=clock.now()).returning(Ticket)
    )


async def ticket(tx: Tx, purpose: str, digest: bytes) -> Ticket | None:
    """A ticket that is still good, without using it up."""
    return await tx.session.scalar(select(Ticket).where(*_good(purpose, digest)))


async def account_of(tx: Tx, ticket: Ticket | None) -> Account | None:
    """Whose a ticket is; None for no ticket, one of nobody, and one of an account that is closed."""
    if ticket is None or ticket.account_id is None:
        return None
    found = await by_id(tx, ticket.account_id)
    return found if found and found.disabled_at is None else None


def _good(purpose: str, digest: bytes) -> tuple[ColumnElement[bool], ...]:
    return (
        Ticket.digest == digest,
        Ticket.purpose == purpose,
        Ticket.used_at.is_(None),
        Ticket.expires_at > clock.now(),
    )


async def void_tickets(tx: Tx, account_id: UUID, *purposes: str) -> None:
    await tx.session.execute(
        delete(Ticket).where(Ticket.account_id == account_id, Ticket.purpose.in_(purposes))
    )


async def sweep_tickets(tx: Tx, before: datetime) -> None:
    await tx.session.execute(delete(Ticket).where(Ticket.expires_at < before))
