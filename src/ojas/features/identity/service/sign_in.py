"""Coming in: by password and second factor, or by passkey.

What is refused is answered, not raised: a refusal that is raised rolls back, and the count of wrong tries with it.
"""

from dataclasses import dataclass
from typing import Any

from ojas.features.identity import models, queries
from ojas.features.identity.rules import TICKET_LIFE, Kind, Purpose
from ojas.features.identity.service import factors
from ojas.features.identity.service.ground import at_the_door, index_of, letter, note, passwords
from ojas.features.identity.service.sessions import Entered, mark_proved, open_session
from ojas.features.identity.service.throttle import Door, letter_box_full
from ojas.kit import auth, clock
from ojas.kit.auth import passkeys
from ojas.kit.db import Tx
from ojas.kit.errors import Forbidden, Incorrect, NotFound, Refusal, Unauthenticated
from ojas.kit.http import Actor


@dataclass(frozen=True, slots=True)
class Halfway:
    """The password was right; ``ticket`` and a code of the second factor let in."""

    ticket: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Nobody came in, and why."""

    refusal: Refusal


async def sign_in(
    tx: Tx, email: str, password: str, *, kind: Kind = Kind.BROWSER, device_token: str | None = None
) -> Entered | Halfway | Refused:
    """Come in by password. Whether an account exists shows neither in the words nor in the time of a refusal."""
    async with tx.acting(at_the_door(tx)):
        name = index_of(tx, email)
        account = await queries.accounts.by_index(tx, name)
        door = await Door.of(tx, name, account.id if account else None, device_token)
        if too_many := await door.ask(tx):
            return Refused(too_many)
        if account is None or not await _right(tx, account, password):
            return await _turned_away(tx, door, account, password if account is None else None)
        if account.verified_at is None:
            if not await letter_box_full(tx, "verify", name):
                await letter(tx, "verify", account)
            return Refused(Forbidden("First open the link in the letter we have just sent you."))
        if (await queries.accounts.held(tx, account.id)).totp:
            return Halfway(await _wait(tx, account, kind))
        await door.right(tx)
        return await _let_in(tx, account, kind, ["password"], device_token)


async def verify_email(
    tx: Tx, token: str, password: str, *, kind: Kind = Kind.BROWSER, device_token: str | None = None
) -> Entered | Refused:
    """Prove an address by the link that was sent there, and come in.

    The password is asked for too: else somebody could register another's address, wait until its owner opens the link, and
    hold an account whose password they know.
    """
    async with tx.acting(at_the_door(tx)):
        ticket = await queries.accounts.ticket(tx, Purpose.VERIFY, auth.digest(token))
        account = await queries.accounts.account_of(tx, ticket)
        if account is None:
            return Refused(
                NotFound("This link was used already, or is too old. Sign in, and we send a new one.")
            )
        door = await Door.of(tx, account.email_index, account.id, device_token)
        if too_many := await door.ask(tx):
            return Refused(too_many)
        if not await _right(tx, account, password):
            await door.wrong(tx)
            return Refused(
                Unauthenticated(
                    "This is not the password this account was registered with.", field="password"
                )
            )
        await queries.accounts.void_tickets(tx, account.id, Purpose.VERIFY)
        account.verified_at = account.verified_at or clock.now()
        await door.right(tx)
        return await _let_in(tx, account, kind, ["password"], device_token)


async def second_factor(
    tx: Tx, ticket: str, code: str, *, device_token: str | None = None
) -> Entered | Refused:
    """Come in by the code that was waited for: six digits, or a recovery code."""
    async with tx.acting(at_the_door(tx)):
        waiting = await queries.accounts.ticket(tx, Purpose.SECOND_FACTOR, auth.digest(ticket))
        account = await queries.accounts.account_of(tx, waiting)
        if waiting is None or account is None:
            return Refused(Unauthenticated("This took too long. Please begin again."))
        # By itself, not with the password's tries: who got so far knows the password.
        door = await Door.of(tx, b"second:" + account.id.bytes, account.id, device_token)
        if too_many := await door.ask(tx):
            return Refused(too_many)
        method = await factors.prove(tx, account, code)
        if method is None:
            await door.wrong(tx)
            await note(tx, account, "sign-in", "refused")
            return Refused(Unauthenticated("This code is not right, or was used before.", field="code"))
        await door.right(tx)
        password_door = await Door.of(tx, account.email_index, account.id, device_token)
        await password_door.right(tx)
        await queries.accounts.spend_ticket(tx, Purpose.SECOND_FACTOR, auth.digest(ticket))
        kind = Kind((waiting.sealed or b"browser").decode())
        return await _let_in(tx, account, kind, ["password", method], device_token)


async def passkey_question(tx: Tx, party: passkeys.RelyingParty) -> dict[str, Any]:
    """What the browser asks its passkeys; the answer is awaited for five minutes."""
    async with tx.acting(at_the_door(tx)):
        return await factors.ask_passkey(tx, party, Purpose.PASSKEY)


async def passkey_sign_in(
    tx: Tx,
    party: passkeys.RelyingParty,
    reply: dict[str, Any],
    *,
    kind: Kind = Kind.BROWSER,
    device_token: str | None = None,
) -> Entered | Refused:
    """Come in by passkey: possession and finger, face or PIN in one."""
    async with tx.acting(at_the_door(tx)):
        try:
            account_id = await factors.prove_passkey(tx, party, reply, Purpose.PASSKEY)
        except Incorrect as refusal:
            return Refused(refusal)
        account = await queries.accounts.by_id(tx, account_id)
        if account is None or account.disabled_at is not None or account.verified_at is None:
            return Refused(Unauthenticated("This passkey opens nothing here."))
        return await _let_in(tx, account, kind, ["passkey"], device_token)


@dataclass(frozen=True, slots=True)
class Proved:
    """It is the owner still. ``renewed`` holds the browser's new token; None for an app."""

    renewed: Entered | None


async def prove_again(
    tx: Tx, actor: Actor, *, password: str | None = None, code: str | None = None
) -> Proved | Refused:
    """Confirm, before something that matters, that it is still the owner: by password, or by a code of the app."""
    async with tx.acting(at_the_door(tx)):
        account = await queries.accounts.by_id(tx, actor.account_id)
        assert account is not None
        door = await Door.of(tx, b"again:" + account.id.bytes, account.id, None)
        if too_many := await door.ask(tx):
            return Refused(too_many)
        ok = (
            await _right(tx, account, password)
            if password is not None
            else code is not None and await factors.prove(tx, account, code) is not None
        )
        if not ok:
            await door.wrong(tx)
            field = "password" if password is not None else "code"
            return Refused(Forbidden("This is not right.", field=field))
        await door.right(tx)
    return Proved(await mark_proved(tx, actor))


async def passkey_question_again(tx: Tx, actor: Actor, party: passkeys.RelyingParty) -> dict[str, Any]:
    """What the browser asks the caller's own passkeys, to confirm that it is still the owner.

    Raises:
        NotFound: they have none.
    """
    async with tx.acting(at_the_door(tx)):
        return await factors.ask_passkey(tx, party, Purpose.PASSKEY_PROOF, actor.account_id)


async def passkey_prove_again(
    tx: Tx, actor: Actor, party: passkeys.RelyingParty, reply: dict[str, Any]
) -> Proved | Refused:
    """Confirm that it is still the owner by passkey, for those who have nothing else too."""
    async with tx.acting(at_the_door(tx)):
        try:
            await factors.prove_passkey(tx, party, reply, Purpose.PASSKEY_PROOF, actor.account_id)
        except Incorrect as refusal:
            return Refused(refusal)
    return Proved(await mark_proved(tx, actor))


async def _right(tx: Tx, account: models.Account, password: str) -> bool:
    kept = await queries.accounts.credential(tx, account.id, "password")
    verdict = await passwords().verify(password, kept.secret.decode() if kept else None)
    if verdict.better and kept:
        kept.secret = verdict.better.encode()
        await tx.session.flush()
    return verdict.right and account.disabled_at is None


async def _turned_away(tx: Tx, door: Door, account: models.Account | None, dummy: str | None) -> Refused:
    if dummy is not None:
        await passwords().verify(dummy, None)
    await door.wrong(tx)
    if account:
        await note(tx, account, "sign-in", "refused")
    return Refused(Unauthenticated("The e-mail address or the password is not right."))


async def _wait(tx: Tx, account: models.Account, kind: Kind) -> str:
    ticket = auth.new_token()
    now = clock.now()
    tx.session.add(
        models.Ticket(
            purpose=Purpose.SECOND_FACTOR,
            account_id=account.id,
            digest=auth.digest(ticket),
            sealed=kind.value.encode(),
            created_at=now,
            expires_at=now + TICKET_LIFE[Purpose.SECOND_FACTOR],
        )
    )
    await tx.session.flush()
    return ticket


async def _let_in(
    tx: Tx, account: models.Account, kind: Kind, methods: list[str], device_token: str | None
) -> Entered:
    entered = await open_session(tx, account, kind, methods)
    device_token = device_token or auth.new_token()
    await queries.sessions.know_device(tx, account.id, auth.digest(device_token))
    return Entered(entered.account, entered.session, entered.token, device_token)
