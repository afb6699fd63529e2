"""Second factors and passkeys: enrolled, used, taken off."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from ojas.features.identity import models, queries
from ojas.features.identity.rules import TICKET_LIFE, Purpose
from ojas.features.identity.service.ground import at_the_door, for_person, house_key, letter, note
from ojas.features.identity.service.sessions import require_fresh
from ojas.kit import auth, clock, crypto
from ojas.kit.auth import codes, passkeys
from ojas.kit.db import Tx
from ojas.kit.errors import Conflict, Incorrect, NotFound
from ojas.kit.http import Actor
from ojas.kit.ids import new_id

ISSUER = "Ojas"
_MOST_PASSKEYS = 20


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What an authenticator app needs: the secret to type, the same as an address, and as a picture."""

    secret: str
    uri: str
    picture: str


@dataclass(frozen=True, slots=True)
class PasskeyView:
    """A passkey as its owner sees it."""

    id: UUID
    label: str
    created_at: datetime
    used_at: datetime | None


async def begin_totp(tx: Tx, actor: Actor, email: str) -> Enrolment:
    """Offer a secret; it counts for nothing until a code of it was typed.

    Raises:
        Forbidden: identity was not proved lately. Conflict: there is one in use already.
    """
    await require_fresh(tx, actor)
    kept = await queries.accounts.credential(tx, actor.account_id, "totp")
    if kept and kept.confirmed_at:
        raise Conflict("An authenticator app is set up already. Take it off first.")
    if kept:
        await tx.session.delete(kept)
        await tx.session.flush()
    secret, id = codes.new_secret(), new_id()
    sealed = crypto.seal(house_key(tx, "totp"), secret.encode(), actor.account_id.bytes + id.bytes)
    tx.session.add(
        models.Credential(account_id=actor.account_id, id=id, kind="totp", secret=sealed, counter=0)
    )
    await tx.session.flush()
    uri = codes.enrolment_uri(secret, account=email, issuer=ISSUER)
    return Enrolment(secret, uri, codes.qr_svg(uri))


async def confirm_totp(tx: Tx, actor: Actor, code: str) -> list[str]:
    """Put the offered secret into use. Answers fresh recovery codes, to be shown this once.

    Raises:
        Incorrect: the code is not of that secret. NotFound: none was offered.
    """
    await require_fresh(tx, actor)
    kept = await queries.accounts.credential(tx, actor.account_id, "totp")
    if kept is None or kept.confirmed_at:
        raise NotFound("No authenticator app is being set up.")
    step = codes.step_of(_secret(tx, kept), code, clock.now(), after=kept.counter)
    if step is None:
        raise Incorrect(
            "This code is not right. Look at the app again; codes change every 30 seconds.", field="code"
        )
    kept.counter, kept.confirmed_at = step, clock.now()
    await tx.session.flush()
    await _tell(tx, actor)
    return await new_recovery_codes(tx, actor)


async def remove_totp(tx: Tx, actor: Actor) -> None:
    """
    Raises:
        NotFound: there is none.
    """
    await require_fresh(tx, actor)
    if await queries.accounts.credential(tx, actor.account_id, "totp") is None:
        raise NotFound("No authenticator app is set up.")
    for kind in ("totp", "recovery"):
        await queries.accounts.drop_credentials(tx, actor.account_id, kind)
    await _tell(tx, actor)


async def new_recovery_codes(tx: Tx, actor: Actor) -> list[str]:
    """Ten codes, each good once, in the place of any older ones.

    Raises:
        Conflict: there is no second factor they could stand in for.
    """
    await require_fresh(tx, actor)
    if not (await queries.accounts.held(tx, actor.account_id)).totp:
        raise Conflict("Recovery codes stand in for an authenticator app. Set one up first.")
    await queries.accounts.drop_credentials(tx, actor.account_id, "recovery")
    fresh = codes.new_recovery_codes()
    for code in fresh:
        tx.session.add(
            models.Credential(
                account_id=actor.account_id,
                id=new_id(),
                kind="recovery",
                digest=_recovery_digest(tx, actor.account_id, code),
                secret=b"",
                counter=0,
            )
        )
    await tx.session.flush()
    return fresh


async def prove(tx: Tx, account: models.Account, code: str) -> Literal["totp", "recovery"] | None:
    """Whether ``code`` is of the account's second factor, and of which sort. Each is taken once."""
    kept = await queries.accounts.credential(tx, account.id, "totp")
    if kept is None or kept.confirmed_at is None:
        return None
    now = clock.now()
    step = codes.step_of(_secret(tx, kept), code, now, after=kept.counter)
    if step is not None:
        return "totp" if await queries.accounts.advance_counter(tx, account.id, kept.id, step, now) else None
    digest = _recovery_digest(tx, account.id, code)
    return "recovery" if await queries.accounts.spend_recovery(tx, account.id, digest) else None


async def passkeys_of(tx: Tx, actor: Actor) -> list[PasskeyView]:
    """The caller's passkeys, oldest first."""
    found = await queries.accounts.credentials(tx, actor.account_id, "passkey")
    account = await _account(tx, actor)
    async with tx.acting(for_person(tx, account.person_id)):
        return [
            PasskeyView(one.id, await _label(tx, account, one), one.created_at, one.used_at) for one in found
        ]


async def begin_passkey(
    tx: Tx, actor: Actor, party: passkeys.RelyingParty, *, email: str, name: str
) -> dict[str, Any]:
    """What the browser asks an authenticator, to make a new passkey.

    Raises:
        Forbidden: identity was not proved lately. Conflict: there are too many.
    """
    await require_fresh(tx, actor)
    known = await queries.accounts.credentials(tx, actor.account_id, "passkey")
    if len(known) >= _MOST_PASSKEYS:
        raise Conflict("These are enough passkeys. Take one off first.")
    question = passkeys.registration_options(
        party,
        handle=actor.account_id.bytes,
        name=email,
        label=name,
        known=[_parts(one.secret)[0] for one in known],
    )
    await _await_answer(tx, Purpose.PASSKEY_ENROLMENT, question.challenge, actor.account_id)
    return question.options


async def add_passkey(
    tx: Tx, actor: Actor, party: passkeys.RelyingParty, reply: dict[str, Any], *, label: str
) -> PasskeyView:
    """
    Raises:
        Incorrect: the reply is not to a question asked here. Conflict: it is registered already.
    """
    await require_fresh(tx, actor)
    challenge = passkeys.challenge_of(reply)
    asked = await queries.accounts.spend_ticket(
        tx, Purpose.PASSKEY_ENROLMENT, auth.digest(passkeys.encoded(challenge))
    )
    if asked is None or asked.account_id != actor.account_id:
        raise Incorrect("This took too long. Please begin again.")
    made = passkeys.registered(party, reply, challenge)
    digest = auth.digest(passkeys.encoded(made.credential_id))
    async with tx.acting(at_the_door(tx)):
        if await queries.accounts.credential_by_digest(tx, "passkey", digest):
            raise Conflict("This passkey is registered already.")
    account, id, now = await _account(tx, actor), new_id(), clock.now()
    async with tx.acting(for_person(tx, account.person_id)):
        sealed = await tx.seal(account.person_id, "credentials", id, label.encode())
    tx.session.add(
        models.Credential(
            account_id=actor.account_id,
            id=id,
            kind="passkey",
            digest=digest,
            secret=_packed(made.credential_id, made.public_key),
            counter=made.count,
            sealed=sealed,
            created_at=now,
            confirmed_at=now,
        )
    )
    await tx.session.flush()
    await _tell(tx, actor)
    return PasskeyView(id, label, now, None)


async def remove_passkey(tx: Tx, actor: Actor, id: UUID) -> None:
    """
    Raises:
        NotFound: the caller has no such passkey.
    """
    await require_fresh(tx, actor)
    known = await queries.accounts.credentials(tx, actor.account_id, "passkey")
    one = next((one for one in known if one.id == id), None)
    if one is None:
        raise NotFound("There is no such passkey.")
    await tx.session.delete(one)
    await tx.session.flush()
    await _tell(tx, actor)


async def ask_passkey(
    tx: Tx, party: passkeys.RelyingParty, purpose: Purpose, account_id: UUID | None = None
) -> dict[str, Any]:
    """What the browser asks its passkeys: any it holds for us, or those of one account. In the area of sign-in.

    Raises:
        NotFound: the account has none.
    """
    known = await queries.accounts.credentials(tx, account_id, "passkey") if account_id else []
    if account_id and not known:
        raise NotFound("There is no such passkey.")
    question = passkeys.authentication_options(party, [_parts(one.secret)[0] for one in known])
    await _await_answer(tx, purpose, question.challenge, account_id)
    return question.options


async def prove_passkey(
    tx: Tx,
    party: passkeys.RelyingParty,
    reply: dict[str, Any],
    purpose: Purpose,
    account_id: UUID | None = None,
) -> UUID:
    """The account a reply proves: whichever was asked for when the question was. In the area of sign-in.

    Raises:
        Incorrect: it proves none, or another than was asked for.
    """
    challenge = passkeys.challenge_of(reply)
    asked = await queries.accounts.spend_ticket(tx, purpose, auth.digest(passkeys.encoded(challenge)))
    digest = auth.digest(passkeys.encoded(passkeys.credential_id_of(reply)))
    kept = await queries.accounts.credential_by_digest(tx, "passkey", digest)
    wanted = asked is not None and asked.account_id == account_id
    if not wanted or kept is None or account_id not in (None, kept.account_id):
        raise Incorrect("This passkey could not be checked. Try again, or sign in another way.")
    count = passkeys.authenticated(
        party, reply, challenge, public_key=_parts(kept.secret)[1], count=kept.counter
    )
    kept.counter, kept.used_at = count, clock.now()
    await tx.session.flush()
    return kept.account_id


async def _await_answer(tx: Tx, purpose: Purpose, challenge: bytes, account_id: UUID | None) -> None:
    """Keep a question's challenge until it is answered, once."""
    now = clock.now()
    tx.session.add(
        models.Ticket(
            purpose=purpose,
            account_id=account_id,
            digest=auth.digest(passkeys.encoded(challenge)),
            created_at=now,
            expires_at=now + TICKET_LIFE[purpose],
        )
    )
    await tx.session.flush()


async def _account(tx: Tx, actor: Actor) -> models.Account:
    found = await queries.accounts.by_id(tx, actor.account_id)
    assert found is not None  # the edge has just read it
    return found


async def _label(tx: Tx, account: models.Account, kept: models.Credential) -> str:
    """What its owner calls a passkey; "" for one made before names were sealed."""
    if kept.sealed is None:
        return ""
    return (await tx.open(account.person_id, "credentials", kept.id, kept.sealed)).decode()


async def _tell(tx: Tx, actor: Actor) -> None:
    """Write it into the trail and to the owner, who may not have been the one who did it."""
    account = await _account(tx, actor)
    await note(tx, account, "change", "credentials")
    await letter(tx, "factor-changed", account)


def _secret(tx: Tx, kept: models.Credential) -> str:
    return crypto.unseal(house_key(tx, "totp"), kept.secret, kept.account_id.bytes + kept.id.bytes).decode()


def _recovery_digest(tx: Tx, account_id: UUID, code: str) -> bytes:
    return codes.recovery_digest(house_key(tx, "recovery").material, account_id.bytes, code)


def _packed(credential_id: bytes, public_key: bytes) -> bytes:
    return len(credential_id).to_bytes(2, "big") + credential_id + public_key


def _parts(secret: bytes) -> tuple[bytes, bytes]:
    length = int.from_bytes(secret[:2], "big")
    return secret[2 : 2 + length], secret[2 + length :]
