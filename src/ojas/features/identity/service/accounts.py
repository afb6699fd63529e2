"""Accounts: made, verified, changed, closed; every step that could tell who has one tells nobody."""

from collections.abc import Collection
from uuid import UUID

from pydantic import TypeAdapter, ValidationError

from ojas.features.identity import models, queries
from ojas.features.identity.rules import STAFF, TICKET_LIFE, Kind, Purpose, Role, life_of
from ojas.features.identity.schemas import (
    Account,
    Email,
    Preferences,
    ProfileDraft,
    Registration,
)
from ojas.features.identity.service import ends
from ojas.features.identity.service.ground import (
    at_the_door,
    for_person,
    index_of,
    letter,
    note,
    passwords,
)
from ojas.features.identity.service.people import create_person
from ojas.features.identity.service.sessions import require_fresh
from ojas.features.identity.service.throttle import letter_box_full, too_often
from ojas.kit import auth, clock, events
from ojas.kit.auth.passwords import importable
from ojas.kit.db import Tx
from ojas.kit.errors import Conflict, Incorrect, NotFound, TooMany
from ojas.kit.http import Actor
from ojas.kit.ids import new_id

_CONTEXT = ("ojas", "health")


async def register(tx: Tx, wanted: Registration) -> TooMany | None:
    """Begin an account; a letter with a link follows. For an address that has one, the letter says so, and nobody else is told.

    Raises:
        Incorrect: the password may not be one.
    """
    password = chosen(wanted.password, wanted.email, wanted.name)
    async with tx.acting(at_the_door(tx)):
        if too_many := await too_often(tx, "register"):
            return too_many
        hashed = await passwords().hash(password)
        name = index_of(tx, wanted.email)
        known = await queries.accounts.by_index(tx, name)
        proved = known is not None and known.verified_at is not None
        full = await letter_box_full(tx, "already" if proved else "verify", name)
        if known is not None and proved:
            await letter(tx, "already", None if full else known)
            return None
        account = known or await _create(
            tx, wanted.email, wanted.name, Preferences(language=wanted.language, time_zone=wanted.time_zone)
        )
        # The last to register an address nobody has proved yet sets its password: who came first may be a stranger.
        await _keep_password(tx, account.id, hashed)
        await letter(tx, "verify", None if full else account)
        return None


async def create_account(
    tx: Tx,
    *,
    email: str,
    name: str,
    password: str | None = None,
    password_hash: str | None = None,
    roles: frozenset[Role] = frozenset(),
    preferences: Preferences | None = None,
    profile: ProfileDraft | None = None,
) -> tuple[UUID, UUID]:
    """An account that needs no letter: for the command line, the demonstration, imports from elsewhere.

    Args:
        password: not checked for being guessable. password_hash: argon2id or bcrypt of cost 12 or more, from elsewhere.

    Answers the ids of account and person; the transaction's access takes in the person from here on.

    Raises:
        Conflict: the address has an account. Incorrect: a hash that may not be imported.
    """
    if password_hash is not None and not importable(password_hash):
        raise Incorrect(
            "Only argon2id hashes, and bcrypt of cost 12 to 15, can be taken over.", field="password_hash"
        )
    if password is not None:
        password_hash = await passwords().hash(auth.normalised(password))
    async with tx.acting(at_the_door(tx)):
        if await queries.accounts.by_index(tx, index_of(tx, email)) is not None:
            raise Conflict("This address has an account already.", field="email")
        account = await _create(tx, email, name, preferences or Preferences(), profile)
        account.verified_at = clock.now()
        if password_hash is not None:
            await _keep_password(tx, account.id, password_hash)
        for role in sorted(roles):
            tx.session.add(models.RoleGiven(account_id=account.id, id=new_id(), role=role))
        await tx.session.flush()
    await tx.become(for_person(tx, account.person_id))
    return account.id, account.person_id


async def appoint(
    tx: Tx, *, email: str, name: str | None = None, roles: frozenset[Role] = frozenset()
) -> tuple[UUID, bool]:
    """Give an account its roles, everywhere; where there is none, make it, and send a link to choose a password.

    For the command line: whoever may run it holds the keys of the house anyway. Answers the account, and whether it is new.

    Raises:
        Incorrect: a new account needs a name, and an address that is one.
    """
    async with tx.acting(at_the_door(tx)):
        known = await queries.accounts.by_index(tx, index_of(tx, email))
        if known is None:
            if not name:
                raise Incorrect(
                    "There is no account with this address. To make one, say the name too.", field="name"
                )
            known = await _create(tx, _address(email), name[:200], Preferences())
            await letter(tx, "reset", known)
            made = True
        else:
            made = False
        held = (await queries.accounts.roles_of(tx, [known.id])).get(known.id, frozenset())
        for role in sorted(roles - held):
            tx.session.add(models.RoleGiven(account_id=known.id, id=new_id(), role=role))
        await tx.session.flush()
        if roles & STAFF:
            await queries.sessions.shorten(tx, known.id, life_of(Kind.REMEMBERED, STAFF))
        await note(tx, known, "change", "roles")
        return known.id, made


def _address(text: str) -> str:
    try:
        return str(TypeAdapter(Email).validate_python(text))
    except ValidationError as problem:
        raise Incorrect("This is not an e-mail address.", field="email") from problem


async def request_reset(tx: Tx, email: str) -> TooMany | None:
    """Send a link to choose a new password, if there is such an account; the caller is not told."""
    async with tx.acting(at_the_door(tx)):
        if too_many := await too_often(tx, "reset"):
            return too_many
        name = index_of(tx, email)
        account = await queries.accounts.by_index(tx, name)
        full = await letter_box_full(tx, "reset", name)
        alive = account and account.disabled_at is None
        await letter(tx, "reset", account if alive and not full else None)
        return None


async def reset_password(tx: Tx, token: str, password: str) -> str:
    """Choose a new password by a link. Every session ends; a second factor stays asked for.

    Answers a device token: the browser that held the letter is known, so that strangers who go on guessing do not keep
    the owner from signing in with the new password.

    Raises:
        NotFound: the link was used, or is too old. Incorrect: the password may not be one; the link stays good.
    """
    async with tx.acting(at_the_door(tx)):
        ticket = await queries.accounts.ticket(tx, Purpose.RESET, auth.digest(token))
        account = await queries.accounts.account_of(tx, ticket)
        if account is None:
            raise NotFound("This link was used already, or is too old. Ask for a new one.")
        hashed = await passwords().hash(chosen(password, await email_of(tx, account)))
        if await queries.accounts.spend_ticket(tx, Purpose.RESET, auth.digest(token)) is None:
            raise NotFound("This link was used already, or is too old. Ask for a new one.")
        await _keep_password(tx, account.id, hashed)
        # The letter reached its reader: so the address is theirs.
        account.verified_at = account.verified_at or clock.now()
        await queries.accounts.void_tickets(tx, account.id, Purpose.RESET, Purpose.SECOND_FACTOR)
        await ends.end_all(tx, account.id, "reset")
        await queries.sessions.forget_devices(tx, account.id)
        device_token = auth.new_token()
        await queries.sessions.know_device(tx, account.id, auth.digest(device_token))
        await note(tx, account, "change", "credentials")
        await letter(tx, "password-changed", account)
        return device_token


async def change_password(tx: Tx, actor: Actor, password: str) -> None:
    """Choose a new password; other devices are signed out.

    Raises:
        Forbidden: identity was not proved lately. Incorrect: the password may not be one.
    """
    await require_fresh(tx, actor)
    account = await _mine(tx, actor)
    hashed = await passwords().hash(chosen(password, await email_of(tx, account)))
    await _keep_password(tx, account.id, hashed)
    # Links and waits that the old password, or an older letter, opened.
    await queries.accounts.void_tickets(tx, account.id, Purpose.RESET, Purpose.SECOND_FACTOR)
    await ends.end_all(tx, account.id, "password", but=actor.session_id)
    await note(tx, account, "change", "credentials")
    await letter(tx, "password-changed", account)


async def request_email_change(tx: Tx, actor: Actor, email: str) -> None:
    """Send a link to the new address; only opening it changes anything.

    Raises:
        Forbidden: identity was not proved lately. TooMany: the address gets letters enough.
    """
    await require_fresh(tx, actor)
    if full := await letter_box_full(tx, "change-email", index_of(tx, email)):
        raise full
    account = await _mine(tx, actor)
    await queries.accounts.void_tickets(tx, account.id, Purpose.CHANGE_EMAIL)
    ticket = new_id()
    now = clock.now()
    async with tx.acting(for_person(tx, account.person_id)):
        sealed = await tx.seal(account.person_id, "tickets", ticket, email.encode())
    tx.session.add(
        models.Ticket(
            id=ticket,
            purpose=Purpose.CHANGE_EMAIL,
            account_id=account.id,
            # Good for nothing until the letter is written, which puts its own digest here.
            digest=auth.digest(auth.new_token()),
            sealed=sealed,
            created_at=now,
            expires_at=now + TICKET_LIFE[Purpose.CHANGE_EMAIL],
        )
    )
    await tx.session.flush()
    await letter(tx, "change-email", account, ticket)


async def change_email(tx: Tx, token: str) -> None:
    """
    Raises:
        NotFound: the link was used, or is too old. Conflict: somebody else has this address by now.
    """
    async with tx.acting(at_the_door(tx)):
        ticket = await queries.accounts.spend_ticket(tx, Purpose.CHANGE_EMAIL, auth.digest(token))
        account = await queries.accounts.account_of(tx, ticket)
        if ticket is None or account is None or ticket.sealed is None:
            raise NotFound("This link was used already, or is too old. Ask for a new one.")
        async with tx.acting(for_person(tx, account.person_id)):
            email = (await tx.open(account.person_id, "tickets", ticket.id, ticket.sealed)).decode()
        other = await queries.accounts.by_index(tx, index_of(tx, email))
        if other is not None and other.id != account.id:
            raise Conflict("This address cannot be used.")
        # The ticket is spent; it goes on to hold the old address, for the letter that tells its owner.
        old = await email_of(tx, account)
        async with tx.acting(for_person(tx, account.person_id)):
            ticket.sealed = await tx.seal(account.person_id, "tickets", ticket.id, old.encode())
        await letter(tx, "email-changed", account, ticket.id)
        await _keep_email(tx, account, email)
        # A letter that lies at the old address must open nothing any more.
        await queries.accounts.void_tickets(tx, account.id, Purpose.RESET, Purpose.VERIFY)
        await note(tx, account, "change", "account")


async def account_of(tx: Tx, person_id: UUID) -> UUID | None:
    """The account that is a person's own."""
    async with tx.acting(at_the_door(tx)):
        return await queries.accounts.id_of(tx, person_id)


async def accounts_of(tx: Tx, person_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """The accounts that are these persons' own, by person; who has none is left out."""
    async with tx.acting(at_the_door(tx)):
        return await queries.accounts.ids_of(tx, person_ids)


async def account(tx: Tx, actor: Actor) -> Account:
    """The caller's own account."""
    mine = await _mine(tx, actor)
    held = await queries.accounts.held(tx, mine.id)
    return Account(
        id=mine.id,
        person_id=mine.person_id,
        email=await email_of(tx, mine),
        verified=mine.verified_at is not None,
        roles=sorted(Role(role) for role in actor.roles),
        created_at=mine.created_at,
        last_sign_in=mine.seen_at,
        password=held.password,
        second_factor=held.totp,
        passkeys=held.passkeys,
        recovery_codes_left=held.recovery,
    )


async def change_preferences(tx: Tx, actor: Actor, wanted: Preferences) -> Preferences:
    """Keep how the caller wants things said and shown."""
    mine = await _mine(tx, actor)
    moved = mine.preferences.get("time_zone") != wanted.time_zone
    mine.preferences = wanted.model_dump(mode="json")
    mine.updated_at = clock.now()
    await tx.session.flush()
    if moved:
        await events.emit(tx, "identity.zone.chosen", person_id=mine.person_id, zone=wanted.time_zone)
    return wanted


async def email_of(tx: Tx, account: models.Account) -> str:
    async with tx.acting(for_person(tx, account.person_id)):
        return (await tx.open(account.person_id, "accounts", account.id, account.sealed)).decode()


def chosen(password: str, email: str, name: str = "") -> str:
    """A new password, in the one spelling it is kept in.

    Raises:
        Incorrect: it may not be one.
    """
    found = auth.normalised(password)
    auth.refuse_guessable(found, context=(email.partition("@")[0], name, *_CONTEXT))
    return found


async def _create(
    tx: Tx, email: str, name: str, preferences: Preferences, profile: ProfileDraft | None = None
) -> models.Account:
    account_id = new_id()
    person_id = await create_person(tx, profile or ProfileDraft(name=name), created_by=account_id)
    account = models.Account(
        id=account_id,
        person_id=person_id,
        email_index=index_of(tx, email),
        sealed=await tx.seal(person_id, "accounts", account_id, email.encode()),
        preferences=preferences.model_dump(mode="json"),
    )
    tx.session.add(account)
    await tx.session.flush()
    await events.emit(tx, "identity.zone.chosen", person_id=person_id, zone=preferences.time_zone)
    return account


async def _keep_email(tx: Tx, account: models.Account, email: str) -> None:
    async with tx.acting(for_person(tx, account.person_id)):
        account.sealed = await tx.seal(account.person_id, "accounts", account.id, email.encode())
    account.email_index = index_of(tx, email)
    account.updated_at = clock.now()
    await tx.session.flush()


async def _keep_password(tx: Tx, account_id: UUID, hashed: str) -> None:
    kept = await queries.accounts.credential(tx, account_id, "password")
    if kept is None:
        kept = models.Credential(account_id=account_id, id=new_id(), kind="password", counter=0)
        kept.secret = hashed.encode()
        tx.session.add(kept)
    kept.secret, kept.created_at = hashed.encode(), clock.now()
    await tx.session.flush()


async def _mine(tx: Tx, actor: Actor) -> models.Account:
    found = await queries.accounts.by_id(tx, actor.account_id)
    assert found is not None  # the edge has just read it
    return found
