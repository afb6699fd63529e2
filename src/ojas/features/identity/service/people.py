"""Persons: their profile, and what others may know of them by name."""

from collections.abc import Collection as Several
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from ojas.features.identity import models, queries
from ojas.features.identity.queries import accounts as account_queries
from ojas.features.identity.rules import Role
from ojas.features.identity.schemas import (
    AccountCard,
    Demographics,
    Preferences,
    Profile,
    ProfileDraft,
    Reach,
)
from ojas.features.identity.service.ground import at_the_door, for_person, index_of
from ojas.kit import clock
from ojas.kit.collection import Collection
from ojas.kit.db import Access, Tx, readable
from ojas.kit.errors import NotFound
from ojas.kit.ids import new_id

__all__ = [
    "PROFILES",
    "address_of",
    "card_by_email",
    "cards",
    "change_profile",
    "create_person",
    "demographics",
    "erase_person",
    "is_synthetic",
    "mark_synthetic",
    "names",
    "profile",
    "reach",
    "synthetic",
]

PROFILES = Collection(name="profiles", row=models.Profile, draft=ProfileDraft, view=Profile)

_TERM = timedelta(days=280)  # from the last period to the day a child is due (Naegele)


async def create_person(tx: Tx, draft: ProfileDraft, *, created_by: UUID | None = None) -> UUID:
    """Add somebody, with a key and a profile. Answers their id.

    For the rest of the transaction its access takes in the new person, so that the caller can go on: give somebody a
    grant, an account, a first reading.
    """
    person_id = new_id()
    await tx.become(for_person(tx, person_id))
    tx.session.add(models.Person(person_id=person_id, created_at=clock.now(), created_by=created_by))
    await tx.session.flush()
    await tx.create_keys(person_id)
    await PROFILES.create(tx, person_id, draft, id=person_id)
    return person_id


async def mark_synthetic(tx: Tx, person_id: UUID) -> None:
    """Note that a person is made up, so that every page about them says so."""
    tx.access.require("profile", person_id, write=True)
    await queries.people.mark_synthetic(tx, person_id)


async def synthetic(tx: Tx, person_ids: Several[UUID]) -> frozenset[UUID]:
    """Which of these are made up. For persons of whom anything is shared."""
    allowed = frozenset(person_ids) & tx.access.persons
    async with tx.acting(_to_see(tx, allowed)):
        return await queries.people.synthetic(tx, allowed)


async def is_synthetic(tx: Tx, person_id: UUID) -> bool:
    """Whether a person is made up."""
    return person_id in await synthetic(tx, [person_id])


async def profile(tx: Tx, person_id: UUID) -> Profile:
    """
    Raises:
        NotFound: no such person, or nothing of theirs is shared. Forbidden: not the profile.
    """
    return await PROFILES.read(tx, person_id, person_id)


async def change_profile(
    tx: Tx, person_id: UUID, draft: ProfileDraft, *, if_version: int | None = None
) -> Profile:
    """Put a new profile in the place of the old one; the picture stays unless uploaded anew or taken away."""
    before = await PROFILES.read(tx, person_id, person_id)
    kept = draft.model_copy(update={"avatar": before.avatar})
    return await PROFILES.change(tx, person_id, person_id, kept, if_version=if_version)


async def demographics(tx: Tx, person_id: UUID, on: date | None = None) -> Demographics:
    """What reference ranges depend on. Asks for access to anything at all of the person, not to the whole profile."""
    found = await _seen(tx, person_id)
    on = on or clock.now().date()
    sex = found.sex_at_birth or (found.gender if found.gender in ("male", "female") else None)
    due = found.pregnancy_due
    return Demographics(
        born=found.date_of_birth,
        sex=sex,
        pregnant=due is not None and due - _TERM <= on <= due + timedelta(days=14),
        pregnancy_due=due,
    )


async def names(tx: Tx, person_ids: Several[UUID]) -> dict[UUID, str]:
    """Names of persons of whom anything is shared; others are left out, and those whose name cannot be read."""
    allowed = frozenset(person_ids) & tx.access.persons
    async with tx.acting(_to_see(tx, allowed)):
        await tx.database.keyring.prepare(tx.session, allowed)
        rows = await queries.people.profiles(tx, allowed)
        found = [await readable(_plain(tx, row), profile=str(row.person_id)) for row in rows]
    return {row.person_id: one.name for row, one in zip(rows, found, strict=True) if one}


async def cards(tx: Tx, account_ids: Several[UUID]) -> dict[UUID, AccountCard]:
    """What may be shown of accounts to those they deal with."""
    async with tx.acting(at_the_door(tx)):
        found = await account_queries.several(tx, account_ids)
        roles = await account_queries.roles_of(tx, [account.id for account in found])
    return await _cards(tx, found, roles)


async def card_by_email(tx: Tx, email: str) -> AccountCard | None:
    """The verified account with this address, to share with it. For those signed in; the caller bounds how often."""
    async with tx.acting(at_the_door(tx)):
        account = await account_queries.by_index(tx, index_of(tx, email))
        if account is None or account.verified_at is None or account.disabled_at is not None:
            return None
        roles = await account_queries.roles_of(tx, [account.id])
    return (await _cards(tx, [account], roles))[account.id]


async def address_of(tx: Tx, account_id: UUID) -> bytes | None:
    """The blind index (``index_of``) of the address an account has proved to be its own; None until it has."""
    async with tx.acting(at_the_door(tx)):
        account = await account_queries.by_id(tx, account_id)
    proved = account is not None and account.verified_at is not None and account.disabled_at is None
    return account.email_index if account is not None and proved else None


async def reach(tx: Tx, person_id: UUID) -> Reach | None:
    """Where to write to a person; None where they have no account, or a closed one. For those who manage their sharing."""
    tx.access.require("sharing", person_id)
    async with tx.acting(at_the_door(tx)):
        account = await account_queries.by_person(tx, person_id)
    if account is None or account.disabled_at is not None:
        return None
    email = (await tx.open(person_id, "accounts", account.id, account.sealed)).decode()
    chosen = Preferences.model_validate(account.preferences, strict=False)
    return Reach(account_id=account.id, email=email, language=chosen.language)


async def erase_person(tx: Tx, person_id: UUID) -> None:
    """Delete profile, the account that is the person's own, and the person. Keys are destroyed by the caller."""
    async with tx.acting(at_the_door(tx)):
        await queries.people.erase(tx, person_id)


async def _cards(
    tx: Tx, accounts: Iterable[models.Account], roles: Mapping[UUID, frozenset[str]]
) -> dict[UUID, AccountCard]:
    by_person = {account.person_id: account.id for account in accounts}
    async with tx.acting(_to_see(tx, frozenset(by_person))):
        found = await _several(tx, by_person)
    return {
        account_id: _card(account_id, person_id, found[person_id], roles.get(account_id, frozenset()))
        for person_id, account_id in by_person.items()
    }


def _card(account_id: UUID, person_id: UUID, found: ProfileDraft, roles: frozenset[str]) -> AccountCard:
    return AccountCard(
        account_id=account_id,
        person_id=person_id,
        name=found.name,
        roles=frozenset(Role(role) for role in roles),
        specialty=found.professional.specialty if found.professional else None,
    )


async def _seen(tx: Tx, person_id: UUID) -> ProfileDraft:
    """The profile, for a detail that everybody may know who may see anything of the person."""
    if person_id not in tx.access.persons:
        raise NotFound("There is no such person, or nothing of theirs is shared with you.")
    async with tx.acting(_to_see(tx, frozenset({person_id}))):
        return await _opened(tx, person_id)


def _to_see(tx: Tx, person_ids: frozenset[UUID]) -> Access:
    seen = tx.access.may_read.get("profile", frozenset())
    if person_ids <= seen:
        return tx.access
    return replace(tx.access, may_read={**tx.access.may_read, "profile": seen | person_ids})


async def _opened(tx: Tx, person_id: UUID) -> ProfileDraft:
    """Without a line in the trail: a name beside an entry is no look at a profile."""
    row = await queries.people.profile(tx, person_id)
    if row is None:
        raise NotFound("There is no such person, or nothing of theirs is shared with you.")
    return await _plain(tx, row)


async def _several(tx: Tx, person_ids: Several[UUID]) -> dict[UUID, ProfileDraft]:
    """Profiles by person, however many, by one query of rows and one of keys."""
    await tx.database.keyring.prepare(tx.session, person_ids)
    return {row.person_id: await _plain(tx, row) for row in await queries.people.profiles(tx, person_ids)}


async def _plain(tx: Tx, row: Any) -> ProfileDraft:
    plain = await tx.open(row.person_id, PROFILES.table, row.person_id, row.sealed)
    return ProfileDraft.model_validate_json(plain)
